"""The forms for reporting and handling incidents."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from accounts.policy import Access
from evidence.forms import UploadField
from evidence.models import DocumentVersion
from nhsuk.forms import DateField, TimeField
from registers.breach_grid import current_grid
from registers.forms.wording import NamesNobody
from registers.models import BreachRole, IncidentKind, Nature, Recipient, Theme, Whose
from registers.services.incidents import Report
from staff.models import Unit

YES_NO = [("yes", "Yes"), ("no", "No")]


def instant(day: date, at: time) -> datetime:
    """A London day and time as an instant."""
    return timezone.make_aware(datetime.combine(day, at))


def _words(label: str, error: str, **kwargs: Any) -> forms.CharField:
    rows = kwargs.pop("rows", 4)
    return forms.CharField(
        label=label, max_length=5000, widget=forms.Textarea(attrs={"rows": rows}), error_messages={"required": error}, **kwargs
    )


class ReportForm(NamesNobody):
    """What anybody can say in two minutes."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    what_happened = _words(
        "What happened?",
        "Say in a few words what happened.",
        help_text="Plain words are fine. Leave out names, NHS numbers, addresses and dates of birth.",
    )
    kind = forms.ChoiceField(
        label="Did it happen, or nearly happen?",
        choices=IncidentKind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it happened or nearly happened."},
    )
    nature = forms.ChoiceField(
        label="What comes closest?",
        choices=Nature,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what comes closest. “Something else” is fine."},
    )
    noticed_on = DateField(label="Which day was it noticed?", error_messages={"required": "Enter the day it was noticed."})
    noticed_time = TimeField(
        label="At about what time?",
        help_text="For example 14:30 or 2:30pm",
        error_messages={"required": "Enter about what time it was noticed."},
    )
    happened_on = DateField(label="Which day did it happen, if you know?", required=False)
    whose = forms.ChoiceField(
        label="Whose information is it?",
        choices=Whose,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose information it is. “I do not know” is fine."},
    )
    people_affected = forms.IntegerField(
        label="About how many people does it touch?",
        required=False,
        min_value=0,
        max_value=100_000_000,
        help_text="A number, not names. Leave it empty if you do not know.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-5"}),
        error_messages={"invalid": "Enter a whole number, for example 3, or leave it empty."},
    )
    what_was_done = _words("What has been done about it so far?", "", required=False, rows=3)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        noticed_on, noticed_time, happened_on = (cleaned.get(n) for n in ("noticed_on", "noticed_time", "happened_on"))
        if noticed_on and noticed_time is not None and instant(noticed_on, noticed_time) > timezone.now():
            self.add_error("noticed_on", "The day and time it was noticed lie in the future. Correct one of the two.")
        if noticed_on and happened_on and happened_on > noticed_on:
            self.add_error("happened_on", "It cannot have happened after it was noticed. Correct one of the two days.")
        return cleaned

    def report(self) -> Report:
        """What the services take."""
        values = self.cleaned_data
        return Report(
            noticed_at=min(instant(values["noticed_on"], values["noticed_time"]), timezone.now()),
            unit=values.get("unit"),
            **{name: values[name] for name in ("kind", "nature", "what_happened", "what_was_done", "happened_on")},
            **{name: values[name] for name in ("whose", "people_affected")},
        )


