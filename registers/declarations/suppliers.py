"""The register of suppliers and partners, among the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.urls import reverse

from accounts.models import Organisation
from nhsuk.jinja import day
from registers import action_sources
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.due_diligence import rules
from registers.intakes.suppliers import INTAKE, newest_agreement, newest_dspt
from registers.models.suppliers import Supplier
from registers.queries.suppliers import current_lines


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    lines = [line for line in current_lines(organisation, on) if line.supplier.handles_data]
    link, handling = reverse("registers:supplier_list"), len(lines)
    agreed, assured = sum(line.found.has_agreement for line in lines), sum(line.found.is_assured for line in lines)
    it_lines = [line for line in lines if line.supplier.category in IT]
    it_assured = sum(line.found.is_assured for line in it_lines)
    whose = "suppliers and partners who handle personal data for us"
    months = rules().seen_within_months
    seen = f"Assured: a DSPT at Standards Met or better, or Cyber Essentials Plus or ISO 27001 in date, seen by us or told by them in the {months} months before."
    return [
        count(
            "suppliers.listed",
            handling,
            f"{handling} {whose} {'is' if handling == 1 else 'are'} listed, with what they do and whom to contact.",
            definition="Those of the date that handle health, care or other personal data.",
            on=on,
            link=link,
        ),
        share(
            "suppliers.agreement_in_date",
            agreed,
            handling,
            f"{agreed} of {handling} {whose} have an agreement in date.",
            definition=f"With a contract or agreement that has begun and not ended on {day(on)}.",
            on=on,
            link=link,
        ),
        share(
            "suppliers.assured",
            assured,
            handling,
            f"{assured} of {handling} {whose} are assured, by what we saw or they told us in the last {months} months.",
            definition=seen,
            on=on,
            link=link,
        ),
        share(
            "suppliers.it_assured",
            it_assured,
            len(it_lines),
            f"{it_assured} of {len(it_lines)} IT suppliers who handle personal data for us are assured.",
            definition=f"IT suppliers are care systems, IT support and office IT. {seen}",
            on=on,
            link=link,
        ),
    ]


IT = (Supplier.Category.CARE_SYSTEM, Supplier.Category.IT_SUPPORT, Supplier.Category.OFFICE_IT)


def _within(organisation: Organisation, start: date, end: date) -> bool:
    working = Q(last_day__isnull=True) | Q(last_day__gte=start)
    return Supplier.objects.of(organisation).handling_data().filter(working, since__lt=end).exists()


def _links(organisation: Organisation, ids: Collection[int]) -> Mapping[int, action_sources.Link]:
    return {
        supplier.pk: action_sources.Link(supplier.name, reverse("registers:supplier_detail", args=[supplier.pk]))
        for supplier in Supplier.objects.of(organisation).filter(pk__in=ids)
    }


def _agreements(supplier: Supplier) -> str:
    return "; ".join(
        f"{agreement.title} ({day(agreement.start)} to {day(agreement.last_day) if agreement.last_day else 'no end'})"
        for agreement in supplier.agreements.all()
    )


def _sightings(supplier: Supplier) -> str:
    return "; ".join(f"{sighting} ({day(sighting.seen_on)})" for sighting in supplier.sightings.all())


action_sources.register("supplier", noun="A supplier", find=_links)
register(
    Register(
        slug="suppliers",
        title="Suppliers and partners",
        purpose="Who handles data for you, what you agreed with them, and when you last saw that they look after it.",
        list_url="registers:supplier_list",
        rows=lambda organisation: Supplier.objects.of(organisation).with_facts(),
        columns=(
            Column("Name", lambda row: row.name, "name"),
            Column("Kind", lambda row: row.get_category_display(), "category"),
            Column("What they do", lambda row: row.does, "does"),
            Column("Data", lambda row: row.get_handles_display(), "handles"),
            Column("If they stopped", lambda row: row.get_criticality_display(), "criticality"),
            Column("Contact", lambda row: row.contact_name, "contact_name"),
            Column("E-mail", lambda row: row.contact_email, "contact_email"),
            Column("ODS code", lambda row: row.ods_code, "ods_code"),
            Column("Where the data is", lambda row: row.get_place_display(), "place"),
            Column("Leaving the UK", lambda row: row.transfers, "transfers"),
            Column("Whom they bring in", lambda row: row.sub_processors, "sub_processors"),
            Column("Since", lambda row: row.since, "since"),
            Column("Last day", lambda row: row.last_day, "last_day"),
            Column("DSPT status", lambda row: seen.get_status_display() if (seen := newest_dspt(row)) else "", "dspt_status"),
            Column("DSPT seen on", lambda row: getattr(newest_dspt(row), "seen_on", None), "dspt_seen_on"),
            Column("Agreement", lambda row: getattr(newest_agreement(row), "title", ""), "agreement"),
            Column(
                "Kind of agreement",
                lambda row: found.get_kind_display() if (found := newest_agreement(row)) else "",
                "agreement_kind",
            ),
            Column("Agreement from", lambda row: getattr(newest_agreement(row), "start", None), "agreement_start"),
            Column("Agreement until", lambda row: getattr(newest_agreement(row), "last_day", None), "agreement_last_day"),
            Column("Review agreement by", lambda row: getattr(newest_agreement(row), "review_by", None), "agreement_review_by"),
            Column("Agreements", _agreements),
            Column("Seen", _sightings),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Supplier.objects.of(organisation).handling_data().current(on).exists(),
        due=lambda organisation, on: sum(line.wants_something for line in current_lines(organisation, on)),
        dated_within=_within,
        nil_statement="No supplier or partner handled personal data for us in this period.",
        intake=INTAKE,
        is_approved_whole=True,
        order=50,
    )
)
