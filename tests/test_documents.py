"""What our documents name must be there."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from accounts import codes, forms_second_factor, passwords, second_factor, session_limits, shared_device, sign_in
from lms.settings import base
from staff.views import scim

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
STATES = ("holds", "operator", "in part", "missing", "does not apply")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_test_and_link_that_a_document_names_is_there(document):
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:[\w.-]+\.(?:py|yaml|md|js|txt))?)`", text))
    tests = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text))
    linked = {target.split("#")[0] for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)]+)\)", text)}

    assert sorted(name for name in named if not (ROOT / name).exists()) == []
    assert sorted(f"{file}::{name}" for file, name in tests if name not in functions_of(file)) == []
    assert sorted(target for target in linked if not (document.parent / target).exists()) == []


def test_the_list_of_decisions_names_each_by_its_title():
    folder = ROOT / "docs" / "adr"
    listed = re.findall(r"^- (\d+)\. \[(.+)\]\((.+)\)$", (folder / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    files = sorted(folder.glob("0*.md"))
    titles = [re.sub(r"^#\s*\d+\.\s*", "", file.read_text("utf-8").splitlines()[0]) for file in files]

    assert listed == [(str(int(file.name[:4])), title, file.name) for file, title in zip(files, titles, strict=True)]


@cache
def functions_of(file: str) -> frozenset[str]:
    if not (ROOT / file).exists():
        return frozenset()
    return frozenset(one.name for one in ast.parse((ROOT / file).read_text("utf-8")).body if isinstance(one, ast.FunctionDef))


def asvs_rows() -> list[tuple[list[str], str, str]]:
    """The requirements, the state and what shows it, of every row."""
    lines = (ROOT / "docs" / "asvs.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if re.match(r"\| \d", line)]
    assert [row for row in cells if len(row) != 4] == []
    return [(row[0].split(", "), row[2], row[3]) for row in cells]


def test_every_asvs_requirement_stands_in_one_row_that_says_what_shows_it():
    published = yaml.safe_load((ROOT / "tests" / "asvs_5_0_0.yaml").read_text("utf-8"))
    levels = {f"{section}.{place}": int(level) for section, given in published.items() for place, level in enumerate(given, 1)}
    assert [list(levels.values()).count(level) for level in (1, 2, 3)] == [70, 183, 92]

    rows = asvs_rows()
    mapped = [number for numbers, _state, _shown in rows for number in numbers]

    assert sorted(number for number in set(mapped) if mapped.count(number) > 1) == []
    assert sorted(set(mapped) - levels.keys()) == []
    assert sorted({number for number, level in levels.items() if level < 3} - set(mapped)) == []
    assert [numbers for numbers, state, _shown in rows if not state.startswith(STATES)] == []
    assert [numbers for numbers, state, shown in rows if state.startswith("holds") and "`" not in shown] == []
    unexplained = ("operator", "in part", "missing", "does not apply")
    assert [numbers for numbers, state, _shown in rows if state.startswith(unexplained) and ":" not in state] == []


def test_the_numbers_of_the_rules_are_those_of_the_code():
    text = (ROOT / "docs" / "controls.md").read_text("utf-8")
    minutes = timedelta(minutes=1)
    said = [
        f"{sign_in.ACCOUNT_AND_NETWORK} for an account from one network, {sign_in.NETWORK} from one network, "
        f"{sign_in.ACCOUNT} for an account from everywhere",
        f"{forms_second_factor.TRIES} wrong codes an hour for a person",
        f"{codes.TRIES} wrong codes an hour for a staff number",
        f"once, within {codes.LIFETIME.days} days",
        f"once, within {settings.PASSWORD_RESET_TIMEOUT // 3600} hours; it signs nobody in",
        f"{scim.WRONG_TOKENS} wrong tokens an hour",
        f"fewer than {passwords.LEFT_AT_LEAST} letters",
        f"At least {settings.AUTH_PASSWORD_VALIDATORS[1]['OPTIONS']['min_length']} characters",
        f"{session_limits.IDLE_LEARNER // minutes} minutes for whoever may only learn, "
        f"{session_limits.IDLE_OTHERS // minutes} for everybody else, {shared_device.END_AFTER // minutes} on a shared device",
        f"{session_limits.LONGEST // timedelta(hours=1)} hours, however busy",
        f"within the last {second_factor.FRESH_FOR // 60} minutes",
        f"{settings.UPLOAD_MAX_BYTES // 2**20} MB; {settings.UPLOADS_PER_HOUR} files an hour and person; "
        f"{settings.ORGANISATION_STORAGE_BYTES // 2**20} MB an organisation",
        f"{settings.VIDEO_MAX_BYTES // 2**20} MB for a video",
        f"{base.DOWNLOADS_PER_HOUR} files taken away within an hour",
        f"{base.JOBS_AT_ONCE} pieces of background work of a person and {base.JOBS_AT_ONCE_ORGANISATION} of the people of an "
        f"organisation not done yet, {base.JOBS_PER_HOUR} started within an hour",
        f"E-mails go at {settings.REMINDERS_PER_MINUTE} a minute",
    ]

    assert [one for one in said if one not in text] == []
