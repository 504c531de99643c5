"""Data protection impact assessments, and why one was not needed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from registers.models.entries import Entry, EntryQuerySet
from staff.enums import KeyPostKind

if TYPE_CHECKING:
    from typing import Self


class Decision(models.TextChoices):
    UNDECIDED = "undecided", "Not decided yet"
    GO_AHEAD = "go-ahead", "Go ahead"
    STOP = "stop", "Do not go ahead"


class Residual(models.TextChoices):
    """The risk to people that is left once the measures are in place."""

    NOT_ASSESSED = "not-assessed", "Not assessed yet"
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


BEFORE_GOING_AHEAD = {
    "necessity": "Say why it is necessary before you go ahead.",
    "risks_and_measures": "Say what could harm people and what you do about it before you go ahead.",
    "dpo_advice": "Ask the data protection officer, or say that you have none and whom you asked instead.",
}


class DpiaQuerySet(EntryQuerySet):
    def needed(self) -> Self:
        return self.filter(is_needed=True)

    def undecided(self) -> Self:
        """Needed, and nobody has decided whether to go ahead."""
        return self.needed().filter(decision=Decision.UNDECIDED)

    def due_for_review(self, on: date) -> Self:
        return self.filter(review_by__lt=on)


class Dpia(Entry):
    """The screening of one plan and, where it was needed, its assessment.

    ``screening`` holds the answers to the questions of ``registers.screening`` that apply, by their code.
    """

    register_slug = "dpias"
    changeable = (
        "title",
        "description",
        "screening",
        "is_needed",
        "needed_reason",
        "necessity",
        "risks_and_measures",
        "dpo_advice",
        "advice_overruled_because",
        "residual_risk",
        "ico_consulted_on",
        "ico_note",
        "decision",
        "decided_by_post",
        "decided_on",
        "review_by",
    )

    title = models.CharField("What are you planning?", max_length=200)
    description = models.TextField(
        "Describe it",
        max_length=3000,
        help_text="Which data about whom, where it comes from, who uses it, where it is kept, how long.",
    )
    screening = models.JSONField(default=list, blank=True)
    is_needed = models.BooleanField(
        "An assessment is needed",
        default=True,
        help_text="If you leave this empty although something above is true, say why below.",
    )
    needed_reason = models.CharField("Why is it needed, or why not?", max_length=500)
    necessity = models.TextField("Why is it necessary, and why is it not more than is necessary?", max_length=3000, blank=True)
    risks_and_measures = models.TextField("What could harm people, and what do you do about it?", max_length=5000, blank=True)
    dpo_advice = models.TextField("What did the data protection officer advise?", max_length=3000, blank=True)
    advice_overruled_because = models.TextField("If the advice is not followed: why?", max_length=1000, blank=True)
    residual_risk = models.CharField("What risk is left?", max_length=14, choices=Residual, default=Residual.NOT_ASSESSED)
    ico_consulted_on = models.DateField(
        "When was the ICO consulted?", null=True, blank=True, help_text="Only where a high risk is left."
    )
    ico_note = models.TextField("What did the ICO say?", max_length=1000, blank=True)
    decision = models.CharField("Decision", max_length=12, choices=Decision, default=Decision.UNDECIDED)
    decided_by_post = models.CharField("Decided by", max_length=30, choices=KeyPostKind, blank=True)
    decided_on = models.DateField("Decided on", null=True, blank=True)
    review_by = models.DateField("Look at it again by", null=True, blank=True)

    objects = DpiaQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-recorded_on", "-pk"]
        verbose_name = "DPIA"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "title"], name="dpia_title_unique"),
            models.CheckConstraint(name="dpia_known_decision", condition=Q(decision__in=Decision.values)),
            models.CheckConstraint(
                name="dpia_decided_by_whom_and_when",
                condition=Q(decision="undecided") | (~Q(decided_by_post="") & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="dpia_high_risk_goes_to_the_ico",
                condition=~Q(decision="go-ahead", residual_risk="high") | Q(ico_consulted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="dpia_closed_with_reason",
                condition=Q(closed_on__isnull=True, closed_reason="") | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        faults: dict[str, str] = {}
        same = Dpia.objects.filter(organisation_id=self.organisation_id, title=self.title).exclude(pk=self.pk)
        if self.title and same.exists():
            faults["title"] = f"“{self.title}” is in the register already. Change that entry, or give this one another name."
        if self.decision and self.decision != Decision.UNDECIDED:
            faults |= self._faults_of_decision()
        if faults:
            raise ValidationError(faults)

    def _faults_of_decision(self) -> dict[str, str]:
        faults: dict[str, str] = {}
        if not self.decided_by_post:
            faults["decided_by_post"] = "Say in which post the decision was taken."
        if self.decided_on is None:
            faults["decided_on"] = "Enter the day of the decision."
        if self.is_needed and self.decision == Decision.GO_AHEAD:
            faults |= {name: words for name, words in BEFORE_GOING_AHEAD.items() if not getattr(self, name)}
            if self.residual_risk == Residual.NOT_ASSESSED:
                faults["residual_risk"] = "Say what risk is left before you go ahead."
            if self.residual_risk == Residual.HIGH and self.ico_consulted_on is None:
                faults["ico_consulted_on"] = (
                    "A high risk is left: the law says to consult the ICO before you begin. Enter when you did."
                )
        return faults
