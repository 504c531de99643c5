"""The forms of the register of rights requests and complaints."""

from __future__ import annotations

from typing import Any

from django import forms

from nhsuk.forms import DateField
from registers.forms.wording import NamesNobody
from registers.models.rights import MatterKind, Outcome, StepKind, Way


class MatterForm(NamesNobody):
    """A request or complaint as it came."""

    kind = forms.ChoiceField(
        label="What do they want?",
        choices=MatterKind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they want."},
    )
    received_on = DateField(
        label="Which day did it come?",
        help_text="The day it reached anybody here, by whatever way. The clock runs from then.",
        error_messages={"required": "Enter the day it came."},
    )
    way = forms.ChoiceField(
        label="How did it come?", choices=Way, widget=forms.RadioSelect, error_messages={"required": "Choose how it came."}
    )
    initials = forms.CharField(
        label="Their initials, if that helps you",
        max_length=6,
        required=False,
        help_text="No name is needed here. Keep who it is where you keep your correspondence.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5"}),
    )
    about = forms.CharField(
        label="What is it about?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A few words without names, for example: care records of the last two years.",
        error_messages={"required": "Say in a few words what it is about."},
    )


class StepForm(NamesNobody):
    """What was done with it, on which day."""

    kind = forms.ChoiceField(
        label="What was done?", widget=forms.RadioSelect, error_messages={"required": "Choose what was done."}
    )
    on = DateField(label="On which day?", error_messages={"required": "Enter the day."})
    outcome = forms.ChoiceField(label="If you answered: how did it end?", required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label="What was said or decided, and why?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Without names. A refusal needs its reason, and they must be told that they may complain to the ICO.",
    )

    def __init__(self, *args: Any, kinds: list[StepKind], outcomes: list[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        self.fields["outcome"].choices = [(outcome.value, outcome.label) for outcome in outcomes]  # type: ignore[attr-defined]
        if StepKind.ANSWERED not in kinds:
            del self.fields["outcome"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == StepKind.ANSWERED and not cleaned.get("outcome"):
            self.add_error("outcome", "Choose how it ended.")
        return cleaned
