"""What every register shows in the same way."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.enums import Capability, Role
from registers import catalogue
from registers.catalogue import Footing, Register
from registers.models import HeldCertificate, NilReturn
from registers.queries.nil_returns import NilState, signed_nil_returns
from registers.services import nil_returns as services
from tests.factories import NOW, TODAY, KeyPostFactory, PersonFactory, member

YEAR = {"start": date(2025, 7, 1), "end": date(2026, 7, 1)}


def held(organisation, **values) -> HeldCertificate:
    defaults = {"scheme": "iso27001", "number": "1", "issued_on": date(2025, 9, 1), "expires_on": date(2027, 8, 31)}
    return HeldCertificate.objects.create(organisation=organisation, **(defaults | values))


@pytest.fixture
def register():
    return catalogue.find("certificates")


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


def test_a_figure_of_no_rows_is_nothing_recorded_and_no_number(organisation):
    certificates = catalogue.find("certificates")

    figures = catalogue.figures_of(certificates, organisation, TODAY)

    assert [(f.footing, f.numerator, f.denominator, f.needs_attention) for f in figures] == [(Footing.NOTHING, None, None, None)]


def test_a_figure_is_of_its_date_and_of_its_organisation(organisation, other_organisation):
    held(organisation)
    held(organisation, scheme="cyber_essentials", issued_on=date(2024, 9, 1), expires_on=date(2025, 8, 31))
    held(other_organisation, scheme="psn_ia")
    certificates = catalogue.find("certificates")

    now = catalogue.all_figures(organisation, TODAY)["certificates.valid"]
    before = catalogue.figures_of(certificates, organisation, date(2024, 8, 31))

    assert (now.numerator, now.denominator, now.needs_attention, now.as_of) == (1, 2, True, TODAY)
    assert before[0].footing is Footing.NOTHING


def test_a_signed_nil_return_says_so_until_a_row_of_its_period_makes_it_lapse(organisation, register, lead):
    nil = services.sign_nil_return(register, organisation, **YEAR, by=lead, at=NOW)
    assert services.sign_nil_return(register, organisation, **YEAR, by=lead, at=NOW) == nil

    signed = catalogue.figures_of(register, organisation, TODAY)
    held(organisation)
    after = catalogue.figures_of(register, organisation, TODAY)

    assert [f.footing for f in signed] == [Footing.NIL_RETURN]
    assert "1 July 2025 to 30 June 2026 (DSPT lead" in signed[0].sentence
    assert [f.footing for f in after] == [Footing.ROWS]
    assert [one.state for one in signed_nil_returns(register, organisation)] == [NilState.LAPSED]


@pytest.mark.parametrize(
    ("on", "stands"),
    [
        (date(2025, 6, 30), False),
        (date(2025, 7, 1), True),
        (date(2026, 6, 30), True),
        (date(2027, 6, 30), True),
        (date(2027, 7, 1), False),
    ],
)
def test_a_nil_return_counts_for_its_period_and_the_year_after(organisation, register, lead, on, stands):
    services.sign_nil_return(register, organisation, **YEAR, by=lead, at=NOW)

    assert (catalogue.figures_of(register, organisation, on)[0].footing is Footing.NIL_RETURN) == stands


def test_a_withdrawn_nil_return_no_longer_counts(organisation, register, lead):
    nil = services.sign_nil_return(register, organisation, **YEAR, by=lead, at=NOW)

    with pytest.raises(services.NilReturnRefusedError, match="why"):
        services.withdraw_nil_return(nil, reason=" ", by=lead, at=NOW)
    first = services.withdraw_nil_return(nil, reason="We found one.", by=lead, at=NOW)
    second = services.withdraw_nil_return(nil, reason="Again.", by=lead, at=NOW)

    assert first == second
    assert catalogue.figures_of(register, organisation, TODAY)[0].footing is Footing.NOTHING
    assert [one.state for one in signed_nil_returns(register, organisation)] == [NilState.WITHDRAWN]


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ({"start": date(2026, 6, 1), "end": date(2026, 7, 1)}, "not begun"),
        ({"start": date(2026, 4, 1), "end": date(2026, 4, 1)}, "before the first"),
        ({"start": date(2025, 7, 1), "end": date(2026, 4, 1)}, "recorded for this period"),
    ],
)
def test_an_impossible_nil_return_is_refused(organisation, register, lead, period, words):
    held(organisation)

    with pytest.raises(services.NilReturnRefusedError, match=words):
        services.sign_nil_return(register, organisation, **period, by=lead, at=NOW)

    assert not NilReturn.objects.exists()


def test_a_nil_return_is_signed_in_a_post_or_a_role(organisation, register):
    manager = member(organisation, Role.MANAGER)
    person = PersonFactory(organisation=organisation, user=manager)
    with pytest.raises(services.NilReturnRefusedError, match="key post"):
        services.sign_nil_return(register, organisation, **YEAR, by=manager, at=NOW)

    KeyPostFactory(organisation=organisation, kind="registered-manager", holder=person, holder_outside="")

    assert services.sign_nil_return(register, organisation, **YEAR, by=manager, at=NOW).signed_as == "Registered manager"


def test_a_nil_return_is_signed_and_withdrawn_on_its_pages(organisation, register, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.DSPT_LEAD)
    page = reverse("registers:nil_return_sign", kwargs={"register": "certificates"})
    first, last = ("1", "7", "2025"), ("30", "4", "2026")
    period = {f"first_day_{part}": value for part, value in zip(("day", "month", "year"), first, strict=True)}
    period |= {f"last_day_{part}": value for part, value in zip(("day", "month", "year"), last, strict=True)}

    unticked = client.post(page, period).text
    client.post(page, period | {"confirmed": "on"})
    signed = client.get(page).text
    client.post(reverse("registers:nil_return_withdraw", args=[NilReturn.objects.get().pk]), {"reason": "By mistake"})

    assert "Tick the box" in unticked
    assert "Stands" in signed
    assert "You sign as DSPT lead" in signed
    assert NilReturn.objects.signed().count() == 0


def test_a_register_without_nil_returns_has_no_page_for_them(organisation, sign_in, monkeypatch):
    without = {**catalogue.find("certificates").__dict__, "nil_statement": ""}
    monkeypatch.setitem(catalogue._registers, "certificates", Register(**without))
    client = sign_in(organisation, Role.DSPT_LEAD)

    assert client.get(reverse("registers:nil_return_sign", kwargs={"register": "certificates"})).status_code == 404
    assert client.get(reverse("registers:nil_return_sign", kwargs={"register": "nothing"})).status_code == 404


def test_an_export_calculates_nothing_and_keeps_its_dates(organisation, other_organisation, sign_in):
    held(organisation, number="=1+1")
    held(other_organisation, number="THEIRS")
    client = sign_in(organisation, Role.AUDITOR)

    text = client.get(reverse("registers:register_export", kwargs={"register": "certificates", "file_format": "csv"}))
    book = client.get(reverse("registers:register_export", kwargs={"register": "certificates", "file_format": "xlsx"}))

    assert text.content.decode("utf-8-sig").splitlines()[1].startswith("ISO 27001,'=1+1,01/09/2025,31/08/2027,No")
    row = CalamineWorkbook.from_filelike(BytesIO(book.content)).get_sheet_by_index(0).to_python()[1]
    assert row[:4] == ["ISO 27001", "'=1+1", date(2025, 9, 1), date(2027, 8, 31)]
    assert b"THEIRS" not in text.content
    assert client.get(text.request["PATH_INFO"].replace("csv", "doc")).status_code == 404


def test_the_page_of_all_registers_and_the_print_show_the_figures(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    held(organisation, expires_on=TODAY + timedelta(days=20))
    client = sign_in(organisation, Role.AUDITOR)

    home = client.get(reverse("registers:register_home")).text
    paper = client.get(reverse("registers:register_print", kwargs={"register": "certificates"})).text

    assert "1 of the 1 kinds of certificate we have held is valid." in home
    assert "1 due" in home
    assert "1 entry, as at 1 May 2026" in paper


def test_a_register_that_is_not_ones_own_to_see_is_not_there(organisation, sign_in, monkeypatch):
    hidden = {**catalogue.find("certificates").__dict__, "viewed_by": (Capability.ORGANISATION_MANAGE,)}
    monkeypatch.setitem(catalogue._registers, "certificates", Register(**hidden))
    client = sign_in(organisation, Role.AUDITOR)

    assert "Certificates we hold" not in client.get(reverse("registers:register_home")).text
    assert client.get(reverse("registers:register_print", kwargs={"register": "certificates"})).status_code == 404


def test_two_registers_of_one_name_and_a_nil_return_nobody_can_check_are_refused():
    certificates = catalogue.find("certificates")

    with pytest.raises(ValueError, match="Two registers"):
        catalogue.register(Register(**{**certificates.__dict__, "title": "Others"}))
    with pytest.raises(ValueError, match="takes nil returns"):
        catalogue.register(Register(**{**certificates.__dict__, "slug": "new", "dated_within": None}))
