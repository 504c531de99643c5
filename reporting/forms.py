"""What a figure is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.incoming import IncomingFile
from accounts.models import Organisation
from courses.dates import minus_months, plus_months
from courses.models import Course, TrainingNeed
from nhsuk.forms import DateField
from reporting.arguments import EARLIEST
from reporting.board import USUAL_AIM, next_publication
from reporting.branches import paths
from reporting.enums import By, Headline
from reporting.forecast import FURTHEST_MONTHS
from reporting.rules import DSPT_TRAINING, Rule, shipped_rules
from staff.enums import EmploymentType
from staff.models import Unit

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
        extra = [By.BRANCH, By.SITE, By.EMPLOYMENT_TYPE, *([By.MANAGER] if named else [])]
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


class CourseForm(forms.Form):
    """Which course; nothing given: the main one."""

    course = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.courses = courses_in_order(organisation, today)
        self.fields["course"].choices = [(course.code, course.title) for course in self.courses]  # type: ignore[attr-defined]

    @property
    def chosen_course(self) -> Course | None:
        """The course asked for, or the main one; None when there is no course at all."""
        code = self.cleaned_data.get("course")
        return next((course for course in self.courses if course.code == code), self.courses[0] if self.courses else None)

    def _query(self, **days: date) -> dict[str, str]:
        """The form as the words of an address, with nothing left to be filled in."""
        course = self.chosen_course
        found = {"course": course.code} if course is not None else {}
        for name, on in days.items():
            found |= {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}
        return found


class BranchForm(CourseForm):
    """Also of which unit, with all below it; nothing given: of everybody. Units that are closed keep their figures."""

    unit = forms.ChoiceField(required=False, label="Unit, with all below it")

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, organisation=organisation, today=today, **kwargs)
        named = sorted(paths(organisation).items(), key=lambda pair: pair[1].casefold())
        closed = set(Unit.objects.filter(organisation=organisation, closed_on__lte=today).values_list("pk", flat=True))
        choices = [(str(pk), f"{name} (closed)" if pk in closed else name) for pk, name in named]
        self.fields["unit"].choices = [("", "Everybody"), *choices]  # type: ignore[attr-defined]

    @property
    def branch(self) -> int | None:
        return int(self.cleaned_data["unit"]) if self.cleaned_data.get("unit") else None

    @property
    def branch_name(self) -> str:
        """The unit asked for after those above it; empty for everybody."""
        names: dict[str, str] = dict(self.fields["unit"].choices)  # type: ignore[attr-defined]
        return names[self.cleaned_data["unit"]] if self.branch else ""

    def _query(self, **days: date) -> dict[str, str]:
        found = super()._query(**days)
        return found | {"unit": str(self.branch)} if self.branch else found


class ChangesForm(BranchForm):
    """Between which days. Nothing given: the month up to today."""

    since = PastDateField(required=False, label="From", help_text="Leave empty for a month before the other day")
    until = PastDateField(required=False, label="To", help_text="Leave empty for today")

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, organisation=organisation, today=today, **kwargs)
        for name in ("since", "until"):
            self.fields[name].today = today  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and self.first_day >= self.last_day:
            self.add_error("since", "The first day must be before the other.")
        return self.cleaned_data

    @property
    def last_day(self) -> date:
        return self.cleaned_data.get("until") or self.today

    @property
    def first_day(self) -> date:
        return self.cleaned_data.get("since") or minus_months(self.last_day, 1)

    @property
    def query(self) -> dict[str, str]:
        return self._query(since=self.first_day, until=self.last_day)


class ForecastForm(BranchForm):
    """For which day, and what share is aimed for. Nothing given: the next 30 June, and 95 per cent."""

    on_day = DateField(required=False, label="Forecast for", help_text="Leave empty for the next 30 June")
    aim = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        label="Share you aim for (%)",
        help_text=f"Leave empty for {USUAL_AIM}, which item 3.2.1 of the toolkit asks of many organisations",
        error_messages={"invalid": "Enter a whole number from 1 to 100, for example 95."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
    )

    def clean_on_day(self) -> date | None:
        on: date | None = self.cleaned_data.get("on_day")
        if on is not None and on <= self.today:
            raise forms.ValidationError("A forecast is for a day after today. For today or earlier, see the figures.")
        if on is not None and on > plus_months(self.today, FURTHEST_MONTHS):
            raise forms.ValidationError(f"We look at most {FURTHEST_MONTHS} months ahead: choose an earlier day.")
        return on

    @property
    def on(self) -> date:
        return self.cleaned_data.get("on_day") or next_publication(self.today)

    @property
    def target(self) -> int:
        return self.cleaned_data.get("aim") or USUAL_AIM

    @property
    def query(self) -> dict[str, str]:
        return self._query(on_day=self.on) | {"aim": str(self.target)}


class BoardForm(ForecastForm):
    """Of which course, and for which day of publication. What is aimed for is the counting rule's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["aim"], self.fields["unit"]
        self.fields["on_day"].label = "Planned day of publication"

    @property
    def query(self) -> dict[str, str]:
        return self._query(on_day=self.on)


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


