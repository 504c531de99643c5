"""Where a return stands, in one plain value: for the command, and for whoever asks from outside."""

from __future__ import annotations

from datetime import date
from typing import Any

from assessment.edition_format.words import LEVELS
from assessment.models import Assessment, OfficialStatus, Publication
from assessment.publishing import trace_lines
from assessment.queries import current_return


def standing(assessment: Assessment, *, today: date) -> dict[str, Any]:
    """State, progress and standard of one return; published, the standard is the one that was frozen. Interim: none."""
    whole = current_return(assessment, today=today)
    progress = whole.progress
    publication = Publication.objects.filter(assessment=assessment).first()
    status = (
        OfficialStatus.objects.filter(organisation=assessment.organisation, year=assessment.year)
        .order_by("-recorded_on", "-pk")
        .first()
    )
    level = publication.computed_standard if publication else whole.standard.level
    return {
        "organisation": assessment.organisation.ods_code,
        "year": assessment.year,
        "kind": assessment.kind,
        "edition": assessment.edition.edition_id,
        "state": whole.state.value,
        "items": progress.items,
        "answered": progress.answered + progress.optional_answered,
        "confirmed": progress.assertions_confirmed,
        "computed_standard": None if assessment.is_interim else LEVELS[level],
        "official_status": status.status if status else None,
        "trace": [] if assessment.is_interim else publication.trace if publication else trace_lines(whole.standard),
    }
