"""Forms of the staff pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.models import Organisation
from nhsuk.forms import DateField
from staff.enums import DataAccess, EmploymentType, KeyPostKind
from staff.importing.mapping import FIELDS, missing
from staff.importing.reading import MAX_FILE_BYTES
from staff.models import ImportProfile, Person, Unit
from staff.queries import EVERYBODY, IN_POST, LEFT

CHOOSABLE_PEOPLE = 2000
"""Up to so many people are offered in a list; beyond that a staff number is asked for."""


class PersonSearchForm(forms.Form):
    """Search and filters of the staff list."""

    q = forms.CharField(label="Name or staff number", required=False, max_length=100)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="Unit", required=False, empty_label="All units")
    state = forms.ChoiceField(
        label="Who", required=False, choices=[(IN_POST, "In post today"), (LEFT, "Left"), (EVERYBODY, "Everybody")]
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(organisation=organisation)  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """Somebody whom no HR file lists."""

    staff_number = forms.CharField(
        label="Staff number", max_length=40, help_text="If there is none, make one up that nobody else has."
    )
    first_name = forms.CharField(label="First name", max_length=100)
    last_name = forms.CharField(label="Last name", max_length=100)
    email = forms.EmailField(
        label="E-mail address (optional)", required=False, help_text="Without one they cannot be invited to sign in."
    )
    job_title = forms.CharField(label="Job title (optional)", max_length=200, required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="Unit (optional)", required=False, empty_label="No unit")
    employment_type = forms.ChoiceField(label="Employment type", choices=EmploymentType)
    has_access = forms.ChoiceField(
        label="Do they have access to personal data?",
        choices=DataAccess,
        initial=DataAccess.YES,
        widget=forms.RadioSelect,
        help_text="Paper counts too. If you do not know, they are counted as having access.",
    )
    start = DateField(label="First day in post")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(organisation=organisation)  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """An HR file, and how it is to be understood."""

    file = forms.FileField(
        label="The file from your HR system",
        help_text="CSV or Excel (.xlsx), with a heading row, a staff number and a name. Nothing changes until you have seen what would.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    is_complete = forms.ChoiceField(
        label="Does the file list everybody who works here?",
        choices=[
            ("no", "No: people who are not in it stay on the list"),
            ("yes", "Yes: people who are not in it have left"),
        ],
        widget=forms.RadioSelect,
    )
    as_of = DateField(
        label="On which date was the list true?", help_text="Changes that carry no date of their own are dated on this day."
    )
    profile = forms.ModelChoiceField(
        ImportProfile.objects.none(), label="Columns", required=False, empty_label="Recognise the columns by their headings"
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profiles = ImportProfile.objects.filter(organisation=organisation)
        self.fields["profile"].queryset = profiles  # type: ignore[attr-defined]
        if not profiles:
            del self.fields["profile"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB. Split it and import the parts."
            )
        return file


class ColumnsForm(forms.Form):
    """Which heading is which field: a choice for every column."""

    def __init__(
        self, *args: Any, headings: list[str], mapping: Mapping[str, str], examples: Mapping[str, list[str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        choices = [("", "Do not take this column"), *((field.name, field.label) for field in FIELDS)]
        for index, heading in enumerate(headings):
            example = ", ".join(examples.get(heading, []))
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                initial=mapping.get(heading, ""),
                help_text=f"For example: {example}" if example else "",
            )
        self.fields["profile_name"] = forms.CharField(
            label="Remember this as (optional)",
            max_length=100,
            required=False,
            help_text="A name, such as “ESR monthly report”. You can choose it for the next file.",
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
        lacking = missing({heading: name for name, heading in taken.items()})
        if lacking and not self.errors:
            raise forms.ValidationError(lacking)
        return cleaned


class AppointmentForm(forms.Form):
    """Who holds a key post from when."""

    kind = forms.ChoiceField(label="Post", choices=KeyPostKind)
    holder = forms.CharField(label="Staff number of the holder", max_length=40, required=False)
    holder_outside = forms.CharField(
        label="Or somebody outside the organisation",
        max_length=200,
        required=False,
        help_text="Name and organisation, for example an outsourced Data Protection Officer.",
    )
    deputy = forms.CharField(label="Staff number of the deputy (optional)", max_length=40, required=False)
    start = DateField(label="From which date?")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        people = list(Person.objects.of(organisation)[: CHOOSABLE_PEOPLE + 1])
        if len(people) <= CHOOSABLE_PEOPLE:
            choices = [
                ("", "Nobody from the staff list"),
                *((p.staff_number, f"{p.last_name}, {p.first_name} ({p.staff_number})") for p in people),
            ]
            self.fields["holder"] = forms.ChoiceField(label="Holder", choices=choices, required=False)
            self.fields["deputy"] = forms.ChoiceField(
                label="Deputy (optional)", choices=[("", "No deputy"), *choices[1:]], required=False
            )

    def clean_holder(self) -> Person | None:
        return self._person("holder")

    def clean_deputy(self) -> Person | None:
        return self._person("deputy")

    def _person(self, name: str) -> Person | None:
        number = self.cleaned_data[name].strip()
        if not number:
            return None
        person = Person.objects.of(self.organisation).filter(staff_number=number).first()
        if person is None:
            raise forms.ValidationError(f"Nobody on the staff list has the number {number}.")
        return person


class EndAppointmentForm(forms.Form):
    """The last day of an appointment."""

    last_day = DateField(label="Last day in the post")
