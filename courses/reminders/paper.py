"""Reminders on paper, for people without an e-mail address: the same steps as the e-mails, each told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from courses.models.reminders import (
    ReminderAttempt,
    ReminderLetterRun,
    ReminderMail,
    ReminderOutcome,
    ReminderSend,
)
from courses.obligations_sql import lines_of
from courses.reminders.letters import Titles
from courses.reminders.plans import ReminderRefusedError
from courses.reminders.reach import LeftOut, Reached, pause_of, people_in_batches, reached, rules_of
from nhsuk.documents import draw, printable, qr_code
from nhsuk.jinja import day
from staff.letter_pdf import code_address
from staff.models import Person, Post, Unit

TEMPLATE = Path(__file__).resolve().parents[1] / "typst" / "reminders.typ"
MOST_LETTERS = 1000
"""In one file. A larger unit is printed part by part."""


def waiting_for_a_letter(organisation: Organisation, *, on: date, unit: Unit | None = None) -> list[Reached]:
    """Every step that has come for people without an e-mail address, and that they were not told of.

    Never of anybody who is trained, excused, away or gone.
    """
    history, lines = rules_of(organisation), lines_of(organisation, on=on)
    inside = _people_in(unit, on=on) if unit is not None else None
    found = list[Reached]()
    for batch in people_in_batches(organisation, on=on):
        people: dict[int, str] = dict.fromkeys(
            (pk for pk, email in batch.items() if not email and (inside is None or pk in inside)), ""
        )
        if people:
            found += reached(organisation, on=on, people=people, history=history, lines=lines)
    return [one for one in found if one.left_out is LeftOut.NO_EMAIL]


@transaction.atomic
def make_letters(organisation: Organisation, *, unit: Unit | None, by: User, at: datetime) -> ReminderLetterRun:
    """Write down that people are told by letter, a letter each; the steps in it are not told again.

    Raises:
        ReminderRefusedError: reminders are stopped, nobody waits for a letter, or too many do.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    stopped = pause_of(organisation)
    if stopped is not None:
        raise ReminderRefusedError(f"Reminders are stopped: {stopped.reason}")
    today = timezone.localdate(at)
    waiting = waiting_for_a_letter(organisation, on=today, unit=unit)
    people = sorted({one.person_id for one in waiting})
    if not people:
        raise ReminderRefusedError("Nobody there waits for a letter today: they were told, or there is nothing to tell.")
    if len(people) > MOST_LETTERS:
        raise ReminderRefusedError(
            f"That would be {len(people)} letters. Choose a smaller unit: up to {MOST_LETTERS} are made at a time."
        )
    run = ReminderLetterRun.objects.create(organisation=organisation, unit=unit, on=today, made_by=by, made_at=at)
    _write(run, waiting, people)
    summary = {"letters": len(people), "on": today.isoformat()}
    record("courses.reminder_letters_made", organisation=organisation, by=by, target=run, summary=summary, at=at)
    return run


def _write(run: ReminderLetterRun, waiting: Sequence[Reached], people: Sequence[int]) -> None:
    own, at = ReminderMail.Kind.OWN, run.made_at
    ReminderMail.objects.bulk_create(
        [
            ReminderMail(organisation_id=run.organisation_id, person_id=pk, kind=own, on=run.on, made_at=at, letters=run)
            for pk in people
        ]
    )
    mails = dict(ReminderMail.objects.filter(letters=run).values_list("person", "pk"))
    ReminderSend.objects.bulk_create(
        [
            ReminderSend(
                person_id=one.person_id,
                course_id=one.course_id,
                due_on=one.due_on,
                step=one.step.name,
                step_on=one.step.on,
                mail_id=mails[one.person_id],
            )
            for one in waiting
        ]
    )
    ReminderAttempt.objects.bulk_create([ReminderAttempt(mail_id=pk, number=1, begun_at=at) for pk in mails.values()])
    attempts = ReminderAttempt.objects.filter(mail__letters=run).values_list("pk", flat=True)
    sent = ReminderOutcome.Kind.SENT
    ReminderOutcome.objects.bulk_create(
        [ReminderOutcome(attempt_id=pk, kind=sent, detail="By letter.", at=at) for pk in attempts]
    )


def letters_pdf(run: ReminderLetterRun) -> bytes:
    """The letters of a run, by unit and name: a page each, as PDF/UA-1. They hold no code and may be printed again.

    Raises:
        DocumentNotMadeError: they could not be drawn.
    """
    sends: dict[int, list[ReminderSend]] = defaultdict(list)
    for send in ReminderSend.objects.filter(mail__letters=run).order_by("due_on", "course"):
        sends[send.person_id].append(send)
    people = list(Person.objects.filter(pk__in=sends).select_related("organisation"))
    units = _units_of(sends, on=run.on)
    titles = Titles.of({send.course_id for own in sends.values() for send in own}, on=run.on)
    people.sort(key=lambda person: (units.get(person.pk, ""), person.last_name, person.first_name, person.pk))
    facts = {
        "title": f"Reminders of training, {printable(run.organisation.name)}",
        "organisation": printable(run.organisation.name),
        "on": {"year": run.on.year, "month": run.on.month, "day": run.on.day},
        "written": day(run.on),
        "address": code_address(),
        "letters": [
            _letter(person, sends[person.pk], unit=units.get(person.pk, ""), titles=titles, on=run.on) for person in people
        ],
    }
    return draw(TEMPLATE, dated=run.on, facts=facts)


def _letter(person: Person, sends: Sequence[ReminderSend], *, unit: str, titles: Titles, on: date) -> dict[str, object]:
    return {
        "name": printable(str(person)),
        "number": printable(person.staff_number),
        "organisation_code": person.organisation.ods_code,
        "unit": printable(unit) if unit else "",
        "is_late": any(send.due_on < on for send in sends),
        "courses": [
            {
                "title": printable(titles.titles[send.course_id]),
                "when": f"{'was due by' if send.due_on < on else 'due by'} {day(send.due_on)}",
                "takes": f"about {titles.minutes[send.course_id]} minutes" if send.course_id in titles.minutes else "",
            }
            for send in sends
        ],
        "qr": qr_code(code_address(person)),
    }


def _people_in(unit: Unit, *, on: date) -> set[int]:
    units = Unit.objects.ids_below(unit.organisation_id, [unit.pk])
    return set(Post.objects.covering(on).filter(unit__in=units).values_list("person", flat=True))


def _units_of(people: Collection[int], *, on: date) -> Mapping[int, str]:
    posts = Post.objects.covering(on).filter(person__in=people, unit__isnull=False).order_by("-pk")
    return dict(posts.values_list("person", "unit__name"))
