"""The form with which an administrator writes down by what a directory knows somebody."""

from __future__ import annotations

from django import forms

from accounts import directories


class SubjectForm(forms.Form):
    """A directory, and the identifier of one person there."""

    directory = forms.ChoiceField(label="Directory")
    subject = forms.CharField(
        label="Identifier of the person there",
        help_text="The directory's own unchanging identifier, never an e-mail address. In Entra ID: the object ID.",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(directory.code, directory.name) for directory in directories.configured()]
        self.fields["directory"].choices = choices  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if "@" in subject or " " in subject:
            raise forms.ValidationError(
                "Give the identifier, not an e-mail address or a name: an address can pass to somebody else."
            )
        return subject
