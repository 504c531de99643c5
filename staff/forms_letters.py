"""Forms for letters with codes, and for signing in with one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from staff.form_fields import UnitField

SHARED, OWN = "shared", "own"


class LettersForm(forms.Form):
    """For which unit letters are made."""

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = UnitField(
            organisation=organisation, on=on, empty="Choose a unit", label="For which unit, and all below it?"
        )


class CodeSignInForm(forms.Form):
    """What a letter says, and whose device it is."""

    organisation = forms.CharField(
        label="Organisation code",
        max_length=10,
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10", "autocomplete": "off"}),
    )
    number = forms.CharField(
        label="Staff number",
        max_length=40,
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label="The code on your letter",
        max_length=40,
        help_text="Ten letters and digits. Capitals and the hyphen do not matter.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-20", "autocomplete": "off"}),
    )
    device = forms.ChoiceField(
        label="Whose device is this?",
        choices=[
            (SHARED, "Other people use it too: sign me out when I stop"),
            (OWN, "It is my own phone or computer"),
        ],
        initial=SHARED,
        widget=forms.RadioSelect,
    )
