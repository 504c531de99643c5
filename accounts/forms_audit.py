"""What to show of the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.trail import TrailFilter, type_words
from audit.events import types
from nhsuk.forms import DateField


class TrailFilterForm(forms.Form):
    """Filters of the audit trail; every one may be left empty."""

    type = forms.ChoiceField(label="What happened", required=False)
    who = forms.CharField(label="Who did it", help_text="A part of the name is enough.", required=False, max_length=100)
    first_day = DateField(label="From", required=False)
    last_day = DateField(label="Up to", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [("", "Everything"), *((name, type_words(name)) for name in types())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "“Up to” must not be before “From”.")
        return cleaned

    def wanted(self) -> TrailFilter:
        """What was asked; everything, if the form was not filled in."""
        return TrailFilter(**self.cleaned_data) if self.is_bound else TrailFilter()


class HeadForm(forms.Form):
    """A hash from an e-mail or from minutes."""

    hash = forms.RegexField(
        r"^\s*[0-9a-fA-F]{64}\s*$",
        label="Hash to look for",
        help_text="64 letters and digits, from one of the daily e-mails or from your minutes.",
        error_messages={"invalid": "A hash has 64 characters: digits, and letters from a to f."},
    )

    def clean_hash(self) -> str:
        return str(self.cleaned_data["hash"]).strip().lower()
