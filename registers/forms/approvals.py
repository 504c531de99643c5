"""The form that approves a register as a whole."""

from __future__ import annotations

from django import forms


class ApprovalForm(forms.Form):
    """That somebody read the register through."""

    note = forms.CharField(
        label="What did you look at or ask for? (optional)",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    confirmed = forms.BooleanField(
        label="I have read every entry in use, and they are right and complete as far as I know",
        error_messages={"required": "Tick the box if you have read the register and it is right."},
    )
