"""The posts that may own a document: a post, not a name, so that it outlives whoever holds it."""

from __future__ import annotations

from datetime import date

from django.db import models

from accounts.models import Organisation
from staff.enums import KeyPostKind
from staff.models import KeyPost


class OwnerPost(models.TextChoices):
    """Key posts by their own names, and three kinds of post that the toolkit does not name."""

    SIRO = "siro", "Senior Information Risk Owner (SIRO)"
    CALDICOTT_GUARDIAN = "caldicott-guardian", "Caldicott Guardian"
    DPO = "dpo", "Data Protection Officer (DPO)"
    IG_LEAD = "ig-lead", "Information governance lead"
    DSPT_LEAD = "dspt-lead", "DSPT lead"
    REGISTERED_MANAGER = "registered-manager", "Registered manager"
    PARTNER = "partner", "Partner"
    HR = "hr", "HR"
    TRAINING_LEAD = "training-lead", "Training lead"
    IT = "it", "IT lead or IT supplier"


def holder_of(organisation: Organisation, owner_post: str, *, on: date) -> str:
    """Who holds the post on a date, by name; empty where nobody does, or where it is no key post."""
    if owner_post not in KeyPostKind.values:
        return ""
    held = KeyPost.objects.covering(on).filter(organisation=organisation, kind=owner_post).select_related("holder")
    return ", ".join(str(post.holder or post.holder_outside) for post in held)
