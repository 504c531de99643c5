"""The forms of reminders: when they go, and stopping them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisation
from courses.reminders.rules import LONGEST_BEFORE, Rules
from staff.form_fields import UnitField

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_NUMBER = {"inputmode": "numeric", "class": "nhsuk-input--width-3"}


class ReminderPlanForm(forms.Form):
    """When people and managers hear of training."""

    days_before = forms.CharField(
        label="How many days before training is due?",
        help_text=f"Numbers from {LONGEST_BEFORE} to 0 with commas between, for example 60, 30, 14, 7, 0. Nought is the day itself.",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-20"}),
    )
    overdue_every_days = forms.IntegerField(
        label="Every how many days after that?",
        help_text="7 means once a week until it is done. 0 means no more reminders.",
        min_value=0,
        max_value=90,
        widget=forms.TextInput(attrs=_NUMBER),
    )
    digest_weekday = forms.TypedChoiceField(
        label="On which day do managers get their e-mail about the team?",
        choices=[*enumerate(WEEKDAYS), ("", "They get none")],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    escalate_after_weeks = forms.IntegerField(
        label="After how many weeks overdue does the manager’s manager hear of it?",
        help_text="Leave it empty if they should not.",
        min_value=1,
        max_value=52,
        required=False,
        widget=forms.TextInput(attrs=_NUMBER),
    )
    note = forms.CharField(label="Why (you can leave this out)", max_length=300, required=False)

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "days_before": ", ".join(str(day) for day in rules.days_before),
            "overdue_every_days": rules.overdue_every_days,
            "digest_weekday": "" if rules.digest_weekday is None else rules.digest_weekday,
            "escalate_after_weeks": rules.escalate_after_weeks,
        }
        super().__init__(*args, **kwargs)

    def clean_days_before(self) -> list[int]:
        words = self.cleaned_data["days_before"].replace(",", " ").split()
        if not all(word.isascii() and word.isdigit() and int(word) <= LONGEST_BEFORE for word in words):
            raise ValidationError(
                f"Give whole numbers from 0 to {LONGEST_BEFORE} with commas between, for example 60, 30, 14, 7, 0."
            )
        return [int(word) for word in words]


class ReminderLettersForm(forms.Form):
    """For which unit letters are made."""

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = UnitField(
            organisation=organisation, on=on, empty="Everybody", label="For which unit, with all below it?", required=False
        )


class ReminderPauseForm(forms.Form):
    """Why reminders stop, or go on."""

    reason = forms.CharField(label="Why?", max_length=300)
