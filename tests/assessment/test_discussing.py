"""Notes and questions about an item: who reads them, whom they reach, and that an open question holds the review up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.comment_letters import tell_addressee
from assessment.models import Comment
from audit.models import Event
from jobs.models import Job
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, member

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lead(organisation):
    user = h.lead_of(organisation)
    user.email = "lead@example.test"
    user.save()
    return user


@pytest.fixture
def manager(organisation):
    user = h.registered_manager(organisation, kind="siro")
    user.email = "siro@example.test"
    user.save()
    return user


@pytest.fixture
def response(organisation, lead):
    h.shipped_edition()
    return h.response(h.opened(organisation, lead), "1.1.1")


def ask(response, by, **more):
    return services.comment(response, text="Is this still our number?", is_question=True, by=by, at=NOW, **more)


def letters_of(job):
    """What the job would send, sent."""
    tell_addressee(lambda *_: None, **job.arguments)
    return [(letter.to, letter.subject) for letter in mail.outbox]


def test_a_question_is_for_a_post_and_its_answer_goes_back_to_who_asked(response, lead, manager):
    question = ask(response, lead, to_post="siro")
    assert letters_of(Job.objects.get()) == [(["siro@example.test"], "DSPT item 1.1.1: a question for you")]
    assert "still our number" not in mail.outbox[0].body
    assert f"{reverse('assessment:response_detail', args=[response.assessment_id, response.pk])}#said" in mail.outbox[0].body

    services.reply(question, text="Yes, looked up today", settles=False, by=manager, at=LATER)

    assert letters_of(Job.objects.order_by("pk").last())[1] == (["lead@example.test"], "DSPT item 1.1.1: an answer for you")
    assert [event.type for event in Event.objects.order_by("pk")][-2:] == ["assessment.asked", "assessment.question_answered"]


def test_a_note_for_whoever_looks_after_the_item_reaches_them_if_they_may_open_it(response, lead, organisation):
    services.assign(response, owner=lead, due_on=None, by=lead, at=NOW)
    response.refresh_from_db()
    dpo = member(organisation, Role.DPO)

    services.comment(response, text="Look at the register", is_question=False, to_owner=True, by=dpo, at=NOW)
    assert letters_of(Job.objects.get()) == [(["lead@example.test"], "DSPT item 1.1.1: a note for you")]

    lead.memberships.update(ended_at=NOW)
    assert letters_of(Job.objects.get()) == [(["lead@example.test"], "DSPT item 1.1.1: a note for you")]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"text": "  "}, "Write what you want to say"),
        ({"to_owner": True}, "Nobody looks after this item"),
        ({"to_post": "siro"}, "a post that somebody holds today"),
        ({"to_post": "king"}, "a post that somebody holds today"),
    ],
)
def test_what_reaches_nobody_or_says_nothing_is_refused(response, lead, more, words):
    with pytest.raises(services.AssessmentRefusedError, match=words):
        services.comment(response, **({"text": "x", "is_question": False} | more), by=lead, at=NOW)
    assert not Comment.objects.exists()


def test_a_settled_question_takes_no_more_words_and_nothing_is_rewritten(response, lead):
    question = ask(response, lead)
    settled = services.reply(question, text="Yes", settles=True, by=lead, at=LATER)

    for settles in (True, False):
        with pytest.raises(services.AssessmentRefusedError, match="settled"):
            services.reply(question, text="Again", settles=settles, by=lead, at=LATER)
    with pytest.raises(services.AssessmentRefusedError, match="Only a question"):
        services.reply(settled, text="x", settles=False, by=lead, at=LATER)
    with pytest.raises(DatabaseError), transaction.atomic():
        Comment.objects.update(text="Something else")


def test_an_open_question_holds_the_review_up_and_settling_it_lets_it_pass(organisation, lead, manager):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    question = ask(h.response(assessment, "1.1.1"), manager)

    with pytest.raises(services.AssessmentRefusedError, match=r"Settle the questions about these items first: 1\.1\.1\."):
        services.ready_to_sign(assessment, by=manager, at=LATER)
    services.reply(question, text="Yes", settles=False, by=lead, at=LATER)
    with pytest.raises(services.AssessmentRefusedError, match="Settle"):
        services.ready_to_sign(assessment, by=manager, at=LATER)
    services.reply(question, text="Thank you", settles=True, by=manager, at=LATER)

    assert services.ready_to_sign(assessment, by=manager, at=LATER).to_state == "ready_to_sign"


def test_an_auditor_reads_only_what_was_written_for_auditors_and_writes_nothing(organisation, response, lead, sign_in):
    ask(response, lead)
    services.comment(response, text="The certificate is in the safe", is_question=False, is_internal=False, by=lead, at=NOW)
    auditor, dpo = sign_in(organisation, Role.AUDITOR), sign_in(organisation, Role.DPO)
    page = reverse("assessment:response_detail", args=[response.assessment_id, response.pk])
    overview = reverse("assessment:review", args=[response.assessment_id])

    seen, inside = auditor.get(page).text, dpo.get(page).text

    assert "in the safe" in seen
    assert "still our number" not in seen
    assert "Write a note" not in seen
    assert "still our number" not in auditor.get(overview).text
    assert "still our number" in inside
    assert "still our number" in dpo.get(overview).text
    assert auditor.post(reverse("assessment:comment_add", args=[response.assessment_id, response.pk])).status_code == 403


def test_writing_asking_answering_and_settling_on_the_page(organisation, response, manager, sign_in, client):
    lead = sign_in(organisation, Role.DSPT_LEAD)
    add = reverse("assessment:comment_add", args=[response.assessment_id, response.pk])

    assert "Write what you want to say." in lead.post(add, {"text": " ", "kind": "note"}, follow=True).text
    asked = lead.post(add, {"text": "Who renews it?", "kind": "question", "to": "siro"}, follow=True).text
    assert "Senior Information Risk Owner (SIRO)" in asked
    question = Comment.objects.get()
    assert (question.kind, question.to_post, question.is_internal) == ("question", "siro", True)
    client.force_login(manager)
    reply = reverse("assessment:comment_reply", args=[response.assessment_id, question.pk])
    client.post(reply, {"text": "The office does"})
    done = client.post(reply, {"text": "Settled then", "settle": "yes"}, follow=True).text

    assert "Question, settled" in done
    assert "Answer or settle this question" not in done
    assert [one.kind for one in Comment.objects.order_by("pk")] == ["question", "answer", "settled"]
    note = {"text": "For all", "kind": "note", "for_auditors": "on"}
    assert "Auditors can read this" in lead.post(add, note, follow=True).text


@pytest.mark.parametrize("many", [1, 9])
def test_the_items_page_costs_the_same_however_much_was_said(
    organisation, response, lead, manager, many, client, django_assert_max_num_queries
):
    for _ in range(many):
        question = ask(response, lead)
        services.reply(question, text="Yes", settles=False, by=manager, at=LATER)
    client.force_login(lead)
    page = reverse("assessment:response_detail", args=[response.assessment_id, response.pk])
    client.get(page)

    with django_assert_max_num_queries(40):
        client.get(page)


def test_a_post_held_yesterday_is_offered_to_nobody(response, lead, manager, organisation):
    KeyPost.objects.filter(organisation=organisation).update(end=TODAY)

    with pytest.raises(services.AssessmentRefusedError, match="holds today"):
        ask(response, lead, to_post="siro")
