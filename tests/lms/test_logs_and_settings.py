"""What is written into logs names nobody, and nothing that is read back can run."""

from __future__ import annotations

import logging
from importlib import import_module

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.registry import handles
from jobs.services import enqueue, run
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
