"""An organisation's own counting rules, and training evidence frozen as it was taken."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from courses.models import Course
from evidence.models import Blob
from reporting.enums import Headline
from reporting.rates import percent_of
from reporting.rules import Rule, rule_from
from staff.models import Unit

if TYPE_CHECKING:
    from typing import Self


class CountingRuleQuerySet(models.QuerySet["CountingRule"]):
    def in_force(self, organisation: Organisation, key: str, on: date) -> CountingRule | None:
        """The rule of the key that holds on a date: the organisation's own before one for all, the newest before older."""
        rules = self.filter(Q(organisation=organisation) | Q(organisation=None), key=key, effective_on__lte=on)
        return rules.order_by(F("organisation").asc(nulls_last=True), "-effective_on", "-number").first()


class CountingRule(AppendOnlyModel):
    """One version of how completion is counted, from a date on. No organisation: for all. A change is a new row."""

    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="counting_rules")
    key = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    months = models.PositiveSmallIntegerField("months a completion counts")
    target = models.PositiveSmallIntegerField("per cent asked for", null=True, blank=True)
    employment_types = models.JSONField(null=True, blank=True, help_text="list of the types counted; null counts every type")
    units = models.JSONField(default=list, blank=True, help_text="ids of units, each with all below it; empty: all")
    only_with_access = models.BooleanField("only work with access to personal data", default=True)
    headline = models.CharField(max_length=10, choices=Headline, default=Headline.GROSS)
    courses = models.JSONField(default=list, blank=True, help_text="codes of which any one counts; empty: the course asked about")
    rationale = models.TextField()
    effective_on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = CountingRuleQuerySet.as_manager()

    class Meta:
        ordering = ["key", "number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "key", "number"], name="counting_rule_number_unique"),
            models.UniqueConstraint(
                fields=["key", "number"], condition=Q(organisation__isnull=True), name="counting_rule_number_unique_for_all"
            ),
            models.CheckConstraint(name="counting_rule_months", condition=Q(months__range=(1, 120))),
            models.CheckConstraint(
                name="counting_rule_target_is_percent", condition=Q(target__isnull=True) | Q(target__range=(0, 100))
            ),
            models.CheckConstraint(name="counting_rule_known_headline", condition=Q(headline__in=Headline.values)),
            models.CheckConstraint(name="counting_rule_has_rationale", condition=~Q(rationale="")),
        ]

    def __str__(self) -> str:
        return f"{self.key} version {self.number}"

    def as_rule(self) -> Rule:
        """The rule as a plain value."""
        named = dict(Unit.objects.filter(pk__in=self.units).values_list("pk", "name")) if self.units else {}
        whose = self.organisation.name if self.organisation is not None else "everybody"
        return rule_from(
            {
                "key": self.key,
                "title": self.title,
                "months": self.months,
                "target": self.target,
                "employment_types": "every" if self.employment_types is None else self.employment_types,
                "only_with_access": self.only_with_access,
                "headline": self.headline,
                "courses": self.courses,
                "units": self.units,
                "unit_names": [named.get(unit, "a unit that is no more") for unit in self.units],
                "source": f"rule of {whose}, version {self.number}, from {self.effective_on.isoformat()}",
            }
        )


class RateSnapshot(AppendOnlyModel):
    """The headline figure of a day and every unit's, as they were known on the night after it. For trends."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rate_snapshots")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    rule = models.JSONField()
    trained = models.PositiveIntegerField()
    in_scope = models.PositiveIntegerField()
    figures = models.JSONField(help_text="gross, net, everybody accounted for, and the units by their names then")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "course", "on"], name="rate_snapshot_once_a_day"),
            models.CheckConstraint(name="rate_snapshot_part_of_whole", condition=Q(trained__lte=F("in_scope"))),
        ]

    def __str__(self) -> str:
        return f"{self.course} on {self.on}"

    @property
    def percent(self) -> str | None:
        """The headline percentage, rounded down; None for nobody."""
        return percent_of(self.trained, self.in_scope)


class SmallNumberRule(AppendOnlyModel):
    """How many people a group must have before its figures are shown without names. A change is a new row."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="small_number_rules")
    fewest = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="small_number_rule_in_range", condition=Q(fewest__range=(2, 20))),
            models.CheckConstraint(name="small_number_rule_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"groups under {self.fewest} hidden"


class EvidenceSnapshotQuerySet(models.QuerySet["EvidenceSnapshot"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class EvidenceSnapshot(AppendOnlyModel):
    """Training evidence as it stood when it was taken: the rule, the figures, everybody counted, and the documents.

    The rows carry internal numbers and never names, so that they outlive an erasure.
    """

    request = models.UUIDField(unique=True, default=uuid.uuid4, help_text="one request makes one snapshot, however often it runs")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="evidence_snapshots")
    rule = models.JSONField()
    courses = models.JSONField(help_text="codes of which any one counts")
    as_of = models.DateField()
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    figures = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the reading, rows included")
    reading = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    rows = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    workbook = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    objects = EvidenceSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="snapshot_part_of_whole", condition=Q(numerator__lte=F("denominator"))),
            models.CheckConstraint(name="snapshot_digest_is_sha256", condition=Q(digest__regex=r"^[0-9a-f]{64}$")),
        ]
        indexes = [models.Index(fields=["organisation", "-taken_at"], name="snapshot_by_organisation")]

    def __str__(self) -> str:
        return f"{self.organisation} on {self.as_of}"

    @property
    def percent(self) -> str | None:
        """The headline percentage as it was shown, or None for nobody."""
        percent: str | None = self.figures["headline"]["percent"]
        return percent
