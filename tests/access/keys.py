"""Keys that say of which table they are: each table's begin at another number. So what a field of a form offers is known by its values,
on any database and whatever tests ran before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection, models, transaction

APART = 100_000
"""More rows than any table of the world holds."""


def tables() -> list[str]:
    """Every table that numbers its own rows, in the order of their first keys."""
    managed = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    return sorted({model._meta.db_table for model in managed if isinstance(model._meta.pk, models.AutoField)})


def table_of(key: int) -> str | None:
    """The table that holds a key; none for a number that is no key, and for rows that migrations made."""
    place = key // APART - 1
    return tables()[place] if 0 <= place < len(tables()) else None


@contextmanager
def keys_apart() -> Iterator[None]:
    """A transaction in which rows get keys of their own table. It is rolled back."""
    first = {table: (place + 1) * APART for place, table in enumerate(tables())}
    before = sequences(first) if connection.vendor == "postgresql" else {}
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                if connection.vendor == "sqlite":
                    cursor.executemany("DELETE FROM sqlite_sequence WHERE name = %s", [(table,) for table in first])
                    cursor.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", first.items())
                for table, (sequence, *_rest) in before.items():
                    cursor.execute("SELECT setval(%s, %s)", [sequence, first[table]])
                yield
                transaction.set_rollback(True)
        finally:  # A rolled back transaction leaves sequences as they are.
            for sequence in before.values():
                cursor.execute("SELECT setval(%s, %s, %s)", sequence)


def sequences(tables: Iterable[str]) -> dict[str, tuple[str, int, bool]]:
    """By table: the sequence that gives its keys, the last one given, and whether that was used."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [connection.ops.quote_name(table)])
            (name,) = cursor.fetchone()
            cursor.execute(f"SELECT last_value, is_called FROM {name}")  # noqa: S608  a name from the database itself
            found[table] = (name, *cursor.fetchone())
    return found
