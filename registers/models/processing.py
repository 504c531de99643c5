"""What the organisation does with personal data: the record of processing activities."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from registers.models.dpias import Dpia
from registers.models.entries import Entry, EntryQuerySet

if TYPE_CHECKING:
    from typing import Self


class DataRole(models.TextChoices):
    CONTROLLER = "controller", "Controller: we decide why and how"
    JOINT = "joint", "Joint controller: we decide with somebody else"
    PROCESSOR = "processor", "Processor: we act for somebody else"


class LawfulBasis(models.TextChoices):
    """Article 6(1) of the UK GDPR. Recognised legitimate interest is 6(1)(ea), added by the Data (Use and Access) Act 2025."""

    CONSENT = "consent", "Consent, 6(1)(a)"
    CONTRACT = "contract", "Contract, 6(1)(b)"
    LEGAL_OBLIGATION = "legal-obligation", "Legal obligation, 6(1)(c)"
    VITAL_INTERESTS = "vital-interests", "Vital interests, 6(1)(d)"
    PUBLIC_TASK = "public-task", "Public task, 6(1)(e)"
    RECOGNISED_INTEREST = "recognised-interest", "Recognised legitimate interest, 6(1)(ea)"
    LEGITIMATE_INTERESTS = "legitimate-interests", "Legitimate interests, 6(1)(f)"


class SpecialCondition(models.TextChoices):
    """Article 9(2) of the UK GDPR."""

    NONE = "none", "No special category data"
    EXPLICIT_CONSENT = "explicit-consent", "Explicit consent, 9(2)(a)"
    EMPLOYMENT = "employment", "Employment and social security law, 9(2)(b)"
    VITAL_INTERESTS = "vital-interests", "Vital interests, 9(2)(c)"
    NOT_FOR_PROFIT = "not-for-profit", "Not-for-profit body, 9(2)(d)"
    PUBLIC = "made-public", "Made public by the person, 9(2)(e)"
    LEGAL_CLAIMS = "legal-claims", "Legal claims, 9(2)(f)"
    PUBLIC_INTEREST = "public-interest", "Substantial public interest, 9(2)(g)"
    CARE = "care", "Health or social care, 9(2)(h)"
    PUBLIC_HEALTH = "public-health", "Public health, 9(2)(i)"
    RESEARCH = "research", "Archiving, research or statistics, 9(2)(j)"


class ProcessingQuerySet(EntryQuerySet):
    def due_for_review(self, on: date) -> Self:
        return self.filter(review_by__lt=on)


class ProcessingActivity(Entry):
    """One thing done with personal data, with what Article 30 of the UK GDPR asks to be recorded of it."""

    register_slug = "processing"
    changeable = (
        "name",
        "purpose",
        "role",
        "acts_for",
        "lawful_basis",
        "special_condition",
        "people",
        "data",
        "recipients",
        "abroad",
        "retention",
        "security",
        "owner_post",
        "dpia",
        "review_by",
    )

    name = models.CharField(
        "What do you call it?", max_length=200, help_text="For example: care records, staff files, CCTV at the front door."
    )
    purpose = models.TextField("Why do you do it?", max_length=1000)
    role = models.CharField("What are you in this?", max_length=12, choices=DataRole, default=DataRole.CONTROLLER)
    acts_for = models.CharField(
        "With or for whom?", max_length=300, blank=True, help_text="If you decide jointly, or act for somebody else."
    )
    lawful_basis = models.CharField("Lawful basis", max_length=24, choices=LawfulBasis)
    special_condition = models.CharField(
        "Condition for special category data",
        max_length=20,
        choices=SpecialCondition,
        help_text="Health, ethnicity, beliefs, sexual life, trade union membership, genetics, biometrics.",
    )
    people = models.CharField("Whose data?", max_length=300, help_text="For example: people we support, their relatives, staff.")
    data = models.CharField(
        "What data?", max_length=500, help_text="Kinds of data, for example contact details, care plans, pay."
    )
    recipients = models.CharField("Who else gets it?", max_length=500, help_text="Say nobody if it stays with you.")
    abroad = models.CharField(
        "Does it leave the UK?",
        max_length=500,
        help_text="Say no, or where it goes and what protects it there, such as an adequacy decision.",
    )
    retention = models.CharField("How long is it kept?", max_length=300)
    security = models.TextField("How is it kept safe?", max_length=1000)
    owner_post = models.CharField("Who is answerable for it?", max_length=100, help_text="A post rather than a name.")
    dpia = models.ForeignKey(
        Dpia,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name="Its impact assessment (DPIA), if there is one (optional)",
    )
    review_by = models.DateField("Look at it again by")

    objects = ProcessingQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "name", "pk"]
        verbose_name_plural = "processing activities"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="processing_name_unique"),
            models.CheckConstraint(name="processing_known_basis", condition=Q(lawful_basis__in=LawfulBasis.values)),
            models.CheckConstraint(name="processing_known_condition", condition=Q(special_condition__in=SpecialCondition.values)),
            models.CheckConstraint(
                name="processing_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        faults: dict[str, str] = {}
        if self.role and self.role != DataRole.CONTROLLER and not self.acts_for:
            faults["acts_for"] = "Say with whom you decide, or for whom you act."
        same = ProcessingActivity.objects.filter(organisation_id=self.organisation_id, name=self.name).exclude(pk=self.pk)
        if self.name and same.exists():
            faults["name"] = f"“{self.name}” is in the register already. Change that entry, or give this one another name."
        if faults:
            raise ValidationError(faults)
