"""The question bank: what ships loads, again and again; faults are told; an editor's words stand."""

import copy
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from audit.models import Event
from quizzes.bank_faults import question_faults
from quizzes.bank_file import BankRefusedError, option_id, read_bank
from quizzes.enums import QuestionKind
from quizzes.loading import load_bank
from quizzes.models import Blueprint, BlueprintVersion, Question, QuestionVersion
from tests.factories import NOW
from tests.quizzes import samples

SHIPPED = Path(__file__).resolve().parents[2] / "quizzes" / "data" / "data-security-awareness.yaml"


def question(number: int, *, module: int = 1, kind: str = "single") -> dict:
    correct = {"single": [1], "multiple": [1, 2], "true_false": [0]}[kind]
    count = 2 if kind == "true_false" else 3
    options = [{"text": f"Choice {n}", "correct": n in correct, "explanation": f"Reason {n}"} for n in range(count)]
    return {
        "code": f"T-{number}",
        "module": module,
        "topic": "topic",
        "standard": 3,
        "kind": kind,
        "stem": f"What {number}?",
        "options": options,
    }


@pytest.fixture
def bank() -> dict:
    questions = [question(1), question(2, kind="multiple"), question(3, kind="true_false"), question(4, module=2)]
    return {
        "pool": "test-bank",
        "pass_mark_percent": 80,
        "draws": [{"module": 1, "count": 2}, {"module": 2, "count": 1}],
        "questions": questions,
    }


@pytest.fixture
def load(tmp_path, db):
    def write_and_load(bank: dict, at=NOW) -> BlueprintVersion:
        path = tmp_path / "bank.yaml"
        path.write_text(yaml.safe_dump(bank), encoding="utf-8")
        return load_bank(path, at=at)

    return write_and_load


def test_the_bank_that_ships_has_114_questions_and_asks_12_of_which_10_pass(db):
    version = load_bank(SHIPPED, at=NOW)

    assert Question.objects.filter(pool="data-security-awareness").count() == 114
    assert (version.questions, version.pass_mark_percent, version.marks_needed) == (12, 80, 10)
    assert [draw["section"] for draw in version.draws] == [1, 2, 3, 4, 5, 6]
    assert version.blueprint.code == "data-security-awareness"


def test_loading_again_changes_nothing_and_costs_little(db, django_assert_max_num_queries):
    load_bank(SHIPPED, at=NOW)
    before = Event.objects.count()

    with django_assert_max_num_queries(16):
        again = load_bank(SHIPPED, at=NOW + timedelta(days=1))

    assert again.number == 1
    assert QuestionVersion.objects.count() == 114
    assert Event.objects.count() == before


def test_a_change_of_words_or_key_is_a_new_version_of_that_question_alone(load, bank):
    load(bank)
    bank["questions"][0]["options"][0]["explanation"] = "A better reason"

    load(bank, at=NOW + timedelta(days=1))

    versions = {code: list(Question.objects.get(code=code).versions.values_list("number", flat=True)) for code in ("T-1", "T-2")}
    assert versions == {"T-1": [1, 2], "T-2": [1]}
    assert QuestionVersion.objects.newest().get(question__code="T-1").options[0]["explanation"] == "A better reason"


def test_a_question_may_move_to_another_module_without_a_new_version(load, bank):
    load(bank)
    bank["questions"][0] |= {"module": 2, "topic": "other", "standard": 7}

    load(bank)

    moved = Question.objects.get(code="T-1")
    assert (moved.section, moved.topic, moved.standard, moved.versions.count()) == (2, "other", 7, 1)


def test_what_an_editor_wrote_later_stands(load, bank):
    load(bank)
    edited = Question.objects.get(code="T-1")
    newest = edited.versions.get()
    edited.versions.create(
        number=2, kind="single", stem="The editor's words", options=newest.options, content_hash="e" * 64, created_at=NOW
    )
    bank["questions"][0] |= {"stem": "The file's new words", "module": 2}

    load(bank)

    assert QuestionVersion.objects.newest().get(question=edited).stem == "The editor's words"
    assert Question.objects.get(code="T-1").section == 1


