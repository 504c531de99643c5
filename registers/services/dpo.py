"""Keeping the data protection officer's desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from registers.dpo_rules import need_for, questions
from registers.models.dpo import Advice, AdviceDecision, DpoReview


class AdviceRefusedError(ValueError):
    """It cannot be recorded as given; the text is one sentence that says why and what to do."""


@transaction.atomic
def review_need(organisation: Organisation, *, answers: Mapping[str, bool], contact: str, by: User, at: datetime) -> DpoReview:
    """Record whether an officer is required, and how to reach whoever looks after data protection.

    Raises:
        AdviceRefusedError: a question is left open, or there is no contact.
    """
    if any(question.key not in answers for question in questions()):
        raise AdviceRefusedError("Answer every question.")
    if not contact.strip():
        raise AdviceRefusedError("Say how staff and the public can reach whoever looks after data protection.")
    review = DpoReview.objects.create(organisation=organisation, answers=dict(answers), contact=contact.strip(), by=by, at=at)
    summary = {"required": "yes" if need_for(answers).is_required else "no"}
    record("registers.dpo_need_reviewed", organisation=organisation, by=by, target=review, summary=summary, at=at)
    return review


@transaction.atomic
def give_advice(
    organisation: Organisation, *, asked_on: date, given_on: date, question: str, advice: str, by: User, at: datetime
) -> Advice:
    """Record a question and the officer's answer.

    Raises:
        AdviceRefusedError: a day is impossible, or one of the texts is empty.
    """
    if given_on > timezone.localdate(at):
        raise AdviceRefusedError("The day of the advice lies in the future. Correct the day.")
    if given_on < asked_on:
        raise AdviceRefusedError("The advice cannot come before the question. Correct one of the two days.")
    if not question.strip() or not advice.strip():
        raise AdviceRefusedError("Give both: what was asked, and what you advise.")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    last = Advice.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"]
    given = Advice.objects.create(
        organisation=organisation,
        number=(last or 0) + 1,
        asked_on=asked_on,
        given_on=given_on,
        question=question.strip(),
        advice=advice.strip(),
        by=by,
        at=at,
    )
    summary = {"reference": given.reference}
    record("registers.advice_given", organisation=organisation, by=by, target=given, summary=summary, at=at)
    return given


@transaction.atomic
def decide_on_advice(advice: Advice, *, is_followed: bool, reason: str, by: User, at: datetime) -> AdviceDecision:
    """Follow advice, or overrule it with a reason. Deciding again adds a decision; the one before stays.

    Raises:
        AdviceRefusedError: it is overruled without a reason, or by whoever gave it.
    """
    if not is_followed and not reason.strip():
        raise AdviceRefusedError("Give the reason for not following the advice. It is kept with your name.")
    if advice.by_id == by.pk:
        raise AdviceRefusedError("Somebody else must decide on advice that you gave.")
    decision = AdviceDecision.objects.create(advice=advice, is_followed=is_followed, reason=reason.strip(), by=by, at=at)
    summary = {"reference": advice.reference, "what": "follow" if is_followed else "overrule"}
    record("registers.advice_decided", organisation=advice.organisation, by=by, target=advice, summary=summary, at=at)
    return decision
