"""What could go wrong, how likely and how bad it is, and what is done about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Prefetch, Q, Subquery

from audit.models import AppendOnlyModel
from registers.models.entries import EntryQuerySet, OwnedEntry
from registers.risk_matrix import Level, matrix
from staff.enums import KeyPostKind

if TYPE_CHECKING:
    from typing import Self


class RiskCategory(models.TextChoices):
    CYBER = "cyber", "Cyber attack"
    PEOPLE = "people", "People and training"
    PAPER = "paper", "Paper and places"
    DEVICES = "devices", "Devices and software"
    SUPPLIERS = "suppliers", "Suppliers"
    CONTINUITY = "continuity", "Keeping going"
    LAW = "law", "Data protection law"


class Treatment(models.TextChoices):
    REDUCE = "reduce", "Reduce it"
    ACCEPT = "accept", "Accept it"
    SHARE = "share", "Share it, for example by insurance or contract"
    STOP = "stop", "Stop what causes it"


class RiskQuerySet(EntryQuerySet):
    def with_newest(self) -> Self:
        """Each with its newest assessment at hand, the highest score first."""
        newest = RiskAssessment.objects.filter(risk=OuterRef("pk")).order_by("-number")
        score = newest.annotate(score=F("likelihood_after") * F("impact_after")).values("score")[:1]
        rows = RiskAssessment.objects.order_by("-number")
        return self.annotate(score=Subquery(score)).prefetch_related(Prefetch("assessments", rows)).order_by("-score", "pk")

    def due_for_review(self, on: date) -> Self:
        return self.filter(review_by__lt=on)


class Risk(OwnedEntry):
    """Something that could happen. Its scores are its assessments, of which the newest holds."""

    register_slug = "risks"
    changeable = (
        "title",
        "cause",
        "effect",
        "category",
        "owner_post",
        "controls",
        "treatment",
        "treatment_plan",
        "accepted_because",
        "accepted_by_post",
        "review_by",
    )

    title = models.CharField("What could happen?", max_length=200, help_text="For example: a phone with care notes is lost.")
    cause = models.TextField("What would cause it?", max_length=1000)
    effect = models.TextField("What would it mean for people and for us?", max_length=1000)
    category = models.CharField("Kind", max_length=12, choices=RiskCategory)
    controls = models.TextField("What is in place already?", max_length=2000)
    treatment = models.CharField("What do you do about it?", max_length=8, choices=Treatment, default=Treatment.REDUCE)
    treatment_plan = models.TextField("What is planned? (optional)", max_length=2000, blank=True)
    accepted_because = models.CharField("If it is accepted: why?", max_length=500, blank=True)
    accepted_by_post = models.CharField("If it is accepted: by whom?", max_length=30, choices=KeyPostKind, blank=True)
    review_by = models.DateField("Look at it again by")

    objects = RiskQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "title"], name="risk_title_unique"),
            models.CheckConstraint(name="risk_known_treatment", condition=Q(treatment__in=Treatment.values)),
            models.CheckConstraint(
                name="risk_accepted_by_somebody_for_a_reason",
                condition=~Q(treatment="accept") | (~Q(accepted_because="") & ~Q(accepted_by_post="")),
            ),
            models.CheckConstraint(
                name="risk_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        faults: dict[str, str] = {}
        if self.treatment == Treatment.ACCEPT:
            if not self.accepted_because:
                faults["accepted_because"] = "Say why it is accepted."
            if not self.accepted_by_post:
                faults["accepted_by_post"] = "Say in which post it was accepted."
        same = Risk.objects.filter(organisation_id=self.organisation_id, title=self.title).exclude(pk=self.pk)
        if self.title and same.exists():
            faults["title"] = f"“{self.title}” is in the register already. Change that entry, or give this one another name."
        if faults:
            raise ValidationError(faults)

    @property
    def newest(self) -> RiskAssessment | None:
        """The assessment that holds; costs no query after ``with_newest``."""
        return max(self.assessments.all(), key=lambda one: one.number, default=None)

    @property
    def likelihood_before(self) -> int | None:
        return self.newest.likelihood_before if self.newest else None

    @property
    def impact_before(self) -> int | None:
        return self.newest.impact_before if self.newest else None

    @property
    def likelihood_after(self) -> int | None:
        return self.newest.likelihood_after if self.newest else None

    @property
    def impact_after(self) -> int | None:
        return self.newest.impact_after if self.newest else None


class RiskAssessment(AppendOnlyModel):
    """How a risk was scored on a day, without and with what is in place. A review that finds no change is one too."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    assessed_on = models.DateField()
    likelihood_before = models.PositiveSmallIntegerField()
    impact_before = models.PositiveSmallIntegerField()
    likelihood_after = models.PositiveSmallIntegerField()
    impact_after = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["risk", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["risk", "number"], name="risk_assessment_number_unique"),
            models.CheckConstraint(
                name="risk_assessment_on_the_matrix",
                condition=Q(
                    likelihood_before__range=(1, 5),
                    impact_before__range=(1, 5),
                    likelihood_after__range=(1, 5),
                    impact_after__range=(1, 5),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.risk_id} assessment {self.number}"

    @property
    def before(self) -> Level:
        return matrix().level(self.likelihood_before, self.impact_before)

    @property
    def after(self) -> Level:
        return matrix().level(self.likelihood_after, self.impact_after)

    @property
    def score_before(self) -> int:
        return self.likelihood_before * self.impact_before

    @property
    def score_after(self) -> int:
        return self.likelihood_after * self.impact_after
