"""Whose list a file is, and of when: another organisation's needs a second person, last month's a second look."""

import random
from datetime import date, timedelta

import pytest

from accounts.enums import Role
from accounts.models import Site
from jobs.models import Job
from jobs.services import run
from staff.models import ImportBatch, Person
from tests.factories import TODAY, OrganisationFactory
from tests.staff.files import HEADINGS, counts, csv_file, import_rows
from tests.staff.test_import_pages import address, confirm_columns, upload

pytestmark = pytest.mark.django_db
FULL = [*HEADINGS, "Email", "Unit", "Job Title"]
BEFORE = TODAY - timedelta(days=30)


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


def home(n, *, prefix="", domain="oak.example", unit="Oak House", first=1, name="Oak"):
    return [[f"{prefix}{i:04d}", f"F{i}", f"{name}{i}", f"p{i}@{domain}", unit, "Carer"] for i in range(first, first + n)]


def ours(organisation, n=20):
    return import_rows(organisation, FULL, *home(n), as_of=BEFORE)


def test_a_list_with_nobody_nothing_and_nowhere_of_ours_is_another_organisations(organisation):
    ours(organisation)
    theirs = home(12, prefix="E", domain="elm.example", unit="Elm House", name="Elm")

    outcome = import_rows(organisation, FULL, *theirs)

    assert outcome.batch is None
    assert outcome.plan.approval_reasons == [
        "None of the 12 people in the file is on your staff list; no e-mail address in it is at oak.example or anywhere else "
        "that your people have one; none of its units is yours; its staff numbers are made in another way: "
        "this looks like another organisation’s list."
    ]
    assert Person.objects.count() == 20
    assert import_rows(organisation, FULL, *theirs, approve=True).batch is not None


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(home(12, first=100), id="joiners in a unit of ours"),
        pytest.param(home(4, prefix="E", domain="elm.example", unit="Elm House"), id="too few to say"),
        pytest.param([[*row[:3], "", "", ""] for row in home(12, first=100)], id="nothing but names, numbered as ours are"),
    ],
)
def test_newcomers_alone_are_no_sign_of_another_organisation(organisation, rows):
    ours(organisation)

    assert import_rows(organisation, FULL, *rows).plan.approval_reasons == []


def test_the_first_list_of_all_is_never_doubted(organisation):
    outcome = ours(organisation)

    assert (outcome.plan.approval_reasons, outcome.plan.signs_of_older) == ([], [])


def test_staff_numbers_that_belong_to_other_people_there_stop_the_list_that_would_rename_everybody(organisation):
    ours(organisation)

    refused = import_rows(organisation, HEADINGS, *[[number, "X" + first, "Elm"] for number, first, *_ in home(20)])

    assert refused.batch is None
    assert refused.refusal.startswith("20 of the 20 staff numbers that you have too belong to people with another first and")
    assert not Person.objects.filter(last_name="Elm").exists()
    assert import_rows(organisation, HEADINGS, *[[number, "X" + first, name] for number, first, name, *_ in home(20)]).batch


@pytest.mark.parametrize(("code", "reasons"), [("VELM", 1), ("DOAK", 0), ("DOAK1", 0), ("VHOME", 0), ("", 0)])
def test_an_ods_code_of_somebody_else_in_most_rows_stops_the_list(code, reasons):
    organisation = OrganisationFactory(ods_code="DOAK")
    Site.objects.create(organisation=organisation, name="Oak House", ods_code="VHOME")

    outcome = import_rows(organisation, [*HEADINGS, "ODS Code"], *[[*row[:3], code] for row in home(3)])

    assert len(outcome.plan.approval_reasons) == reasons
    assert all("(VELM)" in reason for reason in outcome.plan.approval_reasons)


def test_an_ods_code_is_looked_at_and_not_kept(organisation):
    import_rows(organisation, [*HEADINGS, "ODS Code"], *[[*row[:3], organisation.ods_code] for row in home(3)])

    assert counts(import_rows(organisation, HEADINGS, *[row[:3] for row in home(3)])) == {"unchanged": 3}


# --- Last month's file --------------------------------------------------------------------------


