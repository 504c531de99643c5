"""Policies: what an organisation asks of its staff, who approved it, when it was published, and who has read it.

What stands is computed from facts: a version is approved when an approval was given for exactly its present content, published
when there is a publication, superseded when a later version is published, withdrawn when its policy is.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.canonical import digest
from audit.models import AppendOnlyModel
from evidence.models import Blob, Document, DocumentKind, DocumentVersion
from staff.models import Person, Post

if TYPE_CHECKING:
    from typing import Self


class Audience(models.TextChoices):
    """Who is asked to read a version and to say so."""

    EVERYONE = "everyone", "Everybody in post"
    WITH_ACCESS = "with-access", "Everybody in post with access to personal data"
    NOBODY = "nobody", "Nobody needs to confirm"


class PolicyState(models.TextChoices):
    """Where a version stands. Computed, never stored."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class PolicyQuerySet(models.QuerySet["Policy"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def standing(self, on: date) -> Self:
        """Policies that nobody has withdrawn by the date."""
        return self.exclude(Exists(PolicyWithdrawal.objects.filter(policy=OuterRef("pk"), withdrawn_on__lte=on)))


class Policy(models.Model):
    """A policy, whatever version of it stands."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="policies")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=DocumentKind, default=DocumentKind.POLICY)
    template_code = models.CharField(max_length=60, blank=True)
    document = models.OneToOneField(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="policy")
    created_at = models.DateTimeField()

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(name="policy_has_title", condition=~Q(title="")),
            models.CheckConstraint(name="policy_known_kind", condition=Q(kind__in=DocumentKind.values)),
        ]
        indexes = [models.Index(fields=["organisation", "title"], name="policy_by_title")]

    def __str__(self) -> str:
        return self.title


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(policy__organisation=access.organisation)

    def published(self) -> Self:
        return self.filter(publication__isnull=False)

    def standing_on(self, on: date) -> Self:
        """The version of each policy that applies on the date: the last one published by then, of a policy not withdrawn."""
        withdrawn = PolicyWithdrawal.objects.filter(policy=OuterRef("policy"), withdrawn_on__lte=on)
        later = PolicyVersion.objects.filter(
            policy=OuterRef("policy"), number__gt=OuterRef("number"), publication__published_on__lte=on
        )
        return self.filter(~Exists(withdrawn), ~Exists(later), publication__published_on__lte=on)

    def asked_of(self, person: Person, on: date) -> Self:
        """Versions whose audience the person belongs to on the date; nobody who is not in post is asked anything."""
        posts = Post.objects.covering(on).filter(person=person)
        audiences = [Audience.EVERYONE] if posts.exists() else []
        if posts.with_access().exists():
            audiences.append(Audience.WITH_ACCESS)
        return self.filter(policy__organisation=person.organisation_id, audience__in=audiences)


class PolicyVersion(models.Model):
    """One version: text of ours, or a file. It may change until it is published, and never after."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField(blank=True, help_text="in the markup of registers.writing.markup")
    blob = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=255, blank=True)
    audience = models.CharField(max_length=20, choices=Audience, default=Audience.EVERYONE)
    days_to_read = models.PositiveSmallIntegerField(default=14)
    effective_on = models.DateField("in force from")
    review_by = models.DateField()
    change_note = models.CharField(max_length=300, blank=True)
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["policy", "number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number_unique"),
            models.CheckConstraint(
                name="policy_version_is_text_or_file",
                condition=(Q(blob__isnull=True, file_name="") & ~Q(body=""))
                | (Q(blob__isnull=False, body="") & ~Q(file_name="")),
            ),
            models.CheckConstraint(name="policy_version_reviewed_after_effect", condition=Q(review_by__gt=F("effective_on"))),
            models.CheckConstraint(name="policy_version_known_audience", condition=Q(audience__in=Audience.values)),
            models.CheckConstraint(name="policy_version_days_to_read", condition=Q(days_to_read__range=(1, 365))),
        ]

    def __str__(self) -> str:
        return f"{self.policy} version {self.number}"

    @property
    def digest(self) -> str:
        """What an approval is given for: a changed word, file, date or audience makes another digest."""
        content = {
            "title": self.policy.title,
            "number": self.number,
            "body": self.body,
            "file": self.blob_id or "",
            "audience": self.audience,
            "effective_on": self.effective_on.isoformat(),
            "review_by": self.review_by.isoformat(),
        }
        return digest(content)

    @property
    def approval(self) -> PolicyApproval | None:
        """The latest approval of exactly this content."""
        present = self.digest
        given = [approval for approval in self.approvals.all() if approval.digest == present]
        return max(given, key=lambda approval: approval.approved_at, default=None)

    @property
    def is_published(self) -> bool:
        return getattr(self, "publication", None) is not None

    def state(self, on: date) -> PolicyState:
        """Where the version stands on a date."""
        withdrawal: PolicyWithdrawal | None = getattr(self.policy, "withdrawal", None)
        if withdrawal is not None and withdrawal.withdrawn_on <= on:
            return PolicyState.WITHDRAWN
        if not self.is_published:
            return PolicyState.APPROVED if self.approval else PolicyState.DRAFT
        others = self.policy.versions.all()
        superseded = any(v.number > self.number and v.is_published and v.publication.published_on <= on for v in others)
        return PolicyState.SUPERSEDED if superseded else PolicyState.PUBLISHED

    def read_by(self, in_post_since: date) -> date:
        """The last day to read it for somebody in post since a day."""
        return max(self.publication.published_on, in_post_since) + timedelta(days=self.days_to_read)


class PolicyApproval(AppendOnlyModel):
    """Somebody answered for the content of a version, as it was."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_as = models.CharField(max_length=100, help_text="the post in which they approved")
    is_own_work = models.BooleanField("written and approved by one person", default=False)
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "approved_at"]
        constraints = [models.CheckConstraint(name="policy_approval_says_as_what", condition=~Q(approved_as=""))]

    def __str__(self) -> str:
        return f"{self.version} approved"


class PolicyPublication(AppendOnlyModel):
    """A version went out to its readers, and into the evidence library."""

    version = models.OneToOneField(PolicyVersion, on_delete=models.PROTECT, related_name="publication")
    approval = models.ForeignKey(PolicyApproval, on_delete=models.PROTECT, related_name="+")
    document_version = models.OneToOneField(DocumentVersion, on_delete=models.PROTECT, related_name="policy_publication")
    published_on = models.DateField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-published_at"]
        indexes = [models.Index(fields=["published_on"], name="policy_publication_by_date")]

    def __str__(self) -> str:
        return f"{self.version} published on {self.published_on}"


class PolicyWithdrawal(AppendOnlyModel):
    """A policy no longer applies, from a day on. What was read and when stays on record."""

    policy = models.OneToOneField(Policy, on_delete=models.PROTECT, related_name="withdrawal")
    withdrawn_on = models.DateField()
    reason = models.CharField(max_length=300)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.policy} withdrawn on {self.withdrawn_on}"


class Acknowledgement(AppendOnlyModel):
    """A member of staff said that they have read one version and will follow it."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="policy_acknowledgements")
    acknowledged_on = models.DateField()
    acknowledged_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "acknowledged_at"]
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="acknowledgement_once_per_version")]
        indexes = [models.Index(fields=["person", "version"], name="acknowledgement_by_person")]

    def __str__(self) -> str:
        return f"{self.version} read by person {self.person_id}"