class RuleForm(forms.Form):
    """A new version of a counting rule, begun from the one in force."""

    months = forms.IntegerField(
        min_value=1,
        max_value=120,
        label="For how many months does a completion count?",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
    )
    target = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        label="Target (%)",
        help_text="Leave empty for none",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
    )
    employment_types = forms.MultipleChoiceField(
        choices=EmploymentType.choices,
        label="Who is counted?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one kind of employment."},
    )
    units = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label="Only in which units?",
        help_text="Each with all below it. None chosen: every unit",
        widget=forms.CheckboxSelectMultiple,
    )
    access = forms.ChoiceField(
        choices=[("only", "Only people with access to personal data, or where we do not know"), ("all", "Everyone in post")],
        label="Does access to personal data matter?",
        widget=forms.RadioSelect,
    )
    headline = forms.ChoiceField(choices=Headline.choices, label="Which figure comes first?", widget=forms.RadioSelect)
    effective_on = DateField(label="From which day?", help_text="Figures of earlier days keep the rule that held then")
    rationale = forms.CharField(
        label="Why is it counted so?",
        help_text="An auditor reads this beside the figure",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a sentence an auditor understands."},
    )

    def __init__(self, data: Any, *, rule: Rule, organisation: Organisation, today: date) -> None:
        initial = {
            "months": rule.months,
            "target": rule.target,
            "employment_types": EmploymentType.values if rule.employment_types is None else list(rule.employment_types),
            "units": list(rule.units),
            "access": "only" if rule.only_with_access else "all",
            "headline": rule.headline,
            "effective_on": today,
        }
        super().__init__(data, initial=initial)
        named = sorted(paths(organisation).items(), key=lambda pair: pair[1].casefold())
        self.fields["units"].choices = named  # type: ignore[attr-defined]
        if not named:
            del self.fields["units"]
        self.rule = rule
        self.today = today

    def clean_effective_on(self) -> date:
        on: date = self.cleaned_data["effective_on"]
        if on < self.today:
            raise forms.ValidationError("The day must be today or later: figures already given keep their rule.")
        return on

    def changed_rule(self) -> Rule:
        """The rule with what was typed."""
        types, units = self.cleaned_data["employment_types"], tuple(self.cleaned_data.get("units", ()))
        names = dict(self.fields["units"].choices) if units else {}  # type: ignore[attr-defined]
        return self.rule.changed(
            units=units,
            unit_names=tuple(names[unit] for unit in units),
            months=self.cleaned_data["months"],
            target=self.cleaned_data["target"],
            employment_types=None if set(types) == set(EmploymentType.values) else tuple(types),
            only_with_access=self.cleaned_data["access"] == "only",
            headline=self.cleaned_data["headline"],
        )


class SmallNumberForm(forms.Form):
    """How many people a group must have before its figures are shown without names."""

    fewest = forms.IntegerField(
        min_value=2,
        max_value=20,
        label="Hide groups of fewer than how many people?",
        help_text="For people who see figures and no names, and in every document for outside. From 2 to 20.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        error_messages={
            "min_value": "Enter a whole number from 2 to 20.",
            "max_value": "Enter a whole number from 2 to 20.",
            "invalid": "Enter a whole number from 2 to 20.",
            "required": "Enter a whole number from 2 to 20.",
        },
    )
    reason = forms.CharField(
        label="Why this number?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why, in a sentence an auditor understands."},
    )


class PhishingForm(forms.Form):
    """A file with results of phishing exercises."""

    file = IncomingFile(
        most_bytes=1024 * 1024,
        label="File with results (CSV)",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "too_large": "The file is larger than 1 MB: counts of exercises take far less. Choose another.",
            "required": "Choose a file.",
            "empty": "The file is empty: choose another.",
        },
    )


class WithdrawForm(forms.Form):
    """Why a result is taken back."""

    reason = forms.CharField(max_length=300)


class GroupForm(CourseForm):
    """Which course, and which night's figures. Nothing given: the main course, the latest that are recorded."""

    as_of = PastDateField(required=False, label="Date", help_text="Leave empty for the latest figures recorded")

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, organisation=organisation, today=today, **kwargs)
        self.fields["as_of"].today = today  # type: ignore[attr-defined]
