"""Certificates as issued, the keys that documents are signed with, and the issuers elsewhere whose keys we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from courses.models.facts import Completion
from evidence.models import Blob

if TYPE_CHECKING:
    from typing import Self


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def visible_to(self, access: Access) -> Self:
        """One's own certificates."""
        return self.filter(completion__person__user=access.user, completion__person__organisation=access.organisation)

    def newest(self) -> Self:
        """The last certificate of each completion."""
        later = Certificate.objects.filter(completion=OuterRef("completion"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))


class Certificate(AppendOnlyModel):
    """A document about a completion, frozen as issued: its facts and its very bytes.

    When the holder's name changes, the next one is issued for the same completion, and those before it stand as replaced.
    """

    erasable = ("facts",)

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="certificates")
    number = models.PositiveSmallIntegerField("which one of its completion", default=1)
    serial = models.CharField(max_length=20, unique=True)
    token = models.CharField(max_length=43, unique=True, help_text="unguessable; in the verification address")
    facts = models.JSONField()
    pdf = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    objects = CertificateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["completion", "number"], name="certificate_number_unique"),
            models.CheckConstraint(name="certificate_number_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return self.serial


class SigningKey(AppendOnlyModel):
    """The public half of a key that this installation has signed with. It is kept for ever: what it signed stays checkable."""

    kid = models.CharField("thumbprint", max_length=43, unique=True, help_text="RFC 7638, SHA-256")
    public_key = models.CharField(max_length=43, help_text="Ed25519, base64url")
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kid


class KnownIssuerQuerySet(models.QuerySet["KnownIssuer"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def trusted(self) -> Self:
        """Those whose key somebody vouches for today."""
        return self.filter(ended_at__isnull=True)


class KnownIssuer(models.Model):
    """An organisation elsewhere whose key somebody here compared and vouches for."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="known_issuers")
    name = models.CharField(max_length=200)
    kid = models.CharField("thumbprint", max_length=43)
    public_key = models.CharField(max_length=43, help_text="Ed25519, base64url")
    how_checked = models.CharField(max_length=300)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = KnownIssuerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kid"], condition=Q(ended_at__isnull=True), name="known_issuer_key_once"
            ),
            models.CheckConstraint(name="known_issuer_says_how_checked", condition=~Q(how_checked="")),
        ]

    def __str__(self) -> str:
        return self.name
