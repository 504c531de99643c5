"""Changing the staff list by hand: what is written, what sticks, what is refused, what it costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from audit.models import Event
from staff import queries
from staff.models import Absence, FormerUnitName, Person, Post, Unit
from staff.services import (
    PersonRefusedError,
    UnitRefusedError,
    add_absence,
    add_post,
    add_unit,
    cancel_post,
    change_person,
    change_post,
    change_unit,
    close_unit,
    end_absence,
    end_post,
    hand_back,
    leave,
    remove_absence,
    settle_access,
)
from staff.unit_tree import line_up, people_below, tree
from tests.factories import (
    NOW,
    TODAY,
    AbsenceFactory,
    KeyPostFactory,
    OrganisationFactory,
    PostFactory,
    UnitFactory,
    person_in_post,
)

pytestmark = pytest.mark.django_db
BY = {"by": "test", "at": NOW}


def only_post(person: Person) -> Post:
    return Post.objects.get(person=person)


# --- People and posts -----------------------------------------------------------------------------


def test_a_changed_name_sticks_and_a_second_time_does_nothing(organisation):
    person = person_in_post(organisation)

    for _ in range(2):
        change_person(person, first_name="  Siân ", last_name="O'Neill", email="SIAN@oak.example", **BY)

    person.refresh_from_db()
    assert (str(person), person.email) == ("Siân O'Neill", "sian@oak.example")
    assert person.kept_here == ["email", "first_name", "last_name"]
    assert [event.summary["fields"] for event in Event.objects.filter(type="staff.person_changed")] == [
        "e-mail address, first name, last name"
    ]
    with pytest.raises(PersonRefusedError):
        change_person(person, first_name="", last_name=" ", **BY)


def test_a_move_ends_the_post_and_begins_another_so_that_the_past_stays_true(organisation):
    person, unit = person_in_post(organisation), UnitFactory(organisation=organisation)

    held = change_post(only_post(person), since=TODAY, unit=unit, job_title="Senior", **BY)

    before = Post.objects.exclude(pk=held.pk).get()
    assert (before.unit, before.job_title, before.end, before.kept_here) == (None, "Care worker", TODAY, [])
    assert (held.unit, held.job_title, held.start, held.end) == (unit, "Senior", TODAY, None)
    assert held.kept_here == ["job_title", "unit"]


def test_a_corrected_first_day_is_kept_with_the_post_it_is_of(organisation):
    person, unit = person_in_post(organisation), UnitFactory(organisation=organisation)
    first_day = only_post(person).start - timedelta(days=10)

    held = change_post(only_post(person), since=TODAY, unit=unit, start=first_day, **BY)

    before = Post.objects.exclude(pk=held.pk).get()
    assert (before.start, before.kept_here) == (first_day, ["start"])
    assert (held.start, held.kept_here) == (TODAY, ["unit"])


def test_a_title_or_a_manager_is_changed_in_place(organisation):
    person, boss = person_in_post(organisation), person_in_post(organisation)

    change_post(only_post(person), since=TODAY, manager=boss, job_title="Night nurse", **BY)

    post = only_post(person)
    assert (post.manager, post.job_title, post.kept_here) == (boss, "Night nurse", ["job_title", "manager"])


def test_local_people_have_nothing_to_keep(organisation):
    person = person_in_post(organisation)
    Person.objects.filter(pk=person.pk).update(source="local")

    change_post(only_post(person), since=TODAY, job_title="Trustee", **BY)

    assert only_post(person).kept_here == []


@pytest.mark.parametrize("case", ["self", "loop", "long loop", "foreign", "foreign unit", "closed unit", "after the end"])
def test_changes_that_cannot_be_are_refused_whole(organisation, other_organisation, case):
    person = person_in_post(organisation)
    report = person_in_post(organisation, manager=person)
    below = person_in_post(organisation, manager=report)
    changes = {
        "self": {"manager": person},
        "loop": {"manager": report},
        "long loop": {"manager": below},
        "foreign": {"manager": person_in_post(other_organisation)},
        "foreign unit": {"unit": UnitFactory(organisation=other_organisation)},
        "closed unit": {"unit": UnitFactory(organisation=organisation, closed_on=TODAY)},
        "after the end": {"unit": UnitFactory(organisation=organisation)},
    }[case]
    if case == "after the end":
        Post.objects.filter(person=person).update(end=TODAY)

    with pytest.raises(PersonRefusedError):
        change_post(only_post(person), since=TODAY, job_title="New", **changes, **BY)

    post = only_post(person)
    assert (post.job_title, post.manager, post.unit, post.kept_here) == ("Care worker", None, None, [])


def test_a_post_beside_those_of_the_file_is_hrs_own_and_one_after_coming_back_is_the_files(organisation):
    here, gone = person_in_post(organisation), person_in_post(organisation, end=date(2025, 1, 1))

    assert add_post(here, start=TODAY, job_title="Trustee", **BY).added_here is True
    assert add_post(gone, start=TODAY, job_title="Care worker", **BY).added_here is False
    assert Person.objects.of(organisation).in_post(TODAY).count() == 2


def test_posts_end_after_their_last_day_and_future_ones_can_be_taken_back(organisation):
    person = person_in_post(organisation)
    end_post(only_post(person), last_day=TODAY, **BY)
    assert only_post(person).end == TODAY + timedelta(days=1)
    with pytest.raises(PersonRefusedError, match="cannot be before"):
        end_post(only_post(person), last_day=date(2019, 1, 1), **BY)
    with pytest.raises(PersonRefusedError, match="has begun"):
        cancel_post(only_post(person), on=TODAY, **BY)

    coming = add_post(person, start=TODAY + timedelta(days=30), **BY)
    with pytest.raises(PersonRefusedError, match="Take that post back"):
        leave(person, last_day=TODAY, **BY)
    cancel_post(coming, on=TODAY, **BY)

    assert person.posts.count() == 1


def test_a_leaver_leaves_every_post_once(organisation):
    person = person_in_post(organisation)
    PostFactory(person=person)

    assert [leave(person, last_day=TODAY, **BY) for _ in range(2)] == [2, 0]

    assert not Person.objects.in_post(TODAY + timedelta(days=1)).exists()
    assert Person.objects.in_post(TODAY).get() == person
    assert Event.objects.filter(type="staff.person_left").count() == 1


def test_what_follows_from_leaving_is_shown(organisation, sign_in):
    person = person_in_post(organisation)
    person_in_post(organisation, manager=person)
    KeyPostFactory(organisation=organisation, holder=person, holder_outside="", kind="siro")

    page = sign_in(organisation, Role.HR).get(reverse("staff:person_leave", kwargs={"person_id": person.pk})).text

    assert "1 person needs another manager" in page
    assert "They hold the post Senior Information Risk Owner" in page


def test_handing_back_lets_files_decide_again(organisation):
    person = person_in_post(organisation)
    change_person(person, first_name="Ada", **BY)
    add_post(person, start=TODAY, **BY)

    for _ in range(2):
        hand_back(person, **BY)

    person.refresh_from_db()
    assert person.kept_here == []
    assert not Post.objects.filter(added_here=True).exists()
    assert Event.objects.filter(type="staff.handed_back").count() == 1


def test_unknown_access_is_settled_for_ones_own_posts_only(organisation, other_organisation, sign_in):
    person_in_post(organisation, job_title="Porter")
    person_in_post(organisation, job_title="Nurse")
    person_in_post(organisation, job_title="Nurse", has_access="yes")
    theirs = only_post(person_in_post(other_organisation, job_title="Porter"))
    client = sign_in(organisation, Role.HR)
    assert "Nurse: 1 person" in client.get("/staff/access/").text

    client.post("/staff/access/", {"name_0": "Nurse", "title_0": "", "name_1": "Porter", "title_1": "no"})
    assert settle_access(organisation, decisions={theirs.pk: "no"}, **BY) == 0

    assert Post.objects.get(job_title="Porter", person__organisation=organisation).has_access == "no"
    assert [one.job_title for one in queries.unknown_access(organisation, timezone.localdate())] == ["Nurse"]
    assert Event.objects.get(type="staff.access_settled").summary["posts"] == 1


def test_a_stale_form_settles_nothing_else(organisation, sign_in):
    person_in_post(organisation, job_title="Porter")

    sign_in(organisation, Role.HR).post("/staff/access/", {"name_0": "Nurse", "title_0": "no"})

    assert Post.objects.get().has_access == "unknown"


def test_absences_begin_end_and_are_taken_back(organisation):
    person = person_in_post(organisation)
    absence = add_absence(person, start=TODAY, back_on=None, **BY)
    with pytest.raises(PersonRefusedError, match="already recorded as away"):
        add_absence(person, start=TODAY + timedelta(days=5), back_on=None, **BY)
    with pytest.raises(PersonRefusedError):
        end_absence(absence, back_on=TODAY, **BY)

    end_absence(absence, back_on=TODAY + timedelta(days=7), **BY)

    assert Absence.objects.get().end == TODAY + timedelta(days=7)
    remove_absence(absence, **BY)
    assert not Absence.objects.exists()


def test_the_pages_change_a_person_a_post_and_an_absence(organisation, sign_in):
    client, person = sign_in(organisation, Role.HR), person_in_post(organisation)
    post = only_post(person)
    day = {"since_0": "1", "since_1": "4", "since_2": "2026", "start_0": "1", "start_1": "1", "start_2": "2020"}

    client.post(reverse("staff:person_edit", kwargs={"person_id": person.pk}), {"first_name": "Ada", "last_name": "Bell"})
    client.post(
        reverse("staff:post_edit", kwargs={"post_id": post.pk}),
        {"job_title": "Nurse", "staff_group": "Care", "employment_type": "bank", "has_access": "unknown"} | with_parts(day),
    )
    client.post(
        reverse("staff:absence_new", kwargs={"person_id": person.pk}),
        with_parts({"start_0": "1", "start_1": "5", "start_2": "2026"}),
    )

    page = client.get(reverse("staff:person_detail", kwargs={"person_id": person.pk})).text
    assert "Ada Bell" in page
    assert list(Post.objects.order_by("start").values_list("employment_type", "end")) == [
        ("permanent", date(2026, 4, 1)),
        ("bank", None),
    ]
    assert "changed by hand the employment type, job title of Ada Bell from 1 April 2026" in page
    assert "HR files leave it as it is" in page
    assert Absence.objects.get().start == date(2026, 5, 1)


def with_parts(answers: dict[str, str]) -> dict[str, str]:
    """``start_0`` and its like as the date boxes are named."""
    names = {"0": "day", "1": "month", "2": "year"}
    return {f"{name[:-1]}{names[name[-1]]}": value for name, value in answers.items()}


@pytest.mark.parametrize("more", [0, 30])
def test_a_persons_page_costs_the_same_however_much_there_is(organisation, sign_in, more, django_assert_max_num_queries):
    person = person_in_post(organisation)
    for number in range(more):
        start = date(2000, 1, 1) + timedelta(days=20 * number)
        AbsenceFactory(person=person, start=start, end=start + timedelta(days=5))
        PostFactory(person=person, unit=UnitFactory(organisation=organisation), manager=person_in_post(organisation))
        change_person(person, first_name=f"Name {number}", **BY)
    client = sign_in(organisation, Role.HR)

    with django_assert_max_num_queries(25):
        assert client.get(reverse("staff:person_detail", kwargs={"person_id": person.pk})).status_code == 200


# --- Units ----------------------------------------------------------------------------------------


def test_a_renamed_unit_keeps_its_old_name_for_files_until_another_takes_it(organisation):
    unit = add_unit(organisation, name="Ward 3", **BY)

    change_unit(unit, name="Ward 3 north", parent=None, site=None, **BY)
    assert FormerUnitName.objects.get().name == "Ward 3"
    add_unit(organisation, name="ward 3", **BY)

    assert not FormerUnitName.objects.exists()
    with pytest.raises(UnitRefusedError, match="already a unit"):
        add_unit(organisation, name="WARD 3 NORTH", **BY)


def test_a_unit_never_stands_below_itself(organisation, other_organisation):
    top = add_unit(organisation, name="Top", **BY)
    middle = add_unit(organisation, name="Middle", parent=top, **BY)
    low = add_unit(organisation, name="Low", parent=middle, **BY)

    for parent in (top, low, UnitFactory(organisation=other_organisation)):
        with pytest.raises(UnitRefusedError):
            change_unit(top, name="Top", parent=parent, site=None, **BY)
    change_unit(low, name="Low", parent=top, site=None, **BY)

    assert Unit.objects.get(name="Low").parent == top
    assert Event.objects.get(type="staff.unit_changed").summary["fields"] == "place"


def test_a_unit_closes_when_nobody_is_left(organisation):
    unit = UnitFactory(organisation=organisation)
    person = person_in_post(organisation, unit=unit)
    with pytest.raises(UnitRefusedError, match="1 person has a post here"):
        close_unit(unit, last_day=TODAY, **BY)

    leave(person, last_day=TODAY, **BY)
    for _ in range(2):
        close_unit(unit, last_day=TODAY, **BY)

    assert not Unit.objects.open_on(TODAY + timedelta(days=1)).exists()
    assert Event.objects.filter(type="staff.unit_closed").count() == 1


@given(
    shape=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    places=st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=4), max_size=20),
)
def test_people_below_a_unit_are_counted_once(shape, places):
    """Against an oracle that looks at everybody for every unit."""
    parents = {number: (below % number if number and below else None) for number, below in enumerate(shape)}
    people = [{place % len(shape) for place in several} for several in places]
    here = {unit: sum(unit in several for several in people) for unit in parents}

    found = people_below(parents, here, [several for several in people if len(several) > 1])

    for unit in parents:
        assert found[unit] == sum(any(unit in line_up(parents, place) for place in several) for several in people)


@pytest.mark.parametrize("units", [1, 30])
def test_the_tree_costs_three_queries_however_large(units, django_assert_num_queries):
    organisation = OrganisationFactory()
    top = UnitFactory(organisation=organisation, name="Top")
    for _ in range(units):
        unit = UnitFactory(organisation=organisation, parent=top)
        person = person_in_post(organisation, unit=unit)
        PostFactory(person=person, unit=top)

    with django_assert_num_queries(3):
        (found,) = tree(organisation, on=TODAY)
    assert (found.below, found.here, len(found.children)) == (units, units, units)
