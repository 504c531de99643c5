"""Celery's entry points."""

from celery import shared_task
from django.utils import timezone

from accounts.models import Organisation
from registers.services.reminders import send_reminders


@shared_task(name="registers.send_reminders")
def remind_everybody() -> None:
    """Send every organisation's digests; a second run sends nothing twice."""
    for organisation in Organisation.objects.order_by("pk"):
        send_reminders(organisation, at=timezone.now())
