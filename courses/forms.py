"""The forms of the training needs analysis, of publishing and of local details."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from courses.models import ChangeClass, Redo
from courses.retakes import LONGEST_DAYS, Reach
from nhsuk.forms import DateField


class PublishForm(forms.Form):
    """What publishing a change means, and when. A course's first version asks only when."""

    change_class = forms.ChoiceField(label="What kind of change is it?", widget=forms.RadioSelect)
    redo = forms.ChoiceField(label="Who does it again, of those who have done it?", widget=forms.RadioSelect)
    days = forms.IntegerField(
        label="If that is everyone now: how many days do they have?",
        help_text=f"From 1 to {LONGEST_DAYS}. After that, what they did before no longer counts.",
        min_value=1,
        max_value=LONGEST_DAYS,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
    )
    from_day = DateField(
        label="From which day? (leave it empty for now)",
        help_text="A later day: learners get it in the first minutes of that day.",
        required=False,
    )

    def __init__(self, *args: Any, reach: Reach | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reach is None:
            for name in ("change_class", "redo", "days"):
                del self.fields[name]
            return
        kinds: Any = self.fields["change_class"]
        kinds.choices = [(kind.value, f"{kind.label}: {_MEANS[kind]}") for kind in ChangeClass]
        redo: Any = self.fields["redo"]
        redo.choices = [(choice.value, f"{choice.label}: {in_words(choice, reach)}") for choice in Redo]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("redo") == Redo.EVERYONE_NOW and not cleaned.get("days") and "days" not in self.errors:
            self.add_error("days", "Say how many days people have to do it again.")
        if (cleaned.get("redo"), cleaned.get("change_class")) == (Redo.EVERYONE_NOW, ChangeClass.COSMETIC):
            self.add_error("redo", "A cosmetic change is nothing to do again for. Choose another kind of change, or nobody.")
        return cleaned


_MEANS = {
    ChangeClass.COSMETIC: "spelling or looks. What people have read stays read",
    ChangeClass.MINOR: "clearer or fuller, with the same meaning. What people have read stays read",
    ChangeClass.MATERIAL: "the meaning changed. People in the middle of it read the changed lessons again",
}


def in_words(choice: str, reach: Reach) -> str:
    """How many people a choice is about."""
    if not reach.up_to_date:
        return "nobody is up to date today, so there is nobody to ask again"
    people = "1 person who is" if reach.up_to_date == 1 else f"{reach.up_to_date:,} people who are"
    if choice == Redo.NOBODY:
        return f"the {people} up to date today stay so, and the new version is for those who come to it anyway"
    if choice == Redo.NEXT_CYCLE:
        return f"the {people} up to date today stay so until their training runs out, and then do the new version"
    return f"the {people} up to date today do it again, within the days you give"


class LocalDetailsForm(forms.Form):
    """Whom staff tell when something goes wrong, and how."""

    tell = forms.CharField(
        label="Whom do staff tell first?", help_text="A post or a name, for example the nurse in charge.", max_length=200
    )
    phone = forms.CharField(
        label="Phone number (you can leave this out)",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "class": "nhsuk-input--width-20"}),
    )
    email = forms.EmailField(label="E-mail address (you can leave this out)", required=False)
    out_of_hours = forms.CharField(
        label="At night and at weekends (you can leave this out)",
        help_text="Whom to ring when that person is not there.",
        max_length=200,
        required=False,
    )
    how = forms.CharField(
        label="How to report (you can leave this out)",
        help_text="The form, the book or the system you use, and where it is. Write it as you would say it.",
        max_length=1500,
        required=False,
        widget=forms.Textarea,
    )
    effective_on = DateField(label="From which day is this right?")

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if day > timezone.localdate():
            raise ValidationError("Give today or a day before: staff read what is right now.")
        return day
