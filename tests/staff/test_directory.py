"""Looking people up and taking lists away: who fits, and what it costs in a long list."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from openpyxl import load_workbook

from accounts.enums import Role
from accounts.models import Site
from audit.models import Event
from courses.models import RecordImport
from staff.directory import PeopleFilter, called, matching, people_page
from staff.lists import LISTS
from staff.models import Person, TeamFlag
from tests.factories import (
    NOW,
    TODAY,
    AbsenceFactory,
    CompletionFactory,
    KeyPostFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    UserFactory,
    person_in_post,
)
from tests.staff.files import HEADINGS, import_rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, {"plain", "bank", "boss", "local"}),
        ({"employment_type": "bank"}, {"bank"}),
        ({"access": "unknown"}, {"plain", "bank"}),
        ({"lacking": "manager"}, {"boss", "bank", "local"}),
        ({"lacking": "email"}, {"plain", "bank", "local"}),
        ({"lacking": "unit"}, {"bank", "boss", "local"}),
        ({"lacking": "sign-in"}, {"plain", "bank", "local"}),
        ({"source": "local"}, {"local"}),
        ({"state": "left"}, {"gone"}),
        ({"state": "left", "employment_type": "bank"}, set()),
        ({"state": "everybody", "lacking": "email"}, {"plain", "bank", "local", "gone", "never"}),
        ({"words": "pla"}, {"plain"}),
        ({"employment_type": "bank", "lacking": "manager"}, {"bank"}),
    ],
)
def test_filters_find_who_fits(organisation, other_organisation, wanted, found):
    def somebody(name, **post):
        person = person_in_post(organisation, **post)
        Person.objects.filter(pk=person.pk).update(last_name=name)
        return person

    boss = somebody("boss", has_access="yes", user=UserFactory())
    Person.objects.filter(pk=boss.pk).update(email="boss@oak.example")
    somebody("plain", manager=boss, unit=UnitFactory(organisation=organisation))
    somebody("bank", employment_type="bank")
    Person.objects.filter(pk=somebody("local", has_access="no").pk).update(source="local")
    somebody("gone", end=TODAY)
    PersonFactory(organisation=organisation, last_name="never")
    person_in_post(other_organisation, employment_type="bank")

    people = matching(organisation, PeopleFilter(**wanted), on=TODAY)

    assert set(people.values_list("last_name", flat=True)) == found


def test_a_unit_means_all_below_it(organisation, sign_in):
    top = UnitFactory(organisation=organisation)
    person_in_post(organisation, unit=UnitFactory(organisation=organisation, parent=top))

    page = sign_in(organisation, Role.HR).get(f"/staff/?unit={top.pk}").text

    assert page.count('<th scope="row">') == 1


def test_a_deep_page_starts_in_the_index_and_not_at_the_beginning(django_assert_num_queries):
    organisation = OrganisationFactory()
    people = [PersonFactory(organisation=organisation, last_name=f"N{n:03}") for n in range(120)]
    for person in people:
        PostFactory(person=person)

    with django_assert_num_queries(3):  # the person before the page, the page, its posts
        page = people_page(organisation, PeopleFilter(), on=TODAY, after=people[99].pk)
    assert [person.last_name for person in page.people] == [f"N{n:03}" for n in range(100, 120)]

    rows = (
        matching(organisation, PeopleFilter(), on=TODAY).filter(last_name__gte="N099").order_by("last_name", "first_name", "pk")
    )
    if connection.vendor == "sqlite":
        plan = rows[:51].explain()
        assert "USING INDEX person_by_name (organisation_id=? AND last_name>?)" in plan
        assert "TEMP B-TREE" not in plan


def test_a_filtered_list_is_taken_away_as_workbook_without_formulas(organisation, sign_in):
    person_in_post(organisation, job_title="=1+1", employment_type="bank")
    person_in_post(organisation, job_title="Plain")

    answer = sign_in(organisation, Role.HR).get("/staff/people.xlsx?employment_type=bank")

    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert (len(rows), rows[1][6]) == (2, "'=1+1")
    assert Event.objects.get(type="staff.exported").summary == {"people": 1}


@pytest.mark.parametrize("rows", [1, 6])
def test_every_list_is_taken_away_in_few_queries(organisation, other_organisation, sign_in, rows, django_assert_max_num_queries):
    for owner, name in ((organisation, "=ours"), (other_organisation, "theirs")):
        for number in range(rows):
            unit = UnitFactory(organisation=owner, name=f"{name} {number}")
            person = person_in_post(owner, unit=unit, manager=person_in_post(owner))
            Person.objects.filter(pk=person.pk).update(first_name=name)
            AbsenceFactory(person=person)
            KeyPostFactory(organisation=owner, holder=person, holder_outside="", kind="partner")
            Site.objects.create(organisation=owner, name=f"{name} {number}")
            TeamFlag.objects.create(organisation=owner, kind="missing", manager=person, words=name, raised_at=NOW)
            import_rows(owner, HEADINGS, [f"i{number}", "Ada", "Obi"], file_name=f"{name} {number}.csv")
            CompletionFactory(person=person, reference=name)
            RecordImport.objects.create(
                organisation=owner, file_name=name, file_sha256="0" * 64, created_by=UserFactory(), created_at=NOW
            )
    client = sign_in(organisation, Role.HR)

    for name in LISTS:
        with django_assert_max_num_queries(15):  # session, user, memberships, count, the event, rows
            answer = client.get(f"/staff/lists/{name}.csv")
            text = b"".join(answer.streaming_content).decode()
        assert "theirs" not in text
        assert ",=ours" not in text
        assert len(text.splitlines()) >= (1 if name == "deputies" else rows + 1)
    assert b"training-records.csv" in client.get("/staff/lists/").content
    assert client.get("/staff/lists/people.xlsx").status_code == 200
    assert client.get("/staff/lists/nothing.csv").status_code == 404
    assert Event.objects.filter(type="staff.list_exported").count() == len(LISTS) + 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the index is PostgreSQL's")
def test_parts_of_names_are_found_from_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Person.objects.filter(called("xyzzy")).order_by().explain()

    assert plan.count("Bitmap Index Scan on person_by_part_of_name") == 3


def test_what_a_file_did_and_whose_training_is_recorded_can_be_read_in_the_lists(organisation, sign_in):
    import_rows(organisation, HEADINGS, ["1", "Ada", "Obi"], ["2", "Bo", "Li"], ["2", "Bo", "Twice"], file_name="november.csv")
    ada = Person.objects.get(staff_number="1")
    CompletionFactory(person=ada, completed_on=TODAY, source="import", score_percent=92)
    client = sign_in(organisation, Role.HR)

    imports = rows_of_csv(client.get("/staff/lists/imports.csv"))
    records = rows_of_csv(client.get("/staff/lists/training-records.csv"))

    (batch,) = imports
    assert (batch["file_name"], batch["state"], batch["rows"], batch["joined"], batch["cells to mend"]) == (
        "november.csv", "Applied", "3", "2", "1",
    )  # fmt: skip
    (record,) = records
    assert (record["staff_number"], record["name"], record["completed_on"], record["score"]) == ("1", "Ada Obi", str(TODAY), "92")


def test_an_administrator_takes_away_lists_but_nobodys_training(organisation, sign_in):
    client = sign_in(organisation, Role.ORGANISATION_ADMIN)

    assert client.get("/staff/lists/imports.csv").status_code == 200
    assert client.get("/staff/lists/training-records.csv").status_code == 404
    assert b"training-record" not in client.get("/staff/lists/").content


def rows_of_csv(answer):
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
