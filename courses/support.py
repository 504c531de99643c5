"""After three fails in a row somebody may need help: their manager hears that, once, and nothing of marks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from jobs.registry import Progress, handles
from jobs.services import enqueue
from nhsuk import mail
from quizzes.models import Attempt
from quizzes.services import fails_in_a_row
from staff.models import Person

FAILS_THAT_ASK_FOR_SUPPORT = 3
SUGGEST = "courses.suggest_support"

LETTER = """Hello,

{person} may need support: they have not passed the quiz “{quiz}” yet.

Please ask how you can help. Sitting down together for half an hour often does it, and so does a talk about the
subject in the team: a discussion can be recorded as training too. This message comes once. It tells no marks, and
there is nothing for you to decide.
"""


def suggest_support_if_due(attempt: Attempt, *, at: datetime) -> bool:
    """Ask for support to be offered when a newly marked attempt is the third fail in a row. Says whether it did."""
    if attempt.passed or attempt.ordinal < FAILS_THAT_ASK_FOR_SUPPORT:
        return False
    if fails_in_a_row(attempt.person, attempt.blueprint) != FAILS_THAT_ASK_FOR_SUPPORT:
        return False
    enqueue(
        SUGGEST,
        title="Suggest support after a quiz",
        organisation=attempt.person.organisation,
        by=None,
        arguments={"attempt_id": attempt.pk},
        at=at,
    )
    return True


@handles(SUGGEST)
def suggest_support(progress: Progress, *, attempt_id: int) -> dict[str, Any]:
    """Write to the managers the person has today, each apart."""
    attempt = Attempt.objects.select_related("person", "blueprint").get(pk=attempt_id)
    person = attempt.person
    addresses = _managers_addresses(person)
    text = LETTER.format(person=person, quiz=attempt.blueprint.title)
    progress(0, len(addresses), "Writing to the manager")
    return {"told": mail.send_each(f"{person} may need support with a quiz", text, addresses)}


def _managers_addresses(person: Person) -> list[str]:
    posts = person.posts.covering(timezone.localdate()).filter(manager__isnull=False).select_related("manager__user")
    managers = [post.manager for post in posts if post.manager]
    return sorted({address for m in managers if (address := m.email or (m.user.email if m.user else ""))})
