"""Incidents and near misses: the report as it came, and the facts that were added to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from evidence.models import DocumentVersion
from staff.models import Unit

if TYPE_CHECKING:
    from typing import Self


class IncidentKind(models.TextChoices):
    INCIDENT = "incident", "It happened"
    NEAR_MISS = "near-miss", "It nearly happened"


class Nature(models.TextChoices):
    """What kind of thing went wrong, in the words of whoever reports it."""

    WRONG_PERSON = "wrong-person", "Something was sent, given or told to the wrong person"
    LOST = "lost", "Papers, a phone or another device were lost or stolen"
    LOOKED = "looked", "Somebody looked at records without a reason"
    WRONG_RECORD = "wrong-record", "Something was written in the wrong record, or a record is wrong"
    NOT_AVAILABLE = "not-available", "Records or a system could not be reached"
    SCAM = "scam", "A suspicious e-mail, call, message or link"
    PASSWORD = "password", "A password, code or card was shared"
    DISPOSAL = "disposal", "Papers or equipment were thrown away unsafely"
    OTHER = "other", "Something else"


class Whose(models.TextChoices):
    SUPPORTED = "supported", "People we care for or support"
    STAFF = "staff", "Staff"
    BOTH = "both", "Both"
    NOBODY = "nobody", "Nobody"
    UNKNOWN = "unknown", "I do not know"


class Source(models.TextChoices):
    """How a report came. Of the last two nothing is kept that says from whom."""

    NAMED = "named", "By somebody signed in"
    UNNAMED = "unnamed", "By somebody signed in who gave no name"
    LINK = "link", "Through the address on the poster"


class ReportingLinkQuerySet(models.QuerySet["ReportingLink"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def current(self) -> Self:
        return self.filter(ended_at__isnull=True)


class ReportingLink(models.Model):
    """The address at which anybody may report to one organisation without signing in.

    It counts the codes asked for in the present hour, so that guessing is slowed without keeping an address of anybody.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reporting_links")
    token = models.CharField(max_length=43, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    asked_hour = models.DateTimeField(null=True, blank=True)
    asked_count = models.PositiveIntegerField(default=0)

    objects = ReportingLinkQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_at__isnull=True), name="reporting_link_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"Reporting address of {self.organisation}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, access: Access) -> Self:
        """Every report to those who see them all; to others the ones they sent under their name."""
        mine = self.filter(organisation=access.organisation)
        return mine if access.can(Capability.INCIDENTS_VIEW) else mine.filter(reported_by=access.user)

    def with_facts(self) -> Self:
        """Each with everything added to it, in the order it was added."""
        names = ("assessments", "decisions", "notifications", "learnings", "turns")
        models_by_name = (BreachAssessment, NotificationDecision, Notification, Learning, IncidentTurn)
        facts = (model.objects.order_by("pk") for model in models_by_name)
        return self.prefetch_related(*(Prefetch(name, queryset=rows) for name, rows in zip(names, facts, strict=True)))

    def reported_between(self, since: datetime, until: datetime) -> Self:
        """Reported in ``[since, until)``."""
        return self.filter(reported_at__gte=since, reported_at__lt=until)


class Incident(models.Model):
    """A report. Its words may be made anonymous afterwards; what was decided about it stands in rows of its own.

    Where no name was given, times are kept to the hour and no user, address or session is kept at all.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="incidents")
    number = models.PositiveIntegerField()
    submission_key = models.UUIDField(unique=True)
    code_digest = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents_reported"
    )
    reported_at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=IncidentKind)
    nature = models.CharField(max_length=20, choices=Nature)
    what_happened = models.TextField()
    what_was_done = models.TextField(blank=True)
    happened_on = models.DateField(null=True, blank=True)
    noticed_at = models.DateTimeField()
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="incidents")
    whose = models.CharField(max_length=10, choices=Whose)
    people_affected = models.PositiveIntegerField(null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-reported_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="incident_number_unique"),
            models.CheckConstraint(name="incident_known_kind", condition=Q(kind__in=IncidentKind.values)),
            models.CheckConstraint(name="incident_known_nature", condition=Q(nature__in=Nature.values)),
            models.CheckConstraint(name="incident_known_whose", condition=Q(whose__in=Whose.values)),
            models.CheckConstraint(
                name="incident_reporter_iff_named",
                condition=Q(source="named", reported_by__isnull=False)
                | Q(source__in=["unnamed", "link"], reported_by__isnull=True),
            ),
            models.CheckConstraint(name="incident_has_words", condition=~Q(what_happened="")),
        ]
        indexes = [
            models.Index(fields=["organisation", "-reported_at"], name="incident_by_day"),
            models.Index(fields=["organisation", "code_digest"], name="incident_by_code"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """``INC-0007``; numbers begin anew in each organisation."""
        return f"INC-{self.number:04d}"

    @property
    def is_near_miss(self) -> bool:
        return self.kind == IncidentKind.NEAR_MISS

    @property
    def is_anonymous(self) -> bool:
        return self.source != Source.NAMED


class Fact(AppendOnlyModel):
    """Something that was decided, done or written down about an incident, by whom and when."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True


