"""Writing the bank: versions, states, rules, and what follows when a question is withdrawn."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from jobs import services as jobs
from jobs.models import Job
from quizzes import editing
from quizzes.bank_faults import question_faults
from quizzes.models import Pool, Question, QuestionVersion, QuestionWithdrawal, Remark
from quizzes.remarking import attempts_concerned, remark, standing_of
from quizzes.services import save_answer, start_attempt, submit_attempt
from quizzes.written import written
from tests.factories import NOW, OrganisationFactory, PersonFactory, UserFactory, quiz
from tests.quizzes import samples

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


@pytest.fixture
def pool() -> Pool:
    return Pool.objects.create(code="own-ways", title="Own ways", organisation=OrganisationFactory())


def save(pool: Pool, raw: dict = samples.QUESTIONS[0], **values) -> QuestionVersion:
    without_code = {key: value for key, value in raw.items() if key != "code"}
    return editing.save_question(pool, without_code, by=values.pop("by", "system"), at=NOW, **values)


def test_a_new_question_is_a_draft_with_a_code_of_its_bank(pool):
    first, second = save(pool), save(pool, samples.QUESTIONS[3])

    assert [v.question.code for v in (first, second)] == ["OW-101", "OW-102"]
    assert first.question.state == Question.State.DRAFT
    assert not Question.objects.drawable().exists()


def test_a_save_is_a_new_version_only_if_the_words_or_the_key_changed(pool):
    author = UserFactory()
    first = save(pool, by=author)
    moved = samples.QUESTIONS[0] | {"topic": "other"}
    changed = moved | {"stem": "Which one, now?"}

    assert save(pool, moved, question=first.question).number == 1
    assert save(pool, changed, question=first.question).number == 2
    assert Question.objects.get().topic == "other"
    assert first.created_by == author
    assert Event.objects.filter(type="quizzes.question_saved").count() == 2


@pytest.mark.parametrize("raw", samples.QUESTIONS, ids=lambda q: q["kind"])
def test_what_was_saved_comes_back_in_the_same_words(pool, raw):
    version = save(pool, raw)

    back = written(version.question, version)

    assert list(question_faults("it", back)) == []
    assert {key: back[key] for key in ("kind", "stem")} == {key: raw[key] for key in ("kind", "stem")}
    assert save(pool, back, question=version.question).number == 1


def test_faults_are_told_without_the_code(pool):
    raw = copy.deepcopy(samples.QUESTIONS[5])
    raw["parts"][1]["options"][0]["explanation"] = " "

    with pytest.raises(editing.QuestionRefusedError) as refused:
        save(pool, raw)

    assert refused.value.faults[0].startswith("Part 2, option 1: explanation: write it in words")
    assert not Question.objects.exists()


def test_putting_in_use_happens_once_and_never_after_withdrawal(pool):
    question = save(pool).question
    assert editing.put_in_use(question, by="system", at=NOW).in_use_since == NOW
    assert editing.put_in_use(question, by="system", at=LATER).in_use_since == NOW
    assert Event.objects.filter(type="quizzes.question_put_in_use").count() == 1
    editing.withdraw_question(question, reason="Wrong", by=None, at=NOW)

    with pytest.raises(editing.BankChangeRefusedError, match="write a new one"):
        editing.put_in_use(question, by="system", at=LATER)
    with pytest.raises(editing.BankChangeRefusedError, match="withdrawn"):
        save(pool, question=question)


def test_rules_need_enough_questions_and_say_how_many_there_are(pool):
    for raw in (samples.QUESTIONS[0], samples.QUESTIONS[1] | {"topic": "sharing"}, samples.QUESTIONS[2]):
        editing.put_in_use(save(pool, raw).question, by="system", at=NOW)
    rules = {"title": "Own quiz", "pass_mark_percent": 80, "by": "system", "at": NOW}
    topic = {"section": 1, "count": 1, "topic": "sharing"}

    version = editing.save_rules(pool, draws=[{"section": 1, "count": 2}, topic], **rules)
    again = editing.save_rules(pool, draws=[{"section": 1, "count": 2}, topic], **rules)

    assert (version.questions, version.marks_needed, again) == (3, 3, version)
    assert version.blueprint.organisation == pool.organisation
    drawn = [i.question_version.question.topic for i in start_attempt(PersonFactory(), version, at=NOW).items.all()]
    assert drawn == ["incidents", "incidents", "sharing"]
    for draws, reason in (
        ([], "at least one module"),
        ([{"section": 1, "count": 3}, topic], "Module 1 has 3 questions in use and the quiz needs 4"),
        ([{"section": 2, "count": 1}], "Module 2 has 0 questions"),
        ([topic, topic], "named twice"),
    ):
        with pytest.raises(editing.BankChangeRefusedError, match=reason):
            editing.save_rules(pool, draws=draws, **rules)


def test_a_bank_cannot_take_the_name_of_another(pool):
    with pytest.raises(editing.BankChangeRefusedError):
        editing.create_pool("Again", code="own-ways", organisation=None, by="system", at=NOW)


# --- Withdrawal ----------------------------------------------------------------------------------


def sit(rules, *, right_ones: int, hand_in: bool = True):
    attempt = start_attempt(PersonFactory(), rules, seed=1, at=NOW)
    for item in attempt.items.select_related("question_version"):
        options = item.question_version.options
        chosen = [o["id"] for o in options if o["correct"] is (item.slot <= right_ones)][:1]
        save_answer(attempt, item.slot, chosen, at=NOW)
    return submit_attempt(attempt, at=NOW) if hand_in else attempt


def withdraw(attempt, slot: int) -> dict:
    question = attempt.items.get(slot=slot).question_version.question
    editing.withdraw_question(question, reason="The law changed", by=None, at=LATER)
    return jobs.run(Job.objects.filter(kind="quizzes.remark").latest("pk").pk).result


def test_everybody_gets_the_marks_of_a_withdrawn_question_and_nobody_loses_any():
    rules = quiz()  # all attempts have the same seed, so the same paper of 4, of which 4 are needed
    failed, passed, far_off = (sit(rules, right_ones=n) for n in (3, 4, 0))
    still_open = sit(rules, right_ones=3, hand_in=False)

    assert withdraw(failed, 4) == {"attempts": 2, "gained_a_pass": 1}

    standings = [standing_of(attempt) for attempt in (failed, passed, far_off)]
    assert [(s.marks, s.passed) for s in standings] == [(4, True), (4, True), (1, False)]
    failed.refresh_from_db()
    assert (failed.marks, failed.passed) == (3, False)  # what was marked stays as it was
    assert submit_attempt(still_open, at=LATER).passed


def test_a_second_withdrawal_adds_up_and_a_second_run_changes_nothing():
    attempt = sit(quiz(), right_ones=2)
    withdraw(attempt, 3)
    assert standing_of(attempt).marks == 3

    withdraw(attempt, 4)

    assert (standing_of(attempt).marks, standing_of(attempt).passed) == (4, True)
    first, second = Remark.objects.order_by("pk")
    assert attempts_concerned(first.withdrawal) == []
    assert remark(attempt.pk, first.withdrawal, by="system", at=LATER) == first
    assert Remark.objects.count() == 2
    assert second.passed


def test_withdrawing_needs_a_reason_and_happens_once():
    question = sit(quiz(), right_ones=4).items.first().question_version.question
    with pytest.raises(editing.BankChangeRefusedError, match="what is wrong"):
        editing.withdraw_question(question, reason=" ", by=None, at=NOW)
    first = editing.withdraw_question(question, reason="Wrong", by=None, at=NOW)

    again = editing.withdraw_question(question, reason="Other", by=None, at=LATER)

    assert (again, again.reason, Job.objects.count()) == (first, "Wrong", 1)


def test_withdrawals_and_remarks_are_never_changed():
    attempt = sit(quiz(), right_ones=3)
    withdraw(attempt, 4)

    for change in (
        lambda: Remark.objects.update(marks=0),
        lambda: Remark.objects.all().delete(),
        lambda: QuestionWithdrawal.objects.update(reason="Softer"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
