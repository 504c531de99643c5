"""The forms of risks and of their reviews."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.policy import Access
from nhsuk.forms import DateField
from registers.forms.entries import EntryForm
from registers.models import Risk
from registers.risk_matrix import matrix
from registers.services.risks import SCORED

QUESTIONS = {
    "likelihood_before": "How likely is it, with nothing in place?",
    "impact_before": "How bad would it be, with nothing in place?",
    "likelihood_after": "How likely is it, with what is in place?",
    "impact_after": "How bad would it be, with what is in place?",
}


def score_field(name: str) -> forms.TypedChoiceField:
    """The question for one score of the matrix."""
    return forms.TypedChoiceField(
        label=QUESTIONS[name],
        coerce=int,
        choices=[("", "Choose one"), *matrix().choices(name.partition("_")[0])],
        error_messages={"required": f"{QUESTIONS[name].rstrip('?')}: choose one."},
    )


class RiskForm(EntryForm):
    """A risk and how it is scored."""

    likelihood_before = score_field("likelihood_before")
    impact_before = score_field("impact_before")
    likelihood_after = score_field("likelihood_after")
    impact_after = score_field("impact_after")

    class Meta(EntryForm.Meta):
        model = Risk
        fields = Risk.changeable

    field_order = (
        "title",
        "cause",
        "effect",
        "category",
        "owner_post",
        "likelihood_before",
        "impact_before",
        "controls",
        "likelihood_after",
        "impact_after",
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        if self.instance.pk:
            for name in SCORED:
                self.initial.setdefault(name, getattr(self.instance, name))


class RiskReviewForm(forms.Form):
    """What a review of a risk found."""

    likelihood_before = score_field("likelihood_before")
    impact_before = score_field("impact_before")
    likelihood_after = score_field("likelihood_after")
    impact_after = score_field("impact_after")
    note = forms.CharField(
        label="What did you find?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what you found, even if nothing has changed."},
    )
    review_by = DateField(label="Look at it again by", error_messages={"required": "Enter when to look at it again."})

    def scores(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in SCORED}
