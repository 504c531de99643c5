"""The Celery application. Tasks live in each app's ``tasks`` module; their state lives in ``jobs.Job`` rows."""

import os
from pathlib import Path

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.embedded")

app = Celery("tenfold")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def prepare_broker_folders() -> None:
    """Make the folders of the filesystem broker, when that is the broker in use."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for key in ("data_folder_in", "data_folder_out", "control_folder"):
        if key in options:
            Path(str(options[key])).mkdir(parents=True, exist_ok=True)


prepare_broker_folders()
