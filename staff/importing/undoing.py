"""Puts back what an import wrote, row by row, unless somebody has changed it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from django.db import models

from staff.importing.applying import CHUNK, POST_FIELDS, print_of, storable
from staff.models import Absence, ImportBatch, ImportRow, Person, Post, Unit

_MODELS: dict[str, type[models.Model]] = {"person": Person, "post": Post, "absence": Absence}
_UPDATABLE = {"person": ["first_name", "last_name", "email", "source"], "post": POST_FIELDS, "absence": ["end"]}
_DATES = {"start", "end"}
CHANGED_SINCE = "was changed after the import"
IN_USE = "is needed by other records, such as training or a sign-in"


@dataclass
class Undone:
    """What was put back, in people, and what was not: ``{staff_number, name, reason}``."""

    restored: int = 0
    kept: list[dict[str, str]] = field(default_factory=list)
    touched: list[list[Any]] = field(default_factory=list)


def undo(batch: ImportBatch) -> Undone:
    """Put back everything the batch did to people whom nobody has touched since. A person is put back whole or not at all."""
    rows = [row for row in batch.rows.exclude(action=ImportRow.Action.ERROR).order_by("-pk") if row.reversal]
    stored = {name: _stored(name, rows) for name in _MODELS}
    in_use = _in_use(
        [step["id"] for row in rows for step in row.reversal if step["model"] == "person" and "created" in step], rows
    )
    result = Undone()
    going: list[ImportRow] = []
    for row in rows:
        reason = _obstacle(row, stored, in_use)
        if reason:
            result.kept.append({"staff_number": row.staff_number, "name": row.name, "reason": reason})
        else:
            going.append(row)
    _keep_managers_in_use(going, result)
    result.restored = len(going)
    result.touched = [[row.person_id, [[step["model"], step["id"]] for step in row.reversal]] for row in going]
    _put_back([step for row in going for step in row.reversal], stored)
    _remove_units(batch)
    return result


def _stored(name: str, rows: list[ImportRow]) -> dict[int, Any]:
    ids = [step["id"] for row in rows for step in row.reversal if step["model"] == name]
    return _MODELS[name]._default_manager.in_bulk(ids)


def _obstacle(row: ImportRow, stored: dict[str, dict[int, Any]], in_use: set[int]) -> str:
    for step in row.reversal:
        current = stored[step["model"]].get(step["id"])
        if current is None or _has_changed(current, step):
            return CHANGED_SINCE
        if step["model"] == "person" and "created" in step and step["id"] in in_use:
            return IN_USE
    return ""


def _has_changed(current: models.Model, step: dict[str, Any]) -> bool:
    if "created" in step:
        return print_of(current) != step["created"]
    return any(storable(getattr(current, name)) != after for name, (_, after) in step["changed"].items())


def _keep_managers_in_use(going: list[ImportRow], result: Undone) -> None:
    """Whoever a post that stays names as manager stays too; and then whoever their posts name, and so on."""
    while True:
        steps = [step for row in going for step in row.reversal]
        people = {step["id"] for step in steps if step["model"] == "person" and "created" in step}
        posts = {step["id"] for step in steps if step["model"] == "post"}
        named: set[int] = set()
        for some in _chunks(people):
            links = Post.objects.filter(manager__in=some).values_list("pk", "manager_id")
            named |= {manager for pk, manager in links if pk not in posts and manager is not None}
        staying = [row for row in going if any(step["model"] == "person" and step["id"] in named for step in row.reversal)]
        if not staying:
            return
        for row in staying:
            going.remove(row)
            result.kept.append({"staff_number": row.staff_number, "name": row.name, "reason": IN_USE})


def _chunks(ids: Iterable[int], size: int = 5000) -> Iterator[list[int]]:
    """Lists short enough to be the parameters of one statement."""
    rest = iter(sorted(ids))
    while some := list(islice(rest, size)):
        yield some


def _in_use(people: list[int], rows: list[ImportRow]) -> set[int]:
    """Of the people the import created, those that anything else now points to: a sign-in, training, a key post, a later post."""
    ours = {name: {step["id"] for row in rows for step in row.reversal if step["model"] == name} for name in ("post", "absence")}
    found: set[int] = set()
    for some in _chunks(people):
        found |= set(Person.objects.filter(pk__in=some, user__isnull=False).values_list("pk", flat=True))
        for relation in Person._meta.related_objects:
            model: Any = relation.related_model
            if model is ImportRow:
                continue
            name = relation.field.name
            links = model._default_manager.filter(**{f"{name}__in": some}).values_list("pk", name)
            known = ours["post"] if model is Post else ours["absence"] if model is Absence else set()
            found |= {person for pk, person in links if pk not in known}
    return found


def _put_back(steps: list[dict[str, Any]], stored: dict[str, dict[int, Any]]) -> None:
    removed: dict[str, list[int]] = defaultdict(list)
    changed: dict[str, list[Any]] = defaultdict(list)
    for step in steps:
        name = step["model"]
        if "created" in step:
            removed[name].append(step["id"])
            continue
        row = stored[name][step["id"]]
        for column, (before, _) in step["changed"].items():
            setattr(row, column, date.fromisoformat(before) if column in _DATES and before else before)
        changed[name].append(row)
    for name in ("post", "absence", "person"):
        if changed[name]:
            _MODELS[name]._default_manager.bulk_create(
                changed[name], batch_size=CHUNK, update_conflicts=True, unique_fields=["pk"], update_fields=_UPDATABLE[name]
            )
    for name in ("post", "absence", "person"):
        for some in _chunks(removed[name]):
            _MODELS[name]._default_manager.filter(pk__in=some).delete()


def _remove_units(batch: ImportBatch) -> None:
    """Units that the import made go too, unless anything has come to use them."""
    unused = Unit.objects.filter(pk__in=batch.units_created)
    for relation in Unit._meta.related_objects:
        model: Any = relation.related_model
        used = model._default_manager.filter(**{f"{relation.field.name}__in": batch.units_created}).values(relation.field.name)
        unused = unused.exclude(pk__in=used)
    unused.delete()
