"""The forms of the question bank. They never save; what they read is in the words of a bank's file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.text import slugify

from quizzes.bank_faults import is_slug
from quizzes.enums import CHOICE_KINDS, PART_KINDS, Feedback, QuestionKind
from quizzes.models import Pool, Question
from quizzes.topics import in_words

STANDARDS = (
    "Personal confidential data",
    "Staff responsibilities",
    "Training",
    "Managing data access",
    "Process reviews",
    "Responding to incidents",
    "Continuity planning",
    "Unsupported systems",
    "IT protection",
    "Accountable suppliers",
)
"""The National Data Guardian's ten, by their short names."""

KINDS_EXPLAINED = (
    (QuestionKind.SINGLE, "One right answer"),
    (QuestionKind.MULTIPLE, "Several right answers"),
    (QuestionKind.TRUE_FALSE, "True or false"),
    (QuestionKind.ORDERING, "Put steps in order"),
    (QuestionKind.MATCHING, "Match each line with something"),
    (QuestionKind.SCENARIO, "A case with several questions about it"),
)
MOST_LINES, MOST_PARTS = 10, 8
FIRST_LINES = {QuestionKind.TRUE_FALSE: 2, QuestionKind.ORDERING: 4}
"""How many lines a new question offers at first; 4 for the others."""


