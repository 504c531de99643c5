"""What is over on a date, and why: worked out by the same code for the preview and for the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, SignInCode
from audit.canonical import digest
from courses.models import RecordImportRow, ReminderMail
from jobs.models import Job
from privacy import keeping
from privacy.holding import Held, held_back, needed_by_name
from registers.models import ReminderSend as RegisterReminder
from staff.models import ImportRow, LetterRun, Person, Post

PSEUDONYM = "Former member of staff"


@dataclass(frozen=True)
class Due:
    """One thing that is over, or would be if nothing held it back."""

    kind: str
    pk: int
    words: str
    person: int | None
    happened_on: date
    held_by: str = ""


@dataclass(frozen=True)
class Part:
    """All that one rule would let go on a date."""

    rule: keeping.RuleInForce
    cut_off: date
    going: tuple[Due, ...]
    held: tuple[Due, ...]


@dataclass(frozen=True)
class Plan:
    """What would go on a date, by rule."""

    on: date
    parts: tuple[Part, ...]

    @property
    def digest(self) -> str:
        """Covers which rows would go. An approval binds to it."""
        return digest([[part.rule.rule.key, sorted([due.kind, due.pk] for due in part.going)] for part in self.parts])

    @property
    def counts(self) -> dict[str, int]:
        """How many things each rule lets go."""
        return {part.rule.rule.key: len(part.going) for part in self.parts}

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def what_is_over(organisation: Organisation, on: date) -> Plan:
    """What the rules in force let go on a date, and what holds keep."""
    held = held_back(organisation, on)
    rules = keeping.in_force(organisation)
    parts = []
    for key, find in FINDERS.items():
        rule = rules[key]
        cut_off = rule.cut_off(on)
        found = [_with_hold(due, held) for due in find(organisation, cut_off, on)]
        going = tuple(due for due in found if not due.held_by)
        parts.append(Part(rule, cut_off, going, tuple(due for due in found if due.held_by)))
    return Plan(on, tuple(parts))


def _with_hold(due: Due, held: Held) -> Due:
    if due.held_by:
        return due
    reason = held.reason_for(person=due.person, day=due.happened_on)
    return Due(due.kind, due.pk, due.words, due.person, due.happened_on, reason) if reason else due


def leavers(organisation: Organisation, cut_off: date, on: date) -> Iterator[Due]:
    """People whose last post ended before the cut-off and who still have a name."""
    goes_on = Post.objects.filter(person=OuterRef("pk")).filter(Q(end__isnull=True) | Q(end__gt=cut_off))
    gone = Person.objects.of(organisation).exclude(last_name__startswith=PSEUDONYM).filter(~Exists(goes_on), posts__isnull=False)
    found: list[Any] = list(gone.annotate(left_on=Max("posts__end")).order_by("left_on", "pk"))
    needed = needed_by_name(organisation, {person.pk for person in found}, on)
    for person in found:
        last_day = person.left_on - timedelta(days=1)
        words = f"{person}, staff number {person.staff_number}"
        yield Due("person", person.pk, words, person.pk, last_day, needed.get(person.pk, ""))


def import_rows(organisation: Organisation, cut_off: date, on: date) -> Iterator[Due]:
    """Rows of HR files and of files of training records that were applied before the cut-off."""
    before = _midnight(cut_off)
    rows = ImportRow.objects.filter(batch__organisation=organisation, batch__applied_at__lt=before)
    yield from _rows("import-row", rows, "batch__applied_at", "Row {number} of an HR file", "number", "person")
    lines = RecordImportRow.objects.filter(batch__organisation=organisation, batch__applied_at__lt=before)
    yield from _rows("record-row", lines, "batch__applied_at", "Row {number} of a file of training records", "number", "person")


def email_log(organisation: Organisation, cut_off: date, on: date) -> Iterator[Due]:
    """Reminders and letters made before the cut-off."""
    before = _midnight(cut_off)
    mails = ReminderMail.objects.filter(organisation=organisation, made_at__lt=before)
    yield from _rows("reminder", mails, "made_at", "Reminder {pk} of training", "pk", "person")
    sends = RegisterReminder.objects.filter(organisation=organisation, sent_at__lt=before)
    yield from _rows("register-reminder", sends, "sent_at", "Reminder {pk} of entries of registers", "pk", "person")
    letters = LetterRun.objects.filter(organisation=organisation, created_at__lt=before)
    yield from _rows("letters", letters, "created_at", "Letters {pk}", "pk", "person")


def sign_in_codes(organisation: Organisation, cut_off: date, on: date) -> Iterator[Due]:
    """Codes on letters that stopped working before the cut-off."""
    codes = SignInCode.objects.filter(organisation=organisation, expires_at__lt=_midnight(cut_off))
    yield from _rows("code", codes, "expires_at", "Code {pk}", "pk", None)


def finished_jobs(organisation: Organisation, cut_off: date, on: date) -> Iterator[Due]:
    """Work that ended before the cut-off."""
    jobs = Job.objects.filter(organisation=organisation, finished_at__lt=_midnight(cut_off))
    yield from _rows("job", jobs, "finished_at", "Work {pk}", "pk", None)


Finder = Callable[[Organisation, date, date], Iterable[Due]]
FINDERS: dict[str, Finder] = {
    keeping.LEAVERS: leavers,
    keeping.IMPORT_ROWS: import_rows,
    keeping.EMAIL_LOG: email_log,
    keeping.SIGN_IN: sign_in_codes,
    keeping.JOBS: finished_jobs,
}
"""What approval lets go. Copies for a person go by themselves every night (``privacy.copies``)."""


def _rows(kind: str, rows: Any, clock: str, words: str, named: str, person: str | None) -> Iterator[Due]:
    columns = ["pk", named, clock, *([person] if person else [])]
    for values in rows.order_by("pk").values_list(*columns):
        happened_on = timezone.localdate(values[2])
        yield Due(kind, values[0], words.format(**{named: values[1]}), values[3] if person else None, happened_on)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
