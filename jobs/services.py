"""Queueing, running and sweeping jobs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.policy import roles_with
from jobs.models import Job
from jobs.pacing import require_room
from jobs.registry import JobFailedError, Progress, handler_for, needed_for

logger = logging.getLogger(__name__)

RUN_TASK = "jobs.run"
MAX_ATTEMPTS = 3
LOST_IF_NOT_PICKED_UP = timedelta(seconds=60)
LOST_IF_SILENT = timedelta(minutes=5)
NO_LONGER = "You are no longer permitted to do this, so it was stopped."
SORRY = "Something went wrong while this was running. Try again; if it fails again, tell your administrator the job's number."


@transaction.atomic
def enqueue(
    kind: str, *, title: str, organisation: Organisation | None, by: User | None, arguments: Mapping[str, Any], at: datetime
) -> Job:
    """Write down work to be done, and wake a worker when the transaction commits.

    A broker that is away loses nothing: the sweeper finds the row. Asked for again by the same person before it has begun, the
    job that waits is returned.

    Raises:
        TooManyJobsError: the person, or their organisation, has too many (``jobs.pacing``).
    """
    handler_for(kind)
    if by is not None:
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        waiting = Job.objects.select_for_update(no_key=True).filter(
            kind=kind, organisation=organisation, created_by=by, state=Job.State.QUEUED
        )
        same = next((job for job in waiting if job.arguments == dict(arguments)), None)
        if same is not None:
            return same
        require_room(by, organisation=organisation, at=at)
    job = Job.objects.create(
        kind=kind, title=title, organisation=organisation, created_by=by, arguments=dict(arguments), created_at=at, queued_at=at
    )
    transaction.on_commit(partial(wake_worker, job.pk))
    return job


def wake_worker(job_id: int) -> None:
    """Send the job's number to the broker. Failing is harmless."""
    if not getattr(settings, "JOBS_ENQUEUE", True):
        return
    try:
        current_app.send_task(RUN_TASK, args=[job_id])
    except Exception:
        logger.warning("job %s could not be sent to the broker; the sweeper will send it again", job_id)


def run(job_id: int) -> Job | None:
    """Do one job, if nobody else has claimed it. A second delivery finds nothing to do and returns None."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=job_id, state=Job.State.QUEUED)
    if not waiting.update(state=Job.State.RUNNING, heartbeat_at=now, attempts=F("attempts") + 1):
        return None
    job = Job.objects.get(pk=job_id)
    try:
        _require_permission(job)
        result = handler_for(job.kind)(progress=_progress_of(job), **job.arguments)
    except JobFailedError as refusal:
        _finish(job_id, state=Job.State.FAILED, error=str(refusal))
    except Exception:
        logger.exception("job %s (%s) failed", job_id, job.kind)
        _finish(job_id, state=Job.State.FAILED, error=SORRY)
    else:
        _finish(job_id, state=Job.State.DONE, result=result)
    return Job.objects.get(pk=job_id)


def sweep(*, at: datetime) -> int:
    """Queue again what a dead worker or a lost broker left; give up after three tries. Returns how many were queued."""
    lost = Job.objects.silent_since(at - LOST_IF_SILENT)
    lost.filter(attempts__gte=MAX_ATTEMPTS).update(state=Job.State.FAILED, finished_at=at, error=SORRY)
    lost.filter(attempts__lt=MAX_ATTEMPTS).update(state=Job.State.QUEUED, queued_at=at - LOST_IF_NOT_PICKED_UP * 2)
    waiting = Job.objects.waiting_since(at - LOST_IF_NOT_PICKED_UP)
    ids = list(waiting.values_list("pk", flat=True))
    Job.objects.filter(pk__in=ids, state=Job.State.QUEUED).update(queued_at=at)
    for job_id in ids:
        wake_worker(job_id)
    return len(ids)


def _require_permission(job: Job) -> None:
    """Stop work of somebody who may no longer do it.

    Raises:
        JobFailedError: they may not.
    """
    needed = needed_for(job.kind)
    if not needed or job.organisation_id is None or job.created_by_id is None:
        return
    roles = {role for capability in needed for role in roles_with(capability)}
    standing = Membership.objects.standing(timezone.localdate()).filter(organisation=job.organisation_id, role__in=roles)
    if not standing.filter(user=job.created_by_id, user__is_active=True).exists():
        raise JobFailedError(NO_LONGER)


def _progress_of(job: Job) -> Progress:
    """Tells how far a job is so that everybody sees it, also from the middle of a transaction of the work.

    It stops the work of somebody who may no longer do it.

    What is written in a transaction is seen when it ends, so on PostgreSQL it is told by another connection. SQLite has
    one writer: there the page goes on showing what was told last before the transaction.
    """
    outside, job_id = _depth(), job.pk

    def tell(done: int, total: int, note: str = "") -> None:
        _require_permission(job)
        values = {"progress_done": done, "progress_total": total, "progress_note": note[:200], "heartbeat_at": timezone.now()}
        if connection.vendor == "postgresql" and _depth() > outside:
            _update_aside(job_id, values)
        else:
            Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(**values)

    return tell


def _depth() -> int:
    """How many transactions and savepoints are open."""
    return len(connection.savepoint_ids) + connection.in_atomic_block


def _update_aside(job_id: int, values: Mapping[str, Any]) -> None:
    """Update a job's row by a connection of its own. Progress is worth no failure: the work goes on without it."""
    aside = connection.copy()
    names = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in values)
    table = connection.ops.quote_name(Job._meta.db_table)
    try:
        with aside.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {names} WHERE id = %s AND state = %s",  # noqa: S608  the model's own names
                [*values.values(), job_id, Job.State.RUNNING],
            )
    except DatabaseError:
        logger.warning("the progress of job %s could not be told", job_id)
    finally:
        aside.close()


def _finish(job_id: int, **values: Any) -> None:
    Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(finished_at=timezone.now(), **values)
