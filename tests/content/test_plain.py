from __future__ import annotations

import pytest

from content.authored import DataFault, stream_of, tidy
from content.blocks import PageBodyBlock
from content.plain import headed, plain

EVERY_BLOCK = [
    {"type": "text", "html": "<p>Some <b>words</b>.</p><h2>A part</h2><ul><li>one</li></ul>"},
    {"type": "inset", "html": "<p>Note this.</p>"},
    {"type": "callout", "title": "Look", "html": "<p>Here.</p>", "tone": "warning"},
    {"type": "steps", "items": [{"title": "First", "html": "<p>Do it.</p>"}]},
    {"type": "terms", "items": [{"term": "Breach", "meaning": "Something lost."}]},
    {"type": "table", "caption": "Years", "header": ["Year", "Date"], "rows": [["2025-26", "30 June 2026"]]},
    {"type": "details", "title": "More", "html": "<p>More words.</p>"},
    {"type": "programme_owner"},
]


def test_data_comes_back_as_it_went_in():
    stream = stream_of(PageBodyBlock(), EVERY_BLOCK, where="a file")

    assert plain(stream) == EVERY_BLOCK


def test_every_block_type_is_in_the_list_above():
    assert {block["type"] for block in EVERY_BLOCK} == set(PageBodyBlock().child_blocks)


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>one<script>alert(1)</script></p>", "<p>one</p>"),
        ('<p onclick="x()">one</p>', "<p>one</p>"),
        ('<p><a href="javascript:x()">one</a></p>', "<p>one</p>"),
        ('<p><img src="https://elsewhere.test/x.png">one</p>', "<p>one</p>"),
        ("<p>one</p>\n\n  <p>two</p>", "<p>one</p><p>two</p>"),
        ('<p>see <a href="/guidance/x/">x</a></p>', '<p>see <a href="/guidance/x/">x</a></p>'),
    ],
)
def test_rich_text_is_cleaned(html, clean):
    assert tidy(html) == clean
    assert tidy(clean) == clean


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        ([{"type": "video"}], "block 1: there is no block type “video”"),
        ([{"type": "text", "html": "<p>a</p>", "colour": "red"}], "block 1: there is no field “colour”"),
        ([{"type": "callout", "title": "", "html": "<p>a</p>"}], "This field is required"),
        ([{"type": "callout", "title": "a", "html": "<p>a</p>", "tone": "loud"}], "tone"),
        ([{"type": "table", "caption": "a", "header": ["a", "b"], "rows": [["1"]]}], "Every row needs 2 cells"),
    ],
)
def test_faulty_data_is_refused_with_its_place(blocks, says):
    with pytest.raises(DataFault) as refusal:
        stream_of(PageBodyBlock(), blocks, where="some.yaml")

    assert str(refusal.value).startswith("some.yaml")
    assert says in str(refusal.value)


def test_a_heading_of_a_block_stands_below_the_section_it_is_in():
    callout = {"type": "callout", "title": "a", "html": ""}
    text = {"type": "text", "html": "<p>a</p><h2>b</h2>"}

    levels = [block["level"] for block in headed([callout, text, callout])]

    assert levels == [2, 2, 3]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["<h3>a</h3>"], ['<h2 class="nhsuk-heading-m">a</h2>']),
        (["<h2>a</h2><h3>b</h3>", "<h3>c</h3>"], ["<h2>a</h2><h3>b</h3>", "<h3>c</h3>"]),
        (["<h3>a</h3><h2>b</h2><h3>c</h3>"], ['<h2 class="nhsuk-heading-m">a</h2><h2>b</h2><h3>c</h3>']),
    ],
)
def test_no_level_of_heading_is_missed_out(before, after):
    assert [block["html"] for block in headed({"type": "text", "html": html} for html in before)] == after
