"""What the entries of every register on the common pages have in common."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from registers import catalogue
from registers.catalogue import Footing
from registers.models import Asset, EntryChange
from registers.services import entries as services
from tests.factories import NOW, TODAY, UnitFactory, member
from tests.registers.entries import VALUES, add, posted

KEPT = sorted(VALUES)


def address(name: str, register: str, **parts: object) -> str:
    return reverse(f"registers:{name}", kwargs={"register": register} | parts)


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


def test_every_register_on_the_common_pages_is_tested_here():
    assert [one.slug for one in catalogue.all_registers() if one.keeping and one.slug not in VALUES] == []


@pytest.mark.parametrize("register", KEPT)
def test_an_entry_is_added_changed_and_closed_on_its_pages(register, organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.DSPT_LEAD)
    keeping = catalogue.find(register).keeping
    data = posted(VALUES[register])

    empty = client.get(address("entry_list", register)).text
    refused = client.post(address("entry_add", register), {"sent": "empty"}).text
    client.post(address("entry_add", register), data)
    entry = keeping.model.objects.get()
    parts = {"entry_id": entry.pk}
    first_text = next(name for name, value in VALUES[register].items() if isinstance(value, str))
    shown = client.get(address("entry_change", register, **parts)).text
    client.post(address("entry_change", register, **parts), data | {first_text: "Something else"})
    changed = client.get(address("entry_detail", register, **parts)).text
    closed = client.post(
        address("entry_close", register, **parts), posted({"on": TODAY, "reason": "Entered by mistake"}), follow=True
    ).text
    entry.refresh_from_db()

    assert "Nothing recorded" in empty
    assert "There is a problem" in refused
    assert f'value="{VALUES[register][first_text]}"' in shown
    assert f"{VALUES[register][first_text]} → Something else" in changed
    assert "Entered by mistake" in closed
    assert (entry.recorded_on, entry.closed_on) == (TODAY, TODAY)
    assert client.get(address("entry_list", register)).text.count('class="nhsuk-table__row"') == 0
    assert client.get(address("entry_list", register) + "?show=closed").text.count('class="nhsuk-table__row"') == 1
    acts = ["registers.entry_added", "registers.entry_changed", "registers.entry_closed"]
    assert list(Event.objects.filter(type__in=acts).values_list("type", flat=True)) == acts
    assert "Something else" not in str(list(Event.objects.values_list("summary", flat=True)))


@pytest.mark.parametrize("register", KEPT)
def test_an_entry_is_of_its_organisation_only(register, organisation, other_organisation, sign_in, lead):
    entry = add(register, other_organisation, lead)
    client = sign_in(organisation, Role.DSPT_LEAD)

    for name in ("entry_detail", "entry_change", "entry_close"):
        assert client.get(address(name, register, entry_id=entry.pk)).status_code == 404
        assert client.post(address(name, register, entry_id=entry.pk), {}).status_code in (404, 405)
    assert str(entry) not in client.get(address("entry_list", register) + "?show=all").text
    assert str(entry) not in client.get(address("register_print", register)).text
    assert catalogue.figures_of(catalogue.find(register), organisation, TODAY)[0].footing is Footing.NOTHING


@pytest.mark.parametrize("register", KEPT)
def test_a_closed_entry_leaves_the_figures_from_its_day_on(register, organisation, lead):
    one = catalogue.find(register)
    entry = add(register, organisation, lead)
    services.close_entry(entry, reason="Sold", on=TODAY, by=lead, at=NOW)

    assert not one.has_rows(organisation, TODAY)
    assert catalogue.figures_of(one, organisation, TODAY)[0].footing is Footing.NOTHING
    assert len(list(one.rows(organisation))) == 1


@pytest.mark.parametrize("entries", [1, 12])
@pytest.mark.parametrize("register", KEPT)
def test_a_list_costs_the_same_however_long(register, entries, organisation, lead, sign_in, django_assert_max_num_queries):
    unique = {"assets": "reference", "processing": "name", "dpias": "title", "risks": "title"}.get(register)
    for number in range(entries):
        add(register, organisation, lead, **({unique: f"N-{number}"} if unique else {}))
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_max_num_queries(16):
        page = client.get(address("entry_list", register)).text

    assert page.count('class="nhsuk-table__row"') == entries
    assert "Bring in a spreadsheet" not in page


def test_the_same_values_again_change_nothing_and_a_closed_entry_stays_as_it_is(organisation, lead):
    asset = add("assets", organisation, lead)

    services.change_entry(asset, by=lead, at=NOW, name="Office laptop")
    services.change_entry(asset, by=lead, at=NOW, name="Old laptop", encrypted="no")
    services.close_entry(asset, reason="Sold", on=TODAY, by=lead, at=NOW)
    services.close_entry(asset, reason="Again", on=TODAY, by=lead, at=NOW)
    with pytest.raises(services.EntryRefusedError, match="closed"):
        services.change_entry(asset, by=lead, at=NOW, name="New")

    assert [change.changes for change in EntryChange.objects.order_by("pk")] == [
        [
            {"field": "What is it?", "before": "Office laptop", "after": "Old laptop"},
            {"field": "Is what is on it encrypted?", "before": "Yes", "after": "No"},
        ],
        [{"field": "Closed", "before": "", "after": "Sold"}],
    ]


@pytest.mark.parametrize(
    ("on", "reason", "words"),
    [(TODAY, " ", "why"), (date(2026, 5, 2), "Sold", "still to come"), (date(2026, 4, 30), "Sold", "before the entry")],
)
def test_an_entry_is_not_closed_without_reason_or_on_an_impossible_day(organisation, lead, on, reason, words):
    asset = add("assets", organisation, lead)

    with pytest.raises(services.EntryRefusedError, match=words):
        services.close_entry(asset, reason=reason, on=on, by=lead, at=NOW)


def test_a_unit_of_others_is_neither_offered_nor_taken(organisation, other_organisation, lead, sign_in):
    theirs = UnitFactory(organisation=other_organisation, name="Theirs")
    client = sign_in(organisation, Role.DSPT_LEAD)

    page = client.post(address("entry_add", "assets"), posted(VALUES["assets"]) | {"unit": theirs.pk}).text
    with pytest.raises(services.EntryRefusedError, match="another organisation"):
        add("assets", organisation, lead, unit=theirs)

    assert "There is a problem" in page
    assert "Theirs" not in page
    assert not Asset.objects.exists()


def test_words_and_parts_of_a_register_are_found(organisation, lead, sign_in, time_machine):
    time_machine.move_to(NOW)
    add("assets", organisation, lead)
    add(
        "assets",
        organisation,
        lead,
        reference="PC-2",
        name="Reception computer",
        support_ends_on=date(2025, 10, 14),
        encrypted="no",
    )
    client = sign_in(organisation, Role.AUDITOR)

    def rows(query: str) -> int:
        return client.get(f"{address('entry_list', 'assets')}?{query}").text.count('class="nhsuk-table__row"')

    assert [
        rows(q) for q in ("words=office+laptop", "words=reception", "words=nothing", "show=unsupported", "show=not-encrypted")
    ] == [
        1,
        1,
        0,
        1,
        1,
    ]


def test_only_those_who_keep_the_registers_change_them(organisation, lead, sign_in):
    asset = add("assets", organisation, lead)
    auditor = sign_in(organisation, Role.AUDITOR)

    assert auditor.get(address("entry_detail", "assets", entry_id=asset.pk)).status_code == 200
    assert auditor.get(address("entry_change", "assets", entry_id=asset.pk)).status_code == 403
    assert auditor.get(address("register_import", "assets")).status_code == 403
    assert sign_in(organisation, Role.STAFF).get(address("entry_list", "assets")).status_code == 403
    assert auditor.get(address("entry_list", "certificates")).status_code == 200
    assert auditor.get(address("entry_list", "nothing")).status_code == 404
