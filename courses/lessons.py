"""The blocks a lesson is written in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from wagtail import blocks

from content.blocks import RICH_TEXT, SHORT_TEXT, CalloutBlock, TermBlock


class ChoiceBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=300, label="What a person could do")
    feedback = blocks.TextBlock(rows=3, help_text="What follows from it, kindly. Shown when somebody chooses it.")
    best = blocks.BooleanBlock(required=False, label="The best choice")

    class Meta:
        icon = "radio-full"


class ScenarioBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    situation = blocks.RichTextBlock(features=SHORT_TEXT)
    question = blocks.CharBlock(max_length=200)
    choices = blocks.ListBlock(ChoiceBlock(), min_num=2, max_num=6)

    class Meta:
        icon = "help"
        label = "Situation with choices"

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        if not any(choice["best"] for choice in cleaned["choices"]):
            raise blocks.StructBlockValidationError(
                block_errors={"choices": ValidationError("Mark at least one choice as the best.")}
            )
        return cleaned


class ChecklistBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=160)
    items = blocks.ListBlock(blocks.CharBlock(max_length=300), min_num=1)

    class Meta:
        icon = "tasks"
        label = "Checklist"


class DoBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=160)
    steps = blocks.ListBlock(blocks.CharBlock(max_length=300), min_num=1)

    class Meta:
        icon = "list-ol"
        label = "What to do, in order"


class LessonBodyBlock(blocks.StreamBlock):
    text = blocks.RichTextBlock(features=RICH_TEXT)
    callout = CalloutBlock()
    scenario = ScenarioBlock()
    checklist = ChecklistBlock()
    do = DoBlock()
    term = TermBlock()


class LessonBlock(blocks.StructBlock):
    """One page of reading, two to four minutes."""

    title = blocks.CharBlock(max_length=120)
    minutes = blocks.IntegerBlock(min_value=1, max_value=15)
    blocks = LessonBodyBlock(label="Content")

    class Meta:
        icon = "doc-full"


class LessonsBlock(blocks.StreamBlock):
    lesson = LessonBlock()
