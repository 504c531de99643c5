"""The official wording: found in a workbook, shown before it is kept, kept for this installation."""

import io
import json
from datetime import date
from io import StringIO

import pytest
import time_machine
import xlsxwriter
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from assessment.loading import file_of
from assessment.models import OfficialWording
from assessment.wording import WordingRefusedError, find_wording, keep_wording, official_text
from tests.assessment import helpers as h
from tests.factories import NOW, OrganisationFactory


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def workbook(rows, *, before=()):
    """An official-looking workbook: a cover sheet and a sheet of items."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    cover = book.add_worksheet("Cover")
    cover.write_row(0, 0, ["Toolkit", "About 3.2.1 and others there is more inside, and this is a long sentence."])
    sheet = book.add_worksheet("Items")
    for number, row in enumerate([*before, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


ROWS = [
    ["Standard", "Evidence ref", "Required", "Question text"],
    ["1", "1.1.1", "Yes", "The first question, in the official words."],
    ["3", "3.2.1", "Yes", "The question about  training,\nin the official words."],
    ["4", "4.5.3 (new)", "Yes", "The question about signing in."],
    ["9", "9.9.9", "No", "A question of another category."],
]


@pytest.fixture
def edition(db):
    return file_of(h.shipped_edition())


def test_columns_are_guessed_and_what_does_not_fit_is_said(edition):
    found = find_wording(workbook(ROWS), edition)

    assert (found.sheet, found.reference_column, found.text_column) == ("Items", "B", "D")
    assert found.texts == {
        "1.1.1": "The first question, in the official words.",
        "3.2.1": "The question about training, in the official words.",
        "4.5.3": "The question about signing in.",
    }
    assert found.unknown == ("9.9.9",)
    assert len(found.missing) == 52
    assert OfficialWording.objects.count() == 0


def test_a_guess_can_be_overruled(edition):
    assert find_wording(workbook(ROWS), edition, text="C").texts["1.1.1"] == "Yes"
    with pytest.raises(WordingRefusedError, match="is no column"):
        find_wording(workbook(ROWS), edition, text="7")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"not a workbook", "not an Excel workbook"), (workbook([["Name", "Age"]]), "No column of the workbook names items")],
)
def test_what_is_no_such_workbook_is_refused(edition, content, words):
    with pytest.raises(WordingRefusedError, match=words):
        find_wording(content, edition)


def test_the_command_shows_first_and_keeps_only_when_told(edition, tmp_path):
    path = tmp_path / "official.xlsx"
    path.write_bytes(workbook(ROWS))
    given = (path, "--edition", edition.id, "--title", "Toolkit items v8", "--dated", "2025-09-18", "--json")
    out = StringIO()
    call_command("import_wording", *given, stdout=out)
    assert json.loads(out.getvalue())["kept"] is False
    assert official_text(edition.id, "3.2.1") is None

    call_command("import_wording", *given, "--keep", stdout=StringIO())

    kept = official_text(edition.id, "3.2.1")
    assert (kept.text, kept.source_title, kept.dated_on) == (
        "The question about training, in the official words.",
        "Toolkit items v8",
        date(2025, 9, 18),
    )
    assert official_text(edition.id, "1.3.1") is None


def test_it_stands_beside_our_help_with_its_source_and_can_be_taken_away(edition, sign_in):
    organisation = OrganisationFactory(type="social-care")
    client = sign_in(organisation, Role.DSPT_LEAD)
    assessment = h.opened(organisation, client.user)
    address = reverse("assessment:response_detail", args=[assessment.pk, h.response(assessment, "1.1.1").pk])
    source = {"source_title": "Toolkit items v8", "dated_on": date(2025, 9, 18), "file_sha256": "", "by": client.user, "at": NOW}
    keep_wording(edition, {"1.1.1": "<b>Official</b> words"}, **source)

    shown = client.get(address).content.decode()
    assert "&lt;b&gt;Official&lt;/b&gt; words" in shown
    assert "Toolkit items v8, 18 September 2025. Crown copyright" in shown
    assert edition.item_numbered("1.1.1").help.split(".")[0][:40] in shown

    keep_wording(edition, {}, **source)
    assert "Crown copyright; held" not in client.get(address).content.decode()
