"""Writes many rows in few statements: ids are reserved first, so that rows can name one another before any is written.

On PostgreSQL the rows are copied into a staging table that lasts as long as the transaction and inserted from there
by one statement; SQLite takes them as they come. Names of tables and columns are the models' own, never input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

Row = Sequence[Any]


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids that no other row has or will get. Call it in the transaction that uses them."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    first = (found[0] if found else 0) + 1
    return list(range(first, first + count))


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows.

    Args:
        model: whose rows they are.
        columns: database columns, the id among them; every other column takes its field's default.
        rows: values in the order of the columns, dates and JSON as text.
    """
    others = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.column is not None and field.column not in columns
    }
    write = _copy if connection.vendor == "postgresql" else _execute_many
    write(model, [*columns, *others], rows, tuple(others.values()))


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], constants: tuple[Any, ...]) -> None:
    quote = connection.ops.quote_name
    table, staging = quote(model._meta.db_table), quote(f"staged_{model._meta.db_table}")
    names = ", ".join(map(quote, columns))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {staging} (LIKE {table}) ON COMMIT DROP")
        with cursor.copy(f"COPY {staging} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, *constants))
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staging}")  # noqa: S608  the models' own names
        cursor.execute(f"DROP TABLE {staging}")


def _execute_many(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], constants: tuple[Any, ...]) -> None:
    quote = connection.ops.quote_name
    names, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row, *constants) for row in rows])
