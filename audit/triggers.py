"""Database triggers that refuse UPDATE and DELETE on append-only tables.

They are put back after every ``migrate``: on SQLite changing a column rebuilds the table, and the
triggers go with the old one.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connections

from audit.models import AppendOnlyModel

SQLITE_TRIGGER = """
CREATE TRIGGER "{name}" BEFORE {operation} ON "{table}" WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION tenfold_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRES_DOOR = """
CREATE OR REPLACE FUNCTION tenfold_refuse_change_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  key text := to_jsonb(OLD) ->> TG_ARGV[0];
  erased text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM audit_erasure e WHERE e."table" = TG_TABLE_NAME AND e."row" = key AND e.columns = '') THEN
      RETURN OLD;
    END IF;
  ELSIF to_jsonb(OLD) - string_to_array(TG_ARGV[1], ',') = to_jsonb(NEW) - string_to_array(TG_ARGV[1], ',') THEN
    IF EXISTS (SELECT 1 FROM audit_erasure e WHERE e."table" = TG_TABLE_NAME AND e."row" = key AND e.columns = TG_ARGV[1]) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
POSTGRES_TRIGGER = """
CREATE OR REPLACE TRIGGER "{name}" BEFORE {operation} ON "{table}"
FOR EACH {level} EXECUTE FUNCTION {function}
"""


def install(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Give every append-only table of one app its triggers; a ``post_migrate`` receiver."""
    guarded = [model for model in sender.get_models() if issubclass(model, AppendOnlyModel)]
    if not guarded:
        return
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRES_FUNCTION)
            cursor.execute(POSTGRES_DOOR)
        for model in guarded:
            if model._meta.db_table in existing:
                for statement in trigger_statements(model, connection.vendor):
                    cursor.execute(statement)


def trigger_statements(model: type[AppendOnlyModel], vendor: str) -> list[str]:
    """The statements that protect one table: nothing changes, but for what an ``Erasure`` lets go (``audit.erasing``)."""
    return _on_postgresql(model) if vendor == "postgresql" else _on_sqlite(model)


def columns_of(model: type[AppendOnlyModel]) -> str:
    """The erasable columns of a table, as an ``Erasure`` names them."""
    return ",".join(sorted(str(field.column) for field in model._meta.concrete_fields if field.name in model.erasable))


def _on_postgresql(model: type[AppendOnlyModel]) -> list[str]:
    table, refuse = model._meta.db_table, "tenfold_refuse_change()"
    door = f"tenfold_refuse_change_unless_erased('{model._meta.pk.column}', '{columns_of(model)}')"
    chosen = (
        ("UPDATE", "ROW", door if model.erasable else refuse),
        ("DELETE", "ROW", door if model.may_be_forgotten else refuse),
        ("TRUNCATE", "STATEMENT", refuse),
    )
    return [
        POSTGRES_TRIGGER.format(
            name=f"{table}_no_{operation.lower()}", table=table, operation=operation, level=level, function=function
        )
        for operation, level, function in chosen
    ]


def _on_sqlite(model: type[AppendOnlyModel]) -> list[str]:
    table = model._meta.db_table
    conditions = {"UPDATE": _sqlite_update(model), "DELETE": _sqlite_erased(model, "") if model.may_be_forgotten else "1"}
    statements = []
    for operation, condition in conditions.items():
        name = f"{table}_no_{operation.lower()}"
        statements.append(f'DROP TRIGGER IF EXISTS "{name}"')
        statements.append(SQLITE_TRIGGER.format(name=name, table=table, operation=operation, condition=condition))
    return statements


def _sqlite_update(model: type[AppendOnlyModel]) -> str:
    if not model.erasable:
        return "1"
    open_to_change = columns_of(model).split(",")
    kept = [field.column for field in model._meta.concrete_fields if field.column not in open_to_change]
    moved = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in kept)
    return f"{moved} OR {_sqlite_erased(model, columns_of(model))}"


def _sqlite_erased(model: type[AppendOnlyModel], columns: str) -> str:
    """True when no ``Erasure`` of the row is there."""
    key = f'CAST(OLD."{model._meta.pk.column}" AS TEXT)'
    found = (
        f'SELECT 1 FROM audit_erasure e WHERE e."table" = \'{model._meta.db_table}\' AND e."row" = {key}'  # noqa: S608  names of models
        f" AND e.columns = '{columns}'"
    )
    return f"NOT EXISTS ({found})"
