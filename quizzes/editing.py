"""What an editor does to the question bank: a new version at every change, and withdrawal with a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Organisation, User
from audit.services import record
from jobs.services import enqueue
from quizzes.bank_faults import question_faults
from quizzes.bank_file import BankQuestion, question_of
from quizzes.drawing import Draw, short_draws
from quizzes.grading import marks_needed
from quizzes.models import Blueprint, BlueprintVersion, Pool, Question, QuestionVersion, QuestionWithdrawal
from quizzes.parts import unexplained
from quizzes.remarking import REMARK
from quizzes.services import candidates_of


class QuestionRefusedError(ValueError):
    """What was written is no question that can be asked; ``faults`` says all that is wrong, fit for a person to read."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(faults))


class BankChangeRefusedError(ValueError):
    """The bank cannot be changed as asked; the text says why, fit for a person to read."""


@transaction.atomic
def create_pool(title: str, *, code: str, organisation: Organisation | None, by: Any, at: datetime) -> Pool:
    """Open a bank of questions, an organisation's own or one shared by all.

    Raises:
        BankChangeRefusedError: the code is taken.
    """
    if Pool.objects.filter(code=code).exists() or Blueprint.objects.filter(code=code).exists():
        raise BankChangeRefusedError("There is a question bank of that name. Choose another short name.")
    pool = Pool.objects.create(title=title.strip(), code=code, organisation=organisation)
    record("quizzes.pool_created", organisation=organisation or "", by=by, target=pool, summary={"pool": code}, at=at)
    return pool


@transaction.atomic
def save_question(
    pool: Pool, raw: Mapping[str, Any], *, question: Question | None = None, by: Any, at: datetime
) -> QuestionVersion:
    """Save a question as it was written (``bank_file``); a new one is a draft. Saving the same words again adds no version.

    Raises:
        QuestionRefusedError: something is missing or contradictory.
        BankChangeRefusedError: the question was withdrawn.
    """
    code = question.code if question else raw.get("code") or next_code(pool)
    raw = {**raw, "code": code}
    if faults := [_without_code(fault, code) for fault in question_faults("the question", raw)]:
        raise QuestionRefusedError(faults)
    written = question_of(raw)
    if question is None:
        question = Question(pool=pool, code=code)
    elif Question.objects.select_for_update().get(pk=question.pk).withdrawn_at is not None:
        raise BankChangeRefusedError("This question was withdrawn, so it cannot be changed. Write a new one.")
    question.section, question.topic, question.standard, question.source = (
        written.section,
        written.topic,
        written.standard,
        written.source,
    )
    question.save()
    return _add_version(question, written, by=by, at=at)


def _add_version(question: Question, written: BankQuestion, *, by: Any, at: datetime) -> QuestionVersion:
    newest = question.versions.order_by("-number").first()
    if newest is not None and newest.content_hash == written.content_hash:
        return newest
    version = QuestionVersion.objects.create(
        question=question,
        number=newest.number + 1 if newest else 1,
        **written.content | {"marks": written.marks, "content_hash": written.content_hash},
        created_at=at,
        created_by=by if isinstance(by, User) else None,
    )
    _tell("quizzes.question_saved", question, {"version": version.number, "content": version.content_hash}, by=by, at=at)
    return version


@transaction.atomic
def put_in_use(question: Question, *, by: Any, at: datetime) -> Question:
    """Let a draft be drawn from now on. A second call changes nothing.

    Raises:
        BankChangeRefusedError: the question was withdrawn, or something of it is not explained yet.
    """
    locked = Question.objects.select_for_update().get(pk=question.pk)
    if locked.withdrawn_at is not None:
        raise BankChangeRefusedError("This question was withdrawn. It cannot be put in use again: write a new one.")
    if locked.in_use_since is None:
        newest = locked.versions.order_by("-number").first()
        if newest is not None and (bare := unexplained(newest)):
            raise BankChangeRefusedError(
                f"Question {locked.code} has no explanation for “{bare[0]}” yet. Choose Change and say why each answer is right or wrong."
            )
        locked.in_use_since = at
        locked.save(update_fields=["in_use_since"])
        _tell("quizzes.question_put_in_use", locked, {}, by=by, at=at)
    return locked


