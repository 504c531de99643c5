"""The forms of the training needs analysis, of more time and of exemptions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisation
from courses.models import Course, Exemption, NeedsAnalysis, TrainingNeed
from nhsuk.forms import DateField
from staff.enums import EmploymentType, KeyPostKind
from staff.models import Post
from staff.unit_tree import choices as unit_choices

SHORT = {"inputmode": "numeric", "class": "nhsuk-input--width-3"}
MONTHS = [(n, f"{date(2000, n, 1):%B}") for n in range(1, 13)]


def _days(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=365, widget=forms.TextInput(attrs=SHORT))


def _any_of(label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, widget=forms.CheckboxSelectMultiple)


class NeedLineForm(forms.Form):
    """One line: who needs which course, how often, how fast, and why."""

    course = forms.ModelChoiceField(Course.objects.none(), label="Course", empty_label=None)
    level = forms.ChoiceField(label="Level", choices=TrainingNeed.Level.choices, widget=forms.RadioSelect)
    rationale = forms.CharField(
        label="Why they need it", help_text="An assessor will ask. Two or three sentences.", widget=forms.Textarea
    )
    audience = forms.ChoiceField(label="Who needs it", choices=TrainingNeed.Audience.choices, widget=forms.RadioSelect)
    managers_only = forms.BooleanField(label="Only those who manage others", required=False)
    staff_groups = _any_of("Only these staff groups (none ticked: all)")
    employment_types = _any_of("Only people employed as (none ticked: all)")
    units = _any_of("Only these units, with all below them (none ticked: all)")
    key_posts = _any_of("Only holders of these posts (none ticked: everybody)")
    job_titles = forms.CharField(
        label="Only these job titles, one a line (you can leave this out)",
        help_text="As they stand on the staff list.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    frequency = forms.ChoiceField(label="How often", choices=TrainingNeed.Frequency.choices, widget=forms.RadioSelect)
    months = forms.IntegerField(
        label="After how many months, if it is by months",
        help_text="12 means once a year.",
        min_value=1,
        max_value=120,
        widget=forms.TextInput(attrs=SHORT),
    )
    year_starts_month = forms.TypedChoiceField(
        label="Month in which the training year begins, if it is by training years", choices=MONTHS, coerce=int
    )
    refreshers = _any_of("Refreshers that take turns after the first time, if they do")
    starter_days = _days("Days a starter has")
    mover_days = _days("Days somebody has who moves into a post that needs it")
    returner_days = _days("Days somebody has after a long absence")
    returner_after_days = _days("Days away that count as a long absence", "What falls due in a long absence is due after it.")

    def __init__(self, *args: Any, organisation: Organisation, on: date, line: TrainingNeed | None = None, **kwargs: Any) -> None:
        self.line = line or TrainingNeed(organisation=organisation)
        kwargs["initial"] = {name: getattr(self.line, name) for name in self.base_fields if name != "course"} | {
            "course": self.line.course_id,
            "job_titles": "\n".join(self.line.job_titles),
        }
        super().__init__(*args, **kwargs)
        available = Course.objects.available_to(organisation).published()
        posts = Post.objects.covering(on).filter(person__organisation=organisation)
        groups = set(posts.exclude(staff_group="").order_by().values_list("staff_group", flat=True).distinct())
        fields: dict[str, Any] = self.fields
        fields["course"].queryset = available
        fields["staff_groups"].choices = [(name, name) for name in sorted(groups | set(self.line.staff_groups))]
        fields["employment_types"].choices = EmploymentType.choices
        fields["key_posts"].choices = KeyPostKind.choices
        fields["units"].choices = [
            (str(unit.pk), "\u2014 " * depth + unit.name) for unit, depth in unit_choices(organisation, on=on)
        ]
        fields["refreshers"].choices = [(str(course.pk), course.title) for course in available]
        for name in ("staff_groups", "units"):
            if not fields[name].choices:
                del fields[name]

    def clean_job_titles(self) -> list[str]:
        return [title.strip() for title in str(self.cleaned_data["job_titles"]).splitlines() if title.strip()]

    def clean_units(self) -> list[int]:
        return [int(unit) for unit in self.cleaned_data["units"]]

    def clean_refreshers(self) -> list[int]:
        return [int(course) for course in self.cleaned_data["refreshers"]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("frequency") == TrainingNeed.Frequency.ROTATION and not cleaned.get("refreshers"):
            self.add_error("refreshers", "Tick the refreshers that take turns.")
        return cleaned


class AnalysisForm(forms.ModelForm[NeedsAnalysis]):
    """What a draft says of itself."""

    summary = forms.CharField(
        label="How the needs were found",
        help_text="Whom you asked, what went wrong last year, what quizzes showed people do not know.",
        required=False,
        widget=forms.Textarea,
    )
    change_note = forms.CharField(label="What changes with this version (you can leave this out)", max_length=300, required=False)
    starts_on = DateField(label="From which day it holds (leave it empty for the day of approval)", required=False)
    grace_until = DateField(
        label="Before which day nobody is overdue (you can leave this out)",
        help_text="For when many people would otherwise be overdue on the first day.",
        required=False,
    )
    review_on = DateField(label="When it is reviewed", required=False)

    class Meta:
        model = NeedsAnalysis
        fields = ("summary", "change_note", "starts_on", "grace_until", "review_on")


class NeedsApprovalForm(forms.Form):
    """Somebody answers for the draft."""

    approved_as = forms.CharField(
        label="In which post you approve it", help_text="For example: registered manager.", max_length=100
    )
    accepts_overdue = forms.BooleanField(label="I know how many people this makes overdue, and it is meant so", required=False)

    def __init__(self, *args: Any, is_large: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_large:
            del self.fields["accepts_overdue"]


class ExtensionForm(forms.Form):
    """More time, asked for or given."""

    until = DateField(label="Until when")
    reason = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ReasonForm(forms.Form):
    """A decision and why."""

    reason = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ExemptionForm(forms.Form):
    """A person need not do a course for a time."""

    course = forms.ModelChoiceField(Course.objects.none(), label="Course", empty_label="All courses", required=False)
    reason = forms.ChoiceField(label="Why", choices=Exemption.Reason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label="A word more (you can leave this out)", help_text="Never about somebody’s health.", max_length=300, required=False
    )
    effect = forms.ChoiceField(label="What it does", choices=Exemption.Effect.choices, widget=forms.RadioSelect)
    start = DateField(label="First day")
    last_day = DateField(label="Last day (leave it empty if nobody knows)", required=False)
    review_on = DateField(label="When to look at it again", required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        course: Any = self.fields["course"]
        course.queryset = Course.objects.available_to(organisation).published()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, last = cleaned.get("start"), cleaned.get("last_day")
        if start and last and last < start:
            self.add_error("last_day", ValidationError("The last day is before the first."))
        if "last_day" not in self.errors and last is None and not cleaned.get("review_on") and "review_on" not in self.errors:
            self.add_error("review_on", "Without a last day, say when to look at it again.")
        return cleaned


class LastDayForm(forms.Form):
    """The last day of something."""

    last_day = DateField(label="Its last day")
