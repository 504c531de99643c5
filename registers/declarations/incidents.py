"""The register of incidents, among the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation
from registers import action_sources
from registers.action_sources import Link
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.incident_figures import figures_of, standings
from registers.incident_states import Standing, State, standing
from registers.intakes.incidents import INTAKE
from registers.models import Incident
from registers.years import days_of, midnight, year_of

LIST = "registers:incident_list"


def _rows(organisation: Organisation) -> list[Standing]:
    now = timezone.now()
    every = Incident.objects.filter(organisation=organisation).with_facts().select_related("unit")
    return [standing(incident, at=now) for incident in every]


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    """The figures of the DSPT year up to and including the day; facts written down later are not known yet."""
    year = year_of(on)
    since = midnight(days_of(year)[0])
    end = midnight(on + timedelta(days=1))
    found = figures_of(standings(organisation, since=since, until=end, at=min(end, timezone.now())))
    link = f"{reverse(LIST)}?year={year}"
    handled = found.reported - found.waiting
    return [
        count(
            "incidents.reported",
            found.reported,
            f"{found.reported} reported in {year}, of them {found.near_misses} near miss{'' if found.near_misses == 1 else 'es'}.",
            definition="Reports of incidents and near misses from 1 July of the year up to the date.",
            on=on,
            link=link,
        ),
        share(
            "incidents.handled",
            handled,
            found.reported,
            f"{handled} of {found.reported} have been assessed, and decided on where personal information was affected.",
            definition="Reports that somebody has assessed; a breach also needs its decision who is told, with the reason.",
            on=on,
            link=link,
        ),
        share(
            "incidents.told_in_time",
            found.told_in_time,
            found.told_ico,
            f"{found.told_in_time} of {found.told_ico} told to the ICO {'was' if found.told_in_time == 1 else 'were'} in time.",
            definition="Incidents told to the ICO within 72 clock hours of awareness, of all that were told to it.",
            on=on,
            link=link,
        ),
        share(
            "incidents.with_lessons",
            found.with_lessons,
            found.reported,
            f"{found.with_lessons} of {found.reported} have a lesson written down.",
            definition="Reports with at least one cause and lesson.",
            on=on,
            link=link,
        ),
        count(
            "incidents.open",
            found.open,
            f"{found.open} {'is' if found.open == 1 else 'are'} still open.",
            definition="Reports of the year that nobody has closed.",
            attention=found.open > 0,
            on=on,
            link=link,
        ),
        count(
            "incidents.repeated",
            len(found.repeated),
            f"{len(found.repeated)} {'kind' if len(found.repeated) == 1 else 'kinds'} of incident came more than once.",
            definition="What was reported more than once this year: " + ("; ".join(found.repeated) or "nothing") + ".",
            on=on,
            link=link,
        ),
    ]


def _due(organisation: Organisation, on: date) -> int:
    """Reports that wait for an assessment, a decision, or for somebody to be told."""
    waiting = (State.NEW, State.TO_DECIDE, State.TO_TELL)
    return sum(row.state in waiting for row in _rows(organisation))


def _reported(organisation: Organisation, start: date, end: date) -> bool:
    known = Incident.objects.filter(organisation=organisation)
    return known.reported_between(midnight(start), midnight(end)).exists()


def _found(organisation: Organisation, ids: Collection[int]) -> Mapping[int, Link]:
    rows = Incident.objects.filter(organisation=organisation, pk__in=ids)
    return {row.pk: Link(row.reference, reverse("registers:incident_detail", args=[row.pk])) for row in rows}


action_sources.register("incident", noun="Incident", find=_found, capabilities=(Capability.INCIDENTS_VIEW,))
register(
    Register(
        slug="incidents",
        title="Incidents and near misses",
        purpose="What went wrong or nearly did, who was told in time, and what was learnt from it.",
        list_url=LIST,
        rows=_rows,
        columns=(
            Column("Reference", lambda row: row.incident.reference),
            Column("Reported on", lambda row: timezone.localtime(row.incident.reported_at).date(), "reported_on"),
            Column("Kind", lambda row: "Near miss" if row.incident.is_near_miss else "Incident", "kind"),
            Column("What", lambda row: row.incident.get_nature_display(), "nature"),
            Column("What happened", lambda row: row.incident.what_happened, "what_happened"),
            Column("What was done", lambda row: row.incident.what_was_done, "what_was_done"),
            Column("Happened on", lambda row: row.incident.happened_on, "happened_on"),
            Column("Team", lambda row: str(row.incident.unit) if row.incident.unit else "", "unit"),
            Column("Whose information", lambda row: row.incident.get_whose_display(), "whose"),
            Column("People it touches", lambda row: row.incident.people_affected, "people_affected"),
            Column("State", lambda row: row.words),
            Column("The 72 hours", lambda row: row.clock.sentence),
            Column("Grid", lambda row: row.weight.score if row.weight else None),
            Column("Decision", lambda row: row.decision.reason if row.decision else ""),
            Column("Lessons", lambda row: "\n".join(learning.lesson for learning in row.incident.learnings.all())),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: _reported(organisation, date(2000, 1, 1), on + timedelta(days=1)),
        due=_due,
        dated_within=_reported,
        nil_statement="Nothing went wrong and nothing nearly did in this period, as far as we know after asking our teams.",
        intake=INTAKE,
        order=20,
        viewed_by=(Capability.INCIDENTS_VIEW,),
        kept_by=(Capability.INCIDENTS_HANDLE,),
    )
)
