"""What somebody invited to audit one return reaches: that return with what it rests on, and nothing else of the organisation."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import time_machine
from django.test import Client
from django.urls import resolve, reverse

from accounts.enums import Capability, Role
from accounts.forms import RoleForm
from accounts.policy import ROLE_CAPABILITIES
from assessment import services
from assessment.models import EvidenceLink
from assessment.services import comment
from tests.assessment import helpers as h
from tests.assessment.test_engagements import engage, signed_in
from tests.factories import NOW, TODAY, PersonFactory, member

pytestmark = pytest.mark.django_db
CANARY = "zzcanary"


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    """Open for work, sent back by a reviewer, with evidence, talked about inside; and beside it what an auditor never sees."""
    h.shipped_edition()
    assessment = h.opened(organisation, lead)
    response = h.response(assessment, "1.1.1")
    PersonFactory(organisation=organisation, last_name=CANARY)
    h.evidence(organisation, lead, title=CANARY)
    comment(response, text=f"{CANARY} note", is_question=False, by=lead, at=NOW)
    question = comment(response, text=f"{CANARY} question", is_question=True, by=lead, at=NOW)
    services.reply(question, text=f"{CANARY} answer", settles=True, by=lead, at=NOW)
    comment(response, text="For everybody", is_question=False, is_internal=False, by=lead, at=NOW)
    plan = h.evidence(organisation, lead, title="Plan", location="", file=(b"words of a plan", "plan.txt"))
    services.attach_evidence(response, document_version=plan, by=lead, at=NOW)
    return assessment


def crawl(client: Client, start: str, *, most: int = 3) -> dict[str, str]:
    """Every page that links lead to, by address; of many pages of one kind a few. A link that leads nowhere fails."""
    seen: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    waiting = [start]
    while waiting:
        path = waiting.pop(0)
        kind = resolve(path).view_name
        if path in seen or kinds[kind] >= most or kind == "wagtail_serve":
            continue
        kinds[kind] += 1
        response = client.get(path, follow=True)
        assert response.status_code == 200, (path, response.status_code)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        seen[path] = body.decode("utf-8", "replace")
        if "html" in response["Content-Type"]:
            waiting += [link for link in re.findall(r'href="(/[^"#?]*)', seen[path]) if not link.startswith("/static/")]
    return seen


@pytest.fixture
def other_return(organisation, lead, assessment):
    """The return of another year, of which the auditor knows nothing."""
    h.shipped_edition("2026-27")
    other = h.opened(organisation, lead, year="2026-27")
    comment(h.response(other, "1.1.1"), text=f"{CANARY} of another year", is_question=False, is_internal=False, by=lead, at=NOW)
    services.attach_evidence(
        other.responses.first(), document_version=h.evidence(organisation, lead, title=f"{CANARY} other"), by=lead, at=NOW
    )
    return other


def test_every_page_they_reach_keeps_what_is_said_inside_and_offers_no_link_that_is_shut(assessment, other_return, lead):
    auditor = engage(assessment, lead).auditor

    with time_machine.travel(NOW, tick=False):
        client = signed_in(auditor)
        response = h.response(assessment, "1.1.1")
        pages = crawl(client, reverse("assessment:audit_home"))
        pages |= crawl(client, reverse("assessment:response_detail", args=[assessment.pk, response.pk]), most=1)

    told = pages[reverse("assessment:response_detail", args=[assessment.pk, response.pk])]
    kinds = {resolve(path).view_name for path in pages}
    assert [path for path, body in pages.items() if CANARY in body] == []
    assert "For everybody" in told
    assert pages[reverse("assessment:evidence_file", args=[EvidenceLink.objects.get(response=response).pk])] == "words of a plan"
    assert kinds >= {"assessment:assessment_check", "assessment:finding_list", "assessment:finding_record"}
    assert not [kind for kind in kinds if kind.partition(":")[0] in ("registers", "evidence", "reporting", "staff", "courses")]


@pytest.mark.asks_for_second_factor
def test_they_set_up_a_second_factor_first(assessment, lead):
    auditor = engage(assessment, lead).auditor

    with time_machine.travel(NOW, tick=False):
        sent = signed_in(auditor).get(reverse("assessment:audit_home"))

    assert (sent.status_code, sent.url.partition("?")[0]) == (302, reverse("mfa_index"))


def test_another_return_of_the_organisation_is_not_there(assessment, other_return, lead):
    auditor = engage(assessment, lead).auditor
    link = EvidenceLink.objects.get(response__assessment=other_return)
    part = other_return.responses.first()
    foreign = [
        ("assessment_detail", other_return.pk),
        ("assessment_check", other_return.pk),
        ("finding_list", other_return.pk),
        ("branch_list", other_return.pk),
        ("response_detail", other_return.pk, part.pk),
        ("finding_of_standard", other_return.pk),
        ("finding_record", other_return.pk, part.item_id),
        ("evidence_file", link.pk),
    ]

    with time_machine.travel(NOW, tick=False):
        client = signed_in(auditor)
        answers = {name: client.get(reverse(f"assessment:{name}", args=args)).status_code for name, *args in foreign}
        second = engage(other_return, lead).auditor
        now = client.get(reverse("assessment:assessment_detail", args=[other_return.pk])).status_code

    assert set(answers.values()) == {404}, answers
    assert (second, now) == (auditor, 200)


def test_of_two_invitations_the_one_that_ended_shows_nothing_more(assessment, other_return, lead):
    auditor = engage(assessment, lead).auditor
    services.end_engagement(engage(other_return, lead), reason="Done", by=lead, at=NOW)

    with time_machine.travel(NOW, tick=False):
        client = signed_in(auditor)
        home = client.get(reverse("assessment:audit_home")).text
        shown = [
            client.get(reverse("assessment:assessment_detail", args=[one.pk])).status_code for one in (assessment, other_return)
        ]

    assert shown == [200, 404]
    assert "2025-26" in home
    assert "2026-27" not in home


def test_a_restricted_document_stays_restricted_when_it_is_attached(assessment, lead):
    secret = h.evidence(assessment.organisation, lead, location="", file=(b"secret words", "s.txt"), needs="incidents.view")
    link = services.attach_evidence(h.response(assessment, "1.1.2"), document_version=secret, by=lead, at=NOW)
    auditor, reader = engage(assessment, lead).auditor, member(assessment.organisation, Role.AUDITOR)

    with time_machine.travel(NOW, tick=False):
        asked = [
            signed_in(user).get(reverse("assessment:evidence_file", args=[link.pk]), follow=True).status_code
            for user in (auditor, reader)
        ]

    assert asked == [404, 200]


def test_the_role_is_not_given_by_hand_and_counts_for_nothing_without_an_invitation(assessment, sign_in):
    client = sign_in(assessment.organisation, Role.INVITED_AUDITOR)

    assert client.get(reverse("assessment:audit_home")).status_code == 403
    assert Role.INVITED_AUDITOR not in [
        value for value, _ in RoleForm(organisation=assessment.organisation).fields["role"].choices
    ]
    assert {role for role in Role if Capability.ASSESSMENT_INVITED in ROLE_CAPABILITIES[role]} == {Role.INVITED_AUDITOR}


def test_a_published_return_shows_its_own_publication_alone(organisation, lead):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=(manager := h.registered_manager(organisation)))
    h.sign(assessment, manager)
    first = services.publish(assessment, on=TODAY, by=lead, at=NOW)
    second = h.opened(organisation, lead)
    auditor = engage(second, lead).auditor

    with time_machine.travel(NOW, tick=False):
        client = signed_in(auditor)
        before = [
            client.get(reverse(f"assessment:{name}", args=[first.pk])).status_code
            for name in ("publication_detail", "pack_download")
        ]
        engage(assessment, lead)
        pages = crawl(client, reverse("assessment:publication_detail", args=[first.pk]), most=1)

    assert before == [404, 404]
    assert reverse("assessment:pack_download", args=[first.pk]) in pages
