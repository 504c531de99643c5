"""Bringing spreadsheets into a register."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from accounts.policy import Access
from audit.models import Event
from registers import catalogue, importer
from registers.models import Asset, Disposal, Entry
from staff.importing import uploads
from staff.importing.reading import UnreadableFileError
from tests.factories import NOW, UnitFactory, member

HEADINGS = (
    "Reference,Name,Kind,Whose,Looked after by,Holds personal data,Encrypted,Screen lock,Support ends on,Importance,Team or home"
)
GOOD = "LAP-1,Office laptop,Device,The organisation’s,Office manager,Yes,Yes,Yes,14/10/2027,Important,Rowan"


@pytest.fixture
def access(organisation):
    return Access(user=member(organisation, Role.DSPT_LEAD), organisation=organisation, roles=frozenset({Role.DSPT_LEAD}))


@pytest.fixture(autouse=True)
def rowan(organisation):
    return UnitFactory(organisation=organisation, name="Rowan")


def csv(*rows: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join([headings, *rows]).encode()


def bring_in(content: bytes, access: Access, register: str = "assets") -> importer.Plan:
    return importer.apply_import(catalogue.find(register), content, access=access, at=NOW)


def test_a_file_comes_in_once_and_then_changes_only_what_differs(access, rowan):
    first = bring_in(csv(GOOD, "PC-2,Reception computer,device,,Office manager,no,,,,,"), access)
    again = bring_in(csv(GOOD, "PC-2,Reception computer,device,,Office manager,no,,,,,"), access)
    later = bring_in(csv("lap-1,,,,,,No,,,,", headings=HEADINGS + ",Colour"), access)

    laptop = Asset.objects.get(reference="lap-1")
    assert (len(first.new), len(again.new), again.unchanged) == (2, 0, 2)
    assert [[change.heading for change in row.changed] for row in later.changes] == [["Reference", "Encrypted"]]
    assert later.ignored_columns == ["Colour"]
    assert (laptop.encrypted, laptop.name, laptop.unit, laptop.support_ends_on) == (
        "no",
        "Office laptop",
        rowan,
        date(2027, 10, 14),
    )
    assert Asset.objects.get(reference="PC-2").importance == "routine"
    assert Event.objects.filter(type="registers.imported").count() == 3


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (GOOD.replace("Device", "Toaster"), "Kind", "Use one of: Device; Software"),
        (GOOD.replace("14/10/2027", "31/02/2027"), "Support ends on", "no such day"),
        (GOOD.replace("Rowan", "Nowhere"), "Team or home", "no “Nowhere”"),
        (GOOD.replace("Office laptop", ""), "Name", "needed"),
        (GOOD.replace("Office laptop", "x" * 300), "Name", "at most 200"),
        (GOOD + "\r\n" + GOOD, "Reference", "Row 3 says the same"),
    ],
)
def test_an_error_names_its_row_and_column_and_nothing_comes_in(access, row, column, words):
    content = csv("PC-2,Reception computer,device,,Office manager,no,,,,,", row)

    plan = importer.plan_import(catalogue.find("assets"), content, access=access)

    assert [(error.row, error.column) for error in plan.errors] == [(3 if "\r\n" not in row else 4, column)]
    assert words in plan.errors[0].message
    with pytest.raises(importer.ImportRefusedError, match="nothing was brought in"):
        bring_in(content, access)
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 ...", "not a spreadsheet"),
        (csv("x", headings="Colour,Shape"), "no column “Reference”"),
        (csv(), "no rows"),
    ],
)
def test_a_file_that_is_not_of_this_register_is_refused_whole(access, content, words):
    with pytest.raises(UnreadableFileError, match=words):
        bring_in(content, access)


def test_units_of_others_are_not_known(access, other_organisation):
    UnitFactory(organisation=other_organisation, name="Elsewhere")

    plan = importer.plan_import(catalogue.find("assets"), csv(GOOD.replace("Rowan", "Elsewhere")), access=access)

    assert plan.errors[0].column == "Team or home"


def test_a_disposal_that_is_there_is_not_entered_twice(access):
    content = csv(
        "Two boxes,Paper records,Cross-cut shredded,3/3/2026,Our own staff,8 years",
        headings="What,Kind,Method,Disposed of on,Done by,Retention rule",
    )

    bring_in(content, access, "disposals")
    again = bring_in(content, access, "disposals")

    assert (len(again.new), again.unchanged, Disposal.objects.count()) == (0, 1, 1)


def test_a_thousand_rows_cost_no_query_each_to_look_at(access, django_assert_max_num_queries):
    content = csv(*(GOOD.replace("LAP-1", f"L-{n}").replace("Rowan", "") for n in range(60)))

    with django_assert_max_num_queries(70):  # one a row for the uniqueness of its reference
        plan = importer.plan_import(catalogue.find("assets"), content, access=access)

    assert len(plan.new) == 60


def test_a_file_is_looked_at_before_it_comes_in(organisation, other_organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    waiting_before = set(uploads.folder().glob("*"))
    choose, check = (
        reverse(f"registers:{name}", kwargs={"register": "assets"}) for name in ("register_import", "register_import_check")
    )

    page = client.post(choose, {"file": SimpleUploadedFile("assets.csv", csv(GOOD))}, follow=True).text
    before: list[Entry] = list(Asset.objects.all())
    done = client.post(check, follow=True).text
    gone = client.post(check, follow=True).text

    assert "Row 2, LAP-1, Office laptop" in page
    assert before == []
    assert "1 added, 0 changed, 0 as they were." in done
    assert "no longer here" in gone
    assert Asset.objects.get().organisation == organisation
    assert set(uploads.folder().glob("*")) == waiting_before


def test_a_page_of_errors_offers_no_way_to_go_on(organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    choose = reverse("registers:register_import", kwargs={"register": "assets"})

    page = client.post(
        choose, {"file": SimpleUploadedFile("assets.csv", csv(GOOD.replace("Device", "Toaster")))}, follow=True
    ).text
    refused = client.post(choose, {"file": SimpleUploadedFile("assets.pdf", b"%PDF-1.7 ")}).text

    assert "Toaster" in page
    assert "Bring it in" not in page
    assert "There is a problem" in refused
