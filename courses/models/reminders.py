"""When people are reminded of training, and which reminders went. Every row is a fact; none is ever changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from courses.models.courses import Course
from staff.models import Person, Unit

if TYPE_CHECKING:
    from typing import Self


class ReminderPlan(AppendOnlyModel):
    """One version of an organisation's rules. It holds from a day until the next version's; before the first, the shipped rules do."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_plans")
    days_before = models.JSONField(help_text="how many days before the due date; 0 is the day itself")
    overdue_every_days = models.PositiveSmallIntegerField(help_text="0: no reminder after the due date")
    digest_weekday = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 is Monday; empty: managers get none")
    escalate_after_weeks = models.PositiveSmallIntegerField(null=True, blank=True, help_text="empty: nobody hears of it")
    starts_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="reminder_plan_known_weekday", condition=Q(digest_weekday__isnull=True) | Q(digest_weekday__range=(0, 6))
            ),
        ]

    def __str__(self) -> str:
        return f"reminder plan from {self.starts_on}"


class ReminderPause(AppendOnlyModel):
    """Somebody stopped an organisation's reminders, or let them go on. The last row stands."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_pauses")
    is_paused = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "pk"]
        constraints = [models.CheckConstraint(name="reminder_pause_has_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"reminders {'paused' if self.is_paused else 'resumed'} at {self.at}"


class ReminderRun(AppendOnlyModel):
    """The day's reminders were all decided upon. Written last: a run that broke off has none and is done again."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_runs")
    on = models.DateField()
    finished_at = models.DateTimeField()

    class Meta:
        ordering = ["organisation", "-on"]
        constraints = [models.UniqueConstraint(fields=["organisation", "on"], name="reminder_run_one_a_day")]

    def __str__(self) -> str:
        return f"reminders of {self.on}"


class ReminderLetterRunQuerySet(models.QuerySet["ReminderLetterRun"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)


class ReminderLetterRun(AppendOnlyModel):
    """Reminders put on paper in one go, for a unit and all below it, or for everybody without an e-mail address."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_letter_runs")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="reminder_letter_runs")
    on = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = ReminderLetterRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"reminder letters of {self.on}"


class ReminderMailQuerySet(models.QuerySet["ReminderMail"]):
    def waiting(self, on: date) -> Self:
        """Not tried yet, or tried in vain fewer than three times, and not given up: those of the last two weeks."""
        ended = ReminderAttempt.objects.filter(mail=OuterRef("pk")).exclude(outcome__kind=ReminderOutcome.Kind.FAILED)
        recent = self.filter(on__gt=date.fromordinal(on.toordinal() - KEPT_DAYS), on__lte=on)
        return recent.filter(~Exists(ended)).annotate(tries=Count("attempts")).filter(tries__lt=MOST_TRIES)


KEPT_DAYS = 14
MOST_TRIES = 3


class ReminderMail(AppendOnlyModel):
    """One reminder that was decided upon: to a person about their own training, or to a manager about the team. One a day of each.

    An e-mail, unless it is in a run of letters.
    """

    may_be_forgotten = True

    class Kind(models.TextChoices):
        OWN = "own", "Their own training"
        TEAM = "team", "Their team"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminder_mails")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reminder_mails")
    kind = models.CharField(max_length=4, choices=Kind)
    on = models.DateField()
    made_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="who chased them; empty: a step came",
    )
    letters = models.ForeignKey(ReminderLetterRun, null=True, on_delete=models.PROTECT, related_name="mails")

    objects = ReminderMailQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "on"], name="reminder_mail_one_a_day"),
            models.CheckConstraint(name="reminder_mail_known_kind", condition=Q(kind__in=["own", "team"])),
        ]
        indexes = [models.Index(fields=["on", "organisation"], name="reminder_mail_by_day")]

    def __str__(self) -> str:
        return f"reminder to person {self.person_id} on {self.on}"


class ReminderSend(AppendOnlyModel):
    """One step of one person's reminders about one course and one due date, and the e-mail it is in. Each goes once."""

    may_be_forgotten = True

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="training_reminders")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="reminders")
    due_on = models.DateField()
    step = models.CharField(max_length=12, help_text="such as before-30, before-0 (the day itself) or after-7")
    step_on = models.DateField(help_text="the day the step was for; it goes later if nothing was sent on that day")
    mail = models.ForeignKey(ReminderMail, on_delete=models.PROTECT, related_name="sends")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "course", "due_on", "step"], name="training_reminder_each_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.due_on} to person {self.person_id}"


class ReminderAttempt(AppendOnlyModel):
    """An e-mail is about to be handed over. Written first, so that nothing is sent twice whatever happens next."""

    may_be_forgotten = True

    mail = models.ForeignKey(ReminderMail, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    begun_at = models.DateTimeField()

    class Meta:
        ordering = ["mail", "number"]
        constraints = [models.UniqueConstraint(fields=["mail", "number"], name="reminder_attempt_number_unique")]

    def __str__(self) -> str:
        return f"attempt {self.number} at mail {self.mail_id}"


class ReminderOutcome(AppendOnlyModel):
    """How an attempt ended. An attempt without one was broken off: nobody knows whether the e-mail went, and it is not repeated."""

    may_be_forgotten = True

    class Kind(models.TextChoices):
        SENT = "sent", "Sent"
        FAILED = "failed", "Not taken by the mail server"
        NOT_NEEDED = "not-needed", "No longer needed"

    attempt = models.OneToOneField(ReminderAttempt, on_delete=models.PROTECT, related_name="outcome")
    kind = models.CharField(max_length=10, choices=Kind)
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="reminder_outcome_known_kind", condition=Q(kind__in=["sent", "failed", "not-needed"]))
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"
