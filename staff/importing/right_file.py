"""Whether a file is the right one: what speaks for another organisation's list, and what for an older one of ours.

Each rule gives one sentence for the preview, or nothing. Another organisation's list needs a second person; an older
list needs whoever uploaded it to say that they mean it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, Site
from staff.importing.entries import CREATE, LEAVE, REHIRE, Entry
from staff.importing.known import Known
from staff.importing.planning import Plan
from staff.models import ImportBatch, ImportRow

ENOUGH = 5
"""So many people, or addresses, must speak on both sides before the lack of any in common says something."""

OTHER_NAMES_ABOVE = 20
"""Per cent of the staff numbers we know that come with another first and another last name."""

STRANGERS_ABOVE = 90
"""Per cent of the people in the file whom nobody here knows."""

GOES_BACK_ABOVE = 50
"""Per cent of the people a file changes who would be again what they were before the last import."""

GOES_BACK_FROM = 3


def own_codes(organisation: Organisation) -> frozenset[str]:
    """The ODS codes of the organisation, its sites, its head office and its branches. Two queries."""
    family = Q(pk=organisation.pk) | Q(parent=organisation.pk) | Q(branches=organisation.pk)
    codes = Organisation.objects.filter(family).values_list("ods_code", flat=True)
    sites = Site.objects.filter(organisation=organisation).exclude(ods_code="").values_list("ods_code", flat=True)
    return frozenset(code.upper() for code in (*codes, *sites))


def signs_of_another_organisation(plan: Plan, known: Known, codes: Mapping[str, int], own: Collection[str]) -> list[str]:
    """Why the list seems to be somebody else's, one sentence each.

    Args:
        plan: what the file would change.
        known: what is on record.
        codes: how many rows carry each ODS code, if a column holds one.
        own: the ODS codes that are ours.
    """
    return [said for said in (_other_codes(codes, own), _other_names(plan), _strangers(plan, known)) if said]


def _other_codes(codes: Mapping[str, int], own: Collection[str]) -> str:
    """A site's code may be its organisation's with more behind it."""
    other = Counter({code: rows for code, rows in codes.items() if not any(code.startswith(ours) for ours in own)})
    carried, strange = sum(codes.values()), other.total()
    if strange * 2 <= carried:
        return ""
    most = ", ".join(code for code, _ in other.most_common(3))
    return f"{strange:,} of the {carried:,} rows with an ODS code carry one that is not yours ({most}): this is another organisation’s list."


def _other_names(plan: Plan) -> str:
    renamed = sum({"first_name", "last_name"} <= entry.person.keys() for entry in plan.entries if entry.known)
    met = _met(plan)
    if renamed < ENOUGH or renamed * 100 <= met * OTHER_NAMES_ABOVE:
        return ""
    return (
        f"{renamed:,} of the {met:,} staff numbers that you have too belong to people with another first and another last name here: "
        "this looks like another organisation’s list, or its columns are mixed up."
    )


def _strangers(plan: Plan, known: Known) -> str:
    """Hardly anybody is known, and nothing else of them is ours either: one sign alone may be a new home's first list."""
    strangers = [entry for entry in plan.entries if entry.action == CREATE]
    met = _met(plan)
    everybody = len(strangers) + met
    if min(len(strangers), plan.in_post) < ENOUGH or len(strangers) * 100 < everybody * STRANGERS_ABOVE:
        return ""
    also = [said for said in (_no_address(strangers, known), _no_unit(strangers, known), _no_number(strangers, known)) if said]
    if not also:
        return ""
    who = f"Only {met:,} of the {everybody:,} people" if met else f"None of the {everybody:,} people"
    return f"{who} in the file {'are' if met > 1 else 'is'} on your staff list; {'; '.join(also)}: this looks like another organisation’s list."


def _met(plan: Plan) -> int:
    """How many people of the file are on record."""
    return plan.unchanged + sum(bool(entry.known) and not entry.is_proposed for entry in plan.entries)


