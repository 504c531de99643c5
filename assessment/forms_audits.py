"""The forms of an audit: asking, answering, accepting, drawing, checking."""

from __future__ import annotations

from typing import Any

from django import forms

from assessment.models import AuditSample, LiveReading
from assessment.queries import AssessmentReturn
from assessment.services.auditing import MOST_SAMPLED
from nhsuk.forms import DateField
from nhsuk.jinja import day


class AskForm(forms.Form):
    """What an auditor asks for."""

    item = forms.ChoiceField(label="About which item?", required=False)
    text = forms.CharField(
        label="What do you ask for?",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One thing at a time is answered soonest.",
    )
    wanted_by = DateField(label="By when?")

    def __init__(self, *args: Any, whole: AssessmentReturn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = [(str(leaf.response.pk), f"{leaf.number} {leaf.spec.title}") for leaf in whole.leaves]
        self.fields["item"].choices = [("", "The return as a whole"), *items]  # type: ignore[attr-defined]


class AnswerRequestForm(forms.Form):
    """What the organisation answers."""

    text = forms.CharField(
        label="Your answer",
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The auditor reads it.",
    )
    document_version = forms.ChoiceField(
        label="A document of your library",
        required=False,
        help_text="The auditor gets the version it has now, and no other document.",
    )

    def __init__(self, *args: Any, library: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document_version"].choices = [("", "No document"), *library]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not (given.get("text") or "").strip() and not given.get("document_version"):
            self.add_error("text", "Answer in words, or choose a document.")
        return given


class SettleForm(forms.Form):
    """Whether what was answered is enough."""

    accepts = forms.ChoiceField(
        label="Is this enough?", choices=[("yes", "Yes, I accept it"), ("no", "No, I ask again")], widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="What is lacking?",
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="If you accept, you may leave this and the day empty.",
    )
    wanted_by = DateField(label="By when?", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("accepts") == "no":
            if not (given.get("text") or "").strip():
                self.add_error("text", "Say what is lacking.")
            if not given.get("wanted_by") and "wanted_by" not in self.errors:
                self.add_error("wanted_by", "Say by when you need it.")
        return given


class DrawForm(forms.Form):
    """Whom to draw, how many, from which figure."""

    reading = forms.ChoiceField(label="From which figure?")
    population = forms.ChoiceField(label="From whom?", choices=AuditSample.Population.choices, widget=forms.RadioSelect)
    size = forms.IntegerField(label="How many people?", min_value=1, max_value=MOST_SAMPLED)
    seed = forms.CharField(
        label="Seed",
        required=False,
        max_length=64,
        help_text="Any words or digits, for example from dice. The same seed always draws the same people. Left empty, one is made by chance.",
    )

    def __init__(self, *args: Any, readings: list[LiveReading], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reading"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"Item {one.item.number} as at {day(one.as_of)}: {one.numerator} of {one.denominator}")
            for one in readings
        ]


class CheckSampledForm(forms.Form):
    """Whether what the auditor saw of somebody agrees with the records."""

    agrees = forms.ChoiceField(
        label="Does what you saw agree with the records?",
        choices=[("yes", "It agrees"), ("no", "It does not agree")],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="What did you see?",
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Write no names. You may leave it empty if it agrees.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("agrees") == "no" and not (given.get("text") or "").strip():
            self.add_error("text", "Write what does not agree.")
        return given
