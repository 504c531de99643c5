"""Rules, frozen evidence, and asking its question again."""

from __future__ import annotations

import json
import uuid
from datetime import date

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.enums import Role
from audit.models import AppendOnlyError, Event
from courses.models import CompletionVoid, TrainingNeed
from evidence import blobs
from jobs.services import enqueue, run
from reporting.comparison import compare_with_now
from reporting.invariants import snapshots_are_whole
from reporting.models import CountingRule, EvidenceSnapshot
from reporting.readings import UnknownCourseError, rule_in_force, training_reading
from reporting.rules import DSPT_TRAINING, TRAINING, Rule, definition_of, rule_from, shipped_rules
from reporting.services import set_counting_rule, take_snapshot
from reporting.tasks import TAKE_SNAPSHOT
from staff.models import Post
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, PersonFactory, PostFactory, member, person_in_post


@pytest.fixture
def course(db):
    return CourseFactory(code="data-security-awareness")


def test_the_reading_takes_window_target_and_courses_from_whoever_asks(organisation, course):
    other = CourseFactory(code="other")
    CompletionFactory(person=person_in_post(organisation), course=other, completed_on=date(2026, 3, 1))
    CompletionFactory(person=person_in_post(organisation), course=course, completed_on=date(2024, 6, 1))

    narrow = training_reading(organisation, on=TODAY, months=12, target=95, course_codes=("other",))
    wide = training_reading(organisation, on=TODAY, months=24, target=95, course_codes=("other", "data-security-awareness"))

    assert (narrow.numerator, narrow.denominator, narrow.meets_target) == (1, 2, False)
    assert (wide.numerator, wide.denominator, wide.meets_target) == (2, 2, True)
    assert wide.rule.key == DSPT_TRAINING
    assert "24 months" in " ".join(wide.definition)


def test_a_target_of_nothing_is_still_a_target(organisation, course):
    person_in_post(organisation)

    assert training_reading(organisation, on=TODAY, target=0).meets_target is True


def test_a_reading_names_nobody(organisation, course):
    person = PersonFactory(organisation=organisation, staff_number="STAFF-NUMBER", first_name="Firstname", email="a@secret.test")
    PostFactory(person=person, job_title="Lion tamer")

    reading = training_reading(organisation, on=TODAY)

    assert [row.person for row in reading.rows] == [person.pk]
    text = reading.as_json().decode()
    assert not [word for word in ("STAFF-NUMBER", "Firstname", person.last_name, "secret.test", "Lion tamer") if word in text]


def test_an_unknown_course_is_an_error_in_words(organisation):
    with pytest.raises(UnknownCourseError, match="no course “nowhere”"):
        training_reading(organisation, on=TODAY, course_codes=("nowhere",))


@pytest.mark.parametrize("people", [2, 30])
def test_a_reading_costs_the_same_however_many_people(organisation, course, people, django_assert_num_queries):
    for _ in range(people):
        CompletionFactory(person=person_in_post(organisation), course=course)

    with django_assert_num_queries(3):  # the rule, the course, everybody in post
        reading = training_reading(organisation, on=TODAY, months=12)

    assert reading.numerator == people


def test_an_organisations_own_rule_stands_above_the_shipped_one(organisation, other_organisation, course):
    shipped = rule_in_force(organisation, TRAINING, on=TODAY)
    own = shipped.changed(months=6, employment_types=("permanent",), headline="net")

    set_counting_rule(
        organisation, rule=own, rationale="Agreed by the board.", effective_on=date(2026, 2, 1), by="system", at=NOW
    )
    set_counting_rule(
        organisation, rule=own.changed(months=9), rationale="Again.", effective_on=date(2026, 4, 1), by="system", at=NOW
    )

    assert rule_in_force(organisation, TRAINING, on=date(2026, 1, 31)) == shipped
    assert rule_in_force(organisation, TRAINING, on=date(2026, 2, 1)).months == 6
    assert rule_in_force(organisation, TRAINING, on=TODAY).months == 9
    assert rule_in_force(organisation, TRAINING, on=TODAY).employment_types == ("permanent",)
    assert rule_in_force(other_organisation, TRAINING, on=TODAY) == shipped
    assert Event.objects.filter(type="reporting.rule_set", organisation=organisation.ods_code).count() == 2


def test_a_training_need_says_how_long_a_course_counts(organisation, course):
    common = {"organisation": organisation, "course": course, "rationale": "x", "start": date(2024, 1, 1)}
    TrainingNeed.objects.create(**common, months=24, audience="everyone")
    TrainingNeed.objects.create(**common, months=18, audience="with-access")

    assert rule_in_force(organisation, TRAINING, on=TODAY, course=course).months == 18
    assert rule_in_force(organisation, DSPT_TRAINING, on=TODAY, course=course).months == shipped_rules()[DSPT_TRAINING].months


@pytest.mark.parametrize(
    ("lines", "months"),
    [
        ([{"frequency": "once", "months": 12}], 120),
        ([{"frequency": "yearly", "months": 3}], 12),
        ([{"frequency": "once", "months": 1}, {"frequency": "rolling", "months": 24}], 24),
    ],
)
def test_months_are_those_of_the_frequency_and_not_of_a_field_that_says_nothing(organisation, course, lines, months):
    for line in lines:
        TrainingNeed.objects.create(organisation=organisation, course=course, rationale="x", start=date(2024, 1, 1), **line)

    assert rule_in_force(organisation, TRAINING, on=TODAY, course=course).months == months


