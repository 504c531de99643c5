"""A kept file leaves by an address that holds for a minute, where it was made."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.short_links import HOLDS_FOR, OVER, by_short_link
from audit.models import Event
from evidence.models import Document
from evidence.services import add_document
from tests.factories import NOW, TODAY, member

pytestmark = pytest.mark.django_db
WORDS = b"Who has the key."


@pytest.fixture
def version(organisation):
    lead = member(organisation, Role.DSPT_LEAD)
    return add_document(organisation, title="Notes", kind="other", by=lead, at=NOW, received_on=TODAY, file=(WORDS, "notes.txt"))


@pytest.fixture
def plain(version):
    return reverse("evidence:version_download", args=[version.pk])


def link_for(client: Client, plain: str) -> str:
    sent = client.get(plain)
    assert (sent.status_code, sent.url.partition("?link=")[0]) == (302, plain)
    assert "no-store" in sent["Cache-Control"]
    return sent.url


def test_the_plain_address_gives_no_byte_and_its_link_the_file(sign_in, organisation, plain):
    auditor = sign_in(organisation, Role.AUDITOR)
    link = link_for(auditor, plain)
    assert not Event.objects.filter(type="evidence.downloaded").exists()

    assert auditor.get(link).content == WORDS
    assert Event.objects.filter(type="evidence.downloaded").count() == 1


@pytest.mark.parametrize(("seconds", "holds"), [(HOLDS_FOR - 1, True), (HOLDS_FOR, True), (HOLDS_FOR + 1, False)])
def test_it_holds_for_a_minute(sign_in, organisation, version, plain, seconds, holds):
    with time_machine.travel(NOW, tick=False) as clock:
        auditor = sign_in(organisation, Role.AUDITOR)
        link = link_for(auditor, plain)
        clock.shift(timedelta(seconds=seconds))
        answer = auditor.get(link)
        page = "" if holds else auditor.get(answer.url).text

    assert getattr(answer, "url", None) == (None if holds else reverse("evidence:document_detail", args=[version.document_id]))
    assert (answer.content == WORDS) is holds
    assert (OVER in page) is not holds


def test_edited_carried_elsewhere_or_of_another_file_it_leads_back_to_the_page(sign_in, organisation, version, plain):
    auditor, colleague = sign_in(organisation, Role.AUDITOR), sign_in(organisation, Role.AUDITOR)
    again = Client()
    again.force_login(auditor.user)
    other = add_document(
        organisation, title="More", kind="other", by=auditor.user, at=NOW, received_on=TODAY, file=(b"More.", "more.txt")
    )
    link = link_for(auditor, plain)
    path, _, signature = link.partition("?link=")
    page = reverse("evidence:document_detail", args=[version.document_id])
    elsewhere = f"{reverse('evidence:version_download', args=[other.pk])}?link={signature}"

    for client, address, leads_to in [
        (auditor, f"{path}?link={signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}", page),
        (auditor, f"{path}?link=", page),
        (auditor, elsewhere, reverse("evidence:document_detail", args=[other.document_id])),
        (colleague, link, page),
        (again, link, page),
    ]:
        assert client.get(address).url == leads_to
    assert not Event.objects.filter(type="evidence.downloaded").exists()


def test_it_opens_nothing_to_whoever_may_not_see_the_file(sign_in, organisation, other_organisation, version, plain):
    auditor, foreign = sign_in(organisation, Role.AUDITOR), sign_in(other_organisation, Role.AUDITOR)
    link = link_for(auditor, plain)
    absent = link.replace(f"/{version.pk}/", f"/{version.pk + 9}/")

    assert (foreign.get(link).status_code, foreign.get(absent).status_code) == (404, 404)
    assert Client().get(link).url.startswith(reverse("accounts:sign_in"))
    auditor.user.memberships.update(ended_at=NOW)
    assert auditor.get(link).status_code == 403
    auditor.logout()
    assert auditor.get(link).url.startswith(reverse("accounts:sign_in"))
    assert Document.objects.count() == 1


def test_whoever_does_not_know_the_secret_key_makes_no_link(rf, settings):
    view = by_short_link(find=lambda request: "file", page=lambda found: "/page/")(lambda request, found: HttpResponse("bytes"))

    def ask(address):
        request = rf.get(address)
        request.session = SimpleNamespace(session_key="one")
        request._messages = SimpleNamespace(add=lambda *said: None)
        return view(request)

    link = ask("/file/").url
    assert ask(link).content == b"bytes"
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "what somebody guessed", []
    assert ask(link).url == "/page/"
