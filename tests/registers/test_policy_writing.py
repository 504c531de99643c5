"""The markup of policies and the templates that ship."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from docx import Document as WordDocument
from hypothesis import given
from hypothesis import strategies as st

from content.authored import DataFault
from registers.writing import library, pdf, word
from registers.writing.document import PolicyDocument
from registers.writing.filling import fill
from registers.writing.library import read_template, templates
from registers.writing.markup import Grid, Heading, Listing, Paragraph, blanks_in, blocks_of, plain

PAPER = PolicyDocument("Title", "Ours (VX1)", "Version 1", (("Version", "1"),), (), date(2026, 11, 22))


def test_every_mark_is_read():
    text = "## A **b**\nwords\nmore words\n\n- one\n- two\n1. first\n2. second\n\n| a | b |\n|---|---|\n| c |\n| | |"

    blocks = blocks_of(text)

    assert [type(block) for block in blocks] == [Heading, Paragraph, Listing, Listing, Grid]
    assert plain(blocks[1].words) == "words more words"
    assert [plain(item) for item in blocks[3].items] == ["first", "second"]
    assert [[plain(cell) for cell in row] for row in blocks[4].rows] == [["c", ""], ["", ""]]
    assert [run.strong for run in blocks[0].words] == [False, True]


@pytest.mark.parametrize("text", ["####### x", "|", "||", "|---|", "- ", "1.", "**", "[Fill in: ]", "## ", "|a|b|c|\n|-", "\0"])
def test_broken_marks_are_words(text):
    blocks_of(text)


@given(st.text(alphabet="#-|*[] \n1.aé<>{}$\\\"'", max_size=200))
def test_any_text_is_a_policy_and_loses_no_letter(text):
    words = "".join(str(block) for block in blocks_of(text))

    assert words.count("a") >= text.count("a")


@given(st.text(max_size=120))
def test_no_text_breaks_a_document(text):
    paper = replace(PAPER, blocks=tuple(blocks_of(text)))

    assert pdf.render(paper).startswith(b"%PDF")


def test_the_same_content_gives_the_same_bytes():
    paper = replace(PAPER, blocks=tuple(blocks_of("## Heading\n\nWords")))

    assert pdf.render(paper) == pdf.render(paper)


def test_a_column_is_as_wide_as_its_words_and_an_empty_one_leaves_room_to_write():
    (grid,) = blocks_of("| Look at | Fine | Confidentiality |\n| Screens are locked when nobody is there | | yes |")

    widths = grid.widths
    paper = word.render(replace(PAPER, blocks=(grid,)))
    (table,) = WordDocument(io.BytesIO(paper)).tables

    assert widths == (54, 12, 20)
    assert [round(column.width.cm, 1) for column in table.columns] == [10.4, 2.3, 3.9]


def test_steps_are_numbered_afresh_in_every_list():
    paper = replace(PAPER, blocks=tuple(blocks_of("1. a\n2. b\n\nwords\n\n1. c")))

    steps = [p for p in WordDocument(io.BytesIO(word.render(paper))).paragraphs if p.style.name == "List Number"]

    numberings = [p._p.pPr.numPr.numId.val for p in steps]
    assert numberings[0] == numberings[1] != numberings[2]


def test_what_nobody_said_is_marked_and_what_was_said_cannot_break_the_marks():
    filled = fill("Ring {lead} about {people}. {dpo}", {"lead": "A|B\n## C]"}, type="gp")

    assert filled == "Ring A B ## C about patients. [Fill in: Data Protection Officer, or why you do not need one]"
    assert len(blocks_of(filled)) == 1


def test_at_least_sixteen_templates_ship():
    asked = {"data-protection", "acceptable-use", "bring-your-own-device", "records-retention", "breach-response"}
    asked |= {"access-control", "passwords-and-mfa", "disposal", "continuity-plan", "privacy-notice"}
    asked |= {"information-assets-and-processing", "dpia", "spot-check", "confidentiality-clause"}
    asked |= {"administrator-agreement", "training-needs-analysis"}

    assert asked <= templates().keys()


@pytest.mark.parametrize("code", sorted(templates()))
@pytest.mark.parametrize("type", ["social-care", "gp", "company"])
def test_a_template_is_whole(code, type):
    template = templates()[code]
    values = {name: f"the {name}" for name in template.fields}
    text = fill(template.body, values, type=type)
    blocks = blocks_of(text)

    assert not {mark for mark in "{}<>" if mark in text}
    assert all(blank and blank[-1] not in ".,;" for blank in blanks_in(text))
    assert sum(isinstance(block, Heading) for block in blocks) >= 2
    assert 300 <= len(text.split()) <= 1300
    assert template.helps_with
    assert template.adapt
    assert all(source.url.startswith("https://") and source.confidence in ("high", "medium") for source in template.sources)
    paper = replace(PAPER, title=template.title, blocks=tuple(blocks))
    assert pdf.render(paper).startswith(b"%PDF")
    headings = [p.text for p in WordDocument(io.BytesIO(word.render(paper))).paragraphs if p.style.name.startswith("Heading")]
    assert len(headings) == 1 + sum(isinstance(block, Heading) for block in blocks)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "poem"}, "is not a kind we know"),
        ({"body": "No heading here."}, "no heading"),
        ({"body": "## A\n\n{shoe_size}"}, "nothing fills shoe_size"),
    ],
)
def test_a_faulty_template_is_named(tmp_path, change, words):
    import yaml

    source = library.FOLDER / "06-access-control.yaml"
    data = yaml.safe_load(source.read_text(encoding="utf-8"))
    path = tmp_path / "faulty.yaml"
    path.write_text(yaml.safe_dump(data | change, allow_unicode=True), encoding="utf-8")

    with pytest.raises(DataFault, match=words):
        read_template(path)
