"""The forms of keeping, holding back and deciding."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.enums import Capability
from accounts.policy import Access
from nhsuk.forms import DateField
from privacy.enums import HoldScope
from privacy.keeping import Rule
from registers.models import Incident
from registers.years import days_of
from staff.models import Person

_SHORT = {"inputmode": "numeric", "class": "nhsuk-input--width-5"}


class PreviewForm(forms.Form):
    """On which date?"""

    on = DateField(label="What would go on this date?", help_text="For example 27 3 2027.")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on < self.today:
            raise forms.ValidationError("Choose today or a later date.")
        return on


class DaysForm(forms.Form):
    """How long, and why."""

    days = forms.IntegerField(label="Keep for how many days?", widget=forms.TextInput(attrs=_SHORT))
    reason = forms.CharField(label="Why?", help_text="Name nobody.", max_length=300)

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: Any = self.fields["days"]
        days.help_text = f"From {rule.least} to {rule.most}. Without a choice of yours it is {rule.days}."

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip()


class HoldForm(forms.Form):
    """What must not go, why, and until when."""

    scope = forms.ChoiceField(label="What do you want to hold back?", choices=HoldScope.choices, widget=forms.RadioSelect)
    staff_number = forms.CharField(label="Staff number", help_text="If it is one person.", required=False, max_length=40)
    incident = forms.IntegerField(
        label="Number of the incident", help_text="If it is an incident.", required=False, widget=forms.TextInput(attrs=_SHORT)
    )
    year = forms.CharField(
        label="Assessment year", help_text="If it is a year, for example 2025-26.", required=False, max_length=7
    )
    reason = forms.CharField(label="Why?", help_text="For example the reference of a claim. Name nobody.", max_length=300)
    last_day = DateField(label="Until which day?", help_text="Leave it empty to hold until somebody lifts it.", required=False)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        if not access.can(Capability.INCIDENTS_VIEW):
            del self.fields["incident"]
            scope: Any = self.fields["scope"]
            scope.choices = [choice for choice in HoldScope.choices if choice[0] != HoldScope.INCIDENT]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        scope = cleaned.get("scope")
        if scope == HoldScope.PERSON:
            cleaned["person"] = Person.objects.visible_to(self.access).filter(staff_number=cleaned.get("staff_number")).first()
            if cleaned["person"] is None:
                self.add_error("staff_number", "Nobody on the staff list has this number.")
        elif scope == HoldScope.INCIDENT:
            cleaned["found"] = Incident.objects.visible_to(self.access).filter(number=cleaned.get("incident") or 0).first()
            if cleaned["found"] is None:
                self.add_error("incident", "There is no incident with this number.")
        elif scope == HoldScope.YEAR:
            try:
                days_of(str(cleaned.get("year")))
            except ValueError:
                self.add_error("year", "Write the year like 2025-26.")
        return cleaned

    def asked(self) -> dict[str, Any]:
        """What the service takes."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in ("scope", "reason", "last_day", "year")}
        return values | {"person": cleaned.get("person"), "incident": cleaned.get("found")}


class LiftForm(forms.Form):
    """Why it no longer needs to be held."""

    because = forms.CharField(label="Why may it go now?", help_text="Name nobody.", max_length=300)
