"""The forms of nil returns."""

from __future__ import annotations

from typing import Any

from django import forms

from nhsuk.forms import DateField


class NilReturnForm(forms.Form):
    """The period for which nothing was to be recorded."""

    first_day = DateField(label="First day of the period", error_messages={"required": "Enter the first day of the period."})
    last_day = DateField(label="Last day of the period", error_messages={"required": "Enter the last day of the period."})
    confirmed = forms.BooleanField(error_messages={"required": "Tick the box to say that the statement is true."})

    def __init__(self, *args: Any, statement: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["confirmed"].label = statement


class WithdrawalForm(forms.Form):
    """Why a nil return is withdrawn."""

    reason = forms.CharField(
        label="Why do you withdraw it?",
        max_length=300,
        error_messages={"required": "Say why you withdraw it."},
        help_text="For example: an incident of that period came to light later.",
    )