def test_new_rules_are_a_new_version_of_the_quiz(load, bank):
    first = load(bank)
    bank["pass_mark_percent"] = 60
    second = load(bank)
    third = load(bank)

    assert (first.marks_needed, second.marks_needed) == (3, 2)
    assert second.number == 2
    assert third == second


def test_rules_that_an_editor_made_stand(load, bank):
    first = load(bank)
    theirs = Blueprint.objects.get().versions.create(
        number=2, draws=first.draws, questions=3, pass_mark_percent=100, marks_needed=3, created_at=NOW
    )
    bank["pass_mark_percent"] = 50

    assert load(bank) == theirs


def test_a_question_that_left_the_file_is_withdrawn_unless_an_editor_wrote_to_it(load, bank):
    load(bank)
    extra = copy.deepcopy(bank)
    extra["questions"] += [question(8), question(9)]
    load(extra)
    Question.objects.get(code="T-9").versions.create(
        number=2, kind="single", stem="Mine", options=[], content_hash="e" * 64, created_at=NOW
    )

    load(bank)

    assert set(Question.objects.drawable().values_list("code", flat=True)) == {"T-1", "T-2", "T-3", "T-4", "T-9"}


def test_option_names_tell_neither_place_nor_truth(load, bank):
    load(bank)
    ids = [option["id"] for option in QuestionVersion.objects.get(question__code="T-1").options]
    flipped = copy.deepcopy(bank)
    options = flipped["questions"][0]["options"]
    options.reverse()
    for option in options:
        option["correct"] = not option["correct"] and option["text"] == "Choice 0"
    load(flipped)

    after = QuestionVersion.objects.newest().get(question__code="T-1").options
    assert [option["id"] for option in after] == ids[::-1]
    assert option_id("T-1", "Choice 0") != option_id("T-2", "Choice 0")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda b: b.pop("draws"), "the file: draws is missing."),
        (lambda b: b.update(colour="red"), "the file: colour is not a known key."),
        (lambda b: b.update(pool="Two Words"), "pool: write a short name"),
        (lambda b: b.update(pass_mark_percent=0), "pass_mark_percent: write a whole number from 1 to 100."),
        (lambda b: b.update(pass_mark_percent=True), "pass_mark_percent: write a whole number from 1 to 100."),
        (lambda b: b.update(questions=[]), "questions: list at least one."),
        (lambda b: b["draws"][1].update(count=2), "draw 2: module 2 has 1 questions and 2 are to be drawn."),
        (lambda b: b["draws"][1].update(module=1), "draw 2: module 1 is drawn from twice."),
        (lambda b: b["draws"][1].update(count="two"), "draw 2: module and count are whole numbers from 1."),
        (lambda b: b["questions"][1].update(code="T-1"), "question T-1: the code is used 2 times."),
        (lambda b: b["questions"][1].update(code="t 1"), "question 2: code: write capital letters"),
        (lambda b: b["questions"][1].update(standard=11), "question T-2: standard: write a whole number from 1 to 10."),
        (lambda b: b["questions"][1].update(kind="essay"), "question T-2: kind: write one of single, multiple, true_false,"),
        (lambda b: b["questions"][1].update(stem=" "), "question T-2: stem: write the question."),
        (lambda b: b["questions"][1].update(options=[]), "question T-2: options: list 2 to 10."),
        (
            lambda b: b["questions"][0]["options"][0].update(correct=True),
            "question T-1: exactly one option is correct, and 2 are",
        ),
        (
            lambda b: b["questions"][0]["options"][1].update(correct=False),
            "question T-1: exactly one option is correct, and 0 are",
        ),
        (
            lambda b: b["questions"][1]["options"][1].update(correct=False),
            "question T-2: a question with several answers has at least 2",
        ),
        (
            lambda b: b["questions"][0]["options"][2].update(text="Choice 0 "),
            "question T-1: the option “Choice 0” stands 2 times.",
        ),
        (lambda b: b["questions"][0]["options"][2].update(text=True), "question T-1, option 3: text: write it in words"),
        (
            lambda b: b["questions"][0]["options"][2].update(correct="yes"),
            "question T-1, option 3: correct: write true or false.",
        ),
        (lambda b: b["questions"][0]["options"][2].pop("explanation"), "question T-1, option 3: explanation is missing."),
        (
            lambda b: b["questions"][2]["options"].append(b["questions"][0]["options"][0]),
            "question T-3: a true or false question has",
        ),
        (lambda b: b["questions"].append("text"), "question 5: expected code, kind,"),
    ],
)
def test_a_fault_is_told_with_its_place_and_nothing_is_loaded(load, bank, change, fault):
    change(bank)

    with pytest.raises(BankRefusedError) as refused:
        load(bank)

    assert any(told.startswith(f"bank.yaml, {fault}") for told in refused.value.faults), refused.value.faults
    assert not Question.objects.exists()
    assert not Blueprint.objects.exists()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("pool: a\npool: b\n", "x.yaml, line 2: “pool” stands twice."),
        ("pool: [a\n", "x.yaml, line 2: "),
        ("- a\n", "x.yaml, the file: expected draws, pass_mark_percent, pool, questions."),
        ("!!python/object/apply:os.system ['true']", "x.yaml, line 1: could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_bank_is_refused(tmp_path, text, fault):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BankRefusedError) as refused:
        read_bank(path)

    assert str(refused.value).startswith(fault)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(BankRefusedError, match=r"none\.yaml: the file cannot be read"):
        read_bank(tmp_path / "none.yaml")


def test_every_kind_loads_and_a_scenario_is_worth_its_parts(load, bank):
    bank["questions"] = samples.QUESTIONS
    bank["draws"] = [{"module": 1, "count": 6}]

    load(bank)

    kept = {v.kind: v for v in QuestionVersion.objects.all()}
    assert {kind: v.marks for kind, v in kept.items()} == dict.fromkeys(QuestionKind.values, 1) | {"scenario": 5}
    assert [part["kind"] for part in kept["scenario"].parts] == ["single", "multiple", "ordering", "matching"]
    assert [target["text"] for target in kept["matching"].targets] == ["Quishing", "Smishing", "Vishing"]
    again = load(bank, at=NOW + timedelta(days=1))
    assert (again.number, QuestionVersion.objects.count()) == (1, 6)


@pytest.mark.parametrize(
    ("number", "change", "fault"),
    [
        (3, lambda q: q["options"].__delitem__(slice(2, None)), "a question to put in order has at least 3 lines."),
        (3, lambda q: q["options"][0].update(correct=True), "option 1: correct is not a known key."),
        (4, lambda q: q["options"][1].pop("match"), "option 2: match is missing."),
        (4, lambda q: q.update(other_matches=["Vishing"]), "other_matches: list each once, and none that an option matches."),
        (4, lambda q: q.update(other_matches="Vishing"), "other_matches: list words."),
        (5, lambda q: q.update(parts=q["parts"][:1]), "parts: list 2 to 8."),
        (5, lambda q: q["parts"][1].update(marks=0), "part 2: marks: write a whole number from 1 to 10."),
        (5, lambda q: q["parts"][0].update(kind="scenario"), "part 1: kind: write one of single,"),
        (5, lambda q: q["parts"][0]["options"][1].update(correct=True), "part 1: exactly one option is correct, and 2 are"),
        (5, lambda q: q["parts"][3]["options"][0].update(match=""), "part 4, option 1: match: write it in words"),
        (0, lambda q: q.update(other_matches=["x"]), "other_matches is not a known key."),
        (0, lambda q: q.update(source=7), "source: write it in words"),
    ],
)
def test_faults_of_the_richer_kinds_are_told_with_their_place(number, change, fault):
    question = copy.deepcopy(samples.QUESTIONS[number])
    change(question)

    faults = list(question_faults("question 1", question))

    assert any(fault in told for told in faults), faults
