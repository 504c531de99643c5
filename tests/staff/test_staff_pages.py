import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.enums import OrganisationType, Role
from accounts.models import Membership, User
from audit.models import Event
from jobs.models import Job
from jobs.services import run
from staff import queries
from staff.enums import KeyPostKind
from staff.key_post_rules import PURPOSE, WANTED
from staff.models import KeyPost, Person
from staff.services import (
    AppointmentRefusedError,
    InvitationRefusedError,
    PersonRefusedError,
    add_person,
    appoint,
    end_appointment,
    grant_manager_roles,
    invite_person,
)
from tests.factories import (
    NOW,
    TODAY,
    AbsenceFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    UnitFactory,
    UserFactory,
    member,
    person_in_post,
)

pytestmark = pytest.mark.django_db


def names(answer):
    return re.findall(r'<th scope="row"><a[^>]*>([^<]*)</a>', answer.content.decode())


# --- The list -------------------------------------------------------------------------------


def test_the_list_shows_who_is_in_post_and_can_show_who_left(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    PostFactory(person=PersonFactory(organisation=organisation, first_name="Ada", last_name="Here"))
    PostFactory(person=PersonFactory(organisation=organisation, first_name="Bo", last_name="Gone"), end=date(2021, 1, 1))

    assert names(client.get("/staff/")) == ["Here, Ada"]
    assert names(client.get("/staff/?state=left")) == ["Gone, Bo"]
    assert names(client.get("/staff/?state=everybody")) == ["Gone, Bo", "Here, Ada"]


@pytest.mark.parametrize(("words", "found"), [("okaf", 1), ("ada oka", 1), ("00", 1), ("0012", 1), ("012", 0), ("bello", 0)])
def test_the_list_is_searched_by_parts_of_names_and_the_start_of_numbers(organisation, sign_in, words, found):
    PostFactory(person=PersonFactory(organisation=organisation, first_name="Ada", last_name="Okafor", staff_number="0012"))

    assert len(names(sign_in(organisation, Role.HR).get("/staff/", {"q": words}))) == found


def test_the_list_is_narrowed_to_a_unit_of_ones_own(organisation, other_organisation, sign_in):
    unit, foreign = UnitFactory(organisation=organisation), UnitFactory(organisation=other_organisation)
    person_in_post(organisation, unit=unit)
    person_in_post(organisation)
    client = sign_in(organisation, Role.HR)

    assert len(names(client.get(f"/staff/?unit={unit.pk}"))) == 1
    assert client.get(f"/staff/?unit={foreign.pk}").status_code == 200


def test_pages_follow_on_forwards_and_backwards(organisation, sign_in):
    for _ in range(120):
        person_in_post(organisation)
    Person.objects.filter(organisation=organisation).update(last_name="Same")
    client = sign_in(organisation, Role.HR)
    pages, query = [], ""
    for _ in range(3):
        answer = client.get(f"/staff/?{query}")
        pages.append(names(answer))
        numbers = re.findall(r'href="\?([^"]*after=[^"]*)"', answer.content.decode())
        query = numbers[0].replace("&amp;", "&") if numbers else ""

    assert [len(page) for page in pages] == [50, 50, 20]
    assert query == ""
    back = re.findall(r'href="\?([^"]*before=[^"]*)"', answer.content.decode())[0].replace("&amp;", "&")
    shown = re.findall(r"/staff/people/(\d+)/", client.get(f"/staff/?{back}").content.decode())
    assert len(set(shown)) == 50


@pytest.mark.parametrize("people", [1, 40])
def test_the_list_costs_the_same_however_long(sign_in, people, django_assert_num_queries):
    organisation = OrganisationFactory()
    client = sign_in(organisation, Role.HR)
    for _ in range(people):
        person_in_post(organisation, unit=UnitFactory(organisation=organisation))
    with django_assert_num_queries(8):  # session, user, memberships, units, people, their posts, what waits for HR (2)
        assert len(names(client.get("/staff/"))) == people


def test_nonsense_in_the_address_is_no_error(organisation, sign_in):
    person_in_post(organisation)

    for query in ("after=x", "after=999999999999", "before=-1", "unit=x", "state=x", "after=" + "9" * 40):
        assert sign_in(organisation, Role.HR).get(f"/staff/?{query}").status_code == 200


def test_a_person_shows_posts_absences_and_sign_in(organisation, sign_in):
    boss = person_in_post(organisation)
    person = person_in_post(organisation, manager=boss, job_title="Night nurse", end=timezone.localdate() + timedelta(days=9))
    AbsenceFactory(person=person, start=date(2026, 1, 5))

    page = sign_in(organisation, Role.HR).get(reverse("staff:person_detail", kwargs={"person_id": person.pk})).content.decode()

    assert "Night nurse" in page
    assert str(boss) in page
    assert "No sign-in yet" in page
    assert "from 5 January 2026" in page


@pytest.mark.parametrize("name", ["staff:person_detail", "staff:person_invite"])
def test_another_organisations_person_is_not_found(organisation, other_organisation, sign_in, name):
    person = person_in_post(other_organisation)
    client = sign_in(organisation, Role.HR)
    address = reverse(name, kwargs={"person_id": person.pk})

    assert (client.post(address) if name.endswith("invite") else client.get(address)).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/staff/",
        "/staff/units/",
        "/staff/imports/",
        "/staff/imports/new/",
        "/staff/invitations/",
        "/staff/people/new/",
        "/staff/key-posts/",
        "/staff/key-posts/appoint/",
    ],
)
def test_staff_without_a_role_see_none_of_it(organisation, sign_in, client, address):
    assert sign_in(organisation, Role.STAFF).get(address).status_code == 403
    assert client.get(address).status_code == 302


