"""Every form of every page is sent with more than it asks for, and with things of another organisation where it asks for one.

What is written is read from the statements themselves, so nothing has to be known of what a form does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Organisation, User
from lms.demonstration.specifications import CARE
from staff.models import Person
from tests.access import world
from tests.access.canaries import owners, rows_of
from tests.access.filling import Form, forms_of
from tests.access.keys import keys_apart, table_of
from tests.access.states import Place, in_other_states
from tests.access.walking import Answer, ask, walk
from tests.factories import member

pytestmark = pytest.mark.django_db

WORDS, NUMBER, DAY = "zzassigned", 98_765_432, "1907-07-17"
"""Values that nothing writes by itself."""
STAFF_NUMBER = "staff number"
"""What people are chosen by: a number that is one's own in each organisation."""
BY_THE_WAY = ("django_session", "accounts_failedsignin", "accounts_signincode")
"""Written also when a form is refused."""
READ_BESIDES = {
    "/reports/build/save/": ("course", "unit", "staff_group", "employment_type", "manager", "columns"),
    "/team/remind/": ("person",),
}
"""What a page asks for in some of its forms and not in others, or takes along from its address."""
HARD = {
    "/accounts/password/change/": "asks for the present password",
    "/accounts/confirm/password/": "asks for the present password",
    "/accounts/confirm/code/": "asks for a code of this half minute",
    "/accounts/confirm/key/": "asks for what a security key signs",
    "/accounts/second-factor/keys/add/": "asks for what a security key signs",
    "/accounts/code/": "asks for the code of a letter",
    "/staff/imports/#/undo/": "the staff list of the world was never brought in",
    "/questions/import/": "shows what the file would do, and writes nothing",
    "/registers/disposals/import/": "shows what the file would do, and writes nothing",
    "/registers/policies/templates/data-protection/use/": "the world has this policy; another template is used",
    "/assessment/wording/": "asks for the workbook of the framework",
    "/assessment/publications/#/withdraw/": "is for the SIRO only",
}
"""The forms that nothing here gets accepted, and why."""
GIVEN_BY_NO_FORM = ("is_superuser", "is_staff")
WRITES = re.compile(r'^(?:INSERT(?: OR \w+)? INTO|UPDATE) "(?P<table>\w+)"')


@pytest.fixture(scope="module")
def sides(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), keys_apart():
        world.load_everything_that_ships()
        mine, theirs = world.make_side(CARE), world.make_side(world.FOREIGN)
        member(mine.organisation, *[role for role in Role if role != Role.STAFF], user=mine.owner)
        Person.objects.of(theirs.organisation).update(staff_number=Concat(Value("H"), "staff_number"))
        yield mine, theirs


class Pages:
    """The forms of every page, looked for once, when the first test signs in."""

    def __init__(self, side: world.Side, further: Sequence[Place]) -> None:
        self.side, self.further = side, further

    @cached_property
    def forms(self) -> list[Form]:
        with transaction.atomic():
            client = signed_in(self.side.owner)
            answers = [*walk(client, self.side), *(self._ask(client, *place) for place in self.further)]
            found = {form.key: form for answer in answers if answer.is_page for form in forms_of(answer)}
            transaction.set_rollback(True)
        return list(found.values())

    def _ask(self, client: Client, name: str, differs: dict[str, Any]) -> Answer:
        parts = next(parts for known, parts in world.addresses() if known == name)
        return ask(client, reverse(name, kwargs=world.parts_for(self.side, parts) | differs))


@pytest.fixture(scope="module")
def pages(sides) -> Pages:
    return Pages(sides[0], in_other_states(sides[0]))


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@dataclass
class Written:
    """What the statements of a request wrote, by table and column."""

    values: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        return any(table not in BY_THE_WAY for table, _column, _value in self.values)

    def __call__(self, execute, sql, params, many, context):
        found = WRITES.match(sql)
        if found and params:
            if sql.startswith("UPDATE"):
                columns = re.findall(r'"(\w+)" = %s', sql)
            else:
                columns = re.findall(r'"(\w+)"', sql.partition("(")[2].partition(")")[0])
            for row in params if many else [params]:
                for column, value in zip(cycle(columns), row, strict=False):
                    self.values += [(found["table"], column, one) for one in (value if isinstance(value, list) else [value])]
        return execute(sql, params, many, context)


def send(user: User, form: Form, values: dict[str, list[str]]) -> tuple[int, Written]:
    """The answer's number and what was written; afterwards all is as before."""
    written = Written()
    with transaction.atomic():
        client = signed_in(user)
        with connection.execute_wrapper(written):
            status = client.post(form.url, values | form.files()).status_code
        transaction.set_rollback(True)
    return status, written


def ours() -> Iterator[type[models.Model]]:
    here = Path(__file__).parents[2]
    return (model for config in apps.get_app_configs() if Path(config.path).parent == here for model in config.get_models())


