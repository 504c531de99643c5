"""One organisation's return for one year: its answers, its evidence, its figures and who confirmed what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from assessment.models.editions import Edition, EditionItem
from assessment.states import State
from audit.models import AppendOnlyModel
from evidence.models import Blob, DocumentApproval, DocumentVersion
from registers.models.actions import Action
from reporting.models import EvidenceSnapshot

if TYPE_CHECKING:
    from typing import Self


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, access: Access) -> Self:
        """The organisation's; for somebody invited to audit only what an invitation covers today."""
        mine = self.filter(organisation=access.organisation)
        return mine.audited_by(access.user, on=timezone.localdate()) if access.is_by_invitation else mine

    def audited_by(self, user: User, *, on: date) -> Self:
        """Those that the user was invited to audit on the date."""
        invited = Assessment.objects.filter(
            engagements__auditor=user,
            engagements__starts_on__lte=on,
            engagements__ends_on__gte=on,
            engagements__ending__isnull=True,
        )
        return self.filter(pk__in=invited.values("pk"))

    def with_state(self) -> Self:
        """Each with ``recorded_state``, the end of its last transition."""
        last = AssessmentTransition.objects.filter(assessment=OuterRef("pk")).order_by("-pk")
        return self.annotate(recorded_state=Coalesce(Subquery(last.values("to_state")[:1]), models.Value(State.PREPARING.value)))


class Assessment(models.Model):
    """A return being worked on, or done. Its state is the end of its last transition, never a column of its own.

    An interim (baseline) return says in the middle of the year where an organisation stands; it reaches no standard.
    ``closed_at`` is set when it is published: only one return of a year and kind is open at a time.
    """

    class Kind(models.TextChoices):
        FULL = "full", "Annual return"
        INTERIM = "interim", "Interim (baseline) return"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assessments")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="assessments")
    year = models.CharField(max_length=7)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FULL)
    type_snapshot = models.CharField("organisation type it is answered as", max_length=30)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    based_on = models.ForeignKey("Publication", null=True, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-year", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "kind"], condition=Q(closed_at__isnull=True), name="assessment_one_open_per_year"
            ),
            models.CheckConstraint(name="assessment_known_kind", condition=Q(kind__in=["full", "interim"])),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.ods_code} {self.title}"

    @property
    def is_interim(self) -> bool:
        return self.kind == self.Kind.INTERIM

    @property
    def title(self) -> str:
        """What it is called on pages: the year, and that it is interim."""
        return f"{self.year} interim" if self.is_interim else self.year


class AssessmentTransition(AppendOnlyModel):
    """One step of an assessment from state to state."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=15, choices=State, blank=True)
    to_state = models.CharField(max_length=15, choices=State)
    step = models.CharField(max_length=15)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["assessment", "pk"]
        constraints = [models.CheckConstraint(name="assessment_transition_known_state", condition=Q(to_state__in=State.values))]

    def __str__(self) -> str:
        return f"{self.assessment_id}: {self.from_state or '·'} → {self.to_state}"


class ReviewPoint(AppendOnlyModel):
    """Something a reviewer wants looked at, said when the return was sent back."""

    transition = models.ForeignKey(AssessmentTransition, on_delete=models.PROTECT, related_name="points")
    response = models.ForeignKey("Response", null=True, on_delete=models.PROTECT, related_name="review_points")
    text = models.TextField()

    class Meta:
        ordering = ["transition", "pk"]
        constraints = [models.CheckConstraint(name="review_point_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(assessment__in=Assessment.objects.visible_to(access))


class Response(models.Model):
    """The place of one item in one return. What was answered is in its versions."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="responses")
    item = models.ForeignKey(EditionItem, on_delete=models.PROTECT, related_name="responses")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_responses"
    )
    due_on = models.DateField(null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "item__order"]
        constraints = [models.UniqueConstraint(fields=["assessment", "item"], name="response_one_per_item")]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.item.number}"


