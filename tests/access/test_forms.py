"""Every form of every page is sent with more than it asks for, and with things of another organisation where it asks for one.

What is written is read from the statements themselves, so nothing has to be known of what a form does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client
from lxml import html

from accounts.enums import Role
from accounts.models import Organisation, User
from lms.demonstration.specifications import CARE
from tests.access import world
from tests.access.canaries import owners, rows_of
from tests.access.keys import keys_apart, table_of
from tests.access.walking import Answer, walk
from tests.factories import member

pytestmark = pytest.mark.django_db

WORDS, NUMBER, DAY = "zzassigned", 98_765_432, "1907-07-17"
"""Values that nothing writes by itself."""
PARTS_OF_A_DAY = {"0": "17", "1": "11", "2": "2026", "day": "17", "month": "11", "year": "2026"}
GIVEN_BY_NO_FORM = ("is_superuser", "is_staff")
WRITES = re.compile(r'^(?:INSERT(?: OR \w+)? INTO|UPDATE) "(?P<table>\w+)"')


@pytest.fixture(scope="module")
def sides(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), keys_apart():
        world.load_everything_that_ships()
        mine, theirs = world.make_side(CARE), world.make_side(world.FOREIGN)
        member(mine.organisation, *[role for role in Role if role != Role.STAFF], user=mine.owner)
        yield mine, theirs


class Pages:
    """The forms of every page, looked for once, when the first test signs in."""

    def __init__(self, side: world.Side) -> None:
        self.side = side

    @cached_property
    def forms(self) -> list[Form]:
        with transaction.atomic():
            client = signed_in(self.side.owner)
            found = {form.key: form for answer in walk(client, self.side) if answer.is_page for form in forms_of(answer)}
            transaction.set_rollback(True)
        return list(found.values())


@pytest.fixture(scope="module")
def pages(sides) -> Pages:
    return Pages(sides[0])


@dataclass(frozen=True)
class Form:
    """One form as a browser would send it, filled in where it was empty."""

    url: str
    values: dict[str, list[str]]
    as_found: dict[str, list[str]]
    """As it stood on the page."""
    choices: dict[str, set[int]]
    """The fields that ask for one of several rows, with the keys they offer."""

    @property
    def key(self) -> tuple[str, ...]:
        return (re.sub(r"\d+", "#", self.url), *sorted(re.sub(r"\d+", "#", name) for name in self.values))


def forms_of(answer: Answer) -> Iterator[Form]:
    for form in answer.tree.forms:
        url = (form.get("action") or answer.url).partition("#")[0]
        if form.method == "POST" and url.startswith("/") and not re.search("/logout|/sign-out|/sessions/", url):
            yield Form(url, dict(filled_in(form)), as_it_stood(form), dict(choices_of(form)))


def filled_in(form: html.FormElement) -> Iterator[tuple[str, list[str]]]:
    sent: dict[str, list[str]] = defaultdict(list)
    for name, value in form.form_values():
        sent[name].append(str(value))
    for control in form.xpath(".//input[@name]|.//textarea[@name]|.//select[@name]|.//button[@name]"):
        name, kind = control.get("name"), control.get("type", "")
        if name in ("csrfmiddlewaretoken",) or kind == "file" or (any(sent.get(name, ())) and kind != "submit"):
            continue
        if control.tag == "select":
            options = [option for option in control.value_options if option]
            sent[name] = options[:1]
        elif control.tag == "button":
            sent.setdefault(name, [control.get("value", "")])
        elif kind in ("radio", "checkbox"):
            sent[name] = [control.get("value", "on")]
        else:
            part = PARTS_OF_A_DAY.get(name.rpartition("_")[2])
            sent[name] = [part or {"number": "1", "email": "some@words.example"}.get(kind, "Some words")]
    sent.pop("csrfmiddlewaretoken", None)
    yield from sent.items()


def as_it_stood(form: html.FormElement) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = defaultdict(list)
    for name, value in form.form_values():
        if name != "csrfmiddlewaretoken":
            sent[name].append(str(value))
    return dict(sent)


def choices_of(form: html.FormElement) -> Iterator[tuple[str, set[int]]]:
    """The fields whose values are numbers."""
    offered: dict[str, set[int]] = defaultdict(set)
    for control in form.xpath(".//select[@name]|.//input[@type='radio' or @type='checkbox' or @type='hidden'][@name]"):
        values = control.value_options if control.tag == "select" else [control.get("value", "")]
        offered[control.get("name")] |= {int(value) for value in values if re.fullmatch(r"\d+", value or "")}
    return ((name, keys) for name, keys in offered.items() if keys)


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@dataclass
class Written:
    """What the statements of a request wrote, by table and column."""

    values: list[tuple[str, str, Any]] = field(default_factory=list)

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
            status = client.post(form.url, values).status_code
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
    return keys | {Organisation._meta.db_table: {side.organisation.pk}, User._meta.db_table: users}


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
    assigned, broken, accepted = set(), set(), 0
    for form in pages.forms:
        added = {name: value for name, value in extras.items() if name not in form.values}
        status, written = send(mine.owner, form, added | form.values)
        if status == 200:  # What was filled in may be no code, or not in order: what stood there is.
            status, written = send(mine.owner, form, added | form.as_found)
        broken |= {form.url} if status >= 500 else set()
        accepted += status == 302
        assigned |= {(form.url, *place) for place in foreign_in(written, keys, links)}
        assigned |= {
            (form.url, table, column)
            for table, column, value in written.values
            if (WORDS in str(value) or DAY in str(value) or value == NUMBER or (column in GIVEN_BY_NO_FORM and value is True))
            and table != "django_session"
        }

    assert assigned == set()
    assert broken == set()
    assert accepted > 60


def test_a_form_takes_nothing_of_another_organisation(sides, pages):
    """Where a form offers rows of mine, it is sent the keys of theirs: of the row that was made as the one offered was, and of the first."""
    mine, theirs = sides
    of_mine, of_theirs, links = keys_of(mine), keys_of(theirs), leads_to()
    taken, broken, tried = set(), set(), set()
    for form in pages.forms:
        for name, offered in form.choices.items():
            for key in alike(offered, of_mine, of_theirs):
                status, written = send(mine.owner, form, form.values | {name: [str(key)]})
                tried.add((*form.key, name))
                broken |= {form.url} if status >= 500 else set()
                taken |= {(form.url, name, *place) for place in foreign_in(written, of_theirs, links)}

    assert taken == set()
    assert broken == set()
    assert len(tried) >= 40


def alike(offered: set[int], of_mine: dict[str, set[Any]], of_theirs: dict[str, set[Any]]) -> set[int]:
    """Keys of theirs, of each kind of row that is offered. Both organisations were made in the same order."""
    found = set()
    for table in {table_of(key) for key in offered}:
        mine, theirs = sorted(of_mine.get(table, ())), sorted(of_theirs.get(table, ()))
        places = [mine.index(key) for key in sorted(offered) if key in mine][:1]
        found |= {theirs[min(place, len(theirs) - 1)] for place in (0, *places) if theirs}
    return found - offered
