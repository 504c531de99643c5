"""Handing in a quiz beside a view that inserts one row and its audit event: ``make bench`` runs it.

Both go through the whole stack (session, access, CSRF switched off alike). Prints the CPU time of each and their ratio;
exits 1 above the limit. A pass also draws a certificate, which is measured apart and has no limit here.
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


def cpu_of(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


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
        wrong = {
            item.slot: [next(o["id"] for o in item.question_version.options if not o["correct"])]
            for item in attempt.items.select_related("question_version")
        }
        save_answers(attempt, wrong, at=timezone.now())
        address = reverse("courses:quiz_submit", args=[attempt.pk])
        insert.append(cpu_of(lambda: client.post("/bench/insert/")))
        submit.append(cpu_of(lambda address=address: client.post(address)))
    least, ours = statistics.median(insert) * 1000, statistics.median(submit) * 1000
    sys.stdout.write(f"minimal insert {least:.1f} ms, quiz handed in {ours:.1f} ms: {ours / least:.2f} x (limit {LIMIT})\n")
    return 0 if ours / least <= LIMIT else 1


if __name__ == "__main__":
    with transaction.atomic(), override_settings(ROOT_URLCONF="tests.courses.bench_submission"):
        code = main()
        transaction.set_rollback(True)
    sys.exit(code)
