"""What an organisation decided about keeping, what it holds back, what went, and copies for the people it is about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from privacy.enums import CopyState, HoldScope, RunState
from registers.models import Incident
from staff.models import Person

if TYPE_CHECKING:
    from typing import Self


class KeepingChoice(AppendOnlyModel):
    """How long an organisation keeps one kind of thing, from now on. The last row of a rule stands."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="keeping_choices")
    rule = models.CharField(max_length=20)
    days = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(name="keeping_choice_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.rule} {self.days} days"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def holding(self, on: date) -> Self:
        """Holds that nobody has lifted and whose last day is not past."""
        return self.filter(Q(last_day__isnull=True) | Q(last_day__gte=on), lifted_at__isnull=True)


class LegalHold(models.Model):
    """Nothing it covers goes while it holds, whatever the rules say."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="legal_holds")
    scope = models.CharField(max_length=12, choices=HoldScope)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="legal_holds")
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.PROTECT, related_name="legal_holds")
    year = models.CharField(max_length=7, blank=True)
    reason = models.CharField(max_length=300)
    last_day = models.DateField(null=True, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=300, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-set_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="legal_hold_names_what_it_holds",
                condition=Q(scope="person", person__isnull=False, incident__isnull=True, year="")
                | Q(scope="incident", person__isnull=True, incident__isnull=False, year="")
                | (Q(scope="year", person__isnull=True, incident__isnull=True) & ~Q(year=""))
                | Q(scope="everything", person__isnull=True, incident__isnull=True, year=""),
            ),
            models.CheckConstraint(name="legal_hold_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """What it holds, in words."""
        if self.scope == HoldScope.PERSON:
            return str(self.person)
        if self.scope == HoldScope.INCIDENT and self.incident is not None:
            return f"Incident {self.incident.reference}, and the people who reported and handled it"
        return f"Everything of {self.year}" if self.scope == HoldScope.YEAR else "Everything"


class RetentionRunQuerySet(models.QuerySet["RetentionRun"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def open(self) -> Self:
        """Asked for or approved, and not done yet."""
        return self.filter(state__in=[RunState.ASKED, RunState.APPROVED])


class RetentionRun(models.Model):
    """One time that what is over goes: asked for by one person, approved by another, done by a job."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="retention_runs")
    on = models.DateField()
    state = models.CharField(max_length=10, choices=RunState, default=RunState.ASKED)
    digest = models.CharField(max_length=64)
    counts = models.JSONField(default=dict, help_text="by rule, what was to go when it was asked for")
    done = models.JSONField(default=dict, help_text="by rule, what went")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = RetentionRunQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state__in=["asked", "approved"]), name="retention_run_one_open"
            ),
            models.CheckConstraint(
                name="retention_run_approved_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"What was over on {self.on}"


class PersonCopyQuerySet(models.QuerySet["PersonCopy"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class PersonCopy(models.Model):
    """A copy of everything held about one person, made for that person. The file is deleted after days; the row stays."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="person_copies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="copies")
    state = models.CharField(max_length=10, choices=CopyState, default=CopyState.MAKING)
    stored_as = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict, help_text="rows by table")
    to_review = models.JSONField(default=list, help_text="registers whose entries somebody has to read by hand")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)

    objects = PersonCopyQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name_plural = "person copies"

    def __str__(self) -> str:
        return f"copy of what is held about person {self.person_id}"


class HeadReceiver(models.Model):
    """Somebody who gets the head of the organisation's audit trail by e-mail every day, so that it stands outside our database."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="head_receivers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="head_receiver_once")]

    def __str__(self) -> str:
        return f"{self.user} of {self.organisation}"


class HeadMail(AppendOnlyModel):
    """The head of a trail on its way to one receiver on one London day. Written before it goes, so that it goes once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="head_mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user", "on"], name="head_mail_once_a_day")]

    def __str__(self) -> str:
        return f"head {self.sequence} of {self.organisation} on {self.on}"