def moved(rows, n):
    return [[*row[:4], "Elm House", "Senior carer"] if i < n else row for i, row in enumerate(rows)]


def test_the_very_file_of_last_month_is_recognised_once_it_would_change_something(organisation):
    ours(organisation)
    assert import_rows(organisation, FULL, *home(20)).plan.signs_of_older == []
    import_rows(organisation, FULL, *moved(home(20), 1))

    (sign,) = import_rows(organisation, FULL, *home(20), dry_run=True).plan.signs_of_older

    assert sign == "This very file was imported before, on 01/05/2026: you may have chosen last month’s file."


def test_a_list_as_on_an_earlier_day_than_the_newest_is_recognised(organisation):
    ours(organisation)

    (sign,) = import_rows(organisation, FULL, *moved(home(20), 1), as_of=date(2026, 1, 1)).plan.signs_of_older

    assert sign.startswith("A newer list, as on 01/04/2026, was imported already")


def test_a_list_that_turns_the_last_import_back_is_recognised_whatever_it_is_called(organisation):
    ours(organisation)
    import_rows(organisation, FULL, *moved(home(22), 4))
    older = [[*row, ""] for row in home(20)]  # the same list with a column more: no longer the same file

    plan = import_rows(organisation, [*FULL, "Staff Group"], *older, is_complete=True, dry_run=True).plan

    assert counts(import_rows(organisation, [*FULL, "Staff Group"], *older, is_complete=True, dry_run=True)) == {
        "unchanged": 16,
        "updated": 4,
        "proposed_leavers": 2,
        "left": 2,
    }
    assert plan.signs_of_older == [
        "6 of the 6 people whom this file changes would be again what they were before the import of 01/05/2026: "
        "this looks like an older list."
    ]


@pytest.mark.parametrize("seed", range(4))
def test_a_usual_month_is_not_doubted(organisation, seed):
    chance = random.Random(seed)
    people = home(60)
    import_rows(organisation, FULL, *people, as_of=BEFORE)
    for month in range(1, 5):
        chance.shuffle(people)
        people = people[2:] + home(3, first=100 * month)
        for row in people[:3]:
            row[2], row[3] = f"Married{month}", f"new{row[0]}@oak.example"
        for row in people[3:9]:
            row[4], row[5] = f"Home {chance.randrange(3)}", f"Job {month}"

        outcome = import_rows(organisation, FULL, *people, as_of=BEFORE + timedelta(days=30 * month), is_complete=True)

        assert (outcome.plan.approval_reasons, outcome.plan.signs_of_older) == ([], [])


def test_an_older_list_goes_in_only_with_the_word_of_whoever_uploaded_it(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    ours(organisation)
    import_rows(organisation, FULL, *moved(home(20), 4))
    upload(client, csv_file([FULL, *home(20)]), as_of=TODAY)
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)

    page = client.get(address("import_detail", batch)).content.decode()
    assert "Is this the newest list?" in page
    assert "This very file was imported before" in page
    refused = client.post(address("import_confirm", batch)).content.decode()
    assert "There is a problem" in refused
    assert Job.objects.count() == 0
    client.post(address("import_confirm", batch), {"is_right_file": "on"})
    run(Job.objects.get().pk)

    batch.refresh_from_db()
    assert (batch.state, batch.counts["updated"]) == ("applied", 4)


def test_another_organisations_list_waits_for_a_second_person_on_the_page(organisation, sign_in):
    client, second = sign_in(organisation, Role.HR), sign_in(organisation, Role.HR)
    ours(organisation)
    upload(client, csv_file([FULL, *home(12, prefix="E", domain="elm.example", unit="Elm House", name="Elm")]), as_of=TODAY)
    batch = ImportBatch.objects.latest("pk")
    confirm_columns(client, batch)

    page = client.get(address("import_detail", batch)).content.decode()
    assert "this looks like another organisation’s list" in page
    assert "Confirm and import" not in page
    client.post(address("import_confirm", batch))
    assert Job.objects.count() == 0
    assert "Approve and import" in second.get(address("import_detail", batch)).content.decode()
