"""The forms of the data protection officer's desk."""

from __future__ import annotations

from typing import Any

from django import forms

from nhsuk.forms import DateField
from registers.dpo_rules import questions
from registers.forms.incidents import YES_NO
from registers.forms.wording import NamesNobody


class ReviewForm(forms.Form):
    """Whether an officer is required, and how to reach whoever looks after data protection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions():
            self.fields[question.key] = forms.ChoiceField(
                label=question.ask,
                help_text=question.hint,
                choices=YES_NO,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose yes or no."},
            )
        self.fields["contact"] = forms.CharField(
            label="How can staff and the public reach whoever looks after data protection?",
            max_length=300,
            help_text="A post, a phone number, an e-mail address. Staff see it beside their reports.",
            error_messages={"required": "Say how they can be reached."},
        )

    def values(self) -> dict[str, Any]:
        answers = {question.key: self.cleaned_data[question.key] == "yes" for question in questions()}
        return {"answers": answers, "contact": self.cleaned_data["contact"]}


class AdviceForm(NamesNobody):
    """A question and the officer's answer."""

    asked_on = DateField(label="Which day were you asked?", error_messages={"required": "Enter the day of the question."})
    given_on = DateField(label="Which day did you advise?", error_messages={"required": "Enter the day of the advice."})
    question = forms.CharField(
        label="What was asked?",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what was asked."},
    )
    advice = forms.CharField(
        label="What do you advise?",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what you advise."},
    )


class AdviceDecisionForm(NamesNobody):
    """What is done with the advice."""

    is_followed = forms.ChoiceField(
        label="What do you decide?",
        choices=[("yes", "Follow the advice"), ("no", "Overrule the advice")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you decide."},
    )
    reason = forms.CharField(
        label="Why?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed if you overrule it. It is kept with your name and the day.",
    )

    def values(self) -> dict[str, Any]:
        return {"is_followed": self.cleaned_data["is_followed"] == "yes", "reason": self.cleaned_data["reason"]}
