"""What goes with a module for people who do not learn it on a screen: an easy read, and a guide for a session with a group.

Neither is part of what a version freezes: nobody completes a course by opening them.
"""

from __future__ import annotations

from wagtail import blocks

PICTURES = {
    "person": "A person",
    "speech": "Talking",
    "ear": "Listening",
    "eye": "Looking",
    "phone": "A phone",
    "computer": "A computer",
    "paper": "Paper",
    "lock": "A lock",
    "key": "A key",
    "house": "A house",
    "clock": "A clock",
    "shield": "A shield",
    "tick": "A tick",
    "stop": "Stop",
    "question": "A question",
    "warning": "A warning",
}
"""The pictures an easy read may show, drawn in ``courses/parts/picture.jinja``."""


class EasyReadPartBlock(blocks.StructBlock):
    picture = blocks.ChoiceBlock(choices=list(PICTURES.items()))
    heading = blocks.CharBlock(max_length=80)
    lines = blocks.ListBlock(blocks.CharBlock(max_length=120), min_num=1, help_text="One idea a line. Short words.")

    class Meta:
        icon = "image"


class EasyReadBlock(blocks.StreamBlock):
    """A module in short lines, each part beside a picture."""

    part = EasyReadPartBlock()


class SessionStepBlock(blocks.StructBlock):
    minutes = blocks.IntegerBlock(min_value=1, max_value=60)
    title = blocks.CharBlock(max_length=120)
    say = blocks.TextBlock(rows=3, label="What to say")
    ask = blocks.TextBlock(rows=2, label="What to ask")
    listen_for = blocks.TextBlock(rows=3, label="What to listen for")

    class Meta:
        icon = "group"


class SessionQuestionBlock(blocks.StructBlock):
    ask = blocks.TextBlock(rows=2, label="What to ask each person")
    good = blocks.TextBlock(rows=2, label="What a good answer says")

    class Meta:
        icon = "help"


class SessionBringBlock(blocks.StructBlock):
    items = blocks.ListBlock(blocks.CharBlock(max_length=300), min_num=1)

    class Meta:
        icon = "clipboard-list"
        label = "What to bring"


class SessionCloseBlock(blocks.StructBlock):
    do = blocks.TextBlock(rows=2, label="How to close")

    class Meta:
        icon = "tick"


class SessionGuideBlock(blocks.StreamBlock):
    """How a manager leads the module with a group, and what each person is asked at the end."""

    bring = SessionBringBlock()
    step = SessionStepBlock()
    question = SessionQuestionBlock()
    close = SessionCloseBlock()
