"""The forms about what an auditor found."""

from __future__ import annotations

from typing import Any

from django import forms

from assessment.audit_findings import Line
from assessment.models import AuditFinding
from nhsuk.forms import DateField

PLAN_FIELDS = ("action", "owner_words", "due_on")


class FindingForm(forms.Form):
    """What an auditor makes of something."""

    assessed = forms.ChoiceField(
        label="Do you agree with what is claimed?", choices=AuditFinding.Assessed.choices, widget=forms.RadioSelect
    )
    severity = forms.ChoiceField(
        label="How serious is it?",
        choices=[("", "Nothing to settle"), *AuditFinding.Severity.choices],
        required=False,
        help_text="Leave it if you agree.",
    )
    text = forms.CharField(
        label="What did you find?",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What you looked at and what you saw. It is read by the organisation. You may leave it empty if you agree.",
    )
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("assessed") in (AuditFinding.Assessed.PARTLY, AuditFinding.Assessed.NOT):
            if not given.get("severity"):
                self.add_error("severity", "Choose how serious it is.")
            if not (given.get("text") or "").strip():
                self.add_error("text", "Write what you found.")
        return given


class FindingAnswerForm(forms.Form):
    """What the organisation answers, and what it plans."""

    text = forms.CharField(
        label="Your answer", max_length=5000, widget=forms.Textarea(attrs={"rows": 4}), help_text="The auditor reads it."
    )
    item = forms.ChoiceField(label="For which item?")
    action = forms.CharField(
        label="What will you do about it?", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    owner_words = forms.CharField(label="Who does it?", max_length=100, required=False, help_text="A post rather than a name.")
    due_on = DateField(label="By when?", required=False)

    def __init__(self, *args: Any, line: Line, may_plan: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_plan = may_plan and bool(line.leaves)
        if self.may_plan:
            choices = [(leaf.response.pk, f"{leaf.number} {leaf.spec.title}") for leaf in line.leaves]
            self.fields["item"].choices = choices  # type: ignore[attr-defined]
        else:
            for name in ("item", *PLAN_FIELDS):
                del self.fields[name]

    @property
    def is_planning(self) -> bool:
        return any(self.cleaned_data.get(name) for name in PLAN_FIELDS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if any(given.get(name) for name in PLAN_FIELDS):
            for name, words in zip(PLAN_FIELDS, ("Write what you will do.", "Say who does it.", "Say by when."), strict=True):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return given
