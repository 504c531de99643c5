"""The forms of the training needs analysis and of local details."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Organisation
from courses.models import Course, TrainingNeed
from courses.needs import DEFAULT_MONTHS, DEFAULT_STARTER_DAYS
from nhsuk.forms import DateField


class NeedForm(forms.Form):
    """One line: who needs which course, how often, from when, and why."""

    course = forms.ModelChoiceField(Course.objects.none(), label="Course", empty_label=None)
    audience = forms.ChoiceField(label="Who needs it", choices=TrainingNeed.Audience.choices, widget=forms.RadioSelect)
    months = forms.IntegerField(
        label="How often, in months",
        min_value=1,
        max_value=120,
        help_text="12 means once a year.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
    )
    starter_days = forms.IntegerField(
        label="How many days a starter has",
        min_value=0,
        max_value=365,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
    )
    rationale = forms.CharField(label="Why", help_text="An assessor will ask. Two or three sentences.", widget=forms.Textarea)
    start = DateField(label="From which day", help_text="The rule before it stays on record for earlier days.")
    approved_by = forms.CharField(label="Approved by (you can leave this out)", max_length=200, required=False)
    approved_on = DateField(label="Approved on (you can leave this out)", required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        kwargs["initial"] = {"months": DEFAULT_MONTHS, "starter_days": DEFAULT_STARTER_DAYS} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        course: Any = self.fields["course"]
        course.queryset = Course.objects.available_to(organisation).published()


class NeedEndForm(forms.Form):
    """The end of a line."""

    end = DateField(label="From which day is it not asked any more?")
    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))


class LocalDetailsForm(forms.Form):
    """Whom staff tell when something goes wrong, and how."""

    tell = forms.CharField(
        label="Whom do staff tell first?", help_text="A post or a name, for example the nurse in charge.", max_length=200
    )
    phone = forms.CharField(
        label="Phone number (you can leave this out)",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "class": "nhsuk-input--width-20"}),
    )
    email = forms.EmailField(label="E-mail address (you can leave this out)", required=False)
    out_of_hours = forms.CharField(
        label="At night and at weekends (you can leave this out)",
        help_text="Whom to ring when that person is not there.",
        max_length=200,
        required=False,
    )
    how = forms.CharField(
        label="How to report (you can leave this out)",
        help_text="The form, the book or the system you use, and where it is. Write it as you would say it.",
        max_length=1500,
        required=False,
        widget=forms.Textarea,
    )
    effective_on = DateField(label="From which day is this right?")

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if day > timezone.localdate():
            raise ValidationError("Give today or a day before: staff read what is right now.")
        return day
