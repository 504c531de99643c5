"""What happened to one person on the staff list, in words: acts by hand, and what HR files changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.trail import told
from audit.models import Event
from audit.services import target_id
from staff.models import ImportBatch, ImportRow, Person

LINES = 100
_PERSON = re.compile(r"person:(\d{1,18})")


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: datetime
    who: str
    words: str


def history_of(person: Person) -> list[Line]:
    """The last hundred acts and changes, newest first. Four queries at most."""
    lines = [*_acts(person), *_imports(person)]
    lines.sort(key=lambda line: line.at, reverse=True)
    return lines[:LINES]


def _acts(person: Person) -> list[Line]:
    chain = Event.objects.of_organisation(person.organisation.ods_code)
    events = told(chain.of_target(target_id(person)).order_by("-sequence")[:LINES])
    mentioned = {int(found) for line in events for found in _PERSON.findall(line.words)} - {person.pk}
    names = {person.pk: str(person)}
    if mentioned:
        names |= {one.pk: str(one) for one in Person.objects.of(person.organisation).filter(pk__in=mentioned)}

    def named(words: str) -> str:
        return _PERSON.sub(lambda found: names.get(int(found[1]), "somebody"), words)

    return [Line(line.event.at, line.actor, named(line.words)) for line in events]


def _imports(person: Person) -> list[Line]:
    applied = Q(batch__state__in=[ImportBatch.State.APPLIED, ImportBatch.State.UNDONE])
    rows = ImportRow.objects.filter(applied, person=person).exclude(action=ImportRow.Action.ERROR)
    found = []
    for row in rows.select_related("batch").order_by("-pk")[:LINES]:
        changes = "; ".join(_change(change) for change in row.changes) or row.get_action_display().lower()
        undone = " (undone since)" if row.batch.undone_at else ""
        if row.batch.applied_at is not None:
            found.append(Line(row.batch.applied_at, "An HR file", f"{changes}{undone}"))
    return found


def _change(change: dict[str, str]) -> str:
    since = f" from {change['since']}" if change.get("since") else ""
    before = f"{change['before']} became " if change.get("before") else ""
    return f"{change['field']}: {before}{change['after']}{since}"
