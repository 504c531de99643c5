"""Everything held about one person, table by table as the data map leads to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import Organisation, User
from audit.canonical import canonical_json
from audit.events import in_words
from audit.models import Event
from privacy.data_map import SELF, Table, data_map, pointers_of
from privacy.names import ANOTHER, OtherNames
from staff.models import Person

YOU = "you"
SECRET = frozenset(
    {"password", "digest", "code_digest", "token", "stored_as", "seed", "option_order", "session_key", "data", "pdf"}
)
"""Columns that open something, or that would give questions of a quiz away. Nobody needs them to know what is held."""
_ID = re.compile(r"\b(person|user):(\d{1,18})\b")


@dataclass(frozen=True)
class Holding:
    """The rows of one table that are about the person, as plain values by column."""

    table: Table
    rows: tuple[dict[str, str], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.rows[0]) if self.rows else ()


def counts_of(person: Person) -> Iterator[tuple[Table, int]]:
    """How many rows of each table are about the person; tables with none are left out."""
    for table in data_map().tables:
        if table.about and (count := rows_about(table, person).count()):
            yield table, count


def holdings_of(person: Person) -> Iterator[Holding]:
    """Everything about the person, without other people's names."""
    names = OtherNames.around(person)
    for table in data_map().tables:
        if table.about:
            rows = tuple(_values(table, row, person, names) for row in rows_about(table, person).order_by("pk"))
            if rows:
                yield Holding(table, rows)


def rows_about(table: Table, person: Person) -> models.QuerySet[Any]:
    """The rows of a table that the data map says are about the person."""
    asked = Q(pk__in=[])
    for way in table.about:
        if way == SELF:
            asked |= Q(pk=person.pk if table.model is Person else person.user_id)
        elif _end_of(table.model, way) is Person:
            asked |= Q(**{way: person})
        elif person.user_id:
            asked |= Q(**{way: person.user_id}) & _of_organisation(table.model, person)
    return table.model._default_manager.filter(asked).distinct()


def acts_of(person: Person) -> Iterator[dict[str, str]]:
    """Rows elsewhere that say the person did something: which table and row, and in which capacity. No words of theirs."""
    for table in data_map().tables:
        if table.is_of_library:
            continue
        for field in pointers_of(table.model):
            key = person.pk if field.related_model is Person else person.user_id
            if key is None or field.name in table.about:
                continue
            rows = table.model._default_manager.filter(_of_organisation(table.model, person), **{field.name: key})
            for pk in rows.order_by("pk").values_list("pk", flat=True):
                yield {"what": table.name, "number": str(pk), "as": str(field.verbose_name)}


def events_of(person: Person) -> Iterator[dict[str, str]]:
    """The audit trail as far as it tells of the person: what they did, and what was done to them."""
    own = [f"person:{person.pk}"] + ([f"user:{person.user_id}"] if person.user_id else [])
    asked = Q(target=f"staff.person:{person.pk}")
    if person.user_id:
        asked |= Q(actor=own[1]) | Q(on_behalf_of=own[1]) | Q(target=f"accounts.user:{person.user_id}")
    events = Event.objects.of_organisation(person.organisation.ods_code).filter(asked)
    for event in events.order_by("sequence").iterator(chunk_size=1000):
        yield {
            "when": _words(event.at),
            "who": YOU if event.actor in own else "somebody else" if event.actor.startswith("user:") else event.actor,
            "what": _ID.sub(lambda found: YOU if found[0] in own else ANOTHER, in_words(event.type, event.summary)),
        }


@dataclass(frozen=True)
class ToReview:
    """Entries in which people write freely: how many there are, and in which the person's surname stands."""

    label: str
    name: str
    total: int
    mention: list[str]

    def as_dict(self) -> dict[str, Any]:
        return {"table": self.label, "name": self.name, "total": self.total, "mention": self.mention}


MENTIONS = 50


def to_review(person: Person) -> Iterator[ToReview]:
    """What somebody has to read by hand, because only a person can tell what it says about whom."""
    for table in data_map().tables:
        way = way_to_organisation(table.model)
        if table.is_of_library or (table.about and table.label != "registers.Incident") or not table.free or not way:
            continue
        rows = table.model._default_manager.filter(**{way: person.organisation_id})
        casts = {f"_{column}": Cast(column, TextField()) for column in table.free}
        mentions = Q(pk__in=[])
        for alias in casts:
            mentions |= Q(**{f"{alias}__icontains": person.last_name})
        found = rows.annotate(**casts).filter(mentions).order_by("pk") if person.last_name else rows.none()
        if found.exists() or table.label == "registers.Incident":
            names = [str(getattr(row, "reference", row.pk)) for row in found[:MENTIONS]]
            yield ToReview(table.label, table.name, rows.count(), names)


def _of_organisation(model: type[models.Model], person: Person) -> Q:
    """A sign-in may serve two organisations; each answers for its own rows."""
    way = way_to_organisation(model)
    return Q(**{way: person.organisation_id}) if way else Q()


@cache
def way_to_organisation(model: type[models.Model]) -> str:
    """The shortest chain of foreign keys from a table to the organisation its rows belong to; empty if there is none."""
    waiting: list[tuple[str, type[models.Model]]] = [("", model)]
    seen = {model}
    while waiting:
        way, here = waiting.pop(0)
        for field in here._meta.concrete_fields:
            target = field.related_model
            if not field.is_relation or not isinstance(target, type) or target in seen or target is User:
                continue
            further = f"{way}__{field.name}".strip("_")
            if target is Organisation and here is not Organisation:
                return further
            seen.add(target)
            waiting.append((further, target))
    return ""


def _end_of(model: type[models.Model], way: str) -> type[models.Model]:
    for step in way.split("__"):
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model


def _values(table: Table, row: models.Model, person: Person, names: OtherNames) -> dict[str, str]:
    """The columns of a row. Words of registers stay out: whoever makes the copy may not see them, and they tell of others."""
    left_out = SECRET | set(table.free if table.app == "registers" else ())
    return {
        str(field.verbose_name): _value(row, field, person, names)
        for field in row._meta.concrete_fields
        if field.name not in left_out and not field.primary_key
    }


def _value(row: models.Model, field: models.Field[Any, Any], person: Person, names: OtherNames) -> str:
    value = field.value_from_object(row)
    if value is None:
        return ""
    if field.is_relation:
        return _pointed_at(row, field, value, person, names)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, dict | list):
        return names.taken_out_of(canonical_json(value).decode()) if value else ""
    return names.taken_out_of(value) if isinstance(value, str) else _words(value)


def _pointed_at(row: models.Model, field: models.Field[Any, Any], key: Any, person: Person, names: OtherNames) -> str:
    """A person is you or another; anything else is told by its own words, without names."""
    if field.related_model is Person:
        return YOU if key == person.pk else ANOTHER
    if field.related_model is User:
        return YOU if key == person.user_id else ANOTHER
    return names.taken_out_of(str(getattr(row, field.name)))


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
