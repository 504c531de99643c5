"""Form fields that the design system shows in its own way. ``layouts/forms.jinja`` renders them."""

from __future__ import annotations

from datetime import date
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
