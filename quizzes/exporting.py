"""Questions of the bank as a file for other systems, or for another Tenfold."""

from __future__ import annotations

from collections import Counter

from django.db.models import QuerySet

from quizzes.exchange.gift import write_gift
from quizzes.exchange.moodle_xml import write_moodle_xml
from quizzes.exchange.reading import ExchangeRefusedError
from quizzes.exchange.writing import for_others, write_yaml
from quizzes.models import BlueprintVersion, Question, QuestionVersion
from quizzes.parts import unexplained
from quizzes.written import written


def export_questions(questions: QuerySet[Question], *, exchange_format: str) -> tuple[str, bytes]:
    """The file's name and its bytes. Withdrawn questions stay out.

    Raises:
        ExchangeRefusedError: there is nothing to export; or the product's own format, and more than one bank.
    """
    versions = list(
        QuestionVersion.objects.newest()
        .filter(question__in=questions.filter(withdrawn_at=None))
        .select_related("question")
        .order_by("question__pool", "question__section", "question__code")
    )
    if exchange_format == "yaml":
        versions = [version for version in versions if not unexplained(version)]
    if not versions:
        raise ExchangeRefusedError("There is no question to put into the file. Search for others.")
    pools = sorted({version.question.pool_id for version in versions})
    name = pools[0] if len(pools) == 1 else "questions"
    raws = [written(version.question, version) for version in versions]
    if exchange_format == "moodle-xml":
        return f"{name}.xml", write_moodle_xml(name, for_others(raws))
    if exchange_format == "gift":
        return f"{name}.gift.txt", write_gift(name, for_others(raws))
    if len(pools) > 1:
        raise ExchangeRefusedError("A file in our own format is one question bank. Choose a bank, search, and take that away.")
    rules = BlueprintVersion.objects.filter(blueprint__code=name).order_by("-number").first()
    drawn: Counter[int] = Counter()
    for draw in rules.draws if rules else []:
        if draw["pool"] == name:
            drawn[draw["section"]] += draw["count"]
    return f"{name}.yaml", write_yaml(name, raws, drawn=drawn, pass_mark_percent=rules.pass_mark_percent if rules else None)
