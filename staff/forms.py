"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.incoming import IncomingFile
from accounts.models import Organisation
from nhsuk.forms import DateField
from staff.enums import ERASABLE_FIELDS, KeepableField
from staff.importing.mapping import FIELDS, missing
from staff.importing.preparing import Reading
from staff.importing.reading import MAX_FILE_BYTES
from staff.models import ImportBatch, ImportProfile


class UploadForm(forms.Form):
    """An HR file, and how it is to be understood."""

    file = IncomingFile(
        most_bytes=MAX_FILE_BYTES,
        label="The file from your HR system",
        help_text="CSV or Excel (.xlsx), with a heading row, a staff number and a name. Nothing changes until you have seen what would.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        error_messages={"too_large": "The file is larger than %(megabytes)s MB. Split it and import the parts."},
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


class ColumnsForm(forms.Form):
    """Which heading is which field: a choice for every column."""

    def __init__(
        self,
        *args: Any,
        headings: list[str],
        mapping: Mapping[str, str],
        reading: Reading,
        examples: Mapping[str, list[str]],
        **kwargs: Any,
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
        self.fields["erased"] = forms.MultipleChoiceField(
            label="What should an empty cell erase?",
            choices=list(ERASABLE_FIELDS.items()),
            required=False,
            initial=reading.erased,
            widget=forms.CheckboxSelectMultiple,
            help_text="Leave all of them out if an empty cell means: as it is.",
        )
        self.fields["kept_here"] = forms.MultipleChoiceField(
            label="What do you keep here, whatever the file says?",
            choices=KeepableField.choices,
            required=False,
            initial=reading.kept_here,
            widget=forms.CheckboxSelectMultiple,
            help_text="The file fills these in for new people, and never changes them afterwards.",
        )
        self.fields["profile_name"] = forms.CharField(
            label="Remember this as (optional)",
            max_length=100,
            required=False,
            help_text="A name, such as “ESR monthly report”. You can choose it for the next file.",
        )

    @property
    def reading(self) -> Reading:
        """What empty cells mean, and what the file may not change."""
        return Reading(tuple(self.cleaned_data["erased"]), tuple(self.cleaned_data["kept_here"]))

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


class ConfirmForm(forms.Form):
    """The decision to import: where the list may be an older one, with the word that it is meant all the same."""

    is_right_file = forms.BooleanField(
        label="I have looked again: this is the list I mean",
        error_messages={"required": "Look again at what speaks against this file. Tick the box if it is the list you mean."},
    )

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not batch.doubts:
            del self.fields["is_right_file"]


class ProfileNameForm(forms.Form):
    """Another name for saved columns."""

    name = forms.CharField(label="Name", max_length=100)
