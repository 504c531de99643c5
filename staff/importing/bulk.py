"""Writes many rows in few statements: ids are reserved first, so that rows can name one another before any is written.

On PostgreSQL the rows are copied into a staging table that lasts as long as the transaction and inserted from there
by one statement; SQLite takes them as they come. Names of tables and columns are the models' own, never input.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
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
            sequence = "(SELECT pg_get_serial_sequence(%s, 'id')::regclass)"  # looked up once, not for every id
            cursor.execute(f"SELECT array_agg(nextval({sequence})) FROM generate_series(1, %s)", [table, count])  # noqa: S608
            return list(cursor.fetchone()[0])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    first = (found[0] if found else 0) + 1
    return list(range(first, first + count))


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows.

    Args:
        model: whose rows they are.
        columns: database columns, the id among them; every other column takes its field's default.
        rows: values in the order of the columns: numbers, texts and None; dates and JSON as text.
    """
    others = {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.column is not None and field.column not in columns
    }
    write = _copy if connection.vendor == "postgresql" else _execute_many
    write(model, columns, rows, others)


def _copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], others: Mapping[str, Any]) -> None:
    """What is the same in every row is not sent with every row, but with the statement that inserts them."""
    quote = connection.ops.quote_name
    table, staging = quote(model._meta.db_table), quote(f"staged_{model._meta.db_table}")
    sent, names = ", ".join(map(quote, columns)), ", ".join(map(quote, [*columns, *others]))
    wanted = ", ".join([sent, *["%s"] * len(others)])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {staging} ON COMMIT DROP AS SELECT {sent} FROM {table} WITH NO DATA")  # noqa: S608
        with cursor.copy(f"COPY {staging} ({sent}) FROM STDIN") as copy:
            remaining = iter(rows)
            while some := list(islice(remaining, _LINES_AT_ONCE)):
                copy.write(_lines(some, len(columns)))
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {wanted} FROM {staging}", list(others.values()))  # noqa: S608  the models' own names
        cursor.execute(f"DROP TABLE {staging}")


_LINES_AT_ONCE = 500


def _lines(rows: Sequence[Row], width: int) -> str:
    """The rows as COPY reads them. Few hold a sign that COPY takes for its own: it is looked for in all of them at once."""
    lines = [["\\N" if cell is None else cell if cell.__class__ is str else str(cell) for cell in row] for row in rows]
    told = "\n".join(map("\t".join, lines))
    tabs, ends = len(rows) * (width - 1), len(rows) - 1
    nones = sum(row.count(None) for row in rows)
    if (told.count("\t"), told.count("\n"), told.count("\\"), told.count("\r")) != (tabs, ends, nones, 0):
        lines = [["\\N" if cell is None else str(cell).translate(_ESCAPED) for cell in row] for row in rows]
        told = "\n".join(map("\t".join, lines))
    return told + "\n"


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _execute_many(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row], others: Mapping[str, Any]) -> None:
    quote, names = connection.ops.quote_name, [*columns, *others]
    places = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, names))}) VALUES ({places})"  # noqa: S608
    constants = tuple(others.values())
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(*row, *constants) for row in rows])
