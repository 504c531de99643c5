"""What a directory tells us by SCIM: its token, and the sign-ins it has made."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from accounts.models import Organisation
from accounts.policy import Access

if TYPE_CHECKING:
    from typing import Self


class JoinerTokenQuerySet(models.QuerySet["JoinerToken"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def live(self) -> Self:
        """Tokens that still let a directory in."""
        return self.filter(revoked_at__isnull=True)


class JoinerToken(models.Model):
    """What lets one directory tell us who joins one organisation. Only its digest is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="joiner_tokens")
    name = models.CharField(max_length=100)
    directory = models.CharField("the directory whose identifiers it sends as externalId", max_length=30, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = JoinerTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class JoinerQuerySet(models.QuerySet["Joiner"]):
    def present(self) -> Self:
        """Those the directory has not deleted."""
        return self.filter(deleted_at__isnull=True)

    def shut_out(self) -> Self:
        """Those the directory has deactivated or deleted."""
        return self.filter(Q(is_active=False) | Q(deleted_at__isnull=False))


class Joiner(models.Model):
    """A sign-in as one organisation's directory knows it. While it is not active there, no role in the organisation counts."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="joiners")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="joiners")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=254, blank=True)
    given_name = models.CharField(max_length=150, blank=True)
    family_name = models.CharField(max_length=150, blank=True)
    email = models.CharField(max_length=254, blank=True)
    staff_number = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = JoinerQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(F("organisation"), Lower("user_name"), name="joiner_user_name_unique_in_organisation"),
            models.UniqueConstraint(fields=["organisation", "user"], name="joiner_one_per_user_and_organisation"),
            models.CheckConstraint(name="joiner_has_user_name", condition=~Q(user_name="")),
        ]

    def __str__(self) -> str:
        return self.user_name


def shut_out_of(user: str, organisation: str) -> Exists:
    """Whether the user is one whom the organisation's directory has deactivated, for a query's two columns."""
    return Exists(Joiner.objects.shut_out().filter(user=OuterRef(user), organisation=OuterRef(organisation)))
