"""Samples that an auditor draws from the people behind a training figure, and what looking at them came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.policy import Access
from assessment.models.engagements import Engagement
from assessment.models.returns import Assessment, LiveReading
from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from typing import Self


class AuditSampleQuerySet(models.QuerySet["AuditSample"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(assessment__in=Assessment.objects.visible_to(access))


class AuditSample(AppendOnlyModel):
    """So many people drawn from a kept reading. ``seed`` and ``algorithm`` draw the same people again from the reading's rows."""

    class Population(models.TextChoices):
        COUNTED = "counted", "The people counted as trained"
        IN_SCOPE = "in-scope", "Everybody in the figure, trained or not"

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="audit_samples")
    engagement = models.ForeignKey(Engagement, null=True, on_delete=models.PROTECT, related_name="+")
    reading = models.ForeignKey(LiveReading, on_delete=models.PROTECT, related_name="+")
    population = models.CharField(max_length=8, choices=Population)
    population_size = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = AuditSampleQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [
            models.CheckConstraint(
                name="audit_sample_within_its_population", condition=Q(size__gte=1, size__lte=F("population_size"))
            ),
            models.CheckConstraint(name="audit_sample_can_be_drawn_again", condition=~Q(seed="") & ~Q(algorithm="")),
        ]

    def __str__(self) -> str:
        return f"{self.size} of {self.population_size}"


class SampledPerson(AppendOnlyModel):
    """One person of a sample, by the number that stands for them, with what our records said when the sample was drawn."""

    sample = models.ForeignKey(AuditSample, on_delete=models.PROTECT, related_name="people")
    n = models.PositiveIntegerField()
    person = models.PositiveBigIntegerField("internal number, as in the reading's rows")
    facts = models.JSONField()

    class Meta:
        ordering = ["sample", "n"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "n"], name="sampled_person_has_one_place"),
            models.UniqueConstraint(fields=["sample", "person"], name="sampled_person_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"person:{self.person}"


class SampleCheck(AppendOnlyModel):
    """What an auditor saw of one sampled person: whether it agrees with the records. The newest one stands."""

    sampled = models.ForeignKey(SampledPerson, on_delete=models.PROTECT, related_name="checks")
    agrees = models.BooleanField()
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["sampled", "pk"]
        constraints = [models.CheckConstraint(name="sample_check_says_why", condition=Q(agrees=True) | ~Q(text=""))]

    def __str__(self) -> str:
        return "agrees" if self.agrees else f"does not agree: {self.text}"
