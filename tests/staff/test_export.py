"""The staff list as a file: whole, harmless, and able to come straight back."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from audit.models import Event
from audit.spreadsheets import DANGEROUS, csv_lines, workbook
from staff.exporter import staff_list_csv
from staff.importing.reading import on_one_line, read
from staff.services import import_file
from tests.factories import PersonFactory, PostFactory, UnitFactory, person_in_post

pytestmark = pytest.mark.django_db

ON = date(2026, 5, 1)
AT = datetime(2026, 5, 1, 9, 0, tzinfo=ZoneInfo("Europe/London"))


def test_the_list_comes_straight_back_and_changes_nothing(organisation):
    manager = person_in_post(organisation, job_title="Lead", has_access="yes")
    unit = UnitFactory(organisation=organisation, name="Ward 4, north")
    person = PersonFactory(organisation=organisation, first_name="Siân", last_name="O'Neill, Jr", email="sian@oak.example")
    PostFactory(person=person, unit=unit, manager=manager, employment_type="bank", has_access="no", assignment_number="A1")
    PostFactory(person=person, unit=unit, manager=manager, job_title="Driver", has_access="no", assignment_number="A2")

    outcome = import_file(
        staff_list_csv(organisation, on=ON).encode(),
        file_name="staff.csv",
        organisation=organisation,
        as_of=ON,
        by="system",
        at=AT,
        dry_run=True,
    )

    assert (outcome.plan.unchanged, outcome.plan.entries, outcome.plan.errors) == (2, [], [])


HOSTILE = st.builds(
    "{}{}{}".format, st.sampled_from(("", "'", "''", "' ")), st.sampled_from(sorted(DANGEROUS)), st.text("ab1(' ", max_size=4)
).map(on_one_line)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(names=st.lists(HOSTILE.filter(lambda text: len(text) > 1), min_size=4, max_size=4))
def test_what_looks_like_a_formula_goes_out_and_comes_back_as_it_was(organisation, names):
    """Out, in and out again: nothing would change, and no apostrophe grows."""
    with transaction.atomic():
        first, last, ward, job = names
        unit = UnitFactory(organisation=organisation, name=ward)
        PostFactory(person=PersonFactory(organisation=organisation, first_name=first, last_name=last), unit=unit, job_title=job)
        sent = staff_list_csv(organisation, on=ON)

        back = import_file(
            sent.encode(), file_name="s.csv", organisation=organisation, as_of=ON, by="system", at=AT, dry_run=True
        ).plan
        transaction.set_rollback(True)

    assert (back.unchanged, back.entries, back.errors) == (1, [], [])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(max_examples=40)
@given(cells=st.lists(st.text(max_size=12).map(on_one_line) | HOSTILE, min_size=3, max_size=3))
def test_every_cell_that_we_write_is_read_as_it_was(form, cells):
    headings = ("Staff number", "First name", "Last name")
    content = workbook("Staff", headings, [cells]) if form == "xlsx" else "".join(csv_lines(headings, [cells])).encode()

    sheet = read(content, known_headings=len)

    rows = [[line.cells.get(column, "") for column in range(3)] for line in sheet.lines(range(3))]
    assert rows == ([list(cells)] if any(cells) else [])


def test_no_cell_is_a_formula(organisation):
    person_in_post(organisation, job_title="=HYPERLINK(1)")

    assert ",'=HYPERLINK(1)," in staff_list_csv(organisation, on=ON)


@pytest.mark.parametrize("people", [1, 7])
def test_the_list_costs_the_same_however_long(organisation, people, django_assert_num_queries):
    for _ in range(people):
        person_in_post(organisation)

    with django_assert_num_queries(1):
        text = staff_list_csv(organisation, on=ON)
    assert len(text.splitlines()) == people + 1


def test_taking_the_list_away_is_recorded_and_only_for_those_who_may(organisation, other_organisation, sign_in):
    person_in_post(organisation)
    stranger = person_in_post(other_organisation)

    response = sign_in(organisation, Role.HR).get(reverse("staff:person_export"))

    assert response["Content-Disposition"].startswith(f'attachment; filename="staff-{organisation.ods_code}-')
    assert stranger.staff_number not in b"".join(response.streaming_content).decode()
    assert Event.objects.get(type="staff.exported").summary == {"people": 1}
    assert sign_in(organisation, Role.MANAGER).get(reverse("staff:person_export")).status_code == 403
