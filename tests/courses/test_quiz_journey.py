"""Taking a quiz in the browser: start, questions, review, handing in, result."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from courses.models import Certificate, Completion, CourseVersion
from jobs.models import Job
from jobs.services import run
from quizzes.editing import withdraw_question
from quizzes.models import Attempt, Question
from quizzes.services import start_attempt, submit_attempt
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, PersonFactory, course_with_quiz, person_in_post, quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db) -> CourseVersion:
    return course_with_quiz()


@pytest.fixture
def learner(sign_in, organisation) -> Client:
    client = sign_in(organisation, Role.STAFF)
    client.person = person_in_post(organisation, user=client.user)
    return client


def start_url(version: CourseVersion) -> str:
    return reverse("courses:quiz_start", args=[version.course.code])


def url(name: str, attempt: Attempt, *args: int) -> str:
    return reverse(f"courses:quiz_{name}", args=[attempt.pk, *args])


def options(attempt: Attempt, slot: int, *, correct: bool) -> list[str]:
    version = attempt.items.select_related("question_version").get(slot=slot).question_version
    return [option["id"] for option in version.options if option["correct"] is correct]


def begin(client: Client, version: CourseVersion) -> Attempt:
    client.post(start_url(version))
    return Attempt.objects.open().get(person=client.person)


def answer_all(client: Client, attempt: Attempt, *, right_ones: int = 4) -> None:
    for slot in range(1, attempt.blueprint_version.questions + 1):
        chosen = options(attempt, slot, correct=slot <= right_ones)[0]
        client.post(url("question", attempt, slot), {"answer": chosen})


def words(response) -> str:
    """What a reader sees, without markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_from_the_start_to_the_certificate(learner, version):
    start = learner.get(start_url(version))
    assert "There are 4 questions. You pass with 4 or more right." in words(start)

    onward = learner.post(start_url(version), follow=True)
    attempt = Attempt.objects.get()
    assert onward.redirect_chain[-1][0] == url("question", attempt, 1)
    assert "Question 1 of 4" in words(onward)
    for slot in range(1, 5):
        saved = learner.post(url("question", attempt, slot), {"answer": options(attempt, slot, correct=True)[0]})
        assert saved.url == (url("question", attempt, slot + 1) if slot < 4 else url("review", attempt))
    review = learner.get(url("review", attempt))
    assert "You have answered every question." in words(review)

    result = learner.post(url("submit", attempt), follow=True)

    assert result.redirect_chain[-1][0] == url("result", attempt)
    assert "You passed 4 out of 4 right. You needed 4." in words(result)
    completion = Completion.objects.get()
    assert reverse("courses:certificate_make", args=[completion.pk]) in result.content.decode()
    pdf = learner.get(reverse("courses:certificate_make", args=[completion.pk]), follow=True)
    assert pdf.content.startswith(b"%PDF-")


def test_a_fail_says_what_to_look_at_again_and_tells_nobody(learner, version):
    attempt = begin(learner, version)
    answer_all(learner, attempt, right_ones=2)

    result = learner.post(url("submit", attempt), follow=True)

    text = words(result)
    assert "You had 2 out of 4 right. You needed 4 to pass." in text
    assert "Module 2 title" in text
    assert "Module 1 title" not in text
    assert not Completion.objects.exists()
    again = begin(learner, version)
    assert (again.ordinal, again.pk != attempt.pk) == (2, True)


def test_before_handing_in_no_page_holds_a_key_or_an_explanation(learner):
    rules = quiz(kind="multiple")
    version = course_with_quiz(rules)
    attempt = begin(learner, version)
    answer_all(learner, attempt)
    pages = [url("question", attempt, slot) for slot in range(1, 5)] + [url("review", attempt), start_url(version)]

    for page in pages:
        body = learner.get(page).content.decode()
        assert "Because" not in body
        assert "correct" not in body.lower()
        assert not re.search(r"\bright answer\b|is_correct|explanation", body.lower().replace("every right answer", ""))