class SearchForm(forms.Form):
    """What the list of questions shows."""

    q = forms.CharField(label="Words of the question, or its code", required=False)
    pool = forms.ChoiceField(label="Question bank", required=False)
    topic = forms.ChoiceField(label="Topic", required=False)
    standard = forms.ChoiceField(
        label="Standard",
        required=False,
        choices=[("", "All"), *((str(n), f"{n}. {name}") for n, name in enumerate(STANDARDS, start=1))],
    )
    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "All"), *QuestionKind.choices])
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), *Question.State.choices])

    def __init__(self, *args: Any, pools: Iterable[Pool], topics: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _field(self, "pool").choices = [("", "All"), *((pool.code, pool.title) for pool in pools)]
        _field(self, "topic").choices = [("", "All"), *((topic, in_words(topic)) for topic in topics)]


class StartForm(forms.Form):
    """Where a new question belongs, and of which kind it is."""

    pool = forms.ModelChoiceField(
        Pool.objects.none(),
        label="Question bank",
        empty_label="Choose a bank",
        to_field_name="code",
        error_messages={"required": "Choose a question bank", "invalid_choice": "Choose a question bank from the list"},
    )
    kind = forms.ChoiceField(
        label="What kind of question?",
        choices=KINDS_EXPLAINED,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a kind of question"},
    )

    def __init__(self, *args: Any, pools: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _field(self, "pool").queryset = pools


class PoolForm(forms.Form):
    """A new bank of the organisation's own."""

    title = forms.CharField(label="Name of the bank", max_length=200, error_messages={"required": "Enter a name"})
    code = forms.SlugField(
        label="Code of the course it serves",
        max_length=60,
        help_text="The last part of the course’s address, for example our-own-induction",
        error_messages={"required": "Enter the course’s code", "invalid": "Use small letters, digits and hyphens only"},
    )

    def clean_code(self) -> str:
        return slugify(self.cleaned_data["code"])


class WithdrawForm(forms.Form):
    """Why a question is withdrawn."""

    reason = forms.CharField(
        label="What is wrong with it?",
        help_text="For example: the law changed on 5 February, so the right answer is no longer right.",
        widget=forms.Textarea,
        error_messages={"required": "Say what is wrong with the question"},
    )


class FilingForm(forms.Form):
    """What questions are filed under."""

    module = forms.IntegerField(
        label="Module of the course tested",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        min_value=1,
        max_value=1000,
        error_messages={"required": "Enter the module’s number", "invalid": "Enter the module’s number, for example 3"},
    )
    topic = forms.CharField(
        label="Topic",
        max_length=60,
        help_text="One or two words, for example passwords",
        error_messages={"required": "Enter a topic"},
    )
    standard = forms.TypedChoiceField(
        label="Standard served best",
        coerce=int,
        choices=[("", "Choose a standard"), *((str(n), f"{n}. {name}") for n, name in enumerate(STANDARDS, start=1))],
        error_messages={"required": "Choose a standard"},
    )

    def clean_topic(self) -> str:
        topic = slugify(self.cleaned_data["topic"]).strip("-_").replace("_", "-")
        if not is_slug(topic):
            raise forms.ValidationError("Write the topic in letters and digits, for example passwords")
        return topic


class LabelsForm(FilingForm):
    """What a question is filed under, and what it asks."""

    field_order = ("stem",)

    stem = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}))
    source = forms.CharField(
        label="Where the facts come from (optional)",
        required=False,
        max_length=300,
        help_text="An address or the name of a guide",
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stem"].label = "The case" if kind == QuestionKind.SCENARIO else "The question"


class LineForm(forms.Form):
    """One option, or one line to be put in order or matched. A line without words is no line."""

    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    match = forms.CharField(label="Goes with", required=False)
    correct = forms.BooleanField(label="This is a right answer", required=False)
    explanation = forms.CharField(label="Why", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, kind: str, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != QuestionKind.MATCHING:
            del self.fields["match"]
        if kind not in CHOICE_KINDS:
            del self.fields["correct"]
        noun = {QuestionKind.ORDERING: "Step", QuestionKind.MATCHING: "Line"}.get(QuestionKind(kind), "Option")
        self.fields["text"].label = f"{noun} {number}"
        self.fields["explanation"].label = f"Why {noun.lower()} {number} is right or wrong"
        if kind == QuestionKind.ORDERING:
            self.fields["explanation"].label = f"Why step {number} comes here"

    @property
    def written(self) -> dict[str, Any]:
        """The line as a bank's file has it; empty where nothing was written."""
        values = self.cleaned_data
        return dict(values) if any(str(values.get(name, "")).strip() for name in ("text", "match", "explanation")) else {}


class PartForm(forms.Form):
    """What one part of a case asks."""

    kind = forms.ChoiceField(label="Kind", choices=[(k, label) for k, label in KINDS_EXPLAINED if k in PART_KINDS])
    stem = forms.CharField(label="The question", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    marks = forms.IntegerField(
        label="Marks",
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-2"}),
        error_messages={"required": "Enter the marks", "invalid": "Enter the marks as a whole number"},
    )


class OthersForm(forms.Form):
    """Matches that no line goes with."""

    other_matches = forms.CharField(
        label="Other matches to choose from, one on a line (optional)", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ChoicesEditor:
    """The lines of a question, or of one part of a case."""

    def __init__(
        self, prefix: str, kind: str, *, data: Mapping[str, Any] | None, initial: Mapping[str, Any], more: bool = False
    ) -> None:
        self.prefix, self.kind = prefix, kind
        lines = initial.get("options", [])
        at_first = FIRST_LINES.get(QuestionKind(kind), 4)
        if kind == QuestionKind.TRUE_FALSE and not lines:
            lines = [{"text": "True"}, {"text": "False"}]
        count = _whole(data.get(f"{prefix}-count"), at_first) if data else max(len(lines), at_first)
        self.count = min(count + (2 if more else 0), MOST_LINES)
        self.lines = [
            LineForm(
                data,
                prefix=f"{prefix}-{n}",
                initial=lines[n] if n < len(lines) else None,
                kind=kind,
                number=n + 1,
            )
            for n in range(self.count)
        ]
        self.others = OthersForm(data, prefix=prefix, initial={"other_matches": "\n".join(initial.get("other_matches", []))})

    @property
    def may_grow(self) -> bool:
        return self.kind != QuestionKind.TRUE_FALSE and self.count < MOST_LINES

    def read(self) -> dict[str, Any]:
        """What was written, as a bank's file has it."""
        options = [line.written for line in self.lines if line.is_valid() and line.written]
        others = self.others.cleaned_data["other_matches"].splitlines() if self.others.is_valid() else []
        others = [text.strip() for text in others if text.strip()]
        return {"options": options} | ({"other_matches": others} if others and self.kind == QuestionKind.MATCHING else {})

    def line_id(self, number: int) -> str:
        """The control of the line that was written as the ``number``th, from 1."""
        written = [line for line in self.lines if line.is_valid() and line.written]
        line = written[number - 1] if number <= len(written) else self.lines[0]
        return str(line["text"].auto_id)


class PartEditor:
    """One part of a case."""

    def __init__(self, number: int, *, data: Mapping[str, Any] | None, initial: Mapping[str, Any], more: bool = False) -> None:
        self.number, prefix = number, f"part-{number}"
        self.form = PartForm(data, prefix=prefix, initial={"kind": QuestionKind.SINGLE, "marks": 1, **initial})
        wanted = data.get(f"{prefix}-kind") if data else initial.get("kind")
        kind = wanted if wanted in PART_KINDS else QuestionKind.SINGLE
        self.choices = ChoicesEditor(f"{prefix}-line", kind, data=data, initial=initial, more=more)

    def read(self) -> dict[str, Any]:
        """What was written of the part; empty where nothing was."""
        choices = self.choices.read()
        values = self.form.cleaned_data if self.form.is_valid() else {}
        is_blank = not values.get("stem", "").strip() and (self.choices.kind == QuestionKind.TRUE_FALSE or not choices["options"])
        return {} if is_blank else {**values, **choices}


class QuestionEditor:
    """The whole form of a question, and what its buttons ask for: to save, or to show more lines or parts."""

    def __init__(self, kind: str, *, data: Any = None, raw: Mapping[str, Any] | None = None) -> None:
        self.kind, raw = kind, raw or {}
        self.labels = LabelsForm(data, initial=raw, kind=kind)
        action = str(data.get("action", "")) if data else ""
        self.asks_for_more = action.startswith("more-")
        if kind == QuestionKind.SCENARIO:
            written = raw.get("parts", [])
            count = _whole(data.get("parts"), 2) if data else max(len(written), 2)
            self.part_count = min(count + (action == "more-parts"), MOST_PARTS)
            self.parts = [
                PartEditor(n, data=data, initial=written[n - 1] if n <= len(written) else {}, more=action == f"more-part-{n}")
                for n in range(1, self.part_count + 1)
            ]
        else:
            self.choices = ChoicesEditor("line", kind, data=data, initial=raw, more=action == "more-lines")

    @property
    def may_have_more_parts(self) -> bool:
        return self.part_count < MOST_PARTS

    def read(self) -> dict[str, Any] | None:
        """The question as a bank's file has it; None where its labels cannot be read."""
        if not self.labels.is_valid():
            return None
        values = {"kind": self.kind, **self.labels.cleaned_data}
        if self.kind == QuestionKind.SCENARIO:
            if not all(part.form.is_valid() for part in self.parts):
                return None
            return values | {"parts": [read for part in self.parts if (read := part.read())]}
        return values | self.choices.read()

    def errors_of(self, faults: Iterable[str]) -> list[dict[str, str]]:
        """Faults as an error summary lists them, each linked to the control it is about."""
        return [{"text": fault, "href": f"#{self._control(fault)}"} for fault in faults]

    def _control(self, fault: str) -> str:
        part, line = (re.search(rf"{word} (\d+)", fault, re.IGNORECASE) for word in ("part", "option"))
        if self.kind == QuestionKind.SCENARIO:
            if part is None:
                return str(self.labels["stem"].auto_id)
            written = [editor for editor in self.parts if editor.read()]
            editor = written[int(part[1]) - 1]
            return editor.choices.line_id(int(line[1])) if line else str(editor.form["stem"].auto_id)
        if fault.startswith("Stem"):
            return str(self.labels["stem"].auto_id)
        return self.choices.line_id(int(line[1]) if line else 1)


MINUTES_FAULTS = {
    "invalid": "Enter the minutes as a whole number",
    "min_value": "Enter a larger number of minutes",
    "max_value": "Enter a smaller number of minutes",
}


class RulesForm(forms.Form):
    """The name of a quiz, its pass mark, and the conditions under which it is taken."""

    title = forms.CharField(label="Name of the quiz", max_length=200, error_messages={"required": "Enter a name"})
    pass_mark_percent = forms.IntegerField(
        label="Pass mark in per cent",
        min_value=1,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        error_messages={
            "required": "Enter the pass mark",
            "invalid": "Enter the pass mark as a whole number from 1 to 100",
            "min_value": "Enter a pass mark from 1 to 100",
            "max_value": "Enter a pass mark from 1 to 100",
        },
    )
    minutes = forms.IntegerField(
        label="Time limit in minutes (optional)",
        help_text="Leave it empty unless speed is part of what you test. People may be given extra time.",
        required=False,
        min_value=1,
        max_value=600,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        error_messages=MINUTES_FAULTS,
    )
    retake_minutes = forms.IntegerField(
        label="Minutes to wait after a fail",
        help_text="Time to read why. 0: people may try again at once.",
        min_value=0,
        max_value=10_080,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-4"}),
        error_messages={"required": "Enter the minutes, or 0", **MINUTES_FAULTS},
    )
    feedback = forms.ChoiceField(label="What people read after they hand in", choices=Feedback.choices, widget=forms.RadioSelect)
    all_on_one_page = forms.BooleanField(
        label="Begin with all questions on one page", help_text="Learners may change to one question a page.", required=False
    )

    @property
    def conditions(self) -> dict[str, Any]:
        """What the form says besides name and pass mark, as a quiz keeps it."""
        return {name: self.cleaned_data[name] for name in ("minutes", "retake_minutes", "feedback", "all_on_one_page")}


class DrawForm(forms.Form):
    """So many questions from a module, or from one topic of it. A line without a number draws nothing."""

    section = forms.TypedChoiceField(label="Module", coerce=int, empty_value=None, required=False)
    topic = forms.ChoiceField(label="Topic", required=False)
    count = forms.IntegerField(
        label="How many",
        required=False,
        min_value=1,
        max_value=200,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "nhsuk-input--width-3"}),
        error_messages={"invalid": "Enter how many as a whole number", "min_value": "Enter at least 1"},
    )

    def __init__(self, *args: Any, sections: Mapping[int, int], topics: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = ((str(number), f"Module {number}: {there} in use") for number, there in sections.items())
        _field(self, "section").choices = [("", "No module"), *offered]
        _field(self, "topic").choices = [("", "Any topic"), *((topic, in_words(topic)) for topic in topics)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("count") and not cleaned.get("section"):
            self.add_error("section", "Choose the module to draw from")
        return cleaned

    @property
    def rule(self) -> dict[str, Any]:
        """The draw as a quiz keeps it; empty where there is none."""
        values = self.cleaned_data
        if not values.get("count"):
            return {}
        topic = {"topic": values["topic"]} if values["topic"] else {}
        return {"section": values["section"], "count": values["count"], **topic}


def _field(form: forms.Form, name: str) -> Any:
    return form.fields[name]


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 4 else otherwise