class StaffReportForm(ReportForm):
    """The same for somebody signed in: with their teams, and a box to leave their name out."""

    unit = forms.ModelChoiceField(
        label="In which team or place?", queryset=Unit.objects.none(), required=False, empty_label="I would rather not say"
    )
    unnamed = forms.BooleanField(
        label="Do not record my name",
        required=False,
        help_text="Then nobody can see who sent this, and we cannot ask you about it. You get a code to ask what was done.",
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(organisation=access.organisation)  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """The words somebody got when they reported without a name."""

    code = forms.CharField(label="Your four words", max_length=100, error_messages={"required": "Enter your four words."})


class RewordForm(NamesNobody):
    """The words of a report, without what names a person."""

    what_happened = _words("What happened", "Leave a few words that say what happened.", rows=6)
    what_was_done = _words("What was done", "", required=False)


class AssessForm(NamesNobody):
    """What an incident is, and its place on the grid."""

    is_breach = forms.ChoiceField(
        label="Was personal information lost, changed, locked away, or seen by somebody who should not see it?",
        help_text="If nobody’s information was affected it is still worth learning from, and nobody outside need be told.",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    categories = forms.MultipleChoiceField(
        label="What was hurt?",
        choices=[
            ("confidentiality", "Confidentiality: somebody saw or got what they should not"),
            ("integrity", "Integrity: a record is wrong or was changed"),
            ("availability", "Availability: a record cannot be reached or is lost"),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    role = forms.ChoiceField(
        label="Whose information is it in law?", choices=BreachRole, widget=forms.RadioSelect, initial=BreachRole.CONTROLLER
    )
    aware_on = DateField(
        label="Which day did you become aware?",
        help_text="The day on which somebody here could be reasonably sure that it had happened. The 72 hours run from then.",
        error_messages={"required": "Enter the day on which you became aware."},
    )
    aware_time = TimeField(label="At what time?", error_messages={"required": "Enter the time at which you became aware."})
    vulnerable = forms.BooleanField(
        label="People who are vulnerable are affected",
        required=False,
        help_text="For example people who receive care, children, or people at risk from somebody.",
    )
    likelihood = forms.TypedChoiceField(
        label="How likely is harm to people?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how likely harm is."},
    )
    impact = forms.TypedChoiceField(
        label="How bad would it be?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how bad it would be."},
    )
    reason = _words("Why do you see it so?", "Say in a sentence why you see it so.", rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grid = current_grid()
        for name, scale in (("likelihood", grid.likelihood), ("impact", grid.impact)):
            self.fields[name].choices = [(step, f"{step}. {words}") for step, words in scale.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_breach") == "yes" and not cleaned.get("categories"):
            self.add_error("categories", "Say what was hurt: one, two or all three.")
        return cleaned

    def values(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        values["aware_at"] = instant(values.pop("aware_on"), values.pop("aware_time"))
        values["is_breach"] = values["is_breach"] == "yes"
        return values


class DecideForm(NamesNobody):
    """Who is told, and why."""

    tell_ico = forms.ChoiceField(
        label="Tell the ICO?", choices=YES_NO, widget=forms.RadioSelect, error_messages={"required": "Choose yes or no."}
    )
    tell_people = forms.ChoiceField(
        label="Tell the people affected?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    reason = _words(
        "Why?",
        "Give the reason for the decision.",
        help_text="If nobody is told, say why a risk to people is unlikely. The ICO may ask to see this.",
        rows=3,
    )

    def values(self) -> dict[str, Any]:
        values = self.cleaned_data
        return {name: values[name] == "yes" for name in ("tell_ico", "tell_people")} | {"reason": values["reason"]}


class NotificationForm(NamesNobody):
    """Somebody outside was told."""

    recipient = forms.ChoiceField(
        label="Who was told?", choices=Recipient, widget=forms.RadioSelect, error_messages={"required": "Choose who was told."}
    )
    told_on = DateField(label="On which day?", error_messages={"required": "Enter the day on which they were told."})
    told_time = TimeField(label="At what time?", error_messages={"required": "Enter the time at which they were told."})
    how = forms.CharField(
        label="How, and under which reference?",
        max_length=300,
        help_text="For example: national reporting tool, reference 12345. No names.",
        error_messages={"required": "Say how they were told."},
    )
    late_reason = _words("If the ICO was told later than 72 hours after you became aware: why?", "", required=False, rows=3)

    def values(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        values["told_at"] = instant(values.pop("told_on"), values.pop("told_time"))
        return values


class LearningForm(NamesNobody):
    """Why it happened and what was learnt."""

    theme = forms.ChoiceField(
        label="What is it about?",
        choices=Theme,
        widget=forms.RadioSelect,
        help_text="Themes show what comes back over the year.",
        error_messages={"required": "Choose what it is about."},
    )
    root_cause = _words(
        "Why could it happen?",
        "Say why it could happen.",
        help_text="Look for what made it easy, not for who did it. Ask “why?” a few times.",
        rows=3,
    )
    lesson = _words("What will you do differently?", "Say what you will do differently.", rows=3)


class TurnForm(NamesNobody):
    """The words with which an incident is closed or opened again."""

    words = _words("", "Write a sentence or two.", rows=4)

    def __init__(self, *args: Any, label: str, help_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label, self.fields["words"].help_text = label, help_text


class PaperForm(forms.Form):
    """A document of the library, or a file that only those who handle incidents and requests may open."""

    document = forms.ModelChoiceField(
        label="A document that is in the library already",
        queryset=DocumentVersion.objects.none(),
        required=False,
        empty_label="None of these",
        help_text="Everybody who may see evidence can open it, so it must name nobody.",
        error_messages={"invalid_choice": "Choose a document from the list."},
    )
    file = UploadField(
        label="Or add a file now",
        required=False,
        help_text="Only those who handle incidents and requests can find it and open it: it is in nobody else’s library.",
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = DocumentVersion.objects.visible_to(access).newest().filter(document__needs="").select_related("document")
        self.fields["document"].queryset = mine.order_by("document__title")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("document")) == bool(cleaned.get("file")):
            self.add_error("document", "Choose a document from the list or add a file: one of the two.")
        return cleaned
