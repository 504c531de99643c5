"""Forms of a return. They say what shape an answer has; services decide what becomes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.incoming import IncomingFile
from assessment.answers import plain
from assessment.edition_format.types import Answer, Item, Outcome
from assessment.leaves import Leaf
from assessment.models import Assessment, OfficialStatus
from evidence.forms import DocumentForm
from nhsuk.forms import DateField

YES_NO = [("yes", "Yes"), ("no", "No")]


class OpenYearForm(forms.Form):
    """The year to open, and whether the annual return or the interim one."""

    year = forms.ChoiceField(label="Year")
    kind = forms.ChoiceField(choices=Assessment.Kind.choices, required=False)

    def __init__(self, *args: Any, years: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, year) for year in years]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The answer to one item, of the kind its edition asks for, with a comment."""

    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=5000,
        help_text="Anything a reviewer or an auditor should know. Write posts rather than names.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    field_order = ("value", "comment")

    def __init__(self, *args: Any, answer: Answer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = answer_field(answer)
        self.order_fields(self.field_order)


def answer_field(answer: Answer) -> forms.Field:
    """The field for one kind of answer. Nothing is required: a comment alone can be kept."""
    if answer.kind == "yes_no":
        return forms.ChoiceField(label="Your answer", choices=YES_NO, widget=forms.RadioSelect, required=False)
    if answer.kind == "choice":
        options = [(option.value, option.label) for option in answer.options]
        return forms.ChoiceField(label="Your answer", choices=options, widget=forms.RadioSelect, required=False)
    if answer.kind == "date":
        return DateField(label="Your answer: the date", required=False)
    if answer.kind == "number":
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "nhsuk-input--width-10"})
        return forms.CharField(label="Your answer: a number", max_length=20, required=False, widget=widget)
    label, hint = "Your answer", f"At most {answer.max_words} words." if answer.max_words else ""
    if answer.kind == "document":
        label = "Where the document is kept, or what it is called"
        hint = "Attach it under Evidence below, or say here where somebody can find it."
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 5})
    )


def answer_initial(leaf: Leaf) -> dict[str, Any]:
    """What the form shows first: the answer as it stands, last year's to be checked, or what the figure suggests."""
    current = leaf.current
    initial: dict[str, Any] = {"seen": leaf.version_number}
    if current is not None and isinstance(leaf.spec, Item):
        initial |= {"value": plain(current.value), "comment": current.comment}
    elif leaf.suggested:
        initial["value"] = leaf.suggested
    return initial


class WordingForm(forms.Form):
    """The official workbook of one list, and what it is."""

    edition = forms.ChoiceField(label="Which list is it?")
    file = IncomingFile(
        most_bytes=settings.UPLOAD_MAX_BYTES,
        label="The official workbook",
        help_text="An Excel workbook (.xlsx) with a column of item numbers and the official text beside them. You see what is found before anything is kept.",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "too_large": "The file is larger than %(megabytes)s MB. Choose the official workbook.",
            "required": "Choose the workbook.",
            "empty": "The file is empty. Choose the official workbook.",
        },
    )
    source_title = forms.CharField(
        label="What is the workbook called?",
        max_length=200,
        help_text="Shown beside every text, for example “DSPT evidence items, version 8”.",
        error_messages={"required": "Say what the workbook is called."},
    )
    dated_on = DateField(label="What date is on it?", help_text="The day it was published, as far as you know.")

    def __init__(self, *args: Any, lists: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].choices = lists  # type: ignore[attr-defined]


class EnteredForm(forms.Form):
    """Whether an item was keyed into the national site, and what differs there."""

    entered = forms.ChoiceField(choices=YES_NO)
    note = forms.CharField(label="What is different there? (optional)", max_length=300, required=False)


class WithdrawForm(forms.Form):
    """Why a publication is taken back."""

    reason = forms.CharField(
        label="Why do you withdraw it?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody who can see the publication reads this. Leave out people’s names.",
        error_messages={"required": "Say why you withdraw it."},
    )


