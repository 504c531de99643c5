"""What goes out on a day and why, who is left out and why, and what became of the reminders of late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Organisation
from courses.models import Course
from courses.models.reminders import ReminderAttempt, ReminderMail, ReminderOutcome
from courses.obligations_sql import lines_of
from courses.reminders.reach import LeftOut, Reached, people_in_batches, reached
from courses.reminders.rules import Rules, in_force, in_words
from courses.reminders.teams import can_be_told, digests
from staff.models import Person

MOST_SHOWN = 100
LATELY = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    """One person and one course, with the reason in words."""

    person: Person
    course: str
    due_on: date
    why: str
    left_out: LeftOut | None


@dataclass(frozen=True)
class Forecast:
    """What the run of a day would do, as far as is known now."""

    on: date
    people: int
    managers: int
    left_out: tuple[tuple[LeftOut, int], ...]
    """How many people for each reason. Somebody may be told of one course and left out for another."""
    lines: tuple[Line, ...]
    """The first of each kind, for those who may see names."""
    is_cut: bool


def forecast(organisation: Organisation, *, on: date, history: Sequence[Rules], with_names: bool) -> Forecast:
    """What goes out on a day if nothing happens until then."""
    lines, found = lines_of(organisation, on=on), list[Reached]()
    for people in people_in_batches(organisation, on=on):
        found += reached(organisation, on=on, people=people, history=history, lines=lines)
    going = {one.person_id for one in found if one.left_out is None}
    counted = Counter(why for _person, why in {(one.person_id, one.left_out) for one in found if one.left_out is not None})
    is_digest_day = in_force(history, on=on).digest_on(on) == on
    managers = can_be_told(digests(organisation, on=on, history=history), on=on) if is_digest_day else set()
    found.sort(key=lambda one: (one.left_out is not None, one.due_on, one.person_id))
    shown = [one for one in found if one.left_out is not LeftOut.TOLD] if with_names else []
    return Forecast(
        on,
        len(going),
        len(managers),
        tuple((why, counted[why]) for why in LeftOut if why in counted),
        _lines(shown[:MOST_SHOWN], on=on),
        len(shown) > MOST_SHOWN,
    )


def _lines(found: Sequence[Reached], *, on: date) -> tuple[Line, ...]:
    if not found:
        return ()
    people = Person.objects.in_bulk({one.person_id for one in found})
    titles = dict(Course.objects.filter(pk__in={one.course_id for one in found}).values_list("pk", "title"))
    return tuple(
        Line(people[one.person_id], titles[one.course_id], one.due_on, in_words(one.step.name, one.due_on, on=on), one.left_out)
        for one in found
    )


@dataclass(frozen=True)
class SentDay:
    """What became of the e-mails that were decided upon on one day, and how many letters were made."""

    on: date
    sent: int
    letters: int
    not_needed: int
    refused: int
    unknown: int
    waiting: int


def sent_lately(organisation: Organisation, *, on: date) -> list[SentDay]:
    """The last two weeks, the latest day first, in one query."""
    outcomes = ReminderOutcome.Kind
    ended = Q(attempts__outcome__kind__in=[outcomes.SENT, outcomes.NOT_NEEDED])
    mails = ReminderMail.objects.filter(organisation=organisation, on__gt=on - LATELY)
    rows = mails.values("on").annotate(
        mails=Count("pk", distinct=True),
        sent=Count("pk", distinct=True, filter=Q(attempts__outcome__kind=outcomes.SENT)),
        letters=Count("pk", distinct=True, filter=Q(letters__isnull=False)),
        ended=Count("pk", distinct=True, filter=ended),
        refused=Count("pk", distinct=True, filter=Q(attempts__number=3, attempts__outcome__kind=outcomes.FAILED)),
        unknown=Count("pk", distinct=True, filter=Q(attempts__isnull=False, attempts__outcome__isnull=True)),
    )
    return [
        SentDay(
            row["on"], row["sent"] - row["letters"], row["letters"], row["ended"] - row["sent"], row["refused"], row["unknown"],
            row["mails"] - row["ended"] - row["refused"] - row["unknown"],
        )
        for row in rows.order_by("-on")
    ]  # fmt: skip


def in_trouble(organisation: Organisation, *, on: date) -> list[ReminderMail]:
    """E-mails of the last two weeks that the mail server refused or that broke off, and did not go later."""
    attempts = ReminderAttempt.objects.filter(mail=OuterRef("pk"))
    went = attempts.filter(outcome__kind__in=[ReminderOutcome.Kind.SENT, ReminderOutcome.Kind.NOT_NEEDED])
    mails = ReminderMail.objects.filter(organisation=organisation, on__gt=on - LATELY)
    return list(mails.filter(Exists(attempts), ~Exists(went)).select_related("person").order_by("-on", "pk")[:MOST_SHOWN])
