"""Choosing a unit or a person of one organisation in a form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from staff import unit_tree
from staff.models import Person, Unit

CHOOSABLE_PEOPLE = 2000
"""Up to so many people are offered in a list; beyond that a staff number is asked for."""

INDENT = "\u2003"


class UnitField(forms.ChoiceField):
    """An open unit of the organisation, offered as a tree. Cleans to the unit, or None."""

    def __init__(self, *, organisation: Organisation, on: date, empty: str, without: Iterable[int] = (), **kwargs: Any) -> None:
        found = unit_tree.choices(organisation, on=on, without=without)
        self.units = {str(unit.pk): unit for unit, _depth in found}
        offered = [("", empty), *((str(unit.pk), f"{INDENT * depth}{unit.name}") for unit, depth in found)]
        super().__init__(choices=offered, **kwargs)

    def clean(self, value: Any) -> Unit | None:
        return self.units.get(super().clean(value))


class PersonField(forms.CharField):
    """Somebody of the organisation: chosen from a list, or by staff number where there are too many. Cleans to the person, or None."""

    def __init__(
        self, *, organisation: Organisation, on: date | None = None, empty: str = "Nobody", help_text: str = "", **kwargs: Any
    ) -> None:
        self.people = Person.objects.of(organisation)
        offered = self.people if on is None else self.people.in_post(on)
        some = list(offered.values_list("staff_number", "last_name", "first_name")[: CHOOSABLE_PEOPLE + 1])
        if len(some) <= CHOOSABLE_PEOPLE:
            named = ((number, f"{last}, {first} ({number})") for number, last, first in some)
            kwargs["widget"] = forms.Select(choices=[("", empty), *named])
        else:
            help_text = f"{help_text} Give the staff number.".strip()
        super().__init__(max_length=40, help_text=help_text, **kwargs)

    def clean(self, value: Any) -> Person | None:
        number = super().clean(value).strip()
        if not number:
            return None
        person = self.people.filter(staff_number=number).first()
        if person is None:
            raise forms.ValidationError(f"Nobody on the staff list has the number {number}.")
        return person
