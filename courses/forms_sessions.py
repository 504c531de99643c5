"""The forms of the register of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Organisation
from courses.models import Course, CourseVersion, TrainingSession
from evidence.forms import UploadField
from evidence.uploads import ACCEPTED_EXTENSIONS
from nhsuk.forms import DateField
from staff.models import Person


class SessionDetailsForm(forms.Form):
    """When and where a session is, and who leads it."""

    held_on = DateField(label="Which day?", error_messages={"required": "Enter the day of the session."})
    place = forms.CharField(
        label="Where?",
        help_text="For example: staff room, Elm House. For a video call write that.",
        max_length=200,
        error_messages={"required": "Say where it is."},
    )
    led_by = forms.CharField(
        label="Who leads it?", max_length=200, error_messages={"required": "Say who leads it, you or somebody else."}
    )
    covered = forms.CharField(
        label="What is it about, and how do you know that people understood?",
        help_text="For a discussion we need this. Never write about anybody’s health.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SessionForm(SessionDetailsForm):
    """A new session: which course, how, and the details."""

    course = forms.ModelChoiceField(
        Course.objects.none(),
        label="Which course?",
        empty_label="Choose a course",
        error_messages={"required": "Choose the course."},
    )
    kind = forms.ChoiceField(
        label="How?",
        choices=TrainingSession.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is a session with a group or a recorded discussion."},
    )
    field_order = ("course", "kind", "held_on", "place", "led_by", "covered")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = Course.objects.available_to(organisation).published().order_by("title")
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == TrainingSession.Kind.DISCUSSION and not cleaned.get("covered") and "covered" not in self.errors:
            self.add_error("covered", "Say what the discussion is about, and how you know that people understood.")
        return cleaned


class SessionChangeForm(SessionDetailsForm):
    """The details of a session, and which version of its course is taught."""

    course_version = forms.ModelChoiceField(
        CourseVersion.objects.none(),
        label="Which version of the course?",
        required=False,
        empty_label="The one in force on the day",
    )
    field_order = ("course_version", "held_on", "place", "led_by", "covered")

    def __init__(self, *args: Any, session: TrainingSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = session.course.versions.defer("content").order_by("-number")
        self.fields["course_version"].queryset = versions  # type: ignore[attr-defined]


class SessionPeopleForm(forms.Form):
    """Who is at a session: those offered, ticked or not."""

    people = forms.MultipleChoiceField(
        label="Who is there?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one person.",
            "invalid_choice": "Somebody is not among the people you can choose.",
        },
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[Person, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(person.pk): person for person, _words in offered}
        self.hints = {str(person.pk): words for person, words in offered}
        self.fields["people"].choices = [(pk, str(person)) for pk, person in self._people.items()]  # type: ignore[attr-defined]

    def clean_people(self) -> list[Person]:
        return [self._people[pk] for pk in self.cleaned_data["people"]]


class SessionSheetForm(forms.Form):
    """The signed sheet."""

    file = UploadField(
        label="Photo or scan of the signed sheet",
        help_text="PDF, JPEG or PNG, up to 25 MB. On a phone you can take the photo now.",
        widget=forms.FileInput(
            attrs={"accept": ",".join(f".{end}" for end in ACCEPTED_EXTENSIONS if end in ("pdf", "jpg", "jpeg", "png"))}
        ),
    )

    def clean_file(self) -> tuple[bytes, str]:
        file: tuple[bytes, str] = self.cleaned_data["file"]
        if not file[1].lower().endswith((".pdf", ".jpg", ".jpeg", ".png")):
            raise ValidationError("Choose a photo (JPEG or PNG) or a PDF of the signed sheet.")
        return file


class SessionWithdrawForm(forms.Form):
    """Why what was recorded does not stand."""

    reason = forms.CharField(
        label="Why does it not stand?",
        help_text="An auditor will read this. One sentence, without anybody’s name.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it does not stand."},
    )
