"""Auditors from outside: invited for a time, and gone when it ends, whatever addresses they kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership, User
from assessment import services
from assessment.models import Engagement
from assessment.services import AssessmentRefusedError, comment
from audit.models import Event
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, UserFactory, member

pytestmark = pytest.mark.django_db
LAST = TODAY + timedelta(days=14)
INVITED = {"email": "Eve@Audit.test", "first_name": "Eve", "last_name": "Stone", "firm": "Stone & Co", "terms": "Standard 3"}


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    return h.opened(organisation, lead)


def engage(assessment, by, **said):
    return services.engage_auditor(assessment, **{**INVITED, "ends_on": LAST, "by": by, "at": NOW} | said)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(assessment):
    response = assessment.responses.first()
    return [
        reverse("assessment:assessment_detail", args=[assessment.pk]),
        reverse("assessment:response_detail", args=[assessment.pk, response.pk]),
        reverse("assessment:branch_list", args=[assessment.pk]),
        reverse("assessment:finding_list", args=[assessment.pk]),
        reverse("assessment:audit_home"),
    ]


def test_who_is_invited_hears_of_it_chooses_a_password_and_reads(assessment, lead, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        engagement = engage(assessment, lead)

    letter = mail.outbox[0]
    assert letter.to == ["eve@audit.test"]
    assert "until the end of 15 May 2026" in letter.body
    assert re.search(r"/accounts/password/\S+", letter.body)
    assert engagement.auditor.username == "eve@audit.test"
    with time_machine.travel(NOW, tick=False):
        client = signed_in(engagement.auditor)
        assert [client.get(url).status_code for url in addresses(assessment)] == [200] * 5
    told = Event.objects.get(type="assessment.auditor_invited").summary
    assert told == {"user": f"user:{engagement.auditor.pk}", "year": "2025-26", "until": "2026-05-15"}


def test_the_last_day_still_counts_and_the_next_opens_nothing_not_even_old_links(assessment, lead):
    auditor = engage(assessment, lead).auditor
    client = signed_in(auditor)

    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        assert {client.get(url).status_code for url in addresses(assessment)} == {200}
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        assert {client.get(url).status_code for url in addresses(assessment)} == {403}


def test_ended_early_they_see_nothing_from_the_next_page_on(assessment, lead):
    engagement = engage(assessment, lead)
    with time_machine.travel(NOW, tick=False):
        client = signed_in(engagement.auditor)
        assert client.get(addresses(assessment)[0]).status_code == 200

        services.end_engagement(engagement, reason="The firm changed", by=lead, at=NOW)
        again = services.end_engagement(engagement, reason="Another", by=lead, at=NOW)

        assert {client.get(url).status_code for url in addresses(assessment)} == {403}
    assert again.reason == "The firm changed"
    assert Event.objects.filter(type="assessment.auditor_ended").count() == 1


def test_invited_again_they_read_again(assessment, lead):
    services.end_engagement(engage(assessment, lead), reason="Pause", by=lead, at=NOW)

    auditor = engage(assessment, lead).auditor

    with time_machine.travel(NOW, tick=False):
        assert signed_in(auditor).get(addresses(assessment)[0]).status_code == 200
    assert Membership.objects.filter(user=auditor).count() == 1


def test_an_auditor_whom_an_administrator_gave_the_role_has_no_last_day(assessment, organisation):
    standing = member(organisation, Role.AUDITOR)

    with time_machine.travel(NOW + timedelta(days=900), tick=False):
        assert signed_in(standing).get(addresses(assessment)[0]).status_code == 200


def test_the_end_in_one_organisation_leaves_another_alone(assessment, lead, other_organisation):
    auditor = engage(assessment, lead).auditor
    member(other_organisation, Role.AUDITOR, user=auditor)

    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        assert [one.organisation_id for one in Membership.objects.standing(TODAY + timedelta(days=15)).filter(user=auditor)] == [
            other_organisation.pk
        ]


def test_they_change_nothing_and_do_not_read_what_is_said_inside(assessment, lead):
    auditor = engage(assessment, lead).auditor
    response = assessment.responses.first()
    comment(response, text="Between ourselves", is_question=False, by=lead, at=NOW)
    comment(response, text="For everybody", is_question=False, is_internal=False, by=lead, at=NOW)

    with time_machine.travel(NOW, tick=False):
        client = signed_in(auditor)
        page = client.get(reverse("assessment:response_detail", args=[assessment.pk, response.pk])).text
        refused = [
            client.post(reverse("assessment:response_assign", args=[assessment.pk, response.pk])).status_code,
            client.post(reverse("assessment:review_submit", args=[assessment.pk])).status_code,
            client.get(reverse("assessment:auditor_list", args=[assessment.pk])).status_code,
        ]

    assert "Between ourselves" not in page
    assert "For everybody" in page
    assert refused == [403, 403, 403]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"ends_on": TODAY - timedelta(days=1)}, "from today on"),
        ({"ends_on": TODAY + timedelta(days=367)}, "within a year"),
        ({"firm": " "}, "Say who audits"),
        ({"terms": ""}, "Say who audits"),
    ],
)
def test_an_invitation_says_who_what_and_until_when(assessment, lead, said, words):
    with pytest.raises(AssessmentRefusedError, match=words):
        engage(assessment, lead, **said)
    assert not Engagement.objects.exists()


def test_nobody_audits_what_they_have_a_part_in(assessment, lead, organisation):
    with pytest.raises(AssessmentRefusedError, match="must have no part in it"):
        engage(assessment, lead, email=lead.email)
    standing = member(organisation, Role.AUDITOR, user=UserFactory())
    with pytest.raises(AssessmentRefusedError, match="standing auditor here already"):
        engage(assessment, lead, email=standing.email)


def test_an_ending_has_a_reason_and_a_period_an_order(assessment, lead):
    engagement = engage(assessment, lead)

    with pytest.raises(AssessmentRefusedError, match="Say why"):
        services.end_engagement(engagement, reason=" ", by=lead, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Engagement.objects.create(
            assessment=assessment, auditor=lead, firm="F", terms="T", starts_on=TODAY, ends_on=TODAY - timedelta(days=1), at=NOW
        )


def test_the_lead_invites_and_ends_on_the_pages(assessment, sign_in):
    client = sign_in(assessment.organisation, Role.DSPT_LEAD)
    url = reverse("assessment:auditor_list", args=[assessment.pk])
    day = {"ends_on_day": "15", "ends_on_month": "5", "ends_on_year": "2026"}

    with time_machine.travel(NOW, tick=False):
        client = signed_in(client.user)
        lacking = client.post(url, day)
        client.post(url, INVITED | day)
        page = client.get(url).text
        engagement = Engagement.objects.get()
        client.post(reverse("assessment:auditor_end", args=[engagement.pk]), {"reason": "Done"})
        after = client.get(url).text

    assert "There is a problem" in lacking.text
    assert "Eve Stone" in page
    assert "End it now" in page
    assert "Ended early on 1 May 2026: Done" in after


LINKS = ["Claimed, computed and assessed", "Requests and samples of the audit", "Invite an auditor", ">Auditors<"]


def links_on(client: Client, assessment) -> list[bool]:
    page = client.get(reverse("assessment:assessment_detail", args=[assessment.pk])).text
    return [words in page for words in LINKS]


def test_a_return_nobody_audits_shows_no_links_of_audits_only_a_way_to_invite_for_those_who_may(assessment, lead, organisation):
    reader, standing = signed_in(member(organisation, Role.SENIOR_REVIEWER)), signed_in(member(organisation, Role.AUDITOR))

    with time_machine.travel(NOW, tick=False):
        before = [links_on(client, assessment) for client in (signed_in(lead), reader, standing)]
        services.end_engagement(engage(assessment, lead), reason="Done", by=lead, at=NOW)
        after = [links_on(client, assessment) for client in (signed_in(lead), reader)]

    assert before == [[False, False, True, False], [False, False, False, False], [True, True, False, False]]
    assert after == [[True, True, False, True], [True, True, False, False]]


def test_what_a_standing_auditor_wrote_keeps_the_links(assessment, lead, organisation):
    auditor = member(organisation, Role.AUDITOR)
    services.ask_for(assessment, text="The policy", wanted_by=LAST, response=None, by=auditor, at=NOW)

    with time_machine.travel(NOW, tick=False):
        assert links_on(signed_in(lead), assessment) == [True, True, False, True]
