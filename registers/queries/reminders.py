"""Who would be reminded on a date, of what, and why somebody is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import Organisation
from registers import reminder_sources
from registers.models import OwnedEntry, Risk
from registers.models.actions import Action
from registers.models.policies import PolicyVersion
from registers.models.reminders import ReminderSend
from registers.queries.checks import plans
from registers.queries.policies import unread_by
from registers.queries.teams import team_leads
from registers.reminder_sources import Reminder
from staff.models import KeyPost, Person

AHEAD = timedelta(days=7)
"""People hear of what falls due within a week."""


@dataclass(frozen=True)
class Digest:
    """What one person would be sent on a date; ``held_back`` says why not, and is empty if nothing stands in the way."""

    person: Person
    reminders: tuple[Reminder, ...]
    held_back: str


def step_of(on: date) -> str:
    """The week of a date, Monday to Sunday: “2026-W47”."""
    year, week, _day = on.isocalendar()
    return f"{year}-W{week:02}"


def digests(organisation: Organisation, on: date) -> list[Digest]:
    """Everybody who has something due within a week or overdue, by name, with what and whether they are told today."""
    due = reminder_sources.due(organisation, on)
    people = Person.objects.of(organisation).filter(pk__in=due)
    in_post = set(people.in_post(on).values_list("pk", flat=True))
    away = set(people.away(on).values_list("pk", flat=True))
    told = set(ReminderSend.objects.standing().filter(person__in=people, step=step_of(on)).values_list("person", flat=True))
    found = []
    for person in people:
        if person.pk not in in_post:
            why = "They have left."
        elif person.pk in away:
            why = "They are away."
        elif not person.email:
            why = "They have no e-mail address."
        else:
            why = "They were told this week." if person.pk in told else ""
        found.append(Digest(person, tuple(due[person.pk]), why))
    return found


def _actions(organisation: Organisation, on: date) -> Iterator[Reminder]:
    """Open actions due within a week or overdue, for the person who owns them or holds the post that does."""
    holders = _holders(organisation, on)
    for action in Action.objects.of(organisation).overdue(on + AHEAD + timedelta(days=1)).with_newest():
        newest = action.newest
        owners = [newest.owner_person_id] if newest.owner_person_id else holders.get(newest.owner_post, [])
        for owner in owners:
            yield Reminder(owner, "action", newest.due_on, reverse("registers:action_detail", args=[action.pk]))


def _holders(organisation: Organisation, on: date) -> dict[str, list[int]]:
    """The people who hold each key post on a date."""
    holders: dict[str, list[int]] = {}
    posts = KeyPost.objects.filter(organisation=organisation, holder__isnull=False).covering(on)
    for kind, holder in posts.values_list("kind", "holder"):
        holders.setdefault(kind, []).append(holder)
    return holders


def _owners(entry: OwnedEntry, holders: dict[str, list[int]]) -> list[int]:
    return [entry.owner_person_id] if entry.owner_person_id else holders.get(entry.owner_kind, [])


def _checks(organisation: Organisation, on: date) -> Iterator[Reminder]:
    """Planned checks due within a week or overdue, for whoever does them."""
    holders = _holders(organisation, on)
    for plan in plans(organisation, on):
        if plan.due_on is not None and plan.due_on <= on + AHEAD:
            for owner in _owners(plan, holders):
                url = reverse("registers:entry_detail", kwargs={"register": "planned-checks", "entry_id": plan.pk})
                yield Reminder(owner, "check to do", plan.due_on, url)


def _risks(organisation: Organisation, on: date) -> Iterator[Reminder]:
    """Open risks to review within a week or overdue, for whoever owns them."""
    holders = _holders(organisation, on)
    for risk in Risk.objects.of(organisation).open_on(on).due_for_review(on + AHEAD + timedelta(days=1)):
        url = reverse("registers:entry_detail", kwargs={"register": "risks", "entry_id": risk.pk})
        for owner in _owners(risk, holders):
            yield Reminder(owner, "risk to review", risk.review_by, url)


def _policies(organisation: Organisation, on: date) -> Iterator[Reminder]:
    """Policies to read within a week or overdue, for everybody who is asked and has not confirmed the version that applies."""
    versions = PolicyVersion.objects.filter(policy__organisation=organisation).standing_on(on)
    for version in versions.select_related("publication"):
        url = reverse("registers:policy_read", args=[version.pk])
        for person, since in unread_by(version, organisation, on=on):
            read_by = version.read_by(since)
            if read_by <= on + AHEAD:
                yield Reminder(person, "policy to read", read_by, url)


def _teams(organisation: Organisation, on: date) -> Iterator[Reminder]:
    """Policies that somebody at work in a team should have read before the date: one line a policy, for who looks after the team.

    Only for those whose role lets them open the page about it.
    """
    who = team_leads(organisation, on)
    if not who:
        return
    away = set(Person.objects.of(organisation).away(on).values_list("pk", flat=True))
    versions = PolicyVersion.objects.filter(policy__organisation=organisation).standing_on(on)
    for version in versions.select_related("publication"):
        late: dict[int, date] = {}
        for person, since in unread_by(version, organisation, on=on):
            read_by = version.read_by(since)
            if read_by < on and person not in away:
                for lead in who.get(person, ()):
                    late[lead] = min(read_by, late.get(lead, read_by))
        url = reverse("registers:team_policy", args=[version.pk])
        for lead, since_when in late.items():
            yield Reminder(lead, "policy your team has not read", since_when, url)


reminder_sources.register("policy your team has not read", _teams, plural="policies your team has not read")
reminder_sources.register("action", _actions, plural="actions")
reminder_sources.register("policy to read", _policies, plural="policies to read")
reminder_sources.register("check to do", _checks, plural="checks to do")
reminder_sources.register("risk to review", _risks, plural="risks to review")
