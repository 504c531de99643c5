"""Signing in: guessing, the second factor, a fresh sign-in and how long a session lasts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import services, sign_in, throttle
from accounts.enums import Role
from accounts.models import Membership, UsedCode
from audit.models import Event
from tests.factories import UserFactory, member

pytestmark = [pytest.mark.django_db, pytest.mark.asks_for_second_factor]

NOON = datetime(2026, 5, 1, 11, 0, tzinfo=UTC)
PASSWORD = "correct-horse-battery"
PAGE = "/my-training/"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        yield


def somebody(organisation, *roles):
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    return member(organisation, *roles, user=user)


def come(client, user, password=PASSWORD, **headers):
    return client.post(reverse("accounts:sign_in"), {"login": user.username, "password": password}, **headers)


def code_now(secret, steps=0):
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + steps))


def set_up_app(client, django_capture_on_commit_callbacks):
    """Set up an app over the pages and return its secret."""
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200, page.headers
    secret = client.session["mfa.totp.secret"]
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert done.url == reverse("mfa_view_recovery_codes")
    return secret


# --- Who needs a second factor ----------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STAFF, Role.INVITED_AUDITOR}))
def test_whoever_may_do_more_than_learn_sets_up_a_second_factor_first(organisation, client, role):
    come(client, somebody(organisation, role))

    sent = client.get(PAGE)

    assert (sent.status_code, sent.url) == (302, f"{reverse('mfa_index')}?next=%2Fmy-training%2F")


def test_a_learner_needs_none_until_the_organisation_says_so(organisation, client):
    come(client, somebody(organisation, Role.STAFF))
    assert client.get(PAGE).status_code == 200

    services.require_second_factor(organisation, everybody=True, by=somebody(organisation, Role.ORGANISATION_ADMIN), at=NOON)

    assert client.get(PAGE).url.startswith(reverse("mfa_index"))


def test_a_role_that_comes_later_asks_for_it_on_the_next_page(organisation, client):
    user = somebody(organisation, Role.STAFF)
    come(client, user)
    assert client.get(PAGE).status_code == 200

    services.grant_role(user, organisation=organisation, role=Role.HR, by="test", at=NOON)

    assert client.get(PAGE).url.startswith(reverse("mfa_index"))


def test_no_second_factor_is_asked_for_where_the_installation_says_so(organisation, client, settings):
    settings.SECOND_FACTOR = False
    come(client, somebody(organisation, Role.HR))

    assert client.get(PAGE).status_code == 200


# --- An app ------------------------------------------------------------------------------------


def test_an_app_is_set_up_and_asked_for_from_then_on(organisation, clock, django_capture_on_commit_callbacks):
    user, first, second = somebody(organisation, Role.HR), Client(), Client()
    come(first, user)
    secret = set_up_app(first, django_capture_on_commit_callbacks)
    assert first.get(PAGE).status_code == 200, "having set it up counts as having shown it"

    clock.shift(timedelta(minutes=1))
    half_way = come(second, user)
    assert half_way.url == reverse("mfa_authenticate")
    assert second.get(PAGE).url.startswith(reverse("accounts:sign_in")), "a password alone opens nothing"
    assert "not right" in second.post(half_way.url, {"code": "000000"}).text
    second.post(half_way.url, {"code": code_now(secret)})
    assert second.get(PAGE).status_code == 200


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_its_half_minute_and_the_ones_beside(
    organisation, clock, steps, works, django_capture_on_commit_callbacks
):
    user, first, second = somebody(organisation, Role.HR), Client(), Client()
    come(first, user)
    secret = set_up_app(first, django_capture_on_commit_callbacks)
    clock.shift(timedelta(minutes=10))

    come(second, user)
    second.post(reverse("mfa_authenticate"), {"code": code_now(secret, steps)})

    assert (second.get(PAGE).status_code == 200) is works


def test_a_code_counts_once_in_whichever_process(organisation, clock, django_capture_on_commit_callbacks):
    user, first = somebody(organisation, Role.HR), Client()
    come(first, user)
    secret = set_up_app(first, django_capture_on_commit_callbacks)
    thief = Client()
    come(thief, user)
    refused = thief.post(reverse("mfa_authenticate"), {"code": code_now(secret)})

    assert "used already" in refused.text
    assert UsedCode.objects.count() == 1
    assert thief.get(PAGE).status_code == 302


def test_a_code_that_signed_in_proves_nothing_a_second_time(organisation, clock, django_capture_on_commit_callbacks):
    """Within one session, where it would be a fresh sign-in, as little as in another."""
    user, first, second = somebody(organisation, Role.HR), Client(), Client()
    come(first, user)
    secret = set_up_app(first, django_capture_on_commit_callbacks)
    clock.shift(timedelta(minutes=5))
    come(second, user)
    code = code_now(secret)
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302

    assert "used already" in second.post(reverse("mfa_reauthenticate"), {"code": code}).text
    assert "used already" in first.post(reverse("mfa_reauthenticate"), {"code": code}).text
    clock.shift(timedelta(minutes=1))
    assert first.post(reverse("mfa_reauthenticate"), {"code": code_now(secret)}).status_code == 302


def test_codes_are_not_guessed(organisation, clock, django_capture_on_commit_callbacks):
    user, first = somebody(organisation, Role.HR), Client()
    come(first, user)
    secret = set_up_app(first, django_capture_on_commit_callbacks)
    clock.shift(timedelta(minutes=5))
    thief = Client()
    come(thief, user)
    for _ in range(10):
        thief.post(reverse("mfa_authenticate"), {"code": "123456"})

    assert "Too many wrong codes" in thief.post(reverse("mfa_authenticate"), {"code": code_now(secret)}).text
    clock.shift(throttle.WINDOW + timedelta(minutes=1))
    come(thief, user)
    thief.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert thief.get(PAGE).status_code == 200


def test_a_recovery_code_opens_once_and_is_shown_once(organisation, clock, django_capture_on_commit_callbacks):
    user, first = somebody(organisation, Role.HR), Client()
    come(first, user)
    set_up_app(first, django_capture_on_commit_callbacks)
    shown = first.get(reverse("mfa_view_recovery_codes"))
    code = re.findall(r"<li><code>(\d{8})</code>", shown.text)[0]
    assert code not in first.get(reverse("mfa_view_recovery_codes")).text

    for works in (True, False):
        other = Client()
        come(other, user)
        other.post(reverse("mfa_authenticate"), {"code": code})
        assert (other.get(PAGE).status_code == 200) is works
        clock.shift(timedelta(minutes=5))


def test_new_recovery_codes_take_the_place_of_the_old_and_are_on_the_trail(
    organisation, client, clock, django_capture_on_commit_callbacks
):
    user = somebody(organisation, Role.HR)
    come(client, user)
    set_up_app(client, django_capture_on_commit_callbacks)
    shown = client.get(reverse("mfa_view_recovery_codes")).text

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))

    anew = client.get(reverse("mfa_view_recovery_codes")).text
    codes = [re.findall(r"<li><code>(\d{8})</code>", text) for text in (shown, anew)]
    assert len(codes[0]) == len(codes[1]) > 5
    assert not set(codes[0]) & set(codes[1])
    told = Event.objects.get(type="accounts.recovery_codes_renewed")
    assert (told.organisation, told.actor, told.target) == (
        organisation.ods_code,
        f"user:{user.pk}",
        f"accounts.user:{user.pk}",
    )


def test_the_secret_is_not_readable_in_the_database(organisation, client, clock, django_capture_on_commit_callbacks):
    come(client, somebody(organisation, Role.HR))
    secret = set_up_app(client, django_capture_on_commit_callbacks)

    assert all(secret not in str(row.data) for row in Authenticator.objects.all())


def test_the_last_factor_stays_where_the_role_needs_one(organisation, client, clock, django_capture_on_commit_callbacks):
    come(client, somebody(organisation, Role.HR))
    set_up_app(client, django_capture_on_commit_callbacks)

    client.post(reverse("mfa_deactivate_totp"))

    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).count() == 1


def test_a_learner_may_set_one_up_and_remove_it(organisation, client, clock, django_capture_on_commit_callbacks):
    come(client, somebody(organisation, Role.STAFF))
    set_up_app(client, django_capture_on_commit_callbacks)
    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()


# --- Guessing passwords ------------------------------------------------------------------------


def test_guessing_one_account_stops_after_ten_and_the_true_user_comes_in_from_elsewhere(organisation, monkeypatch):
    user, reached = somebody(organisation, Role.STAFF), []
    check = type(user).check_password
    monkeypatch.setattr(type(user), "check_password", lambda self, raw: reached.append(raw) or check(self, raw))
    for n in range(30):
        come(Client(REMOTE_ADDR="192.0.2.1"), user, password=f"guess {n}")

    assert len(reached) == 10
    assert come(Client(REMOTE_ADDR="192.0.2.1"), user).status_code == 200
    assert come(Client(REMOTE_ADDR="192.0.2.2"), user).status_code == 302


def test_one_password_for_many_accounts_stops_after_a_hundred():
    client = Client(REMOTE_ADDR="192.0.2.3")
    said = [client.post(reverse("accounts:sign_in"), {"login": f"user{n}", "password": "Summer2026!"}).text for n in range(101)]

    assert "wrong. Check both" in said[99]
    assert "Too many wrong tries" in said[100]


def test_a_crowd_that_guesses_does_not_lock_out_a_known_device(organisation):
    user, own = somebody(organisation, Role.STAFF), Client(REMOTE_ADDR="192.0.2.4")
    come(own, user)
    own.post(reverse("accounts:sign_out"))
    limits = [throttle.limit(sign_in.ACCOUNT, "passwords of", user.username.casefold())]
    for _ in range(sign_in.ACCOUNT):
        throttle.note_failure(limits, at=datetime.now(UTC))

    assert "Too many wrong tries" in come(Client(REMOTE_ADDR="192.0.2.5"), user).text
    assert come(own, user).status_code == 302


def test_a_forged_cookie_is_no_known_device(organisation, settings):
    user, forger = somebody(organisation, Role.STAFF), Client(REMOTE_ADDR="192.0.2.6")
    forger.cookies[settings.KNOWN_DEVICE_COOKIE_NAME] = user.username
    limits = [throttle.limit(sign_in.ACCOUNT, "passwords of", user.username.casefold())]
    for _ in range(sign_in.ACCOUNT):
        throttle.note_failure(limits, at=datetime.now(UTC))

    assert "Too many wrong tries" in come(forger, user).text


def test_a_forged_header_makes_no_other_network(organisation):
    user = somebody(organisation, Role.STAFF)
    for n in range(11):
        said = come(Client(), user, password="wrong", headers={"x-forwarded-for": f"198.51.100.{n}"}).text

    assert "Too many wrong tries" in said


def test_people_behind_one_proxy_are_not_counted_as_one(organisation, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    user = somebody(organisation, Role.STAFF)
    for _ in range(11):
        said = come(Client(), user, password="wrong", headers={"x-forwarded-for": "203.0.113.9, 198.51.100.1"}).text

    assert "Too many wrong tries" in said
    assert come(Client(), user, headers={"x-forwarded-for": "203.0.113.9, 198.51.100.2"}).status_code == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.9", "192.0.2.9"), ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"), ("", ""), ("what", "what")],
)
def test_a_household_is_one_network(address, network):
    assert throttle.network_of(address) == network


def test_a_known_and_an_unknown_account_get_the_same_answer(organisation, client):
    user = somebody(organisation, Role.STAFF)

    def answer(name):
        page = client.post(reverse("accounts:sign_in"), {"login": name, "password": "wrong"})
        return page.status_code, re.sub(r'(csrf[^>]*|nonce=")[^"]*"', "", page.text.replace(name, ""))

    assert answer(user.username) == answer("nobody-at-all")


# --- A fresh sign-in ---------------------------------------------------------------------------


def administrator(organisation, client, django_capture_on_commit_callbacks):
    user = somebody(organisation, Role.ORGANISATION_ADMIN)
    come(client, user)
    set_up_app(client, django_capture_on_commit_callbacks)
    return user


def test_what_matters_asks_again_after_ten_minutes(organisation, client, clock, django_capture_on_commit_callbacks):
    administrator(organisation, client, django_capture_on_commit_callbacks)
    other = somebody(organisation, Role.STAFF)
    page = reverse("accounts:user_roles", args=[other.pk])
    clock.shift(timedelta(minutes=9, seconds=59))
    assert client.get(page).status_code == 200
    clock.shift(timedelta(seconds=1))

    sent = client.post(page, {"role": Role.HR}, headers={"referer": f"http://testserver{page}"})

    assert not Membership.objects.filter(user=other, role=Role.HR).exists()
    assert unquote(sent.url) == f"{reverse('account_reauthenticate')}?next={page}"
    assert "The password is wrong" in client.post(sent.url, {"password": "wrong", "next": page}).text
    assert client.post(sent.url, {"password": PASSWORD, "next": page}).url == page
    client.post(page, {"role": Role.HR})
    assert Membership.objects.filter(user=other, role=Role.HR).exists()


def test_the_way_back_leads_nowhere_else(organisation, client, clock, django_capture_on_commit_callbacks):
    administrator(organisation, client, django_capture_on_commit_callbacks)
    clock.shift(timedelta(minutes=11))
    other = somebody(organisation, Role.STAFF)
    end = reverse("accounts:sessions_end", args=[other.pk])

    sent = client.post(end, headers={"referer": "https://evil.example/steal"})

    assert sent.url.endswith("?next=%2Fstart%2F")
    done = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "https://evil.example/"})
    assert done.url == reverse("home")


# --- Sessions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "seconds", "lasts"),
    [
        (Role.STAFF, 3599, True),
        (Role.STAFF, 3600, False),
        (Role.STAFF, 3601, False),
        (Role.HR, 1799, True),
        (Role.HR, 1800, False),
        (Role.HR, 1801, False),
    ],
)
def test_a_session_ends_when_nobody_is_there(organisation, client, clock, settings, role, seconds, lasts):
    settings.SECOND_FACTOR = False
    come(client, somebody(organisation, role))
    clock.shift(timedelta(seconds=seconds))

    assert (client.get(PAGE).status_code == 200) is lasts


def test_a_session_ends_after_twelve_hours_however_busy(organisation, client, clock):
    come(client, somebody(organisation, Role.STAFF))
    for _ in range(23):
        clock.shift(timedelta(minutes=30))
        assert client.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=30) - timedelta(seconds=1))
    assert client.get(PAGE).status_code == 200
    clock.shift(timedelta(seconds=1))

    assert client.get(PAGE).url.startswith(reverse("accounts:sign_in"))


def test_a_session_that_was_planted_before_signing_in_is_nobodys_after(organisation, client):
    planted, thief = Client(), Client()
    planted.get(reverse("accounts:sign_in"))
    store = planted.session
    store["known"] = "to the thief"
    store.save()
    for one in (client, thief):
        one.cookies[settings.SESSION_COOKIE_NAME] = store.session_key

    come(client, somebody(organisation, Role.STAFF))

    assert client.get(PAGE).status_code == 200
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != store.session_key
    assert thief.get(PAGE).url.startswith(reverse("accounts:sign_in"))


def test_a_person_sees_and_ends_their_other_sign_ins(organisation):
    user, phone, desk = somebody(organisation, Role.STAFF), Client(), Client()
    come(phone, user)
    come(desk, user)
    assert desk.get(reverse("usersessions_list")).text.count("Another browser or device") == 1

    for _ in range(2):
        desk.post(reverse("usersessions_list"))

    assert phone.get(PAGE).status_code == 302
    assert desk.get(PAGE).status_code == 200
    told = Event.objects.get(type="accounts.own_sessions_ended")
    assert (told.organisation, told.actor, told.summary) == (organisation.ods_code, f"user:{user.pk}", {"count": 1})


def test_an_administrator_ends_somebodys_sign_ins_at_once(organisation, client, clock, django_capture_on_commit_callbacks):
    administrator(organisation, client, django_capture_on_commit_callbacks)
    user, phone = somebody(organisation, Role.STAFF), Client()
    come(phone, user)

    client.post(reverse("accounts:sessions_end", args=[user.pk]))

    assert phone.get(PAGE).status_code == 302
    assert Event.objects.filter(type="accounts.sessions_ended", organisation=organisation.ods_code).count() == 1


def test_a_lost_factor_is_removed_with_a_reason_and_never_ones_own(
    organisation, client, clock, django_capture_on_commit_callbacks
):
    me = administrator(organisation, client, django_capture_on_commit_callbacks)
    user, phone = somebody(organisation, Role.HR), Client()
    come(phone, user)
    set_up_app(phone, django_capture_on_commit_callbacks)
    address = reverse("accounts:sessions_end", args=[user.pk])

    client.post(address, {"what": "factor", "reason": ""})
    assert Authenticator.objects.filter(user=user).exists()
    client.post(address, {"what": "factor", "reason": "Met them at reception"})
    assert not Authenticator.objects.filter(user=user).exists()
    assert phone.get(PAGE).status_code == 302
    client.post(reverse("accounts:sessions_end", args=[me.pk]), {"what": "factor", "reason": "It is me"})
    assert Authenticator.objects.filter(user=me).exists()


def test_nobody_ends_a_strangers_sign_ins(organisation, other_organisation, client, clock, django_capture_on_commit_callbacks):
    administrator(organisation, client, django_capture_on_commit_callbacks)
    stranger, phone = somebody(other_organisation, Role.STAFF), Client()
    come(phone, stranger)

    assert client.post(reverse("accounts:sessions_end", args=[stranger.pk])).status_code == 404
    assert phone.get(PAGE).status_code == 200


def test_whoever_knew_the_session_before_it_was_proved_again_knows_nothing_after(
    organisation, client, clock, django_capture_on_commit_callbacks
):
    client.get(reverse("accounts:sign_in"))
    me = administrator(organisation, client, django_capture_on_commit_callbacks)
    clock.shift(timedelta(minutes=11))
    thief, name = Client(), settings.SESSION_COOKIE_NAME
    thief.cookies[name] = client.cookies[name].value
    assert thief.get(PAGE).status_code == 200

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": PAGE})

    assert thief.get(PAGE).status_code == 302
    assert client.get(PAGE).status_code == 200
    assert [one.session_key for one in UserSession.objects.filter(user=me)] == [client.cookies[name].value]


def test_signing_in_is_on_the_audit_trail(organisation, client):
    come(client, somebody(organisation, Role.STAFF))

    assert Event.objects.filter(type="accounts.signed_in", organisation=organisation.ods_code).count() == 1
