"""The published return as a PDF and as a workbook."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from assessment import return_pdf, typesetting, workbook
from assessment.documents import AuditLine, described
from assessment.frozen import in_words
from assessment.loading import file_of
from evidence import blobs
from tests.assessment.publications import HOSTILE
from tests.assessment.test_engagements import signed_in
from tests.factories import NOW, TODAY


@pytest.fixture
def document(publication):
    return json.loads(blobs.read(publication.document))


@pytest.fixture
def words(publication, document):
    return in_words(publication.assessment, document, publication.document_sha256, sign_off=publication.sign_off)


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_words_say_what_was_published(publication, document, words):
    assert words.standard == publication.get_computed_standard_display()
    assert [line.number for line in words.lines] == [item["number"] for item in document["content"]["items"]]
    assert sum(section.required for section in words.sections) == 45
    assert words.exceptions == ()
    figure = words.figures[0]
    assert (figure.numerator, figure.denominator, figure.percent) == (58, 60, "96.6%")
    assert figure.net == "58 of 60 (96.6%)"
    assert ("Not in scope: no access to personal data", 1) in figure.left_out
    policy = next(line for line in words.lines if line.number == "1.3.1").evidence[-1]
    assert policy.path.startswith("evidence/1.3.1/")
    assert (policy.kind, policy.sha256) == (
        "Policy",
        next(file["sha256"] for file in document["files"] if file["path"] == policy.path),
    )


def test_what_is_not_complete_is_listed_with_its_plan(document, publication):
    for verdict in document["verdicts"]:
        if verdict["id"].endswith("ico-number"):
            verdict["state"], verdict["reason"] = "unanswered", "There is no answer."
    document["content"]["items"][0]["plan"] = {"action": "Register", "owner": "Manager", "due_on": "2026-09-30"}

    words = described(
        document,
        document_sha256="0" * 64,
        edition=file_of(publication.assessment.edition),
        names={},
        readings={
            item["figure"]["rows_sha256"]: reading_of(publication, item)
            for item in document["content"]["items"]
            if item["figure"]
        },
    )

    assert [(line.number, line.plan) for line in words.exceptions] == [("1.1.1", "Register (Manager, by 30 September 2026)")]
    assert words.signer == document["sign_off"]["person"]
    section = words.sections[0]
    assert section.required - section.settled == 1


def reading_of(publication, item) -> dict:
    file = publication.files.select_related("blob").get(sha256=item["figure"]["rows_sha256"])
    return json.loads(blobs.read(file.blob))


def test_the_pdf_reads_well_and_is_tagged(publication, words):
    content = blobs.read(publication.files.select_related("blob").get(path="return.pdf").blob)
    reader = PdfReader(io.BytesIO(content))
    text = text_of(content)

    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert publication.organisation.name in reader.metadata.title
    for wanted in (
        words.standard,
        "58 of 60",
        "96.6%",
        words.signer,
        "Frozen here, not submitted to the NHS",
        "10.2.2",
        words.post,
    ):
        assert wanted in text
    assert publication.document_sha256 in text.replace(" ", "").replace("\u200b", "")
    assert "#panic(1) *bold*" in text
    fonts = {
        font["/BaseFont"] for page in reader.pages for font in (f.get_object() for f in page["/Resources"]["/Font"].values())
    }
    assert all("DejaVu" in font for font in fonts)


def test_the_same_return_gives_the_same_bytes(publication, words):
    stored = {file.path: file.sha256 for file in publication.files.all()}

    for path, content in (("return.pdf", return_pdf.render(words)), ("workbook.xlsx", workbook.render(words))):
        assert blobs.keep(content, media_type="x/y").sha256 == stored[path]


def test_the_workbook_holds_every_answer_and_no_formula(publication, document):
    content = blobs.read(publication.files.select_related("blob").get(path="workbook.xlsx").blob)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(content))
    items = sheets.get_sheet_by_name("Items").to_python()
    evidence = sheets.get_sheet_by_name("Evidence").to_python()
    training = sheets.get_sheet_by_name("Training").to_python()

    assert sheets.sheet_names == ["Summary", "Why this standard", "Items", "Evidence", "Training"]
    assert [row[0] for row in items[1:]] == [item["number"] for item in document["content"]["items"]]
    comment = next(row[5] for row in items if row[0] == "1.3.1")
    assert comment == "'" + HOSTILE
    assert {row[10] for row in evidence[1:] if row[10]} == {
        piece["sha256"] for item in document["content"]["items"] for piece in item["evidence"] if piece["sha256"]
    }
    assert training[1][3:6] == [58, 60, "96.6%"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_page_and_the_workbook_group_the_same_reasons_by_standard(publication):
    content = blobs.read(publication.files.select_related("blob").get(path="workbook.xlsx").blob)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Why this standard").to_python()
    with time_machine.travel(NOW, tick=False):
        shown = signed_in(publication.by).get(reverse("assessment:assessment_detail", args=[publication.assessment_id])).text
    start = shown.index("The standards are tried from the best down.")
    page = " ".join(re.sub(r"<[^>]+>", " ", shown[start : shown.index("</details>", start)]).split())

    assert [row for row in rows[1:] if row[0] != "Approaching Standards"] == [
        ["Standards Exceeded", "", "Not reached."],
        ["Standards Exceeded", "No", "No Cyber Essentials Plus certificate is valid on 1 May 2026."],
        ["Standards Exceeded", "Yes", "Standards Met is reached."],
        ["Standards Met", "", "This is the standard: every condition holds."],
        ["Standards Met", "Yes", "All of the 45 items needed for Standards Met are satisfied, exempt or do not apply."],
        ["Standards Met", "Yes", "All of the 27 assertions are confirmed."],
        ["Standards Met", "Yes", "A senior person has signed."],
    ]
    assert (
        "Standards Exceeded Not reached. What stands in the way: No Cyber Essentials Plus certificate is valid on 1 May 2026. "
        "What holds already: Standards Met is reached. "
        "Standards Met This is the standard: every condition holds. What holds: All of the 45 items" in page
    )
    assert "Approaching Standards Every condition holds, and a better standard is reached. What holds: " in page


def test_what_cannot_be_typeset_says_why(tmp_path, monkeypatch):
    template = tmp_path / "broken.typ"
    template.write_text("#panic(sys.inputs.why)")
    asked = {"inputs": {"why": "no such item"}, "fonts": return_pdf.FONTS, "dated": TODAY}

    with pytest.raises(typesetting.NotTypesetError, match="no such item"):
        typesetting.typeset(template, **asked)

    monkeypatch.setattr(typesetting, "SECONDS", 0.01)
    with pytest.raises(typesetting.NotTypesetError, match="longer than"):
        typesetting.typeset(template, **asked)


def test_an_answer_that_fits_on_a_page_is_not_parted_and_a_longer_one_is_whole(words):
    """Thirty answers in a row come to the foot of a page somewhere; one of more lines than a page has loses none."""
    section = words.sections[0]
    line = section.lines[0]
    parted = [replace(line, number=f"9.9.{n}", title="", answer="\n".join(f"row {n} begins and ends".split())) for n in range(30)]
    tall = replace(line, number="9.9.99", answer="\n".join(f"line-{n}." for n in range(200)))

    pages = [
        page.extract_text()
        for page in PdfReader(
            io.BytesIO(return_pdf.render(replace(words, sections=(replace(section, lines=(*parted, tall)),))))
        ).pages
    ]

    on_a_page = [[int(n) for n in re.findall(r"line-(\d+)\.", page)] for page in pages]
    assert [n for found in on_a_page for n in found] == list(range(200))
    assert max(len(found) for found in on_a_page) < 80, "more lines than a page of A4 has run off its foot"
    for n in range(30):
        assert any(re.search(rf"row\s+{n}\s+begins\s+and\s+ends", page) for page in pages), n


def test_what_an_audit_agreed_with_is_not_said_to_lack_an_answer_and_samples_are_in_both(words):
    agreed = AuditLine("Item 1.1.1", "Agreed", "", "", wants_answer=False)
    open_one = AuditLine("Item 1.1.2", "Partly agreed", "Not all of it.", "", wants_answer=True)
    drawn = "5 of the 53 people counted: 4 agree, 1 does not"

    for audit, said in (((agreed,), 0), ((agreed, open_one), 1)):
        content = return_pdf.render(replace(words, sections=(), audit=audit, samples=(drawn,)))
        assert text_of(content).count("No answer") == said
        assert f"Samples • {drawn}" in text_of(content)

    sheets = CalamineWorkbook.from_filelike(io.BytesIO(workbook.render(replace(words, samples=(drawn,)))))
    assert sheets.get_sheet_by_name("Samples").to_python()[1] == [drawn]
