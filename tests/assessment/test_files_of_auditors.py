"""The files that an auditor opens from a return leave by a link that holds for a minute, where it was made."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from accounts.short_links import HOLDS_FOR, OVER
from assessment import services
from assessment.models import AuditRequest, AuditRequestStep
from audit.models import Event
from tests.assessment import helpers as h
from tests.assessment.test_engagements import engage, signed_in
from tests.factories import NOW, TODAY, member

pytestmark = pytest.mark.django_db
WORDS = b"words of a plan"


@pytest.fixture(params=["evidence of an item", "answer to a request"])
def file(request, organisation):
    """The file's plain address, the page where it is chosen, somebody who may open it, and the address of the file beside it."""
    h.shipped_edition()
    lead = h.lead_of(organisation)
    assessment = h.opened(organisation, lead)
    auditor = engage(assessment, lead).auditor
    rows = []
    for item, content in (("1.1.1", WORDS), ("1.1.2", b"another plan")):
        version = h.evidence(organisation, lead, title=item, location="", file=(content, "plan.txt"))
        link = services.attach_evidence(h.response(assessment, item), document_version=version, by=lead, at=NOW)
        if request.param == "evidence of an item":
            rows.append((reverse("assessment:evidence_file", args=[link.pk]), h.response(assessment, item)))
            continue
        asked = AuditRequest.objects.create(assessment=assessment, text=item, wanted_by=TODAY, by=auditor, at=NOW)
        step = AuditRequestStep.objects.create(
            request=asked, kind="answered", text="Here.", document_version=version, by=lead, at=NOW
        )
        rows.append((reverse("assessment:audit_answer_file", args=[step.pk]), asked))
    (plain, chosen), (beside, _) = rows
    page = (
        reverse("assessment:audit_request", args=[chosen.pk])
        if isinstance(chosen, AuditRequest)
        else reverse("assessment:response_detail", args=[assessment.pk, chosen.pk])
    )
    with time_machine.travel(NOW, tick=False) as clock:
        yield plain, page, auditor, beside, clock


def link_of(client, plain):
    sent = client.get(plain)
    assert (sent.status_code, sent.url.partition("?link=")[0]) == (302, plain)
    return sent.url


def taken():
    return Event.objects.filter(type="evidence.downloaded").count()


def test_the_plain_address_gives_a_link_and_the_link_the_file_for_a_minute(file):
    plain, page, auditor, _beside, clock = file
    client = signed_in(auditor)
    link = link_of(client, plain)
    assert taken() == 0

    clock.shift(timedelta(seconds=HOLDS_FOR))
    assert client.get(link).content == WORDS
    assert taken() == 1
    clock.shift(timedelta(seconds=1))
    late = client.get(link)
    assert (late.status_code, late.url) == (302, page)
    assert OVER in client.get(late.url).text
    assert taken() == 1


def test_a_forged_link_one_of_another_file_and_one_of_another_session_lead_back(file):
    plain, page, auditor, beside, _clock = file
    client, elsewhere = signed_in(auditor), signed_in(auditor)
    link = link_of(client, plain)
    given = link.partition("?link=")[2]
    time, _, signature = given.partition(":")

    for address in (f"{plain}?link=", f"{plain}?link={time}:{signature[::-1]}", f"{plain}?link=x{given}"):
        assert client.get(address).url == page
    assert elsewhere.get(link).url == page
    assert client.get(f"{beside}?link={given}").status_code == 302
    assert taken() == 0


def test_whoever_may_not_see_the_file_has_no_link(file, other_organisation):
    plain, _page, auditor, _beside, _clock = file
    link = link_of(signed_in(auditor), plain)
    foreign = signed_in(member(other_organisation, Role.AUDITOR))

    assert [foreign.get(address).status_code for address in (plain, link)] == [404, 404]
