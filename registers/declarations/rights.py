"""The register of rights requests and complaints, among the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation
from registers import action_sources
from registers.action_sources import Link
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.intakes.rights import INTAKE
from registers.models.rights import Matter
from registers.rights_states import SOON, MatterStanding, MatterState, stand
from registers.years import days_of, year_of

LIST = "registers:matter_list"


def _standings(organisation: Organisation, on: date) -> list[MatterStanding]:
    known = Matter.objects.filter(organisation=organisation, received_on__lte=on).with_steps()
    return [stand(matter, list(matter.steps.all()), on=on) for matter in known]


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    year = year_of(on)
    first, _ = days_of(year)
    rows = [row for row in _standings(organisation, on) if row.matter.received_on >= first or row.is_open]
    answered = [row for row in rows if not row.matter.is_complaint and not row.is_open]
    in_time = sum(row.state == MatterState.ANSWERED for row in answered)
    due = [row for row in rows if row.acknowledge_by and (row.acknowledged_on or on > row.acknowledge_by)]
    acknowledged = sum(row.was_acknowledged_in_time for row in due)
    still_open = sum(row.is_open for row in rows)
    complaints = sum(row.matter.is_complaint for row in rows)
    link = reverse(LIST)
    return [
        count(
            "rights.received",
            len(rows),
            f"{len(rows) - complaints} rights request{'' if len(rows) - complaints == 1 else 's'}"
            f" and {complaints} complaint{'' if complaints == 1 else 's'} in {year}.",
            definition="Those that came from 1 July of the year up to the date, and those still open from before.",
            on=on,
            link=link,
        ),
        share(
            "rights.answered_in_time",
            in_time,
            len(answered),
            f"{in_time} of {len(answered)} answered requests were answered in time.",
            definition="Answered by the day the law sets: one month, with pauses and extensions where they were claimed.",
            on=on,
            link=link,
        ),
        share(
            "rights.complaints_acknowledged_in_time",
            acknowledged,
            len(due),
            f"{acknowledged} of {len(due)} complaints were acknowledged in time.",
            definition="Acknowledged or answered within 30 days, of those acknowledged or past that day.",
            on=on,
            link=link,
        ),
        count(
            "rights.open",
            still_open,
            f"{still_open} {'is' if still_open == 1 else 'are'} open.",
            definition="Requests and complaints that are not answered.",
            on=on,
            link=link,
            attention=any(row.state == MatterState.LATE for row in rows),
        ),
    ]


def _due(organisation: Organisation, on: date) -> int:
    """Open ones that are late or fall due within a week."""
    return sum(row.is_open and row.due_on is not None and row.due_on <= on + SOON for row in _standings(organisation, on))


def _received(organisation: Organisation, start: date, end: date) -> bool:
    return Matter.objects.filter(organisation=organisation, received_on__gte=start, received_on__lt=end).exists()


def _found(organisation: Organisation, ids: Collection[int]) -> Mapping[int, Link]:
    rows = Matter.objects.filter(organisation=organisation, pk__in=ids)
    return {row.pk: Link(row.reference, reverse("registers:matter_detail", args=[row.pk])) for row in rows}


action_sources.register("rights", noun="Rights request", find=_found, capabilities=(Capability.INCIDENTS_VIEW,))
register(
    Register(
        slug="rights",
        title="Rights requests and complaints",
        purpose="What people asked about their own information, and whether they were answered in time.",
        list_url=LIST,
        rows=lambda organisation: _standings(organisation, timezone.localdate()),
        columns=(
            Column("Reference", lambda row: row.matter.reference),
            Column("What they want", lambda row: row.matter.get_kind_display(), "kind"),
            Column("Came on", lambda row: row.matter.received_on, "received_on"),
            Column("How it came", lambda row: row.matter.get_way_display(), "way"),
            Column("About", lambda row: row.matter.about, "about"),
            Column("Initials", lambda row: row.matter.initials, "initials"),
            Column("State", lambda row: row.words),
            Column("Due on", lambda row: row.due_on),
            Column("Acknowledged on", lambda row: row.acknowledged_on, "acknowledged_on"),
            Column("Answered on", lambda row: row.answered.on if row.answered else None, "answered_on"),
            Column("Outcome", lambda row: row.answered.get_outcome_display() if row.answered else "", "outcome"),
            Column("Answer", lambda row: row.answered.text if row.answered else "", "answer"),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Matter.objects.filter(organisation=organisation, received_on__lte=on).exists(),
        due=_due,
        dated_within=_received,
        nil_statement="Nobody made a rights request or a data protection complaint in this period.",
        intake=INTAKE,
        order=25,
        viewed_by=(Capability.INCIDENTS_VIEW,),
        kept_by=(Capability.INCIDENTS_HANDLE,),
    )
)
