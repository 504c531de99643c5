"""A second wall between organisations, in PostgreSQL itself: while a signed-in request runs, rows of others are not there.

Policies stand on every table of ours with an organisation column, and on those that belong to one through another row, as a post
does through its person (``install``, after migrating). They look at a setting of the connection: without it, as in jobs, commands,
migrations and sign-in, every row is there. With ``ROW_SECURITY`` on, requests of signed-in people set it. It works only for a
database role that is no superuser and has no BYPASSRLS. See docs/adr/0025.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import DatabaseError, connection, connections, models
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.models import Membership, Organisation, SignInCode

SETTING = "tenfold.organisation"
OF_NONE = "0"
"""No organisation has this number."""
NEEDED_TO_SIGN_IN = (Membership, SignInCode)
"""Read before anybody knows which organisation somebody comes from."""
READ_BY_THE_THOUSAND = {
    "staff.Post",
    "staff.Absence",
    "courses.Completion",
    "courses.CompletionVoid",
    "courses.Progress",
    "courses.Exemption",
}
"""Tables that name nobody and that every list and figure reads whole: asking about the person of each row doubled what a completion
rate takes (docs/adr/0025). Joined with people, as they are to be shown, they show one's own: the policy of people sees to it."""

OWN = """("{table}"."{column}" IS NULL OR "{table}"."{column}"::text = current_setting('tenfold.organisation', true))"""
THROUGH = """EXISTS (SELECT 1 FROM "{parent}" WHERE "{parent}"."{key}" = "{table}"."{column}"{and_so_on})"""
POLICY = """
DROP POLICY IF EXISTS tenfold_own_organisation ON "{table}";
CREATE POLICY tenfold_own_organisation ON "{table}"
USING (coalesce(current_setting('tenfold.organisation', true), '') = '' OR {theirs})
WITH CHECK (coalesce(current_setting('tenfold.organisation', true), '') = '' OR {theirs});
ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
"""

Owner = models.ForeignKey[Any, Any]


@cache
def owners() -> dict[type[models.Model], Owner]:
    """The models whose rows are an organisation's, each with the field that says whose: the organisation, or the row it belongs to.

    A row whose owner is always somebody's, such as a person, comes before one that may be everybody's, such as a course.
    """
    known = [model for model in apps.get_models() if model not in NEEDED_TO_SIGN_IN]
    found = {model: field for model in known if (field := _organisation_field(model))}
    for among in ({model for model, field in found.items() if not field.null}, set(found)):
        while more := {model: field for model in known if model not in found and (field := _belongs_to(model, among))}:
            found |= more
            among.update(more)
    return found


def guarded() -> set[type[models.Model]]:
    """The models whose tables have a policy."""
    return {model for model in owners() if model._meta.label not in READ_BY_THE_THOUSAND}


def install(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Put the policies on the tables of one app; a ``post_migrate`` receiver. Nothing on other databases."""
    database = connections[using]
    if database.vendor != "postgresql":
        return
    existing = set(database.introspection.table_names())
    with database.cursor() as cursor:
        for model in guarded():
            if model._meta.app_config is sender and _tables_asked(model) <= existing:
                cursor.execute(POLICY.format(table=model._meta.db_table, theirs=_theirs(model)))


@contextmanager
def only(organisation: Organisation | None) -> Iterator[None]:
    """Within, rows of other organisations are not there; with none, rows of no organisation only.

    Afterwards the connection is as before, whatever happened.
    """
    _set(str(organisation.pk) if organisation else OF_NONE)
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
    """Sets the organisation of whoever has come, for as long as the view works; none for whoever looks after the installation.

    Stands after ``AccessMiddleware``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        access, platform = getattr(request, "access", None), getattr(request, "platform", None)
        if (access is None and platform is None) or not is_on():
            return self.get_response(request)
        organisation = access.organisation if access else None
        with only(organisation):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            parts = cast("Iterable[bytes]", response.streaming_content)
            response.streaming_content = _one_after_another(parts, organisation)
        return response


def _one_after_another(parts: Iterable[bytes], organisation: Organisation | None) -> Iterator[bytes]:
    """Parts of an answer that are made while it is sent, after the view is done."""
    with only(organisation):
        yield from parts


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


def _organisation_field(model: type[models.Model]) -> Owner | None:
    return next(
        (field for field in _owners_of(model) if field.name == "organisation" and field.related_model is Organisation), None
    )


def _belongs_to(model: type[models.Model], among: Collection[type[models.Model]]) -> Owner | None:
    return next((field for field in _owners_of(model) if not field.null and field.related_model in among), None)


def _owners_of(model: type[models.Model]) -> list[Owner]:
    return [field for field in model._meta.local_concrete_fields if isinstance(field, models.ForeignKey)]


def _theirs(model: type[models.Model]) -> str:
    """That a row is one's own. Of the row it belongs to, that row's own policy decides; where it has none, we go on to the next."""
    field = owners()[model]
    parent: type[models.Model] = field.related_model
    known = {"table": model._meta.db_table, "column": field.column}
    if parent is Organisation:
        return OWN.format(**known)
    and_so_on = "" if parent in guarded() else f" AND {_theirs(parent)}"
    return THROUGH.format(**known, parent=parent._meta.db_table, key=field.target_field.column, and_so_on=and_so_on)


def _tables_asked(model: type[models.Model]) -> set[str]:
    """The tables that must be there before the policy of one can be made."""
    found = {model._meta.db_table}
    while field := owners().get(model):
        model = field.related_model
        found.add(model._meta.db_table)
    return found
