"""The sheet of one check: three answers to each question, a note, and what is to be done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms.boundfield import BoundField

from accounts.enums import Capability
from accounts.policy import Access
from evidence.models import DocumentVersion
from nhsuk.forms import DateField
from registers.check_answers import ANSWERS
from registers.check_kinds import CheckKind
from registers.models.planned_checks import PlannedCheckQuerySet
from registers.queries.checks import plans_of_user, units_of
from registers.services.actions import Owner
from registers.services.checks import ToDo
from staff.enums import KeyPostKind
from staff.models import Unit
from staff.queries import person_of

ME = "me"
TWO_WEEKS = timedelta(days=14)


class CheckForm(forms.Form):
    """A check as somebody does it, walking round with a phone."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="Where?", required=False, empty_label="The whole organisation")
    done_on = DateField(label="When?", error_messages={"required": "Enter the day of the check."})
    note = forms.CharField(
        label="Anything else? (optional)", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    evidence = forms.ModelChoiceField(
        DocumentVersion.objects.none(), label="A report in your evidence (optional)", required=False, empty_label="None"
    )
    to_do = forms.CharField(
        label="What is to be done?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        help_text="If an answer is no. It goes on the list of actions.",
    )
    to_do_by = forms.ChoiceField(label="Who will do it?", required=False)
    to_do_on = DateField(label="By when?", required=False)

    def __init__(self, *args: Any, kind: CheckKind, access: Access, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.access, self.today = kind, access, today
        self.person = person_of(access.user.pk, access.organisation)
        self.initial = {"done_on": today, "to_do_on": today + TWO_WEEKS, **self.initial}
        for code, question in kind.questions.items():
            self.fields[f"answer_{code}"] = forms.ChoiceField(
                label=question,
                choices=list(ANSWERS.items()),
                widget=forms.RadioSelect,
                error_messages={"required": f"{question} Answer yes, no or not seen."},
            )
            self.fields[f"note_{code}"] = forms.CharField(label="Note (optional)", required=False, max_length=300)
        sees_all = access.can(Capability.REGISTERS_VIEW)
        self.fields["unit"].queryset = (  # type: ignore[attr-defined]
            Unit.objects.filter(organisation=access.organisation) if sees_all else self._own_units(today)
        )
        if access.can(Capability.EVIDENCE_VIEW):
            mine = DocumentVersion.objects.visible_to(access).newest().select_related("document")
            self.fields["evidence"].queryset = mine  # type: ignore[attr-defined]
        else:
            del self.fields["evidence"]
        me = [(ME, "I will")] if self.person else []
        self.fields["to_do_by"].choices = [*me, *KeyPostKind.choices]  # type: ignore[attr-defined]
        if not sees_all and not self._planned(today).filter(unit__isnull=True).exists():
            self.fields["unit"].required = True
            self.fields["unit"].empty_label = "Choose one"  # type: ignore[attr-defined]
            self.fields["unit"].error_messages["required"] = "Choose where you looked."

    def _planned(self, today: date) -> PlannedCheckQuerySet:
        """What is planned of this kind for whoever does the check."""
        return plans_of_user(self.access, today).filter(kind=self.kind.slug)

    def _own_units(self, today: date) -> QuerySet[Unit]:
        """Where they work or manage, and where a check is planned for them."""
        there = units_of(self.person, today).values("pk")
        planned = self._planned(today).filter(unit__isnull=False).values("unit")
        return Unit.objects.filter(Q(pk__in=there) | Q(pk__in=planned), organisation=self.access.organisation)

    def questions(self) -> list[tuple[BoundField, BoundField]]:
        """Each question with its note."""
        return [(self[f"answer_{code}"], self[f"note_{code}"]) for code in self.kind.questions]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        done_on = cleaned.get("done_on")
        if done_on and done_on > self.today:
            self.add_error("done_on", "The day is still to come. Record the check once it is done.")
        if cleaned.get("to_do"):
            if not cleaned.get("to_do_on") and "to_do_on" not in self.errors:
                self.add_error("to_do_on", "Enter by when it is to be done.")
            return cleaned
        wrong = [code for code in self.kind.questions if cleaned.get(f"answer_{code}") == "no"]
        if any(not cleaned.get(f"note_{code}") for code in wrong):
            self.add_error("to_do", "An answer is no: say what is to be done, or say in its note why nothing is.")
        return cleaned

    def answers(self) -> dict[str, tuple[str, str]]:
        return {code: (self.cleaned_data[f"answer_{code}"], self.cleaned_data[f"note_{code}"]) for code in self.kind.questions}

    def action(self) -> ToDo | None:
        """What the check asks for, if anything."""
        if not self.cleaned_data["to_do"]:
            return None
        who = self.cleaned_data["to_do_by"]
        owner = Owner(person=self.person) if who in (ME, "") and self.person else Owner(post=who or KeyPostKind.DSPT_LEAD)
        return ToDo(self.cleaned_data["to_do"], owner, self.cleaned_data["to_do_on"])
