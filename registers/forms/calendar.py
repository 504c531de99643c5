"""The form of the calendar."""

from typing import Any

from django import forms

from registers import calendar


class CalendarFilterForm(forms.Form):
    """What to show of the calendar."""

    kind = forms.ChoiceField(label="Show", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Everything"), *calendar.kinds()]  # type: ignore[attr-defined]
