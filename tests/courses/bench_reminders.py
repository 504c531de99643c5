"""Measures a day's reminders of a large organisation: deciding on them, and the page that says what goes out tomorrow.

    DATABASE_URL=... PYTHONPATH=. python tests/courses/bench_reminders.py 100000

The database must be migrated. Everything is taken away again with the transaction. Fails when what is asked of the database
comes to more than one question for each thousand people, on top of the few that a run asks once, or the page to more than ten seconds of CPU.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, time
from zoneinfo import ZoneInfo

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402

from courses.models import ReminderMail, ReminderSend  # noqa: E402
from courses.reminders import forecast, run  # noqa: E402
from courses.reminders.reach import BATCH, rules_of  # noqa: E402
from staff.models import Person  # noqa: E402
from tests.courses.bench_obligations import ON, populate, say, timed  # noqa: E402

ONCE = 40
"""Questions that a run asks once: rules, lines, the managers' e-mails, the record."""
LIMIT_SECONDS = 10


def main(people: int) -> int:
    with transaction.atomic():
        organisation = populate(people, 2, 1)
        Person.objects.of(organisation).update(email="a@example.test")
        history = rules_of(organisation)
        page, page_wall, page_cpu, page_queries = timed(
            lambda: forecast.forecast(organisation, on=ON, history=history, with_names=True)
        )
        say(
            f"{people} people, {page.people} told: the page takes {page_wall:.2f} s ({page_cpu:.2f} s CPU), {page_queries} queries"
        )
        at = datetime.combine(ON, time(8), ZoneInfo("Europe/London"))
        decided, wall, cpu, queries = timed(lambda: run.decide(organisation, at=at))
        again, again_wall, _cpu, again_queries = timed(lambda: run.decide(organisation, at=at))
        say(
            f"deciding on {decided} e-mails: {wall:.2f} s ({cpu:.2f} s CPU), {queries} queries, {queries / people * 1000:.2f} a thousand"
        )
        say(f"  by steps: {ReminderSend.objects.count()}; batches of {BATCH}; {connection.vendor}")
        say(f"again: {again} e-mails, {again_wall:.3f} s, {again_queries} queries; in all {ReminderMail.objects.count()}")
        transaction.set_rollback(True)
    # SQLite takes 999 values at once, so that what is written goes in many small statements: there the number says nothing.
    too_many = connection.vendor == "postgresql" and queries > ONCE + people / 1000
    return int(again > 0 or too_many or page_cpu > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main(int((sys.argv[1:] or ["100000"])[0])))
