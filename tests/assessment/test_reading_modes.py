"""What each reading may do to its item: the training figure informs, prefills or gates; what registers say only ever informs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from assessment import checks, services
from assessment.edition_file import EDITIONS_DIRECTORY, lint
from assessment.loading import load_edition
from assessment.models import Publication, RegisterReading
from assessment.register_figures import figures_for
from assessment.states import State, StepRefusedError
from evidence import blobs
from registers.services import incident_handling, incidents, policies, suppliers
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.assessment.test_edition_file import ITEMS
from tests.factories import NOW, TODAY, person_in_post
from tests.registers import entries

LONG_AGO = date(2024, 1, 1)
EDITION = EDITIONS_DIRECTORY / h.YEAR / "category-3.yaml"


@dataclass(frozen=True)
class World:
    """A care provider that keeps registers, with who leads its return and who signs it."""

    organisation: object
    lead: object
    manager: object

    def publish_policy(self, title: str, *, review_by: date = date(2027, 4, 1), audience: str = "nobody"):
        dates = {"effective_on": LONG_AGO, "review_by": review_by}
        made = policies.create_policy(
            self.organisation, title=title, body="Keep it safe.", audience=audience, by=self.lead, at=NOW, **dates
        )
        policies.approve(made, approved_as="Registered manager", by=self.manager, at=NOW)
        policies.publish(made, by=self.lead, at=NOW)
        return made

    def report_incident(self, what: str):
        report = incidents.Report("incident", "lost", what, NOW)
        key = uuid5(UUID(int=0), what)
        return incidents.report_incident(self.organisation, report, key=key, by=self.lead, at=NOW).incident

    def add_supplier(self, name: str):
        said = {"category": "it-support", "does": "Laptops", "handles": "health", "criticality": "high", "since": LONG_AGO}
        return suppliers.add_supplier(self.organisation, name=name, by=self.lead, at=NOW, **said)

    def add(self, register: str, **values: object):
        return entries.add(register, self.organisation, self.lead, **values)


def _a_policy(world: World) -> None:
    world.publish_policy("Data protection")


def _a_policy_gone_stale(world: World) -> None:
    world.publish_policy("Old rules", review_by=date(2025, 4, 1))


def _a_policy_read_by_the_manager(world: World) -> None:
    version = world.publish_policy("Passwords", audience="everyone")
    policies.acknowledge(version, person=world.manager.people.get(), by=world.manager, at=NOW)


def _a_starter(world: World) -> None:
    person_in_post(world.organisation, has_access="no")


def _an_incident_with_its_lesson(world: World) -> None:
    incident = world.report_incident("A phone was lost.")
    incident_handling.learn(incident, theme="devices", root_cause="No strap", lesson="Give straps", by=world.lead, at=NOW)


def _an_incident_without(world: World) -> None:
    world.report_incident("A letter went astray.")


def _a_risk(world: World) -> None:
    world.add("risks")


def _a_risk_nobody_looked_at(world: World) -> None:
    world.add("risks", title="A cabinet stands open", review_by=TODAY - timedelta(days=1))


def _a_supplier_with_a_contract(world: World) -> None:
    agreed = {"kind": "contract", "title": "Contract", "start": LONG_AGO}
    suppliers.add_agreement(world.add_supplier("Bright Spark IT"), by=world.lead, at=NOW, **agreed)


def _a_supplier_without(world: World) -> None:
    world.add_supplier("Payroll")


CONTRACTOR = {"done_by": "contractor", "contractor": "Shred Ltd"}


def _a_certified_disposal(world: World) -> None:
    world.add("disposals", **CONTRACTOR, certificate_number="D-1")


def _a_disposal_without_certificate(world: World) -> None:
    world.add("disposals", what="One laptop", **CONTRACTOR)


def _nothing_more(world: World) -> None:
    """The manager holds the first key post already: the one who signs."""


def _the_manager_goes(world: World) -> None:
    KeyPost.objects.filter(organisation=world.organisation).update(end=TODAY)


@dataclass(frozen=True)
class Register:
    """A figure of a register, the item it bears on, and what it says before and after the register gets worse."""

    key: str
    number: str
    fill: Callable[[World], None]
    worsen: Callable[[World], None]
    good: tuple[int, int | None, str]
    bad: tuple[int, int | None, str]


REGISTERS = [
    Register(
        "policies.in_date",
        "1.3.1",
        _a_policy,
        _a_policy_gone_stale,
        (1, 1, "1 of 1 published policies is in date."),
        (1, 2, "1 of 2 published policies is in date."),
    ),
    Register(
        "policies.read",
        "1.3.1",
        _a_policy_read_by_the_manager,
        _a_starter,
        (1, 1, "1 of 1 readings are confirmed."),
        (1, 2, "1 of 2 readings are confirmed."),
    ),
    Register(
        "incidents.with_lessons",
        "5.1.1",
        _an_incident_with_its_lesson,
        _an_incident_without,
        (1, 1, "1 of 1 have a lesson written down."),
        (1, 2, "1 of 2 have a lesson written down."),
    ),
    Register(
        "risks.in_review",
        "1.3.6",
        _a_risk,
        _a_risk_nobody_looked_at,
        (1, 1, "1 of 1 risks are within their review date; 0 are high or very high."),
        (1, 2, "1 of 2 risks are within their review date; 0 are high or very high."),
    ),
    Register(
        "suppliers.agreement_in_date",
        "10.2.2",
        _a_supplier_with_a_contract,
        _a_supplier_without,
        (1, 1, "1 of 1 suppliers and partners who handle personal data for us have an agreement in date."),
        (1, 2, "1 of 2 suppliers and partners who handle personal data for us have an agreement in date."),
    ),
    Register(
        "disposals.certified",
        "1.4.2",
        _a_certified_disposal,
        _a_disposal_without_certificate,
        (1, 1, "1 of 1 disposals by contractors have a certificate of destruction."),
        (1, 2, "1 of 2 disposals by contractors have a certificate of destruction."),
    ),
    Register(
        "disposals.in_year",
        "1.4.3",
        _a_certified_disposal,
        _a_disposal_without_certificate,
        (1, None, "1 disposal recorded in the last 12 months."),
        (2, None, "2 disposals recorded in the last 12 months."),
    ),
    Register(
        "staff-records.key-posts",
        "1.1.5",
        _nothing_more,
        _the_manager_goes,
        (1, 3, "1 of 3 key posts are filled. Vacant: Caldicott Guardian, DSPT lead."),
        (0, 3, "0 of 3 key posts are filled. Vacant: Caldicott Guardian, DSPT lead, Registered manager."),
    ),
]
KEYS = [register.key for register in REGISTERS]


@pytest.fixture
def world(organisation):
    return World(organisation, h.lead_of(organisation), h.registered_manager(organisation))


def said(world: World, register: Register, number: str) -> tuple[int | None, int | None, str]:
    item = next(row for row in h.shipped_edition().items.all() if row.number == number)
    figures = {figure.key: figure for figure in figures_for(world.organisation, item.item_id, on=TODAY)}
    figure = figures[register.key]
    return figure.numerator, figure.denominator, figure.sentence


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("register", REGISTERS, ids=KEYS)
def test_what_a_register_says_stands_beside_an_answer_and_decides_nothing(world, client, register):
    h.shipped_edition()
    response = h.response(h.opened(world.organisation, world.lead), register.number)
    register.fill(world)
    assert said(world, register, register.number) == register.good
    services.keep_register_readings(response, by=world.lead, at=NOW)

    register.worsen(world)
    assert said(world, register, register.number) == register.bad
    client.force_login(world.lead)
    page = client.get(reverse("assessment:response_detail", args=[response.assessment_id, response.pk])).text
    assert str(escape(register.good[2])) in page, "as it was kept"
    assert str(escape(register.bad[2])) in page, "as it is"
    services.keep_register_readings(response, by=world.lead, at=NOW)

    kept = RegisterReading.objects.filter(key=register.key).order_by("pk")
    assert [(one.numerator, one.denominator, one.sentence) for one in kept] == [register.good, register.bad]
    leaf = h.whole(response.assessment).leaf(response.pk)
    assert kept.last() in leaf.register_readings, "the newest of each key counts"
    assert kept.first() not in leaf.register_readings
    assert (leaf.current, leaf.suggested, leaf.is_met_by_reading) == (None, "", None)
    services.answer(response, value=h.suitable(leaf.spec), expected_version=0, by=world.lead, at=NOW)
    whole = h.whole(response.assessment)
    assert whole.verdict(whole.leaf(response.pk)).state == "satisfied"


@pytest.mark.parametrize("mode", ["inform", "prefill", "gate"])
@pytest.mark.parametrize("key", KEYS)
def test_no_list_can_have_a_register_answer_or_gate_an_item(key, mode):
    """docs/adr/0042"""
    live = f"live: {{source: {key}, mode: {mode}, rule: dspt-3.2.1, window_months: 12, target: 100}}"
    text = re.sub(r"live: \{.*?\}", live, ITEMS, count=1)

    assert lint(ITEMS).is_clean
    assert [fault.message for fault in lint(text).faults] == [f"Should be training.completion, but is the text '{key}'."]


@time_machine.travel(NOW, tick=False)
def test_what_was_kept_and_signed_is_published_however_the_registers_move(world):
    h.shipped_edition()
    h.train(world.organisation, trained=19, of=20)
    assessment = h.opened(world.organisation, world.lead)
    h.answer_everything(assessment, world.lead)
    for register in REGISTERS:
        register.fill(world)
    numbers = sorted({register.number for register in REGISTERS})
    for number in numbers:
        services.keep_register_readings(h.response(assessment, number), by=world.lead, at=NOW)
    kept = stated(h.whole(assessment), numbers)
    h.confirm_everything(assessment, world.lead)
    services.submit_for_review(assessment, by=world.lead, at=NOW)
    services.ready_to_sign(assessment, by=world.manager, at=NOW)
    sign_off = h.sign(assessment, world.manager)

    for register in REGISTERS[::-1]:
        register.worsen(world)
    person_in_post(world.organisation)
    person_in_post(world.organisation)

    whole = h.whole(assessment, strict=True)
    assert (whole.state, whole.digest) == (State.SIGNED, sign_off.content_digest)
    assert stated(whole, numbers) == kept
    with pytest.raises(StepRefusedError, match="Unlock it"):
        services.keep_register_readings(h.response(assessment, "1.3.1"), by=world.lead, at=NOW)
    with pytest.raises(StepRefusedError, match="Unlock it"):
        services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=world.lead, at=NOW)
    document = json.loads(blobs.read(services.publish(assessment, by=world.lead, at=NOW).document))
    items = {item["number"]: item for item in document["content"]["items"]}
    assert {number: items[number]["register_readings"] for number in numbers} == kept
    training = items[h.TRAINING]["figure"]
    assert (training["numerator"], training["denominator"], training["percent"]) == (19, 20, "95.0")


def stated(whole, numbers):
    leaves = {leaf.number: leaf for leaf in whole.leaves}
    return {n: [one.said() | {"digest": one.digest} for one in leaves[n].register_readings] for n in numbers}


@pytest.mark.parametrize(
    ("mode", "trained", "suggested", "state"),
    [
        ("gate", 19, "", "satisfied"),
        ("gate", 18, "", "not_satisfied"),
        ("prefill", 19, "yes", "satisfied"),
        ("prefill", 18, "no", "satisfied"),
        ("inform", 18, "", "satisfied"),
    ],
)
def test_a_figure_informs_prefills_or_gates_as_the_edition_says(sign_in, organisation, tmp_path, mode, trained, suggested, state):
    """Below the target, a person's own "yes" counts unless the figure is a gate; prefilling drafts the answer and saves nothing."""
    with_mode(mode, tmp_path)
    client = sign_in(organisation, Role.DSPT_LEAD)
    h.train(organisation, trained=trained, of=20)
    item = h.response(h.opened(organisation, client.user), h.TRAINING)
    services.take_reading(item, as_of=TODAY, by=client.user, at=NOW)

    with time_machine.travel(NOW, tick=False):
        page = client.get(reverse("assessment:response_detail", args=[item.assessment_id, item.pk])).text
    assert h.whole(item.assessment).leaf(item.pk).suggested == suggested
    assert ("The figure below suggests" in page) is bool(suggested)
    assert not item.versions.exists()
    services.answer(item, value="yes", expected_version=0, by=client.user, at=NOW)

    whole = h.whole(item.assessment)
    assert whole.verdict(whole.leaf(item.pk)).state == state
    assert whole.leaf(item.pk).suggested == ""


