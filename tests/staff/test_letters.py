"""Letters with codes, signing in with one, shared devices, and sign-ins that stop with the last day in post."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts import codes, throttle
from accounts.codes import CodeRefusedError, make_codes, use_code
from accounts.enums import Role
from accounts.models import FailedSignIn, Membership, SignInCode
from audit.models import Event
from jobs.models import Job
from jobs.services import run
from staff.models import LetterRun, Person, Post
from staff.services import LettersRefusedError, expire_letters, leave, order_letters
from tests.factories import KeyPostFactory, PostFactory, UnitFactory, UserFactory, member, person_in_post

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 11, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def holder(organisation) -> Person:
    """Somebody with a letter; their code is ``holder.code``."""
    person = person_in_post(organisation, user=member(organisation, Role.STAFF, Role.MANAGER))
    person.code = make_codes([person.user], organisation=organisation, by="test", at=NOON)[person.user_id]
    return person


def type_in(client: Client, person: Person, code: str, device: str = "shared", **more):
    data = {"organisation": person.organisation.ods_code, "number": person.staff_number, "code": code, "device": device}
    return client.post("/accounts/code/", data | more)


# --- Codes ----------------------------------------------------------------------------------------


def test_a_code_signs_in_once_however_it_is_typed(client, holder):
    typed = f" {holder.code[:4].lower()} {holder.code[4:]}-"

    assert type_in(client, holder, typed).url == reverse("accounts:code_welcome")
    assert client.get("/my-training/").status_code == 200
    assert "is wrong, or the code was used" in type_in(Client(), holder, holder.code).text
    assert Event.objects.filter(type="accounts.signed_in_with_code").count() == 1


def test_only_a_digest_is_kept_and_a_new_code_stops_the_one_before(client, holder, organisation):
    new = make_codes([holder.user], organisation=organisation, by="test", at=NOON)[holder.user_id]

    assert not SignInCode.objects.filter(digest__contains=new).exists()
    assert type_in(client, holder, holder.code).status_code == 200
    assert type_in(client, holder, new).status_code == 302


def test_a_code_is_too_old_after_four_weeks(client, holder, clock):
    clock.move_to(NOON + codes.LIFETIME)

    assert type_in(client, holder, holder.code).status_code == 200


def test_a_code_is_for_its_organisation_only(client, holder, other_organisation):
    member(other_organisation, user=holder.user)
    twin = person_in_post(other_organisation, user=holder.user)

    assert type_in(client, twin, holder.code).status_code == 200


def test_unknown_numbers_get_the_same_answer(client, holder):
    wrong = type_in(client, holder, "AAAAABBBBB").text
    unknown = type_in(client, holder, "AAAAABBBBB", number="nobody").text
    strip = re.compile(r'(value|nonce)="[^"]*"')

    assert strip.sub("", wrong) == strip.sub("", unknown)


def test_guessing_is_slowed_down_where_it_comes_from_and_not_for_the_holder_elsewhere(client, holder, clock):
    for _ in range(codes.TRIES):
        type_in(client, holder, "AAAAABBBBB")

    assert "Too many wrong codes. Wait until 13:01" in type_in(client, holder, holder.code).text
    assert type_in(Client(REMOTE_ADDR="192.0.2.7"), holder, holder.code).status_code == 302
    clock.shift(throttle.WINDOW + timedelta(seconds=1))
    assert "is wrong" in type_in(client, holder, "AAAAABBBBB").text
    assert FailedSignIn.objects.count() == 1


def test_a_closed_sign_in_opens_with_no_code(holder, organisation):
    holder.user.is_active = False
    holder.user.save()

    with pytest.raises(CodeRefusedError):
        use_code(holder.code, user=holder.user, organisation=organisation, account="x", network="y", at=NOON)


# --- What such a sign-in may do -------------------------------------------------------------------


@pytest.mark.parametrize("device", ["shared", "own"])
def test_a_code_opens_ones_own_training_and_nothing_else(client, holder, device):
    type_in(client, holder, holder.code, device)

    assert client.get("/my-training/").status_code == 200
    assert client.get("/team/").status_code == 403
    assert ("I have finished" in client.get("/my-training/").text) is (device == "shared")


def test_a_shared_device_asks_after_three_minutes_and_signs_out_after_four(client, holder, clock):
    type_in(client, holder, holder.code)
    page = client.get("/my-training/").text
    assert '<meta http-equiv="refresh" content="180; url=/accounts/still-there/?next=/my-training/">' in page

    clock.shift(timedelta(minutes=3))
    assert 'href="/my-training/"' in client.get("/accounts/still-there/?next=/my-training/").text
    assert 'href="/start/"' in client.get("/accounts/still-there/?next=https://elsewhere.example/").text
    clock.shift(timedelta(minutes=1))
    assert client.get("/my-training/").status_code == 200
    clock.shift(timedelta(minutes=4, seconds=1))

    assert client.get("/my-training/").url == "/accounts/finished/"
    assert client.get("/my-training/").url.startswith("/accounts/sign-in/")


def test_finishing_leaves_nothing_behind(client, holder):
    type_in(client, holder, holder.code)
    assert client.cookies["sessionid"]["max-age"] == ""

    answer = client.post("/accounts/sign-out/")

    assert (answer.url, answer["Clear-Site-Data"]) == ("/accounts/finished/", '"cache", "storage"')
    assert client.get("/my-training/").status_code == 302


def test_a_password_can_be_chosen_for_the_next_time(client, holder):
    type_in(client, holder, holder.code, "own")
    words = {"new_password1": "lantern river apple", "new_password2": "lantern river apple"}

    assert client.post("/accounts/code/password/", words).status_code == 302

    assert client.get("/my-training/").status_code == 200
    later = Client()
    assert later.login(username=holder.user.username, password="lantern river apple")
    assert later.get("/accounts/code/password/").url == "/start/"
    assert Event.objects.filter(type="accounts.password_chosen").count() == 1


def test_nobody_prints_their_way_into_an_administrators_sign_in(client, holder, organisation):
    Membership.objects.create(user=holder.user, organisation=organisation, role=Role.ORGANISATION_ADMIN, granted_at=NOON)

    with pytest.raises(LettersRefusedError, match="sign in with a password"):
        order_letters(organisation, person=holder, by=UserFactory(), at=NOON)
    type_in(client, holder, holder.code, "own")
    assert client.get("/accounts/code/password/").url == "/start/"
    assert client.get("/organisation/").status_code == 403


# --- Letters --------------------------------------------------------------------------------------


def test_letters_for_a_unit_are_made_fetched_once_and_work(organisation, sign_in, client):
    top = UnitFactory(organisation=organisation)
    people = [person_in_post(organisation, unit=UnitFactory(organisation=organisation, parent=top)) for _ in range(2)]
    with_email = person_in_post(organisation, unit=top)
    Person.objects.filter(pk=with_email.pk).update(email="ada@oak.example")
    person_in_post(organisation)
    hr = sign_in(organisation, Role.HR)

    hr.post("/staff/letters/", {"unit": top.pk})
    job = run(Job.objects.get().pk)
    letters = LetterRun.objects.get()
    address = reverse("staff:letter_fetch", kwargs={"letter_run_id": letters.pk})
    colleague = sign_in(organisation, Role.HR)
    assert colleague.post(address).status_code == 404
    document = hr.post(address)

    assert (job.state, letters.letters, job.result["letters"]) == ("done", 2, 2)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(document.content)).pages]
    assert len(pages) == 2
    page = next(page for page in pages if people[0].staff_number in page)
    assert f"/accounts/code/?organisation={organisation.ods_code}" not in page
    assert organisation.ods_code in page
    code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", page)[0]
    assert type_in(client, people[0], code).status_code == 302
    assert Person.objects.get(pk=people[0].pk).user.username == f"{people[0].staff_number}@{organisation.ods_code.lower()}"
    assert "no longer here" in hr.post(address, follow=True).text
    assert run(job.pk) is None


def test_letters_nobody_fetches_are_deleted_after_an_hour(organisation, sign_in, clock):
    person = person_in_post(organisation)
    hr = sign_in(organisation, Role.HR)
    hr.post(reverse("staff:letter_person", kwargs={"person_id": person.pk}))
    run(Job.objects.get().pk)

    assert expire_letters(at=datetime.now(UTC)) == 0
    assert expire_letters(at=datetime(2100, 1, 1, tzinfo=UTC)) >= 1

    letters = LetterRun.objects.get()
    assert (letters.stored_as, letters.fetched_at) == ("", None)
    assert "no longer here" in hr.get(reverse("staff:letter_detail", kwargs={"letter_run_id": letters.pk})).text


def test_letters_that_cannot_be_are_refused(organisation):
    unit, by = UnitFactory(organisation=organisation), UserFactory()
    gone = person_in_post(organisation, end=date(2026, 1, 1))
    closed = person_in_post(organisation, user=UserFactory(is_active=False))

    for options in ({"unit": unit}, {"person": gone}, {"person": closed}, {}):
        with pytest.raises(LettersRefusedError):
            order_letters(organisation, by=by, at=NOON, **options)
    assert not LetterRun.objects.exists()


def test_people_behind_one_proxy_are_not_counted_as_one(client, holder, clock, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    guesser, own = Client(headers={"x-forwarded-for": "198.51.100.1"}), Client(headers={"x-forwarded-for": "198.51.100.2"})
    for _ in range(codes.TRIES + 1):
        said = type_in(guesser, holder, "AAAAABBBBB").text

    assert "Too many wrong codes" in said
    assert type_in(own, holder, holder.code).status_code == 302


# --- Leavers --------------------------------------------------------------------------------------


def test_a_sign_in_works_on_the_last_day_and_stops_the_day_after(organisation, client, clock):
    person = person_in_post(organisation, user=member(organisation))
    client.force_login(person.user)
    leave(person, last_day=date(2026, 5, 1), by="test", at=NOON)

    assert client.get("/my-training/").status_code == 200
    clock.shift(timedelta(hours=11, minutes=59))
    client.force_login(person.user)
    assert client.get("/my-training/").status_code == 200
    client.force_login(person.user)
    clock.shift(timedelta(minutes=2))
    assert client.get("/my-training/").status_code == 403
    PostFactory(person=person, start=date(2026, 6, 1))
    assert client.get("/my-training/").status_code == 200


@pytest.mark.parametrize("case", ["key post", "granted since", "elsewhere", "on no list"])
def test_a_leaver_keeps_what_does_not_come_from_the_post(organisation, other_organisation, client, case):
    user = member(organisation, Role.AUDITOR)
    Membership.objects.update(granted_at=datetime(2021, 1, 1, tzinfo=UTC))
    if case != "on no list":
        person = person_in_post(organisation, user=user, end=date(2022, 1, 1))
    if case == "key post":
        KeyPostFactory(organisation=organisation, holder=person, holder_outside="", kind="siro")
    if case == "granted since":
        Membership.objects.update(granted_at=datetime(2022, 1, 1, 9, tzinfo=UTC))
    if case == "elsewhere":
        member(other_organisation, user=user)
        client.force_login(user)
        assert other_organisation.name in client.get("/my-training/").text
        assert organisation.name not in client.get("/accounts/organisations/").text
        return
    client.force_login(user)

    assert client.get("/staff/key-posts/").status_code == 200
    Post.objects.all().delete()
