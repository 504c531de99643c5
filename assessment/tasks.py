"""Celery's entry points."""

from celery import shared_task
from django.utils import timezone

from assessment.services.engaging import tell_of_endings


@shared_task(name="assessment.tell_of_endings")
def tell_that_audits_end() -> None:
    """Tell both sides of audits that end within the week; a second run tells nobody twice."""
    tell_of_endings(at=timezone.now())
