"""The forms about the sites of a return."""

from __future__ import annotations

from typing import Any

from django import forms

from nhsuk.forms import DateField


class BranchForm(forms.Form):
    """Whether the return speaks for a site, and who answers for it there."""

    included = forms.ChoiceField(
        label="Does this return speak for the site?", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    responsible = forms.ChoiceField(
        label="If yes: who is responsible for the site?",
        required=False,
        help_text="They confirm that what the return says is true there. Only people who can sign in are listed.",
    )
    confirm_by = DateField(label="If yes: by which day should they confirm it?", required=False)
    reason = forms.CharField(
        label="If no: why not?", required=False, max_length=300, help_text="For example: it publishes a return of its own."
    )

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].choices = [("", "Choose somebody"), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what the choice needs."""
        said = super().clean() or {}
        if said.get("included") == "yes":
            if not said.get("responsible"):
                self.add_error("responsible", "Choose who is responsible for the site.")
            if not said.get("confirm_by") and "confirm_by" not in self.errors:
                self.add_error("confirm_by", "Give the day by which they should confirm it.")
        elif said.get("included") == "no" and not said.get("reason", "").strip():
            self.add_error("reason", "Say why this return does not speak for the site.")
        return said


class AttestForm(forms.Form):
    """What the person responsible for a site says of the answers."""

    is_true = forms.ChoiceField(
        label="Is all of it true at your site?",
        choices=[("yes", "Yes, all of it is true there"), ("no", "No, something is different there")],
        widget=forms.RadioSelect,
    )
    differs = forms.CharField(
        label="If no: what is different?",
        required=False,
        max_length=2000,
        help_text="Name the item by its number. No names of patients or of people you support.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean(self) -> dict[str, Any]:
        """Ask what is different."""
        said = super().clean() or {}
        if said.get("is_true") == "no" and not said.get("differs", "").strip():
            self.add_error("differs", "Say what is different at your site.")
        return said
