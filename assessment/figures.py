"""Figures that the system counts for an item: asked of ``reporting``, kept here as dated readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from accounts.models import User
from assessment.edition_format.types import Item
from assessment.loading import file_of
from assessment.models import Assessment, EditionItem, LiveReading, Response
from assessment.queries import AssessmentReturn
from evidence import blobs
from reporting import readings
from reporting.enums import Headline
from reporting.models import EvidenceSnapshot
from reporting.services import take_snapshot


class FigureMovedError(ValueError):
    """The figure is not what it was a moment ago; nothing was kept."""


@dataclass(frozen=True)
class Figure:
    """A figure as counted, not kept yet. ``rows`` is the whole reading as a file, whose rows add up to it; no name is in it."""

    as_of: date
    numerator: int
    denominator: int
    percent: str | None
    payload: Mapping[str, Any]
    rows: bytes
    digest: str

    def as_row(self, assessment: Assessment, item: EditionItem, *, by: User | None, at: datetime) -> LiveReading:
        """A reading ready to be saved, its rows kept as a file."""
        return LiveReading(
            assessment=assessment,
            item=item,
            as_of=self.as_of,
            numerator=self.numerator,
            denominator=self.denominator,
            percent=self.percent,
            payload=dict(self.payload),
            rows=blobs.keep(self.rows, media_type="application/json"),
            digest=self.digest,
            taken_by=by,
            taken_at=at,
        )


def count(assessment: Assessment, item: Item, *, as_of: date) -> Figure:
    """Count an item's figure by the rule its edition names.

    Raises:
        ValueError: the item asks for no figure, or for one nobody counts.
        UnknownCourseError: the course that the counting rule names is not there.
    """
    live = item.live
    if live is None or live.source != "training.completion":
        raise ValueError(f"Nothing counts a figure for item {item.number}.")
    found = readings.training_reading(assessment.organisation, on=as_of, months=live.window_months, target=live.target)
    payload = {
        "rule": live.rule,
        "window_months": found.rule.months,
        "gross": found.rule.headline == Headline.GROSS,
        "target": live.target,
        "courses": list(found.courses),
        "definition": list(found.definition),
        "exclusions": dict(found.exclusions),
        "headcount": found.headcount,
        "net": found.figures.net.as_dict(),
    }
    return Figure(
        as_of=as_of,
        numerator=found.numerator,
        denominator=found.denominator,
        percent=found.percent,
        payload=payload,
        rows=found.as_json(),
        digest=found.digest,
    )


def snapshot(assessment: Assessment, item: Item, figure: Figure, *, by: User | str, at: datetime) -> EvidenceSnapshot:
    """The statement, workbook and rows of a figure, made now and kept.

    Raises:
        FigureMovedError: the records changed between counting and writing.
    """
    assert item.live is not None  # noqa: S101  the figure was counted for it
    taken = take_snapshot(
        assessment.organisation,
        on=figure.as_of,
        by=by,
        at=at,
        months=item.live.window_months,
        target=item.live.target,
        with_evaluation=False,  # opinions that come in later must not undo a signature
    )
    if taken.digest != figure.digest:
        raise FigureMovedError("The training records changed while the figure was being taken. Try again.")
    return taken


def responses_with_figures(assessment: Assessment) -> list[Response]:
    """The responses of a return whose items ask for a figure."""
    asking = {item.id for item in file_of(assessment.edition).items() if item.live}
    responses = assessment.responses.filter(item__item_id__in=asking).select_related("item", "assessment")
    return list(responses.order_by("item__order"))


def with_fresh_figures(whole: AssessmentReturn, *, as_of: date) -> AssessmentReturn:
    """The return with every figure counted for a date, nothing written."""
    leaves = []
    for leaf in whole.leaves:
        if isinstance(leaf.spec, Item) and leaf.spec.live:
            figure = count(whole.assessment, leaf.spec, as_of=as_of)
            shown = LiveReading(
                assessment=whole.assessment,
                item=leaf.response.item,
                as_of=as_of,
                numerator=figure.numerator,
                denominator=figure.denominator,
                percent=figure.percent,
                payload=dict(figure.payload),
                digest=figure.digest,
            )
            leaf = replace(leaf, reading=shown)
        leaves.append(leaf)
    return replace(whole, leaves=tuple(leaves))
