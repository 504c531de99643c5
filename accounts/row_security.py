"""A second wall between organisations, in PostgreSQL itself: while a signed-in request runs, rows of others are not there.

Policies stand on every table of ours with an organisation column (``install``, after migrating). They look at a setting of the
connection: without it, as in jobs, commands, migrations and sign-in, every row is there. With ``ROW_SECURITY`` on, requests of
signed-in people set it. It works only for a database role that is no superuser and has no BYPASSRLS. See docs/adr/0025.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import DatabaseError, connection, connections, models
from django.http import HttpRequest, HttpResponse

from accounts.models import Membership, Organisation, SignInCode

SETTING = "tenfold.organisation"
NEEDED_TO_SIGN_IN = (Membership, SignInCode)
"""Read before anybody knows which organisation somebody comes from."""

POLICY = """
DROP POLICY IF EXISTS tenfold_own_organisation ON "{table}";
CREATE POLICY tenfold_own_organisation ON "{table}"
USING (coalesce(current_setting('tenfold.organisation', true), '') = '' OR "{column}" IS NULL
       OR "{column}"::text = current_setting('tenfold.organisation', true))
WITH CHECK (coalesce(current_setting('tenfold.organisation', true), '') = '' OR "{column}" IS NULL
       OR "{column}"::text = current_setting('tenfold.organisation', true));
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
"""


def guarded_tables(config: AppConfig | None = None) -> dict[str, str]:
    """The tables with a column for the organisation, and that column."""
    found: dict[str, str] = {}
    for model in config.get_models() if config else apps.get_models():
        column = _organisation_column(model)
        if column and model not in NEEDED_TO_SIGN_IN:
            found[model._meta.db_table] = column
    return found


def install(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Put the policies on the tables of one app; a ``post_migrate`` receiver. Nothing on other databases."""
    database = connections[using]
    if database.vendor != "postgresql":
        return
    existing = set(database.introspection.table_names())
    with database.cursor() as cursor:
        for table, column in guarded_tables(sender).items():
            if table in existing:
                cursor.execute(POLICY.format(table=table, column=column))


@contextmanager
def only(organisation: Organisation) -> Iterator[None]:
    """Within, rows of other organisations are not there. Afterwards the connection is as before, whatever happened."""
    _set(str(organisation.pk))
    try:
        yield
    finally:
        _set("")


@contextmanager
def every_organisation() -> Iterator[None]:
    """Within, every row is there again: for figures that a head office compares. Whose may be seen, the caller says."""
    before = _current() if is_on() else ""
    if before:
        _set("")
    try:
        yield
    finally:
        if before:
            _set(before)


class RowSecurityMiddleware:
    """Sets the organisation of whoever has come, for as long as the view works. Stands after ``AccessMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        access = getattr(request, "access", None)
        if access is None or not is_on():
            return self.get_response(request)
        with only(access.organisation):
            return self.get_response(request)


def is_on() -> bool:
    """Whether requests set the organisation."""
    return bool(settings.ROW_SECURITY) and connection.vendor == "postgresql"


def _set(value: str) -> None:
    """Write the setting of the connection. A connection on which that fails is closed, so that nobody else gets it."""
    if connection.vendor != "postgresql":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, value])
    except DatabaseError:
        if connection.in_atomic_block:
            raise
        connection.close()


def _current() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING])
        return str(cursor.fetchone()[0])


def _organisation_column(model: type[models.Model]) -> str:
    for field in model._meta.local_concrete_fields:
        if field.name == "organisation" and field.related_model is Organisation:
            return str(field.column)
    return ""
