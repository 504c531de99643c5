"""The form of a planned check."""

from __future__ import annotations

from typing import Any

from django import forms

from registers.check_kinds import kinds
from registers.forms.entries import EntryForm
from registers.models import PlannedCheck
from registers.models.planned_checks import Often


class PlannedCheckForm(EntryForm):
    """Which check, where, when, how often, and who."""

    kind = forms.ChoiceField(
        label="Which check?", choices=[("", "Choose one")], error_messages={"required": "Choose which check it is."}
    )
    every_months = forms.TypedChoiceField(label="How often?", coerce=int, choices=Often, initial=Often.YEARLY)

    class Meta(EntryForm.Meta):
        model = PlannedCheck
        fields = PlannedCheck.changeable

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "Choose one"), *((kind.slug, kind.title) for kind in kinds().values())]
        self.fields["kind"].choices = offered  # type: ignore[attr-defined]
        self.fields["unit"].empty_label = "The whole organisation"  # type: ignore[attr-defined]
