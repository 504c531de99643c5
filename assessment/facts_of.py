"""Rows of a return as the facts that the rules look at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assessment import scoring
from assessment.edition_format.types import Period
from assessment.evidence_remarks import Remark
from assessment.models import EvidenceLink, LiveReading


def scoring_reading(reading: LiveReading) -> scoring.LiveReading:
    """A stored figure as the rules want it."""
    return scoring.LiveReading(
        rule=reading.payload["rule"],
        as_of=reading.as_of,
        numerator=reading.numerator,
        denominator=reading.denominator,
        window_months=reading.payload["window_months"],
        gross=reading.payload["gross"],
    )


def evidence_piece(link: EvidenceLink, remarks: Iterable[Remark] = ()) -> scoring.EvidencePiece:
    """An attached document as the rules want it."""
    version = link.document_version
    covers = None
    if version.covers_from or version.covers_to:
        covers = Period(version.covers_from or date.min, version.covers_to or date.max)
    return scoring.EvidencePiece(
        id=str(version.pk),
        type=version.document.kind,
        dated_on=version.effective_on,
        covers=covers,
        unusable=next((remark.predicate for remark in remarks if remark.predicate), ""),
    )
