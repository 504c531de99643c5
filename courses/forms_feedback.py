"""What people think of a course they finished."""

from __future__ import annotations

from typing import Any

from django import forms

from courses.models import Agreement


def _asked(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        choices=Agreement.choices,
        coerce=int,
        label=label,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one answer."},
    )


class FeedbackForm(forms.Form):
    """Three sentences to agree with or not."""

    fits_work = _asked("It fitted the work I do")
    was_clear = _asked("It was clear")
    will_use = _asked("I will do something differently, or go on doing it right")

    @property
    def answers(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
