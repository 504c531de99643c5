"""Bringing a question bank from its file into the database. Safe to repeat; what an editor wrote stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction

from audit.services import record
from quizzes.bank_file import Bank, BankQuestion, read_bank
from quizzes.grading import marks_needed
from quizzes.models import Blueprint, BlueprintVersion, Pool, Question, QuestionVersion


def load_bank(path: Path | str, *, at: datetime) -> BlueprintVersion:
    """Load a bank and return the newest version of its quiz.

    A question gets a new version only when its words or its key changed, and the quiz only when its draws
    or pass mark did. A question whose newest version an editor wrote is left alone, and so is a quiz. A
    question that has gone from the file is withdrawn; a withdrawn one never comes back under its code.

    Raises:
        BankRefusedError: the file has faults; nothing changed.
    """
    bank = read_bank(Path(path))
    with transaction.atomic():
        new_versions = _load_questions(bank, at=at)
        withdrawn = _withdraw_missing(bank, at=at)
        version, is_new = _load_blueprint(bank, at=at)
        if new_versions or withdrawn or is_new:
            summary = {"pool": bank.pool, "new_versions": new_versions, "withdrawn": withdrawn, "quiz_version": version.number}
            record("quizzes.bank_loaded", organisation="", by="system", target=version, summary=summary, at=at)
    return version


def _load_questions(bank: Bank, *, at: datetime) -> int:
    """Create what is new and add versions to what changed. Returns how many versions were written."""
    Pool.objects.get_or_create(code=bank.pool, defaults={"title": _title_of(bank)})
    there = {question.code: question for question in Question.objects.filter(pool__code=bank.pool)}
    Question.objects.bulk_create(
        Question(
            pool_id=bank.pool,
            code=q.code,
            section=q.section,
            topic=q.topic,
            standard=q.standard,
            source=q.source,
            in_use_since=at,
        )
        for q in bank.questions
        if q.code not in there
    )
    newest = _newest_of(bank.pool)
    ours = [q for q in bank.questions if q.code not in newest or newest[q.code].from_file]
    _update_labels(ours, there)
    ids = dict(Question.objects.filter(pool__code=bank.pool).values_list("code", "pk"))
    changed = [q for q in ours if q.code not in newest or newest[q.code].content_hash != q.content_hash]
    QuestionVersion.objects.bulk_create(
        QuestionVersion(
            question_id=ids[q.code],
            number=newest[q.code].number + 1 if q.code in newest else 1,
            kind=q.kind,
            stem=q.stem,
            options=q.options,
            targets=q.targets,
            parts=q.parts,
            marks=q.marks,
            content_hash=q.content_hash,
            from_file=True,
            created_at=at,
        )
        for q in changed
    )
    return len(changed)


def _newest_of(pool: str) -> dict[str, QuestionVersion]:
    versions = QuestionVersion.objects.newest().filter(question__pool__code=pool).select_related("question")
    return {version.question.code: version for version in versions.only("number", "content_hash", "from_file", "question__code")}


def _update_labels(ours: list[BankQuestion], there: dict[str, Question]) -> None:
    """Put right what a question is filed under, where the file says something else now."""
    stale = []
    for q in ours:
        question = there.get(q.code)
        labels = (q.section, q.topic, q.standard, q.source)
        if question and (question.section, question.topic, question.standard, question.source) != labels:
            question.section, question.topic, question.standard, question.source = labels
            stale.append(question)
    Question.objects.bulk_update(stale, ["section", "topic", "standard", "source"])


def _withdraw_missing(bank: Bank, *, at: datetime) -> int:
    """Withdraw the pool's questions that the file has dropped, unless an editor has written to them."""
    dropped = Question.objects.drawable().filter(pool__code=bank.pool).exclude(code__in=[q.code for q in bank.questions])
    written = QuestionVersion.objects.filter(from_file=False).values("question")
    return dropped.exclude(pk__in=written).update(withdrawn_at=at)


def _load_blueprint(bank: Bank, *, at: datetime) -> tuple[BlueprintVersion, bool]:
    """The newest version of the bank's quiz, and whether it was written just now."""
    blueprint, _created = Blueprint.objects.get_or_create(code=bank.pool, defaults={"title": f"{_title_of(bank)} quiz"})
    newest = blueprint.versions.order_by("-number").first()
    questions = sum(draw["count"] for draw in bank.draws)
    version = BlueprintVersion(
        blueprint=blueprint,
        number=newest.number + 1 if newest else 1,
        draws=bank.draws,
        questions=questions,
        pass_mark_percent=bank.pass_mark_percent,
        marks_needed=marks_needed(questions, bank.pass_mark_percent),
        from_file=True,
        created_at=at,
        **bank.conditions,
    )
    if newest and (not newest.from_file or newest.rules == version.rules):
        return newest, False
    version.save()
    return version, True


def _title_of(bank: Bank) -> str:
    return bank.pool.replace("-", " ").capitalize()
