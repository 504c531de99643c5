"""Looking people up and taking lists away: who fits, and what it costs in a long list."""

from __future__ import annotations

import io

import pytest
from django.db import connection
from openpyxl import load_workbook

from accounts.enums import Role
from audit.models import Event
from staff.directory import PeopleFilter, called, matching, people_page
from staff.lists import LISTS
from staff.models import Person
from tests.factories import (
    TODAY,
    AbsenceFactory,
    KeyPostFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    UserFactory,
    person_in_post,
)

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
    client = sign_in(organisation, Role.HR)

    for name in LISTS:
        with django_assert_max_num_queries(15):  # session, user, memberships, count, the event, rows
            answer = client.get(f"/staff/lists/{name}.csv")
            text = b"".join(answer.streaming_content).decode()
        assert "theirs" not in text
        assert ",=ours" not in text
        assert len(text.splitlines()) >= (1 if name == "deputies" else rows + 1)
    assert client.get("/staff/lists/people.xlsx").status_code == 200
    assert client.get("/staff/lists/nothing.csv").status_code == 404
    assert Event.objects.filter(type="staff.list_exported").count() == len(LISTS) + 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the index is PostgreSQL's")
def test_parts_of_names_are_found_from_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = Person.objects.filter(called("xyzzy")).order_by().explain()

    assert plan.count("Bitmap Index Scan on person_by_part_of_name") == 3