def test_the_result_explains_every_option_and_says_what_was_chosen(learner, version):
    attempt = begin(learner, version)
    answer_all(learner, attempt, right_ones=3)

    text = words(learner.post(url("submit", attempt), follow=True))

    for item in attempt.items.select_related("question_version"):
        for option in item.question_version.options:
            assert option["text"] in text
            assert option["explanation"] in text
    assert text.count("Right answer · you chose this") == 3
    assert text.count("Not a right answer · you chose this") == 1
    assert text.count("Right answer · you did not choose this") == 1


def test_answers_come_back_when_a_learner_does(learner, version):
    attempt = begin(learner, version)
    chosen = options(attempt, 1, correct=False)[0]
    learner.post(url("question", attempt, 1), {"answer": chosen})

    page = learner.get(url("question", attempt, 1)).content.decode()
    assert re.search(rf'value="{chosen}"\s+checked', page)
    assert page.count(" checked") == 1
    assert "Go on with the quiz" in words(learner.get(start_url(version)))
    assert learner.post(start_url(version)).url == url("question", attempt, 2)  # the first without an answer


def test_the_back_button_and_a_change_of_mind(learner, version):
    attempt = begin(learner, version)
    first, second = options(attempt, 1, correct=False)[:2]

    for chosen in (first, second, first):
        assert learner.post(url("question", attempt, 1), {"answer": chosen}).url == url("question", attempt, 2)

    assert attempt.items.get(slot=1).response == [first]


def test_saving_from_the_review_leads_back_to_it(learner, version):
    attempt = begin(learner, version)
    page = learner.get(url("question", attempt, 2) + "?from=review").content.decode()
    assert '<input type="hidden" name="from" value="review">' in page

    saved = learner.post(url("question", attempt, 2), {"answer": options(attempt, 2, correct=True)[0], "from": "review"})

    assert saved.url == url("review", attempt)


def test_a_made_up_way_back_is_ignored(learner, version):
    attempt = begin(learner, version)

    page = learner.get(url("question", attempt, 2) + "?from=https://evil.example/").content.decode()

    assert "evil.example" not in page


def test_double_clicks_and_two_tabs_give_one_attempt_one_result_one_completion(learner, version):
    learner.post(start_url(version))
    learner.post(start_url(version))
    attempt = Attempt.objects.get()
    answer_all(learner, attempt)

    results = [learner.post(url("submit", attempt)).url for _ in range(3)]

    assert set(results) == {url("result", attempt)}
    assert (Completion.objects.count(), Certificate.objects.count()) == (1, 1)


def test_a_tab_left_open_cannot_change_what_was_handed_in(learner, version):
    attempt = begin(learner, version)
    learner.post(url("submit", attempt))

    stale = learner.post(url("question", attempt, 1), {"answer": options(attempt, 1, correct=True)[0]})

    assert stale.url == url("result", attempt)
    assert learner.get(url("question", attempt, 1)).url == url("result", attempt)
    assert learner.get(url("review", attempt)).url == url("result", attempt)
    assert attempt.items.get(slot=1).response is None


def test_no_result_before_handing_in(learner, version):
    attempt = begin(learner, version)

    assert learner.get(url("result", attempt)).url == url("review", attempt)


def test_a_session_that_ended_leads_back_to_the_question_after_signing_in(client, learner, version):
    attempt = begin(learner, version)

    for page in (url("question", attempt, 2), url("submit", attempt)):
        lost = client.post(page, {"answer": "x"})
        assert lost.url == f"{reverse('accounts:sign_in')}?next={page.replace('/', '%2F')}"
    assert learner.get(url("question", attempt, 2)).status_code == 200
    assert learner.get(url("submit", attempt)).url == url("review", attempt)


def test_saving_nothing_says_what_to_do(learner, version):
    attempt = begin(learner, version)

    response = learner.post(url("question", attempt, 1), {})

    page = response.content.decode()
    assert "There is a problem Choose an answer" in words(response)
    assert 'href="#id_answer"' in page
    assert 'id="id_answer"' in page
    assert "<title>Error: Question 1 of 4" in page


