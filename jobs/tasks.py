"""Celery's entry points."""

from celery import shared_task
from django.utils import timezone

from jobs import services


@shared_task(name=services.RUN_TASK)
def run_job(job_id: int) -> None:
    """Do one job; a second delivery finds nothing to do."""
    services.run(job_id)


@shared_task(name="jobs.sweep")
def sweep_jobs() -> None:
    """Queue again what was lost."""
    services.sweep(at=timezone.now())
