from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from content.authored import DataFault, stream_of
from courses.glossary import words_of
from courses.lessons import LessonBodyBlock
from courses.scenarios import with_answers

DOCUMENT = Path(settings.ROOT) / "docs" / "content-format.md"
CHOICES = [{"text": "one", "feedback": "no", "best": False}, {"text": "two", "feedback": "yes", "best": True}]
STORY = {"type": "story", "title": "S", "steps": [{"situation": "", "question": "?", "choices": CHOICES}] * 2, "ending": "E"}
CHECK = {"type": "check", "question": "?", "options": [{"text": str(n), "explanation": "", "right": n < 3} for n in (1, 2, 3)]}


def example() -> list[dict]:
    return yaml.safe_load(re.search(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[1])


def test_the_example_of_the_format_is_taken_as_it_stands():
    stream = stream_of(LessonBodyBlock(), example(), where="content-format.md")

    assert [block.block_type for block in stream] == ["story", "check", "terms", "local_details"]


def test_the_format_names_every_block_of_a_lesson():
    text = DOCUMENT.read_text(encoding="utf-8")

    assert [name for name in LessonBodyBlock().child_blocks if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"right": True}, "leave at least one that is wrong"),
        ({"right": False}, "Mark at least one answer as right"),
        ({"best": True}, "there is no field “best” here"),
    ],
)
def test_a_check_with_all_or_none_right_is_refused(change, says):
    options = [{"text": "a", "explanation": "b"} | change, {"text": "c", "explanation": "d"} | change]

    with pytest.raises(DataFault, match=says):
        stream_of(LessonBodyBlock(), [{"type": "check", "question": "?", "options": options}], where="x.yaml")


def test_a_story_opens_step_by_step():
    begun = with_answers([STORY], {})[0]
    half = with_answers([STORY], {"s1": ["1"]})[0]
    over = with_answers([STORY], {"s1": ["1"], "s2": ["2"]})[0]

    assert [len(story["open_steps"]) for story in (begun, half, over)] == [1, 2, 2]
    assert [story["is_over"] for story in (begun, half, over)] == [False, False, True]


def test_what_was_tried_is_sent_along_with_the_next_question():
    story, check = with_answers([STORY, CHECK], {"s1": ["2"], "s3": ["1", "3"], "try": ["s3"]})

    assert [option["text"] for option in check["tried"]] == ["1", "3"]
    assert check["others"] == [("s1", "2")]
    assert story["steps"][1]["others"] == [("s1", "2"), ("s3", "1"), ("s3", "3")]


@pytest.mark.parametrize("value", ["", "0", "7", "-1", "x", "²", "1" * 400, "<script>"])
def test_an_answer_that_is_not_there_is_no_answer(value):
    check = with_answers([CHECK], {"s1": [value], "try": ["s1"]})[0]

    assert check["tried"] == []
    assert check["is_unanswered"]


# --- Words, and versions as they were ------------------------------------------------------


def term(word, meaning):
    return {"type": "term", "term": word, "meaning": meaning}


def test_the_words_of_a_course_are_gathered_once_and_in_order():
    more = {"type": "terms", "items": [{"term": "asset", "meaning": "c"}, {"term": "breach", "meaning": "later"}]}
    lessons = [{"blocks": [term("Breach", "b"), {"type": "text", "html": ""}]}, {"blocks": [more]}]

    assert words_of({"modules": [{"lessons": lessons}, {"lessons": []}]}) == [("asset", "c"), ("Breach", "b")]