class ResponseVersion(AppendOnlyModel):
    """What was answered at one moment. The highest ``n`` is the answer now.

    ``value`` is ``{"kind": ..., "value": ...}``, dates and numbers as text, or null for a comment without an answer.
    """

    class Applicability(models.TextChoices):
        APPLIES = "applies", "Applies"
        NOT_APPLICABLE = "not_applicable", "Does not apply"

    class Origin(models.TextChoices):
        PERSON = "person", "Answered here"
        CARRIED = "carried", "Brought over from last year"
        COPIED = "copied", "Copied from this year's publication"
        REWORDED = "reworded", "Kept when the question was reworded"
        CHANGED = "changed", "To be checked: what is asked has changed"
        PROFILE = "profile", "Kept when what applies to the organisation changed"

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="versions")
    n = models.PositiveIntegerField()
    value = models.JSONField(null=True)
    comment = models.TextField(blank=True)
    applicability = models.CharField(max_length=15, choices=Applicability, default=Applicability.APPLIES)
    reason = models.TextField(blank=True)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["response", "n"]
        constraints = [
            models.UniqueConstraint(fields=["response", "n"], name="response_version_n_unique"),
            models.CheckConstraint(
                name="response_version_not_applicable_has_reason",
                condition=Q(applicability="applies", reason="") | (Q(applicability="not_applicable") & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="response_version_known_origin",
                condition=Q(origin__in=["person", "carried", "copied", "reworded", "changed", "profile"]),
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.response_id} version {self.n}"


@dataclass(frozen=True)
class Replacement:
    """The newest approved version of a document, where an answer is pinned to an older one."""

    version_id: int
    number: int
    approved_at: datetime


class EvidenceLinkQuerySet(models.QuerySet["EvidenceLink"]):
    def with_standing(self) -> Self:
        """Each with its document, file, approval, withdrawal and scan at hand, and its replacement."""
        return self.with_replacement().select_related(
            "document_version__document__withdrawal",
            "document_version__approval",
            "document_version__blob__scan_order__scan",
        )

    def with_replacement(self) -> Self:
        """Each with :attr:`EvidenceLink.replacement` at hand. A withdrawn document replaces nothing."""
        newer = DocumentApproval.objects.filter(
            version__document=OuterRef("document_version__document"),
            version__number__gt=OuterRef("document_version__number"),
            version__document__withdrawal__isnull=True,
        ).order_by("-version__number")
        return self.annotate(
            newer_version=Subquery(newer.values("version")[:1]),
            newer_number=Subquery(newer.values("version__number")[:1]),
            newer_approved_at=Subquery(newer.values("approved_at")[:1]),
        )


class EvidenceLink(models.Model):
    """A document version attached to an answer. It stays pinned when newer versions come; taking it off keeps the row."""

    newer_version: int | None = None
    newer_number: int | None = None
    newer_approved_at: datetime | None = None

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="evidence_links")
    document_version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="evidence_links")
    locator = models.CharField("where to look in it", max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()
    retired_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        ordering = ["response", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "document_version"], condition=Q(retired_at__isnull=True), name="evidence_link_attached_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_version} for response {self.response_id}"

    @property
    def replacement(self) -> Replacement | None:
        """The version that was approved after the one attached, if any; known only ``with_replacement``."""
        if self.newer_version is None or self.newer_number is None or self.newer_approved_at is None:
            return None
        return Replacement(self.newer_version, self.newer_number, self.newer_approved_at)


class LiveReading(AppendOnlyModel):
    """A figure counted for an item at a date, with the rows that add up to it. The last one taken is the one that counts.

    One taken for a signature or a publication has a ``snapshot``: the statement and workbook made of it then.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="readings")
    item = models.ForeignKey(EditionItem, on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    percent = models.CharField(max_length=5, null=True)  # noqa: DJ001  null: nobody in scope, so there is no percentage
    payload = models.JSONField(help_text="rule, window, definition, exclusions by reason")
    rows = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(EvidenceSnapshot, null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "item", "pk"]
        constraints = [
            models.CheckConstraint(name="live_reading_is_a_share", condition=Q(numerator__lte=models.F("denominator"))),
            models.CheckConstraint(
                name="live_reading_percent_of_somebody",
                condition=Q(denominator=0, percent__isnull=True) | Q(denominator__gt=0, percent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.numerator} of {self.denominator} on {self.as_of}"


class RegisterReading(AppendOnlyModel):
    """What a register said about an item on a date, kept as it was. The last one of each key is the one that counts.

    Without rows to count from there are no numbers, only the sentence that says so. ``digest`` covers all that it says.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="register_readings")
    item = models.ForeignKey(EditionItem, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60)
    as_of = models.DateField()
    sentence = models.TextField()
    definition = models.TextField()
    footing = models.CharField(max_length=12)
    numerator = models.PositiveIntegerField(null=True)
    denominator = models.PositiveIntegerField(null=True)
    digest = models.CharField(max_length=64)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "item", "key", "pk"]
        constraints = [
            models.CheckConstraint(
                name="register_reading_known_footing", condition=Q(footing__in=["rows", "nil-return", "nothing"])
            ),
            models.CheckConstraint(
                name="register_reading_numbers_stand_on_rows",
                condition=Q(footing="rows", numerator__isnull=False) | Q(numerator__isnull=True, denominator__isnull=True),
            ),
            models.UniqueConstraint(fields=["assessment", "item", "key", "digest"], name="register_reading_kept_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.as_of}"

    def said(self) -> dict[str, Any]:
        """What it says, as the plain values that its digest covers."""
        return {
            "key": self.key,
            "as_of": self.as_of.isoformat(),
            "sentence": self.sentence,
            "definition": self.definition,
            "footing": self.footing,
            "numerator": self.numerator,
            "denominator": self.denominator,
        }


class Confirmation(AppendOnlyModel):
    """Somebody's word that an assertion is true as it stood. It counts only while ``digest`` still fits what stands there.

    ``scheme`` says what the digest covers (docs/adr/0017): 1 the whole edition beside the answers, 2 what each item asks.
    ``restates`` is set when a confirmation of scheme 1 was written again in scheme 2, by the same person at the same time,
    before its return took up a corrected list.
    """

    WHOLE_EDITION, BY_ITEM = 1, 2

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="confirmations")
    assertion = models.ForeignKey(EditionItem, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    scheme = models.PositiveSmallIntegerField(default=WHOLE_EDITION)
    restates = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="restated_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["assessment", "assertion", "pk"]
        constraints = [models.CheckConstraint(name="confirmation_known_scheme", condition=Q(scheme__in=[1, 2]))]

    def __str__(self) -> str:
        return f"confirmation of {self.assertion_id} in {self.assessment_id}"


class PlanAction(models.Model):
    """What will be done about an item that is not satisfied yet, by whom and by when: the words that the plan promised.

    How it goes is told in the organisation's list of actions, at ``tracked``.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="plan_actions")
    item = models.ForeignKey(EditionItem, on_delete=models.PROTECT, related_name="+")
    action = models.TextField()
    owner_words = models.CharField("who does it (a post, not a name)", max_length=100)
    due_on = models.DateField()
    tracked = models.ForeignKey(Action, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["assessment", "item__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "item"], condition=Q(withdrawn_at__isnull=True), name="plan_action_one_current_per_item"
            ),
            models.CheckConstraint(name="plan_action_says_what_and_who", condition=~Q(action="") & ~Q(owner_words="")),
        ]

    def __str__(self) -> str:
        return self.action
