"""The one door in append-only tables: personal values whose time is over are replaced, and each row that changed is told.

A trigger lets a change through only if an ``Erasure`` names the row, and only in the columns that its model calls erasable.
Nothing else passes the door: see docs/adr/0024-how-personal-values-leave-facts.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from audit.models import AppendOnlyModel, Erasure
from audit.triggers import columns_of

BATCH = 500


class NotErasableError(ValueError):
    """The model names no such column, or its rows may not go."""


@transaction.atomic
def replace_values(model: type[AppendOnlyModel], values: Mapping[Any, Mapping[str, Any]], *, because: str, at: datetime) -> int:
    """Put other values into the erasable columns of rows, and say so. Returns how many rows there were.

    Args:
        model: the table.
        values: by primary key, what the columns are to hold.
        because: what decided it.
        at: when.

    Raises:
        NotErasableError: a column is not one of the model's erasable ones.
    """
    asked = {name for row in values.values() for name in row}
    if not asked <= set(model.erasable):
        raise NotErasableError(f"{model._meta.label} does not let go of {', '.join(sorted(asked - set(model.erasable)))}.")
    _tell(model, values, columns=columns_of(model), because=because, at=at)
    for pk, row in values.items():
        model._default_manager.filter(pk=pk).update(**row)
    return len(values)


@transaction.atomic
def forget_rows(model: type[AppendOnlyModel], keys: Iterable[Any], *, because: str, at: datetime) -> int:
    """Delete whole rows of a log, and say so. Returns how many.

    Raises:
        NotErasableError: the rows of this table never go.
    """
    if not model.may_be_forgotten:
        raise NotErasableError(f"Rows of {model._meta.label} never go.")
    keys = list(keys)
    _tell(model, keys, columns="", because=because, at=at)
    for start in range(0, len(keys), BATCH):
        rows = model._default_manager.filter(pk__in=keys[start : start + BATCH])
        rows._raw_delete(connection.alias)
    return len(keys)


def tell_of_bytes(model: type[models.Model], keys: Iterable[Any], *, because: str, at: datetime) -> None:
    """Say that what is stored under these rows is gone; the rows stay."""
    _tell(model, keys, columns="", because=because, at=at)


def is_told(model: type[models.Model], key: Any) -> bool:
    """Whether an ``Erasure`` names the row."""
    return Erasure.objects.filter(table=model._meta.db_table, row=str(key)).exists()


def _tell(model: type[models.Model], keys: Iterable[Any], *, columns: str, because: str, at: datetime) -> None:
    table = model._meta.db_table
    rows = [Erasure(table=table, row=str(key), columns=columns, because=because, at=at) for key in keys]
    Erasure.objects.bulk_create(rows, batch_size=BATCH)
