"""The record of processing activities among the registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from registers.catalogue import Column, Figure, Register, register, share
from registers.forms.processing import ProcessingForm
from registers.keeping import Cell, Keeping, View
from registers.models import ProcessingActivity


def _activities(organisation: Organisation) -> Any:
    return ProcessingActivity.objects.of(organisation).select_related("dpia")


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    open_now = ProcessingActivity.objects.of(organisation).open_on(on)
    number = open_now.count()
    current = number - open_now.due_for_review(on).count()
    return [
        share(
            "processing.in_review",
            current,
            number,
            f"{number} processing activit{'y' if number == 1 else 'ies'} recorded; {current} of them within their review date.",
            definition="Activities in use whose review date is not before the date.",
            on=on,
            link=reverse("registers:entry_list", kwargs={"register": "processing"}) + "?show=review",
        )
    ]


register(
    Register(
        slug="processing",
        title="Information flows",
        purpose="What you do with personal data and why, whom it goes to and how long you keep it: the record that Article 30 asks for.",
        list_url="registers:entry_list",
        rows=_activities,
        columns=(
            Column("Name", lambda row: row.name, "name"),
            Column("Purpose", lambda row: row.purpose, "purpose"),
            Column("Our role", lambda row: row.get_role_display(), "role"),
            Column("With or for", lambda row: row.acts_for, "acts_for"),
            Column("Lawful basis", lambda row: row.get_lawful_basis_display(), "lawful_basis"),
            Column("Special category condition", lambda row: row.get_special_condition_display(), "special_condition"),
            Column("Whose data", lambda row: row.people, "people"),
            Column("What data", lambda row: row.data, "data"),
            Column("Recipients", lambda row: row.recipients, "recipients"),
            Column("Outside the UK", lambda row: row.abroad, "abroad"),
            Column("Kept for", lambda row: row.retention, "retention"),
            Column("Security", lambda row: row.security, "security"),
            Column("Answerable", lambda row: row.owner_post, "owner_post"),
            Column("Impact assessment", lambda row: str(row.dpia or ""), "dpia"),
            Column("Review by", lambda row: row.review_by, "review_by"),
            Column("Closed on", lambda row: row.closed_on),
            Column("Why closed", lambda row: row.closed_reason),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: ProcessingActivity.objects.of(organisation).open_on(on).exists(),
        due=lambda organisation, on: ProcessingActivity.objects.of(organisation).open_on(on).due_for_review(on).count(),
        keeping=Keeping(
            model=ProcessingActivity,
            form=ProcessingForm,
            noun="an information flow",
            advice="Think of one thing you do with personal data at a time: care records, staff files, payroll, visitors, CCTV.",
            cells=(
                Cell("Information flow", lambda row, on: row.name),
                Cell("Whose data", lambda row, on: row.people),
                Cell("Lawful basis", lambda row, on: row.get_lawful_basis_display()),
                Cell("Goes to", lambda row, on: row.recipients),
                Cell("Review by", lambda row, on: row.review_by, "due"),
            ),
            search=("name", "purpose", "people", "data", "recipients"),
            views=(
                View("review", "Review date passed", lambda rows, on: rows.due_for_review(on)),
                View("no-dpia", "Without an impact assessment", lambda rows, on: rows.filter(dpia=None)),
            ),
            key="name",
            fetch=("dpia",),
        ),
        is_approved_whole=True,
        order=42,
    )
)
