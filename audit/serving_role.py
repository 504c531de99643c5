"""A database role that serves and owns nothing, in PostgreSQL: what it may do with each table, given after every ``migrate``.

``DATABASE_SERVING_ROLE`` names it where another role, the owner of the tables, migrates. On append-only tables it may not even try
to change a row, but for the columns and rows that the one door lets go (``audit.erasing``). See docs/adr/0045.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections, models
from django.db.migrations.recorder import MigrationRecorder

from audit.models import AppendOnlyModel

WHAT_IT_IS = """
SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole,
       pg_has_role(r.oid, current_user, 'MEMBER'),
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't'),
       has_schema_privilege(r.oid, current_schema(), 'CREATE')
FROM pg_roles r WHERE r.rolname = %s
"""


def why_not_apart() -> str:
    """Why the role that is to serve may do more than that; nothing if it may not, or if the roles are not apart at all."""
    role = settings.DATABASE_SERVING_ROLE
    if not role or connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(WHAT_IT_IS, [role])
        found = cursor.fetchone()
    if found is None:
        return f"DATABASE_SERVING_ROLE: there is no role {role}. Make it with CREATE ROLE {role} LOGIN PASSWORD '...'."
    is_mighty, may_be_owner, owns, may_create = found
    if is_mighty:
        return f"DATABASE_SERVING_ROLE: {role} is a superuser, goes round row security or makes roles. Take that from it."
    if may_be_owner:
        return f"DATABASE_SERVING_ROLE: {role} is whoever migrates, or may become it. Let DATABASE_URL name another role here."
    if owns:
        return f"DATABASE_SERVING_ROLE: {role} owns tables. Hand them over: REASSIGN OWNED BY {role} TO the role that migrates."
    if may_create:
        return f"DATABASE_SERVING_ROLE: {role} may create tables. REVOKE CREATE ON SCHEMA public FROM PUBLIC, and from it."
    return ""


def owns_what_it_serves() -> bool:
    """Whether the role that we are connected as could take a trigger or a table away."""
    table = connection.ops.quote_name(MigrationRecorder.Migration._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = %s::regclass", [table])
        return bool(cursor.fetchone()[0])


def give_rights(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Let the serving role do with the tables of one app what it must, and nothing else; a ``post_migrate`` receiver.

    Raises:
        ImproperlyConfigured: it is no role that only serves.
    """
    database = connections[using]
    if not settings.DATABASE_SERVING_ROLE or database.vendor != "postgresql":
        return
    if refusal := why_not_apart():
        raise ImproperlyConfigured(refusal)
    existing = set(database.introspection.table_names())
    role = database.ops.quote_name(settings.DATABASE_SERVING_ROLE)
    tables: list[type[models.Model]] = [MigrationRecorder.Migration, *sender.get_models(include_auto_created=True)]
    with database.cursor() as cursor:
        for model in tables:
            if model._meta.db_table in existing:
                table = database.ops.quote_name(model._meta.db_table)
                cursor.execute(f"REVOKE ALL ON {table} FROM {role}; GRANT {', '.join(rights(model))} ON {table} TO {role}")
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, model._meta.pk.column])
                if numbers := cursor.fetchone()[0]:
                    cursor.execute(f"REVOKE ALL ON SEQUENCE {numbers} FROM {role}; GRANT USAGE ON SEQUENCE {numbers} TO {role}")


def rights(model: type[models.Model]) -> list[str]:
    """What whoever serves may do with a table."""
    if model is MigrationRecorder.Migration:
        return ["SELECT"]
    if not issubclass(model, AppendOnlyModel):
        return ["SELECT", "INSERT", "UPDATE", "DELETE"]
    may_change = {*model.erasable, *([model._meta.pk.name] if model.is_locked else [])}
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if field.name in may_change)
    return ["SELECT", "INSERT", *([f"UPDATE ({columns})"] if columns else []), *(["DELETE"] if model.may_be_forgotten else [])]