def test_an_option_of_another_question_is_refused(learner, version):
    attempt = begin(learner, version)

    response = learner.post(url("question", attempt, 1), {"answer": options(attempt, 2, correct=True)[0]})

    assert "Choose from the answers on the page" in words(response)
    assert attempt.items.get(slot=1).response is None


def test_several_answers_are_kept(learner):
    attempt = begin(learner, course_with_quiz(quiz(kind="multiple")))
    chosen = options(attempt, 1, correct=True)

    learner.post(url("question", attempt, 1), {"answer": chosen})

    assert set(attempt.items.get(slot=1).response) == set(chosen)
    assert learner.get(url("question", attempt, 1)).content.decode().count(" checked") == 2


def test_the_review_lists_what_has_no_answer(learner, version):
    attempt = begin(learner, version)
    learner.post(url("question", attempt, 1), {"answer": options(attempt, 1, correct=True)[0]})

    text = words(learner.get(url("review", attempt)))

    assert "3 questions have no answer yet" in text
    assert [n for n in range(1, 5) if f"Answer question {n}" in text] == [2, 3, 4]


def test_nobody_sees_the_attempt_of_another(sign_in, organisation, other_organisation, learner, version):
    attempt = begin(learner, version)
    colleague = sign_in(organisation, Role.MANAGER, Role.HR, Role.TRAINING_LEAD)
    person_in_post(organisation, user=colleague.user)
    stranger = sign_in(other_organisation, Role.STAFF)

    for client in (colleague, stranger):
        for page in (url("question", attempt, 1), url("review", attempt), url("result", attempt), url("submit", attempt)):
            assert client.get(page).status_code == 404
        assert client.post(url("question", attempt, 1), {"answer": options(attempt, 1, correct=True)[0]}).status_code == 404
        assert client.post(url("submit", attempt)).status_code == 404
    attempt.refresh_from_db()
    assert attempt.state == "in_progress"
    assert attempt.items.get(slot=1).response is None


def test_an_attempt_in_one_organisation_is_not_seen_while_working_in_another(learner, version, other_organisation):
    attempt = begin(learner, version)
    Membership.objects.create(user=learner.user, organisation=other_organisation, role=Role.STAFF, granted_at=timezone.now())
    learner.post(reverse("accounts:organisation_choose", args=[other_organisation.pk]))

    assert learner.get(url("question", attempt, 1)).status_code == 404


@pytest.mark.parametrize("slot", [0, 5, 999])
def test_a_question_that_is_not_there_is_not_found(learner, version, slot):
    attempt = begin(learner, version)

    assert learner.get(url("question", attempt, slot)).status_code == 404


def test_another_organisations_course_is_not_found(learner, other_organisation):
    theirs = course_with_quiz(organisation=other_organisation)

    assert learner.get(start_url(theirs)).status_code == 404
    assert learner.get(reverse("courses:quiz_start", args=["no-such-course"])).status_code == 404


def test_why_a_quiz_cannot_be_taken_is_said(sign_in, organisation, learner, version):
    assert "This course has no quiz." in words(learner.get(reverse("courses:quiz_start", args=[CourseFactory().code])))
    not_on_the_list = sign_in(organisation, Role.STAFF)
    assert "You are not on the staff list" in words(not_on_the_list.post(start_url(version)))
    Question.objects.update(withdrawn_at=NOW)
    assert "cannot be taken now" in words(learner.post(start_url(version)))
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("state", ["abandoned", "voided"])
def test_an_attempt_that_ended_otherwise_is_not_found(learner, version, state):
    attempt = begin(learner, version)
    Attempt.objects.update(state=state)

    assert learner.get(url("result", attempt)).status_code == 404
    assert learner.post(url("submit", attempt)).status_code == 404


def test_a_course_that_still_counts_says_so_at_the_start(learner, version):
    today = timezone.localdate()
    CompletionFactory(person=learner.person, course=version.course, completed_on=today - timedelta(days=1))

    assert "If you pass again, it counts from the new date." in words(learner.get(start_url(version)))


