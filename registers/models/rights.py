"""Rights requests and data protection complaints: what came, and every step taken with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion

if TYPE_CHECKING:
    from typing import Self


class MatterKind(models.TextChoices):
    """What somebody asks. The articles are those of the UK GDPR."""

    ACCESS = "access", "See or get a copy of their information (article 15)"
    RECTIFICATION = "rectification", "Have something put right (article 16)"
    ERASURE = "erasure", "Have something deleted (article 17)"
    RESTRICTION = "restriction", "Have its use limited (article 18)"
    PORTABILITY = "portability", "Have it handed over to somebody else (article 20)"
    OBJECTION = "objection", "Object to its use (article 21)"
    AUTOMATED = "automated", "Have a person look at an automatic decision (articles 22A to 22D)"
    COMPLAINT = "complaint", "Complain about how their information was used"


class Way(models.TextChoices):
    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"
    PHONE = "phone", "Phone"
    IN_PERSON = "in-person", "In person"
    FORM = "form", "A form on the web"
    OTHER = "other", "Another way"


class MatterQuerySet(models.QuerySet["Matter"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def with_steps(self) -> Self:
        """Each with its steps, in the order they were taken."""
        return self.prefetch_related(Prefetch("steps", queryset=MatterStep.objects.order_by("on", "pk").select_related("by")))


class Matter(models.Model):
    """A rights request or a complaint. Nobody's name is needed: a reference, and initials if they help."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="matters")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=15, choices=MatterKind)
    initials = models.CharField(max_length=6, blank=True)
    received_on = models.DateField()
    way = models.CharField(max_length=10, choices=Way)
    about = models.TextField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "-number"]
        verbose_name = "rights request or complaint"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="matter_number_unique"),
            models.CheckConstraint(name="matter_known_kind", condition=Q(kind__in=MatterKind.values)),
            models.CheckConstraint(name="matter_known_way", condition=Q(way__in=Way.values)),
        ]
        indexes = [models.Index(fields=["organisation", "-received_on"], name="matter_by_day")]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_complaint(self) -> bool:
        return self.kind == MatterKind.COMPLAINT

    @property
    def reference(self) -> str:
        """``REQ-0003`` or ``COM-0004``: one row of numbers for both."""
        return f"{'COM' if self.is_complaint else 'REQ'}-{self.number:04d}"


class StepKind(models.TextChoices):
    IDENTITY_ASKED = "identity-asked", "We asked who they are"
    IDENTITY_SHOWN = "identity-shown", "They showed who they are"
    CLARITY_ASKED = "clarity-asked", "We asked what they mean"
    CLARITY_GIVEN = "clarity-given", "They told us what they mean"
    EXTENDED = "extended", "We told them that we need two more months, and why"
    ACKNOWLEDGED = "acknowledged", "We told them that we have the complaint"
    PROGRESS = "progress", "We told them how it goes"
    ANSWERED = "answered", "We answered"
    LESSON = "lesson", "What we learnt"


class MatterPaper(AppendOnlyModel):
    """A document that belongs to a request, such as the letter and the answer."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["matter", "pk"]
        constraints = [models.UniqueConstraint(fields=["matter", "document"], name="matter_paper_once")]

    def __str__(self) -> str:
        return f"{self.document} of matter {self.matter_id}"


class Outcome(models.TextChoices):
    DONE = "done", "Done as asked"
    PARTLY = "partly", "Done in part"
    REFUSED = "refused", "Refused"
    UPHELD = "upheld", "Complaint upheld"
    PARTLY_UPHELD = "partly-upheld", "Complaint upheld in part"
    NOT_UPHELD = "not-upheld", "Complaint not upheld"
    WITHDRAWN = "withdrawn", "Taken back by them"


class MatterStep(AppendOnlyModel):
    """Something that was done or came in, on a day."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=15, choices=StepKind)
    on = models.DateField()
    outcome = models.CharField(max_length=15, choices=Outcome, blank=True)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["matter", "on", "pk"]
        constraints = [
            models.CheckConstraint(name="matter_step_known_kind", condition=Q(kind__in=StepKind.values)),
            models.CheckConstraint(
                name="matter_step_outcome_iff_answered",
                condition=(Q(kind="answered", outcome__in=Outcome.values)) | (~Q(kind="answered") & Q(outcome="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, matter {self.matter_id}"
