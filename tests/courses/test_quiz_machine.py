"""Whatever a learner's browser sends, in whatever order: the pages and the rows stay those of a simple model."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from courses.models import Completion
from quizzes.models import Attempt, AttemptItem
from tests.factories import OrganisationFactory, course_with_quiz, member, person_in_post
from tests.quizzes import samples

SLOTS = st.integers(1, len(samples.QUESTIONS))


class Browser(RuleBasedStateMachine):
    """One learner with several tabs. ``answers`` is what the open paper should hold, ``results`` the marks so far."""

    @initialize()
    def sit_down(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        organisation = OrganisationFactory()
        self.user = member(organisation)
        person_in_post(organisation, user=self.user)
        rules = samples.quiz_of_every_kind()
        self.course = course_with_quiz(rules).course
        self.client = Client()
        self.client.force_login(self.user)
        self.attempt: Attempt | None = None
        self.answers: dict[int, object] | None = None
        self.results: list[int] = []
        self.signed_in = True

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def url(self, name: str, *args: int) -> str:
        return reverse(f"courses:quiz_{name}", args=[self.attempt.pk, *args])

    def version(self, slot: int):
        return self.attempt.items.select_related("question_version").get(slot=slot).question_version

    @rule(twice=st.booleans())
    def start(self, twice):
        for _ in range(1 + twice):
            response = self.client.post(reverse("courses:quiz_start", args=[self.course.code]))
            assert response.status_code == 302
        if self.signed_in:
            self.attempt = Attempt.objects.open().get()
            self.answers = {} if self.answers is None else self.answers

    @precondition(lambda self: self.attempt)
    @rule(slot=SLOTS, how=st.sampled_from(["form", "script", "one page"]), right=st.booleans())
    def answer(self, slot, how, right):
        version = self.version(slot)
        response = samples.right_response(version) if right else self.wrong(version)
        data = samples.posted(version, response)
        if how == "one page":
            self.client.post(self.url("all"), {f"q{slot}-{name}": value for name, value in data.items()})
        else:
            headers = {"X-Autosave": "1"} if how == "script" else {}
            self.client.post(self.url("question", slot), data, headers=headers)
        if self.signed_in and self.answers is not None:
            self.answers[slot] = right

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

    @precondition(lambda self: self.attempt)
    @rule(slot=SLOTS, junk=st.dictionaries(st.sampled_from(["answer", "p1-answer", "from", "x"]), st.text(max_size=5)))
    def tamper(self, slot, junk):
        response = self.client.post(self.url("question", slot), junk)
        assert response.status_code in (200, 302)

    @precondition(lambda self: self.attempt)
    @rule(slot=st.sampled_from([0, 7, 9999]))
    def ask_for_what_is_not_on_the_paper(self, slot):
        expected = (404,) if self.signed_in and self.answers is not None else (302,)
        assert self.client.get(self.url("question", slot)).status_code in expected

    @precondition(lambda self: self.attempt)
    @rule(slot=SLOTS)
    def look(self, slot):
        for address in (self.url("question", slot), self.url("review"), self.url("all")):
            response = self.client.get(address)
            if self.answers is not None:
                assert b"Because" not in response.content

    @precondition(lambda self: self.attempt)
    @rule(times=st.integers(1, 3))
    def hand_in(self, times):
        seen = {self.client.post(self.url("submit")).url for _ in range(times)}
        if not self.signed_in:
            return
        assert seen == {self.url("result")}
        if self.answers is not None:
            paper = self.attempt.items.select_related("question_version")
            marks = {item.slot: item.marks_available for item in paper}
            self.results.append(sum(marks[slot] for slot, right in self.answers.items() if right))
            self.answers = None
        assert self.client.get(self.url("result")).status_code == 200

    @rule()
    def lose_the_session(self):
        self.client.logout()
        self.signed_in = False

    @rule()
    def sign_in(self):
        self.client.force_login(self.user)
        self.signed_in = True

    @invariant()
    def rows_are_those_of_the_model(self):
        if not hasattr(self, "results"):
            return
        mine = Attempt.objects.order_by("ordinal")
        assert [a.marks for a in mine if a.state == "marked"] == self.results
        assert mine.open().count() == (self.answers is not None)
        assert Completion.objects.count() == sum(marks >= 8 for marks in self.results)
        if self.answers is not None:
            answered = AttemptItem.objects.filter(attempt=self.attempt, response__isnull=False).values_list("slot", flat=True)
            assert set(answered) == set(self.answers)


@pytest.mark.django_db
def test_whatever_a_browser_sends_the_rows_stay_those_of_a_simple_model(monkeypatch):
    monkeypatch.setattr("courses.certificates.issue", lambda *args, **kwargs: None)  # drawing a PDF is tested apart
    run_state_machine_as_test(
        Browser,
        settings=settings(max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)),
    )