def hostile_extras(theirs: world.Side) -> dict[str, str]:
    """A value for every column there is, by the name a form might take it under."""
    extras: dict[str, str] = {}
    for model in (*ours(), User):
        for column in model._meta.concrete_fields:
            if column.is_relation:
                value = str(key_of_theirs(column.related_model, theirs) or 1)
            elif isinstance(column, models.BooleanField):
                value = "on"
            elif isinstance(column, models.DateTimeField):
                value = f"{DAY}T00:00"
            elif isinstance(column, models.DateField):
                value = DAY
            else:
                value = str(NUMBER) if isinstance(column, models.IntegerField | models.DecimalField) else WORDS
            extras |= {column.name: value, column.attname: value}
    return extras


def key_of_theirs(model: Any, theirs: world.Side) -> Any:
    if model is Organisation:
        return theirs.organisation.pk
    if model is User:
        return theirs.owner.pk
    return rows_of(model, theirs.organisation).values_list("pk", flat=True).first() if model in owners() else None


def keys_of(side: world.Side) -> dict[str, set[Any]]:
    """The keys of everything that is an organisation's, by table."""
    keys = {model._meta.db_table: set(rows_of(model, side.organisation).values_list("pk", flat=True)) for model in owners()}
    users = set(User.objects.filter(memberships__organisation=side.organisation).values_list("pk", flat=True))
    staff_numbers = set(Person.objects.of(side.organisation).values_list("staff_number", flat=True))
    return keys | {Organisation._meta.db_table: {side.organisation.pk}, User._meta.db_table: users, STAFF_NUMBER: staff_numbers}


def leads_to() -> dict[tuple[str, str], str]:
    """Of every column that names a row elsewhere, the table of that row."""
    return {
        (model._meta.db_table, column.column): column.related_model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if column.is_relation and column.related_model is not None
    }


def foreign_in(written: Written, keys: dict[str, set[Any]], links: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    return {
        (table, column)
        for table, column, value in written.values
        if (target := links.get((table, column))) and value in keys.get(target, ())
    }


def test_a_form_writes_only_what_it_asks_for(sides, pages):
    mine, theirs = sides
    extras, keys, links = hostile_extras(theirs), keys_of(theirs), leads_to()
    assigned, broken, accepted = set(), set(), set()
    for form in pages.forms:
        known = {*form.values, *form.takes_files, *READ_BESIDES.get(form.place, ())}
        added = {name: value for name, value in extras.items() if name not in known}
        for values in (form.values, form.changed):
            status, written = send(mine.owner, form, added | values)
            broken |= {form.url} if status >= 500 else set()
            assigned |= {(form.url, *place) for place in foreign_in(written, keys, links)}
            assigned |= {
                (form.url, table, column)
                for table, column, value in written.values
                if (WORDS in str(value) or DAY in str(value) or value == NUMBER or (column in GIVEN_BY_NO_FORM and value is True))
                and table != "django_session"
            }
            if written.anything:
                accepted.add(form.place)
                break

    assert assigned == set()
    assert broken == set()
    assert accepted & HARD.keys() == set()
    assert HARD.keys() <= {form.place for form in pages.forms}
    assert len(accepted) >= 145


def test_a_form_takes_nothing_of_another_organisation(sides, pages):
    """Where a form offers rows of mine, it is sent the keys of theirs: of the row that was made as the one offered was, and of the first."""
    mine, theirs = sides
    of_mine, of_theirs, links = keys_of(mine), keys_of(theirs), leads_to()
    taken, broken, tried = set(), set(), set()
    for form in pages.forms:
        for name, offered in form.choices.items():
            for key in alike(offered, of_mine, of_theirs):
                others = form.values.get(name, [])
                status, written = send(mine.owner, form, form.values | {name: [*others, key] if len(others) > 1 else [key]})
                tried.add((*form.key, name))
                broken |= {form.url} if status >= 500 else set()
                taken |= {(form.url, name, *place) for place in foreign_in(written, of_theirs, links)}

    assert taken == set()
    assert broken == set()
    assert len(tried) >= 50


def alike(offered: set[str], of_mine: dict[str, set[Any]], of_theirs: dict[str, set[Any]]) -> set[str]:
    """Keys of theirs, of each kind of row that is offered. Both organisations were made in the same order."""
    found = set()
    for kind in {kind_of(value, of_mine) for value in offered}:
        mine, theirs = sorted(of_mine.get(kind, ())), sorted(of_theirs.get(kind, ()))
        places = [place for place, key in enumerate(mine) if str(key) in offered][:1]
        found |= {str(theirs[min(place, len(theirs) - 1)]) for place in (0, *places) if theirs}
    return found - offered


def kind_of(value: str, of_mine: dict[str, set[Any]]) -> str | None:
    if value in of_mine[STAFF_NUMBER]:
        return STAFF_NUMBER
    return table_of(int(value)) if value.isdecimal() else None
