"""The data map says of every table what it holds: nothing is kept that it does not name."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models
from wagtail.models import Page

from privacy.data_map import SELF, data_map, pointers_of
from tests.test_architecture import OURS

TABLES = {table.label: table for table in data_map().tables}
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
OURS_APART_FROM_PAGES = [model for model in OURS if not issubclass(model, Page)]


def columns_with_words(model) -> set[str]:
    """Columns in which anything may be written; those with fixed choices are not among them."""
    return {field.name for field in model._meta.concrete_fields if isinstance(field, WORDS) and not field.choices}


def test_every_installed_table_is_in_the_map_and_no_other():
    assert set(TABLES) == {model._meta.label for model in apps.get_models()}


@pytest.mark.parametrize("model", OURS_APART_FROM_PAGES, ids=lambda model: model._meta.label)
def test_every_column_with_words_is_said_to_be_personal_free_or_plain(model):
    table = TABLES[model._meta.label]
    said = [*table.personal, *table.free, *table.plain]

    assert columns_with_words(model) - set(said) == set()
    assert set(said) <= {field.name for field in model._meta.concrete_fields}
    assert len(said) == len(set(said))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_says_what_it_holds_why_and_for_how_long(table):
    assert table.holds
    assert table.why
    assert table.kept in data_map().periods


@pytest.mark.parametrize("table", [t for t in TABLES.values() if t.about], ids=lambda t: t.label)
def test_the_way_from_a_row_to_the_person_is_a_way(table):
    for way in table.about:
        model = table.model
        for step in [] if way == SELF else way.split("__"):
            model = model._meta.get_field(step).related_model
        assert model._meta.label in ("staff.Person", "accounts.User"), way


def test_a_row_that_belongs_to_one_person_says_so():
    """A column named ``person`` is the person a row is about."""
    missing = [
        model._meta.label
        for model in OURS
        for field in pointers_of(model)
        if field.name in ("person", "user") and not TABLES[model._meta.label].about
    ]

    assert missing == []


def test_periods_without_a_table_are_not_kept():
    assert {table.kept for table in TABLES.values()} == set(data_map().periods)
