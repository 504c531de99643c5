from __future__ import annotations

from datetime import date, timedelta

import pytest

from audit.models import Event
from courses.due_dates import unbroken_since
from courses.models import CompletionVoid, Exemption, TrainingNeed
from courses.needs import NeedRefusedError, ensure_default_need, set_need
from courses.obligations import what_is_due, what_is_due_for
from courses.status import State
from tests.factories import (
    NOW,
    TODAY,
    CompletionFactory,
    CourseFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    person_in_post,
)

pytestmark = pytest.mark.django_db
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness", title="Data security awareness")


def need(organisation, course, **changes):
    values = {
        "audience": TrainingNeed.Audience.WITH_ACCESS,
        "months": 12,
        "starter_days": 30,
        "rationale": "Because.",
        "start": LONG_AGO,
        "by": "system",
        "at": NOW,
    }
    return set_need(organisation, course=course, **(values | changes))


@pytest.mark.parametrize(
    ("periods", "since"),
    [
        ([], None),
        ([(date(2026, 1, 1), None)], date(2026, 1, 1)),
        ([(date(2026, 6, 1), None)], None),
        ([(date(2020, 1, 1), date(2026, 5, 1))], None),
        ([(date(2020, 1, 1), date(2024, 1, 1)), (date(2024, 1, 1), None)], date(2020, 1, 1)),
        ([(date(2020, 1, 1), date(2023, 12, 31)), (date(2024, 1, 1), None)], date(2024, 1, 1)),
        (
            [(date(2024, 1, 1), None), (date(2022, 1, 1), date(2025, 1, 1)), (date(2020, 1, 1), date(2022, 1, 1))],
            date(2020, 1, 1),
        ),
    ],
)
def test_an_unbroken_run_of_periods(periods, since):
    assert unbroken_since(periods, on=TODAY) == since


def test_a_starter_has_the_starters_days(organisation, course):
    need(organisation, course)
    person = person_in_post(organisation, start=date(2026, 4, 20))

    (due,) = what_is_due(person, on=TODAY)

    assert (due.status.state, due.due_on, due.is_overdue, due.is_to_do) == (State.NOT_STARTED, date(2026, 5, 20), False, True)
    assert "In post since 20 April 2026, with 30 days to do it: due by 20 May 2026." in due.why


def test_a_completion_sets_the_date_and_says_which(organisation, course):
    need(organisation, course)
    person = person_in_post(organisation)
    CompletionFactory(person=person, course=course, completed_on=date(2025, 12, 1))

    (due,) = what_is_due(person, on=TODAY)

    assert (due.status.state, due.due_on, due.is_to_do) == (State.CURRENT, date(2026, 11, 30), False)
    assert "Finished on 1 December 2025. That counts for 12 months, up to and including 30 November 2026." in due.why


@pytest.mark.parametrize(
    ("on", "soon", "overdue"),
    [
        (date(2026, 9, 30), False, False),
        (date(2026, 10, 1), True, False),
        (date(2026, 11, 30), True, False),
        (date(2026, 12, 1), False, True),
    ],
)
def test_it_is_offered_again_near_its_end_and_overdue_after_it(organisation, course, on, soon, overdue):
    need(organisation, course)
    person = person_in_post(organisation)
    CompletionFactory(person=person, course=course, completed_on=date(2025, 12, 1))

    (due,) = what_is_due(person, on=on)

    assert (due.is_soon, due.is_overdue, due.is_to_do) == (soon, overdue, soon or overdue)


def test_a_voided_completion_does_not_count(organisation, course):
    need(organisation, course)
    person = person_in_post(organisation)
    completion = CompletionFactory(person=person, course=course, completed_on=date(2025, 12, 1))
    CompletionVoid.objects.create(completion=completion, reason="Wrong person", voided_at=NOW)

    (due,) = what_is_due(person, on=TODAY)

    assert due.status.state is State.NOT_STARTED


def test_somebody_who_comes_back_is_a_starter_again(organisation, course):
    need(organisation, course)
    person = person_in_post(organisation, start=date(2019, 1, 1), end=date(2023, 1, 1))
    PostFactory(person=person, start=date(2026, 4, 20))
    CompletionFactory(person=person, course=course, completed_on=date(2022, 1, 1))

    (due,) = what_is_due(person, on=TODAY)

    assert (due.status.state, due.due_on, due.is_overdue) == (State.LAPSED, date(2026, 5, 20), False)


def test_people_in_post_before_the_need_have_the_starters_days_from_it(organisation, course):
    need(organisation, course, start=date(2026, 4, 25))
    person = person_in_post(organisation, start=date(2010, 1, 1))

    (due,) = what_is_due(person, on=TODAY)

    assert due.due_on == date(2026, 5, 25)
    assert "Asked for here since 25 April 2026, with 30 days to do it: due by 25 May 2026." in due.why


def test_rewriting_a_line_gives_nobody_new_time(organisation, course):
    need(organisation, course, start=date(2025, 1, 1))
    person = person_in_post(organisation, start=date(2010, 1, 1))
    need(organisation, course, start=date(2026, 4, 25), rationale="Better words.")

    (due,) = what_is_due(person, on=TODAY)

    assert due.due_on == date(2025, 1, 31)
    assert due.is_overdue


