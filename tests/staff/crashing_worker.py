"""Kills a worker in the middle of an import, at one place after another, and finishes each import with another worker.

    DATABASE_URL=... python tests/staff/crashing_worker.py

The database must be migrated and is written to. Prints what was found after every crash and after going on.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.enums import Role  # noqa: E402
from accounts.models import Organisation, User  # noqa: E402
from accounts.services import grant_role  # noqa: E402
from jobs import services as jobs  # noqa: E402
from jobs.models import Job  # noqa: E402
from staff import services, tasks  # noqa: E402
from staff.importing import bulk  # noqa: E402
from staff.models import ImportBatch, ImportRow, Person, Post  # noqa: E402

PEOPLE = 300
PLACES = ("before anything", "people written", "posts written", "rows written", "before the commit", "after the commit")


def dies_at(place: str) -> Callable[[], None]:
    """Make this process die, without a word, when the import has come so far."""

    def die(*args: object, **kwargs: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    insert = bulk.insert
    after = {"people written": Person, "posts written": Post, "rows written": ImportRow}

    def insert_and_die(model, columns, rows):
        insert(model, columns, rows)
        if model is after.get(place):
            die()

    targets = {
        "before anything": ("staff.importing.applying.write", die),
        "before the commit": ("staff.services.imports.record", die),
        "after the commit": ("jobs.services._finish", die),
    }
    return patch(*targets.get(place, ("staff.importing.bulk.insert", insert_and_die))).start


def state(organisation: Organisation, batch: ImportBatch) -> list[object]:
    batch.refresh_from_db()
    return [
        Person.objects.of(organisation).count(),
        Post.objects.filter(person__organisation=organisation).count(),
        str(batch.state),
    ]


def crash_and_go_on(place: str, organisation: Organisation, user: User, number: int) -> dict[str, object]:
    rows = "".join(f"{number}-{n},Ada,Okafor{n},Ward {n % 9},{number}-{n // 9 if n > 8 else ''}\n" for n in range(PEOPLE))
    content = f"Staff Number,First Name,Last Name,Unit,Manager Number\n{rows}".encode()
    now, today = timezone.now(), date(2026, 5, 1)
    batch = services.upload(
        content, file_name="staff.csv", organisation=organisation, as_of=today, is_complete=False, by=user, at=now
    )
    services.preview_batch(batch)
    job = jobs.enqueue(
        tasks.APPLY, title="Import", organisation=organisation, by=user, at=now,
        arguments={"batch_id": batch.pk, "user_id": user.pk},
    )  # fmt: skip
    connection.close()
    worker = os.fork()
    if worker == 0:
        dies_at(place)()
        jobs.run(job.pk)
        os._exit(0)
    _, status = os.waitpid(worker, 0)
    crashed = state(organisation, batch)
    job.refresh_from_db()
    told = job.progress_note
    Job.objects.filter(pk=job.pk).update(heartbeat_at=now - timedelta(hours=1))
    jobs.sweep(at=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    return {
        "killed": os.WIFSIGNALED(status),
        "crashed": crashed,
        "went_on": state(organisation, batch),
        "job": str(job.state),
        "told": told,
    }


def main() -> None:
    settings.BLOB_ROOT = Path(tempfile.mkdtemp()) / "blobs"
    found = {}
    for number, place in enumerate(PLACES):
        code = uuid.uuid4().hex[:8].upper()
        organisation = Organisation.objects.create(ods_code=code, name="Crash", type="trust")
        user = User.objects.create(username=f"{code}@example.test")
        grant_role(user, organisation=organisation, role=Role.HR, by="system", at=timezone.now())
        found[place] = crash_and_go_on(place, organisation, user, number)
    print(json.dumps(found, indent=1))  # noqa: T201  what the caller reads


if __name__ == "__main__":
    main()
