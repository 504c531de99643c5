"""The form with which a list of requirements comes in as a file."""

from __future__ import annotations

from django import forms

from accounts.incoming import IncomingFile
from assessment.edition_format.strict_yaml import MAX_BYTES


class EditionFileForm(forms.Form):
    """A list of requirements as a YAML file. Its cleaned value is the text; what it says is checked elsewhere."""

    file = IncomingFile(
        most_bytes=MAX_BYTES,
        label="The file of the list",
        help_text="A YAML file in the format of the lists that ship with this system. You see what it changes before anything is loaded.",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
        error_messages={
            "required": "Choose the file.",
            "empty": "The file is empty. Choose the file of the list.",
            "too_large": f"The file is larger than {MAX_BYTES // 1_000_000} MB. A list has at most that.",
        },
    )

    def clean_file(self) -> str:
        try:
            return str(self.cleaned_data["file"].read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is not text in UTF-8. Choose the YAML file of the list.") from error
