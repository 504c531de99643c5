"""Forms for finding, adding and renewing documents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts import scanner
from evidence.models import DocumentKind, DocumentState, WaitingFile
from evidence.owners import OwnerPost
from evidence.uploads import ACCEPTED_EXTENSIONS, ACCEPTED_KINDS, UploadRefusedError, inspect
from nhsuk.forms import DateField

NOT_SCANNED = "Files are not looked at for viruses here: no scanner is set up."
ACCEPTED_ENDINGS = ",".join(f".{extension}" for extension in ACCEPTED_EXTENSIONS)
"""What a browser's chooser offers first."""


class LibraryFilterForm(forms.Form):
    """What to show of the library."""

    title = forms.CharField(label="Words in the title or the text", required=False, max_length=100)
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Every kind"), *DocumentKind.choices])
    owner = forms.ChoiceField(label="Owner", required=False, choices=[("", "Any"), *OwnerPost.choices])
    state = forms.ChoiceField(
        label="Stands",
        required=False,
        choices=[("", "Any"), *((s.value, s.label) for s in DocumentState if s != DocumentState.SUPERSEDED)],
    )
    review = forms.ChoiceField(label="Review date", required=False, choices=[("", "Any"), ("passed", "Passed")])


class UploadField(forms.FileField):
    """A file that our policy accepts. Its cleaned value is ``(content, name)``."""

    widget = forms.FileInput(attrs={"accept": ACCEPTED_ENDINGS})

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
        label="Or a web address",
        required=False,
        max_length=500,
        help_text="If it is kept in another system that auditors can open.",
    )
    location = forms.CharField(
        label="Or where the paper is kept",
        required=False,
        max_length=300,
        help_text="For example: locked cabinet, manager’s office.",
    )
    received_on = DateField(
        label="When did you receive or finish it?",
        error_messages={"required": "Enter the day on which you received or finished it."},
    )
    effective_on = DateField(
        label="In force from (optional)", required=False, help_text="The day it was approved or took effect."
    )
    covers_from = DateField(
        label="First day it covers (optional)", required=False, help_text="For records of a period, such as a training log."
    )
    last_day_covered = DateField(label="Last day it covers (optional)", required=False)
    review_by = DateField(label="Review it by (optional)", required=False)
    change_note = forms.CharField(label="What changed since the last version? (optional)", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not scanner.is_set_up():
            self.fields["file"].help_text = f"{self.fields['file'].help_text} {NOT_SCANNED}"

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
        effective, review = cleaned.get("effective_on"), cleaned.get("review_by")
        if effective and review and review < effective:
            self.add_error("review_by", "The review date must not be before the day it takes effect.")
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

    owner_post = forms.ChoiceField(
        label="Whose post is it to look after it?", required=False, choices=[("", "Nobody’s yet"), *OwnerPost.choices]
    )
    field_order: tuple[str, ...] = ("title", "kind", "owner_post", "file", "link", "location", "received_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["change_note"]

    def ask_for_its_date(self, why: str) -> None:
        """Want the day from which it holds, where something that looks at the document's age would not count it without."""
        field = self.fields["effective_on"]
        field.required, field.label = True, "In force from"
        field.help_text = f"The day it was approved or took effect. {why}"
        field.error_messages["required"] = f"Enter the day from which it is in force. {why}"


class DetailsForm(forms.Form):
    """What a document is, whatever its version."""

    title = forms.CharField(
        label="Title", max_length=200, error_messages={"required": "Enter a title that says what the document is."}
    )
    kind = forms.ChoiceField(label="Kind", choices=DocumentKind)
    owner_post = forms.ChoiceField(
        label="Whose post is it to look after it?", required=False, choices=[("", "Nobody’s yet"), *OwnerPost.choices]
    )


class WithdrawForm(forms.Form):
    """Why a document no longer holds."""

    reason = forms.CharField(
        label="Why is it withdrawn?",
        max_length=300,
        help_text="Do not name people.",
        error_messages={"required": "Say why the document is withdrawn."},
    )


class ManyFilesWidget(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files as they come. Its cleaned value is a list of ``(content, name)``; nothing has been looked at yet."""

    widget = ManyFilesWidget(attrs={"multiple": "multiple", "accept": ACCEPTED_ENDINGS})
    most = 30

    def clean(self, data: Any, initial: Any = None) -> list[tuple[bytes, str]]:
        found = [file for file in data or [] if isinstance(file, UploadedFile)]
        if not found:
            raise ValidationError("Choose one or more files.")
        if len(found) > self.most:
            raise ValidationError(f"Choose up to {self.most} files at a time.")
        return [(file.read(settings.UPLOAD_MAX_BYTES + 1), file.name or "") for file in found]


class ManyFilesForm(forms.Form):
    """Several files at once; each is looked at by itself."""

    chosen = ManyFilesField(label="Files", help_text=f"{ACCEPTED_KINDS}. Up to {ManyFilesField.most} files, each up to 25 MB.")


class WaitingFileForm(forms.Form):
    """What one of several files is. An empty title leaves it waiting."""

    title = forms.CharField(label="Title", max_length=200, required=False)
    kind = forms.ChoiceField(label="Kind", choices=DocumentKind)
    owner_post = forms.ChoiceField(label="Owner", required=False, choices=[("", "Nobody’s yet"), *OwnerPost.choices])
    discard = forms.BooleanField(label="Do not keep it", required=False)

    def __init__(self, *args: Any, waiting: WaitingFile, **kwargs: Any) -> None:
        initial = {"title": waiting.file_name.rpartition(".")[0].replace("_", " "), "kind": DocumentKind.OTHER}
        super().__init__(*args, **kwargs | {"prefix": f"file-{waiting.pk}", "initial": initial})
        self.waiting = waiting
