"""Links between the lists: sound, complete, and used where an organisation goes over to another list."""

import json
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from assessment import services
from assessment.edition_file import LINKS, lint_links, load, load_links, shipped_crosswalks, shipped_editions
from assessment.links import SAME, linked
from assessment.loading import load_crosswalk
from assessment.models import Response
from assessment.views.items import last_years_evidence
from tests.assessment import helpers as h
from tests.assessment.test_outcome_route import judge_everything, publish
from tests.factories import NOW, OrganisationFactory

EDITIONS = [load(path) for path in shipped_editions()]
ITEMS = {item.id for edition in EDITIONS for item in edition.items()}
OUTCOMES = {outcome.id for edition in EDITIONS for outcome in edition.outcomes()}


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_shipped_links_name_only_what_exists_and_leave_no_item_out():
    assert lint_links(LINKS, known=ITEMS | OUTCOMES) == (221, ())
    to_outcomes = {link.from_id for link in load_links(LINKS) if link.to_id in OUTCOMES}
    assert to_outcomes == ITEMS
    linked_outcomes = {link.to_id for link in load_links(LINKS)} & OUTCOMES
    assert OUTCOMES - linked_outcomes == {
        "caf.discovery.abnormalities",
        "caf.discovery.hunting",
        "caf.monitoring.behaviour",
        "caf.monitoring.skills",
        "caf.records.coding",
        "caf.sharing.care",
    }


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("to: caf.assets", "to: caf.aassets", "There is no 'caf.aassets' in any edition"),
        ("kind: same", "kind: equal", "same, partly or related"),
        ("to: data.accountability.policies", "to: data.accountability.board-policies", "linked to itself"),
        ("schema: dspt-links/1", "schema: dspt-links/9", "The schema should be"),
    ],
)
def test_a_fault_in_the_links_is_found(old, new, words):
    text = LINKS.read_text()
    assert old in text

    _, faults = lint_links(text.replace(old, new, 1), known=ITEMS | OUTCOMES)

    assert any(words in fault.message for fault in faults), faults


def test_a_pair_given_twice_is_a_fault_whichever_way_round():
    text = LINKS.read_text()
    again = "  - {from: suppliers.known.list, to: suppliers.known.critical-list, kind: partly, confidence: low}\n"

    (fault,) = lint_links(text + again)[1]

    assert "linked already" in fault.message


def test_a_link_is_seen_from_both_ends():
    assert [(link.item_id, link.kind) for link in linked("data.accountability.policies", kinds=(SAME,))] == [
        ("data.accountability.board-policies", "same")
    ]
    assert [link.item_id for link in linked("data.accountability.board-policies", kinds=(SAME,))] == [
        "data.accountability.policies"
    ]


@pytest.mark.parametrize("path", [LINKS, *shipped_crosswalks()], ids=lambda path: path.stem)
def test_lint_edition_checks_links_and_crosswalks_too(path):
    out = StringIO()
    call_command("lint_edition", path, "--json", stdout=out)

    assert json.loads(out.getvalue())["faults"] == []


def test_a_dangling_crosswalk_is_found_by_the_command(tmp_path):
    path = tmp_path / "crosswalk.yaml"
    shipped = next(path for path in shipped_crosswalks() if path.name.endswith("caf.yaml"))
    path.write_text(shipped.read_text().replace("to: [caf.transparency]", "to: [caf.transparent]"))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("lint_edition", path, "--json", stdout=out)

    messages = " ".join(fault["message"] for fault in json.loads(out.getvalue())["faults"])
    assert "There is no 'caf.transparent'" in messages
    assert "'caf.transparency' of the edition this crosswalk leads to is not mapped" in messages


def test_a_company_that_becomes_a_large_supplier_finds_its_answers_as_answers_or_notes(db):
    h.shipped_edition()
    h.shipped_edition(year="2026-27", name="category-2")
    company = OrganisationFactory(type="company")
    lead, siro = h.lead_of(company), h.registered_manager(company, kind="siro")
    h.train(company, trained=19, of=20)
    first = h.opened(company, lead)
    h.answer_everything(first, lead, but=("1.1.1", "1.3.1"))
    services.answer(h.response(first, "1.1.1"), value="ZA123456", comment="", expected_version=0, by=lead, at=NOW)
    services.answer(h.response(first, "1.3.1"), value="yes", comment="Approved in May", expected_version=0, by=lead, at=NOW)
    policy = h.evidence(company, lead)
    services.attach_evidence(h.response(first, "1.3.1"), policy, by=lead, at=NOW)
    h.confirm_everything(first, lead)
    publish(first, lead, siro)

    company.type = "it-supplier"
    company.save()
    second = h.opened(company, lead, year="2026-27")

    same_id, other_form = h.response(second, "1.1.1"), h.response(second, "1.3.1")
    assert same_id.versions.get().value == {"kind": "text", "value": "ZA123456"}
    note = other_form.versions.get()
    assert (note.value, note.origin) == (None, "carried")
    assert note.comment.startswith("From the list of 2025-26, to be checked:\n1.3.1 ")
    assert "Yes. Approved in May" in note.comment
    now = h.whole(second)
    assert now.work_state(now.leaf(other_form.pk)) == "recheck"
    assert [link.document_version for link in last_years_evidence(now, now.leaf(other_form.pk))] == [policy]


def test_an_outcome_comes_over_without_the_level_a_person_chose(db):
    h.shipped_edition(name="caf")
    h.shipped_edition(year="2026-27", name="caf")
    load_crosswalk(next(path for path in shipped_crosswalks() if path.name.endswith("caf.yaml")), at=NOW)
    trust = OrganisationFactory(type="trust")
    lead, siro = h.lead_of(trust), h.registered_manager(trust, kind="siro")
    first = h.opened(trust, lead)

    def outcome(assessment, code):
        return Response.objects.select_related("item", "assessment").get(assessment=assessment, item__number=code)

    claimed = {"statement": "Kept apart", "override_level": "achieved", "override_reason": "Audited", "override_reviewer": "SIRO"}
    judge_everything(first, lead)
    judged = claimed | {"indicators": {"caf.risk.assurance.n1": True}, "directives": {"caf.risk.assurance.policy": "compliant"}}
    services.answer(outcome(first, "A2.b"), value=judged, comment="", expected_version=1, by=lead, at=NOW)
    hunting = {"statement": "Not yet", "indicators": {"caf.discovery.abnormalities.n1": True}}
    services.answer(outcome(first, "C2.a"), value=hunting, comment="", expected_version=1, by=lead, at=NOW)
    assert claimed.items() <= outcome(first, "A2.b").versions.latest("n").value["value"].items()
    publish(first, lead, siro)

    second = h.opened(trust, lead, year="2026-27")

    came = outcome(second, "A2.c").versions.get()
    assert came.value["value"]["statement"] == "Kept apart"
    assert came.value["value"]["indicators"] == {"caf.risk.assurance.n1": True}
    for part in ("override_level", "override_reason", "override_reviewer"):
        assert came.value["value"][part] == "", part
    behaviour = outcome(second, "C1.f").versions.get()
    assert behaviour.value is None
    assert "C2.a" in behaviour.comment
    assert "Not yet" in behaviour.comment
    assert not outcome(second, "A2.b").versions.exists()  # the number now asks about threats
