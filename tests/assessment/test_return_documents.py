"""The published return as a PDF and as a workbook."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from assessment import return_pdf, workbook
from assessment.documents import described
from assessment.frozen import in_words
from assessment.loading import file_of
from evidence import blobs
from tests.assessment.publications import HOSTILE, published


@pytest.fixture
def publication(organisation):
    return published(organisation)


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
