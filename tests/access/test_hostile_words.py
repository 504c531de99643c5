"""Hostile words in every column that somebody may write, shown on every page: nothing of them runs anywhere."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.db import transaction
from django.http import HttpResponse
from lxml import etree
from openpyxl import load_workbook

from lms.demonstration.specifications import CARE
from tests.access import corpus, vectors, world
from tests.access.replaying import Reader, a_browser, replaying
from tests.access.test_matrix import OTHER_ROLES, client_for
from tests.access.visiting import in_the_cms
from tests.access.walking import Answer, follow, walk
from tests.factories import member

pytestmark = pytest.mark.django_db

FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN = re.compile(rb"zqx(?:\(|%28|&#40;|`|\.example/)(\d+)\.(\d+)")
A_NUMBER = re.compile(r"-?\d+([.,]\d+)?$")


@dataclass
class Hostile:
    """An organisation in which everybody writes hostile words, and somebody who may see all of it."""

    side: world.Side
    filled: dict[int, str]
    """The names of the columns that hold hostile words, by their numbers in these words."""
    answers: list[Answer] | None = None

    def seen(self) -> list[Answer]:
        """What every address answers, and what the pages lead to besides: asked for once."""
        if self.answers is None:
            client = client_for(member(self.side.organisation, *OTHER_ROLES, user=self.side.owner))
            first = list(walk(client, self.side))
            self.answers = [*first, *follow(client, first)]
        return self.answers


@pytest.fixture(scope="module")
def hostile(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        world.load_everything_that_ships()
        side = world.make_side(CARE)
        filled = vectors.fill()
        side.owner.refresh_from_db()
        yield Hostile(side, filled)
        transaction.set_rollback(True)


def test_every_column_that_somebody_may_write_into_holds_hostile_words(hostile):
    """A new table gets a row in ``world.py`` or ``rarer.py``, or is named in ``vectors.CODES`` with what it holds instead of words."""
    asked = {number: f"{model._meta.label}.{field.name}" for number, model, field in vectors.columns()}
    named = {name for model, field in vectors.text_columns() for name in vectors.names_of(model, field)}

    assert sorted(asked[number] for number in asked.keys() - hostile.filled.keys()) == []
    assert sorted(vectors.CODES.keys() - named) == []


def test_nothing_that_anybody_writes_runs_on_a_page_or_in_a_picture(hostile):
    shown: set[tuple[int, int]] = set()
    found, pages = [], 0
    for answer in hostile.seen():
        shown |= {(int(column), int(vector)) for column, vector in SHOWN.findall(answer.body)}
        if answer.is_page:
            pages += 1
            found += [(answer.url, what) for what in vectors.would_run(answer.tree)]
        elif answer.is_picture:
            found += [(answer.url, what) for what in vectors.would_run(etree.fromstring(answer.body))]

    assert found == []
    assert pages > 400
    columns_of = defaultdict(set)
    for column, vector in shown:
        columns_of[vector].add(column)
    assert sorted(set(range(len(corpus.VECTORS))) - columns_of.keys()) == []
    assert min(len(columns) for columns in columns_of.values()) > 5
    assert len({column for column, _vector in shown}) > 200


def test_no_page_or_document_breaks_on_what_anybody_writes(hostile):
    broken = [answer.url for answer in hostile.seen() if answer.response.status_code >= 500]
    documents = [answer for answer in hostile.seen() if answer.response.get("Content-Type") == "application/pdf"]

    assert broken == []
    assert len(documents) > 8
    assert all(answer.body.startswith(b"%PDF") for answer in documents)


def test_no_cell_of_anything_taken_away_is_a_formula(hostile):
    formulas, sheets = [], 0
    for answer in hostile.seen():
        if answer.response.status_code != 200:
            continue
        kind = answer.response.get("Content-Type", "")
        cells: list[object] = []
        if kind.startswith("text/csv"):
            cells = [cell for row in csv.reader(StringIO(answer.body.decode("utf-8-sig"))) for cell in row]
        elif kind.endswith("spreadsheetml.sheet"):
            book = load_workbook(BytesIO(answer.body))
            cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
            assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row), answer.url
        sheets += bool(cells)
        formulas += [
            (answer.url, cell)
            for cell in cells
            if isinstance(cell, str) and cell.startswith(FORMULA) and not A_NUMBER.match(cell) and cell != "-"
        ]

    assert formulas == []
    assert sheets > 40


def test_what_is_taken_away_as_word_or_xml_stays_well_formed(hostile):
    read = 0
    for answer in hostile.seen():
        kind = answer.response.get("Content-Type", "")
        if answer.response.status_code == 200 and kind.endswith("wordprocessingml.document"):
            with ZipFile(BytesIO(answer.body)) as parts:
                etree.fromstring(parts.read("word/document.xml"))
            read += 1
        elif answer.response.status_code == 200 and kind.startswith("application/xml"):
            etree.fromstring(answer.body)
            read += 1

    assert read > 1


@pytest.mark.browser
def test_nothing_that_anybody_writes_runs_in_a_browser(hostile):
    """Every page and picture in Chromium under our policy: for somebody who may see all of it, and for an editor in the CMS."""
    ours, of_the_cms = hostile.seen(), in_the_cms(hostile.side)
    with a_browser() as browser, replaying() as server:
        reader = Reader(browser, server)
        reader.read(ours)
        opened = reader.opened
        reader.read(of_the_cms)

    assert reader.faults == []
    assert opened > 450
    assert reader.opened - opened > 40


@pytest.mark.browser
def test_the_browser_notices_nearly_all_of_these_words_where_a_page_does_not_escape_them():
    """The rest are for templates of other frameworks, and for whoever decodes what they are sent."""
    noticed = set()
    with a_browser() as browser, replaying() as server:
        reader = Reader(browser, server)
        for number, vector in enumerate(corpus.VECTORS):
            words = vector.format(f"1.{number}")
            page = HttpResponse(
                f"<!DOCTYPE html><title>x</title><main><p>{words}</p><p title=\"{words}\">x</p><p title='{words}'>x</p><p id={words}>x</p>"
                f"<textarea>{words}</textarea><select><option>{words}</select><script type=application/json>{words}</script></main>"
            )
            page["Content-Security-Policy"] = "default-src 'self'"
            reader.faults.clear()
            reader.read([Answer("", (), f"/{number}/", page, page.content)])
            noticed |= {number} if reader.faults else set()

    assert len(noticed) > 104