@transaction.atomic
def withdraw_question(question: Question, *, reason: str, by: User | None, at: datetime) -> QuestionWithdrawal:
    """Take a question out for good. Everybody who has or had it on a paper gets its marks; the marking runs as a job.

    The first withdrawal stands; a second call returns it.

    Raises:
        BankChangeRefusedError: no reason is given.
    """
    if not reason.strip():
        raise BankChangeRefusedError("Say what is wrong with the question.")
    locked = Question.objects.select_for_update(of=("self",)).select_related("pool__organisation").get(pk=question.pk)
    there = QuestionWithdrawal.objects.filter(question=locked).first()
    if there is not None:
        return there
    locked.withdrawn_at = at
    locked.save(update_fields=["withdrawn_at"])
    withdrawal = QuestionWithdrawal.objects.create(question=locked, reason=reason.strip(), withdrawn_by=by, withdrawn_at=at)
    enqueue(
        REMARK,
        title=f"Give everybody the marks of question {locked.code}",
        organisation=locked.pool.organisation,
        by=by,
        arguments={"withdrawal_id": withdrawal.pk},
        at=at,
    )
    _tell("quizzes.question_withdrawn", locked, {}, by=by or "system", at=at)
    return withdrawal


@transaction.atomic
def save_rules(
    pool: Pool,
    *,
    title: str,
    draws: Sequence[Mapping[str, Any]],
    pass_mark_percent: int,
    conditions: Mapping[str, Any] | None = None,
    by: Any,
    at: datetime,
) -> BlueprintVersion:
    """Save how the quiz of a pool is drawn, as a new version if anything changed. The quiz has the pool's code.

    ``draws`` is ``[{section, count}]``, with ``topic`` where one is drawn alone; ``conditions`` are the version's
    ``minutes``, ``retake_minutes``, ``feedback`` and ``all_on_one_page``, as far as they differ from the usual.

    Raises:
        BankChangeRefusedError: nothing is drawn, a draw stands twice, or the bank is too small for them.
    """
    rules = [{"pool": pool.code, **draw} for draw in draws]
    if not rules:
        raise BankChangeRefusedError("Say how many questions to draw, from at least one module.")
    if short := short_draws([Draw(**rule) for rule in rules], candidates_of([pool.code])):
        raise BankChangeRefusedError(" ".join(short))
    questions = sum(int(rule["count"]) for rule in rules)
    needed = marks_needed(questions, pass_mark_percent)
    blueprint, _created = Blueprint.objects.select_for_update().get_or_create(
        code=pool.code, defaults={"title": title, "organisation": pool.organisation}
    )
    if blueprint.title != title:
        blueprint.title = title
        blueprint.save(update_fields=["title"])
    newest = blueprint.versions.order_by("-number").first()
    version = BlueprintVersion(
        blueprint=blueprint,
        number=newest.number + 1 if newest else 1,
        draws=rules,
        questions=questions,
        pass_mark_percent=pass_mark_percent,
        marks_needed=needed,
        created_at=at,
        **conditions or {},
    )
    if newest and newest.rules == version.rules:
        return newest
    version.save()
    summary = {"quiz": blueprint.code, "version": version.number, "questions": questions, "marks_needed": needed}
    record("quizzes.rules_saved", organisation=pool.organisation or "", by=by, target=version, summary=summary, at=at)
    return version


def next_code(pool: Pool) -> str:
    """A code that no question of the pool has: the initials of the pool's name and the next number."""
    initials = "".join(word[0] for word in slugify(pool.code).split("-") if word).upper()[:8] or "Q"
    pattern = re.compile(rf"{initials}-(\d+)")
    codes = pool.questions.filter(code__startswith=f"{initials}-").values_list("code", flat=True)
    numbers = [int(found[1]) for code in codes if (found := pattern.fullmatch(code))]
    return f"{initials}-{max(numbers, default=100) + 1}"


def _without_code(fault: str, code: str) -> str:
    """A fault as a form tells it: the editor sees which question it is."""
    told = fault.removeprefix(f"question {code}").removeprefix("the question").lstrip(":, ")
    return told[:1].upper() + told[1:]


def _tell(event: str, question: Question, summary: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    record(
        event,
        organisation=question.pool.organisation or "",
        by=by,
        target=question,
        summary={"question": question.code, "pool": question.pool.code, **summary},
        at=at,
    )
