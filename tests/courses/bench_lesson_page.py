"""Measures a lesson beside a bare Wagtail page of guidance, in the same run and the same layout.

    DATABASE_URL=... python tests/courses/bench_lesson_page.py

The database must be migrated. What it makes goes away with the transaction. Prints CPU milliseconds (median of the
pairs), the ratio (target 1.6) and query counts (target 12), for a short lesson and a long one.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.enums import OrganisationType, Role  # noqa: E402
from accounts.services import create_organisation, create_user  # noqa: E402
from content.loading import load as load_site  # noqa: E402
from courses.models import Course, CourseVersion  # noqa: E402
from staff.models import Person  # noqa: E402

PAIRS = 41
BLOCKS = [
    {"type": "text", "html": "<h2>A heading</h2><p>" + "Some words to read. " * 40 + "</p>"},
    {"type": "callout", "title": "A tip", "html": "<p>Tip words.</p>", "tone": "tip"},
    {"type": "term", "term": "Breach", "meaning": "Something lost."},
]


def a_course(lengths: list[int]) -> Course:
    """A course of one module, a lesson for each length."""
    course = Course.objects.create(code="bench-lesson-page", title="Bench")
    lessons = [{"title": f"Lesson {n}", "minutes": 2, "blocks": BLOCKS * n} for n in lengths]
    module = {"order": 1, "slug": "one", "title": "One", "minutes": 9, "summary": "", "outcomes": [], "sources": []}
    CourseVersion.objects.create(
        course=course,
        number=1,
        content={"title": "Bench", "modules": [module | {"standards": [], "lessons": lessons}]},
        content_hash="0",
        effective_on=timezone.localdate(),
        created_at=timezone.now(),
    )
    return course


def cpu_of(client: Client, url: str) -> float:
    start = time.process_time()
    assert client.get(url).status_code == 200, url
    return (time.process_time() - start) * 1000


def main() -> None:
    with transaction.atomic():
        at = timezone.now()
        load_site(at=at)
        organisation = create_organisation("BENCHLP", name="Bench", type=OrganisationType.GP, by="system", at=at)
        user = create_user("bench-lesson-page", organisation=organisation, roles=[Role.STAFF], by="system", at=at)
        Person.objects.create(organisation=organisation, staff_number="1", first_name="A", last_name="B", user=user)
        course = a_course([1, 12])
        client = Client()
        client.force_login(user)
        bare = "/guidance/key-terms/"
        for number in (1, 2):
            url = f"/learn/{course.code}/one/{number}/"
            for warm in (bare, url):
                cpu_of(client, warm)
            pairs = [(cpu_of(client, bare), cpu_of(client, url)) for _ in range(PAIRS)]
            base, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            blocks = len(BLOCKS) * (1 if number == 1 else 12)
            print(  # noqa: T201  a measurement is for whoever ran it
                f"lesson of {blocks} blocks: {ours:.1f} ms, bare page {base:.1f} ms, ratio {ours / base:.2f}, {len(queries)} queries"
            )
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
