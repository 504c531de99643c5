"""Sitting a quiz: starting an attempt, saving answers, handing in. All on the server's clock."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit.services import record
from quizzes.answers import checked_response
from quizzes.drawing import Candidate, Draw, PoolTooSmallError, draw_questions, order_options
from quizzes.enums import QuestionKind
from quizzes.grading import mark_paper, marks_needed
from quizzes.models import Attempt, AttemptItem, Blueprint, BlueprintVersion, Question, QuestionVersion
from quizzes.parts import parts_of
from staff.models import Person


class QuizUnavailableError(ValueError):
    """The quiz cannot be started; the text says why, fit for a person to read."""


class AttemptClosedError(ValueError):
    """The attempt was handed in, or ended in another way, so it takes no more answers."""


@transaction.atomic
def start_attempt(person: Person, blueprint_version: BlueprintVersion, *, seed: int | None = None, at: datetime) -> Attempt:
    """Begin an attempt, or return the one the person has open at this quiz (whatever version it was drawn by).

    Raises:
        QuizUnavailableError: the bank holds too few questions for a paper.
    """
    person = Person.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation").get(pk=person.pk)
    earlier = Attempt.objects.filter(person=person, blueprint=blueprint_version.blueprint_id)
    if attempt := earlier.open().first():
        return attempt
    blueprint = Blueprint.objects.get(pk=blueprint_version.blueprint_id)
    seed = secrets.randbits(63) if seed is None else seed
    paper = _draw(person, blueprint_version, seed=seed)
    available = sum(version.marks for version in paper)
    attempt = Attempt.objects.create(
        person=person,
        blueprint=blueprint,
        blueprint_version=blueprint_version,
        ordinal=(earlier.aggregate(last=Max("ordinal"))["last"] or 0) + 1,
        seed=seed,
        started_at=at,
        marks_available=available,
        marks_needed=marks_needed(available, blueprint_version.pass_mark_percent),
    )
    AttemptItem.objects.bulk_create(
        AttemptItem(
            attempt=attempt,
            slot=slot,
            question_version=version,
            option_order=option_order(version, seed=seed),
            marks_available=version.marks,
        )
        for slot, version in enumerate(paper, start=1)
    )
    record(
        "quizzes.attempt_started",
        organisation=person.organisation,
        by=_actor(person),
        target=attempt,
        summary={"quiz": blueprint.code, "ordinal": attempt.ordinal},
        at=at,
    )
    return attempt


@transaction.atomic
def save_answer(attempt: Attempt, slot: int, response: Any, *, at: datetime) -> AttemptItem:
    """Save the answer to one question, in place of what was there. Saving the same again changes nothing.

    Args:
        attempt: an open attempt.
        slot: the question's place in the paper, from 1.
        response: as ``quizzes.parts.Answer`` says; of a scenario, answers by part id. It may answer a part only.
        at: when; kept as the moment of the answer if it is new.

    Raises:
        AttemptClosedError: the attempt takes no more answers.
        AnswerRefusedError: nothing answered, too much chosen, or something that is not on the page.
        AttemptItem.DoesNotExist: the paper has no such question.
    """
    locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.state != Attempt.State.IN_PROGRESS:
        raise AttemptClosedError("You have already handed in your answers to this quiz.")
    item = AttemptItem.objects.select_related("question_version").get(attempt=locked, slot=slot)
    kept = checked_response(parts_of(item.question_version), response, order=item.option_order)
    if item.response != kept:
        item.response, item.answered_at = kept, at
        item.save(update_fields=["response", "answered_at"])
    return item


@transaction.atomic
def submit_attempt(attempt: Attempt, *, at: datetime) -> Attempt:
    """Hand in and mark, once: a second call returns the result that is there. A question without an answer is wrong.

    Raises:
        AttemptClosedError: the attempt was abandoned or voided.
    """
    rows = Attempt.objects.select_for_update(of=("self",)).select_related(
        "person__organisation", "blueprint_version", "blueprint"
    )
    locked = rows.get(pk=attempt.pk)
    if locked.state == Attempt.State.MARKED:
        return locked
    if locked.state != Attempt.State.IN_PROGRESS:
        raise AttemptClosedError("This attempt has ended. Start the quiz again.")
    items = list(locked.items.select_related("question_version__question"))
    result = mark_paper(
        {item.slot: item.response for item in items},
        {item.slot: parts_of(item.question_version) for item in items},
        needed=locked.marks_needed,
        given=[item.slot for item in items if item.question_version.question.withdrawn_at],
    )
    for item in items:
        item.marks = result.by_slot[item.slot]
    AttemptItem.objects.bulk_update(items, ["marks"])
    locked.state, locked.submitted_at, locked.marks, locked.passed = Attempt.State.MARKED, at, result.marks, result.passed
    locked.save(update_fields=["state", "submitted_at", "marks", "passed"])
    record(
        "quizzes.attempt_marked",
        organisation=locked.person.organisation,
        by=_actor(locked.person),
        target=locked,
        summary={
            "quiz": locked.blueprint.code,
            "ordinal": locked.ordinal,
            "outcome": "passed" if locked.passed else "not passed",
        },
        at=at,
    )
    return locked


def _draw(person: Person, blueprint_version: BlueprintVersion, *, seed: int) -> list[QuestionVersion]:
    """The question versions of a new paper, in order. Only those drawn are read whole."""
    draws = [Draw(**rule) for rule in blueprint_version.draws]
    pools = {draw.pool for draw in draws}
    candidates = candidates_of(pools)
    seen = AttemptItem.objects.filter(attempt__person=person, question_version__question__pool__code__in=pools)
    when = seen.values("question_version__question").annotate(last=Max("attempt__started_at")).order_by()
    last_seen = {
        f"{pool}/{code}": last
        for pool, code, last in when.values_list(
            "question_version__question__pool__code", "question_version__question__code", "last"
        )
    }
    try:
        drawn = draw_questions(candidates, draws, last_seen=last_seen, seed=seed)
    except PoolTooSmallError as error:
        raise QuizUnavailableError(
            "This quiz is being changed and cannot be taken now. Try again tomorrow, or tell your manager."
        ) from error
    versions = QuestionVersion.objects.select_related("question").in_bulk([candidate.version_id for candidate in drawn])
    return [versions[candidate.version_id] for candidate in drawn]


def candidates_of(pools: Iterable[str]) -> list[Candidate]:
    """Every question of the pools that may be drawn now, in its newest version."""
    newest = QuestionVersion.objects.newest().filter(question__in=Question.objects.drawable().filter(pool__code__in=set(pools)))
    columns = ("pk", "question__code", "question__pool__code", "question__section", "question__topic")
    return [
        Candidate(key=f"{pool}/{code}", version_id=pk, pool=pool, section=section, topic=topic)
        for pk, code, pool, section, topic in newest.values_list(*columns)
    ]


def option_order(version: QuestionVersion, *, seed: int) -> list[str]:
    """Every id of a question in the order shown: part by part, lines and then what they may belong to."""
    order: list[str] = []
    for part in parts_of(version):
        question = f"{version.question.key} {part.id}"
        keep = part.kind == QuestionKind.TRUE_FALSE
        order += order_options([option.id for option in part.options], question=question, seed=seed, keep=keep)
        order += order_options([target.id for target in part.targets], question=question, seed=seed, keep=False)
    return order


def _actor(person: Person) -> str:
    """The learner's sign-in, or the person where a demonstration or an import sits the quiz for them."""
    return f"user:{person.user_id}" if person.user_id else f"person:{person.pk}"
