"""Background work of this app."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from jobs.registry import JobFailedError, Progress, handles
from reporting.readings import UnknownCourseError
from reporting.services import take_snapshot
from reporting.trend import keep_rate, needed_courses

TAKE_SNAPSHOT = "reporting.take_snapshot"


@handles(TAKE_SNAPSHOT)
def take_snapshot_job(progress: Progress, *, organisation_id: int, user_id: int, as_of: str, request: str) -> dict[str, Any]:
    """Freeze the training evidence of a day; a second run finds it there."""
    try:
        snapshot = take_snapshot(
            Organisation.objects.get(pk=organisation_id),
            on=date.fromisoformat(as_of),
            by=User.objects.get(pk=user_id),
            at=timezone.now(),
            request=uuid.UUID(request),
            progress=progress,
        )
    except UnknownCourseError as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("reporting:snapshot_detail", kwargs={"snapshot_id": snapshot.pk})}


@shared_task(name="reporting.keep_rates")
def keep_rates() -> None:
    """Record yesterday's figures of every organisation and every course somebody needs; a second run finds them there."""
    yesterday = timezone.localdate() - timedelta(days=1)
    for organisation in Organisation.objects.order_by("pk"):
        for course in needed_courses(organisation, yesterday):
            keep_rate(organisation, course, on=yesterday, at=timezone.now())
