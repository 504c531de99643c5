"""The choices of holds and runs."""

from django.db import models


class HoldScope(models.TextChoices):
    PERSON = "person", "One person"
    INCIDENT = "incident", "An incident, and the people who reported and handled it"
    YEAR = "year", "Everything of one assessment year"
    EVERYTHING = "everything", "Everything"


class RunState(models.TextChoices):
    ASKED = "asked", "Waits for approval"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    DONE = "done", "Done"


class CopyState(models.TextChoices):
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    GONE = "gone", "Deleted"
