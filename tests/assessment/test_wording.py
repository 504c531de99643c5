"""The official wording: found in a workbook, shown before it is kept, kept for this installation."""

import io
import json
import re
from datetime import date
from io import StringIO

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from assessment.loading import file_of
from assessment.models import OfficialWording
from assessment.wording import WordingRefusedError, find_wording, keep_wording, official_text
from audit.models import Event
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


def test_the_command_shows_first_and_keeps_only_when_told(edition, organisation, tmp_path):
    path = tmp_path / "official.xlsx"
    path.write_bytes(workbook(ROWS))
    given = (path, "--edition", edition.id, "--title", "Toolkit items v8", "--dated", "2025-09-18", "--json")
    out = StringIO()
    call_command("import_wording", *given, stdout=out)
    assert json.loads(out.getvalue())["kept"] is False
    assert official_text(organisation, edition.id, "3.2.1") is None

    call_command("import_wording", *given, "--keep", stdout=StringIO())

    kept = official_text(organisation, edition.id, "3.2.1")
    assert (kept.text, kept.source_title, kept.dated_on) == (
        "The question about training, in the official words.",
        "Toolkit items v8",
        date(2025, 9, 18),
    )
    assert official_text(organisation, edition.id, "1.3.1") is None


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


# --- by page, for one organisation ---


@pytest.fixture
def care(db):
    return OrganisationFactory(type="social-care")


def uploaded(client, content, *, name="official.xlsx", edition="dspt-category-3-2025-26", **other):
    data = {
        "edition": edition,
        "file": SimpleUploadedFile(name, content),
        "source_title": "Toolkit items v8",
        "dated_on_day": "18",
        "dated_on_month": "9",
        "dated_on_year": "2025",
    } | other
    return client.post(reverse("assessment:wording"), data)


def carried(response):
    return re.search(r'name="carried" value="([^"]+)"', response.content.decode()).group(1)


def test_a_lead_sees_what_a_workbook_holds_and_keeps_it_for_their_organisation(edition, care, sign_in):
    client = sign_in(care, Role.DSPT_LEAD)
    shown = uploaded(client, workbook(ROWS))
    page = shown.content.decode()
    assert "numbers in column B, texts in column D" in page
    assert "New (3)" in page
    assert "Items of the list that are not in the workbook (52)" in page
    assert "9.9.9" in page
    assert OfficialWording.objects.count() == 0

    client.post(reverse("assessment:wording_keep"), {"carried": carried(shown)})

    assert official_text(care, edition.id, "1.1.1").text == "The first question, in the official words."
    assert official_text(OrganisationFactory(), edition.id, "1.1.1") is None
    event = Event.objects.get(type="assessment.wording_kept")
    assert event.organisation == care.ods_code
    assert (
        "3 of 55 have their official text: Toolkit items v8, 18 September 2025"
        in client.get(reverse("assessment:wording")).content.decode()
    )


def test_a_second_workbook_says_what_it_changes_and_it_can_be_taken_away(edition, care, sign_in):
    client = sign_in(care, Role.ORGANISATION_ADMIN)
    keep_wording(edition, {"1.1.1": "For everybody"}, source_title="A", dated_on=NOW.date(), file_sha256="", by="x", at=NOW)
    client.post(reverse("assessment:wording_keep"), {"carried": carried(uploaded(client, workbook(ROWS)))})
    again = [
        row if row[1] != "1.1.1" else ["1", "1.1.1", "Yes", "The first question in quite other official words."] for row in ROWS
    ]

    page = uploaded(client, workbook(again[:-2])).content.decode()

    assert "Read differently (1)" in page
    assert "The first question, in the official words." in page
    assert "so they would go: 4.5.3." in page
    client.post(reverse("assessment:wording_remove"), {"edition": edition.id})
    assert official_text(care, edition.id, "1.1.1").text == "For everybody"
    assert client.post(reverse("assessment:wording_remove"), {"edition": "dspt-category-4-2025-26"}).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"PK no workbook", "not an Excel workbook"), (workbook([["Name", "Age"]]), "No column of the workbook names items")],
)
def test_a_bad_workbook_is_told_in_one_sentence(edition, care, sign_in, content, words):
    page = uploaded(sign_in(care, Role.DSPT_LEAD), content)

    assert words in page.content.decode()
    assert OfficialWording.objects.count() == 0


def test_what_one_person_looked_at_cannot_be_kept_elsewhere_or_changed(edition, care, sign_in):
    token = carried(uploaded(sign_in(care, Role.DSPT_LEAD), workbook(ROWS)))
    other = sign_in(OrganisationFactory(type="social-care"), Role.DSPT_LEAD)

    page = other.post(reverse("assessment:wording_keep"), {"carried": token}, follow=True).content.decode()

    assert "Upload the workbook again" in page
    assert OfficialWording.objects.count() == 0
