"""Attempts: one open at a time, answers saved as often as one likes, handed in once."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from quizzes.answers import AnswerRefusedError
from quizzes.models import Attempt, AttemptItem, Question, QuestionVersion
from quizzes.papers import marked_paper, shown_paper
from quizzes.services import (
    AttemptClosedError,
    QuizUnavailableError,
    save_answer,
    start_attempt,
    submit_attempt,
)
from tests.factories import NOW, PersonFactory, UserFactory, quiz

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def right(item: AttemptItem) -> list[str]:
    return [option["id"] for option in item.question_version.options if option["correct"]]


def wrong(item: AttemptItem) -> list[str]:
    return [option["id"] for option in item.question_version.options if not option["correct"]][:1]


def answer(attempt: Attempt, *, right_ones: int) -> None:
    for item in attempt.items.select_related("question_version"):
        save_answer(attempt, item.slot, right(item) if item.slot <= right_ones else wrong(item), at=NOW)


def test_starting_again_gives_the_open_attempt_back():
    person, rules = PersonFactory(), quiz()

    first = start_attempt(person, rules, at=NOW)
    again = start_attempt(person, rules, at=LATER)

    assert again == first
    assert first.items.count() == rules.questions
    assert Event.objects.filter(type="quizzes.attempt_started").count() == 1


def test_an_attempt_drawn_by_older_rules_goes_on_under_them():
    person, rules = PersonFactory(), quiz()
    attempt = start_attempt(person, rules, at=NOW)
    newer = rules.blueprint.versions.create(
        number=2, draws=rules.draws[:1], questions=2, pass_mark_percent=50, marks_needed=1, created_at=NOW
    )

    assert start_attempt(person, newer, at=NOW) == attempt
    submit_attempt(attempt, at=NOW)
    assert start_attempt(person, newer, at=NOW).blueprint_version == newer


def test_the_same_seed_gives_the_same_paper():
    rules = quiz()
    one, two = (start_attempt(PersonFactory(), rules, seed=42, at=NOW) for _ in range(2))

    def paper(attempt):
        return list(attempt.items.values_list("slot", "question_version", "option_order"))

    assert paper(one) == paper(two)
    assert paper(one) != paper(start_attempt(PersonFactory(), rules, seed=43, at=NOW))


def test_after_a_fail_a_new_draw_shows_unseen_questions_first():
    person, rules = PersonFactory(), quiz(sections=1, bank=5, count=2)
    drawn = []
    for day in range(3):
        attempt = start_attempt(person, rules, at=NOW + timedelta(days=day))
        drawn.append(set(attempt.items.values_list("question_version__question", flat=True)))
        assert submit_attempt(attempt, at=NOW + timedelta(days=day)).ordinal == day + 1

    assert not drawn[0] & drawn[1]
    assert len(drawn[2] - drawn[0] - drawn[1]) == 1  # the fifth; the other one is of the first attempt, the longest ago
    assert len(drawn[2] & drawn[0]) == 1


def test_true_and_false_keep_their_order():
    attempt = start_attempt(PersonFactory(), quiz(kind="true_false", bank=8, count=8), at=NOW)

    assert all(item.option_order == [o["id"] for o in item.question_version.options] for item in attempt.items.all())


def test_a_withdrawn_question_is_not_drawn_and_a_bank_too_small_is_said_plainly():
    rules = quiz(sections=1, bank=2, count=2)
    Question.objects.filter(pk=Question.objects.first().pk).update(withdrawn_at=NOW)

    with pytest.raises(QuizUnavailableError, match="cannot be taken now"):
        start_attempt(PersonFactory(), rules, at=NOW)
    assert not Attempt.objects.exists()


def test_the_newest_version_of_a_question_is_drawn():
    rules = quiz(sections=1, bank=1, count=1)
    old = QuestionVersion.objects.get()
    new = QuestionVersion.objects.create(
        question=old.question, number=2, kind="single", stem="New", options=old.options, content_hash="1" * 64, created_at=NOW
    )

    assert start_attempt(PersonFactory(), rules, at=NOW).items.get().question_version == new


def test_saving_the_same_answer_again_changes_nothing():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    item = attempt.items.first()
    first = save_answer(attempt, item.slot, right(item), at=NOW)

    again = save_answer(attempt, item.slot, right(item), at=LATER)

    assert (again.response, again.answered_at) == (first.response, NOW)
    assert save_answer(attempt, item.slot, wrong(item), at=LATER).answered_at == LATER


def test_several_answers_are_kept_once_each_in_the_order_shown():
    attempt = start_attempt(PersonFactory(), quiz(kind="multiple"), at=NOW)
    item = attempt.items.first()
    backwards = item.option_order[::-1]

    assert save_answer(attempt, item.slot, backwards + backwards, at=NOW).response == item.option_order


@pytest.mark.parametrize("kind", ["single", "true_false"])
def test_only_one_answer_may_be_chosen_where_only_one_is_right(kind):
    attempt = start_attempt(PersonFactory(), quiz(kind=kind), at=NOW)

    with pytest.raises(AnswerRefusedError, match="Choose one answer only"):
        save_answer(attempt, 1, attempt.items.first().option_order[:2], at=NOW)


def test_options_of_another_question_and_empty_answers_are_refused():
    attempt = start_attempt(PersonFactory(), quiz(kind="multiple"), at=NOW)
    one, two = attempt.items.all()[:2]

    for response in (two.option_order, [*right(one), two.option_order[0]], ["", "x"], []):
        with pytest.raises(AnswerRefusedError):
            save_answer(attempt, one.slot, response, at=NOW)
    assert not attempt.items.filter(response__isnull=False).exists()


def test_a_question_that_the_paper_does_not_have_is_refused():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)

    with pytest.raises(AttemptItem.DoesNotExist):
        save_answer(attempt, 99, ["x"], at=NOW)


@pytest.mark.parametrize(("right_ones", "passed"), [(4, True), (3, False), (0, False)])
def test_handing_in_marks_and_decides(right_ones, passed):
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    answer(attempt, right_ones=right_ones)

    marked = submit_attempt(attempt, at=LATER)

    assert (marked.state, marked.marks, marked.passed, marked.submitted_at) == ("marked", right_ones, passed, LATER)
    assert list(marked.items.values_list("marks", flat=True)) == [1] * right_ones + [0] * (4 - right_ones)


def test_handing_in_again_gives_the_same_result():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    answer(attempt, right_ones=4)
    first = submit_attempt(attempt, at=NOW)

    again = submit_attempt(attempt, at=LATER)

    assert (again.marks, again.submitted_at) == (first.marks, NOW)
    assert Event.objects.filter(type="quizzes.attempt_marked").count() == 1


def test_no_answer_is_wrong_and_no_answer_at_all_is_no_marks():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    item = attempt.items.first()
    save_answer(attempt, item.slot, right(item), at=NOW)

    assert submit_attempt(attempt, at=NOW).marks == 1


def test_nothing_is_saved_after_handing_in():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    submit_attempt(attempt, at=NOW)
    item = attempt.items.first()

    with pytest.raises(AttemptClosedError):
        save_answer(attempt, item.slot, right(item), at=NOW)
    assert attempt.items.first().response is None


@pytest.mark.parametrize("state", ["abandoned", "voided"])
def test_an_attempt_that_ended_otherwise_takes_nothing(state):
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    Attempt.objects.update(state=state)

    with pytest.raises(AttemptClosedError):
        submit_attempt(attempt, at=NOW)
    with pytest.raises(AttemptClosedError):
        save_answer(attempt, 1, right(attempt.items.first()), at=NOW)


def test_a_question_withdrawn_meanwhile_costs_nobody_a_mark():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)
    answer(attempt, right_ones=3)
    Question.objects.filter(pk=attempt.items.last().question_version.question_id).update(withdrawn_at=LATER)

    marked = submit_attempt(attempt, at=LATER)

    assert (marked.marks, marked.passed) == (4, True)
    assert [q.is_given for q in marked_paper(marked)] == [False, False, False, True]


def test_the_log_tells_that_and_who_and_never_what_was_answered():
    person = PersonFactory(user=UserFactory())
    attempt = start_attempt(person, quiz(), at=NOW)
    answer(attempt, right_ones=1)
    submit_attempt(attempt, at=NOW)

    started, marked = Event.objects.of_organisation(person.organisation.ods_code).order_by("sequence")
    code = attempt.blueprint.code
    assert (started.type, started.summary) == ("quizzes.attempt_started", {"quiz": code, "ordinal": 1})
    assert (marked.type, marked.summary) == ("quizzes.attempt_marked", {"quiz": code, "ordinal": 1, "outcome": "not passed"})
    assert {started.actor, marked.actor} == {f"user:{person.user_id}"}


def test_a_paper_before_handing_in_holds_no_key():
    attempt = start_attempt(PersonFactory(), quiz(), at=NOW)

    told = repr(shown_paper(attempt))
    assert "Because" not in told
    assert "correct" not in told
    with pytest.raises(ValueError, match="only once it is marked"):
        marked_paper(attempt)


@pytest.mark.parametrize("bank", [5, 40])
def test_the_cost_does_not_depend_on_the_bank(bank):
    person, rules = PersonFactory(), quiz(bank=bank)

    with CaptureQueriesContext(connection) as starting:
        attempt = start_attempt(person, rules, at=NOW)
    item = attempt.items.select_related("question_version").first()
    with CaptureQueriesContext(connection) as saving:
        save_answer(attempt, item.slot, right(item), at=NOW)
    with CaptureQueriesContext(connection) as handing_in:
        submit_attempt(attempt, at=NOW)

    assert [len(worked(queries)) for queries in (starting, saving, handing_in)] == [14, 3, 8]


def worked(queries: CaptureQueriesContext) -> list[str]:
    """The statements that read or write, without the marks of transactions."""
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [query["sql"] for query in queries.captured_queries if not query["sql"].startswith(marks)]


# --- Anything in any order ---------------------------------------------------------------------


class Learner:
    """What one person's attempts should be, beside the real rows."""

    def __init__(self, rules):
        self.person, self.rules = PersonFactory(), rules
        self.attempt: Attempt | None = None
        self.answers: dict[int, bool] | None = None  # of the open attempt: right or wrong by slot
        self.results: list[int] = []

    def start(self, slot, is_right):
        self.attempt = start_attempt(self.person, self.rules, at=NOW)
        if self.answers is None:
            self.answers = {}

    def save(self, slot, is_right):
        if self.attempt is None:
            return
        item = self.attempt.items.select_related("question_version").get(slot=slot)
        chosen = right(item) if is_right else wrong(item)
        if self.answers is None:
            with pytest.raises(AttemptClosedError):
                save_answer(self.attempt, slot, chosen, at=NOW)
        else:
            save_answer(self.attempt, slot, chosen, at=NOW)
            self.answers[slot] = is_right

    def submit(self, slot, is_right):
        if self.attempt is None:
            return
        marked = submit_attempt(self.attempt, at=NOW)
        if self.answers is not None:
            self.results.append(sum(self.answers.values()))
            self.answers = None
        assert marked.marks == self.results[-1]

    def check(self):
        mine = Attempt.objects.filter(person=self.person).order_by("ordinal")
        assert list(mine.filter(state="marked").values_list("marks", flat=True)) == self.results
        assert mine.open().count() == (self.answers is not None)
        assert list(mine.values_list("ordinal", flat=True)) == list(range(1, mine.count() + 1))