class BreachRole(models.TextChoices):
    CONTROLLER = "controller", "Ours: we decide why and how it is used"
    PROCESSOR = "processor", "Somebody else’s: we handle it for them"


class BreachAssessment(Fact):
    """What an incident is and how it weighs on the grid. The newest counts."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="assessments")
    is_breach = models.BooleanField("personal information was affected")
    confidentiality = models.BooleanField(default=False)
    integrity = models.BooleanField(default=False)
    availability = models.BooleanField(default=False)
    role = models.CharField(max_length=10, choices=BreachRole, default=BreachRole.CONTROLLER)
    aware_at = models.DateTimeField()
    vulnerable = models.BooleanField("vulnerable people are affected", default=False)
    likelihood = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    grid = models.CharField(max_length=30)
    reason = models.TextField()

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [
            models.CheckConstraint(
                name="breach_assessment_on_the_grid", condition=Q(likelihood__range=(1, 5), impact__range=(1, 5))
            ),
            models.CheckConstraint(name="breach_assessment_known_role", condition=Q(role__in=BreachRole.values)),
            models.CheckConstraint(
                name="breach_assessment_says_of_what",
                condition=Q(is_breach=False) | Q(confidentiality=True) | Q(integrity=True) | Q(availability=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Assessment of incident {self.incident_id}"

    @property
    def categories(self) -> list[str]:
        """Which of the three were hurt, as words."""
        return [name for name in ("confidentiality", "integrity", "availability") if getattr(self, name)]


class NotificationDecision(Fact):
    """Whether the ICO and the people affected are told, and why. The newest counts."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    tell_ico = models.BooleanField()
    tell_people = models.BooleanField()
    reason = models.TextField()

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [models.CheckConstraint(name="notification_decision_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"Decision on incident {self.incident_id}"


class Recipient(models.TextChoices):
    ICO = "ico", "The ICO (also through the national reporting tool)"
    PEOPLE = "people", "The people affected"
    CONTROLLER = "controller", "The organisation whose information it is"
    COMMISSIONER = "commissioner", "A commissioner (council or NHS)"
    CQC = "cqc", "The Care Quality Commission"
    POLICE = "police", "The police"
    OTHER = "other", "Somebody else"


class Notification(Fact):
    """Somebody outside was told."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notifications")
    recipient = models.CharField(max_length=15, choices=Recipient)
    told_at = models.DateTimeField()
    how = models.CharField("how, and under which reference", max_length=300)
    late_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["incident", "told_at", "pk"]
        constraints = [
            models.CheckConstraint(name="notification_known_recipient", condition=Q(recipient__in=Recipient.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_recipient_display()} told of incident {self.incident_id}"


class Theme(models.TextChoices):
    CHECKING = "checking", "Checking names and addresses"
    DEVICES = "devices", "Looking after devices and papers"
    ACCESS = "access", "Who may see what"
    PASSWORDS = "passwords", "Passwords and signing in"
    SCAMS = "scams", "Scams and pressure"
    RECORDS = "records", "Keeping records right"
    SYSTEMS = "systems", "Systems and suppliers"
    DISPOSAL = "disposal", "Throwing away safely"
    WORKLOAD = "workload", "Time, handover and workload"
    OTHER = "other", "Something else"


class Learning(Fact):
    """Why it happened and what was learnt."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="learnings")
    theme = models.CharField(max_length=15, choices=Theme)
    root_cause = models.TextField()
    lesson = models.TextField()

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [models.CheckConstraint(name="learning_known_theme", condition=Q(theme__in=Theme.values))]

    def __str__(self) -> str:
        return f"Lesson of incident {self.incident_id}"


class IncidentTurn(Fact):
    """An incident was closed, with words for whoever reported it, or opened again."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="turns")
    is_closed = models.BooleanField()
    reason = models.TextField()

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [models.CheckConstraint(name="incident_turn_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"Incident {self.incident_id} {'closed' if self.is_closed else 'opened again'}"


class IncidentPaper(Fact):
    """A document in the evidence library that belongs to an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "document"], name="incident_paper_once")]

    def __str__(self) -> str:
        return f"{self.document} of incident {self.incident_id}"
