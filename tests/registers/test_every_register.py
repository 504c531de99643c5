"""What no register may lack. A new one fails here until a plain row of it is given in ``tests/registers/entries.py``."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.enums import Role
from accounts.policy import Access
from registers import catalogue, importer
from registers.catalogue import Footing
from registers.models import Incident
from registers.models.suppliers import Agreement
from registers.services import nil_returns
from tests.factories import NOW, TODAY, member
from tests.registers.entries import fill

SLUGS = [one.slug for one in catalogue.all_registers()]
NIL = [one.slug for one in catalogue.all_registers() if one.takes_nil_returns]
every_register = pytest.mark.parametrize("slug", SLUGS)
ROLES = frozenset({Role.DSPT_LEAD, Role.DPO})


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def access(organisation):
    return Access(user=member(organisation, *ROLES), organisation=organisation, roles=ROLES)


@pytest.fixture
def other_access(other_organisation):
    return Access(user=member(other_organisation, *ROLES), organisation=other_organisation, roles=ROLES)


def taken(client, slug: str, file_format: str) -> bytes:
    return client.get(reverse("registers:register_export", kwargs={"register": slug, "file_format": file_format})).content


def said(content: bytes, slug: str) -> list[dict[str, str]]:
    """What a file says in the columns that can be brought in."""
    wanted = {column.heading for column in importer.columns_of(catalogue.find(slug))}
    rows = csv.DictReader(StringIO(content.decode("utf-8-sig")))
    return [{name: " ".join(value.split()) for name, value in row.items() if name in wanted} for row in rows]


@every_register
def test_a_register_of_no_rows_says_so_and_never_a_number(slug, organisation):
    figures = catalogue.figures_of(catalogue.find(slug), organisation, TODAY)

    assert [(f.footing, f.numerator, f.denominator, f.needs_attention) for f in figures] == [(Footing.NOTHING, None, None, None)]


@pytest.mark.parametrize("slug", NIL)
def test_a_signed_nil_return_is_the_one_way_to_answer_without_rows(slug, organisation, access):
    one = catalogue.find(slug)
    before = catalogue.figures_of(one, organisation, TODAY)
    nil = nil_returns.sign_nil_return(one, organisation, start=TODAY.replace(year=2025), end=TODAY, by=access.user, at=NOW)
    signed = catalogue.figures_of(one, organisation, TODAY)
    nil_returns.withdraw_nil_return(nil, reason="By mistake", by=access.user, at=NOW)
    after = catalogue.figures_of(one, organisation, TODAY)

    assert [[f.footing for f in figures] for figures in (before, signed, after)] == [
        [Footing.NOTHING],
        [Footing.NIL_RETURN],
        [Footing.NOTHING],
    ]


@every_register
def test_what_a_register_says_changes_when_it_does_and_for_nobody_else(slug, organisation, other_organisation, access):
    before = catalogue.all_figures(organisation, TODAY)
    fill(slug, organisation, access.user)
    after = catalogue.all_figures(organisation, TODAY)
    elsewhere = catalogue.all_figures(other_organisation, TODAY)

    mine = list(catalogue.figures_of(catalogue.find(slug), organisation, TODAY))
    assert before[f"{slug}.recorded"].footing is Footing.NOTHING
    assert f"{slug}.recorded" not in after
    assert any(figure.footing is Footing.ROWS and figure.numerator is not None for figure in mine)
    assert elsewhere[f"{slug}.recorded"].footing is Footing.NOTHING


@every_register
def test_a_share_is_never_of_nothing_and_a_figure_says_what_it_counts(slug, organisation, access):
    fill(slug, organisation, access.user)

    for figure in catalogue.figures_of(catalogue.find(slug), organisation, TODAY):
        assert figure.definition
        assert figure.sentence
        assert figure.denominator != 0
        assert (figure.numerator is None) == (figure.footing is not Footing.ROWS)


@every_register
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_was_taken_away_comes_back_and_changes_nothing(slug, file_format, organisation, access, sign_in):
    fill(slug, organisation, access.user)
    content = taken(sign_in(organisation, *ROLES), slug, file_format)

    plan = importer.plan_import(catalogue.find(slug), content, access=access)

    assert (plan.errors, plan.changes, plan.new, plan.unchanged) == ([], [], [], 1)


@every_register
def test_what_was_taken_away_fills_an_empty_register_elsewhere(slug, organisation, access, other_access, sign_in):
    fill(slug, organisation, access.user)
    one, theirs = catalogue.find(slug), other_access.organisation
    content = taken(sign_in(organisation, *ROLES), slug, "csv")
    if slug == "policies":
        heading, row = content.decode("utf-8-sig").splitlines()
        content = f"{heading},Where it is kept\r\n{row},Green folder in the office\r\n".encode()

    done = importer.apply_import(one, content, access=other_access, at=NOW)

    client = sign_in(theirs, *ROLES)
    assert len(done.new) == 1
    assert said(taken(client, slug, "csv"), slug) == [
        {name: value for name, value in row.items() if name != "Where it is kept"} for row in said(content, slug)
    ]
    again = importer.plan_import(one, taken(client, slug, "csv"), access=other_access)
    assert (again.errors, again.new, again.unchanged) == ([], [], 1)


@every_register
def test_one_row_with_an_error_keeps_every_row_out(slug, organisation, access, other_access, sign_in):
    fill(slug, organisation, access.user)
    one = catalogue.find(slug)
    content = taken(sign_in(organisation, *ROLES), slug, "csv").decode("utf-8-sig")
    dated = next(column.heading for column in one.columns if column.field and "date" in _takes(one, column.heading))
    rows = list(csv.DictReader(StringIO(content)))
    out = StringIO(newline="")
    writer = csv.DictWriter(out, [*rows[0], "Where it is kept"])
    writer.writeheader()
    writer.writerows([row | {"Where it is kept": "Office"} for row in (rows[0], rows[0] | {dated: "31/02/2026"})])

    plan = importer.plan_import(one, out.getvalue().encode(), access=other_access)

    assert (3, dated) in [(error.row, error.column) for error in plan.errors]
    assert {error.row for error in plan.errors} == {3}
    with pytest.raises(importer.ImportRefusedError, match="nothing was brought in"):
        importer.apply_import(one, out.getvalue().encode(), access=other_access, at=NOW)
    assert list(one.rows(other_access.organisation)) == []


def _takes(one, heading: str) -> str:
    return {name: takes for name, _needed, takes in _notes(one)}[heading].casefold()


def _notes(one):
    access = Access(user=None, organisation=None, roles=ROLES)
    return importer.template_notes(one, access=access)


@every_register
def test_its_pages_offer_print_download_template_and_import(slug, organisation, access, sign_in):
    fill(slug, organisation, access.user)
    one, client = catalogue.find(slug), sign_in(organisation, *ROLES)
    ways = [reverse(f"registers:register_{name}", kwargs={"register": slug}) for name in ("print", "import")]
    ways += [reverse("registers:register_export", kwargs={"register": slug, "file_format": kind}) for kind in ("csv", "xlsx")]

    listed = client.get(one.href).text
    paper = client.get(ways[0])
    book = CalamineWorkbook.from_filelike(BytesIO(client.get(reverse("registers:register_template", args=[slug])).content))

    assert [way for way in ways if f'href="{way}"' not in listed] == []
    assert "1 entry, as at 1 May 2026" in paper.text
    headings = [column.heading for column in importer.columns_of(one)]
    assert book.get_sheet_by_index(0).to_python() == [headings]
    assert [row[0] for row in book.get_sheet_by_index(1).to_python()[1:]] == headings


def test_a_log_of_incidents_comes_in_without_e_mails_and_points_out_who_is_named(
    access, mailoutbox, django_capture_on_commit_callbacks
):
    content = (
        b"Reported on,Kind,What,What happened,People it touches\r\n"
        b"3/11/2025,Near miss,Something else,Mr Arthur Bell was called by another name,\r\n"
        b"4/11/2025,Incident,Something else,A letter lay in the hall,2\r\n"
    )
    one = catalogue.find("incidents")

    plan = importer.plan_import(one, content, access=access)
    with django_capture_on_commit_callbacks(execute=True):
        importer.apply_import(one, content, access=access, at=NOW)

    assert [(warning.row, warning.column, warning.value) for warning in plan.warnings] == [(2, "What happened", "Mr Arthur Bell")]
    assert mailoutbox == []
    assert [(i.reference, i.is_near_miss, i.people_affected) for i in Incident.objects.order_by("number")] == [
        ("INC-0001", True, None),
        ("INC-0002", False, 2),
    ]


def test_rows_that_say_the_same_are_counted(access):
    one = catalogue.find("incidents")
    row = "4/11/2025,Incident,Something else,A letter lay in the hall\r\n"
    headings = "Reported on,Kind,What,What happened\r\n"

    importer.apply_import(one, (headings + row + row).encode(), access=access, at=NOW)
    again = importer.plan_import(one, (headings + row + row + row).encode(), access=access)

    assert (len(again.new), again.unchanged) == (1, 2)


def test_a_check_of_which_only_the_result_is_known_keeps_that(access):
    one = catalogue.find("checks")
    content = b"Check,Done on,Found\r\nSpot check,3/4/2026,Something to mend\r\n"

    importer.apply_import(one, content, access=access, at=NOW)

    (check,) = one.rows(access.organisation)
    assert [(row["question"], row["answer"]) for row in check.answers] == [("All in all, was everything in order?", "no")]


@pytest.mark.parametrize(
    ("slug", "content", "column", "words"),
    [
        ("actions", "Action,State,Who,Due on\r\nLock it,Done,DSPT lead,3/4/2026", "Last word", "what was done"),
        ("checks", "Check,Done on,Found,Answers\r\nSpot check,3/4/2026,All in order,Nothing", "Answers", "is not answered"),
        (
            "certificates",
            "Certificate,Number,Issued on,Last valid day\r\nISO 27001,1,3/4/2026,2/4/2026",
            "Last valid day",
            "before",
        ),
        ("incidents", "Reported on,Kind,What,What happened\r\n3/4/2030,Incident,Something else,x", "Reported on", "future"),
        ("rights", "What they want,Came on,About,Acknowledged on\r\naccess,1/4/2026,x,2/4/2026", "Acknowledged on", "complaint"),
        ("rights", "What they want,Came on,About,Answered on\r\naccess,1/4/2026,x,2/4/2026", "Outcome", "Give both"),
        ("policies", "Policy,In force from,Review by\r\nBackups,1/4/2026,1/4/2026", "Review by", "after"),
        ("suppliers", "Name,DSPT status\r\nAcorn,Standards Met", "DSPT seen on", "Give both"),
        ("advice", "Asked on,Question,Advised on,Advice\r\n,x,1/4/2026,y", "Asked on", "Enter the day"),
    ],
)
def test_the_rows_of_each_register_are_looked_at(slug, content, column, words, access):
    plan = importer.plan_import(catalogue.find(slug), content.encode(), access=access)

    assert words in " ".join(error.message for error in plan.errors if error.column == column)


def test_a_policy_that_is_there_is_changed_on_its_page_alone(access):
    fill("policies", access.organisation, access.user)
    content = b"Policy,Review by\r\ndata protection policy,1/6/2028"

    plan = importer.plan_import(catalogue.find("policies"), content, access=access)

    assert "Change it on its page" in plan.errors[0].message


def test_a_supplier_changes_with_what_was_seen_and_agreed(access):
    fill("suppliers", access.organisation, access.user)
    one = catalogue.find("suppliers")
    content = (
        b"Name,DSPT status,DSPT seen on,Agreement,Agreement until\r\n"
        b"acorn care records,Approaching Standards,20/4/2026,Processing agreement,31/12/2028\r\n"
    )

    done = importer.apply_import(one, content, access=access, at=NOW)

    (supplier,) = one.rows(access.organisation)
    assert [change.heading for change in done.changes[0].changed] == ["Name", "DSPT status", "DSPT seen on", "Agreement until"]
    assert [str(sighting) for sighting in supplier.sightings.all()] == [
        "DSPT status: approaching standards",
        "DSPT status: standards met",
    ]
    assert [agreement.last_day.year for agreement in supplier.agreements.all()] == [2028]


def test_what_is_not_known_of_an_agreement_is_no_change(access):
    fill("suppliers", access.organisation, access.user)
    Agreement.objects.update(last_day=None, review_by=None)
    one = catalogue.find("suppliers")
    (supplier,) = one.rows(access.organisation)
    content = f"Name,What they do,Agreement,Agreement until,Review agreement by\r\n{supplier.name},Keeps the rota,Processing agreement,,\r\n"

    plan = importer.plan_import(one, content.encode(), access=access)

    (row,) = plan.changes
    assert row.changed == (importer.Change("What they do", supplier.does, "Keeps the rota"),)
