"""The data map: which table holds what, why and for how long. ``data/data_map.yaml`` says it, tests compare it with the models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.db import models

FILE = Path(__file__).with_name("data") / "data_map.yaml"
SELF = "self"


@dataclass(frozen=True)
class Table:
    """One table as the map tells it."""

    label: str
    holds: str
    why: str
    kept: str
    personal: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    is_of_library: bool = False

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def app(self) -> str:
        return self.label.partition(".")[0]

    @property
    def name(self) -> str:
        """What a row is called, in words."""
        return str(self.model._meta.verbose_name)

    @property
    def pointers(self) -> tuple[str, ...]:
        """Columns that point to a person or to a sign-in."""
        return tuple(field.name for field in pointers_of(self.model))

    @property
    def is_personal(self) -> bool:
        """Whether a row can be brought back to somebody."""
        return bool(self.personal or self.free or self.about or self.pointers)


@dataclass(frozen=True)
class DataMap:
    """The periods by their key, and every table."""

    periods: dict[str, str]
    tables: tuple[Table, ...]

    def of_app(self) -> Iterator[tuple[str, list[Table]]]:
        """The tables by the app they belong to, in the order of the file."""
        for app in dict.fromkeys(table.app for table in self.tables):
            yield str(apps.get_app_config(app).verbose_name), [table for table in self.tables if table.app == app]


def pointers_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The foreign keys of a model to a person or to a sign-in."""
    people = {apps.get_model("staff.Person"), apps.get_model("accounts.User")}
    return [field for field in model._meta.concrete_fields if field.is_relation and field.related_model in people]


@cache
def data_map() -> DataMap:
    """The map, read once."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    tables = [_table(label, said) for label, said in content["tables"].items()]
    tables += [_table(label, said, is_of_library=True) for label, said in content["libraries"].items() if _is_installed(label)]
    return DataMap(periods=content["periods"], tables=tuple(tables))


def _is_installed(label: str) -> bool:
    """Wagtail brings another search table on each database."""
    return label in {model._meta.label for model in apps.get_models()}


def _table(label: str, said: dict[str, Any], *, is_of_library: bool = False) -> Table:
    about = said.get("about", ())
    return Table(
        label=label,
        holds=said["holds"],
        why=said["why"],
        kept=said["kept"],
        personal=tuple(said.get("personal", ())),
        free=tuple(said.get("free", ())),
        plain=tuple(said.get("plain", ())),
        about=(about,) if isinstance(about, str) else tuple(about),
        is_of_library=is_of_library,
    )
