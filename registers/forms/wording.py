"""Free text that should name nobody: what looks like a person's details is asked about, and never refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from registers.patient_details import Finding, find

AS_IT_STANDS = "as_it_stands"
"""The name of the second button, which sends the words although they were asked about."""


class NamesNobody(forms.Form):
    """A form whose text areas are looked through. ``details`` is what was found, empty once the writer insists."""

    details: list[Finding]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.details = []

    def is_ready(self) -> bool:
        """Whether the form is valid and nothing is left to ask."""
        if not self.is_valid():
            return False
        if AS_IT_STANDS not in self.data:
            written = (self.cleaned_data[name] for name, field in self.fields.items() if isinstance(field.widget, forms.Textarea))
            self.details = find("\n".join(written), today=self.today)
        return not self.details

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)
