"""Background work on what is kept."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from jobs.registry import JobFailedError, Progress, handles
from privacy.copies import COPY, expire_copies, make_copy
from privacy.heads import mail_heads, mail_platform_head
from privacy.models import PersonCopy, RetentionRun
from privacy.services import FORGET, KeepingRefusedError, give_up, let_go


@handles(FORGET)
def forget(progress: Progress, *, run_id: int) -> dict[str, Any]:
    """Let go what an approved run covers."""
    run = RetentionRun.objects.get(pk=run_id)
    try:
        let_go(run, at=timezone.now(), progress=progress)
    except KeepingRefusedError as refusal:
        give_up(run, at=timezone.now())
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("privacy:run_detail", kwargs={"retention_run_id": run_id})}


@handles(COPY, Capability.PRIVACY_COPY)
def copy_person(progress: Progress, *, copy_id: int) -> dict[str, Any]:
    """Make a copy of what is held about a person."""
    copy = PersonCopy.objects.select_related("organisation", "person__organisation", "person__user").get(pk=copy_id)
    make_copy(copy, at=timezone.now(), progress=progress)
    return {"url": reverse("privacy:copy_list", kwargs={"person_id": copy.person_id})}


@shared_task(name="privacy.expire_copies")
def expire_old_copies() -> None:
    """Delete copies of what is held about people when their days are over."""
    expire_copies(at=timezone.now())


@shared_task(name="privacy.mail_heads")
def mail_trail_heads() -> None:
    """Send the head of every organisation's audit trail, and of the installation's, to those who receive it, once a day."""
    mail_platform_head(at=timezone.now())
    mail_heads(at=timezone.now())