def test_a_withdrawn_pass_says_so(learner, version):
    from courses.completions import void_completion

    attempt = begin(learner, version)
    answer_all(learner, attempt)
    learner.post(url("submit", attempt))
    void_completion(Completion.objects.get(), reason="Somebody else sat it", by="system", at=NOW)

    text = words(learner.get(url("result", attempt)))

    assert "it does not count: Somebody else sat it" in text
    assert "Download your certificate" not in text


def test_pages_before_handing_in_are_not_kept_by_the_browser(learner, version):
    attempt = begin(learner, version)

    assert "no-store" in learner.get(url("question", attempt, 1))["Cache-Control"]


@pytest.mark.parametrize("bank", [4, 30])
def test_a_question_page_and_an_answer_cost_the_same_however_large_the_bank(learner, bank, django_assert_num_queries):
    attempt = begin(learner, course_with_quiz(quiz(bank=bank)))
    chosen = options(attempt, 1, correct=True)[0]

    with django_assert_num_queries(5):  # session, user, roles, attempt, question
        learner.get(url("question", attempt, 1))
    with django_assert_num_queries(10):  # those, and in a savepoint: attempt locked, question, answer written
        learner.post(url("question", attempt, 1), {"answer": chosen})


@pytest.mark.parametrize("bank", [4, 30])
def test_handing_in_costs_the_same_however_large_the_bank(learner, bank, django_assert_max_num_queries):
    failing, passing = (begin_person(learner, bank, right_ones=n) for n in (0, 4))

    with django_assert_max_num_queries(19):  # also how often they failed before
        learner.post(url("submit", failing))
    with django_assert_max_num_queries(
        51
    ):  # also withdrawals since, the completion, the certificate and its file, and two events
        learner.post(url("submit", passing))


def begin_person(learner: Client, bank: int, *, right_ones: int) -> Attempt:
    attempt = begin_at(learner, course_with_quiz(quiz(bank=bank)))
    answer_all(learner, attempt, right_ones=right_ones)
    return attempt


def begin_at(learner: Client, version: CourseVersion) -> Attempt:
    return start_attempt(learner.person, version.blueprint_version, at=timezone.now())


def test_the_newest_rules_are_told_unless_an_older_attempt_is_open(learner, version):
    begin(learner, version)
    newer = version.blueprint_version.blueprint.versions.create(
        number=2, draws=version.blueprint_version.draws[:1], questions=2, pass_mark_percent=50, marks_needed=1, created_at=NOW
    )
    CourseVersion.objects.create(
        course=version.course,
        number=2,
        content={},
        content_hash="1" * 64,
        blueprint_version=newer,
        effective_on=TODAY,
        created_at=NOW,
    )

    assert "There are 4 questions" in words(learner.get(start_url(version)))
    submit_attempt(Attempt.objects.get(), at=NOW)
    assert "There are 2 questions" in words(learner.get(start_url(version)))


def test_a_learner_who_has_left_the_list_of_roles_is_turned_away(sign_in, organisation, version):
    auditor = sign_in(organisation, Role.AUDITOR)
    PersonFactory(organisation=organisation, user=auditor.user)

    assert auditor.get(start_url(version)).status_code == 403


def test_a_withdrawn_question_turns_a_fail_into_a_completion_dated_when_it_was_handed_in(learner, version, time_machine):
    time_machine.move_to(timezone.now() - timedelta(days=40))
    attempt = begin(learner, version)
    answer_all(learner, attempt, right_ones=3)
    learner.post(url("submit", attempt))
    handed_in = timezone.localdate()
    question = attempt.items.get(slot=4).question_version.question
    withdraw_question(question, reason="The law changed", by=None, at=timezone.now())
    time_machine.shift(timedelta(days=40))

    run(Job.objects.get(kind="quizzes.remark").pk)

    completion = Completion.objects.get()
    assert (completion.completed_on, completion.score_percent) == (handed_in, 100)
    assert completion.recorded_at.date() > handed_in
    text = words(learner.get(url("result", attempt)))
    assert "You passed 4 out of 4 right. You needed 4." in text
    assert "You had 3 right when you handed in." in text
    assert "This question was withdrawn, so everybody gets the mark." in text
    run(Job.objects.get(kind="quizzes.remark").pk)
    assert Completion.objects.count() == 1
