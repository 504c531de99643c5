"""Edition files into rows, and the four commands."""

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from accounts.enums import OrganisationType
from assessment import services
from assessment.edition_file import EDITIONS_DIRECTORY, shipped_crosswalks, shipped_editions
from assessment.edition_format.words import ORGANISATION_TYPES
from assessment.loading import EditionRefusedError, edition_for, file_of, load_edition, load_editions, years_for
from assessment.models import Crosswalk, Edition, EditionItem
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

CARE = EDITIONS_DIRECTORY / "2025-26" / "category-3.yaml"


def run(name, *args):
    """Exit code, the JSON, and what was said on standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command(name, *args, "--json", stdout=out, stderr=err)
        code = 0
    except SystemExit as exit_:
        code = exit_.code
    return code, json.loads(out.getvalue()), err.getvalue()


@pytest.fixture
def changed(tmp_path):
    """The care edition with one word changed and its version kept."""
    path = tmp_path / "changed.yaml"
    path.write_text(CARE.read_text().replace("A register of the personal information", "A list of the personal information", 1))
    return path


def test_every_shipped_edition_loads_once_and_again_changes_nothing(db):
    first = load_editions(at=NOW)
    again = load_editions(at=NOW)

    assert len(first["loaded"]) == len(again["unchanged"]) == len(shipped_editions()) == Edition.objects.count()
    assert first["refused"] == again["refused"] == again["loaded"] == []
    assert Crosswalk.objects.count() == len(shipped_crosswalks())


def test_the_rows_are_the_tree_of_the_file_in_its_order(db):
    edition = h.shipped_edition()

    checked = file_of(edition)
    assert EditionItem.objects.filter(edition=edition, kind="item").count() == checked.size == 55
    take_up = EditionItem.objects.get(edition=edition, number="3.2.1")
    assert (take_up.item_id, take_up.parent.number, take_up.parent.parent.number) == ("people.training.take-up", "3.2", "3")
    assert take_up.spec["live"]["target"] == 95
    in_order = EditionItem.objects.filter(edition=edition, kind="item").order_by("order").values_list("item_id", flat=True)
    assert list(in_order) == [item.id for item in checked.items()]


def test_the_same_version_with_another_content_is_refused(db, changed):
    load_edition(CARE, at=NOW)

    with pytest.raises(
        EditionRefusedError, match=r"already loaded with another content\. Give the changed file a new version number"
    ):
        load_edition(changed, at=NOW)


def test_a_newer_version_is_the_one_that_is_opened(db, tmp_path):
    load_edition(CARE, at=NOW)
    path = tmp_path / "newer.yaml"
    path.write_text(CARE.read_text().replace("version: 8.0.0 ", "version: 8.10.0 "))
    load_edition(path, at=NOW)
    path.write_text(CARE.read_text().replace("version: 8.0.0 ", "version: 8.9.0 "))
    load_edition(path, at=NOW)

    assert edition_for("social-care", "2025-26").version == "8.10.0"
    assert years_for("social-care") == ["2025-26"]
    assert years_for("gp") == []


def test_the_words_of_editions_and_accounts_agree():
    assert frozenset(OrganisationType.values) == ORGANISATION_TYPES


# --- commands ---


def test_lint_edition_counts_and_finds_nothing_wrong(db):
    assert run("lint_edition", CARE) == (
        0,
        {"edition": "dspt-category-3-2025-26", "style": "assertion", "items": 55, "mandatory": 45, "faults": []},
        "",
    )
    assert not Edition.objects.exists()


def test_faults_are_told_with_their_place_and_nothing_is_loaded(db, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(CARE.read_text().replace("kind: yes_no", "kind: maybe", 1))
    line = next(n for n, text in enumerate(path.read_text().splitlines(), start=1) if "kind: maybe" in text)

    for command in ("lint_edition", "load_edition"):
        code, result, _ = run(command, path)
        assert code == 1
        assert result["items"] == 55
        assert result["faults"][0]["line"] == line
        assert result["faults"][0]["path"].endswith("answer.kind")
    assert not Edition.objects.exists()


@pytest.mark.parametrize("command", ["lint_edition", "load_edition"])
def test_a_file_that_cannot_be_read_is_refused(db, tmp_path, command):
    code, result, said = run(command, tmp_path / "nothing.yaml")

    assert code == 2
    assert "cannot be read" in result["refused"]
    assert "cannot be read" in said


def test_load_edition_loads_once_and_refuses_a_changed_file(db, changed):
    assert run("load_edition", CARE)[:1] == (0,)
    code, again, _ = run("load_edition", CARE)
    assert (code, again["loaded"], again["mandatory"]) == (0, False, 45)

    assert run("load_edition", changed)[0] == 2
    assert Edition.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_assessment_status_says_where_every_return_stands(organisation, other_organisation):
    h.shipped_edition()
    lead = h.lead_of(organisation)
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.opened(other_organisation, lead)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    services.record_official_status(organisation, year=h.YEAR, status="Not Published", recorded_on=TODAY, by=lead, at=NOW)

    code, result, _ = run("assessment_status", "--organisation", organisation.ods_code.lower(), "--year", h.YEAR)

    assert code == 0
    (one,) = result["assessments"]
    assert one["trace"][-1]["text"].startswith("Standards Not Met")
    assert {line["rule"]: line["holds"] for line in one.pop("trace")}["met.items"] is True
    assert one == {
        "organisation": organisation.ods_code,
        "year": "2025-26",
        "kind": "full",
        "edition": "dspt-category-3-2025-26",
        "state": "in_progress",
        "items": 55,
        "answered": 55,
        "confirmed": 27,
        "computed_standard": "Standards Not Met",
        "official_status": "Not Published",
    }
    assert len(run("assessment_status")[1]["assessments"]) == 2
    assert run("assessment_status", "--organisation", "NOBODY")[0] == 2


def test_publish_assessment_freezes_a_signed_return_and_refuses_any_other(organisation):
    h.shipped_edition()
    lead, manager = h.lead_of(organisation), h.registered_manager(organisation)
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=manager)
    asked = ("publish_assessment", "--organisation", organisation.ods_code, "--year", h.YEAR, "--on", TODAY.isoformat())

    assert run(*asked)[0] == 2
    h.sign(assessment, manager)
    code, result, _ = run(*asked)

    assert (code, result["sequence"], result["computed_standard"]) == (0, 1, "Standards Met")
    assert result["published_on"] == TODAY.isoformat()
    status = run("assessment_status")[1]["assessments"][0]
    assert (status["state"], status["computed_standard"]) == ("published", "Standards Met")
    assert "no open return" in run(*asked)[1]["refused"]
