"""The form with which a platform administrator asks to look into an organisation."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import Capability
from accounts.looking import LONGEST_HOURS_UNASKED
from accounts.models import Organisation
from accounts.policy import LENDABLE


class LookForm(forms.Form):
    """Where, why, at what and for how long."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.order_by("name"),
        label="Which organisation?",
        empty_label="Choose one",
        error_messages={"required": "Choose an organisation."},
    )
    reason = forms.CharField(
        label="Why do you need to look?",
        help_text="The organisation reads this, and it stays on its audit trail. Name no patients.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        error_messages={"required": "Say why you need to look."},
    )
    capabilities = forms.MultipleChoiceField(
        label="What do you need to see?",
        choices=[(capability.value, capability.label[0].upper() + capability.label[1:]) for capability in LENDABLE],
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose as little as you can. You can only read.",
        error_messages={"required": "Choose what you need to see."},
    )
    hours = forms.ChoiceField(
        label="For how long?",
        choices=[("1", "1 hour"), ("2", "2 hours"), ("4", "4 hours"), ("8", "8 hours")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose for how long."},
    )
    waits = forms.ChoiceField(
        label="Can it wait for an answer?",
        choices=[
            ("yes", "Yes. Nothing is seen before the organisation says yes"),
            (
                "no",
                f"No, waiting would do harm. It begins at once, for {LONGEST_HOURS_UNASKED} hours at most, "
                "and the organisation gets a letter at once",
            ),
        ],
        widget=forms.RadioSelect,
        initial="yes",
        error_messages={"required": "Say whether it can wait."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("waits") == "no" and int(cleaned.get("hours") or 0) > LONGEST_HOURS_UNASKED:
            self.add_error("hours", f"Without an answer, choose {LONGEST_HOURS_UNASKED} hours or less.")
        return cleaned

    @property
    def asked_for(self) -> list[Capability]:
        return [Capability(one) for one in self.cleaned_data["capabilities"]]
