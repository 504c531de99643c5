"""One organisation's every word carries a mark. Whatever another organisation's people are shown, sent or given holds none of it.

The matrix (``test_matrix.py``) asks for the other's objects by their address. Here nobody asks for them: pages, lists, searches,
exports, charts, letters, jobs, logs and caches are looked through for what slipped in.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from itertools import cycle, islice
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import row_security, services
from accounts.enums import Role
from accounts.models import User
from assessment.models import Publication
from audit.models import Event
from audit.spreadsheets import CSV_TYPE, DANGEROUS, XLSX_TYPE
from evidence import blobs
from jobs.models import Job
from jobs.services import run
from lms.celery import app as celery
from lms.demonstration.specifications import CARE
from staff.models import Person
from tests.access import world
from tests.access.canaries import CANARY, LOOKED_FOR, cells_of, mark_everything, rows_of, traces, values_of
from tests.access.test_matrix import EXPECTED, PUBLIC, read_matrix
from tests.factories import member

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 23, 7, 40, tzinfo=ZoneInfo("Europe/London"))
MARKS = (CANARY, world.MARK, "hollowhill.example", "Hollow Hill")
ENDS_THE_SIGN_IN = {"account_logout", "accounts:sign_out", "usersessions_list"}
OF_EDITORS = (
    *("pages/search/?q={}", "pages/search/results/?q={}", "choose-page/?q={}", "choose-page/search/?q={}", "images/?q={}"),
    *(
        "images/results/?q={}",
        "images/chooser/?q={}",
        "images/chooser/results/?q={}",
        "documents/?q={}",
        "documents/results/?q={}",
    ),
    *(
        "documents/chooser/?q={}",
        "documents/chooser/results/?q={}",
        "reports/locked/",
        "reports/workflow/",
        "reports/workflow_tasks/",
    ),
    *("reports/site-history/", "reports/site-history/?export=csv", "reports/aging-pages/", "reports/aging-pages/?export=xlsx"),
    *(
        "reports/page-types-usage/",
        "tag-autocomplete/?term={}",
        "collections/",
        "snippets/",
        "",
        "pages/",
        "reports/locked/?export=csv",
    ),
)


@pytest.fixture(scope="module")
def sides(django_db_setup, django_db_blocker):
    """Mine, and theirs with a mark in every word; rolled back after the tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        world.load_everything_that_ships()
        mine, theirs = world.make_side(CARE), world.make_side(world.FOREIGN)
        theirs.marked = mark_everything(theirs.organisation)
        yield mine, theirs
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _one_morning():
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
def lines(caplog):
    """Every line that is logged, at any level; statements to the database are no log of ours."""
    caplog.set_level(logging.DEBUG)
    for name in ("django.db.backends", "faker", "factory", "fontTools", "matplotlib"):
        caplog.set_level(logging.WARNING, logger=name)
    return caplog


HOSTILE = (
    *(
        "'",
        "' OR '1'='1",
        "1; DROP TABLE staff_person--",
        "1) UNION SELECT 1,2,3--",
        "%' AND 1=0 --",
        "\\",
        "%",
        "_",
        "*",
        "(((",
        "[",
        "{}",
    ),
    *(
        "-1",
        "0",
        "1e309",
        "9" * 30,
        "2147483648",
        "9223372036854775808",
        "1.5",
        "NaN",
        "\u0662",
        "\x00",
        "a\x00b",
        "\u202e",
        "٣",
    ),
    *(
        "0000-00-00",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01",
        "-2026-01-01",
        "2026-13-01",
        "today",
        "None",
        "null",
        "true",
        "undefined",
    ),
    *(
        "person__user__password",
        "-user__password",
        "?",
        "pk",
        "organisation__name",
        "../../etc/passwd",
        "${7*7}",
        "{{7*7}}",
        "a" * 5000,
        " ",
    ),
)


def links_send(page: str) -> set[str]:
    """What the links of a page that lead to itself send along."""
    return {
        name for query in re.findall(r'href="\?([^"#]+)"', page) for name in parse_qs(unescape(query), keep_blank_values=True)
    }


