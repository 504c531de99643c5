"""The project's own pages, and settings that refuse to start half-configured."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from tests.factories import UserFactory


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_monitors_get_an_answer_without_signing_in(client, path):
    response = client.get(path)

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "first"), [(Role.STAFF, "/my-training/"), (Role.AUDITOR, "/assessment/"), (Role.ORGANISATION_ADMIN, "/first-steps/")]
)
def test_people_start_at_the_first_page_of_their_menu(sign_in, organisation, role, first):
    assert sign_in(organisation, role).get(reverse("home")).url == first


@pytest.mark.django_db
def test_somebody_of_no_organisation_is_told_so(client):
    client.force_login(UserFactory())

    response = client.get(reverse("home"))

    assert response.status_code == 403
    assert "does not belong to an organisation" in response.text


@pytest.mark.django_db
def test_a_form_from_an_old_tab_gets_a_kind_page():
    response = Client(enforce_csrf_checks=True).post(reverse("accounts:sign_in"), {"username": "a"})

    assert response.status_code == 403
    assert "This page was too old to send" in response.text


GOOD = {
    "SECRET_KEY": "only-for-this-test-4711-" + "xyz" * 10,
    "ALLOWED_HOSTS": "training.example.org",
    "DATABASE_URL": "postgres://tenfold@localhost/tenfold",
    "REDIS_URL": "redis://:a-random-one@localhost",
    "SCANNER": "tcp://127.0.0.1:3310",
    "BASE_URL": "https://training.example.org",
}


def start(*asked: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "lms.settings.production"} | GOOD | changes
    command = [sys.executable, *(asked or ("-c", "from django.conf import settings; settings.DEBUG"))]
    return subprocess.run(command, cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": "short"}, "Set SECRET_KEY to at least 50 random characters."),
        ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS to the host names people use"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "Set DATABASE_URL to a PostgreSQL database"),
        ({"REDIS_URL": ""}, "Set REDIS_URL to a Redis server"),
        ({"REDIS_URL": "redis://localhost"}, "Give Redis a password"),
        ({"REDIS_URL": "redis://:redis@localhost"}, "a password that everybody knows"),
        ({"DATABASE_URL": "postgres://tenfold:postgres@localhost/tenfold"}, "a password that everybody knows"),
        ({"SCANNER": ""}, "Set SCANNER to where ClamAV listens, or to none"),
        ({"BASE_URL": "http://training.example.org"}, "Set BASE_URL to the https:// address"),
    ],
)
def test_production_refuses_to_start_half_configured(changes, said):
    result = start(**changes)

    assert result.returncode != 0
    assert said in result.stderr


def test_production_starts_when_it_has_what_it_needs_and_django_finds_nothing_to_warn_of():
    result = start("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert (result.returncode, "no issues" in result.stdout) == (0, True), result.stderr


def test_a_secret_may_lie_in_a_file_and_former_keys_are_known(tmp_path):
    (tmp_path / "key").write_text("k" * 60)
    said = "from django.conf import settings as s; print(len(s.SECRET_KEY), s.SECRET_KEY_FALLBACKS, s.SCANNER == '')"

    result = start(
        "-c", said, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "key"), SECRET_KEY_FALLBACKS="old,older", SCANNER="none"
    )

    assert result.stdout.strip() == "60 ['old', 'older'] True", result.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "DEBUG"])
def test_a_request_is_not_sent_back_to_whoever_sent_it(sign_in, organisation, method):
    assert sign_in(organisation, Role.STAFF).generic(method, reverse("accounts:organisation_list")).status_code == 405
