"""What a figure is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from courses.dates import minus_months
from courses.models import Course, TrainingNeed
from nhsuk.forms import DateField
from reporting.arguments import EARLIEST
from reporting.enums import By
from reporting.rules import DSPT_TRAINING, shipped_rules

NO_MORE = ""


class PastDateField(DateField):
    """A day up to today. ``today`` is set by the form."""

    today: date

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and day > self.today:
            raise forms.ValidationError("The date must be today or in the past.")
        if day is not None and day < EARLIEST:
            raise forms.ValidationError(f"The date must be {EARLIEST.year} or later.")
        return day


def courses_in_order(organisation: Organisation, today: date) -> list[Course]:
    """The courses an organisation may report on: the DSPT's own first, then those somebody needs."""
    needed = set(TrainingNeed.objects.in_force(organisation, today).values_list("course__code", flat=True))
    main = shipped_rules()[DSPT_TRAINING].courses
    courses = Course.objects.available_to(organisation)
    return sorted(courses, key=lambda course: (course.code not in main, course.code not in needed, course.title))


class ReportForm(forms.Form):
    """Which course, on which day, and what else to break it down by. Nothing given: the main course, today."""

    course = forms.ChoiceField(required=False)
    as_of = PastDateField(required=False, label="Date", help_text="Leave empty for today")
    by = forms.ChoiceField(required=False, label="Also break down by")

    def __init__(self, *args: Any, organisation: Organisation, today: date, named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.courses = courses_in_order(organisation, today)
        self.fields["course"].choices = [(course.code, course.title) for course in self.courses]  # type: ignore[attr-defined]
        extra = [By.EMPLOYMENT_TYPE, By.MANAGER] if named else [By.EMPLOYMENT_TYPE]
        self.fields["by"].choices = [(NO_MORE, "Nothing else"), *((by.value, by.label) for by in extra)]  # type: ignore[attr-defined]
        self.fields["as_of"].today = self.today = today  # type: ignore[attr-defined]

    @property
    def chosen_course(self) -> Course | None:
        """The course asked for, or the main one; None when there is no course at all."""
        code = self.cleaned_data.get("course")
        return next((course for course in self.courses if course.code == code), self.courses[0] if self.courses else None)

    @property
    def on(self) -> date:
        return self.cleaned_data.get("as_of") or self.today


class QuestionsForm(forms.Form):
    """The quiz of which course, between which days. Nothing given: the main course, the year up to today."""

    course = forms.ChoiceField(required=False)
    since = PastDateField(required=False, label="Handed in from", help_text="Leave empty for a year before the last day")
    until = PastDateField(required=False, label="Handed in up to", help_text="Leave empty for today")

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.courses = [course for course in courses_in_order(organisation, today) if course.blueprint_id]
        self.fields["course"].choices = [(course.code, course.title) for course in self.courses]  # type: ignore[attr-defined]
        for name in ("since", "until"):
            self.fields[name].today = today  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and self.first_day > self.last_day:
            self.add_error("since", "The first day must not be after the last day.")
        return self.cleaned_data

    @property
    def chosen_course(self) -> Course | None:
        """The course asked for, or the main one; None when no course has a quiz."""
        code = self.cleaned_data.get("course")
        return next((course for course in self.courses if course.code == code), self.courses[0] if self.courses else None)

    @property
    def last_day(self) -> date:
        return self.cleaned_data.get("until") or self.today

    @property
    def first_day(self) -> date:
        return self.cleaned_data.get("since") or minus_months(self.last_day, 12)


class SnapshotForm(forms.Form):
    """For which day training evidence is frozen."""

    as_of = PastDateField(label="As of which date?", help_text="Today, or an earlier date, for example 31 3 2026")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].today = today  # type: ignore[attr-defined]
