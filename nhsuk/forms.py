"""Form fields that the design system shows in its own way. ``layouts/forms.jinja`` renders them."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class DateWidget(forms.MultiWidget):
    """Day, month and year in three boxes."""

    def __init__(self) -> None:
        super().__init__({part: forms.TextInput() for part in ("day", "month", "year")})

    def decompress(self, value: date | None) -> list[Any]:
        return [value.day, value.month, value.year] if value else [None, None, None]


class DateField(forms.MultiValueField):
    """A date typed as day, month and year."""

    widget = DateWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField(required=False, max_length=4) for _ in range(3)]
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        if not any(data_list):
            return None
        try:
            day, month, year = (int(part) for part in data_list)
            return date(year, month, day)
        except ValueError as error:
            raise ValidationError("Enter a real date, for example 27 3 2026.") from error


class TimeField(forms.CharField):
    """A time of day as people type it: ``14:30``, ``2.30pm``, ``2 pm``, ``0930``."""

    _typed = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?\s*([ap]\.?m\.?)?", re.IGNORECASE)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=10, widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5"}), **kwargs)

    def clean(self, value: Any) -> time | None:
        text = super().clean(value).strip()
        if not text:
            return None
        match = self._typed.fullmatch(text)
        if match is None:
            raise ValidationError("Enter a time, for example 14:30 or 2:30pm.")
        hour, minute = int(match[1]), int(match[2] or 0)
        if match[3]:
            if not 1 <= hour <= 12:
                raise ValidationError("Enter a time, for example 14:30 or 2:30pm.")
            hour = hour % 12 + (12 if match[3].lower().startswith("p") else 0)
        try:
            return time(hour, minute)
        except ValueError as error:
            raise ValidationError("Enter a time, for example 14:30 or 2:30pm.") from error

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value
