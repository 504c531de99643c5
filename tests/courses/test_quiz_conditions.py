"""Under what conditions a quiz is taken: time, pauses, feedback, one page or many, lost sessions, and when a manager hears."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from courses.completions import hand_in_overdue
from courses.models import Completion
from jobs.models import Job
from jobs.services import run
from quizzes.extra_time import record_extra_time
from quizzes.models import Attempt, BlueprintVersion
from quizzes.services import AnswerRefusedError, save_answers
from quizzes.timing import deadline
from tests.factories import NOW, PersonFactory, PostFactory, UserFactory, course_with_quiz, member, person_in_post, quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(sign_in, organisation):
    client = sign_in(organisation, Role.STAFF)
    client.person = person_in_post(organisation, user=client.user)
    return client


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def course_under(**conditions):
    """A course whose quiz has two questions from each of two sections, under the conditions."""
    plain = quiz()
    values = {f.name: getattr(plain, f.name) for f in BlueprintVersion._meta.concrete_fields if f.name != "id"}
    rules = BlueprintVersion.objects.create(**{**values, "number": 2, **conditions})
    return course_with_quiz(rules)


def url(name: str, attempt: Attempt, *args: int) -> str:
    return reverse(f"courses:quiz_{name}", args=[attempt.pk, *args])


def begin(client, version) -> Attempt:
    client.post(reverse("courses:quiz_start", args=[version.course.code]))
    return Attempt.objects.open().get(person=client.person)


def option(attempt: Attempt, slot: int, *, correct: bool) -> str:
    version = attempt.items.select_related("question_version").get(slot=slot).question_version
    return next(o["id"] for o in version.options if o["correct"] is correct)


def words(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def sit(client, version, *, right_ones: int):
    attempt = begin(client, version)
    whole = {f"q{slot}-answer": option(attempt, slot, correct=slot <= right_ones) for slot in range(1, 5)}
    client.post(url("all", attempt), whole)
    return client.post(url("submit", attempt), follow=True)


# --- Time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "extra", "given"), [(30, 0, 30), (30, 25, 38), (1, 25, 2), (30, 100, 60), (10, 50, 15)])
def test_extra_time_is_a_share_rounded_up_to_a_minute(minutes, extra, given):
    assert deadline(NOW, minutes=minutes, extra_percent=extra) == NOW + timedelta(minutes=given)
    assert deadline(NOW, minutes=None, extra_percent=extra) is None


def test_when_the_time_is_up_what_was_saved_is_handed_in_and_nothing_more_is_taken(learner, now):
    attempt = begin(learner, course_under(minutes=20))
    for slot in range(1, 5):
        learner.post(url("question", attempt, slot), {"answer": option(attempt, slot, correct=True)})
    assert "Hand in by 1 May 2026 at 10:20am" in words(learner.get(url("question", attempt, 1)))
    now.move_to(NOW + timedelta(minutes=25), tick=False)

    late = learner.post(url("question", attempt, 1), {"answer": option(attempt, 1, correct=False)}, follow=True)

    assert "You passed" in words(late)
    assert "The time was up on" in words(late)
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.marked_at) == (NOW + timedelta(minutes=20), NOW + timedelta(minutes=25))
    assert Completion.objects.get().attempt == attempt


def test_a_moment_of_grace_is_given_and_no_more(learner, now):
    attempt = begin(learner, course_under(minutes=20))
    now.move_to(NOW + timedelta(minutes=20, seconds=9), tick=False)
    assert learner.post(url("question", attempt, 1), {"answer": option(attempt, 1, correct=True)}).status_code == 302
    assert attempt.items.get(slot=1).response is not None

    now.move_to(NOW + timedelta(minutes=20, seconds=11), tick=False)

    assert learner.get(url("question", attempt, 2)).url == url("result", attempt)


def test_attempts_that_nobody_comes_back_to_are_handed_in_by_the_clock(learner, now):
    attempt = begin(learner, course_under(minutes=20))
    assert hand_in_overdue(at=NOW + timedelta(minutes=20)) == 0

    assert hand_in_overdue(at=NOW + timedelta(minutes=21)) == 1
    assert hand_in_overdue(at=NOW + timedelta(minutes=22)) == 0
    attempt.refresh_from_db()
    assert (attempt.state, attempt.submitted_at) == ("marked", NOW + timedelta(minutes=20))


def test_extra_time_holds_at_once_and_at_the_next_start(learner):
    version, manager = course_under(minutes=20), UserFactory()
    attempt = begin(learner, version)

    record_extra_time(learner.person, percent=50, by=manager, at=NOW)
    attempt.refresh_from_db()
    assert attempt.deadline_at == NOW + timedelta(minutes=30)
    learner.post(url("submit", attempt))
    record_extra_time(learner.person, percent=0, by=manager, at=NOW)

    assert begin(learner, version).deadline_at == NOW + timedelta(minutes=20)


def test_a_manager_gives_extra_time_to_the_team_alone_and_nobody_to_themselves(sign_in, organisation, learner):
    manager = sign_in(organisation, Role.MANAGER)
    boss = person_in_post(organisation, user=manager.user)
    PostFactory(person=learner.person, manager=boss)
    stranger = person_in_post(organisation)
    page = reverse("courses:extra_time_list")

    given = manager.post(page, {"staff_number": learner.person.staff_number, "percent": "25"}, follow=True)
    refused = manager.post(page, {"staff_number": stranger.staff_number, "percent": "25"})

    assert f"{learner.person.staff_number} 25 %" in words(given)
    assert "Nobody you look after has this staff number" in words(refused)
    assert learner.get(page).status_code == 403
    lead = sign_in(organisation, Role.TRAINING_LEAD)
    own = person_in_post(organisation, user=lead.user)
    assert "cannot give yourself" in words(lead.post(page, {"staff_number": own.staff_number, "percent": "25"}))
    other = PersonFactory()
    assert "Nobody you look after" in words(lead.post(page, {"staff_number": other.staff_number, "percent": "25"}))


# --- Pauses, support, feedback -----------------------------------------------------------------------


def test_after_a_fail_there_is_a_pause_said_in_plain_words(learner, now):
    version = course_under(retake_minutes=10)
    failed = sit(learner, version, right_ones=1)
    assert "Then try again, from 1 May 2026 at 10:10am on." in words(failed)

    start = reverse("courses:quiz_start", args=[version.course.code])
    assert "You can try again from 1 May 2026 at 10:10am" in words(learner.get(start))
    assert "You can try again from 1 May at 10:10" in words(learner.post(start))
    assert not Attempt.objects.open().exists()
    now.move_to(NOW + timedelta(minutes=10), tick=False)
    assert begin(learner, version).ordinal == 2


def test_after_a_pass_there_is_no_pause(learner):
    version = course_under(retake_minutes=10)
    sit(learner, version, right_ones=4)

    assert begin(learner, version).ordinal == 2


def test_the_third_fail_in_a_row_asks_the_manager_for_support_once_and_tells_no_marks(learner, organisation):
    version = course_under()
    boss = PersonFactory(organisation=organisation, email="boss@example.test")
    PostFactory(person=learner.person, manager=boss)
    sit(learner, version, right_ones=4)  # a pass begins the count anew

    texts = [words(sit(learner, version, right_ones=n)) for n in (0, 1, 2, 3)]

    assert ["asked your manager" in text for text in texts] == [False, False, True, True]
    assert ["Your manager gets no message" in text for text in texts] == [True, True, False, False]
    run(Job.objects.get(kind="courses.suggest_support").pk)
    (letter,) = mail.outbox
    assert letter.to == ["boss@example.test"]
    assert f"{learner.person} may need support" in letter.body
    assert not re.search(r"\d", letter.body.replace(str(learner.person), ""))
    learner.post(url("submit", Attempt.objects.latest("pk")))
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("feedback", "right_ones", "told"),
    [("all", 2, [1, 2, 3, 4]), ("wrong", 2, [3, 4]), ("passed", 2, []), ("passed", 4, [1, 2, 3, 4]), ("wrong", 4, [])],
)
def test_a_quiz_tells_what_it_was_set_to(learner, feedback, right_ones, told):
    text = words(sit(learner, course_under(feedback=feedback), right_ones=right_ones))

    assert [n for n in range(1, 5) if f"See the answers to question {n}" in text] == told
    assert ("when you have passed" in text) is (feedback == "passed" and right_ones < 4)
    assert ("Because" in text) is bool(told)


# --- One page, autosave, lost sessions ---------------------------------------------------------------


def test_a_quiz_may_begin_with_all_questions_on_one_page(learner):
    version = course_under(all_on_one_page=True)
    begun = learner.post(reverse("courses:quiz_start", args=[version.course.code]))
    attempt = Attempt.objects.get()
    assert begun.url == url("all", attempt)
    chosen = option(attempt, 3, correct=True)

    saved = learner.post(url("all", attempt), {"q3-answer": chosen})

    assert saved.url == url("review", attempt)
    assert [i.response for i in attempt.items.all()] == [None, None, [chosen], None]
    page = learner.get(url("all", attempt)).content.decode()
    assert page.count(" checked") == 1
    assert "Because" not in page


def test_one_page_keeps_what_can_be_kept_and_points_at_what_cannot(learner):
    attempt = begin(learner, course_under())
    other = option(attempt, 2, correct=True)

    response = learner.post(url("all", attempt), {"q1-answer": other, "q2-answer": other})

    assert response.status_code == 200
    assert 'href="#id_q1-answer"' in response.content.decode()
    assert words(response).count("Choose from the answers on the page") == 2  # in the list and at the field
    assert [i.response for i in attempt.items.all()[:2]] == [None, [other]]


def test_the_script_saves_without_leaving_the_page_and_hears_when_it_is_too_late(learner):
    attempt = begin(learner, course_under())
    first = {"answer": option(attempt, 1, correct=True)}
    headers = {"X-Autosave": "1"}

    assert learner.post(url("question", attempt, 1), first, headers=headers).status_code == 204
    assert learner.post(url("question", attempt, 1), {}, headers=headers).status_code == 422
    assert learner.post(url("all", attempt), {"q2-answer": option(attempt, 2, correct=True)}, headers=headers).status_code == 204
    assert attempt.items.filter(response__isnull=False).count() == 2
    learner.post(url("submit", attempt))
    for page in (url("question", attempt, 1), url("all", attempt)):
        assert learner.post(page, first, headers=headers).status_code == 409


@pytest.mark.parametrize("page", ["question", "all"])
def test_what_is_sent_after_the_session_ended_is_saved_after_signing_in(client, learner, page):
    attempt = begin(learner, course_under())
    address = url(page, attempt, *([2] if page == "question" else []))
    chosen = option(attempt, 2, correct=True)
    lost = client.post(address, {"answer": chosen, "q2-answer": chosen})
    assert lost.status_code == 302
    assert attempt.items.get(slot=2).response is None

    client.force_login(learner.user)
    back = client.get(address)

    assert attempt.items.get(slot=2).response == [chosen]
    assert "What you answered before you signed in again is saved." in words(back)
    assert "before you signed in again" not in words(client.get(address))


def test_what_one_person_sent_is_never_saved_for_another(client, learner, organisation):
    attempt = begin(learner, course_under())
    client.post(url("question", attempt, 1), {"answer": option(attempt, 1, correct=True)})
    client.force_login(member(organisation))

    assert client.get(url("question", attempt, 1)).status_code == 404
    assert attempt.items.get(slot=1).response is None


def test_a_question_that_is_not_on_the_paper_saves_nothing_at_all(learner):
    attempt = begin(learner, course_under())

    with pytest.raises(AnswerRefusedError, match="not on your paper"):
        save_answers(attempt, {1: [option(attempt, 1, correct=True)], 99: ["x"]}, at=timezone.now())
    assert not attempt.items.filter(response__isnull=False).exists()
