"""The risk register among the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import Organisation
from accounts.policy import Access
from registers import action_sources
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.forms.risks import RiskForm
from registers.keeping import Cell, Keeping, View
from registers.models import Risk, Treatment
from registers.queries.actions import actions_of
from registers.queries.risks import may_review, open_risks
from registers.services.risks import add_risk, change_risk

HIGH = 10
"""The score from which a risk is high (``registers/data/risk_matrix.yaml``)."""


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    risks = open_risks(organisation, on)
    link = reverse("registers:entry_list", kwargs={"register": "risks"})
    current = sum(risk.review_by >= on for risk in risks)
    high = sum((risk.newest.score_after if risk.newest else 0) >= HIGH for risk in risks)
    top = "; ".join(f"{risk.title} ({risk.newest.after.word.lower()})" for risk in risks[:3] if risk.newest)
    return [
        count(
            "risks.top_three",
            min(3, len(risks)),
            f"Top risks: {top}.",
            definition="The open risks with the highest scores, with what is in place.",
            on=on,
            link=reverse("registers:risk_map"),
        ),
        share(
            "risks.in_review",
            current,
            len(risks),
            f"{current} of {len(risks)} risks are within their review date; {high} {'is' if high == 1 else 'are'} high or very high.",
            definition="Open risks whose review date is not before the date.",
            on=on,
            link=f"{link}?show=review",
        ),
    ]


def _level(risk: Risk, on: date) -> tuple[str, str] | None:
    newest = risk.newest
    return (f"{newest.after.word} ({newest.score_after})", newest.after.colour) if newest else None


def _score(name: str) -> Any:
    return lambda row: getattr(row, name)


def _found(organisation: Organisation, ids: Any) -> dict[int, action_sources.Link]:
    rows = Risk.objects.of(organisation).filter(pk__in=ids)
    return {
        row.pk: action_sources.Link(
            row.title, reverse("registers:entry_detail", kwargs={"register": "risks", "entry_id": row.pk})
        )
        for row in rows
    }


def _more(risk: Any, access: Access, on: date) -> dict[str, Any]:
    return {
        "assessments": risk.assessments.select_related("by"),
        "actions": actions_of(access, "risk", risk.pk, on=on),
        "may_review": may_review(access, risk, on),
    }


action_sources.register("risk", noun="Risk", find=_found)
register(
    Register(
        slug="risks",
        title="Risks",
        purpose="What could go wrong with the information you hold, how bad it would be, and what you do about it.",
        list_url="registers:entry_list",
        rows=lambda organisation: Risk.objects.of(organisation).with_newest(),
        columns=(
            Column("What could happen", lambda row: row.title, "title"),
            Column("Cause", lambda row: row.cause, "cause"),
            Column("Effect", lambda row: row.effect, "effect"),
            Column("Kind", lambda row: row.get_category_display(), "category"),
            Column("Owner", lambda row: row.owner_post, "owner_post"),
            Column("Likelihood before", _score("likelihood_before"), "likelihood_before"),
            Column("Impact before", _score("impact_before"), "impact_before"),
            Column("In place", lambda row: row.controls, "controls"),
            Column("Likelihood after", _score("likelihood_after"), "likelihood_after"),
            Column("Impact after", _score("impact_after"), "impact_after"),
            Column("Treatment", lambda row: row.get_treatment_display(), "treatment"),
            Column("Planned", lambda row: row.treatment_plan, "treatment_plan"),
            Column("Accepted because", lambda row: row.accepted_because, "accepted_because"),
            Column("Accepted by", lambda row: row.get_accepted_by_post_display(), "accepted_by_post"),
            Column("Review by", lambda row: row.review_by, "review_by"),
            Column("Closed on", lambda row: row.closed_on),
            Column("Why closed", lambda row: row.closed_reason),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Risk.objects.of(organisation).open_on(on).exists(),
        due=lambda organisation, on: Risk.objects.of(organisation).open_on(on).due_for_review(on).count(),
        keeping=Keeping(
            model=Risk,
            form=RiskForm,
            noun="a risk",
            advice="Ask what would hurt the people you support most: a lost phone, a locked-up computer, a letter to the wrong house.",
            cells=(
                Cell("Risk", lambda row, on: row.title),
                Cell("Kind", lambda row, on: row.get_category_display()),
                Cell("Level", _level, "tag"),
                Cell("Owner", lambda row, on: row.owner_post),
                Cell("Treatment", lambda row, on: row.get_treatment_display()),
                Cell("Review by", lambda row, on: row.review_by, "due"),
            ),
            search=("title", "cause", "effect", "owner_post", "controls"),
            views=(
                View("review", "Review date passed", lambda rows, on: rows.due_for_review(on)),
                View("accepted", "Accepted", lambda rows, on: rows.filter(treatment=Treatment.ACCEPT)),
            ),
            key="title",
            arrange=lambda rows: rows.with_newest(),
            add=add_risk,
            change=change_risk,
            detail="registers/parts/risk.jinja",
            more=_more,
        ),
        is_approved_whole=True,
        order=20,
    )
)
