"""Completions: recorded once, dated in London, voided with a reason."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from courses import certificates
from courses.completions import (
    CompletionRefusedError,
    hand_in,
    last_completion,
    record_completion,
    record_pass,
    version_taken,
    void_completion,
)
from courses.models import Certificate, Completion, CompletionVoid, CourseVersion
from quizzes.models import Attempt
from quizzes.services import save_answer, start_attempt, submit_attempt
from tests.factories import (
    NOW,
    TODAY,
    CompletionFactory,
    CourseFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
    course_with_quiz,
)

pytestmark = pytest.mark.django_db


def sat(version: CourseVersion, *, person=None, right_ones: int = 4, at: datetime = NOW) -> Attempt:
    """An attempt with so many right answers of four, not yet handed in."""
    attempt = start_attempt(person or PersonFactory(), version.blueprint_version, at=at)
    for item in attempt.items.select_related("question_version"):
        ids = {option["correct"]: option["id"] for option in item.question_version.options}
        save_answer(attempt, item.slot, [ids[item.slot <= right_ones]], at=at)
    return attempt


def test_a_pass_completes_the_course_once():
    version = course_with_quiz()
    attempt = submit_attempt(sat(version), at=NOW)

    completion = record_pass(attempt, by="system", at=NOW)
    again = record_pass(attempt, by="system", at=NOW + timedelta(days=1))

    assert again == completion
    assert (completion.course_version, completion.course, completion.person) == (version, version.course, attempt.person)
    assert (completion.source, completion.score_percent, completion.completed_on) == ("quiz", 100, TODAY)
    assert Event.objects.filter(type="courses.completed").count() == 1


@pytest.mark.parametrize(
    ("handed_in", "completed_on"),
    [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 1, tzinfo=UTC), date(2026, 7, 1)),  # one minute past midnight in London, in summer
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),  # the hour that comes twice
    ],
)
def test_the_date_is_that_of_london(handed_in, completed_on):
    attempt = submit_attempt(sat(course_with_quiz()), at=handed_in)

    assert record_pass(attempt, by="system", at=handed_in + timedelta(days=3)).completed_on == completed_on


def test_a_score_is_rounded_down_to_whole_per_cent():
    version = course_with_quiz()
    Attempt.objects.filter(pk=submit_attempt(sat(version), at=NOW).pk).update(marks=3)

    assert record_pass(Attempt.objects.get(), by="system", at=NOW).score_percent == 75


def test_a_fail_completes_nothing():
    attempt = sat(course_with_quiz(), right_ones=3)

    assert hand_in(attempt, by="system", at=NOW).passed is False
    with pytest.raises(CompletionRefusedError, match="Only a passed attempt"):
        record_pass(submit_attempt(attempt, at=NOW), by="system", at=NOW)
    assert not Completion.objects.exists()


def test_handing_in_a_pass_gives_completion_and_certificate_and_doing_so_twice_gives_no_more():
    attempt = sat(course_with_quiz())

    for _ in range(2):
        assert hand_in(attempt, by="system", at=NOW).passed

    assert Completion.objects.get().certificates.get().facts["marks"] == 4
    assert list(Event.objects.order_by("sequence").values_list("type", flat=True)) == [
        "quizzes.attempt_started",
        "quizzes.attempt_marked",
        "courses.completed",
        "courses.certificate_issued",
    ]


def test_a_pass_stands_when_the_certificate_cannot_be_made_and_it_is_made_later(monkeypatch, caplog):
    attempt = sat(course_with_quiz())
    with monkeypatch.context() as broken:
        broken.setattr(certificates, "render", lambda facts: 1 / 0)
        assert hand_in(attempt, by="system", at=NOW).passed
    completion = Completion.objects.get()
    assert not Certificate.objects.exists()
    assert "could not be made yet" in caplog.text

    assert certificates.issue(completion, at=NOW + timedelta(days=1)).completion == completion


def test_passing_twice_in_a_day_is_two_facts():
    version, person = course_with_quiz(), PersonFactory()
    for _ in range(2):
        hand_in(sat(version, person=person), by="system", at=NOW)

    assert Completion.objects.filter(person=person, completed_on=TODAY).count() == 2


def test_the_version_taken_is_the_one_in_force_when_the_attempt_began():
    first = course_with_quiz()
    attempt = sat(first)
    for number, effective_on in ((2, TODAY - timedelta(days=1)), (3, TODAY + timedelta(days=1))):
        CourseVersion.objects.create(
            course=first.course,
            number=number,
            content={},
            content_hash="1" * 64,
            blueprint_version=first.blueprint_version,
            effective_on=effective_on,
            created_at=NOW,
        )

    assert version_taken(attempt).number == 2


def test_another_organisations_course_with_the_same_quiz_is_not_the_one_taken():
    theirs = course_with_quiz(organisation=OrganisationFactory())

    assert version_taken(sat(theirs)) is None
    with pytest.raises(CompletionRefusedError, match="belongs to no course"):
        record_pass(submit_attempt(Attempt.objects.get(), at=NOW), by="system", at=NOW)


@pytest.mark.parametrize("source", ["classroom", "discussion", "prior-learning"])
def test_what_took_place_elsewhere_is_recorded_once_a_day(source):
    person, version, manager = PersonFactory(), course_with_quiz(), UserFactory()
    record = {"source": source, "completed_on": TODAY, "by": manager, "at": NOW, "reference": "Session 4"}

    completion = record_completion(person, version.course, **record)

    assert record_completion(person, version.course, **record) == completion
    assert (completion.course_version, completion.entered_by, completion.reference) == (version, manager, "Session 4")
    assert Event.objects.filter(type="courses.completed").count() == 1


def test_training_from_before_the_first_version_has_no_version():
    completion = record_completion(
        PersonFactory(), course_with_quiz().course, source="classroom", completed_on=date(2025, 3, 1), by=UserFactory(), at=NOW
    )

    assert completion.course_version is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"completed_on": TODAY + timedelta(days=1)}, "in the future"),
        ({"source": "quiz"}, "Choose how it was learnt"),
        ({"source": "import"}, "Choose how it was learnt"),
    ],
)
def test_what_cannot_be_recorded_is_refused(change, why):
    record = {"source": "classroom", "completed_on": TODAY, "by": UserFactory(), "at": NOW} | change

    with pytest.raises(CompletionRefusedError, match=why):
        record_completion(PersonFactory(), CourseFactory(), **record)


def test_nobody_records_their_own_training():
    person = PersonFactory(user=UserFactory())

    with pytest.raises(CompletionRefusedError, match="your own training"):
        record_completion(person, CourseFactory(), source="discussion", completed_on=TODAY, by=person.user, at=NOW)


def test_another_organisations_course_is_refused():
    with pytest.raises(CompletionRefusedError, match="another organisation"):
        record_completion(
            PersonFactory(),
            CourseFactory(organisation=OrganisationFactory()),
            source="classroom",
            completed_on=TODAY,
            by=UserFactory(),
            at=NOW,
        )


def test_a_void_says_why_and_the_first_one_stands():
    completion, hr = CompletionFactory(), UserFactory()

    void = void_completion(completion, reason=" Wrong person ", by=hr, at=NOW)
    again = void_completion(completion, reason="Other reason", by=hr, at=NOW)

    assert again == void
    assert (void.reason, void.voided_by) == ("Wrong person", hr)
    assert not Completion.objects.not_void().exists()
    event = Event.objects.get(type="courses.completion_voided")
    assert "Wrong person" not in str(event.payload())


def test_a_void_without_a_reason_is_refused():
    with pytest.raises(CompletionRefusedError, match="Say why"):
        void_completion(CompletionFactory(), reason="  ", by="system", at=NOW)


def test_a_voided_record_is_not_entered_again_unnoticed():
    person, course = PersonFactory(), CourseFactory()
    record = {"source": "discussion", "completed_on": TODAY, "by": UserFactory(), "at": NOW}
    void_completion(record_completion(person, course, **record), reason="Wrong", by="system", at=NOW)

    with pytest.raises(CompletionRefusedError, match="withdrawn"):
        record_completion(person, course, **record)


def test_the_last_completion_is_the_newest_that_stands():
    older = CompletionFactory(completed_on=TODAY - timedelta(days=9))
    newer = CompletionFactory(person=older.person, course=older.course)

    assert last_completion(older.person, older.course) == newer
    void_completion(newer, reason="Wrong", by="system", at=NOW)
    assert last_completion(older.person, older.course) == older
    void_completion(older, reason="Wrong", by="system", at=NOW)
    assert last_completion(older.person, older.course) is None


@pytest.mark.parametrize(
    "values",
    [
        {"source": "quiz"},  # without a version
        {"source": "rumour"},
        {"score_percent": 101},
        {},  # the same day and source again
    ],
)
def test_completions_that_cannot_be_are_refused(values):
    there = CompletionFactory()
    course = there.course if not values else CourseFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        CompletionFactory(person=there.person, course=course, **values)


def test_a_void_must_say_why_in_the_database_too():
    with pytest.raises(IntegrityError), transaction.atomic():
        CompletionVoid.objects.create(completion=CompletionFactory(), reason="", voided_at=NOW)


def test_hr_withdraws_one_record_from_the_persons_page_and_nobody_their_own(sign_in, organisation, other_organisation):
    client = sign_in(organisation, Role.HR)
    person = PersonFactory(organisation=organisation)
    completion = CompletionFactory(person=person, source="classroom", completed_on=TODAY)
    mine = CompletionFactory(person=PersonFactory(organisation=organisation, user=client.user), completed_on=TODAY)
    address = reverse("courses:completion_withdraw", args=[completion.pk])
    assert address in client.get(reverse("staff:person_detail", args=[person.pk])).text

    assert "There is a problem" in client.post(address, {"reason": ""}).text
    assert "record about yourself" in client.post(reverse("courses:completion_withdraw", args=[mine.pk]), {"reason": "x"}).text
    client.post(address, {"reason": "Somebody else sat it"})

    assert completion.void.reason == "Somebody else sat it"
    assert client.get(address).status_code == 404
    foreign = CompletionFactory(person=PersonFactory(organisation=other_organisation))
    assert client.get(reverse("courses:completion_withdraw", args=[foreign.pk])).status_code == 404
