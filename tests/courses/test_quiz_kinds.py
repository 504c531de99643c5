"""Every kind of question in the browser: answered without scripts, kept in part, and no word of the key before the end."""

from __future__ import annotations

import copy
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from quizzes.answers import AnswerRefusedError
from quizzes.bank_file import question_of as built
from quizzes.models import Attempt, QuestionKind, QuestionVersion
from quizzes.services import save_answer, start_attempt
from tests.factories import NOW, course_with_quiz, person_in_post
from tests.quizzes import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(sign_in, organisation):
    client = sign_in(organisation, Role.STAFF)
    client.person = person_in_post(organisation, user=client.user)
    return client


@pytest.fixture
def attempt(learner) -> Attempt:
    return begin(learner, samples.quiz_of_every_kind())


def begin(learner, rules, seed: int = 7) -> Attempt:
    course_with_quiz(rules)
    return start_attempt(learner.person, rules, seed=seed, at=timezone.now())


def question_url(attempt: Attempt, slot: int) -> str:
    return reverse("courses:quiz_question", args=[attempt.pk, slot])


def slot_of(attempt: Attempt, kind: str) -> tuple[int, QuestionVersion]:
    item = attempt.items.select_related("question_version").get(question_version__kind=kind)
    return item.slot, item.question_version


def test_every_kind_is_answered_with_plain_forms_and_gives_every_mark(learner, attempt):
    for item in attempt.items.select_related("question_version"):
        version = item.question_version
        data = samples.posted(version, samples.right_response(version))
        assert learner.post(question_url(attempt, item.slot), data).status_code == 302, version.kind

    result = learner.post(reverse("courses:quiz_submit", args=[attempt.pk]), follow=True)

    attempt.refresh_from_db()
    assert (attempt.marks, attempt.marks_available, attempt.marks_needed, attempt.passed) == (10, 10, 8, True)
    assert b"10 out of 10 right. You needed 8." in result.content
    assert result.content.count(b"Because of") + result.content.count(b"Because it is") == 31  # every line of every part


def turned(question: dict) -> dict:
    """The same words with another key."""
    other = copy.deepcopy(question)
    for part in other.get("parts", [other]):
        if part["kind"] == QuestionKind.ORDERING:
            part["options"].reverse()
        elif part["kind"] == QuestionKind.MATCHING:
            part["options"][0]["match"], part["options"][1]["match"] = "Vishing", "Smishing"
        elif part["kind"] == QuestionKind.MULTIPLE:
            part["options"] = [option | {"correct": not option["correct"]} for option in part["options"]]
        else:
            right = [option["correct"] for option in part["options"]]
            part["options"] = [o | {"correct": c} for o, c in zip(part["options"], right[1:] + right[:1], strict=True)]
        part["options"] = [option | {"explanation": "Some other reason"} for option in part["options"]]
    return other


@pytest.mark.parametrize("question", samples.QUESTIONS, ids=lambda q: q["kind"])
def test_questions_that_differ_only_in_their_key_are_the_same_bytes_before_handing_in(learner, question):
    rules = samples.quiz_of_every_kind([question])
    course = course_with_quiz(rules).course
    first = start_attempt(learner.person, rules, seed=7, at=timezone.now())
    before = pages_of(learner, first, course.code)
    Attempt.objects.update(state="abandoned")
    other_key = built(turned(question))
    question_of_first = QuestionVersion.objects.get().question
    QuestionVersion.objects.create(
        question=question_of_first, number=2, **other_key.content, marks=other_key.marks, content_hash="1", created_at=NOW
    )

    second = start_attempt(learner.person, rules, seed=7, at=timezone.now())

    keys = [samples.right_response(version) for version in QuestionVersion.objects.order_by("number")]
    assert keys[0] != keys[1]
    assert pages_of(learner, second, course.code) == before
    assert "Because" not in before


def test_what_is_answered_in_part_is_kept_and_what_is_missing_is_said(learner, attempt):
    slot, version = slot_of(attempt, "ordering")
    first, second = [option["id"] for option in version.options[:2]]

    response = learner.post(question_url(attempt, slot), {first: "1", second: ""})

    assert attempt.items.get(slot=slot).response == {first: 1}
    text = response.content.decode()
    assert "Choose a place for “Step report”" in text
    assert f'href="#id_{second}"' in text
    assert f'id="id_{second}"' in text
    assert "Not finished" in learner.get(reverse("courses:quiz_review", args=[attempt.pk])).content.decode()


def test_two_lines_in_one_place_are_kept_and_pointed_out(learner, attempt):
    slot, version = slot_of(attempt, "ordering")
    ids = [option["id"] for option in version.options]

    response = learner.post(question_url(attempt, slot), dict(zip(ids, "1223", strict=True)))

    assert response.status_code == 200
    assert response.content.decode().count("Place 2 is used more than once. Give each line its own place") == 2  # list and field
    assert attempt.items.get(slot=slot).response == dict(zip(ids, (1, 2, 2, 3), strict=True))


def test_half_a_scenario_is_kept_and_goes_on_where_it_stopped(learner, attempt):
    slot, version = slot_of(attempt, "scenario")
    right = samples.right_response(version)

    response = learner.post(question_url(attempt, slot), samples.posted(version, {"p1": right["p1"], "p3": right["p3"]}))

    assert attempt.items.get(slot=slot).response == {"p1": right["p1"], "p3": right["p3"]}
    text = response.content.decode()
    assert 'href="#id_p2-answer"' in text
    assert text.count(" checked") == 1
    assert text.count(" selected") == 4 + 3  # the four places given; the matches still to be chosen


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("ordering", {"x": 1}),
        ("ordering", ["x"]),
        ("matching", {"A text about a parcel": "Smishing"}),
        ("scenario", ["x"]),
        ("scenario", {"p9": ["x"]}),
        ("scenario", {"p1": ["x"]}),
        ("scenario", {}),
        ("single", {"x": "y"}),
    ],
)
def test_what_is_not_on_the_page_is_refused_and_nothing_is_kept(attempt, kind, response):
    slot, _version = slot_of(attempt, kind)

    with pytest.raises(AnswerRefusedError):
        save_answer(attempt, slot, response, at=NOW)
    assert attempt.items.get(slot=slot).response is None


@pytest.mark.parametrize("place", ["0", "5", "-1", "x"])
def test_a_place_that_is_not_offered_is_refused_in_words(learner, attempt, place):
    slot, version = slot_of(attempt, "ordering")

    response = learner.post(question_url(attempt, slot), {version.options[0]["id"]: place})

    assert b"Choose from the answers on the page" in response.content
    assert attempt.items.get(slot=slot).response is None


def pages_of(client, attempt: Attempt, course_code: str) -> str:
    """Every byte before handing in, without tokens and the attempt's own number."""
    urls = [question_url(attempt, 1), reverse("courses:quiz_review", args=[attempt.pk])]
    text = "".join(client.get(url).content.decode() for url in [*urls, reverse("courses:quiz_start", args=[course_code])])
    return re.sub(r'nonce="[^"]+"|csrfmiddlewaretoken" value="[^"]+"|/attempts/\d+/|on \d+ \w+ \d+ at [\d:]+', "", text)
