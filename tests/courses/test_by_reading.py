"""A course without a quiz: completed by reading it, where the course says so."""

from __future__ import annotations

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from courses.completions import CompletionRefusedError, finish_reading, void_completion
from courses.learning import mark_read
from courses.models import Certificate, Completion
from tests.content.markup import faults
from tests.courses.test_learning import content, lesson, module, publish
from tests.factories import NOW, TODAY, CourseFactory, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version():
    found = content(module(1, [lesson("One"), lesson("Two")])) | {"by_reading": True}
    return publish(CourseFactory(code="ours"), found, on=TODAY)


@pytest.fixture
def learner(organisation, sign_in):
    client = sign_in(organisation, Role.STAFF)
    client.person = person_in_post(organisation, user=client.user)
    return client


def read_all(person, version):
    for number in (1, 2):
        mark_read(person, version, module="part-1", lesson=number, at=NOW)


def finish(client, **sent):
    return client.post(reverse("courses:course_read", args=["ours"]), sent, follow=True)


def test_who_has_read_it_says_so_and_has_completed_it(learner, version):
    read_all(learner.person, version)

    page = learner.get("/learn/ours/")
    bare = finish(learner)
    nothing = Completion.objects.count()
    for _ in range(2):
        done = finish(learner, understood="yes")

    assert faults(page) == []
    assert "I have read and understood this course" in page.text
    assert "Tick the box" in bare.text
    assert nothing == 0
    assert "You have completed" in done.text
    completion = Completion.objects.get()
    assert (completion.source, completion.course_version, completion.completed_on) == ("reading", version, TODAY)
    assert Certificate.objects.get().completion == completion
    assert Event.objects.get(type="courses.completed").summary["source"] == "read and understood"


def test_what_is_left_to_read_comes_first(learner, version):
    mark_read(learner.person, version, module="part-1", lesson=1, at=NOW)

    assert "Finish the course" not in learner.get("/learn/ours/").text
    assert "something left to read" in finish(learner, understood="yes").text
    assert not Completion.objects.exists()


def test_a_course_that_does_not_say_so_is_not_completed_by_reading(learner):
    silent = publish(CourseFactory(code="ours"), content(module(1, [lesson("One"), lesson("Two")])), on=TODAY)
    read_all(learner.person, silent)

    assert "I have read" not in learner.get("/learn/ours/").text
    assert "not completed by reading" in finish(learner, understood="yes").text
    assert not Completion.objects.exists()


def test_a_record_that_was_taken_back_does_not_come_again_the_same_day(learner, version):
    read_all(learner.person, version)
    done = finish_reading(learner.person, version.course, by=learner.user, at=NOW)
    void_completion(done, reason="Somebody else pressed it.", by="system", at=NOW)

    with pytest.raises(CompletionRefusedError, match="taken back"):
        finish_reading(learner.person, version.course, by=learner.user, at=NOW)


def test_reading_always_names_what_was_read(learner, version):
    facts = {"person": learner.person, "course": version.course, "completed_on": TODAY, "recorded_at": NOW}

    with pytest.raises(IntegrityError, match="completion_quiz_has_version"), transaction.atomic():
        Completion.objects.create(**facts, source="reading")
