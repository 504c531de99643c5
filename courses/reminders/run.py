"""A day's run: deciding which reminders go, then handing them over a few at a time.

Deciding writes one ``ReminderMail`` for each person and the ``ReminderSend`` of each step in it; constraints make a second
run, or two at once, write nothing more. Handing over writes a ``ReminderAttempt`` before it speaks to the mail server and a
``ReminderOutcome`` after. A crash between the two is the one case in which nobody knows whether the e-mail went: it is
shown as such and never repeated. What the mail server refused is tried again, three times in all.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.core.mail import get_connection
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organisation
from audit.services import SYSTEM, record
from courses.models.reminders import ReminderAttempt, ReminderMail, ReminderOutcome, ReminderPause, ReminderRun, ReminderSend
from courses.obligations_sql import lines_of
from courses.reminders.letters import Titles, Words, own_words, team_words
from courses.reminders.reach import Reached, asked_of, pause_of, people_in_batches, reached, rules_of, to_do
from courses.reminders.rules import Rules, in_force
from courses.reminders.teams import can_be_told, digests
from nhsuk.mail import NOT_TAKEN, letter
from staff.models import Person

logger = logging.getLogger(__name__)

TOGETHER = 50
"""E-mails whose readers are looked at again in one go, just before they are sent."""

Own, Team, Kind = ReminderMail.Kind.OWN, ReminderMail.Kind.TEAM, ReminderOutcome.Kind


def decide(organisation: Organisation, *, at: datetime) -> int:
    """Decide which reminders an organisation sends today. Returns how many e-mails; a second call decides nothing more."""
    today = timezone.localdate(at)
    runs = ReminderRun.objects.filter(organisation=organisation)
    if pause_of(organisation) is not None or runs.filter(on=today).exists():
        return 0
    history, lines = rules_of(organisation), lines_of(organisation, on=today)
    own = 0
    for people in people_in_batches(organisation, on=today):
        found = reached(organisation, on=today, people=people, history=history, lines=lines)
        own += _write(organisation, [one for one in found if one.left_out is None], on=today, at=at)
    teams = 0
    digest_on = in_force(history, on=today).digest_on(today)
    if digest_on is not None and not runs.filter(on__gte=digest_on).exists():
        managers = can_be_told(digests(organisation, on=today, history=history), on=today)
        teams = len(_mails(organisation, managers, Team, on=today, at=at))
    with transaction.atomic():
        _, is_first = runs.get_or_create(organisation=organisation, on=today, defaults={"finished_at": at})
        if is_first and own + teams:
            summary = {"people": own, "managers": teams, "on": today.isoformat()}
            record("courses.reminders_decided", organisation=organisation, by=SYSTEM, summary=summary, at=at)
    return own + teams


@transaction.atomic
def _write(organisation: Organisation, going: Sequence[Reached], *, on: date, at: datetime) -> int:
    if not going:
        return 0
    mails = _mails(organisation, {one.person_id for one in going}, Own, on=on, at=at)
    sends = [
        ReminderSend(
            person_id=one.person_id,
            course_id=one.course_id,
            due_on=one.due_on,
            step=one.step.name,
            step_on=one.step.on,
            mail_id=mails[one.person_id],
        )
        for one in going
    ]
    ReminderSend.objects.bulk_create(sends, ignore_conflicts=True)
    return len(mails)


def _mails(organisation: Organisation, people: Iterable[int], kind: str, *, on: date, at: datetime) -> dict[int, int]:
    """An e-mail of today for each, by person; those that are there already stay."""
    wanted = sorted(people)
    ReminderMail.objects.bulk_create(
        [ReminderMail(organisation=organisation, person_id=pk, kind=kind, on=on, made_at=at) for pk in wanted],
        ignore_conflicts=True,
    )
    return dict(ReminderMail.objects.filter(person__in=wanted, kind=kind, on=on).values_list("person", "pk"))


def deliver(*, at: datetime, most: int) -> int:
    """Hand over up to ``most`` e-mails that were decided upon, the oldest first. Returns how many the mail server took."""
    today = timezone.localdate(at)
    last = ReminderPause.objects.filter(organisation=OuterRef("organisation")).order_by("-pk").values("is_paused")[:1]
    mails = ReminderMail.objects.waiting(today).annotate(paused=Coalesce(Subquery(last), False)).filter(paused=False)
    waiting = list(mails.select_related("person", "organisation", "asked_by").order_by("pk")[:most])
    groups: dict[tuple[int, str], list[ReminderMail]] = defaultdict(list)
    for mail in waiting:
        groups[mail.organisation_id, mail.kind].append(mail)
    taken = 0
    with get_connection() as connection:
        for group in groups.values():
            for first in range(0, len(group), TOGETHER):
                some = group[first : first + TOGETHER]
                words = _words(some, on=today)
                taken += sum(_hand_over(mail, words[mail.pk], connection=connection, at=at) for mail in some)
    return taken


def _words(mails: Sequence[ReminderMail], *, on: date) -> dict[int, Words | str]:
    """What each e-mail of one organisation and kind says on the day, or why it is no longer needed."""
    organisation, kind = mails[0].organisation, mails[0].kind
    overtaken = set(
        ReminderMail.objects.filter(person__in=[mail.person_id for mail in mails], kind=kind, on__gt=min(m.on for m in mails))
        .values_list("person", "on")
    )  # fmt: skip
    late = {mail.pk for mail in mails if any(person == mail.person_id and day > mail.on for person, day in overtaken)}
    wanted = [mail for mail in mails if mail.pk not in late]
    managers = [mail.person_id for mail in wanted]
    found = _own_words(organisation, wanted, on=on) if kind == Own else _team_words(organisation, managers, on=on)
    nothing = "There is nothing to remind of any more."
    return {
        mail.pk: "A later e-mail takes its place." if mail.pk in late else found.get(mail.person_id, nothing) for mail in mails
    }


def _own_words(organisation: Organisation, mails: Sequence[ReminderMail], *, on: date) -> Mapping[int, Words]:
    found: dict[int, list[Reached]] = defaultdict(list)
    chased = {mail.person_id: str(mail.asked_by) for mail in mails if mail.asked_by is not None}
    planned = [mail.person_id for mail in mails if mail.person_id not in chased]
    for one in to_do(organisation, on=on, people=planned, history=rules_of(organisation)) if planned else ():
        if one.left_out is None:
            found[one.person_id].append(one)
    for one in asked_of(organisation, on=on, people=chased.keys()) if chased else ():
        found[one.person_id].append(one)
    titles = Titles.of({one.course_id for own in found.values() for one in own}, on=on)
    persons = Person.objects.in_bulk(found)
    return {
        pk: own_words(organisation, persons[pk], own, titles=titles, on=on, asked_by=chased.get(pk, ""))
        for pk, own in found.items()
        if persons[pk].email
    }


def _team_words(organisation: Organisation, managers: Sequence[int], *, on: date) -> Mapping[int, Words]:
    history: Sequence[Rules] = rules_of(organisation)
    found = digests(organisation, on=on, history=history, managers=can_be_told(managers, on=on))
    told = [one for digest in found.values() for one in (*digest.team, *digest.passed_on)]
    titles = Titles.of({one.course_id for one in told}, on=on)
    people = Person.objects.in_bulk({one.person_id for one in told} | found.keys())
    return {pk: team_words(organisation, people[pk], digest, people=people, titles=titles, on=on) for pk, digest in found.items()}


def _hand_over(mail: ReminderMail, words: Words | str, *, connection: object, at: datetime) -> bool:
    """One attempt at one e-mail, unless somebody else is at it."""
    try:
        with transaction.atomic():
            attempt = ReminderAttempt.objects.create(mail=mail, number=mail.tries + 1, begun_at=at)  # type: ignore[attr-defined]
    except IntegrityError:
        return False
    if isinstance(words, str):
        ReminderOutcome.objects.create(attempt=attempt, kind=Kind.NOT_NEEDED, detail=words, at=at)
        return False
    try:
        letter(words.subject, words.text, mail.person.email, connection=connection).send()
    except NOT_TAKEN as error:
        logger.warning("Reminder %s was not taken: %s", mail.pk, type(error).__name__)
        ReminderOutcome.objects.create(attempt=attempt, kind=Kind.FAILED, detail=type(error).__name__, at=at)
        return False
    ReminderOutcome.objects.create(attempt=attempt, kind=Kind.SENT, at=at)
    return True