def _no_address(strangers: Iterable[Entry], known: Known) -> str:
    theirs = [_domain(address) for entry in strangers if (address := entry.person.get("email"))]
    ours = [_domain(person.email) for person in known.people.values() if person.email]
    if min(len(theirs), len(ours)) < ENOUGH or not set(theirs).isdisjoint(ours):
        return ""
    return f"no e-mail address in it is at {Counter(ours).most_common(1)[0][0]} or anywhere else that your people have one"


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def _no_unit(strangers: Iterable[Entry], known: Known) -> str:
    theirs = {post.unit.casefold() for entry in strangers for post in entry.posts if post.unit}
    return "none of its units is yours" if theirs and known.units and theirs.isdisjoint(known.units) else ""


def _no_number(strangers: Iterable[Entry], known: Known) -> str:
    theirs, ours = {_shape(entry.staff_number) for entry in strangers}, {_shape(number) for number in known.people}
    return "its staff numbers are made in another way" if theirs.isdisjoint(ours) else ""


def _shape(number: str) -> str:
    """``WB0012`` and ``XY7`` are both ``A9``."""
    return re.sub(r"[^\W\d]+", "A", re.sub(r"\d+", "9", number))


def signs_of_an_older_list(plan: Plan, organisation: Organisation, *, sha256: str, as_of: date) -> list[str]:
    """Why the list seems to be older than what was imported last, one sentence each. At most four queries.

    Args:
        plan: what the file would change; of a file that changes nothing there is nothing to say.
        organisation: whose staff list it is.
        sha256: of the file.
        as_of: the date the file is said to stand for.
    """
    if not plan.entries:
        return []
    applied = ImportBatch.objects.filter(organisation=organisation, state=ImportBatch.State.APPLIED)
    signs = []
    same = applied.filter(file_sha256=sha256).order_by("-applied_at").first()
    if same is not None and same.applied_at is not None:
        signs.append(f"This very file was imported before, on {_day(same.applied_at)}: you may have chosen last month’s file.")
    newest = applied.order_by("-as_of", "-pk").first()
    if newest is not None and newest.as_of > as_of:
        signs.append(f"A newer list, as on {newest.as_of:%d/%m/%Y}, was imported already: this one may bring old values back.")
    last = applied.order_by("-applied_at", "-pk").first()
    if last is not None and last.applied_at is not None:
        back = _going_back([entry for entry in plan.entries if entry.known], last)
        if back >= GOES_BACK_FROM and back * 100 > len(plan.entries) * GOES_BACK_ABOVE:
            signs.append(
                f"{back:,} of the {len(plan.entries):,} people whom this file changes would be again what they were before the import of "
                f"{_day(last.applied_at)}: this looks like an older list."
            )
    return signs


def _going_back(entries: Sequence[Entry], last: ImportBatch) -> int:
    """How many people would lose what the last import brought them."""
    if len(entries) < GOES_BACK_FROM:
        return 0
    rows = last.rows.filter(person__isnull=False)
    came = set(rows.filter(action=ImportRow.Action.CREATE).values_list("person_id", flat=True))
    changed = rows.exclude(action=ImportRow.Action.CREATE).order_by().values_list("person_id", "action", "changes")
    done: dict[int | None, tuple[str, list[dict[str, Any]]]] = {pk: (action, changes) for pk, action, changes in changed}
    return sum(_goes_back(entry, came, *done.get(entry.person_id, ("", []))) for entry in entries)


def _goes_back(entry: Entry, came: Collection[int], action: str, changes: Iterable[Mapping[str, Any]]) -> bool:
    if entry.is_proposed and (entry.person_id in came or action == REHIRE):
        return True
    if entry.action == REHIRE and action == LEAVE:
        return True
    brought = {(change["field"], change["before"], change["after"]) for change in changes}
    return any((change.field, change.after, change.before) in brought for change in entry.changes if change.before)


def _day(instant: Any) -> str:
    return f"{timezone.localtime(instant):%d/%m/%Y}"
