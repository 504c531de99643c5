"""Forms about units."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation, Site
from staff.form_fields import UnitField
from staff.models import Unit


class UnitForm(forms.Form):
    """A unit's name, where it stands in the tree, and its site."""

    name = forms.CharField(label="Name", max_length=200)

    def __init__(self, *args: Any, organisation: Organisation, on: date, unit: Unit | None = None, **kwargs: Any) -> None:
        if unit is not None:
            kwargs["initial"] = {"name": unit.name, "parent": unit.parent_id or "", "site": unit.site_id or ""}
        super().__init__(*args, **kwargs)
        without = Unit.objects.ids_below(organisation.pk, [unit.pk]) if unit else ()
        self.fields["parent"] = UnitField(
            organisation=organisation,
            on=on,
            without=without,
            empty="None: it stands at the top",
            label="Part of which unit?",
            required=False,
        )
        sites = Site.objects.filter(organisation=organisation)
        self.fields["site"] = forms.ModelChoiceField(
            sites, label="At which site? (optional)", required=False, empty_label="No site"
        )
