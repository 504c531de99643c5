"""The form for a directory's token."""

from __future__ import annotations

from django import forms

from accounts import directories


class TokenForm(forms.Form):
    """What the token is for."""

    name = forms.CharField(
        label="Name", max_length=100, help_text="So that you know it again. For example: Entra ID, from May 2027."
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        known = [(directory.code, directory.name) for directory in directories.configured()]
        if known:
            self.fields["directory"] = forms.ChoiceField(
                label="Does it send, as externalId, what one of these directories knows people by?",
                choices=[("", "No, or not sure"), *known],
                required=False,
                help_text="Then new staff can sign in there at once. In Entra ID: map externalId to objectId.",
            )

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        return {"directory": ""} | cleaned
