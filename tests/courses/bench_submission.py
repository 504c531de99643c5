"""Handing in a quiz beside a view that inserts one row and its audit event: ``make bench`` runs it.

Both go through the whole stack (session, access, CSRF switched off alike). Prints the time of each and their ratio, by
the processor and by the clock on the wall; exits 1 where either is above the limit. The answers are right and wrong in
turn, which is the dearest to write and no pass: a pass also draws a certificate, measured apart and without a limit here.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import include, path, reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.policy import signed_in  # noqa: E402
from audit.services import record  # noqa: E402
from quizzes.services import save_answers, start_attempt  # noqa: E402
from staff.models import Unit  # noqa: E402
from tests.factories import OrganisationFactory, course_with_quiz, member, person_in_post, quiz  # noqa: E402

LIMIT = 2.0
TIMES = 60


@signed_in
@transaction.atomic
def minimal_insert(request: HttpRequest) -> HttpResponse:
    """What the least view does that writes: one row, one event."""
    organisation = request.access.organisation  # type: ignore[attr-defined]
    unit = Unit.objects.create(organisation=organisation, name=f"Unit {time.perf_counter_ns()}")
    record("quizzes.pool_created", organisation=organisation, by=request.user, target=unit, summary={"pool": unit.name})
    return HttpResponse("saved")


urlpatterns = [path("bench/insert/", minimal_insert), path("", include("lms.urls"))]


def times_of(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor and on the wall."""
    processor, wall = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - processor, time.perf_counter() - wall


def main() -> int:
    organisation = OrganisationFactory()
    user = member(organisation)
    person = person_in_post(organisation, user=user)
    rules = quiz(sections=6, bank=12, count=2)
    course_with_quiz(rules)
    client = Client()
    client.force_login(user)
    insert, submit = [], []
    for _ in range(TIMES):
        attempt = start_attempt(person, rules, at=timezone.now())
        answers = {
            item.slot: [next(o["id"] for o in item.question_version.options if o["correct"] is (item.slot % 2 == 0))]
            for item in attempt.items.select_related("question_version")
        }
        save_answers(attempt, answers, at=timezone.now())
        address = reverse("courses:quiz_submit", args=[attempt.pk])
        insert.append(times_of(lambda: client.post("/bench/insert/")))
        submit.append(times_of(lambda address=address: client.post(address)))
    worst = 0.0
    for clock, least, ours in zip(("processor", "wall"), medians(insert), medians(submit), strict=True):
        worst = max(worst, ours / least)
        sys.stdout.write(
            f"{clock}: minimal insert {least:.1f} ms, quiz handed in {ours:.1f} ms: {ours / least:.2f} x (limit {LIMIT})\n"
        )
    return 0 if worst <= LIMIT else 1


def medians(times: list[tuple[float, float]]) -> list[float]:
    """In milliseconds, of the processor and on the wall."""
    return [statistics.median(column) * 1000 for column in zip(*times, strict=True)]


if __name__ == "__main__":
    with transaction.atomic(), override_settings(ROOT_URLCONF="tests.courses.bench_submission"):
        code = main()
        transaction.set_rollback(True)
    sys.exit(code)