@dataclass(frozen=True)
class Mode:
    """What an edition lets the training figure do, and what that comes to below the target once somebody has said yes."""

    name: str
    suggested: str
    verdict: str
    reason: str
    standard: str


MODES = [
    Mode("inform", "", "satisfied", "Answered yes.", "met"),
    Mode("prefill", "no", "satisfied", "Answered yes.", "met"),
    Mode(
        "gate", "", "not_satisfied", "Answered yes, but only 18 of 20 people (90.0%) are trained; the target is 95%.", "not_met"
    ),
]


@pytest.mark.parametrize("mode", MODES, ids=[mode.name for mode in MODES])
def test_a_figure_below_its_target_stops_a_confirmation_and_the_standard_only_as_a_gate(world, tmp_path, mode):
    """The answer itself is never refused, nor the signature: the signer is warned, and signs for the standard that it comes to."""
    with_mode(mode.name, tmp_path)
    h.train(world.organisation, trained=18, of=20)
    assessment = h.opened(world.organisation, world.lead)
    h.answer_everything(assessment, world.lead, but=(h.TRAINING,))
    response, assertion = h.response(assessment, h.TRAINING), h.assertion(assessment, "3.2")
    services.take_reading(response, as_of=TODAY, by=world.lead, at=NOW)
    assert h.whole(assessment).leaf(response.pk).suggested == mode.suggested

    services.answer(response, value="yes", expected_version=0, by=world.lead, at=NOW)

    whole = h.whole(assessment)
    verdict = whole.verdict(whole.leaf(response.pk))
    assert (verdict.state, verdict.reason) == (mode.verdict, mode.reason)
    if mode.name == "gate":
        with pytest.raises(services.AssessmentRefusedError, match=r"3\.2\.1: Answered yes, but only 18 of 20"):
            services.confirm_assertion(assessment, assertion, by=world.lead, at=NOW)
    else:
        services.confirm_assertion(assessment, assertion, by=world.lead, at=NOW)
    h.confirm_everything(assessment, world.lead)
    services.submit_for_review(assessment, by=world.lead, at=NOW)
    services.ready_to_sign(assessment, by=world.manager, at=NOW)
    warned = {one.code: one.text for one in checks.warnings(h.whole(assessment), today=TODAY, signer_id=world.manager.pk)}
    assert warned["figure-below-target-3.2.1"] == "The training figure for item 3.2.1 is 90.0%, below its target of 95%."
    assert ("below-met" in warned) is (mode.name == "gate")
    assert h.sign(assessment, world.manager).computed_standard == mode.standard
    assert services.publish(assessment, by=world.lead, at=NOW).computed_standard == mode.standard


