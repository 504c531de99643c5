"""The form of one question. It never saves."""

from __future__ import annotations

from typing import Any

from django import forms

from quizzes.papers import ShownQuestion


class AnswerForm(forms.Form):
    """One question of a paper: radios, or boxes when more than one answer may be right."""

    answer: forms.Field

    def __init__(self, question: ShownQuestion, *args: Any, **kwargs: Any) -> None:
        chosen = [option.id for option in question.options if option.id in question.chosen]
        super().__init__(*args, **kwargs)
        choices = [(option.id, option.text) for option in question.options]
        if question.takes_several:
            self.fields["answer"] = forms.MultipleChoiceField(
                label=question.stem,
                choices=choices,
                initial=chosen,
                widget=forms.CheckboxSelectMultiple,
                help_text="You get the mark if you choose every right answer and no wrong one.",
                error_messages={
                    "required": "Choose at least one answer",
                    "invalid_choice": "Choose from the answers on the page",
                },
            )
        else:
            self.fields["answer"] = forms.ChoiceField(
                label=question.stem,
                choices=choices,
                initial=chosen[0] if chosen else None,
                widget=forms.RadioSelect,
                error_messages={"required": "Choose an answer", "invalid_choice": "Choose from the answers on the page"},
            )

    @property
    def chosen(self) -> list[str]:
        """The ids of the chosen options, of a valid form."""
        answer = self.cleaned_data["answer"]
        return answer if isinstance(answer, list) else [answer]
