"""The head of the trail goes out every day, once, and can be checked against the trail afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from accounts.enums import Role
from accounts.platform import PLATFORM
from audit import events
from audit.models import ChainHead, Event
from audit.services import head_with_hash, record
from privacy.heads import check, choose_receivers, mail_heads, mail_platform_head
from privacy.models import HeadMail
from privacy.services import KeepingRefusedError
from tests.factories import member

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 6, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _trail(organisation):
    events.register({"test.happened": "did it"})
    for hour in (1, 2, 3):
        record("test.happened", organisation=organisation, by="system", at=AT - timedelta(hours=9 - hour))


@pytest.fixture
def receivers(organisation):
    two = [member(organisation, Role.SENIOR_REVIEWER), member(organisation, Role.AUDITOR)]
    choose_receivers(organisation, two, by=two[0], at=AT)
    return two


def send(capture, at=AT) -> int:
    with capture(execute=True):
        return mail_heads(at=at)


def test_each_receiver_gets_todays_head_once_and_tomorrows_tomorrow(
    organisation, receivers, mailoutbox, django_capture_on_commit_callbacks
):
    assert send(django_capture_on_commit_callbacks) == 2
    assert send(django_capture_on_commit_callbacks, AT + timedelta(hours=1)) == 0
    head = ChainHead.objects.get(organisation=organisation.ods_code)

    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(user.email for user in receivers)
    assert all(f"Entry number: {head.sequence}\nHash: {head.hash}\n" in mail.body for mail in mailoutbox)
    assert send(django_capture_on_commit_callbacks, AT + timedelta(days=1)) == 2
    assert HeadMail.objects.count() == 4


def test_nobody_is_written_to_where_nobody_was_chosen(other_organisation, mailoutbox, django_capture_on_commit_callbacks):
    record("test.happened", organisation=other_organisation, by="system")

    assert send(django_capture_on_commit_callbacks) == 0


def test_whoever_lost_the_role_gets_it_no_more(organisation, receivers, django_capture_on_commit_callbacks):
    receivers[0].memberships.update(ended_at=AT)

    assert send(django_capture_on_commit_callbacks) == 1


def test_one_alone_is_not_enough(organisation):
    one = member(organisation, Role.AUDITOR)

    with pytest.raises(KeepingRefusedError, match="at least two"):
        choose_receivers(organisation, [one], by=one, at=AT)


def test_a_head_is_known_with_the_time_in_which_it_was_one(organisation, other_organisation):
    chain = ChainHead.objects.get(organisation=organisation.ods_code)
    record("test.happened", organisation=organisation, by="system", at=AT)

    found = head_with_hash(organisation.ods_code, chain.hash.upper())

    assert (found.sequence, found.since, found.until) == (3, AT - timedelta(hours=6), AT)
    assert head_with_hash(other_organisation.ods_code, chain.hash) is None
    assert head_with_hash(organisation.ods_code, "0" * 64) is None


def rewrite_history(organisation) -> None:
    """Somebody with the database's password makes a whole new chain that holds."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_event_no_delete")
        cursor.execute("DELETE FROM audit_event WHERE organisation = %s", [organisation.ods_code])
        cursor.execute("DELETE FROM audit_chainhead WHERE organisation = %s", [organisation.ods_code])
    record("test.happened", organisation=organisation, by="system", reason="invented")


def test_a_rewritten_trail_that_holds_is_found_by_an_old_hash(sign_in, organisation):
    auditor = sign_in(organisation, Role.AUDITOR)
    page, old = reverse("accounts:audit_check"), ChainHead.objects.get(organisation=organisation.ods_code).hash
    assert "Yes. It is the hash of entry number 3" in auditor.get(page, {"hash": old}).text

    rewrite_history(organisation)
    text = auditor.get(page, {"hash": old}).text

    assert "Every entry is as it was recorded" in text
    assert "No entry has this hash" in text
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", organisation=organisation.ods_code, head=old, stdout=out)
    assert (ended.value.code, "no entry has it" in out.getvalue()) == (1, True)


def test_the_installations_own_head_goes_to_two_and_an_old_one_is_found(settings, mailoutbox, django_capture_on_commit_callbacks):
    settings.PLATFORM_HEAD_RECEIVERS = ["one@elsewhere.example", "two@elsewhere.example"]
    record("test.happened", organisation=PLATFORM, by="system", at=AT - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert mail_platform_head(at=AT) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert mail_platform_head(at=AT + timedelta(hours=1)) == 0
    head = ChainHead.objects.get(organisation=PLATFORM).hash
    record("test.happened", organisation=PLATFORM, by="system", at=AT + timedelta(hours=2))

    assert [mail.to for mail in mailoutbox] == [[address] for address in settings.PLATFORM_HEAD_RECEIVERS]
    assert all(f"--platform --head {head}\n" in mail.body for mail in mailoutbox)
    out = StringIO()
    call_command("verify_audit", platform=True, head=head, stdout=out)
    assert "the last from" in out.getvalue()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", platform=True, head="0" * 64, stdout=out)
    assert ended.value.code == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert mail_platform_head(at=AT + timedelta(days=1)) == 2


def test_the_installations_head_goes_to_nobody_or_to_two(settings, mailoutbox):
    settings.PLATFORM_HEAD_RECEIVERS = []
    check()

    assert mail_platform_head(at=AT) == 0
    assert not Event.objects.of_organisation(PLATFORM).filter(type="privacy.platform_head_sent").exists()
    settings.PLATFORM_HEAD_RECEIVERS = ["one@elsewhere.example"]
    with pytest.raises(ImproperlyConfigured, match="two addresses"):
        check()


def test_something_else_than_a_hash_is_refused_kindly(sign_in, organisation):
    text = sign_in(organisation, Role.AUDITOR).get(reverse("accounts:audit_check"), {"hash": "12"}).text

    assert "A hash has 64 characters" in text


def test_receivers_are_chosen_on_the_page(sign_in, organisation, receivers):
    admin = sign_in(organisation, Role.ORGANISATION_ADMIN)
    page = reverse("privacy:head_receivers")

    assert "at least two" in admin.post(page, {"users": [receivers[0].pk]}).text
    outsider = member(organisation, Role.STAFF)
    assert "Select a valid choice" in admin.post(page, {"users": [receivers[0].pk, outsider.pk]}).text
    admin.post(page, {"users": []})
    assert "Nobody gets it yet." in admin.get(page).text
