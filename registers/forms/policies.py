"""The forms of the policy register."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.enums import Capability
from accounts.policy import Access, roles_with
from evidence.forms import UploadField
from nhsuk.forms import DateField
from registers.models.policies import Audience, PolicyVersion
from registers.services.policies import MAX_BODY_LENGTH
from registers.writing.filling import FIELDS, MAX_VALUE_LENGTH
from registers.writing.library import Template
from staff.enums import KeyPostKind
from staff.models import KeyPost


class _DatedForm(forms.Form):
    effective_on = DateField(label="In force from", error_messages={"required": "Enter the day from which it is in force."})
    review_by = DateField(label="Review it by", error_messages={"required": "Enter the day by which you will review it."})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        effective, review = cleaned.get("effective_on"), cleaned.get("review_by")
        if effective and review and review <= effective:
            self.add_error("review_by", "The review date must be after the day it comes into force.")
        return cleaned


class FillTemplateForm(_DatedForm):
    """What a template asks of the organisation, filled with what is known."""

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in template.fields:
            self.fields[name] = forms.CharField(label=FIELDS[name], required=False, max_length=MAX_VALUE_LENGTH)
        self.order_fields([*template.fields, "effective_on", "review_by"])
        self.asked = template.fields

    def values(self) -> dict[str, str]:
        """The words for the template's fields."""
        return {name: self.cleaned_data[name] for name in self.asked}


class _ReadersForm(_DatedForm):
    audience = forms.ChoiceField(
        label="Who should read it and say so?", choices=Audience, widget=forms.RadioSelect, initial=Audience.EVERYONE
    )
    days_to_read = forms.IntegerField(
        label="How many days do they have?",
        min_value=1,
        max_value=365,
        initial=14,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        help_text="Counted from the day it is published, or from a starter’s first day.",
        error_messages={"required": "Enter a number of days, for example 14.", "invalid": "Enter a whole number of days."},
    )


class UploadPolicyForm(_ReadersForm):
    """A policy that the organisation has already, as a file."""

    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Enter the title of the policy."})
    file = UploadField(
        label="The policy as a file", help_text="PDF or Word (.docx), up to 25 MB. A PDF is easiest to read on a phone."
    )
    field_order = ("title", "file", "effective_on", "review_by", "audience", "days_to_read")


class DraftForm(_ReadersForm):
    """A version that is not published yet. Its text, or a newer file in place of the one it has."""

    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Enter the title of the policy."})
    body = forms.CharField(
        label="Text",
        max_length=MAX_BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 28}),
        strip=False,
        error_messages={"required": "Write the text of the policy."},
    )
    file = UploadField(label="A newer file", required=False, help_text="Leave this empty to keep the file that is there.")
    change_note = forms.CharField(
        label="What changed since the last version?",
        max_length=300,
        required=False,
        help_text="Staff see this above the policy, so that they know what is new.",
    )
    field_order = ("title", "body", "file", "change_note", "effective_on", "review_by", "audience", "days_to_read")

    def __init__(self, *args: Any, version: PolicyVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["file" if version.blob_id is None else "body"]
        if version.number > 1:
            del self.fields["title"]
        else:
            del self.fields["change_note"]


def initial_of(version: PolicyVersion) -> dict[str, Any]:
    """What the form shows of a version that is there."""
    names = ("body", "audience", "days_to_read", "effective_on", "review_by", "change_note")
    return {"title": version.policy.title} | {name: getattr(version, name) for name in names}


class ApproveForm(forms.Form):
    """As what somebody answers for a version."""

    approved_as = forms.ChoiceField(
        label="You approve it as",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the post in which you approve it."},
    )

    def __init__(self, *args: Any, access: Access, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posts = capacities(access, on=on)
        self.fields["approved_as"].choices = [(post, post) for post in posts]  # type: ignore[attr-defined]
        self.initial.setdefault("approved_as", posts[0])


def capacities(access: Access, *, on: date) -> list[str]:
    """The key posts somebody holds on a date, or the roles by which they may approve. A DPO advises and does not approve."""
    held = KeyPost.objects.visible_to(access).covering(on).filter(holder__user=access.user).order_by("kind")
    held = held.exclude(kind=KeyPostKind.DPO)
    posts = list(dict.fromkeys(post.get_kind_display() for post in held))
    may = [role for role in roles_with(Capability.POLICIES_APPROVE) if role in access.roles]
    return posts or [role.label for role in may]


class WithdrawForm(forms.Form):
    """Why a policy is taken out of use."""

    reason = forms.CharField(
        label="Why is it withdrawn?",
        max_length=300,
        help_text="For example: replaced by the acceptable use policy. Do not name people.",
        error_messages={"required": "Say why the policy is withdrawn."},
    )


class ReadForm(forms.Form):
    """A reader's word."""

    confirm = forms.BooleanField(
        label="I have read this and I will follow it",
        error_messages={
            "required": "Tick the box to say that you have read it. If something is unclear, ask your manager first."
        },
    )