class GetForms(HTMLParser):
    """The names of what may be typed into the forms of a page that search or filter."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.within, self.names = False, set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.within = said.get("method", "get").lower() == "get"
        elif self.within and said.get("name") and (tag == "select" or said.get("type", "text") in ("text", "search", "hidden")):
            self.names.add(said["name"])

    def handle_endtag(self, tag):
        self.within = self.within and tag != "form"


def sign_in(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def told(response) -> bytes:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body if body[:2] == b"PK" or body[:5] == b"%PDF-" else body + repr(dict(response.headers)).encode()


def letters_astray() -> list[tuple[str, list[str]]]:
    """Letters with a mark that go to somebody else, and letters to somebody of theirs count as sent."""
    astray = []
    for letter in mail.outbox:
        inside = letter.message().as_bytes() + "\n".join([letter.subject, letter.body]).encode()
        packed = [one[1] if isinstance(one, tuple) else one.get_payload(decode=True) for one in letter.attachments]
        parts = [inside, *[part.encode() if isinstance(part, str) else part for part in packed]]
        found = {mark for part in parts for mark in traces(part, MARKS)}
        to_theirs = all("hollowhill.example" in to for to in letter.recipients())
        if found and not to_theirs:
            astray.append((letter.subject, sorted(found)))
    return astray


def test_nearly_every_kind_of_row_carries_the_mark(sides):
    _mine, theirs = sides
    empty = sorted(label for label, marked in theirs.marked.items() if not marked)

    assert sum(1 for marked in theirs.marked.values() if marked) > 75, empty
    assert sum(theirs.marked.values()) > 2000


@pytest.mark.usefixtures("sides")
def test_the_work_of_every_day_tells_each_organisation_of_itself_only(lines, django_capture_on_commit_callbacks):
    celery.loader.import_default_modules()
    with django_capture_on_commit_callbacks(execute=True):
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            celery.tasks[entry["task"]]()
        for job in Job.objects.filter(state=Job.State.QUEUED):
            run(job.pk)

    sent = [letter for letter in mail.outbox if any("hollowhill.example" in to for to in letter.recipients())]
    assert any(CANARY in letter.body for letter in sent), "their letters do carry it"
    assert letters_astray() == []
    assert [line for line in lines.messages if CANARY in line] == []


def test_no_page_list_search_export_or_chart_holds_anything_of_theirs_and_none_breaks(sides, lines):
    """Every page; and of every name that its own forms and links send, a search for the marked words and a value meant badly."""
    mine, _theirs = sides
    everything = sign_in(member(mine.organisation, *[role for role in Role if role != Role.STAFF], user=mine.owner))
    leaks, broken, asked, hostile = [], [], 0, cycle(HOSTILE)
    caches["default"].clear()
    for name, parts in world.addresses():
        address = reverse(name, kwargs=world.parts_for(mine, parts))
        response = everything.get(address)
        body = told(response)
        leaks += [(address, mark) for mark in traces(body, MARKS)]
        if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
            continue
        for field in sorted(GetForms(response.text).names | links_send(response.text)):
            asked += 2
            leaks += [(address, field, mark) for mark in traces(told(everything.get(address, {field: LOOKED_FOR})), MARKS)]
            value = next(hostile)
            answer = everything.get(address, {field: value})
            if answer.status_code not in (200, 302, 400, 403, 404):
                broken.append((address, field, value[:20], answer.status_code))

    assert leaks == []
    assert broken == []
    assert asked > 200
    assert [line for line in lines.messages if any(traces(line.encode(), MARKS))] == []
    kept = caches["default"]
    assert [key for key, value in kept._cache.items() if any(traces(key.encode() + value, MARKS))] == []


def test_one_role_alone_sees_nothing_of_theirs(sides):
    """Every list, as one of the roles that may see it, each in turn: what somebody of all roles is shown may hide what one is."""
    mine, _theirs = sides
    expected, turn = read_matrix(EXPECTED.read_text(encoding="utf-8")), cycle(Role)
    clients = {role: sign_in(member(mine.organisation, role)) for role in Role}
    leaks, seen = [], set()
    for name, parts in world.addresses():
        if not parts and expected.get(name) != PUBLIC:
            may = list(Role) if isinstance(expected[name], str) else [role for role in Role if role.value in expected[name]]
            role = next((role for role in islice(turn, len(Role)) if role in may), None)
            if role:
                seen.add(role)
                leaks += [(role, name, mark) for mark in traces(told(clients[role].get(reverse(name))), MARKS)]

    assert leaks == []
    assert len(seen) > 8


def test_an_editor_finds_nothing_of_theirs_in_the_cms(sides):
    mine, _theirs = sides
    editor = member(mine.organisation)
    services.grant_role(editor, organisation=mine.organisation, role=Role.CONTENT_EDITOR, by="test", at=MORNING)
    client, leaks, reached = sign_in(editor), [], 0
    for place in OF_EDITORS:
        for words in {place.format(word) for word in ("", world.MARK[:5], LOOKED_FOR)}:
            response = client.get(f"/cms/{words}", follow=True)
            reached += response.status_code == 200 and response.redirect_chain == []
            leaks += [(words, mark) for mark in traces(told(response), MARKS)]

    assert leaks == []
    assert reached > 20


def test_what_mine_do_reaches_nobody_with_anything_of_theirs(sides, lines, settings, django_capture_on_commit_callbacks):
    """Every act that needs no form, such as an export or sending letters; the jobs these ask for; and then every row of mine."""
    mine, _theirs = sides
    owner = member(mine.organisation, *[role for role in Role if role != Role.STAFF], user=mine.owner)
    leaks, done = [], 0
    client = sign_in(owner)
    settings.BASE_URL = "https://tenfold.example"
    with django_capture_on_commit_callbacks(execute=True):
        for name, parts in world.addresses():
            address = reverse(name, kwargs=world.parts_for(mine, parts))
            if name in ENDS_THE_SIGN_IN or client.options(address).get("Allow", "").find("GET") >= 0:
                continue
            client = sign_in(owner)
            response = client.post(address, headers={"host": "localhost", "x-forwarded-host": "evil.example"})
            done += response.status_code < 400
            leaks += [(address, mark) for mark in traces(told(response), MARKS)]
        for job in Job.objects.filter(organisation=mine.organisation, state=Job.State.QUEUED):
            run(job.pk)

    assert leaks == []
    assert done > 30
    assert letters_astray() == []
    links = {
        link
        for letter in mail.outbox
        for link in re.findall(r"https?://[^\s<>\"')]+", f"{letter.body}{getattr(letter, 'alternatives', '')}")
    }
    assert {link for link in links if any(host in link for host in ("localhost", "testserver", "evil.example"))} == set()
    assert [(column, value) for column, value in values_of(mine.organisation) if any(traces(value.encode(), MARKS))] == []
    assert [line for line in lines.messages if any(traces(line.encode(), MARKS))] == []


def test_no_cell_of_any_export_begins_a_formula(sides):
    """Every word of mine begins one now."""
    mine, _theirs = sides
    everything = sign_in(member(mine.organisation, *[role for role in Role if role != Role.STAFF], user=mine.owner))
    mark_everything(mine.organisation, "=7*")
    begun, files = [], 0
    for name, parts in world.addresses():
        if not re.search("csv|xlsx|export|fix|rows|file|template", name):
            continue
        address = reverse(name, kwargs=world.parts_for(mine, parts))
        for response in (everything.get(address), everything.get(address, {"format": "xlsx"})):
            content = b"".join(response.streaming_content) if response.streaming else response.content
            if response.status_code == 200 and response["Content-Type"].startswith((CSV_TYPE[:8], XLSX_TYPE)):
                files += 1
                texts = [cell for cell in cells_of(content) if isinstance(cell, str) and not re.fullmatch(r"-?[\d.,]+%?", cell)]
                begun += [(address, cell[:40]) for cell in texts if cell.lstrip(" ").startswith(DANGEROUS)]

    assert Counter(address for address, _cell in begun) == {}
    assert files > 20


def test_the_trail_and_what_is_published_name_people_by_number_only(sides):
    """Summaries of events, and the canonical documents of returns: no name, address or staff number of anybody."""
    mine, _theirs = sides
    people = Person.objects.of(mine.organisation)
    users = User.objects.filter(memberships__organisation=mine.organisation)
    whole = {f"{one.first_name} {one.last_name}" for one in [*people, *users]}
    known = re.compile(
        "|".join(rf"\b{re.escape(word)}\b" for word in sorted(whole | {one.email for one in [*people, *users] if one.email}))
    )
    numbers = re.compile("|".join(rf"(?<![\w:.-]){re.escape(one.staff_number)}(?![\w:.-])" for one in people))
    events = Event.objects.filter(organisation=mine.organisation.ods_code)
    told = [
        (event.type, text) for event in events for text in [f"{event.summary} {event.target} {event.actor} {event.on_behalf_of}"]
    ]
    published = [blobs.read(one.document).decode() for one in Publication.objects.filter(organisation=mine.organisation)]

    assert len({kind for kind, _text in told}) > 60
    assert [(kind, found[0]) for kind, text in told if (found := known.search(text) or numbers.search(text))] == []
    assert published
    assert [found[0] for text in published if (found := known.search(text))] == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="row-level security is PostgreSQL's")
def test_postgresql_shows_of_every_guarded_table_the_rows_of_mine_and_of_nobody(sides):
    mine, theirs = sides
    ours = [model for model in row_security.owners() if model in row_security.guarded()]
    expected = {
        model._meta.label: model._base_manager.count() - rows_of(model, theirs.organisation).count()
        for model in ours
        if rows_of(model, theirs.organisation).exists()
    }
    role = connection.ops.quote_name(f"canary_{connection.settings_dict['NAME']}"[:63])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} NOSUPERUSER NOBYPASSRLS")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"SET LOCAL ROLE {role}")
        with row_security.only(mine.organisation):
            seen = {model._meta.label: model._base_manager.count() for model in ours if model._meta.label in expected}
        cursor.execute("RESET ROLE")

    assert len(expected) > 90
    assert {label: (seen[label], count) for label, count in expected.items() if seen[label] != count} == {}
