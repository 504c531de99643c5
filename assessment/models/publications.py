"""Signing and publishing: facts that are written once and never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access
from assessment.edition_format.words import LEVELS
from assessment.models.returns import Assessment, AssessmentTransition, Response
from audit.models import AppendOnlyModel
from evidence.models import Blob
from staff.models import KeyPost, Person

if TYPE_CHECKING:
    from typing import Self


class SignOff(AppendOnlyModel):
    """The signature of an accountable post-holder, or of their deputy, under one exact content. It stands only while that does."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="sign_offs")
    transition = models.OneToOneField(AssessmentTransition, on_delete=models.PROTECT, related_name="sign_off")
    key_post = models.ForeignKey(KeyPost, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    as_deputy = models.BooleanField("signed for the holder of the post", default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declaration = models.TextField()
    declaration_version = models.CharField(max_length=20)
    planned_publication_date = models.DateField()
    content_digest = models.CharField(max_length=64)
    computed_standard = models.CharField(max_length=12, choices=list(LEVELS.items()), blank=True)
    warnings = models.JSONField(default=list, help_text="[{code, text}], each acknowledged by the signer")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "pk"]

    def __str__(self) -> str:
        return f"sign-off of {self.assessment_id} on {self.at:%Y-%m-%d}"

    @property
    def capacity(self) -> str:
        """The post in which it was signed, or that it was signed for its holder."""
        post = self.key_post.get_kind_display()
        return f"deputy for the post of {post}" if self.as_deputy else post


NO_STANDARD = "No standard: an interim publication only records where you stand"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(assessment__in=Assessment.objects.visible_to(access))

    def before(self, publication: Publication) -> Self:
        """Earlier ones of the same organisation, newest first."""
        return self.filter(organisation=publication.organisation, sequence__lt=publication.sequence).order_by("-sequence")


class Publication(AppendOnlyModel):
    """A return frozen: one canonical document, the files it speaks of, and the hash of the publication before it.

    It proves and submits nothing: the national site knows nothing of it. One of an interim return has no standard.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="publications")
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="publication")
    sign_off = models.OneToOneField(SignOff, on_delete=models.PROTECT, related_name="publication")
    sequence = models.PositiveIntegerField()
    computed_standard = models.CharField(max_length=12, choices=list(LEVELS.items()), blank=True)
    trace = models.JSONField()
    document = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    document_sha256 = models.CharField(max_length=64)
    edition_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    published_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    is_locked = True
    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sequence"], name="publication_sequence_unique"),
            models.CheckConstraint(name="publication_known_standard", condition=Q(computed_standard__in=["", *LEVELS])),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.ods_code} {self.assessment.title} publication {self.sequence}"

    @property
    def standard_words(self) -> str:
        """The computed standard in words, or that there is none."""
        return self.get_computed_standard_display() or NO_STANDARD


class PublicationFile(AppendOnlyModel):
    """A file of a publication: where it lies in the pack and what its bytes are."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=100)
    title = models.CharField(max_length=300)

    class Meta:
        ordering = ["publication", "path"]
        constraints = [models.UniqueConstraint(fields=["publication", "path"], name="publication_file_path_unique")]

    def __str__(self) -> str:
        return self.path


class Transcription(AppendOnlyModel):
    """That an answer of a publication was keyed into the national site, or that this was a mistake. The newest row stands."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="transcriptions")
    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="+")
    is_entered = models.BooleanField()
    note = models.CharField("what differs there", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["publication", "pk"]
        indexes = [models.Index(fields=["publication", "response"], name="transcription_by_response")]

    def __str__(self) -> str:
        return f"response {self.response_id} {'entered' if self.is_entered else 'not entered'}"


class OfficialStatus(AppendOnlyModel):
    """What the national site showed for a year, as somebody here saw it. It never changes what we computed."""

    class Status(models.TextChoices):
        NOT_PUBLISHED = "Not Published", "Not Published"
        NOT_MET = "Standards Not Met", "Standards Not Met"
        APPROACHING = "Approaching Standards", "Approaching Standards"
        MET = "Standards Met", "Standards Met"
        EXCEEDED = "Standards Exceeded", "Standards Exceeded"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="official_statuses")
    year = models.CharField(max_length=7)
    status = models.CharField(max_length=40, choices=Status)
    recorded_on = models.DateField("day it was seen on the national site")
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "year", "pk"]
        verbose_name_plural = "official statuses"

    def __str__(self) -> str:
        return f"{self.year}: {self.status}"
