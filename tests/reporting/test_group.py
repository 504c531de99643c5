"""Organisations of a group beside one another, from what was recorded each night."""

from __future__ import annotations

import json
from datetime import date

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from accounts.policy import RefusedError
from accounts.services import grant_role
from assessment.models import OfficialStatus
from courses.models import TrainingNeed
from reporting.group import differing, group_figures
from reporting.trend import keep_rate
from staff.models import Person
from tests.factories import NOW, CompletionFactory, CourseFactory, OrganisationFactory, member, person_in_post

pytestmark = pytest.mark.django_db
NIGHT = date(2026, 4, 30)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


def branch(head, course, name: str, people: int, trained: int, *, is_kept: bool = True):
    made = OrganisationFactory(name=name, parent=head)
    for number in range(people):
        person = person_in_post(made, has_access="yes")
        if number < trained:
            CompletionFactory(person=person, course=course, completed_on=date(2026, 4, 1))
    if is_kept:
        keep_rate(made, course, on=NIGHT, at=NOW)
    return made


@pytest.fixture
def head(organisation, course):
    branch(organisation, course, "Ash House", 10, 9)
    branch(organisation, course, "Birch House", 8, 4)
    branch(organisation, course, "Cedar House", 2, 2)
    branch(organisation, course, "Late House", 5, 5, is_kept=False)
    keep_rate(organisation, course, on=NIGHT, at=NOW)
    return organisation


def test_the_members_stand_with_the_furthest_behind_first_and_the_small_ones_hidden(head, course):
    figures = group_figures(head, course, on=None, fewest=5)

    assert figures.on == NIGHT
    assert [(one.name, one.percent, one.is_hidden) for one in figures.members if one.name.endswith("House")] == [
        ("Ash House", "90.0", False),
        ("Birch House", None, True),
        ("Cedar House", None, True),
        ("Late House", None, False),
    ]
    assert (figures.trained, figures.in_scope, figures.percent) == (15, 20, "75.0")


def test_the_record_is_the_same_as_counting_everybody_again_until_a_late_record_comes(head, course):
    assert list(differing(head, course, on=NIGHT)) == []

    ash = head.branches.get(name="Ash House")
    last = Person.objects.filter(organisation=ash, completions__isnull=True).get()
    CompletionFactory(person=last, course=course, completed_on=date(2026, 4, 20))

    (one,) = differing(head, course, on=NIGHT)
    assert (one.organisation, one.recorded, one.counted) == (ash, (9, 10), (10, 10))


def test_a_command_counts_the_records_of_a_night_again(head, course, capsys):
    TrainingNeed.objects.create(organisation=head, course=course, rationale="all handle data", start=date(2020, 1, 1))
    call_command("check_rates", organisation=head.ods_code, as_of=NIGHT.isoformat(), json=True)
    assert json.loads(capsys.readouterr().out) == {"as_of": NIGHT.isoformat(), "records": 4, "differing": []}

    ash = head.branches.get(name="Ash House")
    CompletionFactory(
        person=Person.objects.get(organisation=ash, completions__isnull=True), course=course, completed_on=date(2026, 4, 20)
    )
    with pytest.raises(SystemExit) as stopped:
        call_command("check_rates", organisation=head.ods_code, as_of=NIGHT.isoformat())
    assert stopped.value.code == 1
    assert f"{ash.ods_code}, {course.code}: recorded 9 of 10, counted now 10 of 10" in capsys.readouterr().out


def test_head_office_reads_the_page_and_its_members_do_not_read_each_other(head, sign_in):
    html = sign_in(head, Role.BOARD).get(reverse("reporting:group_detail")).text
    ash = head.branches.get(name="Ash House")

    assert "75.0% of 20 people in scope are trained, in 4 of 5 organisations" in html
    assert "Ash House" in html
    assert "Not recorded" in html
    own = sign_in(ash, Role.BOARD).get(reverse("reporting:group_detail")).text
    assert "Birch House" not in own
    assert "No other organisation names yours as its head office" in own
    assert sign_in(head, Role.HR).get(reverse("reporting:group_detail")).status_code == 403
    table = sign_in(head, Role.BOARD).get(reverse("reporting:group_csv")).text
    assert "Cedar House,hidden,hidden,hidden,No return" in table


