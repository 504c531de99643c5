"""What is written into logs names nobody, and nothing that is read back can run."""

from __future__ import annotations

import json
import logging
import re
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.registry import handles
from jobs.services import enqueue, run
from lms.log_lines import JsonLines, PlainLines
from staff.models import Person
from tests.factories import NOW, UserFactory, member, person_in_post

NAME, SURNAME, EMAIL, NUMBER = "Zebedee", "Quillfeather", "zebedee@example.test", "ZQ-4711"


@pytest.fixture
def everybody_logs(caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("django.db.backends", "faker", "factory"):
        caplog.set_level(logging.WARNING, logger=name)
    return caplog


@handles("test.breaks")
def _breaks(progress, **arguments):
    raise RuntimeError("something of ours broke")


@pytest.mark.django_db
def test_logs_of_ordinary_journeys_name_nobody(organisation, everybody_logs, monkeypatch, settings):
    user = UserFactory(username=EMAIL, email=EMAIL, first_name=NAME, last_name=SURNAME)
    user.set_password("lantern-river-apple")
    user.save()
    member(organisation, Role.HR, Role.ORGANISATION_ADMIN, user=user)
    person = person_in_post(organisation, user=user)
    Person.objects.filter(pk=person.pk).update(first_name=NAME, last_name=SURNAME, email=EMAIL, staff_number=NUMBER)
    client = Client(raise_request_exception=False)

    for password in ("wrong", "lantern-river-apple"):
        client.post(reverse("accounts:sign_in"), {"login": EMAIL, "username": EMAIL, "password": password})
    client.force_login(user)
    client.get(reverse("staff:person_list"), {"q": SURNAME})
    client.get(reverse("staff:person_detail", args=[person.pk]))
    client.post(reverse("staff:person_edit", args=[person.pk]), {"first_name": NAME, "last_name": SURNAME, "email": EMAIL})
    client.post(reverse("staff:person_invite", args=[person.pk]))
    client.get(reverse("staff:person_detail", args=[999_999_999]))
    client.post(reverse("privacy:copy_list", args=[person.pk]))
    for job in Job.objects.all():
        run(job.pk)
    broken = enqueue(
        "test.breaks", title=f"Work for {NAME}", organisation=organisation, by=user, arguments={"who": EMAIL}, at=NOW
    )
    run(broken.pk)
    monkeypatch.setattr("staff.views.people.people_page", lambda *args, **kwargs: 1 / 0)
    client.get(reverse("staff:person_list"), {"q": SURNAME})

    text = everybody_logs.text
    assert "something of ours broke" in text, "failures are logged"
    assert "ZeroDivisionError" in text
    assert [word for word in (NAME, SURNAME, EMAIL, NUMBER, "lantern-river-apple") if word in text] == []


def test_no_pickle_in_cache_sessions_tasks_or_results():
    serializer = import_module(settings.SESSION_SERIALIZER.rpartition(".")[0])

    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
    assert serializer
    assert settings.CELERY_TASK_SERIALIZER == "json"
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_RESULT_BACKEND is None


def test_the_cache_of_every_form_stays_inside_its_process():
    """Django's Redis cache pickles: whoever can write into Redis would run code here. Ours does not leave the process."""
    for caches in (settings.CACHES, production_caches()):
        assert {cache["BACKEND"] for cache in caches.values()} <= {
            "django.core.cache.backends.locmem.LocMemCache",
            "django.core.cache.backends.dummy.DummyCache",
        }


def production_caches() -> dict[str, dict[str, str]]:
    text = (settings.ROOT / "lms" / "settings" / "production.py").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("CACHES = "))
    return eval(line.removeprefix("CACHES = "), {})  # noqa: S307  our own file


def test_production_asks_for_https_for_a_year_and_for_cookies_of_this_host_only():
    text = (settings.ROOT / "lms" / "settings" / "production.py").read_text(encoding="utf-8")

    for line in (
        "SECURE_HSTS_SECONDS = 365 * 24 * 3600",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS = True",
        "SESSION_COOKIE_SECURE = True",
        'SESSION_COOKIE_NAME = "__Host-sessionid"',
        'CSRF_COOKIE_NAME = "__Host-csrftoken"',
    ):
        assert line in text


@pytest.mark.django_db
def test_whoever_is_refused_or_guesses_leaves_a_line_that_names_nobody(organisation, sign_in, caplog):
    caplog.set_level(logging.WARNING, logger="tenfold.security")
    client = sign_in(organisation, Role.STAFF)

    client.get(reverse("staff:person_list"), {"q": SURNAME})
    Client().post(reverse("accounts:sign_in"), {"login": EMAIL, "password": "wrong"})
    Client().post(reverse("accounts:sign_in"), {"login": EMAIL, "password": "wrong"})

    lines = [record.getMessage() for record in caplog.records if record.name == "tenfold.security"]
    assert lines[0] == f"refused: user {client.user.pk}, GET staff:person_list"
    assert re.fullmatch(r"wrong try: password [0-9a-f]{12}, passwords from [0-9a-f]{12}, passwords of [0-9a-f]{12}", lines[1])
    assert lines[1:] == [lines[1]] * 2, "the same again is seen to be the same"


def test_nobody_writes_a_line_of_the_log_that_is_not_theirs():
    forged = "gone\r\n2026-01-01T00:00:00.000Z INFO tenfold.security all is well\x1b[2K\u2028"
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Not found: %s", (forged,), None)
    record.created, record.msecs = 1_767_225_600.25, 250.0

    plain, said = PlainLines().format(record), JsonLines().format(record)

    assert plain.splitlines()[0] == "2026-01-01T00:00:00.250Z WARNING django.request Not found: gone\\x0d"
    assert all(line.startswith("    ") for line in plain.splitlines()[1:])
    assert "\x1b" not in plain
    assert len(said.splitlines()) == 1
    assert json.loads(said) == {
        "time": "2026-01-01T00:00:00.250Z",
        "level": "WARNING",
        "logger": "django.request",
        "message": f"Not found: {forged}",
    }
