"""The forms of the training needs analysis."""

from __future__ import annotations

from typing import Any

from django import forms

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