class CommentForm(forms.Form):
    """A note or a question about an item."""

    text = forms.CharField(
        label="What do you want to say?",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is not part of the return. Leave out patients and the people you support.",
        error_messages={"required": "Write what you want to say."},
    )
    kind = forms.ChoiceField(
        label="Is it a question?",
        choices=[("note", "A note"), ("question", "A question: the return cannot pass review until it is settled")],
        widget=forms.RadioSelect,
        initial="note",
        error_messages={"required": "Say whether it is a note or a question."},
    )
    to = forms.ChoiceField(label="Who is it for?", required=False, help_text="They get an e-mail that says where to look.")
    for_auditors = forms.BooleanField(label="Auditors may read it too", required=False)

    def __init__(self, *args: Any, addressees: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = addressees  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """What somebody says to a question."""

    text = forms.CharField(
        label="Your answer",
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write what you want to say."},
    )


class NotApplicableForm(forms.Form):
    """Why an item does not apply."""

    reason = forms.CharField(label="Why does this not apply to you?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class OutcomeForm(forms.Form):
    """The judgement of one outcome: each indicator true or not, policy questions, a statement, and a person's own level."""

    comment = AnswerForm.base_fields["comment"]
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, outcome: Outcome, levels: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome = outcome
        true_or_not = [("true", "True"), ("false", "Not true")]
        self.indicator_fields = [
            (
                level,
                _rule_of(level, levels),
                [self._add(f"indicator-{n}-{level}", indicator.text, true_or_not) for n, indicator in enumerate(indicators)],
            )
            for level, indicators in outcome.indicators.items()
            if indicators
        ]
        self._indicator_ids = {
            f"indicator-{n}-{level}": indicator.id
            for level, indicators in outcome.indicators.items()
            for n, indicator in enumerate(indicators)
        }
        self.directive_fields = [
            self._add(
                f"directive-{n}",
                directive.text,
                [(answer, answer.replace("_", " ").capitalize()) for answer in directive.answers],
            )
            for n, directive in enumerate(outcome.directives)
        ]
        self.fields["statement"] = forms.CharField(
            label="Supporting statement", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
        )
        if outcome.override_allowed:
            choices = [
                ("", "The level the indicators give"),
                *((level, level.replace("_", " ").capitalize()) for level in levels),
            ]
            self._add("override_level", "Level", choices)
            self.fields["override_reason"] = forms.CharField(label="Why another level?", required=False, max_length=2000)
            self.fields["override_reviewer"] = forms.CharField(
                label="Who reviewed that? (a post, not a name)", required=False, max_length=100
            )
        self.order_fields([*(name for name in self.fields if name not in ("comment", "seen")), "comment", "seen"])

    def _add(self, name: str, label: str, choices: list[tuple[str, str]]) -> str:
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=False)
        return name

    def judgement(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {
            "indicators": {identity: data[name] == "true" for name, identity in self._indicator_ids.items() if data.get(name)},
            "directives": {directive.id: data.get(f"directive-{n}", "") for n, directive in enumerate(self.outcome.directives)},
            "override_level": data.get("override_level", ""),
            "override_reason": data.get("override_reason", ""),
            "override_reviewer": data.get("override_reviewer", ""),
            "statement": data["statement"],
        }


def _rule_of(level: str, levels: tuple[str, ...]) -> str:
    """What a group of indicators does, for a person who answers them."""
    words = level.replace("_", " ")
    return f"One of these that is true makes it {words}." if level == levels[0] else f"All of these must be true for {words}."


def outcome_initial(leaf: Leaf) -> dict[str, Any]:
    """What the outcome's form shows first."""
    current = leaf.current
    initial: dict[str, Any] = {"seen": leaf.version_number}
    if current is None or current.value is None or not isinstance(leaf.spec, Outcome):
        return initial
    value = current.value["value"]
    for level, indicators in leaf.spec.indicators.items():
        for n, indicator in enumerate(indicators):
            if indicator.id in value["indicators"]:
                initial[f"indicator-{n}-{level}"] = "true" if value["indicators"][indicator.id] else "false"
    for n, directive in enumerate(leaf.spec.directives):
        initial[f"directive-{n}"] = value["directives"].get(directive.id, "")
    kept = ("statement", "override_level", "override_reason", "override_reviewer")
    return initial | {key: value.get(key, "") for key in kept} | {"comment": current.comment}


class AssignForm(forms.Form):
    """Who looks after an item, and until when."""

    owner = forms.ChoiceField(label="Who looks after this item?", required=False)
    due_on = DateField(label="Answer it by", required=False)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Nobody yet"), *people]  # type: ignore[attr-defined]


class LocatorForm(forms.Form):
    """Where in a document the evidence is."""

    locator = forms.CharField(
        label="Where to look in it (optional)",
        required=False,
        max_length=200,
        help_text="For example: page 4, or sheet Training, cells B2 to B40.",
    )
    note = forms.CharField(label="Note (optional)", required=False, max_length=300)


class AttachForm(LocatorForm):
    """A document that is in the library already."""

    document_version = forms.ChoiceField(label="Document")
    field_order = ("document_version", "locator", "note")

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document_version"].choices = [("", "Choose a document"), *choices]  # type: ignore[attr-defined]


class NewEvidenceForm(DocumentForm, LocatorForm):
    """A new document, and where in it to look."""

    field_order = (*DocumentForm.field_order, *DocumentForm.optional_dates, "locator", "note")

    def values(self) -> dict[str, Any]:
        """What the library takes: the document alone."""
        return {name: value for name, value in super().values().items() if name not in LocatorForm.base_fields}


class WithholdForm(forms.Form):
    """Why the pack goes out without a document, and whether auditors may open it here."""

    reason = forms.CharField(
        label="Why does the pack go out without it?",
        max_length=300,
        help_text="For example: it lists weaknesses that are not mended yet. This is published. Do not name people.",
        error_messages={"required": "Say why the pack goes out without it."},
    )
    auditors_may_open = forms.ChoiceField(
        label="May auditors open it here?",
        choices=[("yes", "Yes, they may open it here"), ("no", "No, they see only its name and the reason")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether auditors may open it here."},
    )


class PlanForm(forms.Form):
    """What will be done about an item that is not satisfied."""

    action = forms.CharField(label="What will you do about it?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    owner_words = forms.CharField(label="Who does it?", max_length=100, help_text="A post rather than a name.")
    due_on = DateField(label="By when?")


class PointForm(forms.Form):
    """What has to be looked at before the return can be signed."""

    points = forms.CharField(
        label="What has to be looked at?",
        max_length=10_000,
        help_text="One point on each line. Begin a line with an item’s number to say which item it is about, for example: 1.3.2 The policy is from last year.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class UnlockForm(forms.Form):
    """Why a return is opened for work again."""

    reason = forms.CharField(label="Why does it have to change?", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class PlannedDateForm(forms.Form):
    """The day on which the return is to be published."""

    planned_on = DateField(label="On which day will you publish?")


class PublishForm(forms.Form):
    """The act of publishing."""

    note = forms.CharField(
        label="Note to keep with the publication (optional)",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class OfficialStatusForm(forms.Form):
    """What the national site shows."""

    status = forms.ChoiceField(
        label="What does the national site show?", choices=OfficialStatus.Status.choices, widget=forms.RadioSelect
    )
    recorded_on = DateField(label="On which day did you see it?")
    note = forms.CharField(label="Note", required=False, max_length=300)
