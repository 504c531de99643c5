"""Bringing training records in through the pages: upload, columns, preview, record, withdraw.

Every step reads the file by the one planner that the command uses. What was recorded is never taken out:
an import is undone by withdrawing each of its records, with a reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.canonical import digest
from audit.services import record
from courses import completion_import as importing
from courses import record_columns
from courses.completion_import import CompletionsPlan
from courses.models import Completion, CompletionVoid, Course, RecordImport, RecordImportRow
from staff.importing import uploads
from staff.importing.parsing import RowError
from staff.models import Person

CHUNK = 500
_STATE = RecordImport.State


class Step(Enum):
    """How far the recording is, in words for the page. Nothing is recorded before the last is done."""

    READ = "Reading the file and looking for the people"
    RECORD = "Recording the training"
    ROWS = "Noting what was recorded, so that it can be withdrawn"


def _nobody_waits(step: Step) -> None:
    """For imports without a page."""


class RecordImportRefusedError(ValueError):
    """The step cannot be taken; the text says why and what to do."""


@transaction.atomic
def upload(
    content: bytes, *, file_name: str, organisation: Organisation, course: Course | None, by: User, at: datetime
) -> RecordImport:
    """Take a file in and guess its columns; the next step is ``map_columns``.

    Raises:
        UnreadableFileError: it is no spreadsheet we can read.
    """
    sheet, mapping = importing.open_records(content)
    return RecordImport.objects.create(
        organisation=organisation,
        file_name=file_name[-255:],
        file_sha256=hashlib.sha256(content).hexdigest(),
        stored_as=uploads.keep(content),
        headings=sheet.headings,
        mapping=mapping,
        course=course,
        created_by=by,
        created_at=at,
    )


@transaction.atomic
def map_columns(batch: RecordImport, *, mapping: Mapping[str, str]) -> RecordImport:
    """Say which column is which. Preview it next.

    Raises:
        RecordImportRefusedError: the decision was taken already, or a column is missing without which nothing is known.
    """
    batch = _claim(batch, _STATE.UPLOADED, _STATE.PREVIEWED)
    lacking = record_columns.missing(mapping, has_course=batch.course_id is not None, all_headings=batch.headings)
    if lacking:
        raise RecordImportRefusedError(lacking)
    batch.mapping = {heading: name for heading, name in mapping.items() if name}
    batch.state, batch.matches = _STATE.UPLOADED, {}
    batch.save(update_fields=["mapping", "state", "matches"])
    return batch


def preview(batch: RecordImport, *, at: datetime) -> RecordImport:
    """Work out what the file would record and keep it to be looked at.

    Raises:
        RecordImportRefusedError: the file is gone or was decided about already.
        UnreadableFileError: the file as a whole is refused.
    """
    plan = _plan(batch, at=at)
    with transaction.atomic():
        batch = _claim(batch, _STATE.UPLOADED, _STATE.PREVIEWED)
        batch.state, batch.counts, batch.plan_digest = _STATE.PREVIEWED, _counts(plan), _digest(plan)
        batch.save(update_fields=["state", "counts", "plan_digest"])
        _write_rows(batch, plan)
    return batch


def choose_people(batch: RecordImport, *, chosen: Mapping[int, int], at: datetime) -> RecordImport:
    """Say whom rows mean that matched nobody, and look again.

    Args:
        batch: the import.
        chosen: ids of people by row number.
        at: now.

    Raises:
        RecordImportRefusedError: somebody is not on the staff list, or the decision was taken already.
    """
    people = set(Person.objects.of(batch.organisation).filter(pk__in=chosen.values()).values_list("pk", flat=True))
    if not people.issuperset(chosen.values()):
        raise RecordImportRefusedError("Choose somebody from the staff list.")
    with transaction.atomic():
        batch = _claim(batch, _STATE.PREVIEWED)
        batch.matches = batch.matches | {str(row): person for row, person in chosen.items()}
        batch.save(update_fields=["matches"])
    return preview(batch, at=at)


def apply(batch: RecordImport, *, by: User, at: datetime, tell: Callable[[Step], None] = _nobody_waits) -> RecordImport:
    """Record what the preview showed, exactly, or nothing. A second call does nothing.

    Raises:
        RecordImportRefusedError: the records or the staff list have changed so that the preview no longer holds.
    """
    tell(Step.READ)
    with transaction.atomic():
        batch = RecordImport.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=batch.pk)
        if batch.state == _STATE.APPLIED:
            return batch
        _require(batch, _STATE.PREVIEWED)
        Organisation.objects.select_for_update(no_key=True).get(pk=batch.organisation_id)
        plan = _plan(batch, at=at)
        changed = _digest(plan) != batch.plan_digest
        if not changed:
            tell(Step.RECORD)
            importing.write(plan, batch.organisation, by=by, at=at, target=batch)
            stored_as, batch.stored_as = batch.stored_as, ""
            batch.state, batch.applied_at, batch.counts = _STATE.APPLIED, at, _counts(plan)
            batch.save(update_fields=["state", "applied_at", "counts", "stored_as"])
            tell(Step.ROWS)
            _write_rows(batch, plan)
            transaction.on_commit(lambda: uploads.remove(stored_as))
    if changed:
        preview(batch, at=at)
        raise RecordImportRefusedError(
            "The staff list or the records have changed since this preview: look at the new preview, then confirm again."
        )
    return batch


@transaction.atomic
def discard(batch: RecordImport, *, by: Any, at: datetime) -> RecordImport:
    """Throw an upload away: file, preview rows and all.

    Raises:
        RecordImportRefusedError: it was recorded already.
    """
    batch = _claim(batch, _STATE.UPLOADED, _STATE.PREVIEWED)
    transaction.on_commit(lambda name=batch.stored_as: uploads.remove(name))  # type: ignore[misc]
    batch.rows.all().delete()
    batch.state, batch.stored_as, batch.matches = _STATE.DISCARDED, "", {}
    batch.save(update_fields=["state", "stored_as", "matches"])
    record("courses.records_discarded", organisation=batch.organisation, by=by, target=batch, at=at)
    return batch


@transaction.atomic
def undo(batch: RecordImport, *, reason: str, by: User, at: datetime) -> int:
    """Withdraw every record of the import that still stands. Returns how many.

    Raises:
        RecordImportRefusedError: it is not recorded, was withdrawn already, or no reason is given.
    """
    batch = _claim(batch, _STATE.APPLIED)
    if not reason.strip():
        raise RecordImportRefusedError("Say why the records do not stand.")
    made = Completion.objects.filter(pk__in=batch.rows.filter(completion__isnull=False).values("completion"))
    standing = list(made.not_void().order_by("pk").values_list("pk", flat=True))
    CompletionVoid.objects.bulk_create(
        [CompletionVoid(completion_id=pk, reason=reason.strip()[:300], voided_by=by, voided_at=at) for pk in standing],
        batch_size=CHUNK,
    )
    batch.state, batch.undone_at, batch.undone_by = _STATE.UNDONE, at, by
    batch.counts = batch.counts | {"withdrawn": len(standing)}
    batch.save(update_fields=["state", "undone_at", "undone_by", "counts"])
    summary = {"withdrawn": len(standing), "digest": digest(standing)}
    record(
        "courses.records_withdrawn",
        organisation=batch.organisation,
        by=by,
        target=batch,
        summary=summary,
        at=at,
        reason=reason.strip(),
    )
    return len(standing)


def expire(*, at: datetime) -> int:
    """Throw away uploads nobody decided about, and forget the refused rows of old imports. Returns how many uploads went."""
    waiting = RecordImport.objects.filter(state__in=[_STATE.UPLOADED, _STATE.PREVIEWED], created_at__lt=at - uploads.WAITS_FOR)
    gone = [discard(batch, by="system", at=at) for batch in waiting.select_related("organisation")]
    old = RecordImportRow.objects.filter(batch__applied_at__lt=at - uploads.ROWS_KEPT_FOR)
    old.filter(completion__isnull=True).delete()
    return len(gone)


def _plan(batch: RecordImport, *, at: datetime) -> CompletionsPlan:
    try:
        content = uploads.content_of(batch.stored_as)
    except uploads.UploadGoneError as error:
        raise RecordImportRefusedError(str(error)) from error
    return importing.plan(
        content,
        organisation=batch.organisation,
        today=timezone.localdate(at),
        mapping=batch.mapping,
        course=batch.course,
        matches={int(row): person for row, person in batch.matches.items()},
    )


def _digest(plan: CompletionsPlan) -> str:
    new = [[c.person_id, c.course_id, c.completed_on.isoformat(), str(c.source), c.score_percent] for _, c in plan.new_rows]
    return digest([new, [error.as_dict() for error in plan.errors]])


def _counts(plan: CompletionsPlan) -> dict[str, int]:
    return {
        "rows": plan.rows,
        "created": len(plan.new_rows),
        "duplicates": plan.duplicates,
        "errors": len(plan.errors) - len(plan.unmatched),
        "unmatched": len(plan.unmatched),
        "warnings": len(plan.warnings),
    }


def _write_rows(batch: RecordImport, plan: CompletionsPlan) -> None:
    batch.rows.all().delete()
    kinds = RecordImportRow.Kind
    rows = [
        RecordImportRow(
            batch=batch,
            number=number,
            kind=kinds.NEW,
            person_id=completion.person_id,
            course_id=completion.course_id,
            completed_on=completion.completed_on,
            completion_id=completion.pk,
        )
        for number, completion in plan.new_rows
    ]
    rows += [_told(batch, error, plan, kinds.UNMATCHED if error.row in plan.unmatched else kinds.ERROR) for error in plan.errors]
    rows += [_told(batch, warning, plan, kinds.WARNING) for warning in plan.warnings]
    RecordImportRow.objects.bulk_create(rows, batch_size=CHUNK)


def _told(batch: RecordImport, said: RowError, plan: CompletionsPlan, kind: RecordImportRow.Kind) -> RecordImportRow:
    parsed, near = plan.raw.get(said.row, {}), plan.unmatched.get(said.row, [])
    return RecordImportRow(batch=batch, number=said.row, kind=kind, errors=[said.as_dict()], parsed=parsed, near=near)


def _claim(batch: RecordImport, *states: RecordImport.State) -> RecordImport:
    found = RecordImport.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=batch.pk)
    _require(found, *states)
    return found


def _require(batch: RecordImport, *states: RecordImport.State) -> None:
    if batch.state not in states:
        raise RecordImportRefusedError(
            f"This import is {batch.get_state_display().lower()}: upload the file again to start afresh."
        )