@pytest.mark.parametrize(("access", "asked"), [("yes", True), ("unknown", True), ("no", False)])
def test_unknown_access_counts_as_access(organisation, course, access, asked):
    need(organisation, course)
    person = person_in_post(organisation, has_access=access, job_title="Gardener")

    due = what_is_due(person, on=TODAY)

    assert bool(due) == asked
    if access == "unknown":
        assert "Nobody has said whether the post Gardener has access to personal data, so it counts." in due[0].why


def test_the_strictest_of_two_lines_decides(organisation, course):
    need(organisation, course)
    need(organisation, course, audience=TrainingNeed.Audience.EVERYONE, months=6, starter_days=10)
    person = person_in_post(organisation, start=date(2026, 4, 20))

    (due,) = what_is_due(person, on=TODAY)

    assert (due.need.months, due.due_on) == (6, date(2026, 4, 30))


def test_without_a_post_today_nothing_is_asked(organisation, course):
    need(organisation, course)
    leaver = person_in_post(organisation, end=TODAY)
    joiner = person_in_post(organisation, start=TODAY + timedelta(days=1))
    unposted = PersonFactory(organisation=organisation)

    assert what_is_due_for([leaver, joiner, unposted], on=TODAY) == {leaver.pk: [], joiner.pk: [], unposted.pk: []}


@pytest.mark.parametrize("for_all_courses", [True, False])
def test_somebody_excused_has_nothing_to_do_and_is_told_until_when(organisation, course, for_all_courses):
    need(organisation, course)
    person = person_in_post(organisation)
    Exemption.objects.create(
        person=person,
        course=None if for_all_courses else course,
        reason=Exemption.Reason.LONG_ABSENCE,
        start=TODAY,
        end=date(2026, 7, 1),
        approved_at=NOW,
    )

    (due,) = what_is_due(person, on=TODAY)

    assert (due.is_overdue, due.is_to_do) == (False, False)
    assert due.why[-1] == "Excused until 30 June 2026."


@pytest.mark.parametrize("people", [1, 12])
def test_many_people_cost_the_same(organisation, course, people, django_assert_num_queries):
    need(organisation, course)
    need(organisation, CourseFactory(), audience=TrainingNeed.Audience.EVERYONE)
    team = [person_in_post(organisation) for _ in range(people)]
    for person in team:
        CompletionFactory(person=person, course=course)

    with django_assert_num_queries(4):  # lines, posts, learning, absences with exemptions and extensions
        due = what_is_due_for(team, on=TODAY)

    assert sum(len(found) for found in due.values()) == 2 * people


# --- Writing the lines ---------------------------------------------------------------------


def test_the_same_line_again_changes_nothing(organisation, course):
    first = need(organisation, course)
    events = Event.objects.count()

    assert need(organisation, course, start=TODAY) == first
    assert Event.objects.count() == events


def test_a_changed_line_ends_the_old_one_where_it_starts(organisation, course):
    first = need(organisation, course)

    second = need(organisation, course, months=6, start=TODAY)

    first.refresh_from_db()
    assert (first.end, second.start, second.end) == (TODAY, TODAY, None)
    assert list(TrainingNeed.objects.in_force(organisation, TODAY)) == [second]
    assert list(TrainingNeed.objects.in_force(organisation, TODAY - timedelta(days=1))) == [first]


def test_a_line_is_corrected_on_the_day_it_starts(organisation, course):
    first = need(organisation, course, start=TODAY)

    second = need(organisation, course, months=6, start=TODAY)

    assert first == second
    assert TrainingNeed.objects.get().months == 6


def test_a_line_says_what_was_decided_in_the_audit_trail(organisation, course):
    need(organisation, course)

    event = Event.objects.of_organisation(organisation.ods_code).get(type="courses.need_set")
    assert event.summary["months"] == 12
    assert event.summary["start"] == "2020-01-01"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rationale": " "}, "Say why"),
        ({"start": date(2019, 1, 1), "months": 6}, "There is a later line"),
    ],
)
def test_a_line_is_refused(organisation, course, changes, says):
    need(organisation, course)

    with pytest.raises(NeedRefusedError, match=says):
        need(organisation, course, **changes)

    assert TrainingNeed.objects.count() == 1


def test_another_organisations_course_is_refused(organisation):
    foreign = CourseFactory(organisation=OrganisationFactory())

    with pytest.raises(NeedRefusedError, match="another organisation"):
        need(organisation, foreign)


def test_the_default_need_is_made_once(organisation, course):
    first = ensure_default_need(organisation, by="system", at=NOW)

    assert ensure_default_need(organisation, by="system", at=NOW) == first
    assert (first.audience, first.months, first.starter_days, first.start) == ("with-access", 12, 30, TODAY)


def test_the_default_need_waits_for_its_course(organisation):
    with pytest.raises(NeedRefusedError, match="load_content"):
        ensure_default_need(organisation, by="system", at=NOW)
