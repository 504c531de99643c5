"""The form with which questions come in from a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify

from quizzes.bank_faults import is_slug
from quizzes.bank_forms import STANDARDS
from quizzes.exchange.reading import MOST_BYTES
from quizzes.models import Pool


class ImportForm(forms.Form):
    """A file of questions, and what they are filed under."""

    file = forms.FileField(
        label="The file of questions",
        help_text="Moodle XML (.xml) or GIFT (.txt). Nothing is made until you have seen what would be.",
        widget=forms.FileInput(attrs={"accept": ".xml,.txt,.gift"}),
        error_messages={
            "required": "Choose a file",
            "missing": "Choose a file",
            "invalid": "Choose a file",
            "empty": "The file is empty. Export the questions again",
        },
    )
    pool = forms.ModelChoiceField(
        Pool.objects.none(),
        label="Question bank they go into",
        empty_label="Choose a bank",
        to_field_name="code",
        error_messages={"required": "Choose a question bank", "invalid_choice": "Choose a question bank from the list"},
    )
    module = forms.IntegerField(
        label="Module of the course they test",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        min_value=1,
        max_value=1000,
        error_messages={"required": "Enter the module’s number", "invalid": "Enter the module’s number, for example 3"},
    )
    topic = forms.CharField(
        label="Topic",
        max_length=60,
        help_text="For questions that stand in no category of the file. One or two words, for example passwords",
        error_messages={"required": "Enter a topic"},
    )
    standard = forms.TypedChoiceField(
        label="Standard they serve best",
        coerce=int,
        choices=[("", "Choose a standard"), *((str(n), f"{n}. {name}") for n, name in enumerate(STANDARDS, start=1))],
        error_messages={"required": "Choose a standard"},
    )

    def __init__(self, *args: Any, pools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pool"].queryset = pools  # type: ignore[attr-defined]

    def clean_topic(self) -> str:
        topic = slugify(self.cleaned_data["topic"]).strip("-_").replace("_", "-")
        if not is_slug(topic):
            raise forms.ValidationError("Write the topic in letters and digits, for example passwords")
        return topic

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Export fewer questions at a time."
            )
        return file
