"""What holds things back: legal holds, and facts that need the name of somebody who has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from accounts.models import Membership, Organisation
from assessment.models import SignOff
from privacy.enums import HoldScope
from privacy.models import LegalHold
from registers.models import Incident
from registers.years import days_of, year_of
from staff.models import Person, Post


@dataclass
class Held:
    """What may not go, and why: people by number, days of assessment years, or everything."""

    people: dict[int, str] = field(default_factory=dict)
    years: dict[str, str] = field(default_factory=dict)
    everything: str = ""

    def reason_for(self, *, person: int | None, day: date | None) -> str:
        """Why a thing of a person and a day stays; empty if nothing holds it."""
        if self.everything:
            return self.everything
        if person is not None and person in self.people:
            return self.people[person]
        return self.years.get(year_of(day), "") if day is not None else ""


def held_back(organisation: Organisation, on: date) -> Held:
    """What the organisation's holds cover on a date."""
    held = Held()
    for hold in LegalHold.objects.filter(organisation=organisation).holding(on).select_related("incident", "person"):
        words = f"Held: {hold.reason}"
        if hold.scope == HoldScope.EVERYTHING:
            held.everything = words
        elif hold.scope == HoldScope.YEAR:
            held.years[hold.year] = words
            held.people |= dict.fromkeys(_in_post_in(organisation, hold.year), words)
        elif hold.scope == HoldScope.PERSON:
            held.people[hold.person_id or 0] = words
        elif hold.incident is not None:
            held.people |= dict.fromkeys(people_of(hold.incident), words)
    return held


def people_of(incident: Incident) -> set[int]:
    """The people on the staff list who reported an incident under their name, or decided or wrote something about it."""
    users = {incident.reported_by_id}
    for name in ("assessments", "decisions", "notifications", "learnings", "turns"):
        users |= set(getattr(incident, name).values_list("by", flat=True))
    known = Person.objects.filter(organisation=incident.organisation_id, user__in=users - {None})
    return set(known.values_list("pk", flat=True))


def needed_by_name(organisation: Organisation, people: set[int], on: date) -> dict[int, str]:
    """Those of some leavers whose name a fact needs, and which."""
    needed: dict[int, str] = {}
    signed = SignOff.objects.filter(person__in=people).select_related("assessment")
    for sign_off in signed.order_by("pk"):
        needed[sign_off.person_id] = f"Signed the assessment of {sign_off.assessment.year}"
    roles = Membership.objects.standing(on).filter(organisation=organisation, user__people__in=people)
    for person in roles.values_list("user__people", flat=True):
        if person in people:
            needed[person] = "Still holds a role here"
    return needed


def _in_post_in(organisation: Organisation, year: str) -> set[int]:
    first, end = days_of(year)
    posts = Post.objects.filter(Q(end__isnull=True) | Q(end__gt=first), person__organisation=organisation, start__lt=end)
    return set(posts.values_list("person", flat=True))