ACTIONS = st.tuples(st.sampled_from(["start", "save", "submit"]), st.integers(0, 1), st.integers(1, 4), st.booleans())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTIONS, max_size=25))
def test_whatever_two_people_do_in_whatever_order(actions):
    with transaction.atomic():
        rules = quiz()
        learners = [Learner(rules), Learner(rules)]
        for verb, who, slot, is_right in actions:
            getattr(learners[who], verb)(slot, is_right)
        for learner in learners:
            learner.check()
        transaction.set_rollback(True)


# --- Refused rows ------------------------------------------------------------------------------


@pytest.fixture
def attempt() -> Attempt:
    return start_attempt(PersonFactory(), quiz(), at=NOW)


def refuses(constraint: str):
    return pytest.raises(IntegrityError, match=constraint if connection.vendor == "postgresql" else r"constraint failed")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"ordinal": 2}, "attempt_one_open_per_person_and_quiz"),
        ({"ordinal": 1, "state": "abandoned"}, "attempt_ordinal_unique"),
        ({"ordinal": 2, "state": "marked", "submitted_at": NOW, "passed": True}, "attempt_scored_iff_marked"),
        ({"ordinal": 2, "state": "marked", "marks": 3, "passed": True}, "attempt_scored_iff_marked"),
        ({"ordinal": 2, "state": "abandoned", "marks": 3}, "attempt_scored_iff_marked"),
        ({"ordinal": 2, "state": "elsewhere"}, "attempt_known_state"),
    ],
)
def test_attempts_that_cannot_be_are_refused(attempt, values, constraint):
    plain = {"person": attempt.person, "blueprint": attempt.blueprint, "blueprint_version": attempt.blueprint_version}
    plain |= {"marks_available": 4, "marks_needed": 4}

    with refuses(constraint), transaction.atomic():
        Attempt.objects.create(**plain, seed=1, started_at=NOW, **values)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"slot": 0}, "attempt_item_slot_from_1|attemptitem_slot_check"),
        ({"slot": 2}, "attempt_item_slot_unique"),
        ({"response": ["x"]}, "attempt_item_answered_at_iff_answered"),
        ({"answered_at": NOW}, "attempt_item_answered_at_iff_answered"),
        ({"marks": 2}, "attempt_item_marks_in_reach"),
    ],
)
def test_items_that_cannot_be_are_refused(attempt, values, constraint):
    with refuses(constraint), transaction.atomic():
        attempt.items.filter(slot=1).update(**values)


def test_the_same_question_cannot_stand_twice_in_a_paper(attempt):
    one, two = attempt.items.all()[:2]

    with refuses("attempt_item_question_unique"), transaction.atomic():
        attempt.items.filter(pk=two.pk).update(question_version=one.question_version)


def test_what_a_question_said_and_the_rules_of_a_quiz_are_never_changed(attempt):
    for change in (
        lambda: QuestionVersion.objects.update(stem="Softer"),
        lambda: QuestionVersion.objects.all().delete(),
        lambda: type(attempt.blueprint_version).objects.update(marks_needed=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
