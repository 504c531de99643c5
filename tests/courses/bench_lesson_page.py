"""Measures a lesson beside a bare Wagtail page of guidance, in the same run and the same layout.

    DATABASE_URL=... python tests/courses/bench_lesson_page.py

The database must be migrated. What it makes goes away with the transaction. Prints CPU milliseconds (median of the
pairs), the ratio (limit 1.6) and query counts (limit 12), for a short lesson, a long one, and one with pictures, videos
and files; exits 1 where one is above its limit.
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
LIMIT, MOST_QUERIES = 1.6, 12
BLOCKS: list[dict[str, object]] = [
    {"type": "text", "html": "<h2>A heading</h2><p>" + "Some words to read. " * 40 + "</p>"},
    {"type": "callout", "title": "A tip", "html": "<p>Tip words.</p>", "tone": "tip"},
    {"type": "term", "term": "Breach", "meaning": "Something lost."},
]
FILE = {"sha256": "0" * 64, "size": 20_000, "name": "file"}
MEDIA: list[dict[str, object]] = [
    {"type": "image", "picture": FILE | {"media_type": "image/png", "width": 960, "height": 540}, "alt": "A door", "caption": ""},
    {
        "type": "video",
        "title": "A film",
        "file": FILE | {"media_type": "video/webm"},
        "captions": FILE | {"media_type": "text/vtt"},
        "poster": None,
        "transcript": "<p>What is said.</p>",
    },
    {"type": "download", "title": "A list", "file": FILE | {"media_type": "application/pdf"}, "about": "Print it."},
]
LESSONS = {"short": BLOCKS, "long": BLOCKS * 12, "with media": (BLOCKS + MEDIA) * 4}


def a_course() -> Course:
    """A course of one module with the lessons."""
    course = Course.objects.create(code="bench-lesson-page", title="Bench")
    lessons = [{"title": f"Lesson {name}", "minutes": 2, "blocks": blocks} for name, blocks in LESSONS.items()]
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


def main() -> int:
    missed = 0
    with transaction.atomic():
        at = timezone.now()
        load_site(at=at)
        organisation = create_organisation("BENCHLP", name="Bench", type=OrganisationType.GP, by="system", at=at)
        user = create_user("bench-lesson-page", organisation=organisation, roles=[Role.STAFF], by="system", at=at)
        Person.objects.create(organisation=organisation, staff_number="1", first_name="A", last_name="B", user=user)
        course = a_course()
        client = Client()
        client.force_login(user)
        bare = "/guidance/key-terms/"
        for number, (name, blocks) in enumerate(LESSONS.items(), start=1):
            url = f"/learn/{course.code}/one/{number}/"
            for warm in (bare, url):
                cpu_of(client, warm)
            pairs = [(cpu_of(client, bare), cpu_of(client, url)) for _ in range(PAIRS)]
            base, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            missed = missed or int(ours / base > LIMIT or len(queries) > MOST_QUERIES)
            sys.stdout.write(
                f"lesson, {name}, {len(blocks)} blocks: {ours:.1f} ms, bare page {base:.1f} ms, "
                f"{ours / base:.2f} x (limit {LIMIT}), {len(queries)} queries (limit {MOST_QUERIES})\n"
            )
        transaction.set_rollback(True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