@pytest.mark.parametrize("mode", ["inform", "prefill", "gate"])
def test_a_figure_that_falls_between_signature_and_publication_is_not_published_over(world, tmp_path, mode):
    """A gate says which item it is; without one the assertion was confirmed over a figure that reached its target, and lapses."""
    with_mode(mode, tmp_path)
    h.train(world.organisation, trained=20, of=20, on=TODAY - timedelta(days=364))
    assessment = h.ready_to_sign(world.organisation, lead=world.lead, reviewer=world.manager)
    h.sign(assessment, world.manager)

    words = r"item 3\.2\.1 comes to another answer" if mode == "gate" else "comes to another standard"
    with pytest.raises(services.SignatureLapsedError, match=f"On 4 May 2026 .*{words}"):
        services.publish(assessment, by=world.lead, at=NOW + timedelta(days=3))

    assert not Publication.objects.exists()
    assert h.whole(assessment).recorded_state == State.READY_TO_SIGN


def with_mode(mode: str, folder) -> None:
    """The list of the year, with another mode of the training figure."""
    path = folder / "patched.yaml"
    path.write_text(EDITION.read_text().replace("mode: gate}", f"mode: {mode}}}").replace("version: 8.0.0 ", "version: 8.0.1 "))
    load_edition(path, at=NOW)
