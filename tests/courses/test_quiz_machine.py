"""Whatever a learner's browser sends, in whatever order: the pages and the rows stay those of a simple model."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from courses.completions import hand_in_overdue
from courses.models import Completion
from jobs.models import Job
from jobs.services import run
from quizzes.editing import withdraw_question
from quizzes.extra_time import record_extra_time
from quizzes.models import Attempt, AttemptItem, BlueprintVersion
from quizzes.remarking import standing_of
from tests.factories import NOW, OrganisationFactory, course_with_quiz, member, person_in_post
from tests.quizzes import samples

PAPER = len(samples.QUESTIONS)
SLOTS = st.integers(1, PAPER)
MINUTES = 20
WAITS = [timedelta(minutes=-5), timedelta(0), timedelta(seconds=9), timedelta(seconds=11)]
"""Until when time goes by, seen from the deadline."""


@dataclass
class Sitting:
    """What one attempt should hold: the paper by slot, when it began, what is right of what was answered."""

    paper: dict[int, tuple[int, int]]
    """Question and marks by slot."""
    needed: int
    begun: datetime
    answers: dict[int, bool] = field(default_factory=dict)
    handed_in: datetime | None = None
    marks: int = 0
    was_passed: bool = False

    def mark(self, withdrawn: set[int]) -> None:
        """Once a pass, always a pass; and marks never fall."""
        self.marks = sum(
            worth for slot, (question, worth) in self.paper.items() if self.answers.get(slot) or question in withdrawn
        )
        self.was_passed = self.was_passed or self.marks >= self.needed


def timed_quiz() -> BlueprintVersion:
    """A quiz of every kind against the clock, with twice the questions of a paper."""
    twice = [{**raw, "code": f"T-{number}"} for number, raw in enumerate(samples.QUESTIONS * 2, start=1)]
    rules = samples.quiz_of_every_kind(twice)
    values = {one.name: getattr(rules, one.name) for one in rules._meta.concrete_fields if one.name != "id"}
    draws = [{"pool": "kinds", "section": 1, "count": PAPER}]
    short = {"draws": draws, "questions": PAPER, "marks_needed": 5, "minutes": MINUTES, "number": 2}
    return BlueprintVersion.objects.create(**values | short)


class Browser(RuleBasedStateMachine):
    """One learner with several tabs. ``open`` is what the open attempt should be, ``done`` those handed in."""

    @initialize()
    def sit_down(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clock = time_machine.travel(NOW, tick=False)
        self.traveller = self.clock.start()
        organisation = OrganisationFactory()
        self.user = member(organisation)
        self.person = person_in_post(organisation, user=self.user)
        self.manager = member(organisation)
        self.course = course_with_quiz(timed_quiz()).course
        self.client = Client()
        self.client.force_login(self.user)
        self.attempt: Attempt
        self.open: Sitting | None = None
        self.done: list[Sitting] = []
        self.withdrawn: set[int] = set()
        self.extra = 0
        self.signed_in = True
        self.start(twice=False)

    def teardown(self):
        if hasattr(self, "atomic"):
            self.clock.stop()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def url(self, name: str, *args: int) -> str:
        return reverse(f"courses:quiz_{name}", args=[self.attempt.pk, *args])

    def version(self, slot: int):
        return self.attempt.items.select_related("question_version").get(slot=slot).question_version

    def deadline(self) -> datetime:
        """In whole minutes, rounded up."""
        return self.open.begun + timedelta(minutes=math.ceil(MINUTES * (100 + self.extra) / 100))

    def touch(self):
        """Somebody signed in opens a page of theirs: an attempt whose time is up is handed in first."""
        if self.signed_in and self.open and timezone.now() > self.deadline() + timedelta(seconds=10):
            self.finish()

    def finish(self):
        self.open.handed_in = min(timezone.now(), self.deadline())
        self.open.mark(self.withdrawn)
        self.done.append(self.open)
        self.open = None

    @precondition(lambda self: self.open)
    @rule(past_the_deadline=st.sampled_from(WAITS))
    def let_time_go_by(self, past_the_deadline):
        self.traveller.move_to(max(timezone.now(), self.deadline() + past_the_deadline), tick=False)
        if self.signed_in:
            self.client.force_login(self.user)  # how long a session lasts is tested apart

    @rule(percent=st.sampled_from([0, 25, 50, 100]))
    def give_extra_time(self, percent):
        record_extra_time(self.person, percent=percent, by=self.manager, at=timezone.now())
        self.extra = percent

    @precondition(lambda self: len(self.withdrawn) < PAPER)
    @rule(slot=SLOTS)
    def withdraw_a_question(self, slot):
        question = self.version(slot).question
        withdraw_question(question, reason="It is wrong.", by=None, at=timezone.now())
        for job in Job.objects.filter(kind="quizzes.remark", state="queued"):
            run(job.pk)
        self.withdrawn.add(question.pk)
        for sitting in self.done:
            if question.pk in {there for there, _worth in sitting.paper.values()}:
                sitting.mark(self.withdrawn)

    @rule()
    def sweep(self):
        hand_in_overdue(at=timezone.now())
        here, self.signed_in = self.signed_in, True
        self.touch()
        self.signed_in = here

    @rule(twice=st.booleans())
    def start(self, twice):
        self.touch()
        for _ in range(1 + twice):
            response = self.client.post(reverse("courses:quiz_start", args=[self.course.code]))
            assert response.status_code == 302
        if self.signed_in and not self.open:
            self.attempt = Attempt.objects.open().get()
            paper = self.attempt.items.values_list("slot", "question_version__question", "marks_available")
            self.open = Sitting(
                {slot: (question, worth) for slot, question, worth in paper}, self.attempt.marks_needed, timezone.now()
            )
            assert not self.withdrawn & {question for question, _worth in self.open.paper.values()}

    @rule(slot=SLOTS, how=st.sampled_from(["form", "script", "one page"]), right=st.booleans())
    def answer(self, slot, how, right):
        self.touch()
        version = self.version(slot)
        response = samples.right_response(version) if right else self.wrong(version)
        data = samples.posted(version, response)
        if how == "one page":
            sent = self.client.post(self.url("all"), {f"q{slot}-{name}": value for name, value in data.items()})
        else:
            headers = {"X-Autosave": "1"} if how == "script" else {}
            sent = self.client.post(self.url("question", slot), data, headers=headers)
        if how == "script":
            expected = 302 if not self.signed_in else 204 if self.open else 409
            assert (sent.status_code, sent.content) == (expected, b"")
        elif self.open:
            assert sent.status_code in (200, 302)
            assert b"Because" not in sent.content
        if self.signed_in and self.open:
            self.open.answers[slot] = right

    @staticmethod
    def wrong(version):
        """An answer that earns nothing: to a choice a wrong one, to anything else the first line alone."""
        right = samples.right_response(version)
        if version.kind in ("ordering", "matching"):
            return dict(list(right.items())[:1])
        if version.kind == "scenario":
            part = version.parts[0]
            return {part["id"]: [next(o["id"] for o in part["options"] if not o["correct"])]}
        return [next(o["id"] for o in version.options if not o["correct"])]

    @rule(slot=SLOTS, junk=st.dictionaries(st.sampled_from(["answer", "p1-answer", "from", "x"]), st.text(max_size=5)))
    def tamper(self, slot, junk):
        self.touch()
        response = self.client.post(self.url("question", slot), junk)
        assert response.status_code in (200, 302)
        expected = 404 if self.signed_in and self.open else 302
        for nowhere in (0, PAPER + 1, 9999):
            assert self.client.get(self.url("question", nowhere)).status_code == expected

    @rule(slot=SLOTS)
    def look(self, slot):
        self.touch()
        for address in (self.url("question", slot), self.url("review"), self.url("all")):
            response = self.client.get(address)
            assert response.status_code == (200 if self.signed_in and self.open else 302)
            assert b"Because" not in response.content

    @rule(times=st.integers(1, 3))
    def hand_in(self, times):
        self.touch()
        seen = {self.client.post(self.url("submit")).url for _ in range(times)}
        if not self.signed_in:
            return
        assert seen == {self.url("result")}
        if self.open:
            self.finish()
        page = self.client.get(self.url("result"))
        assert page.status_code == 200
        assert (b"You passed" in page.content) is self.done[-1].was_passed

    @precondition(lambda self: self.signed_in)
    @rule()
    def lose_the_session(self):
        self.client.logout()
        self.signed_in = False

    @precondition(lambda self: not self.signed_in)
    @rule()
    def sign_in(self):
        self.client.force_login(self.user)
        self.signed_in = True

    @invariant()
    def rows_are_those_of_the_model(self):
        if not hasattr(self, "done"):
            return
        mine = list(Attempt.objects.order_by("ordinal"))
        marked = [attempt for attempt in mine if attempt.state == "marked"]
        assert [attempt.submitted_at for attempt in marked] == [sitting.handed_in for sitting in self.done]
        standings = [standing_of(attempt) for attempt in marked]
        assert [(one.marks, one.passed) for one in standings] == [(one.marks, one.was_passed) for one in self.done]
        assert len(mine) - len(marked) == (self.open is not None)
        assert Completion.objects.count() == sum(sitting.was_passed for sitting in self.done)
        if self.open:
            open_one = Attempt.objects.open().get()
            assert open_one.deadline_at == self.deadline()
            answered = AttemptItem.objects.filter(attempt=open_one, response__isnull=False).values_list("slot", flat=True)
            assert set(answered) == set(self.open.answers)


@pytest.mark.django_db
def test_whatever_a_browser_sends_the_rows_stay_those_of_a_simple_model(monkeypatch):
    monkeypatch.setattr("courses.certificates.issue", lambda *args, **kwargs: None)  # drawing a PDF is tested apart
    run_state_machine_as_test(
        Browser,
        settings=settings(max_examples=20, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)),
    )
