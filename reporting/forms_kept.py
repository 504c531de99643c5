"""What a report by e-mail is, and what a report of one's own asks for."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import Organisation, User
from courses.models import Course
from reporting.building import COLUMNS, USUAL_COLUMNS, Asked
from reporting.enums import Every, ReportKind, Standing
from reporting.forms import PastDateField, courses_in_order
from reporting.sending import may_receive
from staff.enums import EmploymentType
from staff.models import Person, Post
from staff.unit_tree import choices as unit_choices

ANY = ""


class ScheduleForm(forms.Form):
    """Which report, how often, and to whom. A team report goes to every manager."""

    kind = forms.ChoiceField(choices=ReportKind.choices, label="Which report?", widget=forms.RadioSelect)
    course = forms.ChoiceField(label="About which course?")
    every = forms.ChoiceField(choices=Every.choices, label="How often?", widget=forms.RadioSelect)
    receivers = forms.MultipleChoiceField(
        required=False,
        label="To whom?",
        help_text="Only people of your organisation who may see the report. A team report goes to every manager: leave this empty for it.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, organisation: Organisation, today: date) -> None:
        super().__init__(data)
        self.courses = courses_in_order(organisation, today)
        self.allowed = {
            kind: {user.pk: user for user in may_receive(organisation, kind, on=today)}
            for kind in ReportKind
            if kind != ReportKind.TEAM
        }
        everybody = {pk: user for users in self.allowed.values() for pk, user in users.items()}
        people = sorted(everybody.values(), key=lambda user: (user.last_name, user.first_name, user.pk))
        self.named = [(str(user.pk), f"{user}, {user.email}") for user in people]
        self.fields["receivers"].choices = self.named  # type: ignore[attr-defined]
        self.fields["course"].choices = [(course.code, course.title) for course in self.courses]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and self.chosen_kind != ReportKind.TEAM:
            chosen = self.cleaned_data["receivers"]
            allowed = self.allowed[self.chosen_kind]
            named = dict(self.named)
            strangers = [named[pk] for pk in chosen if int(pk) not in allowed]
            if not chosen:
                self.add_error("receivers", "Choose at least one person.")
            elif strangers:
                self.add_error("receivers", f"May not see this report: {'; '.join(strangers)}. Choose others, or another report.")
        return self.cleaned_data

    @property
    def chosen_kind(self) -> ReportKind:
        return ReportKind(self.cleaned_data["kind"])

    @property
    def chosen_rhythm(self) -> Every:
        return Every(self.cleaned_data["every"])

    @property
    def chosen_course(self) -> Course:
        return next(course for course in self.courses if course.code == self.cleaned_data["course"])

    @property
    def chosen_receivers(self) -> list[User]:
        """Nobody for a team report, whatever was ticked."""
        if self.chosen_kind == ReportKind.TEAM:
            return []
        return [self.allowed[self.chosen_kind][int(pk)] for pk in self.cleaned_data["receivers"]]


class BuilderForm(forms.Form):
    """Which people, and what to tell of each. Nothing given: everybody in post, the usual columns, the main course, today."""

    course = forms.ChoiceField(required=False)
    as_of = PastDateField(
        required=False, label="Date", help_text="Leave empty for today: a kept report then always tells of the day it is opened"
    )
    unit = forms.ChoiceField(required=False, label="Unit, with all below it")
    staff_group = forms.ChoiceField(required=False)
    employment_type = forms.ChoiceField(required=False, choices=[(ANY, "Any"), *EmploymentType.choices])
    manager = forms.ChoiceField(required=False)
    standing = forms.MultipleChoiceField(
        required=False,
        choices=[*Standing.choices, ("out", "Not in scope")],
        label="Standing",
        help_text="None chosen: all",
        widget=forms.CheckboxSelectMultiple,
    )
    columns = forms.MultipleChoiceField(
        required=False,
        choices=[(key, column.label) for key, column in COLUMNS.items()],
        help_text="None chosen: the usual ones",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, organisation: Organisation, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["as_of"].today = today  # type: ignore[attr-defined]
        self.courses = courses_in_order(organisation, today)
        held = Post.objects.covering(today).filter(person__organisation=organisation).order_by()
        groups = sorted({group for group in held.values_list("staff_group", flat=True).distinct() if group})
        managers = Person.objects.filter(pk__in=held.filter(manager__isnull=False).values("manager")).order_by(
            "last_name", "first_name"
        )
        options = {
            "course": [(course.code, course.title) for course in self.courses],
            "unit": [
                (ANY, "Any"),
                *(
                    (str(unit.pk), "\u00a0\u00a0\u00a0" * depth + unit.name)
                    for unit, depth in unit_choices(organisation, on=today)
                ),
            ],
            "staff_group": [(ANY, "Any"), *((group, group) for group in groups)],
            "manager": [(ANY, "Anybody"), *((str(one.pk), f"{one} ({one.staff_number})") for one in managers)],
        }
        for name, found in options.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    @property
    def chosen_course(self) -> Course | None:
        code = self.cleaned_data.get("course")
        return next((course for course in self.courses if course.code == code), self.courses[0] if self.courses else None)

    @property
    def asked(self) -> Asked:
        cleaned = self.cleaned_data
        standings = tuple(cleaned["standing"])
        return Asked(
            on=cleaned.get("as_of") or self.today,
            unit=int(cleaned["unit"]) if cleaned["unit"] else None,
            staff_group=cleaned["staff_group"],
            employment_type=cleaned["employment_type"],
            manager=int(cleaned["manager"]) if cleaned["manager"] else None,
            standings=tuple(one for one in standings or Standing.values if one in Standing.values),
            with_out_of_scope="out" in standings or not standings,
            columns=tuple(cleaned["columns"]) or USUAL_COLUMNS,
        )

    @property
    def query(self) -> str:
        """The choices as the words of an address; what was left open stays open."""
        words, data = QueryDict(mutable=True), cast(QueryDict, self.data)
        for name in self.fields:
            parts = [f"{name}_{part}" for part in ("day", "month", "year")] if name == "as_of" else [name]
            for part in parts:
                values = [value for value in data.getlist(part) if value]
                if values:
                    words.setlist(part, values)
        return words.urlencode()

    @property
    def has_filters(self) -> bool:
        return bool(self.query)


class SaveForm(forms.Form):
    """Under which name a report is kept, and for whom."""

    title = forms.CharField(max_length=100, label="Keep it under a name", error_messages={"required": "Give the report a name."})
    is_shared = forms.BooleanField(required=False, label="Others of the organisation who may see names may use it too")
