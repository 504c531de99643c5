"""A platform administrator looks into an organisation: only where it is let, only for hours, only reading, and never unseen."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import looking
from accounts.enums import Capability, Role
from accounts.models import AccessGrant, AccessGrantStep, AccessGrantUse, PlatformAdministrator
from accounts.policy import LENDABLE, PLATFORM_ADMINISTRATOR, ROLE_CAPABILITIES, RefusedError
from audit.models import Event
from audit.services import verify_chain
from tests.factories import NOW, person_in_post, platform_administrator

pytestmark = pytest.mark.django_db
STAFF, TRAIL, OUTSIDE = "/staff/", "/audit/", "/organisation/outside/"
ASKED = {
    "reason": "The import of last night hangs.",
    "capabilities": ["staff.view"],
    "hours": "2",
    "waits": "yes",
}


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False) as clock:
        yield clock


@pytest.fixture
def outsider(db):
    return client_of(platform_administrator())


@pytest.fixture
def ruth(sign_in, organisation):
    return sign_in(organisation, Role.ORGANISATION_ADMIN)


def asked(outsider, organisation, *, capabilities=("staff.view",), hours=2) -> AccessGrant:
    return looking.ask(
        organisation,
        reason="The import hangs.",
        capabilities=[Capability(one) for one in capabilities],
        hours=hours,
        by=outsider.user,
        at=timezone.now(),
    )


def let_in(outsider, organisation, ruth, **asked_for) -> AccessGrant:
    grant = asked(outsider, organisation, **asked_for)
    looking.answer(grant, yes=True, by=ruth.user, at=timezone.now())
    outsider.post(reverse("accounts:look_begin", args=[grant.pk]))
    return AccessGrant.objects.get(pk=grant.pk)


def types_of(organisation) -> list[str]:
    return list(Event.objects.of_organisation(organisation.ods_code).order_by("sequence").values_list("type", flat=True))


def test_what_may_be_lent_is_only_seeing():
    assert all(capability.value.endswith((".view", ".named")) for capability in LENDABLE)
    assert not set(LENDABLE) & PLATFORM_ADMINISTRATOR
    assert Capability.INCIDENTS_VIEW not in LENDABLE
    assert [role for role, held in ROLE_CAPABILITIES.items() if Capability.OUTSIDE_MANAGE in held] == [
        Role.SENIOR_REVIEWER,
        Role.ORGANISATION_ADMIN,
    ]


def test_from_asking_to_looking_and_stopping(outsider, organisation, ruth, mailoutbox, django_capture_on_commit_callbacks):
    person = person_in_post(organisation)
    with django_capture_on_commit_callbacks(execute=True):
        outsider.post(reverse("accounts:look_ask"), ASKED | {"organisation": organisation.pk})
    grant = AccessGrant.objects.get()
    before = outsider.get(STAFF).status_code
    early = outsider.post(reverse("accounts:look_begin", args=[grant.pk])).status_code
    asking = ruth.get(OUTSIDE).text

    ruth.post(reverse("accounts:outside_answer", args=[grant.pk]), {"answer": "yes"})
    without_beginning = outsider.get(STAFF).status_code
    outsider.post(reverse("accounts:look_begin", args=[grant.pk]))
    page, again = outsider.get(STAFF), outsider.get(STAFF)
    outsider.post(reverse("accounts:look_end", args=[grant.pk]))

    assert [letter.to for letter in mailoutbox] == [[ruth.user.email]]
    assert "Why: The import of last night hangs." in mailoutbox[0].body
    assert (before, early, without_beginning) == (403, 404, 403)
    assert "“The import of last night hangs.”" in asking
    assert "see the staff list, for 2 hours" in asking
    assert (page.status_code, again.status_code) == (200, 200)
    assert person.last_name in page.text
    assert "from outside until" in page.text
    assert outsider.get(STAFF).status_code == 403
    assert [name.partition("look_")[2] for name in types_of(organisation)] == ["asked", "given", "used", "ended"]
    assert AccessGrantUse.objects.filter(page="staff:person_list").count() == 1
    told = ruth.get(OUTSIDE).text
    assert "staff: person list" in told
    assert "Ended by" in told
    trail = ruth.get(TRAIL).text
    assert "looked from outside at staff:person_list" in trail
    assert verify_chain(organisation.ods_code).fault == ""


def test_only_what_was_lent_is_seen_and_nothing_is_changed_or_taken_away(outsider, organisation, ruth, other_organisation):
    stranger = person_in_post(other_organisation)
    person = person_in_post(organisation)
    let_in(outsider, organisation, ruth)

    assert outsider.get(reverse("staff:person_detail", args=[person.pk])).status_code == 200
    assert outsider.get(reverse("staff:person_detail", args=[stranger.pk])).status_code == 404
    assert outsider.get(TRAIL).status_code == 403
    assert outsider.get("/organisation/").status_code == 403
    assert outsider.get("/cms/").status_code == 403
    assert outsider.get(reverse("staff:list_export", args=["people", "csv"])).status_code == 403
    for method in ("post", "put", "patch", "delete"):
        assert getattr(outsider, method)(STAFF).status_code == 403
    assert "from outside until" in outsider.get(reverse("mfa_index")).text
    assert "from outside until" in outsider.get("/platform/installation/").text


def test_its_hours_end_and_the_organisation_ends_it_at_once(outsider, organisation, ruth, sign_in, clock):
    let_in(outsider, organisation, ruth, hours=1)
    clock.shift(timedelta(minutes=29))
    assert outsider.get(STAFF).status_code == 200
    clock.shift(timedelta(minutes=29))
    assert outsider.get(STAFF).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert outsider.get(STAFF).status_code == 403
    assert "Its time is over" in client_of(ruth.user).get(OUTSIDE).text

    outsider = client_of(outsider.user)
    second = let_in(outsider, organisation, ruth, hours=8)
    siro = sign_in(organisation, Role.SENIOR_REVIEWER)
    assert outsider.get(STAFF).status_code == 200
    siro.post(reverse("accounts:outside_end", args=[second.pk]))
    assert outsider.get(STAFF).status_code == 403
    assert outsider.post(reverse("accounts:look_begin", args=[second.pk])).status_code == 404


def test_who_is_relieved_or_shut_out_looks_no_more(outsider, organisation, ruth):
    let_in(outsider, organisation, ruth)

    PlatformAdministrator.objects.update(ended_at=timezone.now())
    assert outsider.get(STAFF).status_code == 403
    PlatformAdministrator.objects.update(ended_at=None)
    outsider.user.is_active = False
    outsider.user.save()

    assert outsider.get(STAFF).status_code == 302


def relieved(user) -> None:
    PlatformAdministrator.objects.filter(user=user).update(ended_at=timezone.now())


def shut_out(user) -> None:
    user.is_active = False
    user.save()


@pytest.mark.parametrize("leave", [relieved, shut_out])
def test_the_page_calls_nothing_open_or_waiting_for_who_is_relieved_or_shut_out(outsider, organisation, ruth, leave):
    let_in(outsider, organisation, ruth)
    asked(outsider, organisation)
    let_in(client_of(platform_administrator()), organisation, ruth)
    refused = asked(outsider, organisation)
    looking.answer(refused, yes=False, by=ruth.user, at=timezone.now())
    before = ruth.get(OUTSIDE).text

    leave(outsider.user)
    after = ruth.get(OUTSIDE).text

    states = [sorted(re.findall(r'class="nhsuk-tag [^>]*>\s*([^<]+?)\s*<', page)) for page in (before, after)]
    assert states == [["Open now", "Open now", "Refused", "Waiting for an answer"], ["Open now", "Refused", "Shut", "Shut"]]
    words = ("so they see nothing", "Let them look", "End it now")
    assert [[page.count(one) for one in words] for page in (before, after)] == [[0, 1, 2], [2, 0, 3]]
    assert outsider.get(reverse("accounts:look_list")).status_code in (302, 403)


def test_a_look_that_is_ended_while_shut_stays_ended_when_its_asker_comes_back(outsider, organisation, ruth):
    grant = let_in(outsider, organisation, ruth)
    relieved(outsider.user)

    ruth.post(reverse("accounts:outside_end", args=[grant.pk]))
    PlatformAdministrator.objects.filter(user=outsider.user).update(ended_at=None)

    assert outsider.get(STAFF).status_code == 403
    assert "Ended by" in ruth.get(OUTSIDE).text


def test_a_look_is_the_askers_alone_and_of_one_organisation(outsider, organisation, other_organisation, ruth, sign_in):
    grant = let_in(outsider, organisation, ruth)
    another = client_of(platform_administrator())
    theirs = sign_in(other_organisation, Role.ORGANISATION_ADMIN)

    assert another.post(reverse("accounts:look_begin", args=[grant.pk])).status_code == 404
    assert another.post(reverse("accounts:look_end", args=[grant.pk])).status_code == 404
    assert str(outsider.user) not in theirs.get(OUTSIDE).text
    assert theirs.post(reverse("accounts:outside_end", args=[grant.pk])).status_code == 404
    assert outsider.get(STAFF).status_code == 200


def test_an_emergency_begins_at_once_and_the_letters_go_first(outsider, organisation, ruth, sign_in, mailoutbox):
    siro = sign_in(organisation, Role.SENIOR_REVIEWER)
    sign_in(organisation, Role.HR)
    urgent = ASKED | {"organisation": organisation.pk, "waits": "no"}

    too_long = outsider.post(reverse("accounts:look_ask"), urgent | {"hours": "8"})
    outsider.post(reverse("accounts:look_ask"), urgent)
    grant = AccessGrant.objects.get()
    outsider.post(reverse("accounts:look_begin", args=[grant.pk]))

    assert "Without an answer, choose 2 hours or less." in too_long.text
    assert sorted(letter.to[0] for letter in mailoutbox) == sorted([ruth.user.email, siro.user.email])
    assert all("has begun to look" in letter.body for letter in mailoutbox)
    assert outsider.get(STAFF).status_code == 200
    assert types_of(organisation)[:2] == ["accounts.look_asked", "accounts.look_taken"]


def test_an_emergency_that_nobody_would_hear_of_opens_nothing(outsider, organisation, ruth, monkeypatch):
    urgent = ASKED | {"organisation": organisation.pk, "waits": "no"}

    def fail(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("nhsuk.mail.send", fail)
    not_sent = outsider.post(reverse("accounts:look_ask"), urgent)
    monkeypatch.undo()
    ruth.user.email = ""
    ruth.user.save()
    unheard = outsider.post(reverse("accounts:look_ask"), urgent)

    assert "could not be sent, so nothing is opened" in not_sent.text
    assert "Nobody in the organisation would get a letter" in unheard.text
    assert not AccessGrant.objects.exists()
    assert not Event.objects.filter(type__startswith="accounts.look").exists()


def test_what_is_refused(outsider, organisation, ruth, clock):
    refused, old = asked(outsider, organisation), asked(outsider, organisation)
    looking.answer(refused, yes=False, by=ruth.user, at=timezone.now())
    with pytest.raises(RefusedError, match="no longer waiting"):
        looking.answer(AccessGrant.objects.get(pk=refused.pk), yes=True, by=ruth.user, at=timezone.now())
    with pytest.raises(RefusedError, match="Somebody else must answer"):
        looking.answer(old, yes=True, by=outsider.user, at=timezone.now())
    with pytest.raises(RefusedError, match="Choose what you need to see"):
        asked(outsider, organisation, capabilities=["organisation.manage"])
    with pytest.raises(RefusedError, match="between 1 and 8 hours"):
        asked(outsider, organisation, hours=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrantStep.objects.create(grant=refused, kind="given", by=ruth.user, at=NOW, until=NOW + timedelta(hours=1))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AccessGrant.objects.filter(pk=refused.pk).update(hours=8)
    clock.shift(timedelta(days=7))
    with pytest.raises(RefusedError, match="no longer waiting"):
        looking.answer(old, yes=True, by=ruth.user, at=timezone.now())
    assert mail.outbox == []


@pytest.mark.parametrize("looks", [1, 8])
def test_the_organisations_page_costs_the_same_however_many_looked(
    outsider, organisation, ruth, looks, django_assert_max_num_queries
):
    for _number in range(looks):
        let_in(outsider, organisation, ruth)
        outsider.get(STAFF)

    with django_assert_max_num_queries(12):
        page = ruth.get(OUTSIDE)

    assert page.text.count("Open now") == looks


def test_it_asks_for_a_fresh_sign_in(outsider, organisation, ruth, clock):
    grant = asked(outsider, organisation)
    clock.shift(timedelta(minutes=11))

    assert outsider.get(reverse("accounts:look_ask")).url.startswith(reverse("account_reauthenticate"))
    answer = ruth.post(reverse("accounts:outside_answer", args=[grant.pk]), {"answer": "yes"})
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert grant.state(timezone.now()) == AccessGrant.State.ASKED
