"""Results of phishing exercises from a file: counts of each campaign, by unit or for the whole organisation.

The file has a row for a campaign in a unit. Whoever clicked is in no column: a file with more columns is refused, so that
no list of people comes in by mistake.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import Organisation, User
from audit.services import record
from audit.spreadsheets import as_written
from reporting.models import PhishingExercise
from staff.models import Unit

HEADINGS = ("date", "campaign", "unit", "sent", "opened", "clicked", "reported")
MUST = ("date", "campaign", "sent", "clicked")
MOST_ROWS = 5000
FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")


@dataclass(frozen=True)
class Fault:
    """What is wrong where, and what to do, in one sentence. ``row`` counts the heading as the first."""

    row: int
    words: str

    def __str__(self) -> str:
        return f"Row {self.row}: {self.words}" if self.row > 1 else self.words


@dataclass(frozen=True)
class Result:
    """One row of a file."""

    sent_on: date
    campaign: str
    unit: Unit | None
    sent: int
    opened: int | None
    clicked: int
    reported: int | None


class _CellError(ValueError):
    pass


def read(content: bytes, organisation: Organisation, *, today: date) -> tuple[list[Result], list[Fault]]:
    """The results a CSV file holds, and every fault in it."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        return [], [Fault(1, "This is not a CSV file: save the list as CSV (comma separated) and choose that file.")]
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if text.split("\n", 1)[0].count(";") > 2 else ","))
    except csv.Error:
        return [], [Fault(1, "This file cannot be read: save the list as CSV (comma separated) and choose that file.")]
    headings = [heading.strip().lower() for heading in rows[0]] if rows else []
    missing = [heading for heading in MUST if heading not in headings]
    strange = [heading for heading in headings if heading not in HEADINGS]
    if missing:
        return [], [Fault(1, f"The first row lacks the heading “{missing[0]}”: take the template and fill it in.")]
    if strange:
        words = f"The heading “{strange[0][:40]}” is not one of {', '.join(HEADINGS)}: take that column out. Results are counts, never people."
        return [], [Fault(1, words)]
    if len(rows) > MOST_ROWS:
        return [], [Fault(1, f"The file has {len(rows):,} rows; at most {MOST_ROWS:,} come in at once. Split it.")]
    return _results(rows[1:], headings, organisation, today=today)


def _results(
    rows: Sequence[Sequence[str]], headings: Sequence[str], organisation: Organisation, *, today: date
) -> tuple[list[Result], list[Fault]]:
    units = {unit.name.casefold(): unit for unit in Unit.objects.filter(organisation=organisation)}
    known = {
        (one.sent_on, one.campaign.casefold(), one.unit_id)
        for one in PhishingExercise.objects.standing().filter(organisation=organisation)
    }
    found: list[Result] = []
    faults: list[Fault] = []
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            result = _result(dict(zip(headings, cells, strict=False)), units, today=today)
            _refuse_twice(result, known)
            found.append(result)
        except _CellError as fault:
            faults.append(Fault(number, str(fault)))
    return found, faults or ([] if found else [Fault(1, "The file has no results below its headings.")])


def _refuse_twice(result: Result, known: set[tuple[date, str, int | None]]) -> None:
    key = (result.sent_on, result.campaign.casefold(), result.unit.pk if result.unit else None)
    if key in known:
        raise _CellError(
            "this campaign of this day and unit is recorded already: take the row out, or take the other back first."
        )
    known.add(key)


def _result(row: Mapping[str, str], units: Mapping[str, Unit], *, today: date) -> Result:
    sent_on = _day(row["date"].strip())
    if sent_on > today:
        raise _CellError(f"“{row['date'].strip()[:20]}” is a day to come: record an exercise after it was sent.")
    campaign = as_written(row["campaign"].strip())
    if not campaign or len(campaign) > 120:
        raise _CellError("the campaign needs a name of up to 120 letters.")
    name = as_written(row.get("unit", "").strip())
    unit = units.get(name.casefold()) if name else None
    if name and unit is None:
        raise _CellError(f"there is no unit “{name[:40]}”: write it as on the units page, or leave it empty for everybody.")
    sent = _number(row["sent"], "sent")
    if not sent:
        raise _CellError("sent is 0: an exercise that went to nobody says nothing.")
    clicked = _number(row["clicked"], "clicked")
    opened, reported = (_number(row[key], key) if row.get(key, "").strip() else None for key in ("opened", "reported"))
    for key, value in (("clicked", clicked), ("opened", opened), ("reported", reported)):
        if value is not None and value > sent:
            raise _CellError(f"{key} is {value:,}, more than the {sent:,} sent: correct one of the two.")
    return Result(sent_on, campaign, unit, sent, opened, clicked, reported)


def _day(text: str) -> date:
    for form in FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            continue
    raise _CellError(f"“{text[:20]}” is not a date: write it as 2026-03-31 or 31/03/2026.")


def _number(text: str, key: str) -> int:
    text = text.strip().replace(",", "")
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise _CellError(f"{key} “{text[:20]}” is not a whole number.")
    return int(text)


@transaction.atomic
def record_results(organisation: Organisation, results: Sequence[Result], *, by: User, at: datetime) -> int:
    """Write the results down. Returns how many."""
    for one in results:
        PhishingExercise.objects.create(
            organisation=organisation,
            campaign=one.campaign,
            sent_on=one.sent_on,
            unit=one.unit,
            sent=one.sent,
            opened=one.opened,
            clicked=one.clicked,
            reported=one.reported,
            recorded_by=by,
            recorded_at=at,
        )
    record("reporting.phishing_recorded", organisation=organisation, by=by, summary={"rows": len(results)}, at=at)
    return len(results)


@transaction.atomic
def withdraw(exercise: PhishingExercise, *, reason: str, by: User, at: datetime) -> None:
    """Take a result back: a row that says so stands beside it."""
    PhishingExercise.objects.create(
        organisation=exercise.organisation,
        campaign=exercise.campaign,
        sent_on=exercise.sent_on,
        unit=exercise.unit,
        sent=exercise.sent,
        opened=exercise.opened,
        clicked=exercise.clicked,
        reported=exercise.reported,
        withdraws=exercise,
        reason=reason.strip(),
        recorded_by=by,
        recorded_at=at,
    )
    summary = {"campaign": exercise.campaign}
    record(
        "reporting.phishing_withdrawn", organisation=exercise.organisation, by=by, target=exercise, summary=summary,
        reason=reason.strip(), at=at,
    )  # fmt: skip
