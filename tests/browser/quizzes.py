"""A quiz of every kind in a running Tenfold, and the steps of somebody who takes it.

``make_quizzes`` runs inside the installation (``manage.py shell``); everything else drives a browser.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from playwright.sync_api import Locator, Page, expect

from tests.browser import chain
from tests.browser.running import Tenfold
from tests.quizzes import samples

LEARNERS = ("with-scripts", "without-scripts", "two-tabs", "signed-out", "signed-out-without-scripts", "timed")
"""One for each test, so that none finds another's attempt."""


def make_quizzes() -> None:
    """Two courses of Willow Brook with a quiz of every kind, the second with a time limit, and people to take them."""
    from accounts.models import Organisation  # Django is ready only inside the installation
    from quizzes.models import BlueprintVersion
    from tests.factories import PersonFactory, PostFactory, UserFactory, course_with_quiz, member

    willow_brook = Organisation.objects.get(ods_code="DCARE")
    course_with_quiz(samples.quiz_of_every_kind(code="every-kind"), code="every-kind", title="Every kind of question")
    rules = samples.quiz_of_every_kind(code="on-time")
    values = {field.name: getattr(rules, field.name) for field in rules._meta.concrete_fields if field.name != "id"}
    timed = BlueprintVersion.objects.create(**values | {"number": 2, "minutes": 20})
    course_with_quiz(timed, code="on-time", title="Against the clock")
    for name in LEARNERS:
        user = UserFactory(username=f"{name}@learner.example")
        user.set_password(chain.PASSWORD)
        user.save()
        PostFactory(person=PersonFactory(organisation=willow_brook, user=member(willow_brook, user=user), staff_number=name))


def begin_with_quizzes(tenfold: Tenfold) -> None:
    tenfold.manage("shell", "--no-imports", "-c", "from tests.browser.quizzes import make_quizzes; make_quizzes()")


def start(page: Page, name: str, course: str = "every-kind") -> None:
    """Sign in and begin the quiz: the first question is open afterwards."""
    chain.sign_in(page, f"{name}@learner.example")
    page.goto(f"/quiz/{course}/")
    page.get_by_role("button", name="Start the quiz").click()
    expect(page.get_by_text("Question 1 of 6")).to_be_visible()


def raw_of(page: Page, within: Locator) -> dict:
    """The question on the page as the bank's file has it."""
    words = within.inner_text()
    return next(raw for raw in samples.QUESTIONS if raw["stem"] in words)


def answer(within: Locator, raw: dict) -> None:
    """Give the right answer by what the page says, as a person does."""
    if raw["kind"] == "scenario":
        for part in raw["parts"]:
            answer(within.get_by_role("group").filter(has_text=part["stem"]), part)
    elif raw["kind"] == "ordering":
        for place, option in enumerate(raw["options"], start=1):
            within.get_by_label(option["text"], exact=True).select_option(str(place))
    elif raw["kind"] == "matching":
        for option in raw["options"]:
            within.get_by_label(option["text"], exact=True).select_option(label=option["match"])
    else:
        for option in filter(lambda option: option["correct"], raw["options"]):
            within.get_by_label(option["text"], exact=True).check()


def state_of(within: Locator) -> list[str]:
    """What is chosen in every field, in order."""
    return within.locator("input[type=radio], input[type=checkbox], select").evaluate_all(
        "fields => fields.map(field => field.tagName === 'SELECT' ? field.value : String(field.checked))"
    )


def answer_one_by_one(page: Page, look: Callable[[Page], object]) -> Iterator[list[str]]:
    """Answer every question on its page and save it; gives what was chosen on each."""
    for number in range(1, len(samples.QUESTIONS) + 1):
        expect(page.get_by_text(f"Question {number} of 6")).to_be_visible()
        form = page.locator("main form")
        answer(form, raw_of(page, form))
        look(page)
        chosen = state_of(form)
        page.get_by_role("button", name="Save and continue").click()
        yield chosen


def hand_in_with_a_double_click(page: Page) -> None:
    page.get_by_role("button", name="Hand in my answers").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You ")


def results_of(tenfold: Tenfold, name: str) -> list[list[object]]:
    """Every attempt of a learner as the installation keeps it: state, marks, and how many questions have an answer."""
    asked = f"from tests.browser.quizzes import print_results; print_results({name!r})"
    return json.loads(tenfold.manage("shell", "--no-imports", "-c", asked).splitlines()[-1])


def print_results(name: str) -> None:
    from quizzes.models import Attempt

    mine = Attempt.objects.filter(person__user__username=f"{name}@learner.example").order_by("ordinal")
    found = [[one.state, one.marks, one.items.filter(response__isnull=False).count()] for one in mine]
    print(json.dumps(found))  # noqa: T201


def let_the_time_run_out(tenfold: Tenfold, name: str) -> None:
    """Move the deadline of a learner's open attempt into the past: nobody waits 20 minutes."""
    asked = f"from tests.browser.quizzes import end_the_time; end_the_time({name!r})"
    tenfold.manage("shell", "--no-imports", "-c", asked)


def end_the_time(name: str) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from quizzes.models import Attempt

    mine = Attempt.objects.open().filter(person__user__username=f"{name}@learner.example")
    mine.update(deadline_at=timezone.now() - timedelta(minutes=1))
