"""A manager chases somebody: one e-mail of the day about everything that is due, beside the steps and never twice a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from courses.models.reminders import ReminderMail
from courses.reminders.plans import ReminderRefusedError
from courses.reminders.reach import asked_of, pause_of
from staff.models import Person


@dataclass(frozen=True)
class Chased:
    """Who gets an e-mail, and why others get none."""

    going: tuple[Person, ...]
    told_today: tuple[Person, ...]
    without_email: tuple[Person, ...]
    nothing_to_do: tuple[Person, ...]
    """They are trained, excused or away, or nothing is asked of them."""


@transaction.atomic
def chase(organisation: Organisation, people: Collection[Person], *, by: User, at: datetime) -> Chased:
    """Remind people of everything they have to do, through the queue of reminders. Once a day at most, whoever asks.

    The steps of the plan stay as they are. Each person is looked at again just before the e-mail goes.

    Raises:
        ReminderRefusedError: the organisation has stopped its reminders.
    """
    stopped = pause_of(organisation)
    if stopped is not None:
        raise ReminderRefusedError(
            f"Reminders are stopped at the moment: {stopped.reason.rstrip('.')}. Speak to people yourself."
        )
    today = timezone.localdate(at)
    whom = {person.pk for person in people}
    to_do = {one.person_id for one in asked_of(organisation, on=today, people=whom)} if whom else set()
    mails = ReminderMail.objects.filter(person__in=whom, kind=ReminderMail.Kind.OWN, on=today)
    told = set(mails.values_list("person", flat=True))
    groups: dict[str, list[Person]] = {"going": [], "told_today": [], "without_email": [], "nothing_to_do": []}
    for person in people:
        groups[_group(person, to_do=to_do, told=told)].append(person)
    ReminderMail.objects.bulk_create(
        [
            ReminderMail(organisation=organisation, person=person, kind=ReminderMail.Kind.OWN, on=today, made_at=at, asked_by=by)
            for person in groups["going"]
        ],
        ignore_conflicts=True,
    )
    if groups["going"]:
        summary = {"people": len(groups["going"]), "on": today.isoformat()}
        record("courses.chased", organisation=organisation, by=by, summary=summary, at=at)
    return Chased(**{name: tuple(found) for name, found in groups.items()})


def _group(person: Person, *, to_do: set[int], told: set[int]) -> str:
    if person.pk not in to_do:
        return "nothing_to_do"
    if person.pk in told:
        return "told_today"
    return "going" if person.email else "without_email"
