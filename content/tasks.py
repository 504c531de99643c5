"""Background entry points of the CMS."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="content.publish_scheduled")
def publish_scheduled() -> None:
    """Publish the drafts whose time has come, and take down what has run out. A second run finds nothing to do."""
    call_command("publish_scheduled")
