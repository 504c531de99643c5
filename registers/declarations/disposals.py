"""The disposal log among the registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.forms.disposals import DisposalForm
from registers.keeping import Cell, Keeping, View
from registers.models import Disposal, DoneBy

YEAR = timedelta(days=365)


def _disposals(organisation: Organisation) -> Any:
    return Disposal.objects.of(organisation).select_related("asset", "certificate__document")


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    open_now = Disposal.objects.of(organisation).open_on(on)
    link = reverse("registers:entry_list", kwargs={"register": "disposals"})
    in_year = open_now.filter(disposed_on__gt=on - YEAR, disposed_on__lte=on).count()
    by_contractor = open_now.filter(done_by=DoneBy.CONTRACTOR, disposed_on__lte=on)
    contracted = by_contractor.count()
    certified = contracted - by_contractor.lacking_certificate().count()
    figures = [
        count(
            "disposals.in_year",
            in_year,
            f"{in_year} disposal{'' if in_year == 1 else 's'} recorded in the last 12 months.",
            definition="Disposals dated within the 365 days up to the date, without those entered by mistake.",
            on=on,
            link=link,
        )
    ]
    if contracted:
        figures.append(
            share(
                "disposals.certified",
                certified,
                contracted,
                f"{certified} of {contracted} disposals by contractors have a certificate of destruction.",
                definition="Disposals by a contractor, of any date, for which a number or a document of a certificate is kept.",
                on=on,
                link=f"{link}?show=no-certificate",
            )
        )
    return figures


def _within(organisation: Organisation, start: date, end: date) -> bool:
    return Disposal.objects.of(organisation).between(start, end).exists()


def _certificate(row: Disposal, on: date) -> tuple[str, str] | None:
    if row.done_by == DoneBy.STAFF:
        return None
    return ("Kept", "green") if row.certificate_id or row.certificate_number else ("Missing", "red")


register(
    Register(
        slug="disposals",
        title="Disposal log",
        purpose="What was destroyed or handed over, how and by whom, so that nobody has to wonder where a disk or a box went.",
        list_url="registers:entry_list",
        rows=_disposals,
        columns=(
            Column("What", lambda row: row.what, "what"),
            Column("Kind", lambda row: row.get_kind_display(), "kind"),
            Column("Asset", lambda row: str(row.asset or ""), "asset"),
            Column("Method", lambda row: row.get_method_display(), "method"),
            Column("Disposed of on", lambda row: row.disposed_on, "disposed_on"),
            Column("Done by", lambda row: row.get_done_by_display(), "done_by"),
            Column("Contractor", lambda row: row.contractor, "contractor"),
            Column("Certificate number", lambda row: row.certificate_number, "certificate_number"),
            Column("Certificate", lambda row: str(row.certificate or ""), "certificate"),
            Column("Retention rule", lambda row: row.retention_rule, "retention_rule"),
            Column("Closed on", lambda row: row.closed_on),
            Column("Why closed", lambda row: row.closed_reason),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Disposal.objects.of(organisation).open_on(on).filter(disposed_on__lte=on).exists(),
        due=lambda organisation, on: Disposal.objects.of(organisation).open_on(on).lacking_certificate().count(),
        dated_within=_within,
        nil_statement="We disposed of no equipment and no records that held personal data in this period.",
        keeping=Keeping(
            model=Disposal,
            form=DisposalForm,
            noun="a disposal",
            advice="Record each disposal on the day: an old laptop, a phone handed back, a box of records sent to be shredded.",
            cells=(
                Cell("What", lambda row, on: row.what),
                Cell("When", lambda row, on: row.disposed_on),
                Cell("How", lambda row, on: row.get_method_display()),
                Cell("By", lambda row, on: row.contractor or row.get_done_by_display()),
                Cell("Certificate", _certificate, "tag"),
            ),
            search=("what", "contractor", "certificate_number", "retention_rule"),
            views=(View("no-certificate", "By a contractor, no certificate", lambda rows, on: rows.lacking_certificate()),),
            fetch=("asset", "certificate__document"),
            closing="Strike out",
        ),
        is_approved_whole=True,
        order=45,
    )
)
