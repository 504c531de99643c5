"""The saved ways of reading an organisation's HR files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.services import record
from staff.models import ImportProfile


class ProfileRefusedError(ValueError):
    """The saved columns cannot be named so; the text says why."""


@transaction.atomic
def rename_profile(profile: ImportProfile, *, name: str, by: Any, at: datetime) -> ImportProfile:
    """Give saved columns another name. The same name does nothing.

    Raises:
        ProfileRefusedError: there is no name, or others have it.
    """
    name = " ".join(name.split())[:100]
    if not name:
        raise ProfileRefusedError("Give the columns a name.")
    profile = ImportProfile.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=profile.pk)
    if profile.name == name:
        return profile
    others = ImportProfile.objects.filter(organisation=profile.organisation, name__iexact=name).exclude(pk=profile.pk)
    if others.exists():
        raise ProfileRefusedError("Other saved columns have this name already. Choose another.")
    profile.name = name
    profile.save(update_fields=["name"])
    record("staff.profile_renamed", organisation=profile.organisation, by=by, target=profile, at=at)
    return profile


@transaction.atomic
def delete_profile(profile: ImportProfile, *, by: Any, at: datetime) -> None:
    """Forget saved columns. What was imported with them stays."""
    record("staff.profile_deleted", organisation=profile.organisation, by=by, target=profile, at=at)
    profile.delete()
