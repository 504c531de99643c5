"""The form of one question. It never saves."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms

from quizzes.answers import NOT_ON_THE_PAGE
from quizzes.enums import QuestionKind
from quizzes.papers import ShownPart, ShownQuestion

STALE = NOT_ON_THE_PAGE.rstrip(".")


class AnswerForm(forms.Form):
    """One question of a paper: radios, boxes, or a list to choose from for every line to be put in order or matched.

    Whatever of it can be read is in ``response``, also where something is missing, so that nothing typed is lost.
    """

    def __init__(self, question: ShownQuestion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        for part in question.parts:
            self.fields.update(_fields_of(part))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._read = dict(cleaned)  # a place given twice is an error, and an answer to be kept all the same
        for part in self.question.parts:
            if part.kind == QuestionKind.ORDERING:
                self._refuse_places_given_twice(part)
        return cleaned

    @property
    def has_what_is_not_on_the_page(self) -> bool:
        """Whether something was sent that the page does not offer: an old page, or a tampered one."""
        return any(error.code == "invalid_choice" for errors in self.errors.as_data().values() for error in errors)

    def part_fields(self, part: ShownPart) -> list[forms.BoundField]:
        """The fields of one part, in the order shown."""
        return [self[name] for name in _names_of(part)]

    @property
    def response(self) -> Any:
        """The answer as ``quizzes.services.save_answer`` takes it. Call ``is_valid`` first; empty where nothing could be read."""
        answers = {part.id: self._answer_to(part) for part in self.question.parts}
        if self.question.is_scenario:
            return {part_id: answer for part_id, answer in answers.items() if answer}
        return answers[""]

    def _answer_to(self, part: ShownPart) -> Any:
        names = _names_of(part)
        read = {name: self._read[name] for name in names if self._read.get(name)}
        if part.kind == QuestionKind.ORDERING:
            return {name.removeprefix(_prefix(part)): int(place) for name, place in read.items()}
        if part.kind == QuestionKind.MATCHING:
            return {name.removeprefix(_prefix(part)): target for name, target in read.items()}
        answer = read.get(names[0], [])
        return answer if isinstance(answer, list) else [answer]

    def _refuse_places_given_twice(self, part: ShownPart) -> None:
        names = [name for name in _names_of(part) if self._read.get(name)]
        for place, times in Counter(self._read[name] for name in names).items():
            if times > 1:
                first = next(name for name in names if self._read[name] == place)
                self.add_error(first, f"Place {place} is used more than once. Give each line its own place")


def _prefix(part: ShownPart) -> str:
    return f"{part.id}-" if part.id else ""


def _names_of(part: ShownPart) -> list[str]:
    if part.kind in (QuestionKind.ORDERING, QuestionKind.MATCHING):
        return [f"{_prefix(part)}{option.id}" for option in part.options]
    return [f"{_prefix(part)}answer"]


def _fields_of(part: ShownPart) -> dict[str, forms.Field]:
    if part.kind == QuestionKind.ORDERING:
        places = [(str(n), str(n)) for n in range(1, len(part.options) + 1)]
        return _line_fields(part, [("", "Choose a place"), *places], missing="Choose a place for “{}”")
    if part.kind == QuestionKind.MATCHING:
        targets = [(target.id, target.text) for target in part.targets]
        return _line_fields(part, [("", "Choose a match"), *targets], missing="Choose a match for “{}”")
    choices = [(option.id, option.text) for option in part.options]
    chosen = [option.id for option in part.options if option.id in (part.answer or ())]
    field: forms.Field
    if part.kind == QuestionKind.MULTIPLE:
        field = forms.MultipleChoiceField(
            label=part.stem,
            choices=choices,
            initial=chosen,
            widget=forms.CheckboxSelectMultiple,
            help_text="You get the mark if you choose every right answer and no wrong one.",
            error_messages={"required": "Choose at least one answer", "invalid_choice": STALE},
        )
    else:
        field = forms.ChoiceField(
            label=part.stem,
            choices=choices,
            initial=chosen[0] if chosen else None,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose an answer", "invalid_choice": STALE},
        )
    return {_names_of(part)[0]: field}


def _line_fields(part: ShownPart, choices: list[tuple[str, str]], *, missing: str) -> dict[str, forms.Field]:
    answer = part.answer if isinstance(part.answer, dict) else {}
    return {
        name: forms.ChoiceField(
            label=option.text,
            choices=choices,
            initial=str(answer.get(option.id, "")),
            error_messages={"required": missing.format(option.text), "invalid_choice": STALE},
        )
        for name, option in zip(_names_of(part), part.options, strict=True)
    }
