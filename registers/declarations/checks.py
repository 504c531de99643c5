"""Checks and tests among the registers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from registers import action_sources, check_answers
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.intakes.checks import INTAKE
from registers.models import Check, CheckOutcome
from registers.queries.checks import turns

YEAR = timedelta(days=365)


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    link = reverse("registers:check_list")
    done = list(Check.objects.of(organisation).between(on - YEAR + timedelta(days=1), on + timedelta(days=1)))
    spot = sum(check.kind == "spot-check" for check in done)
    clean = sum(check.outcome == CheckOutcome.IN_ORDER for check in done)
    figures = [
        count(
            "checks.spot_checks",
            spot,
            f"{spot} spot check{'' if spot == 1 else 's'} in the last 12 months.",
            definition="Spot checks done in the 365 days up to the date.",
            on=on,
            link=link,
            attention=spot == 0,
        )
    ]
    if done:
        figures.append(
            share(
                "checks.in_order",
                clean,
                len(done),
                f"{clean} of {len(done)} checks and tests in the last 12 months found everything in order.",
                definition="Checks of every kind in the 365 days up to the date; not seen is not in order.",
                on=on,
                link=link,
            )
        )
    return figures


def _found(organisation: Organisation, ids: Collection[int]) -> dict[int, action_sources.Link]:
    rows = Check.objects.of(organisation).filter(pk__in=ids).select_related("unit")
    return {row.pk: action_sources.Link(str(row), reverse("registers:check_detail", args=[row.pk])) for row in rows}


action_sources.register("check", noun="Check", find=_found, capabilities=(Capability.REGISTERS_VIEW,))
register(
    Register(
        slug="checks",
        title="Checks and tests",
        purpose="Spot checks, access reviews, exercises and tests: what was looked at, what was found, when to look again.",
        list_url="registers:check_list",
        rows=lambda organisation: Check.objects.of(organisation).select_related("unit", "evidence__document"),
        columns=(
            Column("Check", lambda row: row.title, "kind"),
            Column("Where", lambda row: str(row.unit or ""), "unit"),
            Column("Done on", lambda row: row.done_on, "done_on"),
            Column("Found", lambda row: row.outcome.label, "found"),
            Column("Answers", lambda row: check_answers.as_text(row.answers), "answers"),
            Column("Note", lambda row: row.note, "note"),
            Column("Report", lambda row: str(row.evidence or "")),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Check.objects.of(organisation).filter(done_on__lte=on).exists(),
        due=lambda organisation, on: sum(turn.is_due(on) for turn in turns(organisation, on)),
        intake=INTAKE,
        order=30,
    )
)
