"""The blocks a lesson is written in."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from wagtail import blocks

from content.blocks import RICH_TEXT, SHORT_TEXT, CalloutBlock, TermBlock, TermsBlock
from courses.media_blocks import DownloadBlock, PictureBlock, VideoBlock


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
        return _with_a_best_choice(super().clean(value))


class StoryStepBlock(blocks.StructBlock):
    situation = blocks.RichTextBlock(features=SHORT_TEXT, help_text="What has happened by now.")
    question = blocks.CharBlock(max_length=200)
    choices = blocks.ListBlock(ChoiceBlock(), min_num=2, max_num=6)

    class Meta:
        icon = "help"
        label = "Step"

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        return _with_a_best_choice(super().clean(value))


class StoryBlock(blocks.StructBlock):
    """One situation that goes on: each step opens when the one before was tried."""

    title = blocks.CharBlock(max_length=120)
    steps = blocks.ListBlock(StoryStepBlock(), min_num=2, max_num=6)
    ending = blocks.RichTextBlock(features=SHORT_TEXT, required=False, help_text="How it came out, and what to take from it.")

    class Meta:
        icon = "form"
        label = "What would you do? (several steps)"


class OptionBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=300, label="Answer")
    explanation = blocks.TextBlock(rows=2, help_text="Why it is right or wrong. Shown when somebody has answered.")
    right = blocks.BooleanBlock(required=False, label="A right answer")

    class Meta:
        icon = "tick-inverse"


class CheckBlock(blocks.StructBlock):
    """A question to try in the middle of reading. It is not marked and not kept."""

    question = blocks.CharBlock(max_length=300)
    options = blocks.ListBlock(OptionBlock(), min_num=2, max_num=6)

    class Meta:
        icon = "tick"
        label = "Check what you know"

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        right = [option["right"] for option in cleaned["options"]]
        if all(right) or not any(right):
            message = "Mark at least one answer as right, and leave at least one that is wrong."
            raise blocks.StructBlockValidationError(block_errors={"options": ValidationError(message)})
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
    image = PictureBlock()
    video = VideoBlock()
    callout = CalloutBlock()
    scenario = ScenarioBlock()
    checklist = ChecklistBlock()
    do = DoBlock()
    term = TermBlock()
    terms = TermsBlock()
    story = StoryBlock()
    check = CheckBlock()
    download = DownloadBlock()
    local_details = blocks.StaticBlock(
        icon="group",
        label="Who to tell here",
        admin_text="Shows whom to tell and how, as the learner’s own organisation has written it down.",
    )


class LessonBlock(blocks.StructBlock):
    """One page of reading, two to four minutes."""

    title = blocks.CharBlock(max_length=120)
    minutes = blocks.IntegerBlock(min_value=1, max_value=15)
    blocks = LessonBodyBlock(label="Content")

    class Meta:
        icon = "doc-full"


class LessonsBlock(blocks.StreamBlock):
    lesson = LessonBlock()


def _with_a_best_choice(cleaned: blocks.StructValue) -> blocks.StructValue:
    if not any(choice["best"] for choice in cleaned["choices"]):
        raise blocks.StructBlockValidationError(
            block_errors={"choices": ValidationError("Mark at least one choice as the best.")}
        )
    return cleaned
