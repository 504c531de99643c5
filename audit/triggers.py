"""Database triggers that refuse UPDATE and DELETE on append-only tables.

They are put back after every ``migrate``: on SQLite changing a column rebuilds the table, and the
triggers go with the old one.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connections

from audit.models import AppendOnlyModel

SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS "{name}" BEFORE {operation} ON "{table}"
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION tenfold_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRES_TRIGGER = """
CREATE OR REPLACE TRIGGER "{name}" BEFORE {operation} ON "{table}"
FOR EACH {level} EXECUTE FUNCTION tenfold_refuse_change()
"""


def install(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Give every append-only table of one app its triggers; a ``post_migrate`` receiver."""
    tables = [model._meta.db_table for model in sender.get_models() if issubclass(model, AppendOnlyModel)]
    if not tables:
        return
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
        for table in existing.intersection(tables):
            for statement in trigger_statements(table, connection.vendor):
                cursor.execute(statement)


def trigger_statements(table: str, vendor: str) -> list[str]:
    """The statements that protect one table."""
    if vendor == "postgresql":
        levels = (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
        return [
            POSTGRES_TRIGGER.format(name=f"{table}_no_{operation.lower()}", table=table, operation=operation, level=level)
            for operation, level in levels
        ]
    return [
        SQLITE_TRIGGER.format(name=f"{table}_no_{operation.lower()}", table=table, operation=operation)
        for operation in ("UPDATE", "DELETE")
    ]
