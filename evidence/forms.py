"""Forms for finding, adding and renewing documents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from evidence.models import DocumentKind
from evidence.uploads import ACCEPTED_EXTENSIONS, ACCEPTED_KINDS, UploadRefusedError, inspect
from nhsuk.forms import DateField


class LibraryFilterForm(forms.Form):
    """What to show of the library."""

    title = forms.CharField(label="Words in the title", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Every kind"), *DocumentKind.choices])
    review = forms.ChoiceField(label="Review date", required=False, choices=[("", "Any"), ("passed", "Passed")])


class UploadField(forms.FileField):
    """A file that our policy accepts. Its cleaned value is ``(content, name)``."""

    widget = forms.FileInput(attrs={"accept": ",".join(f".{extension}" for extension in ACCEPTED_EXTENSIONS)})

    def clean(self, data: Any, initial: Any = None) -> tuple[bytes, str] | None:
        if not isinstance(data, UploadedFile):
            if self.required:
                raise ValidationError("Choose a file.")
            return None
        content = data.read(settings.UPLOAD_MAX_BYTES + 1)
        try:
            accepted = inspect(content, data.name or "")
        except UploadRefusedError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return content, accepted.name


class VersionForm(forms.Form):
    """One version of a document: a file, a web address or a place, and its dates."""

    file = UploadField(label="File", required=False, help_text=f"{ACCEPTED_KINDS}, up to 25 MB, without a password or macros.")
    link = forms.CharField(
        label="Web address", required=False, max_length=500, help_text="If it is kept in another system that auditors can open."
    )
    location = forms.CharField(
        label="Where the paper is kept",
        required=False,
        max_length=300,
        help_text="For example: locked cabinet, manager’s office.",
    )
    received_on = DateField(
        label="When did you receive or finish it?",
        error_messages={"required": "Enter the day on which you received or finished it."},
    )
    effective_on = DateField(label="In force from", required=False)
    covers_from = DateField(
        label="First day it covers", required=False, help_text="For records of a period, such as a training log."
    )
    last_day_covered = DateField(label="Last day it covers", required=False)
    review_by = DateField(label="Review it by", required=False)
    change_note = forms.CharField(label="What changed since the last version?", required=False, max_length=300)

    optional_dates = ("effective_on", "covers_from", "last_day_covered", "review_by")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [name for name in ("file", "link", "location") if cleaned.get(name)]
        if len(given) != 1 and not {"file", "link", "location"}.intersection(self.errors):
            say = (
                "Choose a file, or give a web address, or say where the paper is kept."
                if not given
                else ("Give only one of these: a file, a web address, or where the paper is kept.")
            )
            self.add_error("file", say)
        if cleaned.get("link") and not str(cleaned["link"]).startswith(("https://", "http://")):
            self.add_error("link", "Enter a web address that begins with https://.")
        first, last = cleaned.get("covers_from"), cleaned.get("last_day_covered")
        if first and last and last < first:
            self.add_error("last_day_covered", "The last day it covers must not be before the first day.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the service takes: the period as ``[covers_from, covers_to)``."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "last_day_covered"}
        last: date | None = self.cleaned_data.get("last_day_covered")
        return values | {"covers_to": last + timedelta(days=1) if last else None}


class DocumentForm(VersionForm):
    """A new document with its first version."""

    title = forms.CharField(
        label="Title",
        max_length=200,
        help_text="Say what it is, for example “Data protection policy”. Leave people’s names out.",
        error_messages={"required": "Enter a title that says what the document is."},
    )
    kind = forms.ChoiceField(
        label="What kind of document is it?",
        choices=[("", "Choose one"), *DocumentKind.choices],
        error_messages={"required": "Choose what kind of document it is."},
    )

    field_order = ("title", "kind", "file", "link", "location", "received_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["change_note"]