@pytest.mark.parametrize(
    "wrong", [{"months": 0}, {"months": 121}, {"target": 101}, {"employment_types": ("wizard",)}, {"employment_types": ()}]
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        Rule(**({"key": "k", "title": "T", "months": 12} | wrong))


@pytest.mark.parametrize("rule", [*shipped_rules().values(), Rule("k", "T", 1, 90, ("bank", "agency"), False, "net", ("a",))])
def test_a_rule_survives_being_written_down(rule):
    assert rule_from(json.loads(json.dumps(rule.as_dict()))) == rule
    assert all(definition_of(rule, on=TODAY, course_titles=["A", "B"]))


@pytest.mark.parametrize("wrong", [{"months": 0}, {"target": 101}, {"headline": "both"}, {"rationale": ""}])
@pytest.mark.django_db
def test_the_database_refuses_a_rule_that_makes_no_sense(wrong):
    values = {"key": "k", "number": 1, "title": "T", "months": 12, "rationale": "x", "effective_on": TODAY, "made_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        CountingRule.objects.create(**(values | wrong))


def test_two_rules_for_all_cannot_have_one_number(db):
    values = {"key": "k", "number": 1, "title": "T", "months": 12, "rationale": "x", "effective_on": TODAY, "made_at": NOW}
    CountingRule.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        CountingRule.objects.create(**values)


@pytest.fixture
def snapshot(organisation, course):
    for number in range(3):
        done = person_in_post(organisation, has_access="yes")
        CompletionFactory(person=done, course=course, completed_on=date(2026, 1, number + 1))
    person_in_post(organisation, has_access="yes")
    return take_snapshot(organisation, on=TODAY, by=member(organisation), at=NOW)


def test_a_snapshot_is_frozen_recorded_and_whole(snapshot):
    assert (snapshot.numerator, snapshot.denominator, snapshot.percent) == (3, 4, "75.0")
    assert list(snapshots_are_whole()) == []
    event = Event.objects.get(type="reporting.snapshot_taken")
    assert event.summary["digest"] == snapshot.digest
    snapshot.numerator = 4
    with pytest.raises(AppendOnlyError):
        snapshot.save()


def test_the_invariant_finds_a_file_that_was_changed(snapshot):
    path = blobs.path_of(snapshot.reading_id)
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b'"counted":false', b'"counted":true'))
    try:
        (fault,) = snapshots_are_whole()
        assert fault.row == f"reporting.evidencesnapshot:{snapshot.pk}"
    finally:
        path.write_bytes(kept)


def test_the_same_request_twice_makes_one_snapshot(organisation, course):
    request = uuid.uuid4()

    first = take_snapshot(organisation, on=TODAY, by="system", at=NOW, request=request)
    second = take_snapshot(organisation, on=TODAY, by="system", at=NOW, request=request)

    assert first == second
    assert EvidenceSnapshot.objects.count() == 1


def test_nothing_new_compares_as_the_same(snapshot):
    comparison = compare_with_now(snapshot)

    assert comparison.is_same
    assert comparison.differences == ()


def test_late_records_voids_and_changed_posts_show_row_by_row(snapshot, organisation, course):
    posts = list(Post.objects.filter(person__organisation=organisation).order_by("person"))
    voided, group, gone, late = (post.person for post in posts)
    CompletionVoid.objects.create(completion=voided.completions.get(), reason="Wrong person", voided_at=NOW)
    Post.objects.filter(person=group).update(staff_group="Nursing")
    Post.objects.filter(person=gone).update(end=date(2026, 4, 1))
    CompletionFactory(person=late, course=course, completed_on=date(2026, 4, 30))
    came = person_in_post(organisation, has_access="no")

    comparison = compare_with_now(snapshot)

    assert not comparison.is_same
    found = {one.person: {change.field: (change.then, change.now) for change in one.changes} for one in comparison.differences}
    assert found[voided.pk]["standing"] == ("current", "not started")
    assert found[voided.pk]["counted as trained"] == ("yes", "no")
    assert found[group.pk] == {"staff groups": ("Care", "Nursing")}
    assert found[late.pk]["completed on"] == ("none", "2026-04-30")
    assert {one.person: one.what for one in comparison.differences if not one.changes} == {
        gone.pk: "Is not in post on that day, as known now",
        came.pk: "Was not in post then, as far as was known",
    }
    assert json.loads(blobs.read(snapshot.reading))["headline"]["numerator"] == 3


@pytest.mark.parametrize("has_course", [True, False])
def test_the_job_freezes_and_leads_to_the_page_or_says_why_not(organisation, has_course):
    if has_course:
        CourseFactory(code="data-security-awareness")
    user = member(organisation, Role.DSPT_LEAD)
    arguments = {"organisation_id": organisation.pk, "user_id": user.pk, "as_of": "2026-04-01", "request": str(uuid.uuid4())}
    job = enqueue(TAKE_SNAPSHOT, title="t", organisation=organisation, by=user, arguments=arguments, at=NOW)

    with time_machine.travel(NOW, tick=False):
        done = run(job.pk)

    if has_course:
        taken = EvidenceSnapshot.objects.get()
        assert (done.state, done.result["url"], taken.taken_by) == ("done", f"/reports/evidence/{taken.pk}/", user)
    else:
        assert (done.state, "no course" in done.error) == ("failed", True)
