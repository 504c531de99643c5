"""Questions about suppliers, and their answers put in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.models import Organisation
from nhsuk.jinja import day
from registers.due_diligence import Diligence, Found
from registers.models.supplier_requests import SupplierAnswer
from registers.models.suppliers import Sighting, Supplier


@dataclass(frozen=True)
class SupplierLine:
    """A supplier as the register shows it on a date."""

    supplier: Supplier
    found: Found

    @property
    def wants_something(self) -> bool:
        return self.found.state in (Diligence.TO_DO, Diligence.NOT_CHECKED)


def current_lines(organisation: Organisation, on: date) -> list[SupplierLine]:
    """The suppliers of a date with how far each is checked. Three queries."""
    return lines(list(Supplier.objects.of(organisation).current(on).with_facts()), on)


def lines(suppliers: list[Supplier], on: date) -> list[SupplierLine]:
    return [SupplierLine(supplier, supplier.diligence(on)) for supplier in suppliers]


def last_answer(supplier: Supplier) -> SupplierAnswer | None:
    """What the supplier said the last time it was asked."""
    return SupplierAnswer.objects.filter(request__supplier=supplier).order_by("-at", "-pk").first()


def answer_in_words(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a supplier said, line by line."""
    yield "DSPT status", Sighting.Status(values["dspt_status"]).label
    yield "ODS code", values["ods_code"] or "Not given"
    if values["cyber_essentials"]:
        label = Sighting.Kind(values["cyber_essentials"]).label
        yield label, f"Valid until {_day(values['cyber_essentials_until'])}"
    else:
        yield "Cyber Essentials", "Not held"
    yield "ISO 27001", f"Valid until {_day(values['iso27001_until'])}" if values["iso27001_until"] else "Not held"
    yield "Incidents in the last 12 months", values["incident_words"] if values["incidents"] == "yes" else "None"
    yield "Whom they bring in", values["sub_processors"] or "Not said"
    contact = " · ".join(part for part in (values["contact_name"], values["contact_email"]) if part)
    yield "Contact for data security", contact or "Not given"


def _day(text: str) -> str:
    return day(date.fromisoformat(text))
