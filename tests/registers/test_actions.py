"""The one list of actions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.policy import Access
from audit.models import Event
from registers import action_sources
from registers.models.actions import Action, ActionUpdate, Standing
from registers.queries.actions import actions_of
from registers.services import actions as services
from registers.services.actions import ActionRefusedError, Owner
from tests.factories import NOW, TODAY, KeyPostFactory, OrganisationFactory, PersonFactory, member, person_in_post

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
MANAGER = Owner(post="registered-manager")


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def add(organisation, lead):
    def added(**values):
        defaults = {"what": "Lock the cabinet", "owner": MANAGER, "due_on": TOMORROW}
        return services.add_action(organisation, by=lead, at=NOW, **(defaults | values))

    return added


@pytest.fixture
def a_source(organisation):
    """A kind of thing that owns actions: number 7 of the organisation, nothing of anybody else."""
    action_sources.register(
        "test",
        noun="Test",
        find=lambda owner, ids: {7: action_sources.Link("Test 7", "/test/7/")} if owner == organisation and 7 in ids else {},
    )
    yield ("test", 7)
    del action_sources._sources["test"]


def access_of(user, organisation):
    return Access(user, organisation, frozenset(user.memberships.values_list("role", flat=True)))


@given(st.integers(-400, 400))
def test_an_open_action_is_overdue_from_the_day_after_it_was_due(days):
    action = Action(first_due_on=TODAY)
    action.newest_updates = [ActionUpdate(state="open", due_on=TODAY)]

    assert action.standing(TODAY + timedelta(days=days)) == (Standing.OVERDUE if days > 0 else Standing.TO_DO)


def test_an_action_that_moves_keeps_the_date_first_promised(add, lead):
    action = add()

    services.move_action(action, note="The lock is on order", due_on=TODAY + timedelta(days=30), by=lead, at=NOW)

    assert (action.first_due_on, action.newest.due_on) == (TOMORROW, TODAY + timedelta(days=30))
    assert action.was_put_off
    assert action.standing(TODAY + timedelta(days=2)) == Standing.TO_DO


def test_what_is_done_is_done_once_and_may_be_taken_up_again(add, lead):
    action = add(due_on=YESTERDAY)
    first = services.finish_action(action, note="New lock fitted", by=lead, at=NOW)

    assert services.finish_action(action, note="Fitted twice?", by=lead, at=NOW) == first
    assert action.standing(TODAY) == Standing.DONE
    with pytest.raises(ActionRefusedError, match="Open it again"):
        services.report_progress(action, note="More", by=lead, at=NOW)

    services.reopen_action(action, note="The key is lost", due_on=TOMORROW, by=lead, at=NOW)

    assert action.standing(TODAY) == Standing.TO_DO
    assert [update.n for update in action.updates.all()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda a, by: services.finish_action(a, note=" ", by=by, at=NOW), "what was done"),
        (lambda a, by: services.cancel_action(a, note="", by=by, at=NOW), "why it will not"),
        (lambda a, by: services.move_action(a, note="", due_on=TOMORROW, by=by, at=NOW), "why the date"),
        (lambda a, by: services.reopen_action(a, note="Again", due_on=TOMORROW, by=by, at=NOW), "open already"),
        (
            lambda a, by: services.hand_over_action(a, owner=Owner(person=PersonFactory()), by=by, at=NOW),
            "not on your staff list",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(add, lead, act, words):
    action = add()

    with pytest.raises(ActionRefusedError, match=words):
        act(action, lead)

    assert action.updates.count() == 1


def test_the_database_keeps_updates_whole_and_unchanged(add):
    update = add().newest

    with pytest.raises(DatabaseError), transaction.atomic():
        ActionUpdate.objects.filter(pk=update.pk).update(note="Another")
    values = {"action": update.action, "kind": "progress", "state": "open", "due_on": TODAY, "at": NOW}
    for fault in ({"n": 1, "owner_words": "Us"}, {"n": 2}, {"n": 2, "owner_words": "Us", "owner_post": "siro"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ActionUpdate.objects.create(**values, **fault)


def test_words_name_a_post_a_person_or_somebody_outside(organisation):
    ann = person_in_post(organisation, job_title="Cook")
    person_in_post(OrganisationFactory())

    assert services.owner_named(organisation, "the registered manager", on=TODAY) == Owner(post="registered-manager")
    assert services.owner_named(organisation, f"  {ann.first_name.upper()}  {ann.last_name} ", on=TODAY) == Owner(person=ann)
    assert services.owner_named(organisation, ann.staff_number, on=TODAY) == Owner(person=ann)
    assert services.owner_named(organisation, "Bright IT Ltd", on=TODAY) == Owner(words="Bright IT Ltd")


def test_a_name_that_two_people_have_needs_the_staff_number(organisation):
    for number in ("00101", "00102"):
        person = person_in_post(organisation)
        person.staff_number, person.last_name = number, "Twin"
        person.save()

    with pytest.raises(ActionRefusedError, match="00101, 00102"):
        services.owner_named(organisation, "Sam Twin", on=TODAY)


def test_a_staff_member_sees_only_what_is_theirs_or_their_posts_on_the_day(organisation, add):
    user = member(organisation)
    person = person_in_post(organisation, user=user)
    mine, of_my_post, _other = add(owner=Owner(person=person)), add(owner=Owner(post="dpo")), add()
    KeyPostFactory(organisation=organisation, kind="dpo", holder=person, holder_outside="", start=TODAY, end=TOMORROW)
    KeyPostFactory(kind="registered-manager", holder=None)
    access = access_of(user, organisation)

    assert set(Action.objects.visible_to(access, TODAY)) == {mine, of_my_post}
    assert set(Action.objects.visible_to(access, TOMORROW)) == {mine}


def test_the_audit_trail_names_nobody(add, organisation):
    person = person_in_post(organisation)

    action = add(owner=Owner(person=person), what="Talk to the family at number 4")

    event = Event.objects.get(type="registers.action_added")
    assert event.target == f"registers.action:{action.pk}"
    assert event.summary == {"source": "", "due_on": TOMORROW.isoformat(), "owner": f"person:{person.pk}"}


def test_the_actions_of_a_thing_are_found_on_its_page_and_link_back_to_it(add, a_source, client, lead, organisation):
    action = add(source=a_source)
    add()
    client.force_login(lead)

    found = actions_of(access_of(lead, organisation), *a_source, on=TODAY)
    page = client.get(reverse("registers:action_list"), {"source": "test", "show": "all"}).text

    assert [line.action for line in found.lines] == [action]
    assert (found.open_count, found.may_add) == (1, True)
    assert page.count(reverse("registers:action_detail", args=[action.pk])) == 1
    assert '<a href="/test/7/">Test 7</a>' in page


def test_an_action_is_added_from_the_page_of_what_it_came_out_of(client, lead, a_source, organisation):
    client.force_login(lead)
    url = reverse("registers:action_add")
    form = {"what": "Shred", "owner": "SIRO", "due_on_day": 1, "due_on_month": 6, "due_on_year": 2027}

    assert client.get(f"{url}?source=test:8").status_code == 404
    assert client.get(f"{url}?source=nothing:7").status_code == 404
    response = client.post(f"{url}?source=test:7", form)

    action = Action.objects.get(organisation=organisation)
    assert (response.status_code, response.url) == (302, "/test/7/")
    assert (action.source_kind, action.source_id, action.newest.owner_post) == ("test", 7, "siro")


def test_the_owner_says_it_is_done_and_may_not_move_the_date(client, organisation, add):
    user = member(organisation)
    action = add(owner=Owner(person=person_in_post(organisation, user=user)))
    foreign, url = add(), reverse("registers:action_detail", args=[action.pk])
    client.force_login(user)

    moved = client.post(url, {"how": "moved", "note": "Later", "due_on_day": 1, "due_on_month": 1, "due_on_year": 2030})
    done = client.post(url, {"how": "done", "note": "New lock fitted"})

    assert "not one of the available choices" in moved.text
    assert done.status_code == 302
    assert action.updates.get(n=2).kind == "done"
    assert client.get(reverse("registers:action_detail", args=[foreign.pk])).status_code == 404


def test_somebody_who_only_reads_cannot_say_how_it_goes(client, organisation, add):
    action = add()
    client.force_login(member(organisation, Role.AUDITOR))
    url = reverse("registers:action_detail", args=[action.pk])

    assert "How does it go?" not in client.get(url).text
    assert client.post(url, {"how": "done", "note": "Done"}).status_code == 403


@pytest.mark.parametrize("actions", [1, 9])
def test_the_list_costs_the_same_however_long(client, lead, add, a_source, actions, django_assert_num_queries):
    for number in range(actions):
        add(source=a_source, due_on=date(2020, 1, 1 + number))
    client.force_login(lead)

    with django_assert_num_queries(8):  # who has come (3), actions, their newest updates, three counts
        page = client.get(reverse("registers:action_list"))

    assert page.text.count("Lock the cabinet") == actions
