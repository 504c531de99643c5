"""The forms with which training records come in from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from accounts.incoming import IncomingFile
from accounts.models import Organisation
from courses import record_columns
from courses.models import Course, RecordImportRow
from staff.form_fields import UnitField
from staff.importing.reading import MAX_FILE_BYTES
from staff.models import Person


class RecordUploadForm(forms.Form):
    """A file of training records."""

    file = IncomingFile(
        most_bytes=MAX_FILE_BYTES,
        label="The file of training records",
        help_text="CSV or Excel (.xlsx), with a heading row. Nothing is recorded until you have seen what would be.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"too_large": "The file is larger than %(megabytes)s MB. Split it and import the parts."},
    )
    course = forms.ModelChoiceField(
        Course.objects.none(),
        label="Which course is it about?",
        required=False,
        empty_label="A column of the file says which",
        help_text="Choose one if the file is about a single course and has no column for it.",
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = Course.objects.filter(Q(organisation__isnull=True) | Q(organisation=organisation)).order_by("title")
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]


class RecordColumnsForm(forms.Form):
    """Which heading is which field: a choice for every column."""

    def __init__(
        self,
        *args: Any,
        headings: Sequence[str],
        mapping: Mapping[str, str],
        examples: Mapping[str, str],
        has_course: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.headings, self.has_course = headings, has_course
        choices = [("", "Do not take this column"), *record_columns.LABELS.items()]
        for index, heading in enumerate(headings):
            example = examples.get(heading, "")
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                initial=mapping.get(heading, ""),
                help_text=f"For example: {example}" if example else "",
            )

    @property
    def mapping(self) -> dict[str, str]:
        """Field name by heading, for the columns that are taken."""
        chosen = {heading: self.cleaned_data.get(f"column_{index}", "") for index, heading in enumerate(self.headings)}
        return {heading: name for heading, name in chosen.items() if name}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        taken: dict[str, str] = {}
        for index, heading in enumerate(self.headings):
            name = cleaned.get(f"column_{index}", "")
            if name and name in taken:
                self.add_error(f"column_{index}", f"“{taken[name]}” is already taken for this. Choose one column for each.")
            elif name:
                taken[name] = heading
        lacking = record_columns.missing(self.mapping, has_course=self.has_course, all_headings=self.headings)
        if lacking and not self.errors:
            raise forms.ValidationError(lacking)
        return cleaned


class RecordPeopleForm(forms.Form):
    """Whom the rows mean that match nobody: one of those near by, or a staff number."""

    def __init__(
        self, *args: Any, rows: Sequence[RecordImportRow], near: Mapping[int, Person], organisation: Organisation, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.rows = organisation, rows
        for row in rows:
            people = [near[pk] for pk in row.near if pk in near]
            choices = [("", "Nobody: leave the row out"), *((p.staff_number, f"{p} ({p.staff_number})") for p in people)]
            label = f"Row {row.number}: {', '.join(value for value in row.parsed.values() if value)}"
            if people:
                field: forms.Field = forms.ChoiceField(
                    label=label, choices=choices, required=False, widget=forms.RadioSelect, initial=""
                )
            else:
                field = forms.CharField(label=label, required=False, max_length=40, help_text="Staff number, if you know it")
            self.fields[f"row_{row.number}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        said = {row.number: str(cleaned.get(f"row_{row.number}") or "").strip() for row in self.rows}
        wanted = Person.objects.of(self.organisation).filter(staff_number__in={number for number in said.values() if number})
        people = dict(wanted.values_list("staff_number", "pk"))
        self.chosen: dict[int, int] = {}
        for row, number in said.items():
            if number and number not in people:
                self.add_error(f"row_{row}", f"Nobody on the staff list has the number {number}.")
            elif number:
                self.chosen[row] = people[number]
        return cleaned


class RecordWithdrawForm(forms.Form):
    """Why the records of an import do not stand."""

    reason = forms.CharField(
        label="Why do these records not stand?",
        help_text="An auditor will read this. One sentence, without anybody's name.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UnitCertificatesForm(forms.Form):
    """Whose certificates to take."""

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = UnitField(
            organisation=organisation, on=on, empty="Everybody", label="Unit, and all below it", required=False
        )
