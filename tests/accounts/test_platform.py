"""Somebody who looks after the installation sees nobody."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import PlatformAdministrator, User
from accounts.platform import appoint
from accounts.policy import PLATFORM_ADMINISTRATOR, ROLE_CAPABILITIES, RefusedError
from audit.models import Event
from jobs.models import Job
from tests.factories import NOW, UserFactory, member, person_in_post, platform_administrator

pytestmark = pytest.mark.django_db
HOME = "/platform/installation/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_no_role_of_an_organisation_holds_what_a_platform_administrator_holds():
    assert not any(granted & PLATFORM_ADMINISTRATOR for granted in ROLE_CAPABILITIES.values())


def test_the_first_page_shows_organisations_and_counts_and_nobodys_name(organisation, other_organisation):
    people = [member(organisation, Role.STAFF, Role.HR), member(organisation), member(other_organisation)]
    person = person_in_post(organisation, user=people[0])
    at = timezone.now()
    common = {"organisation": organisation, "created_by": people[0], "created_at": at, "queued_at": at}
    Job.objects.create(kind="staff.import", title=f"Import of {person}", state="failed", finished_at=at, **common)
    Job.objects.create(kind="staff.import", title="Import", **common)
    client = client_of(platform_administrator())

    home = client.get("/start/")
    page = client.get(home.url)

    assert home.url == HOME
    assert organisation.name in page.text
    assert other_organisation.ods_code in page.text
    assert f"{organisation.ods_code}</span></th>" in page.text
    assert "0 running, 1 waiting, the oldest since" in page.text
    assert "staff.import" in page.text
    assert not [user for user in people if user.last_name in page.text or user.email in page.text]
    assert person.last_name not in page.text


def test_a_membership_puts_the_installation_out_of_reach(organisation):
    both = platform_administrator()
    client = client_of(both)
    assert client.get(HOME).status_code == 200

    member(organisation, Role.STAFF, user=both)

    assert client.get(HOME).status_code == 403
    with pytest.raises(RefusedError, match="belongs to an organisation"):
        appoint(member(organisation), by="system", at=NOW)


def test_one_is_relieved_by_another_from_the_next_page_on():
    one, other = platform_administrator(), platform_administrator()
    client, relieved = client_of(one), client_of(other)
    address = "accounts:platform_administrator_end"

    own = client.post(reverse(address, args=[PlatformAdministrator.objects.get(user=one).pk]))
    client.post(reverse(address, args=[PlatformAdministrator.objects.get(user=other).pk]))

    assert own.status_code == 403
    assert "ask another platform administrator" in own.text
    assert client.get(HOME).status_code == 200
    assert relieved.get(HOME).status_code == 403
    assert Event.objects.of_organisation("").get().type == "accounts.platform_administrator_ended"


def test_the_command_makes_a_sign_in_apart(organisation, capsys):
    call_command("create_platform_administrator", "olive@operator.example", name="Olive Hart")
    link = capsys.readouterr().out.split()[-1].removeprefix("http://localhost:8000")
    client = Client()
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"new_password1": "lantern-river-apple", "new_password2": "lantern-river-apple"})

    assert client.login(username="olive@operator.example", password="lantern-river-apple")
    assert client.get(HOME).status_code == 200
    member(organisation, user=UserFactory(username="taken@example.test"))
    with pytest.raises(SystemExit):
        call_command("create_platform_administrator", "taken@example.test")
    assert "has a sign-in apart" in capsys.readouterr().err


@pytest.mark.asks_for_second_factor
def test_a_second_factor_is_set_up_before_anything_is_seen(settings):
    settings.SECOND_FACTOR = True
    client = client_of(platform_administrator())

    sent = client.get(HOME)

    assert sent.url.startswith(reverse("mfa_index"))
    assert client.get(sent.url).status_code == 200


def test_djangos_superuser_opens_nothing(organisation):
    superuser = client_of(UserFactory(is_superuser=True, is_staff=True))
    editor = member(organisation, Role.CONTENT_EDITOR, user=UserFactory(is_superuser=True, is_staff=True))

    assert superuser.get(HOME).status_code == 403
    assert superuser.get("/cms/").status_code == 403
    assert client_of(editor).get("/cms/reports/site-history/").status_code in (302, 403)
