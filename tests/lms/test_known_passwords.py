"""The demonstration, whose password everybody knows, and anybody's own data never share an installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Organisation, User
from audit.commands import REFUSED
from audit.services import record
from lms import known_passwords
from lms.demonstration.specifications import CARE
from lms.management.commands import demo, prepare
from tests.factories import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def loaded(monkeypatch, tmp_path, settings):
    """What was built; nothing is, and nothing is collected or read from files."""
    settings.DATA_DIR = tmp_path
    built: list[str] = []
    monkeypatch.setattr("lms.demonstration.build.build", lambda **_: built.append("prepare"))
    monkeypatch.setattr(demo, "build", lambda **_: built.append("demo") or {})
    monkeypatch.setattr(demo, "call_command", lambda *_, **__: None)
    monkeypatch.setattr(prepare.Command, "_collect_static", lambda self: None)
    monkeypatch.setattr(prepare.Command, "_unapplied_migrations", lambda self: False)
    monkeypatch.setattr(prepare, "call_command", lambda *_, **__: None)
    return built


def demonstration_begun():
    organisation = OrganisationFactory(ods_code=CARE.ods_code)
    summary = {"people": 1, "completions": 0}
    record(known_passwords.INVENTED, organisation=organisation, by="command:demo", target=organisation, summary=summary, at=NOON)


def both_ways():
    """What the two commands say that load it: nothing when they did."""
    out, said = StringIO(), []
    try:
        call_command("demo", "--json", stdout=out, stderr=StringIO())
        said.append("")
    except SystemExit as end:
        said.append(json.loads(out.getvalue())["refused"] if end.code == REFUSED else "")
    try:
        call_command("prepare", "--demo", stdout=StringIO())
        said.append("")
    except CommandError as refusal:
        said.append(str(refusal))
    return said


def test_it_is_loaded_where_nobody_is_yet_and_again_where_it_came_first(loaded):
    assert both_ways() == ["", ""]
    demonstration_begun()
    OrganisationFactory(ods_code="OWN01")

    assert both_ways() == ["", ""]

    assert loaded == ["demo", "prepare"] * 2


@pytest.mark.parametrize("come_first", ["an organisation", "an organisation with a code of ours", "whoever looks after it"])
def test_it_is_refused_beside_anybodys_own_data(loaded, come_first):
    if come_first == "whoever looks after it":
        UserFactory()
    else:
        OrganisationFactory(ods_code=CARE.ods_code if "code" in come_first else "OWN01")
    before = Organisation.objects.count(), User.objects.count()

    assert both_ways() == [known_passwords.NOT_BESIDE_DATA] * 2

    assert loaded == []
    assert (Organisation.objects.count(), User.objects.count()) == before


def test_what_was_mixed_before_is_mixed_no_further(loaded):
    OrganisationFactory(ods_code="OWN01")
    demonstration_begun()

    assert both_ways() == [known_passwords.NOT_BESIDE_DATA] * 2
    assert loaded == []


def test_production_takes_none_even_where_nobody_is(loaded, settings):
    settings.TAKES_DEMONSTRATION = False

    assert both_ways() == [known_passwords.NOT_IN_PRODUCTION] * 2
    assert loaded == []


def test_where_it_was_loaded_no_real_use_begins(loaded):
    out = StringIO()
    call_command("prepare", stdout=out)
    assert "Tenfold starts at" in out.getvalue()
    demonstration_begun()

    with pytest.raises(CommandError) as refused:
        call_command("prepare", stdout=StringIO())

    assert str(refused.value) == known_passwords.NOT_FOR_REAL_USE


WITHOUT = """
import sys
for left_out in ("lms.demonstration", "tests", "tools"):
    sys.modules[left_out] = None
import django
django.setup()
from importlib import import_module
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
assert settings.TAKES_DEMONSTRATION is False
for name in ("lms.urls", "lms.wsgi", "lms.celery", *(f"{app}.tasks" for app in ("staff", "courses", "reporting", "privacy"))):
    import_module(name)
for name, app in get_commands().items():
    if app == "lms" and name != "demo":
        load_command_class(app, name)
call_command("check")
"""


def test_the_image_leaves_it_out_and_the_program_does_without():
    left_out = (settings.ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"tests", "tools", "lms/demonstration", "lms/management/commands/demo.py"} <= set(left_out)
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lms.settings.production",
        "SECRET_KEY": "only-for-this-test-4711-" + "xyz" * 10,
        "ALLOWED_HOSTS": "training.example.org",
        "DATABASE_URL": "postgres://tenfold@localhost/tenfold",
        "REDIS_URL": "redis://:a-random-one@localhost",
        "SCANNER": "none",
        "BASE_URL": "https://training.example.org",
    }

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