def test_head_office_reads_where_each_return_stands_and_no_answer(head, course, sign_in):
    ash = head.branches.get(name="Ash House")
    seen = {"recorded_on": date(2026, 4, 2), "at": NOW}
    OfficialStatus.objects.create(organisation=ash, year="2024-25", status="Standards Met", recorded_on=date(2025, 7, 1), at=NOW)
    OfficialStatus.objects.create(organisation=ash, year="2025-26", status="Not Published", **seen)
    OfficialStatus.objects.create(
        organisation=head.branches.get(name="Birch House"), year="2025-26", status="Standards Met", **seen
    )

    table = sign_in(head, Role.BOARD).get(reverse("reporting:group_csv")).text

    assert 'Ash House,10,9,90.0,"National site 2025-26: Not Published, seen 2 April 2026"' in table
    assert "Late House,,,,No return" in table


def test_head_office_opens_a_member_and_nothing_else(head, course, sign_in, other_organisation):
    client, ash = sign_in(head, Role.HEAD_OFFICE), head.branches.get(name="Ash House")
    person = Person.objects.filter(organisation=ash).first()
    address = "reporting:group_member"

    page = client.get(reverse(address, args=[ash.pk]))
    hidden = client.get(reverse(address, args=[head.branches.get(name="Cedar House").pk]))
    foreign, absent = (client.get(reverse(address, args=[pk])) for pk in (other_organisation.pk, 999_999_999))

    assert client.get("/start/").url == reverse("reporting:group_detail")
    assert reverse(address, args=[ash.pk]) in client.get(reverse("reporting:group_detail")).text
    assert "90.0%" in page.text
    assert person.last_name not in page.text
    assert "Hidden" in hidden.text
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert other_organisation.name not in foreign.text
    assert client.get(reverse("reporting:report_detail")).status_code == 403
    assert client.get(reverse("staff:person_list")).status_code == 403
    assert sign_in(ash, Role.HEAD_OFFICE).get(reverse(address, args=[head.pk])).status_code == 404


def test_the_role_is_only_where_there_is_a_group(head, other_organisation, sign_in):
    someone = member(head)
    roles = reverse("accounts:user_roles", args=[someone.pk])

    assert Role.HEAD_OFFICE.label in sign_in(head, Role.ORGANISATION_ADMIN).get(roles).text
    assert grant_role(someone, organisation=head, role=Role.HEAD_OFFICE, by="system", at=NOW).role == Role.HEAD_OFFICE
    with pytest.raises(RefusedError, match="names this one as its head office"):
        grant_role(someone, organisation=other_organisation, role=Role.HEAD_OFFICE, by="system", at=NOW)
    lonely = sign_in(other_organisation, Role.ORGANISATION_ADMIN)
    own = reverse("accounts:user_roles", args=[lonely.user.pk])
    assert Role.HEAD_OFFICE.label not in lonely.get(own).text
    assert lonely.post(own, {"role": Role.HEAD_OFFICE}).status_code == 200
    assert not lonely.user.memberships.filter(role=Role.HEAD_OFFICE).exists()


@pytest.mark.parametrize("more", [0, 9])
def test_the_page_costs_the_same_however_many_members(head, course, sign_in, more, django_assert_max_num_queries):
    for number in range(more):
        branch(head, course, f"House {number}", 6, 3)
    client = sign_in(head, Role.BOARD)
    client.get(reverse("reporting:group_detail"))

    with django_assert_max_num_queries(13):
        client.get(reverse("reporting:group_detail"))
