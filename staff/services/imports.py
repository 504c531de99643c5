"""Bringing HR files in: the steps of the page, and the one step of the command, over the same plan."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from accounts.models import Organisation, User
from audit.canonical import digest
from audit.services import record
from staff.importing import applying, undoing, uploads
from staff.importing import mapping as headings
from staff.importing.exclusive import ImportBusyError, only_import_of
from staff.importing.memory import collector_at_rest
from staff.importing.planning import Plan
from staff.importing.preparing import AS_IT_STANDS, Reading, StaffFile, open_file, plan_file, with_mapping
from staff.importing.right_file import signs_of_an_older_list
from staff.importing.steps import Step, Tell, nobody_waits
from staff.importing.undoing import Undone
from staff.models import ImportBatch, ImportProfile, ImportRow
from staff.services.invitations import end_manager_roles, grant_manager_roles

TRIES = 3
WAITING = (ImportBatch.State.UPLOADED, ImportBatch.State.PREVIEWED)
T = TypeVar("T")


class ImportRefusedError(Exception):
    """The step cannot be taken; the text is one sentence that says why and what to do."""


@dataclass(frozen=True)
class ImportOutcome:
    """What a file did, or would do. ``batch`` is None if nothing was applied; ``refusal`` says why, unless it was a dry run."""

    plan: Plan
    file: StaffFile
    batch: ImportBatch | None
    refusal: str = ""


def import_file(
    content: bytes,
    *,
    file_name: str,
    organisation: Organisation,
    as_of: date,
    by: Any,
    at: datetime,
    is_complete: bool = False,
    saved_mapping: Mapping[str, str] | None = None,
    reading: Reading = AS_IT_STANDS,
    approve: bool = False,
    dry_run: bool = False,
) -> ImportOutcome:
    """Import a file in one go, whole or not at all.

    Args:
        content: the bytes of the file.
        file_name: what it is called, for the list of imports.
        organisation: whose staff list it is.
        as_of: the date of every change that carries none of its own.
        by: the user, or a word such as ``"command:import_staff"``.
        at: now.
        is_complete: the file lists everybody; whoever is missing leaves.
        saved_mapping: field name by heading; the rest is guessed.
        reading: what empty cells mean, and what the file may not change.
        approve: apply although so much changes that a second person should look.
        dry_run: only say what would happen.

    Raises:
        UnreadableFileError: the file as a whole is refused.
        ImportRefusedError: another import of the organisation is running.
    """
    file = open_file(content, saved=saved_mapping, reading=reading)

    def planned() -> Plan:
        plan = plan_file(file, organisation, as_of=as_of, is_complete=is_complete)
        plan.signs_of_older = signs_of_an_older_list(plan, organisation, sha256=_sha256(content), as_of=as_of)
        return plan

    if dry_run:
        return ImportOutcome(planned(), file, None)

    def once() -> ImportOutcome:
        plan = planned()
        if plan.approval_reasons and not approve:
            return ImportOutcome(plan, file, None, " ".join(plan.approval_reasons))
        with transaction.atomic():
            batch = _new_batch(content, file, file_name=file_name, organisation=organisation, as_of=as_of, by=by, at=at)
            batch.is_complete = is_complete
            if plan.approval_reasons and isinstance(by, User):
                batch.approved_by = by
            _apply(batch, plan, by=by, at=at)
        return ImportOutcome(plan, file, batch)

    return _alone(organisation, once)


@transaction.atomic
def upload(
    content: bytes,
    *,
    file_name: str,
    organisation: Organisation,
    as_of: date,
    is_complete: bool,
    by: User,
    at: datetime,
    saved: Mapping[str, str] | None = None,
    reading: Reading = AS_IT_STANDS,
) -> ImportBatch:
    """Take a file in and guess its columns; the next step is ``map_columns``.

    Raises:
        UnreadableFileError: it is no spreadsheet we can read.
    """
    file = open_file(content, saved=saved, reading=reading)
    batch = _new_batch(content, file, file_name=file_name, organisation=organisation, as_of=as_of, by=by, at=at)
    batch.is_complete = is_complete
    batch.stored_as = uploads.keep(content)
    batch.save(update_fields=["is_complete", "stored_as"])
    return batch


@transaction.atomic
def map_columns(
    batch: ImportBatch, *, mapping: Mapping[str, str], reading: Reading = AS_IT_STANDS, profile_name: str = ""
) -> ImportBatch:
    """Say which column is which field; with a name, remember it for the next file. Preview it next.

    Raises:
        ImportRefusedError: the decision about the file was taken already, or the staff number or name has no column.
    """
    batch = _claim(batch, *WAITING)
    lacking = headings.missing(mapping)
    if lacking:
        raise ImportRefusedError(lacking)
    batch.mapping = {heading: name for heading, name in mapping.items() if name}
    batch.ignored_columns = [heading for heading in batch.headings if heading not in batch.mapping]
    batch.state = ImportBatch.State.UPLOADED
    batch.reading = reading.as_dict()
    batch.save(update_fields=["mapping", "reading", "ignored_columns", "state"])
    if profile_name.strip():
        remembered = {heading: batch.mapping.get(heading, "") for heading in batch.headings}
        ImportProfile.objects.update_or_create(
            organisation_id=batch.organisation_id,
            name=profile_name.strip()[:100],
            defaults={"mapping": remembered, "reading": batch.reading},
        )
    return batch


def preview_batch(batch: ImportBatch, tell: Tell = nobody_waits) -> ImportBatch:
    """Work out what the file would change and keep it to be looked at. The staff list stays as it is.

    Raises:
        ImportRefusedError: the file is gone or was decided about already.
        UnreadableFileError: the file as a whole is refused.
    """
    current = ImportBatch.objects.select_related("organisation").get(pk=batch.pk)
    _check_state(current, *WAITING)
    plan = _plan_again(current, tell)
    plan_digest = plan.digest()
    with transaction.atomic():
        found = _claim(batch, *WAITING)
        if (found.mapping, found.reading) != (current.mapping, current.reading):
            raise ImportRefusedError("Somebody has just changed the columns of this import: look at them, then go on.")
        _note(found, plan)
        found.plan_digest, found.state, found.approved_by = plan_digest, ImportBatch.State.PREVIEWED, None
        found.save()
        applying.write_preview(plan, found)
    return found


@transaction.atomic
def approve_batch(batch: ImportBatch, *, by: User, at: datetime) -> ImportBatch:
    """Agree, as a second person, to an import that changes unusually much.

    Raises:
        ImportRefusedError: it needs nobody's agreement, or it is one's own.
    """
    batch = _claim(batch, ImportBatch.State.PREVIEWED)
    if not batch.waits_for_approval:
        raise ImportRefusedError("This import needs no approval.")
    if batch.created_by_id == by.pk:
        raise ImportRefusedError("You uploaded this file: somebody else who may import the staff list must approve it.")
    batch.approved_by = by
    batch.save(update_fields=["approved_by"])
    record("staff.import_approved", organisation=batch.organisation, by=by, target=batch, summary=batch.counts, at=at)
    return batch


def apply_batch(batch: ImportBatch, *, by: Any, at: datetime, tell: Tell = nobody_waits) -> ImportBatch:
    """Do what the preview showed, exactly, or nothing. Applying again what is applied does nothing.

    Raises:
        ImportRefusedError: it waits for approval, or the staff list has changed so that the preview no longer holds.
    """

    def once() -> tuple[ImportBatch, bool]:
        current = ImportBatch.objects.select_related("organisation").get(pk=batch.pk)
        if current.state == ImportBatch.State.APPLIED:
            return current, False
        _check_may_apply(current)
        plan = _plan_again(current, tell)
        if plan.digest() != current.plan_digest:
            return current, True
        with transaction.atomic():
            current = _locked(current)
            if current.state != ImportBatch.State.APPLIED:
                _check_may_apply(current)
                stored_as = current.stored_as
                _apply(current, plan, by=by, at=at, tell=tell)
                transaction.on_commit(lambda: uploads.remove(stored_as))
        return current, False

    applied, changed = _alone(batch.organisation, once)
    if changed:
        preview_batch(batch)
        raise ImportRefusedError(
            "The staff list has changed since this preview was made: look at the new preview, then confirm again."
        )
    return applied


def _check_may_apply(batch: ImportBatch) -> None:
    _check_state(batch, ImportBatch.State.PREVIEWED)
    if batch.waits_for_approval:
        raise ImportRefusedError("A second person must approve this import first.")


@transaction.atomic
def discard_batch(batch: ImportBatch, *, by: Any, at: datetime) -> ImportBatch:
    """Throw an upload away: file, preview rows and all.

    Raises:
        ImportRefusedError: it was applied already.
    """
    batch = _claim(batch, *WAITING)
    transaction.on_commit(lambda name=batch.stored_as: uploads.remove(name))  # type: ignore[misc]
    batch.rows.all().delete()
    batch.state, batch.stored_as = ImportBatch.State.DISCARDED, ""
    batch.save(update_fields=["state", "stored_as"])
    record("staff.import_discarded", organisation=batch.organisation, by=by, target=batch, at=at)
    return batch


def undo_batch(batch: ImportBatch, *, by: Any, at: datetime) -> Undone:
    """Put back what an import changed and nobody has changed since; say what stayed.

    Raises:
        ImportRefusedError: it was not applied, was undone already, is too old, or another import is running.
    """

    @transaction.atomic
    def once() -> Undone:
        current = _locked(batch)
        if current.state != ImportBatch.State.APPLIED or current.applied_at is None:
            raise ImportRefusedError(f"Import {current.pk} is not applied, so there is nothing to undo.")
        if at - current.applied_at > uploads.ROWS_KEPT_FOR:
            raise ImportRefusedError(
                f"Import {current.pk} is more than {uploads.ROWS_KEPT_FOR.days} days old: what it changed is no longer kept."
            )
        undone = undoing.undo(current)
        roles = end_manager_roles(current, by=by, at=at)
        current.state, current.undone_at = ImportBatch.State.UNDONE, at
        current.undone_by = by if isinstance(by, User) else None
        current.counts = current.counts | {"restored": undone.restored, "kept": len(undone.kept), "roles_ended": roles}
        current.save(update_fields=["state", "undone_at", "undone_by", "counts"])
        summary = {"batch": current.pk, "restored": undone.restored, "kept": len(undone.kept), "digest": digest(undone.touched)}
        record("staff.import_undone", organisation=current.organisation, by=by, target=current, summary=summary, at=at)
        return undone

    return _alone(batch.organisation, once)


def expire_batches(*, at: datetime) -> tuple[int, int]:
    """Throw away uploads nobody decided about, and forget the personal values of old imports.

    Returns:
        How many uploads went, and how many rows were forgotten.
    """
    waiting = ImportBatch.objects.filter(state__in=WAITING, created_at__lt=at - uploads.WAITS_FOR)
    gone = 0
    for batch in waiting.select_related("organisation"):
        discard_batch(batch, by="system", at=at)
        gone += 1
    uploads.remove_older_than(at - uploads.WAITS_FOR)
    old = ImportRow.objects.filter(batch__applied_at__lt=at - uploads.ROWS_KEPT_FOR)
    forgotten, _ = old.delete()
    return gone, forgotten


def _new_batch(
    content: bytes, file: StaffFile, *, file_name: str, organisation: Organisation, as_of: date, by: Any, at: datetime
) -> ImportBatch:
    return ImportBatch.objects.create(
        organisation=organisation,
        file_name=file_name[-255:],
        file_sha256=_sha256(content),
        headings=file.sheet.headings,
        mapping=file.mapping,
        ignored_columns=file.ignored,
        reading=file.reading.as_dict(),
        notes=file.sheet.notes,
        as_of=as_of,
        created_by=by if isinstance(by, User) else None,
        created_at=at,
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plan_again(batch: ImportBatch, tell: Tell) -> Plan:
    tell(Step.READ)
    try:
        content = uploads.content_of(batch.stored_as)
    except uploads.UploadGoneError as error:
        raise ImportRefusedError(str(error)) from error
    file = with_mapping(content, batch.mapping, Reading.of(batch.reading))
    tell(Step.COMPARE)
    plan = plan_file(file, batch.organisation, as_of=batch.as_of, is_complete=batch.is_complete)
    plan.signs_of_older = signs_of_an_older_list(plan, batch.organisation, sha256=batch.file_sha256, as_of=batch.as_of)
    return plan


def _note(batch: ImportBatch, plan: Plan) -> None:
    batch.counts = plan.counts() | {"errors": len(plan.errors), "units": len(plan.units)}
    batch.warnings = [warning.as_dict() for warning in plan.warnings]
    batch.approval_reasons, batch.doubts = plan.approval_reasons, plan.signs_of_older


def _apply(batch: ImportBatch, plan: Plan, *, by: Any, at: datetime, tell: Tell = nobody_waits) -> None:
    _note(batch, plan)
    touched = applying.write(plan, batch, tell)
    batch.state, batch.applied_at, batch.stored_as = ImportBatch.State.APPLIED, at, ""
    if plan.entries:
        tell(Step.ROLES)
        batch.manager_roles = grant_manager_roles(batch.organisation, on=batch.as_of, by=by, at=at)
    batch.save()
    summary = {
        "batch": batch.pk,
        **plan.counts(),
        "errors": len(plan.errors),
        "doubts": len(batch.doubts),
        "as_of": batch.as_of.isoformat(),
        "digest": touched,
    }
    record("staff.imported", organisation=batch.organisation, by=by, target=batch, summary=summary, at=at)


def _alone(organisation: Organisation, once: Callable[[], T]) -> T:
    """Do something as the only import of the organisation; plan again if somebody changes the staff list meanwhile."""
    try:
        with only_import_of(organisation), collector_at_rest():
            for _ in range(TRIES):
                try:
                    return once()
                except applying.StaffListChangedError:
                    continue
    except ImportBusyError as busy:
        raise ImportRefusedError(str(busy)) from busy
    raise ImportRefusedError("Somebody is changing the staff list at this moment, so nothing was imported: try again.")


def _locked(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=batch.pk)


def _claim(batch: ImportBatch, *states: ImportBatch.State) -> ImportBatch:
    found = _locked(batch)
    _check_state(found, *states)
    return found


def _check_state(batch: ImportBatch, *states: ImportBatch.State) -> None:
    if batch.state not in states:
        raise ImportRefusedError(f"This import is {batch.get_state_display().lower()}: upload the file again to start afresh.")