def test_units_show_how_many_are_in_post(organisation, other_organisation, sign_in):
    unit = UnitFactory(organisation=organisation, name="Ward 3")
    person = person_in_post(organisation, unit=unit)
    PostFactory(person=person, unit=unit)
    person_in_post(organisation, unit=unit, end=date(2021, 1, 1))
    UnitFactory(organisation=other_organisation, name="Theirs")

    page = sign_in(organisation, Role.HR).get("/staff/units/").content.decode()

    assert re.search(r'Ward 3</a>.*?app-numeric">1<', page, re.DOTALL)
    assert "Theirs" not in page


def test_a_person_is_added_by_hand(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    page = client.get("/staff/people/new/").content.decode()
    days = re.findall(r'name="(start_\w+)"', page)
    data = {"staff_number": "V1", "first_name": "Val", "last_name": "Unteer", "employment_type": "volunteer", "has_access": "no"}
    data |= dict(zip(days, ["1", "4", "2026"], strict=True))

    assert client.post("/staff/people/new/", data).status_code == 302
    assert "already on the list" in client.post("/staff/people/new/", data).content.decode()

    person = Person.objects.get()
    assert (person.source, person.posts.get().start, person.posts.get().employment_type) == (
        "local",
        date(2026, 4, 1),
        "volunteer",
    )
    assert Event.objects.filter(type="staff.person_added").count() == 1


def test_adding_refuses_other_organisations_units(organisation, other_organisation):
    with pytest.raises(PersonRefusedError):
        add_person(
            organisation,
            staff_number="1",
            first_name="A",
            last_name="B",
            start=TODAY,
            unit=UnitFactory(organisation=other_organisation),
            by="test",
            at=NOW,
        )


# --- Invitations ----------------------------------------------------------------------------


def test_inviting_makes_a_sign_in_with_the_right_roles_and_sends_a_link(organisation, django_capture_on_commit_callbacks):
    person = person_in_post(organisation)
    Person.objects.filter(pk=person.pk).update(email="Ada@Example.test")
    person_in_post(organisation, manager=person)

    with django_capture_on_commit_callbacks(execute=True):
        link = invite_person(person, by="test", at=NOW)

    user = User.objects.get()
    person.refresh_from_db()
    assert (user.username, person.user) == ("ada@example.test", user)
    assert set(user.memberships.values_list("role", flat=True)) == {Role.STAFF, Role.MANAGER}
    assert link in mail.outbox[0].body
    assert Event.objects.filter(type="staff.sign_in_linked").count() == 1


def test_inviting_again_sends_a_new_link_to_the_same_sign_in(organisation, django_capture_on_commit_callbacks):
    person = person_in_post(organisation)
    Person.objects.filter(pk=person.pk).update(email="ada@example.test")
    with django_capture_on_commit_callbacks(execute=True):
        invite_person(person, by="test", at=NOW)
        invite_person(person, by="test", at=NOW)

    assert User.objects.count() == 1
    assert len(mail.outbox) == 2


def test_a_sign_in_from_another_organisation_is_let_in_without_a_new_password(organisation, other_organisation):
    user = member(other_organisation, user=UserFactory(username="ada@example.test"))
    user.set_password("three random words")
    user.save()
    person = person_in_post(organisation)
    Person.objects.filter(pk=person.pk).update(email="ada@example.test")

    assert invite_person(person, by="test", at=NOW) == ""

    assert Membership.objects.filter(user=user, organisation=organisation, role=Role.STAFF).exists()
    assert User.objects.count() == 1


def test_an_address_that_a_colleague_signs_in_with_is_refused(organisation):
    person_in_post(organisation, user=UserFactory(username="ward3@example.test"))
    person = person_in_post(organisation)
    Person.objects.filter(pk=person.pk).update(email="ward3@example.test")

    with pytest.raises(InvitationRefusedError, match="Each person needs their own"):
        invite_person(person, by="test", at=NOW)


@pytest.mark.parametrize("case", ["no address", "closed"])
def test_who_cannot_be_invited_is_refused(organisation, case):
    user = UserFactory(is_active=False) if case == "closed" else None

    with pytest.raises(InvitationRefusedError):
        invite_person(person_in_post(organisation, user=user), by="test", at=NOW)


def test_everybody_in_post_with_an_address_is_invited_once(organisation, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(organisation, Role.HR)
    for n in range(3):
        person = person_in_post(organisation)
        Person.objects.filter(pk=person.pk).update(email=f"p{n}@example.test")
    twin = person_in_post(organisation)
    Person.objects.filter(pk=twin.pk).update(email="p0@example.test")
    person_in_post(organisation)
    gone = person_in_post(organisation, end=date(2021, 1, 1))
    Person.objects.filter(pk=gone.pk).update(email="gone@example.test")
    counts = queries.sign_in_counts(organisation, timezone.localdate())
    assert (counts.in_post, counts.to_invite, counts.without_email) == (5, 4, 1)

    client.post("/staff/invitations/")
    with django_capture_on_commit_callbacks(execute=True):
        job = run(Job.objects.get().pk)

    assert (job.state, job.result["invited"], len(job.result["refused"])) == ("done", 3, 1)
    assert len(mail.outbox) == 3
    assert queries.sign_in_counts(organisation, timezone.localdate()).invited == 3
    assert "have no e-mail address" in client.get("/staff/invitations/").content.decode()


def test_the_button_on_the_persons_page_invites(organisation, sign_in, django_capture_on_commit_callbacks):
    person = person_in_post(organisation)
    Person.objects.filter(pk=person.pk).update(email="ada@example.test")
    client = sign_in(organisation, Role.ORGANISATION_ADMIN)
    address = reverse("staff:person_detail", kwargs={"person_id": person.pk})
    assert "Invite to sign in" in client.get(address).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("staff:person_invite", kwargs={"person_id": person.pk}))

    assert len(mail.outbox) == 1
    assert "Send the invitation again" in client.get(address).content.decode()


def test_those_whom_a_post_comes_to_name_become_managers(organisation):
    boss = person_in_post(organisation, user=member(organisation))
    person_in_post(organisation, manager=boss)

    assert len(grant_manager_roles(organisation, on=TODAY, by="test", at=NOW)) == 1
    assert grant_manager_roles(organisation, on=TODAY, by="test", at=NOW) == []
    assert Membership.objects.filter(user=boss.user, role=Role.MANAGER).count() == 1


# --- Teams and key posts ----------------------------------------------------------------------


def test_a_team_is_who_names_the_manager_on_the_date(organisation, django_assert_num_queries):
    boss = person_in_post(organisation)
    here = person_in_post(organisation, manager=boss, job_title="Nurse")
    person_in_post(organisation, manager=boss, end=TODAY)
    person_in_post(organisation)
    AbsenceFactory(person=here, start=TODAY)

    with django_assert_num_queries(3):
        (found,) = queries.team_of(boss, TODAY)
        assert [post.job_title for post in found.posts_now] == ["Nurse"]
    assert (found, found.is_away) == (here, True)


def test_posts_whose_manager_has_left_are_listed(organisation, sign_in):
    gone, here = person_in_post(organisation, end=TODAY), person_in_post(organisation)
    orphan = person_in_post(organisation, manager=gone)
    person_in_post(organisation, manager=here)

    assert [post.person for post in queries.former_managers(organisation, TODAY)] == [orphan]
    page = sign_in(organisation, Role.HR).get("/staff/units/").content.decode()
    assert f">{orphan}</a>: {gone}" in page


def test_appointing_ends_the_appointment_before(organisation):
    first, second = person_in_post(organisation), person_in_post(organisation)
    appoint(organisation, kind="siro", holder=first, start=date(2025, 1, 1), by="test", at=NOW)

    appoint(organisation, kind="siro", holder=second, deputy=first, start=TODAY, by="test", at=NOW)

    assert list(KeyPost.objects.order_by("start").values_list("holder", "end")) == [(first.pk, TODAY), (second.pk, None)]
    assert queries.holders_of(organisation, "siro", TODAY).get().holder == second
    assert Event.objects.filter(type="staff.key_post_appointed").count() == 2


def test_partners_and_registered_managers_stand_side_by_side(organisation):
    for _ in range(2):
        appoint(organisation, kind="registered-manager", holder=person_in_post(organisation), start=TODAY, by="test", at=NOW)

    assert queries.holders_of(organisation, "registered-manager", TODAY).count() == 2


@pytest.mark.parametrize("case", ["nobody", "both", "foreign", "own deputy", "taken"])
def test_appointments_that_cannot_be_are_refused(organisation, other_organisation, case):
    person = person_in_post(organisation)
    appoint(organisation, kind="dpo", holder_outside="Ann Outside", start=date(2026, 6, 1), by="test", at=NOW)
    options = {
        "nobody": {},
        "both": {"holder": person, "holder_outside": "X"},
        "foreign": {"holder": person_in_post(other_organisation)},
        "own deputy": {"holder": person, "deputy": person},
        "taken": {"holder": person},
    }[case]

    with pytest.raises(AppointmentRefusedError):
        appoint(organisation, kind="dpo", start=TODAY, by="test", at=NOW, **options)

    assert KeyPost.objects.count() == 1


def test_an_appointment_ends_after_its_last_day(organisation):
    post = appoint(organisation, kind="dpo", holder_outside="Ann", start=TODAY, by="test", at=NOW)

    end_appointment(post, last_day=TODAY, by="test", at=NOW)
    end_appointment(post, last_day=TODAY, by="test", at=NOW)

    assert KeyPost.objects.get().end == TODAY + timedelta(days=1)
    assert Event.objects.filter(type="staff.key_post_ended").count() == 1
    with pytest.raises(AppointmentRefusedError):
        end_appointment(post, last_day=TODAY - timedelta(days=1), by="test", at=NOW)


def test_key_posts_are_shown_with_vacancies_and_changed_by_administrators(organisation, sign_in):
    person = person_in_post(organisation)
    admin, reader = sign_in(organisation, Role.ORGANISATION_ADMIN), sign_in(organisation, Role.DSPT_LEAD)
    page = reader.get("/staff/key-posts/").content.decode()
    assert "Vacant" in page
    assert "Appoint somebody" not in page
    form = admin.get("/staff/key-posts/appoint/?kind=siro").content.decode()
    days = re.findall(r'name="(start_\w+)"', form)

    data = {"kind": "siro", "holder": person.staff_number, "deputy": "", "holder_outside": ""} | dict(
        zip(days, ["1", "4", "2026"], strict=True)
    )
    assert admin.post("/staff/key-posts/appoint/", data).status_code == 302

    post = KeyPost.objects.get()
    assert (post.kind, post.holder, post.start) == ("siro", person, date(2026, 4, 1))
    assert str(person) in reader.get("/staff/key-posts/").content.decode()
    end = reverse("staff:key_post_end", kwargs={"key_post_id": post.pk})
    days = re.findall(r'name="(last_day_\w+)"', admin.get(end).content.decode())
    assert admin.post(end, dict(zip(days, ["30", "4", "2026"], strict=True))).status_code == 302
    assert KeyPost.objects.get().end == date(2026, 5, 1)
    assert reader.get(end).status_code == 403


def test_every_kind_of_organisation_is_told_which_posts_to_fill():
    assert set(WANTED) == set(OrganisationType)
    assert set(PURPOSE) == set(KeyPostKind)


def test_vacancies_that_matter_are_named_first_and_holders_stay_on_record(organisation, sign_in, django_assert_num_queries):
    deputy, gone = person_in_post(organisation), person_in_post(organisation, end=TODAY)
    begin = {"by": "test", "at": NOW}
    appoint(organisation, kind="registered-manager", holder=gone, deputy=deputy, start=date(2025, 1, 1), **begin)
    before = appoint(organisation, kind="caldicott-guardian", holder_outside="Ann Outside", start=date(2025, 1, 1), **begin)
    end_appointment(before, last_day=date(2026, 3, 31), **begin)
    appoint(organisation, kind="dspt-lead", holder=deputy, start=date(2036, 1, 1), **begin)

    with django_assert_num_queries(1):
        states = {state.kind: state for state in queries.key_posts(organisation, TODAY)}
    page = sign_in(organisation, Role.DSPT_LEAD).get("/staff/key-posts/").text

    assert [kind for kind, state in states.items() if state.is_wanted and state.is_vacant] == ["caldicott-guardian", "dspt-lead"]
    assert states["caldicott-guardian"].vacant_since == date(2026, 4, 1)
    assert [post.holder_has_left for post in states["registered-manager"].holders] == [True]
    assert [post.holder_has_left for post in states["dspt-lead"].coming] == [False]
    assert "should fill are vacant: Caldicott Guardian, DSPT lead." in page
    assert "Not in post any more" in page
    assert f"Deputy: {deputy}" in page
    assert "Ann Outside (outside the organisation), 1 January 2025 to 31 March 2026" in page


def test_another_organisations_appointment_is_not_found(organisation, other_organisation, sign_in):
    post = appoint(other_organisation, kind="dpo", holder_outside="Ann", start=TODAY, by="test", at=NOW)

    assert (
        sign_in(organisation, Role.ORGANISATION_ADMIN)
        .get(reverse("staff:key_post_end", kwargs={"key_post_id": post.pk}))
        .status_code
        == 404
    )
