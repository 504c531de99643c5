from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.enums import OrganisationType
from courses.certificates import issue, verify
from courses.models import Completion, CourseVersion, RetakeDemand, TrainingNeed
from courses.needs import set_need
from courses.obligations import what_is_due
from courses.retakes import ask_everybody, reach_of
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, OrganisationFactory, person_in_post

pytestmark = pytest.mark.django_db


def version(course, number, on=TODAY):
    return CourseVersion.objects.create(
        course=course, number=number, content={}, content_hash=str(number), effective_on=on, created_at=NOW
    )


@pytest.fixture
def course(organisation):
    course = CourseFactory()
    set_need(
        organisation,
        course=course,
        audience=TrainingNeed.Audience.EVERYONE,
        months=12,
        starter_days=30,
        rationale="Because",
        start=TODAY - timedelta(days=900),
        by="system",
        at=NOW,
    )
    return course


def days(person, *numbers):
    """Whether the person is up to date so many days after today."""
    return [what_is_due(person, on=TODAY + timedelta(days=number))[0].status.is_current for number in numbers]


def test_an_earlier_version_counts_up_to_the_last_day_and_the_past_stays(organisation, course):
    person = person_in_post(organisation, start=TODAY - timedelta(days=900))
    CompletionFactory(person=person, course=course, course_version=version(course, 1), completed_on=TODAY - timedelta(days=40))
    before = days(person, -40, -1, 0, 14, 15, 300)

    ask_everybody(version(course, 2), days=14, by="system", at=NOW)

    assert before == [True] * 6
    assert days(person, -40, -1, 0, 14, 15, 300) == [True, True, True, True, False, False]


def test_it_is_due_by_the_last_day_and_says_why(organisation, course):
    person = person_in_post(organisation, start=TODAY - timedelta(days=900))
    CompletionFactory(person=person, course=course, course_version=version(course, 1), completed_on=TODAY - timedelta(days=40))
    ask_everybody(version(course, 2), days=14, by="system", at=NOW)

    (due,) = what_is_due(person, on=TODAY)

    assert (due.due_on, due.is_to_do, due.is_overdue) == (TODAY + timedelta(days=14), True, False)
    assert any("Everyone was asked to do the new version" in sentence for sentence in due.why)


@pytest.mark.parametrize(
    ("number", "done_after_days", "counts"),
    [(1, 1, False), (2, 0, True), (3, 2, True), (None, -1, False), (None, 0, True), (None, 3, True)],
)
def test_the_version_decides_and_where_it_is_not_known_the_date(organisation, course, number, done_after_days, counts):
    versions = {n: version(course, n) for n in (1, 2, 3)}
    ask_everybody(versions[2], days=10, by="system", at=NOW)
    person = person_in_post(organisation, start=TODAY - timedelta(days=900))
    done_on = TODAY + timedelta(days=done_after_days)
    CompletionFactory(person=person, course=course, course_version=versions.get(number), completed_on=done_on)

    assert days(person, 11) == [counts]
    assert Completion.objects.counting_on(TODAY + timedelta(days=11), months=12).exists() == counts


def test_a_retake_is_asked_for_once_and_in_reason(course):
    two = version(course, 2)

    first, again = (ask_everybody(two, days=days, by="system", at=NOW) for days in (14, 30))

    assert (first, RetakeDemand.objects.count(), again.last_day) == (again, 1, TODAY + timedelta(days=14))
    for wrong in (0, -1, 61):
        with pytest.raises(ValueError, match="between 1 and 60 days"):
            ask_everybody(version(course, 3 + abs(wrong)), days=wrong, by="system", at=NOW)


def test_the_certificate_says_that_it_counts_no_longer(organisation, course):
    person = person_in_post(organisation, start=TODAY - timedelta(days=900))
    done = CompletionFactory(person=person, course=course, course_version=version(course, 1), source="classroom")
    certificate = issue(done, at=NOW)
    ask_everybody(version(course, 2), days=14, by="system", at=NOW)

    states = [verify(certificate.token, on=TODAY + timedelta(days=number)).state.value for number in (14, 15)]

    assert states == ["valid", "expired"]


def test_the_reach_counts_each_person_once_wherever_the_course_is_asked_for(organisation, course, django_assert_num_queries):
    elsewhere = OrganisationFactory(type=OrganisationType.GP)
    for place in (organisation, elsewhere):
        for audience in TrainingNeed.Audience:
            TrainingNeed.objects.get_or_create(
                organisation=place, course=course, audience=audience, end=None, defaults={"rationale": "x", "start": TODAY}
            )
        people = [person_in_post(place, start=TODAY, has_access="no") for _ in range(3)]
        CompletionFactory(person=people[0], course=course)
    person_in_post(OrganisationFactory(), start=TODAY)

    with django_assert_num_queries(5):
        reach = reach_of(course, on=TODAY)

    assert (reach.organisations, reach.people, reach.up_to_date) == (2, 6, 2)
