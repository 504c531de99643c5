"""Each part of the example for Docker is given its own secrets and no other part's."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import yaml
from django.conf import settings

OURS = ("prepare", "web", "worker", "beat")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((settings.ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def files_of(service):
    files = service.get("env_file", [])
    return [one if isinstance(one, str) else one["path"] for one in ([files] if isinstance(files, str) else files)]


def test_passwords_between_the_parts_go_to_those_two_that_use_them(services):
    names = re.compile(r"\$\{(\w+)\}")
    given = {name: set(names.findall(str(service))) for name, service in services.items()}

    assert given == {
        "postgres": {"POSTGRES_PASSWORD", "SERVING_PASSWORD"},
        "redis": {"REDIS_PASSWORD"},
        "prepare": {"POSTGRES_PASSWORD", "REDIS_PASSWORD"},
        "web": {"SERVING_PASSWORD", "REDIS_PASSWORD"},
        "worker": {"SERVING_PASSWORD", "REDIS_PASSWORD"},
        "beat": {"REDIS_PASSWORD"},
    }
    asked = re.findall(r"^(\w+)=", (settings.ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(asked) == set.union(*given.values())


def test_only_web_knows_the_directories_and_beat_knows_no_settings(services):
    assert {name: files_of(services[name]) for name in services} == {
        "postgres": [],
        "redis": [],
        "prepare": ["tenfold.env"],
        "web": ["tenfold.env", "web.env"],
        "worker": ["tenfold.env"],
        "beat": [],
    }
    example = (settings.ROOT / "tenfold.env.example").read_text(encoding="utf-8")
    assert "SECRET_KEY=" in example
    assert not re.search(r"PASSWORD|OIDC", example)


def test_whoever_migrates_is_not_whoever_serves(services):
    roles = {name: services[name]["environment"]["DATABASE_URL"].split("//")[1].split("@")[0].split(":")[0] for name in OURS}

    assert roles == {"prepare": "tenfold", "web": "tenfold_serving", "worker": "tenfold_serving", "beat": "nobody"}
    assert services["prepare"]["environment"]["DATABASE_SERVING_ROLE"] == "tenfold_serving"
    script = (settings.ROOT / "tools/postgres/serving_role.sh").read_text(encoding="utf-8")
    assert "CREATE ROLE tenfold_serving LOGIN PASSWORD :'password';" in script
    assert "./tools/postgres/serving_role.sh:/docker-entrypoint-initdb.d/serving_role.sh:ro" in services["postgres"]["volumes"]


def test_files_with_secrets_stay_out_of_the_image_and_the_repository():
    for name in (".dockerignore", ".gitignore"):
        assert {".env", "tenfold.env", "web.env"} <= set((settings.ROOT / name).read_text(encoding="utf-8").split()), name


BEAT = """
from celery.beat import Scheduler
from django.db import connection
from lms.celery import app
connection.connect = None
scheduler = Scheduler(app)
assert "sweep jobs" in scheduler.schedule, scheduler.schedule
"""


def test_beat_starts_with_what_it_is_given(services, tmp_path):
    given = {name: value.replace("${REDIS_PASSWORD}", "a-random-one") for name, value in services["beat"]["environment"].items()}
    own = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "lms.settings.production", "PYTHONPATH": str(settings.ROOT)}
    command = ["sh", "-c", services["beat"]["command"][2].replace("$$", "$").partition(" exec ")[0] + ' exec "$0" -c "$1"']

    done = subprocess.run(
        [*command, sys.executable, BEAT], cwd=tmp_path, env=own | given, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
