"""The plan of checks among the registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from accounts.policy import Access
from registers.catalogue import Column, Figure, Register, register, share
from registers.forms.planned_checks import PlannedCheckForm
from registers.keeping import Cell, Keeping, View
from registers.models import PlannedCheck
from registers.queries.checks import kinds_open_to, overdue_plans


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    planned = PlannedCheck.objects.of(organisation).open_on(on).count()
    kept = planned - len(overdue_plans(organisation, on))
    return [
        share(
            "planned-checks.kept",
            kept,
            planned,
            f"{kept} of {planned} planned checks {'is' if kept == 1 else 'are'} up to date.",
            definition="Checks of the plan that are not overdue: done when they were due, or not due yet.",
            on=on,
            link=reverse("registers:entry_list", kwargs={"register": "planned-checks"}),
        )
    ]


def _done(rows: Any, on: date) -> Any:
    return rows.filter(last_on__isnull=False)


def _more(plan: Any, access: Access, on: date) -> dict[str, Any]:
    return {"check_kind": next((kind for kind in kinds_open_to(access, on) if kind.slug == plan.kind), None)}


register(
    Register(
        slug="planned-checks",
        title="Plan of checks",
        purpose="Which checks you do this year, where, when and who: so that none is forgotten and an assessor sees the plan.",
        list_url="registers:entry_list",
        rows=lambda organisation: PlannedCheck.objects.of(organisation).with_last().select_related("unit"),
        columns=(
            Column("Check", lambda row: row.get_kind_display(), "kind"),
            Column("Where", lambda row: str(row.unit or ""), "unit"),
            Column("First due on", lambda row: row.first_due_on, "first_due_on"),
            Column("How often", lambda row: row.get_every_months_display(), "every_months"),
            Column("Who", lambda row: row.owner_post, "owner_post"),
            Column("Note", lambda row: row.note, "note"),
            Column("Last done on", lambda row: row.last_on),
            Column("Next due on", lambda row: row.due_on),
            Column("Closed on", lambda row: row.closed_on),
            Column("Why closed", lambda row: row.closed_reason),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: PlannedCheck.objects.of(organisation).open_on(on).exists(),
        due=lambda organisation, on: len(overdue_plans(organisation, on)),
        keeping=Keeping(
            model=PlannedCheck,
            form=PlannedCheckForm,
            noun="a planned check",
            advice="Plan the year once: a spot check in each home every six months, an access review, a continuity exercise.",
            cells=(
                Cell("Check", lambda row, on: row.get_kind_display()),
                Cell("Where", lambda row, on: str(row.unit or "The whole organisation")),
                Cell("Who", lambda row, on: row.owner_post),
                Cell("How often", lambda row, on: row.get_every_months_display()),
                Cell("Last done", lambda row, on: row.last_on),
                Cell("Next due", lambda row, on: row.due_on or "Done", "due-or-words"),
            ),
            search=("kind", "owner_post", "unit__name", "note"),
            views=(View("done", "Done at least once", _done),),
            fetch=("unit",),
            arrange=lambda rows: rows.with_last(),
            closing="End",
            detail="registers/parts/planned_check.jinja",
            more=_more,
        ),
        order=31,
    )
)
