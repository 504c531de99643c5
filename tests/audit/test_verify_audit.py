"""The command that checks the chains."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection

from audit.models import ChainHead, Event
from audit.services import record
from tests.factories import NOW

OTHER = "accounts.organisation_created"


def verify(*arguments: str) -> tuple[int, dict, str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("verify_audit", "--json", *arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code)
    return code, json.loads(out.getvalue()), err.getvalue()


def force(sql: str, *values: object) -> None:
    """Go round the triggers, as somebody with the database in hand could."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS audit_event_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS audit_event_no_delete")
        else:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute(sql, values)


@pytest.fixture
def chain(organisation):
    for _ in range(4):
        record(OTHER, organisation=organisation, by="system", at=NOW)
    return organisation.ods_code


def test_whole_chains_are_reported_with_their_heads(chain, other_organisation):
    record(OTHER, organisation=other_organisation, by="system", at=NOW)

    code, result, _ = verify()

    assert code == 0
    assert result["ok"] is True
    assert result["chains"] == [
        {"organisation": head.organisation, "events": head.sequence, "fault": "", "broken_at": None, "head": head.hash}
        for head in ChainHead.objects.order_by("organisation")
    ]


@pytest.mark.parametrize(
    ("sql", "broken_at"),
    [
        ("UPDATE audit_event SET actor = 'user:1' WHERE organisation = %s AND sequence = 2", 2),
        ("UPDATE audit_event SET reason = 'x' WHERE organisation = %s AND sequence = 1", 1),
        ("UPDATE audit_event SET summary = '{\"n\": 1}' WHERE organisation = %s AND sequence = 3", 3),
        ("DELETE FROM audit_event WHERE organisation = %s AND sequence = 3", 3),
        ("DELETE FROM audit_event WHERE organisation = %s AND sequence = 4", 4),
        ("DELETE FROM audit_event WHERE organisation = %s", 1),
        ("DELETE FROM audit_chainhead WHERE organisation = %s", 5),
    ],
)
def test_any_change_is_found_and_ends_with_1(chain, sql, broken_at):
    force(sql, chain)

    code, result, _ = verify("--organisation", chain)

    assert code == 1
    assert result["ok"] is False
    assert result["chains"][0]["broken_at"] == broken_at
    assert result["chains"][0]["fault"]


def test_only_the_chain_asked_for_is_checked(chain, other_organisation):
    record(OTHER, organisation=other_organisation, by="system", at=NOW)
    force("UPDATE audit_event SET actor = 'x' WHERE organisation = %s", chain)

    code, result, _ = verify("--organisation", other_organisation.ods_code.lower())

    assert (code, len(result["chains"])) == (0, 1)


@pytest.mark.django_db
def test_an_unknown_organisation_is_refused():
    code, result, said = verify("--organisation", "ZZ999")

    assert code == 2
    assert "ZZ999" in result["refused"]
    assert "ZZ999" in said


def test_the_same_in_words(chain, capsys):
    call_command("verify_audit")

    assert f"{chain}: {Event.objects.count()} events, unbroken" in capsys.readouterr().out
