"""Organisations, the people who sign in, and what each may do where."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.enums import OrganisationType, Role, SiteType
from accounts.standing import standing
from audit.models import AppendOnlyModel

if TYPE_CHECKING:
    from accounts.policy import Access

ODS_CODE = re.compile(r"[A-Z0-9]{3,10}")


def validate_ods_code(code: str) -> None:
    """3 to 10 capital letters or digits."""
    if not ODS_CODE.fullmatch(code):
        raise ValidationError(f"“{code}” is not an ODS code: use 3 to 10 letters and digits, for example VN123.")


class Organisation(models.Model):
    """A controller of personal data: everything else belongs to exactly one."""

    ods_code = models.CharField("ODS code", max_length=10, unique=True, validators=[validate_ods_code])
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=30, choices=OrganisationType)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="branches")
    everybody_needs_second_factor = models.BooleanField(default=False)
    """Otherwise only those who may do more than learn."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="organisation_has_known_type", condition=Q(type__in=OrganisationType.values)),
            models.CheckConstraint(name="organisation_not_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("pk"))),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.ods_code})"


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, access: Access) -> SiteQuerySet:
        return self.filter(organisation=access.organisation)


class Site(models.Model):
    """A place where an organisation works, with its own codes. ``closed_on`` is its last day."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200)
    ods_code = models.CharField("ODS code", max_length=10, blank=True)
    cqc_id = models.CharField("CQC location id", max_length=20, blank=True)
    type = models.CharField(max_length=20, choices=SiteType, default=SiteType.OTHER)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="site_name_unique_in_organisation"),
            models.CheckConstraint(name="site_has_known_type", condition=Q(type__in=SiteType.values)),
            models.CheckConstraint(
                name="site_closes_after_opening",
                condition=Q(opened_on__isnull=True) | Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has_closed(self, on: date) -> bool:
        """Whether its last day is past."""
        return self.closed_on is not None and self.closed_on < on


class OrganisationProfileQuerySet(models.QuerySet["OrganisationProfile"]):
    def in_force(self, organisation: Organisation, on: date) -> OrganisationProfile | None:
        """The profile that applied to the organisation on a date: the latest one effective by then."""
        return self.filter(organisation=organisation, effective_on__lte=on).order_by("-effective_on", "-pk").first()


class OrganisationProfile(AppendOnlyModel):
    """What the organisation said of itself from a date on. A change is a new row."""

    class Answer(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNKNOWN = "unknown", "Not sure"

    class Before(models.TextChoices):
        """The best that the national site ever showed for the organisation before its returns were kept here."""

        UNKNOWN = "unknown", "Not sure"
        NEVER = "never", "It has never published"
        NOT_MET = "not_met", "Standards Not Met"
        APPROACHING = "approaching", "Approaching Standards"
        MET = "met", "Standards Met"
        EXCEEDED = "exceeded", "Standards Exceeded"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="profiles")
    effective_on = models.DateField()
    type = models.CharField("What kind of organisation is it?", max_length=30, choices=OrganisationType, blank=True)
    """Empty in rows from before the type was dated: then it is the organisation's own."""
    published_before = models.CharField(
        "What is the best that the national site has ever shown for you?", max_length=12, choices=Before, default=Before.UNKNOWN
    )
    holds_certificates = models.CharField(
        "Do you hold any of these certificates?", max_length=10, choices=Answer, default=Answer.UNKNOWN
    )
    several_sites = models.CharField(
        "Do you work at more than one address?", max_length=10, choices=Answer, default=Answer.UNKNOWN
    )
    nhsmail_only = models.CharField("Is NHSmail your only e-mail system?", max_length=10, choices=Answer, default=Answer.UNKNOWN)
    ico_number = models.CharField("ICO registration number", max_length=20, blank=True)
    report_to = models.CharField("Who staff tell when something goes wrong", max_length=200, blank=True)
    recorded_by = models.ForeignKey("accounts.User", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = OrganisationProfileQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-effective_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="organisation_profile_known_answers",
                condition=Q(
                    type__in=["", *OrganisationType.values],
                    published_before__in=["unknown", "never", "not_met", "approaching", "met", "exceeded"],
                    holds_certificates__in=["yes", "no", "unknown"],
                    several_sites__in=["yes", "no", "unknown"],
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} from {self.effective_on}"


class User(AbstractUser):
    """Somebody who can sign in. What HR knows of them is ``staff.Person``."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> MembershipQuerySet:
        """Memberships that nobody has ended."""
        return self.filter(ended_at__isnull=True)

    def standing(self, on: date) -> MembershipQuerySet:
        """Memberships that nobody has ended and that still count: a leaver's, for instance, do not."""
        return standing(self.current(), on)


class Membership(models.Model):
    """One role of one user in one organisation, from when it was granted until it was ended."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "user", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at__isnull=True),
                name="membership_one_current_per_role",
            ),
            models.CheckConstraint(name="membership_has_known_role", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"

    def clean(self, *args: Any, **kwargs: Any) -> None:
        if self.ended_at and self.ended_at < self.granted_at:
            raise ValidationError("A role cannot end before it was granted.")


class PlatformAdministratorQuerySet(models.QuerySet["PlatformAdministrator"]):
    def current(self) -> PlatformAdministratorQuerySet:
        """Those whom nobody has relieved."""
        return self.filter(ended_at__isnull=True)

    def who_can_act(self) -> set[int]:
        """Users whom nobody has relieved and whose sign-in is not shut."""
        return set(self.current().filter(user__is_active=True).values_list("user", flat=True))


class PlatformAdministrator(models.Model):
    """Somebody who looks after the installation, from when they were appointed until it ended. Belongs to no organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    """Empty for the first, whom a command makes."""
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PlatformAdministratorQuerySet.as_manager()

    class Meta:
        ordering = ["granted_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at__isnull=True), name="platform_administrator_once"),
            models.CheckConstraint(
                name="platform_administrator_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("granted_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"platform administrator {self.user_id}"


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    def live(self, at: datetime) -> AccessGrantQuerySet:
        """Begun, not ended, its hours not over. That whoever asked still looks after the installation is asked at every request."""
        steps = AccessGrantStep.objects.filter(grant=OuterRef("pk"))
        return self.filter(
            Exists(steps.filter(until__gt=at)),
            ~Exists(steps.filter(kind=AccessGrantStep.Kind.ENDED)),
        )

    def with_steps(self) -> AccessGrantQuerySet:
        """Ready to say its state, newest first."""
        return self.select_related("organisation", "asked_by").prefetch_related("steps__by").order_by("-asked_at", "-pk")


class AccessGrant(AppendOnlyModel):
    """That a platform administrator asked to look into an organisation: why, at what, for how many hours."""

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for an answer"
        UNANSWERED = "unanswered", "Not answered in time"
        REFUSED = "refused", "Refused"
        LIVE = "live", "Open now"
        ENDED = "ended", "Ended"
        OVER = "over", "Its time is over"
        SHUT = "shut", "Shut"

    ANSWERED_WITHIN = timedelta(days=7)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.TextField(max_length=500)
    capabilities = models.JSONField()
    hours = models.PositiveSmallIntegerField()

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [models.CheckConstraint(name="access_grant_for_hours", condition=Q(hours__range=(1, 8)))]

    def __str__(self) -> str:
        return f"look of user {self.asked_by_id} into organisation {self.organisation_id}"

    def step(self, *kinds: str) -> AccessGrantStep | None:
        """Its step of one of the kinds; load with ``with_steps``."""
        return next((step for step in self.steps.all() if step.kind in kinds), None)

    @property
    def until(self) -> datetime | None:
        """When its hours are over, if it ever began."""
        begun = self.step(AccessGrantStep.Kind.GIVEN, AccessGrantStep.Kind.TAKEN)
        return begun.until if begun else None

    def state(self, at: datetime) -> State:
        kinds = AccessGrantStep.Kind
        if self.step(kinds.ENDED):
            return self.State.ENDED
        if self.step(kinds.REFUSED):
            return self.State.REFUSED
        if self.until is not None:
            return self.State.LIVE if self.until > at else self.State.OVER
        return self.State.ASKED if at < self.asked_at + self.ANSWERED_WITHIN else self.State.UNANSWERED

    def state_among(self, administrators: Collection[int], at: datetime) -> State:
        """Its state as it stands while only these look after the installation: nothing waits or is open for anybody else."""
        state = self.state(at)
        waits_or_is_open = state in (self.State.ASKED, self.State.LIVE)
        return self.State.SHUT if waits_or_is_open and self.asked_by_id not in administrators else state


class AccessGrantStep(AppendOnlyModel):
    """That a look was given or refused by the organisation, taken without an answer, or ended."""

    class Kind(models.TextChoices):
        GIVEN = "given", "Given"
        TAKEN = "taken", "Taken without an answer"
        REFUSED = "refused", "Refused"
        ENDED = "ended", "Ended"

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(kind__in=["given", "taken", "refused"]), name="access_grant_answered_once"
            ),
            models.UniqueConstraint(fields=["grant"], condition=Q(kind="ended"), name="access_grant_ended_once"),
            models.CheckConstraint(
                name="access_grant_step_has_end_iff_it_opens",
                condition=Q(kind__in=["given", "taken"], until__isnull=False, until__gt=F("at"))
                | Q(kind__in=["refused", "ended"], until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.kind}"


class AccessGrantUse(AppendOnlyModel):
    """That a kind of page was opened in a look, once a day."""

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="uses")
    on = models.DateField()
    page = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["grant", "on", "page"], name="access_grant_use_once_a_day")]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.page}"


class SignInCodeQuerySet(models.QuerySet["SignInCode"]):
    def live(self, at: datetime) -> SignInCodeQuerySet:
        """Codes that still open a sign-in: neither used, nor withdrawn, nor expired."""
        return self.filter(used_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at)


class SignInCode(models.Model):
    """A code on a letter with which somebody signs in once. Only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_in_codes")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = SignInCodeQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                name="sign_in_code_one_live_per_user",
            ),
        ]

    def __str__(self) -> str:
        return f"code of user {self.user_id}"


class FailedSignIn(models.Model):
    """A wrong password or code, so that guessing can be slowed down. ``key`` is a digest of what was tried from where."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="failed_sign_in_by_key")]

    def __str__(self) -> str:
        return f"failed sign-in at {self.at}"


class UsedCode(models.Model):
    """A code of an authenticator app that has opened something: within its minutes it opens nothing more."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="used_code_once")]

    def __str__(self) -> str:
        return f"code of user {self.user_id}"
