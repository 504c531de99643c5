"""The register of data protection impact assessments among the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from registers import screening
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.forms.dpias import DpiaForm
from registers.keeping import Cell, Keeping, View
from registers.models import Decision, Dpia, Residual


def _dpias(organisation: Organisation) -> Any:
    return Dpia.objects.of(organisation)


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    open_now = Dpia.objects.of(organisation).open_on(on)
    link = reverse("registers:entry_list", kwargs={"register": "dpias"})
    number, needed = open_now.count(), open_now.needed().count()
    screened = f"{number} plan{'' if number == 1 else 's'} screened"
    if not needed:
        return [
            count(
                "dpias.screened",
                number,
                f"{screened}; none needed an assessment.",
                definition="Plans in the register, whether or not an assessment was needed.",
                on=on,
                link=link,
            )
        ]
    decided = needed - open_now.undecided().count()
    return [
        share(
            "dpias.decided",
            decided,
            needed,
            f"{screened}; {needed} needed an assessment, and {decided} of these {'is' if decided == 1 else 'are'} decided.",
            definition="Plans whose screening called for an assessment, and whether somebody has decided to go ahead or stop.",
            on=on,
            link=f"{link}?show=undecided",
        )
    ]


def _standing(row: Dpia, on: date) -> tuple[str, str]:
    if not row.is_needed:
        return ("Not needed", "grey")
    colours = {Decision.UNDECIDED: "yellow", Decision.GO_AHEAD: "green", Decision.STOP: "red"}
    return (row.get_decision_display(), colours[Decision(row.decision)])


def _within(organisation: Organisation, start: date, end: date) -> bool:
    return Dpia.objects.of(organisation).filter(recorded_on__gte=start, recorded_on__lt=end, closed_on=None).exists()


def _answers(row: Dpia) -> str:
    return "; ".join(words for code, words in screening.questions().items() if code in row.screening)


register(
    Register(
        slug="dpias",
        title="Impact assessments (DPIAs)",
        purpose="Before something new is done with personal data: could it harm anybody, and what is done about it.",
        list_url="registers:entry_list",
        rows=_dpias,
        columns=(
            Column("Plan", lambda row: row.title, "title"),
            Column("Description", lambda row: row.description, "description"),
            Column("True of it", _answers, "screening"),
            Column("Assessment needed", lambda row: row.is_needed, "is_needed"),
            Column("Why, or why not", lambda row: row.needed_reason, "needed_reason"),
            Column("Necessity", lambda row: row.necessity, "necessity"),
            Column("Risks and measures", lambda row: row.risks_and_measures, "risks_and_measures"),
            Column("Advice of the DPO", lambda row: row.dpo_advice, "dpo_advice"),
            Column("Why not followed", lambda row: row.advice_overruled_because, "advice_overruled_because"),
            Column("Risk left", lambda row: row.get_residual_risk_display(), "residual_risk"),
            Column("ICO consulted on", lambda row: row.ico_consulted_on, "ico_consulted_on"),
            Column("What the ICO said", lambda row: row.ico_note, "ico_note"),
            Column("Decision", lambda row: row.get_decision_display(), "decision"),
            Column("Decided by", lambda row: row.get_decided_by_post_display(), "decided_by_post"),
            Column("Decided on", lambda row: row.decided_on, "decided_on"),
            Column("Review by", lambda row: row.review_by, "review_by"),
            Column("Closed on", lambda row: row.closed_on),
            Column("Why closed", lambda row: row.closed_reason),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Dpia.objects.of(organisation).open_on(on).exists(),
        due=lambda organisation, on: Dpia.objects.of(organisation).open_on(on).due_for_review(on).count(),
        dated_within=_within,
        nil_statement="We began nothing new with personal data in this period that wanted an impact assessment.",
        keeping=Keeping(
            model=Dpia,
            form=DpiaForm,
            noun="a plan",
            advice="Begin with what is planned and the questions about it. If no assessment is needed, say why and you are done.",
            cells=(
                Cell("Plan", lambda row, on: row.title),
                Cell("Standing", _standing, "tag"),
                Cell(
                    "Risk left",
                    lambda row, on: "" if row.residual_risk == Residual.NOT_ASSESSED else row.get_residual_risk_display(),
                ),
                Cell("Review by", lambda row, on: row.review_by, "due"),
            ),
            search=("title", "description", "needed_reason"),
            key="title",
            views=(
                View("undecided", "Waiting for a decision", lambda rows, on: rows.undecided()),
                View("review", "Review date passed", lambda rows, on: rows.due_for_review(on)),
            ),
        ),
        order=50,
    )
)
