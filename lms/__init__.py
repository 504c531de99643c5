"""The project: joins the apps. It holds settings, addresses, the task queue's wiring and nothing of the domain."""

from lms.celery import app as celery_app

__all__ = ["celery_app"]
