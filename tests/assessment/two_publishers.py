"""Two people publish one signed return at the same moment, each over a connection of their own.

    DATABASE_URL=... python tests/assessment/two_publishers.py

The database must be migrated and is written to. The second person begins while the first is in the middle of publishing, and on
PostgreSQL the first goes on only once the second is seen to wait for the lock. Prints what became of both.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from threading import Event, Thread
from unittest.mock import patch

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, connections  # noqa: E402

from assessment import services  # noqa: E402
from assessment.models import Assessment, Publication  # noqa: E402
from assessment.services import publishing  # noqa: E402
from audit import models as audit  # noqa: E402
from tests.assessment import helpers as h  # noqa: E402
from tests.factories import NOW, OrganisationFactory  # noqa: E402

gather = publishing.gather_files
first_is_inside, second_comes = Event(), Event()


def gather_and_wait(whole: object) -> object:
    """What the first publisher does inside the transaction: go on when the second is there."""
    if not first_is_inside.is_set():
        first_is_inside.set()
        second_comes.wait(20)
        until = time.monotonic() + 20
        while connection.vendor == "postgresql" and not _somebody_waits() and time.monotonic() < until:
            time.sleep(0.02)
    return gather(whole)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def publisher(name: str, user: object, number: int, became: dict[str, str]) -> None:
    try:
        if name == "second":
            first_is_inside.wait(20)
            second_comes.set()
        publication = services.publish(Assessment.objects.get(pk=number), by=user, at=NOW)
        became[name] = f"published {publication.sequence}"
    except services.StepRefusedError as refusal:
        became[name] = str(refusal)
    finally:
        connections.close_all()


def main() -> None:
    organisation = OrganisationFactory()
    lead, colleague, manager = h.lead_of(organisation), h.lead_of(organisation), h.registered_manager(organisation)
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=manager)
    h.sign(assessment, manager)
    became: dict[str, str] = {}
    with patch.object(publishing, "gather_files", gather_and_wait):
        threads = [
            Thread(target=publisher, args=(name, user, assessment.pk, became))
            for name, user in (("first", lead), ("second", colleague))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    told = audit.Event.objects.filter(type="publication.made").count()
    sys.stdout.write(json.dumps(became | {"publications": Publication.objects.count(), "told": told}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        settings.BLOB_ROOT = Path(folder) / "blobs"
        main()
