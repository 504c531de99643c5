"""Sitting a quiz: starting an attempt, saving answers, handing in. All on the server's clock."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, Max, OuterRef, Value, When
from django.utils import timezone

from audit.services import record
from quizzes.answers import AnswerRefusedError, checked_response
from quizzes.drawing import Candidate, Draw, PoolTooSmallError, draw_questions, order_options
from quizzes.enums import QuestionKind
from quizzes.extra_time import extra_percent_of
from quizzes.grading import mark_paper, marks_needed
from quizzes.models import Attempt, AttemptItem, Blueprint, BlueprintVersion, Question, QuestionVersion, Remark
from quizzes.parts import parts_of
from quizzes.remarking import standing_of
from quizzes.timing import deadline, is_over, may_try_from
from staff.models import Person


class QuizUnavailableError(ValueError):
    """The quiz cannot be started; the text says why, fit for a person to read."""


class RetakeTooSoonError(QuizUnavailableError):
    """A person failed a moment ago; ``again_at`` is when they may try again."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(
            f"You can try again from {timezone.localtime(again_at):%-d %B at %H:%M}. "
            "Until then, read why the answers are right or wrong, or look at the course again."
        )


class AttemptClosedError(ValueError):
    """The attempt was handed in, or ended in another way, so it takes no more answers."""


@transaction.atomic
def start_attempt(person: Person, blueprint_version: BlueprintVersion, *, seed: int | None = None, at: datetime) -> Attempt:
    """Begin an attempt, or return the one the person has open at this quiz (whatever version it was drawn by).

    Raises:
        QuizUnavailableError: the bank holds too few questions for a paper.
        RetakeTooSoonError: the person failed less than the quiz's pause ago.
    """
    person = Person.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation").get(pk=person.pk)
    earlier = Attempt.objects.filter(person=person, blueprint=blueprint_version.blueprint_id)
    if attempt := earlier.open().first():
        return attempt
    again_at = may_start_from(person, blueprint_version)
    if again_at is not None and at < again_at:
        raise RetakeTooSoonError(again_at)
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
        deadline_at=_deadline(person, blueprint_version, at=at),
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
    locked = _open(attempt, at=at)
    item = AttemptItem.objects.select_related("question_version").get(attempt=locked, slot=slot)
    kept = checked_response(parts_of(item.question_version), response, order=item.option_order)
    if item.response != kept:
        item.response, item.answered_at = kept, at
        item.save(update_fields=["response", "answered_at"])
    return item


@transaction.atomic
def save_answers(attempt: Attempt, responses: Mapping[int, Any], *, at: datetime) -> int:
    """Save the answers to several questions by slot, all or none. Returns how many were new.

    Raises:
        AttemptClosedError: the attempt takes no more answers.
        AnswerRefusedError: a question is not on the paper, or an answer is not on the page.
    """
    locked = _open(attempt, at=at)
    items = {item.slot: item for item in locked.items.select_related("question_version")}
    changed = []
    for slot, response in responses.items():
        if slot not in items:
            raise AnswerRefusedError("This question is not on your paper.")
        item = items[slot]
        kept = checked_response(parts_of(item.question_version), response, order=item.option_order)
        if item.response != kept:
            item.response, item.answered_at = kept, at
            changed.append(item)
    AttemptItem.objects.bulk_update(changed, ["response", "answered_at"])
    return len(changed)


@transaction.atomic
def submit_attempt(attempt: Attempt, *, at: datetime) -> Attempt:
    """Hand in and mark, once: a second call returns the result that is there. A question without an answer is wrong.

    An attempt whose time was up before counts as handed in at its deadline.

    Raises:
        AttemptClosedError: the attempt was abandoned or voided.
    """
    rows = Attempt.objects.select_for_update(of=("self",)).select_related("person__organisation", "blueprint")
    locked = rows.get(pk=attempt.pk)
    if locked.state == Attempt.State.MARKED:
        return locked
    if locked.state != Attempt.State.IN_PROGRESS:
        raise AttemptClosedError("This attempt has ended. Start the quiz again.")
    items = list(_to_be_marked(locked))
    result = mark_paper(
        {item.slot: item.response for item in items},
        {item.slot: parts_of(item.question_version) for item in items},
        needed=locked.marks_needed,
        given=[item.slot for item in items if item.withdrawn_at],
    )
    AttemptItem.objects.filter(attempt=locked.pk).update(marks=_by_slot(result.by_slot))
    locked.state, locked.marks, locked.passed, locked.marked_at = Attempt.State.MARKED, result.marks, result.passed, at
    locked.submitted_at = min(at, locked.deadline_at) if locked.deadline_at else at
    locked.save(update_fields=["state", "marks", "passed", "marked_at", "submitted_at"])
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


def may_start_from(person: Person, blueprint_version: BlueprintVersion) -> datetime | None:
    """When a person who failed last time may try again by these rules; None where nothing keeps them."""
    if not blueprint_version.retake_minutes:
        return None
    marked = Attempt.objects.filter(person=person, blueprint=blueprint_version.blueprint_id, state=Attempt.State.MARKED)
    last = marked.order_by("-ordinal").first()
    if last is None or last.submitted_at is None or standing_of(last).passed:
        return None
    return may_try_from(last.submitted_at, minutes=blueprint_version.retake_minutes)


def fails_in_a_row(person: Person, blueprint: Blueprint) -> int:
    """How often a person has failed a quiz since they last passed it, withdrawals counted."""
    passed_since = Exists(Remark.objects.filter(attempt=OuterRef("pk"), passed=True))
    marked = Attempt.objects.filter(person=person, blueprint=blueprint, state=Attempt.State.MARKED).order_by("-ordinal")
    results = marked.annotate(passed_since=passed_since).values_list("passed", "passed_since")
    return sum(1 for _ in takewhile(lambda result: not any(result), results))


def _to_be_marked(attempt: Attempt) -> Iterable[Any]:
    """The questions of a paper with what marking reads of each, ``withdrawn_at`` among it. Handing in has to be cheap."""
    asked = (f"question_version__{name}" for name in ("kind", "stem", "options", "targets", "parts"))
    items = AttemptItem.objects.filter(attempt=attempt.pk).select_related("question_version").only("slot", "response", *asked)
    return items.order_by().annotate(withdrawn_at=F("question_version__question__withdrawn_at"))


def _by_slot(marks: Mapping[int, int]) -> Case:
    """The marks of each question of a paper as one expression: a branch for each number of marks, not for each question."""
    slots: dict[int, list[int]] = defaultdict(list)
    for slot, given in marks.items():
        slots[given].append(slot)
    return Case(*(When(slot__in=there, then=Value(given)) for given, there in slots.items()))


def _open(attempt: Attempt, *, at: datetime) -> Attempt:
    """The attempt, locked, as long as it takes answers."""
    locked = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if locked.state != Attempt.State.IN_PROGRESS:
        raise AttemptClosedError("You have already handed in your answers to this quiz.")
    if is_over(at, locked.deadline_at):
        raise AttemptClosedError("The time for this quiz is up. What you saved before counts.")
    return locked


def _deadline(person: Person, blueprint_version: BlueprintVersion, *, at: datetime) -> datetime | None:
    if blueprint_version.minutes is None:
        return None
    return deadline(at, minutes=blueprint_version.minutes, extra_percent=extra_percent_of(person))


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
