"""The form of a data protection impact assessment."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.policy import Access
from registers import screening
from registers.forms.entries import EntryForm
from registers.models import Dpia


class DpiaForm(EntryForm):
    """Screening first: whoever says that no assessment is needed after a yes has to mean it."""

    screening = forms.MultipleChoiceField(
        label="Which of these are true?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="One of them is enough to need an assessment, as a rule.",
    )

    class Meta(EntryForm.Meta):
        model = Dpia
        fields = tuple(name for name in Dpia.changeable if name != "screening")

    field_order = Dpia.changeable

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields["screening"].choices = list(screening.questions().items())  # type: ignore[attr-defined]
        self.initial.setdefault("screening", getattr(self.instance, "screening", []))
