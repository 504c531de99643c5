"""What the registers say about an item: live on its page, and kept as it was."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from assessment import services, verifier
from assessment.edition_file import load, shipped_editions
from assessment.models import RegisterReading
from assessment.pack import build_pack
from assessment.register_figures import figures_by_item, figures_for
from evidence import blobs
from registers import catalogue
from registers.services.approvals import approve_register
from registers.services.suppliers import add_agreement, add_supplier
from reporting import staff_records
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

CONTRACTS = "10.2.2"
SUPPLIER = {"category": "it-support", "does": "Laptops", "handles": "health", "criticality": "high", "since": date(2024, 1, 1)}


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def contracts(organisation, lead):
    """The item on supplier contracts of an open return."""
    h.shipped_edition()
    return h.response(h.opened(organisation, lead), CONTRACTS)


def supplier(organisation, lead, *, agreed: bool, name: str = "Bright Spark IT"):
    added = add_supplier(organisation, name=name, by=lead, at=NOW, **SUPPLIER)
    if agreed:
        add_agreement(added, kind="contract", title="Contract", start=date(2024, 1, 1), by=lead, at=NOW)
    return added


def test_every_mapped_figure_belongs_to_a_register_and_every_item_to_an_edition():
    items = {item.id for path in shipped_editions() for item in load(path).items()}

    assert set(figures_by_item()) <= items
    slugs = {register.slug for register in catalogue.all_registers()} | {staff_records.SLUG}
    assert {key.partition(".")[0] for keys in figures_by_item().values() for key in keys} <= slugs


def test_a_live_figure_changes_with_the_register_and_a_kept_one_does_not(contracts, organisation, lead):
    supplier(organisation, lead, agreed=True)
    services.keep_register_readings(contracts, by=lead, at=NOW)
    kept = RegisterReading.objects.get()

    supplier(organisation, lead, agreed=False, name="Payroll")

    live = figures_for(organisation, contracts.item.item_id, on=TODAY)
    assert [(figure.numerator, figure.denominator) for figure in live] == [(1, 2)]
    kept.refresh_from_db()
    assert (kept.numerator, kept.denominator, kept.as_of) == (1, 1, TODAY)
    assert h.whole(contracts.assessment).leaf(contracts.pk).register_readings == (kept,)
    with pytest.raises(DatabaseError), transaction.atomic():
        RegisterReading.objects.update(numerator=2)


def test_the_same_reading_is_kept_once_and_a_later_one_stands_in_its_place(contracts, organisation, lead):
    supplier(organisation, lead, agreed=True)

    first = services.keep_register_readings(contracts, by=lead, at=NOW)
    again = services.keep_register_readings(contracts, by=lead, at=NOW)
    later = services.keep_register_readings(contracts, by=lead, at=NOW + timedelta(days=1))

    assert (len(first), len(again), len(later)) == (1, 0, 1)
    assert h.whole(contracts.assessment).leaf(contracts.pk).register_readings == tuple(later)


def test_nothing_recorded_says_so_has_no_number_and_answers_nothing(contracts, lead):
    before = h.whole(contracts.assessment).verdict(h.whole(contracts.assessment).leaf(contracts.pk))
    services.keep_register_readings(contracts, by=lead, at=NOW)
    whole = h.whole(contracts.assessment)

    reading = RegisterReading.objects.get()
    assert (reading.footing, reading.numerator, reading.sentence) == ("nothing", None, "Nothing recorded.")
    assert whole.verdict(whole.leaf(contracts.pk)) == before


def test_an_approval_of_a_register_reaches_its_item_and_can_be_kept(organisation, lead):
    h.shipped_edition()
    item = h.response(h.opened(organisation, lead), "10.1.2")
    supplier(organisation, lead, agreed=True)
    before = {figure.key: figure.footing.value for figure in figures_for(organisation, item.item.item_id, on=TODAY)}

    approve_register(catalogue.find("suppliers"), organisation, note="Read through", by=lead, at=NOW)
    services.keep_register_readings(item, by=lead, at=NOW)

    assert before["suppliers.approved"] == "nothing"
    kept = RegisterReading.objects.get(key="suppliers.approved")
    assert (kept.numerator, kept.denominator, kept.footing) == (1, 1, "rows")
    assert "pproved" in kept.sentence


def test_key_posts_filled_are_read_for_the_item_about_who_is_responsible(organisation, lead):
    h.shipped_edition()
    item = h.response(h.opened(organisation, lead), "1.1.5")
    (before,) = figures_for(organisation, item.item.item_id, on=TODAY)
    h.registered_manager(organisation)
    services.keep_register_readings(item, by=lead, at=NOW)

    kept = RegisterReading.objects.get()
    assert (before.numerator, kept.numerator, kept.denominator) == (0, 1, before.denominator)
    assert "Registered manager" in before.sentence
    assert "Registered manager" not in kept.sentence
    KeyPost.objects.update(end=TODAY)
    assert figures_for(organisation, item.item.item_id, on=TODAY)[0].numerator == 0
    assert RegisterReading.objects.get().numerator == 1, "what was kept stays"


def test_every_register_that_is_approved_as_a_whole_says_so_to_an_item():
    mapped = {key for keys in figures_by_item().values() for key in keys}

    assert {f"{one.slug}.approved" for one in catalogue.all_registers() if one.is_approved_whole} <= mapped


def test_an_item_on_which_no_register_bears_keeps_nothing(contracts, lead):
    other = h.response(contracts.assessment, "1.1.1")

    with pytest.raises(services.AssessmentRefusedError, match="No register bears"):
        services.keep_register_readings(other, by=lead, at=NOW)


def test_the_page_shows_the_figure_its_date_and_its_register(contracts, organisation, lead, client):
    supplier(organisation, lead, agreed=True)
    client.force_login(lead)
    page = reverse("assessment:response_detail", args=[contracts.assessment_id, contracts.pk])

    client.post(reverse("assessment:register_reading_keep", args=[contracts.assessment_id, contracts.pk]))
    text = client.get(page).text

    assert text.count("1 of 1 suppliers and partners who handle personal data for us have an agreement in date.") == 3
    assert reverse("registers:supplier_list") in text
    assert RegisterReading.objects.get().as_of == timezone.localdate()


def test_a_kept_reading_is_published_and_a_change_of_it_is_found(organisation, lead, tmp_path):
    h.shipped_edition()
    manager = h.registered_manager(organisation)
    h.train(organisation, trained=3, of=3)
    supplier(organisation, lead, agreed=True)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    services.keep_register_readings(h.response(assessment, CONTRACTS), by=lead, at=NOW)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)
    published = services.publish(assessment, by=lead, at=NOW)

    document = json.loads(blobs.read(published.document))
    items = {item["number"]: item for item in document["content"]["items"]}
    (reading,) = items[CONTRACTS]["register_readings"]
    assert (reading["numerator"], reading["denominator"], reading["as_of"]) == (1, 1, TODAY.isoformat())
    assert "register_readings" not in items["1.1.1"]
    assert list(verifier.register_faults(items[CONTRACTS])) == []
    reading["numerator"] = 2
    assert [fault.message for fault in verifier.register_faults(items[CONTRACTS])] == [
        f"The register reading “suppliers.agreement_in_date” of item {CONTRACTS} was changed."
    ]
    build_pack(published, tmp_path / "pack.zip")
    assert verifier.verify_file(tmp_path / "pack.zip").faults == []
