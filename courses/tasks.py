"""Background work on training records. Each handler stands being run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation, User
from courses import certificate_bundles, completions, record_imports
from courses.models import RecordImport
from courses.reminders import run as reminders
from jobs.registry import JobFailedError, Progress, handles, in_steps
from staff.importing.reading import UnreadableFileError
from staff.models import Unit

PREVIEW_RECORDS, APPLY_RECORDS = "courses.preview_records", "courses.import_records"
MAKE_CERTIFICATES = "courses.make_certificates"


@handles(PREVIEW_RECORDS, Capability.RECORDS_IMPORT)
def preview_records(progress: Progress, *, batch_id: int) -> dict[str, Any]:
    """Work out what an uploaded file would record."""
    progress(0, 1, record_imports.Step.READ.value)
    try:
        record_imports.preview(RecordImport.objects.get(pk=batch_id), at=timezone.now())
    except (record_imports.RecordImportRefusedError, UnreadableFileError) as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("courses:record_import_detail", kwargs={"record_import_id": batch_id})}


@handles(APPLY_RECORDS, Capability.RECORDS_IMPORT)
def apply_records(progress: Progress, *, batch_id: int, user_id: int) -> dict[str, Any]:
    """Record what the preview showed."""
    batch = RecordImport.objects.get(pk=batch_id)
    tell = in_steps(progress, tuple(record_imports.Step))
    try:
        record_imports.apply(batch, by=User.objects.get(pk=user_id), at=timezone.now(), tell=tell)
    except (record_imports.RecordImportRefusedError, UnreadableFileError) as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("courses:record_import_detail", kwargs={"record_import_id": batch_id})}


@handles(MAKE_CERTIFICATES, Capability.RECORDS_IMPORT)
def make_certificates(progress: Progress, *, organisation_id: int, unit_id: int | None, user_id: int) -> dict[str, Any]:
    """Make the certificates that a unit lacks."""
    organisation, now = Organisation.objects.get(pk=organisation_id), timezone.now()
    unit = Unit.objects.filter(organisation=organisation, pk=unit_id).first() if unit_id else None
    made = certificate_bundles.make_lacking(
        organisation, unit, by=User.objects.get(pk=user_id), at=now, progress=lambda done, total: progress(done, total, "Drawing")
    )
    return {"url": f"{reverse('courses:unit_certificates')}?unit={unit.pk if unit else ''}", "made": made}


@shared_task(name="courses.expire_record_imports")
def expire_record_imports() -> None:
    """Throw away uploads nobody decided about, and forget the refused rows of old imports."""
    record_imports.expire(at=timezone.now())


@shared_task(name="courses.hand_in_overdue")
def hand_in_overdue() -> int:
    """Hand in the timed quizzes that nobody came back to. Reading an attempt does the same, so a late run harms nobody."""
    return completions.hand_in_overdue(at=timezone.now())


@shared_task(name="courses.decide_reminders")
def decide_reminders() -> None:
    """Decide on the day's reminders of every organisation; what was decided today already stays as it is."""
    for organisation in Organisation.objects.order_by("pk"):
        reminders.decide(organisation, at=timezone.now())


@shared_task(name="courses.deliver_reminders")
def deliver_reminders() -> int:
    """Hand over one minute's reminders."""
    return reminders.deliver(at=timezone.now(), most=settings.REMINDERS_PER_MINUTE)
