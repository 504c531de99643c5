"""Making drafts of questions that came in a file of another system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from quizzes.bank_file import BankQuestion, question_of
from quizzes.editing import BankChangeRefusedError, next_code
from quizzes.exchange.gift import read_gift
from quizzes.exchange.moodle_xml import read_moodle_xml
from quizzes.exchange.reading import MOST_BYTES, ExchangeRefusedError, Reading, draft_faults
from quizzes.models import Pool, Question, QuestionVersion
from quizzes.parts import parts_of


def read_exchange(file_name: str, content: bytes) -> Reading:
    """What a file of Moodle XML or GIFT says; what it begins with decides, not its name.

    Raises:
        ExchangeRefusedError: it is neither, or too large.
    """
    if len(content) > MOST_BYTES:
        raise ExchangeRefusedError(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Export fewer questions at a time.")
    if not content.strip():
        raise ExchangeRefusedError("The file is empty. Export the questions again.")
    looks_like_xml = content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").startswith(b"<")
    if looks_like_xml or PurePath(file_name).suffix.lower() == ".xml":
        return read_moodle_xml(content)
    return read_gift(content)


def not_in_bank(pool: Pool, raws: Iterable[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    """The questions that the bank does not have yet, each once, and how many it has: same kind, words and options."""
    versions = QuestionVersion.objects.newest().filter(question__pool=pool, question__withdrawn_at=None)
    there = {_words_of(version) for version in versions.only("kind", "stem", "options", "targets", "parts")}
    new, known = [], 0
    for raw, written in _built(raws):
        if (words := _words_of(written)) in there:
            known += 1
        else:
            there.add(words)
            new.append(raw)
    return new, known


@transaction.atomic
def import_drafts(pool: Pool, raws: Iterable[Mapping[str, Any]], *, by: Any, at: datetime) -> list[Question]:
    """Make a draft of every question that the bank does not have yet: a second call makes none.

    ``raws`` are as ``bank_file`` has them, without a code; explanations may be empty.

    Raises:
        BankChangeRefusedError: one of them is no question.
    """
    locked = Pool.objects.select_for_update().get(pk=pool.pk)
    raws = list(raws)
    if any(draft_faults(raw) for raw in raws):
        raise BankChangeRefusedError("These questions cannot be made. Upload the file again.")
    new, _known = not_in_bank(locked, raws)
    if not new:
        return []
    initials, _dash, first = next_code(locked).rpartition("-")
    written = [question_of({**raw, "code": f"{initials}-{number}"}) for number, raw in enumerate(new, start=int(first))]
    questions = Question.objects.bulk_create(
        Question(pool=locked, code=q.code, section=q.section, topic=q.topic, standard=q.standard, source=q.source)
        for q in written
    )
    author = by if isinstance(by, User) else None
    QuestionVersion.objects.bulk_create(
        QuestionVersion(
            question=question,
            number=1,
            **q.content,
            marks=q.marks,
            content_hash=q.content_hash,
            created_at=at,
            created_by=author,
        )
        for question, q in zip(questions, written, strict=True)
    )
    record(
        "quizzes.questions_imported",
        organisation=locked.organisation or "",
        by=by,
        target=locked,
        summary={"pool": locked.code, "questions": len(questions), "first": written[0].code, "last": written[-1].code},
        at=at,
    )
    return questions


def _built(raws: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], BankQuestion]]:
    return ((raw, question_of({**raw, "code": "NEW"})) for raw in raws)


def _words_of(written: Any) -> tuple[Any, ...]:
    parts = tuple((part.stem, tuple(sorted(option.text for option in part.options))) for part in parts_of(written))
    return (str(written.kind), written.stem, parts)
