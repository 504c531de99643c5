"""The forms of the list of actions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from nhsuk.forms import DateField
from registers import action_sources
from registers.models.actions import ActionUpdate
from registers.services.actions import ActionRefusedError, Owner, owner_named

Kind = ActionUpdate.Kind

OWNER_HINT = (
    "A post such as “Registered manager”, or the name or staff number of a person on the staff list. "
    "For somebody outside, such as a supplier, write who they are: they get no reminders."
)


class OwnerField(forms.CharField):
    """Words that name an owner. The form that has one resolves them with ``owner_of``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"list": "names"})
        super().__init__(label="Who does it?", max_length=100, help_text=OWNER_HINT, widget=widget, **kwargs)


class ActionFilterForm(forms.Form):
    """What to show of the list."""

    SHOW = [("open", "To do"), ("overdue", "Overdue"), ("closed", "Done and cancelled"), ("all", "Everything")]

    whose = forms.ChoiceField(label="Whose", required=False, choices=[("", "Everybody’s"), ("mine", "Mine")])
    show = forms.ChoiceField(label="Show", required=False, choices=SHOW)
    source = forms.ChoiceField(label="Came out of", required=False)

    def __init__(self, *args: Any, sees_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [("", "Anything"), *action_sources.nouns()]  # type: ignore[attr-defined]
        if not sees_all:
            del self.fields["whose"], self.fields["source"]


class ActionForm(forms.Form):
    """Something to be done."""

    what = forms.CharField(
        label="What is to be done?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Leave out the names of people you support and of patients.",
        error_messages={"required": "Say what is to be done."},
    )
    why = forms.CharField(label="Why? (if it needs saying)", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    owner = OwnerField(error_messages={"required": "Say who does it."})
    due_on = DateField(label="By when?", error_messages={"required": "Enter the day by which it is to be done."})

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.today = organisation, today

    def clean_owner(self) -> Owner:
        return owner_of(self.cleaned_data["owner"], self.organisation, self.today)


class ActionUpdateForm(forms.Form):
    """How an action goes. What is offered depends on how it stands and who looks."""

    how = forms.ChoiceField(
        label="What has happened?", widget=forms.RadioSelect, error_messages={"required": "Choose what has happened."}
    )
    note = forms.CharField(label="Tell us about it", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    due_on = DateField(label="The new date", required=False, help_text="Only if it gets another date or is opened again.")
    owner = OwnerField(required=False)

    def __init__(
        self, *args: Any, organisation: Organisation, today: date, is_open: bool, may_manage: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.today = organisation, today
        self.fields["owner"].label = "Who does it from now on?"
        self.fields["owner"].help_text = f"Only if it goes to somebody else. {OWNER_HINT}"
        self.fields["how"].choices = _offered(is_open=is_open, may_manage=may_manage)  # type: ignore[attr-defined]
        if not may_manage:
            del self.fields["due_on"], self.fields["owner"]
        elif not is_open:
            del self.fields["owner"]

    def clean_owner(self) -> Owner | None:
        words = self.cleaned_data["owner"]
        return owner_of(words, self.organisation, self.today) if words else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        how = cleaned.get("how")
        if how and how != Kind.HANDED_OVER and not cleaned.get("note"):
            self.add_error("note", "Write a sentence about it.")
        if how in (Kind.MOVED, Kind.REOPENED) and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "Enter the new date.")
        if how == Kind.HANDED_OVER and not cleaned.get("owner") and "owner" not in self.errors:
            self.add_error("owner", "Say who does it from now on.")
        return cleaned


def _offered(*, is_open: bool, may_manage: bool) -> list[tuple[str, str]]:
    if not is_open:
        return [(Kind.REOPENED.value, "It is taken up again")]
    offered = [(Kind.PROGRESS.value, "It is going on"), (Kind.DONE.value, "It is done")]
    if may_manage:
        offered += [
            (Kind.MOVED.value, "It gets another date"),
            (Kind.HANDED_OVER.value, "Somebody else does it from now on"),
            (Kind.CANCELLED.value, "It will not be done"),
        ]
    return offered


def owner_of(words: str, organisation: Organisation, today: date) -> Owner:
    """The owner whom the words mean, or the field's error."""
    try:
        return owner_named(organisation, words, on=today)
    except ActionRefusedError as refusal:
        raise forms.ValidationError(str(refusal)) from refusal
