"""One item (or outcome) of a return: its answer as it stands, with what is behind it, and how far the work on it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from assessment import answers
from assessment.edition_format.types import Item, Outcome
from assessment.evidence_remarks import Remark, remarks_on
from assessment.facts_of import scoring_reading
from assessment.loading import file_of
from assessment.models import (
    Assessment,
    EvidenceLink,
    LiveReading,
    PlanAction,
    RegisterReading,
    Response,
    ResponseVersion,
)

NOT_STARTED, WORK_IN_PROGRESS, ANSWERED, CHECKED, RECHECK = "not_started", "in_progress", "answered", "checked", "recheck"
LOOK_AGAIN = "look_again"
TO_CHECK = (ResponseVersion.Origin.CARRIED, ResponseVersion.Origin.CHANGED, ResponseVersion.Origin.PROFILE)
"""Answers that count only once somebody has said that they still hold."""


@dataclass(frozen=True)
class Leaf:
    """One item (or outcome) of a return, with its answer as it stands."""

    response: Response
    spec: Item | Outcome
    versions: tuple[ResponseVersion, ...]
    links: tuple[EvidenceLink, ...]
    reading: LiveReading | None = None
    plan_action: PlanAction | None = None
    register_readings: tuple[RegisterReading, ...] = ()
    remarks: Mapping[int, tuple[Remark, ...]] = field(default_factory=dict)
    """What to know of each attached document, by the link's number."""

    @property
    def item_id(self) -> str:
        return self.spec.id

    @property
    def number(self) -> str:
        return self.spec.number if isinstance(self.spec, Item) else self.spec.code

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("assessment:response_detail", args=[self.response.assessment_id, self.response.pk])

    @property
    def current(self) -> ResponseVersion | None:
        return self.versions[-1] if self.versions else None

    @property
    def carried(self) -> ResponseVersion | None:
        """Last year's answer, if one came over."""
        return next((version for version in self.versions if version.origin == ResponseVersion.Origin.CARRIED), None)

    @property
    def is_carried(self) -> bool:
        """Whether last year's answer waits to be checked."""
        return self.current is not None and self.current.origin == ResponseVersion.Origin.CARRIED

    @property
    def version_number(self) -> int:
        return self.current.n if self.current else 0

    @property
    def is_not_applicable(self) -> bool:
        return self.current is not None and self.current.applicability == ResponseVersion.Applicability.NOT_APPLICABLE

    @property
    def value_in_words(self) -> str:
        if self.current is None:
            return ""
        return answers.in_words(self.current.value, self.spec.answer if isinstance(self.spec, Item) else None)

    @property
    def base_work_state(self) -> str:
        """The work state as far as the answer alone decides it; a confirmed assertion makes it ``checked``."""
        current = self.current
        if current is None:
            return ANSWERED if self._is_answered_by_documents else WORK_IN_PROGRESS if self.links else NOT_STARTED
        if current.origin == ResponseVersion.Origin.PROFILE and not (current.value or current.comment or self.links):
            return RECHECK if self.is_not_applicable else NOT_STARTED
        if current.origin in TO_CHECK:
            return RECHECK
        if current.value is None and not self.is_not_applicable and not self._is_answered_by_documents:
            return WORK_IN_PROGRESS
        return ANSWERED

    @property
    def _is_answered_by_documents(self) -> bool:
        return isinstance(self.spec, Item) and self.spec.answer.kind == "document" and bool(self.links)

    @property
    def is_met_by_reading(self) -> bool | None:
        """Whether the last figure reaches the item's target; None without a target or a figure."""
        live = self.spec.live if isinstance(self.spec, Item) else None
        if live is None or live.target is None or self.reading is None:
            return None
        return scoring_reading(self.reading).reaches(live.target)

    @property
    def suggested(self) -> str:
        """The answer that the figure drafts for an item nobody has answered, where the edition lets it; else nothing."""
        live = self.spec.live if isinstance(self.spec, Item) else None
        if live is None or live.mode != "prefill" or self.current is not None or self.is_met_by_reading is None:
            return ""
        return "yes" if self.is_met_by_reading else "no"


def read_leaves(assessment: Assessment, *, on: date) -> tuple[Leaf, ...]:
    """Every item asked in a return, in the order of its list, judged for the day ``on``. Costs the same however many there are."""
    checked = file_of(assessment.edition)
    specs: dict[str, Item | Outcome] = {item.id: item for item in checked.items()}
    specs |= {outcome.id: outcome for outcome in checked.outcomes()}
    versions: dict[int, list[ResponseVersion]] = {}
    for version in (
        ResponseVersion.objects.filter(response__assessment=assessment).select_related("author").order_by("response", "n")
    ):
        versions.setdefault(version.response_id, []).append(version)
    links: dict[int, list[EvidenceLink]] = {}
    remarks: dict[int, dict[int, tuple[Remark, ...]]] = {}
    window, closed_at = checked.header.calendar.evidence_window, assessment.closed_at
    attached = EvidenceLink.objects.filter(response__assessment=assessment, retired_at__isnull=True).with_standing()
    for link in attached.order_by("pk"):
        links.setdefault(link.response_id, []).append(link)
        found = remarks_on(link, on=on, window=window, closed_at=closed_at)
        if found:
            remarks.setdefault(link.response_id, {})[link.pk] = found
    readings = {
        reading.item.item_id: reading
        for reading in assessment.readings.select_related("taken_by", "snapshot", "item").order_by("pk")
    }
    planned = PlanAction.objects.filter(assessment=assessment, withdrawn_at__isnull=True).select_related("item")
    plan = {action.item.item_id: action for action in planned}
    kept: dict[str, dict[str, RegisterReading]] = {}
    for one in assessment.register_readings.select_related("taken_by", "item").order_by("pk"):
        kept.setdefault(one.item.item_id, {})[one.key] = one
    asked = {item.id for item in checked.items_for(assessment.type_snapshot)} | {outcome.id for outcome in checked.outcomes()}
    responses = assessment.responses.select_related("item", "owner").order_by("item__order")
    responses = responses.filter(item__edition=assessment.edition_id, item__item_id__in=asked)
    return tuple(
        Leaf(
            response=response,
            spec=specs[response.item.item_id],
            versions=tuple(versions.get(response.pk, ())),
            links=tuple(links.get(response.pk, ())),
            reading=readings.get(response.item.item_id),
            plan_action=plan.get(response.item.item_id),
            register_readings=tuple(kept.get(response.item.item_id, {}).values()),
            remarks=remarks.get(response.pk, {}),
        )
        for response in responses
    )
