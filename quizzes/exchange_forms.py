"""The form with which questions come in from a file."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.incoming import IncomingFile
from quizzes.bank_forms import FilingForm
from quizzes.exchange.reading import MOST_BYTES
from quizzes.models import Pool


class ImportForm(FilingForm):
    """A file of questions, and what they are filed under."""

    field_order = ("file", "pool")

    file = IncomingFile(
        most_bytes=MOST_BYTES,
        label="The file of questions",
        help_text="Moodle XML (.xml) or GIFT (.txt). Nothing is made until you have seen what would be.",
        widget=forms.FileInput(attrs={"accept": ".xml,.txt,.gift"}),
        error_messages={
            "too_large": "The file is larger than %(megabytes)s MB. Export fewer questions at a time.",
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

    def __init__(self, *args: Any, pools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pool"].queryset = pools  # type: ignore[attr-defined]
        self.fields["topic"].help_text = f"For questions that stand in no category of the file. {self.fields['topic'].help_text}"
