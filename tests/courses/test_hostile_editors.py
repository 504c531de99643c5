"""What an editor sends, whatever it is, never runs in a reader's browser."""

from __future__ import annotations

import json
import re

import pytest
from wagtail.blocks import RichTextBlock

from content.blocks import RICH_TEXT, SHORT_TEXT
from content.plain import plain_html
from courses.lessons import LessonBodyBlock
from tests.courses.test_learning import content, lesson, lesson_url, module, publish

RUNS = re.compile(r"<(?:script|iframe|object|embed|svg|img|form|style)|\son\w+\s*=|javascript:|data:text", re.IGNORECASE)
WORDS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</textarea><iframe srcdoc='<script>alert(1)</script>'>",
]
ADDRESSES = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
]


def sent(text, *, address=None, kind="unstyled", entity="LINK"):
    """What the editor's script sends for one paragraph."""
    ranges = [{"offset": 0, "length": len(text), "key": 0}] if address else []
    entities = {"0": {"type": entity, "mutability": "MUTABLE", "data": {"url": address, "src": address, "html": text}}}
    block = {"key": "a", "text": text, "type": kind, "depth": 0, "inlineStyleRanges": [], "entityRanges": ranges}
    return json.dumps({"blocks": [block], "entityMap": entities if address else {}})


def kept(posted, features=RICH_TEXT):
    """The HTML a reader gets of what was posted."""
    block = RichTextBlock(features=features)
    value = block.value_from_datadict({"body": posted}, {}, "body")
    return plain_html(block.to_python(block.get_prep_value(value)).source)


@pytest.mark.parametrize("features", [RICH_TEXT, SHORT_TEXT], ids=["long", "short"])
@pytest.mark.parametrize("words", WORDS)
def test_typed_markup_stays_words(words, features):
    html = kept(sent(words), features)

    assert not re.search(r"<(?!/?p\b)", html)
    assert "&lt;" in html


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_link_that_would_run_leads_nowhere(address):
    html = kept(sent("press here", address=address))

    assert not re.search(r'href="\s*(?:javascript|java|data|vbscript)', html, re.IGNORECASE)


@pytest.mark.parametrize("entity", ["IMAGE", "EMBED", "DOCUMENT", "HORIZONTAL_RULE", "SCRIPT"])
def test_what_the_editor_does_not_offer_is_not_kept(entity):
    try:
        html = kept(sent("words", address="https://evil.example/x.js", entity=entity))
    except (KeyError, ValueError, RuntimeError):
        return

    assert not RUNS.search(html)


@pytest.mark.django_db
def test_words_with_markup_are_shown_as_words_in_every_block(organisation, sign_in):
    from accounts.enums import Role
    from tests.factories import TODAY, CourseFactory

    bad = WORDS[1]
    choices = [{"text": bad, "feedback": bad, "best": n == 0, "explanation": bad, "right": n == 0} for n in range(2)]
    step = {"situation": "", "question": bad, "choices": choices}
    file = {"sha256": "0" * 64, "media_type": "video/webm", "size": 1, "name": "x.webm"}
    blocks = [{"type": "callout", "title": bad, "html": "", "tone": tone} for tone in ("tip", "important", "")] + [
        {"type": "scenario", "title": bad, **step},
        {"type": "story", "title": bad, "steps": [step, step], "ending": ""},
        {"type": "check", "question": bad, "options": choices},
        {"type": "checklist", "title": bad, "items": [bad]},
        {"type": "do", "title": bad, "steps": [bad]},
        {"type": "term", "term": bad, "meaning": bad},
        {"type": "terms", "items": [{"term": bad, "meaning": bad}]},
        {"type": "image", "picture": {"sha256": "0" * 64, "width": 1, "height": 1}, "alt": bad, "caption": bad},
        {"type": "video", "title": bad, "file": file, "captions": file, "poster": None, "transcript": ""},
        {"type": "download", "title": bad, "file": file | {"name": bad}, "about": bad},
    ]
    assert {block["type"] for block in blocks} | {"text", "local_details"} == set(LessonBodyBlock().child_blocks)
    publish(CourseFactory(code="safe"), content(module(1, [lesson(bad, blocks)])), on=TODAY)

    page = (
        sign_in(organisation, Role.STAFF)
        .get(lesson_url("part-1", 1), {"s1": "1", "s2": "1", "s3": "1", "s4": "1", "try": "s5"})
        .text
    )

    assert "<img src=x" not in page
    assert page.count("&lt;img") > 20
