"""Freezing training evidence, and setting an organisation's own counting rule."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Organisation, User
from audit.services import record
from evidence import blobs
from reporting.exports import rows_csv
from reporting.frozen_evaluation import evaluation_facts
from reporting.models import CountingRule, EvidenceSnapshot, SavedReport, SmallNumberRule
from reporting.readings import Reading, courses_of, training_reading
from reporting.rules import DSPT_TRAINING, Rule
from reporting.small_numbers import fewest_of

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
JSON = "application/json"
STEPS = 4

Progress = Callable[[int, int, str], None]


def _silent(done: int, total: int, note: str) -> None:
    """Nobody waits for progress."""


def take_snapshot(
    organisation: Organisation,
    *,
    on: date,
    by: Any,
    at: datetime,
    request: uuid.UUID | None = None,
    months: int | None = None,
    target: int | None = None,
    course_codes: Sequence[str] = (),
    key: str = DSPT_TRAINING,
    with_evaluation: bool = True,
    progress: Progress = _silent,
) -> EvidenceSnapshot:
    """Freeze the training figure of a day with its rows and documents.

    Args:
        organisation: whose people.
        on: the day; not after the London date of ``at``.
        by: the user who asked, or a word such as ``"command"``.
        at: when it is taken.
        request: asking again with the same one returns the snapshot that is there.
        months: how long a completion counts; as the rule says when not given.
        target: per cent asked for; as the rule says when not given.
        course_codes: courses of which any one counts; those of the rule when empty.
        key: the counting rule.
        with_evaluation: also whether the training works; not where somebody signs for the figure alone.
        progress: told after each step.

    Raises:
        UnknownCourseError: the organisation has no course of a code.
        StatementNotMadeError: the statement could not be drawn.
    """
    request = request or uuid.uuid4()
    taken = EvidenceSnapshot.objects.filter(request=request).first()
    if taken is not None:
        return taken
    progress(0, STEPS, "Counting")
    reading = training_reading(organisation, on=on, months=months, target=target, course_codes=course_codes, key=key)
    fewest = fewest_of(organisation)
    if with_evaluation:
        courses = courses_of(organisation, reading.courses)
        reading = reading.with_evaluation(evaluation_facts(organisation, courses, on=on, fewest=fewest))
    files = _files(reading, at=at, fewest=fewest, progress=progress)
    return _freeze(organisation, reading, files=files, request=request, by=by, at=at)


def _files(reading: Reading, *, at: datetime, fewest: int, progress: Progress) -> dict[str, tuple[bytes, str]]:
    # Loaded here: matplotlib and pandas take a second and a hundred megabytes that no web process should spend.
    from reporting.documents import statement_pdf
    from reporting.workbooks import reading_workbook

    files = {"reading": (reading.as_json(), JSON), "rows": (rows_csv(reading), CSV)}
    progress(1, STEPS, "Writing the statement")
    files["statement"] = (statement_pdf(reading, taken_at=at, product=settings.PRODUCT_NAME, fewest=fewest), PDF)
    progress(2, STEPS, "Writing the workbook")
    files["workbook"] = (reading_workbook(reading), XLSX)
    progress(3, STEPS, "Keeping the files")
    return files


@transaction.atomic
def _freeze(
    organisation: Organisation,
    reading: Reading,
    *,
    files: dict[str, tuple[bytes, str]],
    request: uuid.UUID,
    by: Any,
    at: datetime,
) -> EvidenceSnapshot:
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    taken = EvidenceSnapshot.objects.filter(request=request).first()
    if taken is not None:
        return taken
    snapshot = EvidenceSnapshot.objects.create(
        request=request,
        organisation=organisation,
        rule=reading.rule.as_dict(),
        courses=list(reading.courses),
        as_of=reading.as_of,
        numerator=reading.numerator,
        denominator=reading.denominator,
        figures=reading.summary(),
        digest=reading.digest,
        taken_by=by if isinstance(by, User) else None,
        taken_at=at,
        **{name: blobs.keep(content, media_type=kind) for name, (content, kind) in files.items()},
    )
    record(
        "reporting.snapshot_taken",
        organisation=organisation,
        by=by,
        target=snapshot,
        summary={
            "as_of": reading.as_of.isoformat(),
            "numerator": reading.numerator,
            "denominator": reading.denominator,
            "digest": reading.digest,
        },
        at=at,
    )
    return snapshot


@transaction.atomic
def set_counting_rule(
    organisation: Organisation, *, rule: Rule, rationale: str, effective_on: date, by: Any, at: datetime
) -> CountingRule:
    """Write the organisation's own rule of a key from a date on; what held before stays on record."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    newest = CountingRule.objects.filter(organisation=organisation, key=rule.key).order_by("-number").first()
    written = CountingRule.objects.create(
        organisation=organisation,
        key=rule.key,
        number=newest.number + 1 if newest else 1,
        title=rule.title,
        months=rule.months,
        target=rule.target,
        employment_types=None if rule.employment_types is None else list(rule.employment_types),
        units=list(rule.units),
        only_with_access=rule.only_with_access,
        headline=rule.headline,
        courses=list(rule.courses),
        rationale=rationale.strip(),
        effective_on=effective_on,
        made_by=by if isinstance(by, User) else None,
        made_at=at,
    )
    summary = {"key": rule.key, "number": written.number, "effective_on": effective_on.isoformat()}
    record(
        "reporting.rule_set", organisation=organisation, by=by, target=written, summary=summary, reason=rationale.strip(), at=at
    )
    return written


@transaction.atomic
def set_small_number(organisation: Organisation, *, fewest: int, reason: str, by: User, at: datetime) -> SmallNumberRule:
    """Say from how many people on a group is shown without names."""
    rule = SmallNumberRule.objects.create(organisation=organisation, fewest=fewest, reason=reason.strip(), made_by=by, made_at=at)
    record(
        "reporting.small_number_set",
        organisation=organisation,
        by=by,
        target=rule,
        summary={"fewest": fewest},
        reason=reason.strip(),
        at=at,
    )
    return rule


class TitleTakenError(ValueError):
    """Somebody keeps a report under that name already; the text says so."""


@transaction.atomic
def save_report(organisation: Organisation, *, title: str, is_shared: bool, query: str, by: User, at: datetime) -> SavedReport:
    """Keep a report under a name.

    Raises:
        TitleTakenError: the same person keeps another under it.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    title = title.strip()
    if SavedReport.objects.filter(organisation=organisation, made_by=by, title=title, removed_at__isnull=True).exists():
        raise TitleTakenError(f"You keep a report under the name “{title}” already: choose another name, or remove that one.")
    report = SavedReport.objects.create(
        organisation=organisation, title=title, is_shared=is_shared, query=query, made_by=by, made_at=at
    )
    record("reporting.report_saved", organisation=organisation, by=by, target=report, summary={"title": title}, at=at)
    return report


@transaction.atomic
def remove_report(report: SavedReport, *, by: User, at: datetime) -> None:
    """Keep a report no longer."""
    report.removed_at = at
    report.save(update_fields=["removed_at"])
    summary = {"title": report.title}
    record("reporting.report_removed", organisation=report.organisation, by=by, target=report, summary=summary, at=at)


@transaction.atomic
def note_export(organisation: Organisation, *, people: int, what: str, by: User, at: datetime) -> None:
    """Put on record that somebody took away a list of named people."""
    record("reporting.people_exported", organisation=organisation, by=by, summary={"people": people, "what": what}, at=at)
