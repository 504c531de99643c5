"""The register of policies, among the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from registers.catalogue import Column, Figure, Register, register, share
from registers.intakes.policies import INTAKE, shown
from registers.models import PolicyVersion
from registers.queries.policies import PolicyStanding, policies_figure, standings

LIST = "registers:policy_list"


def _rows(organisation: Organisation) -> list[PolicyStanding]:
    today = timezone.localdate()
    return standings(organisation, on=today) + standings(organisation, on=today, withdrawn=True)


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    found = policies_figure(organisation, on=on)
    return [
        share(
            "policies.in_date",
            found.in_date,
            found.applying,
            f"{found.in_date} of {found.applying} published policies {'is' if found.in_date == 1 else 'are'} in date.",
            definition="Policies with a version published by the date and not withdrawn; in date up to and including the review date.",
            on=on,
            link=reverse(LIST),
        ),
        share(
            "policies.read",
            found.read,
            found.asked,
            f"{found.read} of {found.asked} readings are confirmed.",
            definition=(
                "One reading for each person in post on the date and each published policy they are asked to read; "
                "confirmed for the version that applies. Leavers count on neither side."
            ),
            on=on,
            link=reverse(LIST),
        ),
    ]


def _has_rows(organisation: Organisation, on: date) -> bool:
    return PolicyVersion.objects.filter(policy__organisation=organisation, publication__published_on__lte=on).exists()


def _due(organisation: Organisation, on: date) -> int:
    """Published policies whose review date has passed."""
    return PolicyVersion.objects.filter(policy__organisation=organisation, review_by__lt=on).standing_on(on).count()


register(
    Register(
        slug="policies",
        title="Policies",
        purpose="What you ask of your staff in writing: approved, reviewed each year, and read by those it is for.",
        list_url=LIST,
        rows=_rows,
        columns=(
            Column("Policy", lambda row: row.policy.title, "title"),
            Column("Stands", lambda row: row.state.label),
            Column("Version", lambda row: shown(row).number),
            Column("In force from", lambda row: shown(row).effective_on, "effective_on"),
            Column("Review by", lambda row: shown(row).review_by, "review_by"),
            Column("Approved as", lambda row: approval.approved_as if (approval := shown(row).approval) else ""),
            Column("For", lambda row: shown(row).get_audience_display(), "audience"),
            Column("Days to read", lambda row: shown(row).days_to_read, "days_to_read"),
            Column("Asked to read", lambda row: row.figure.asked if row.figure else None),
            Column("Have read", lambda row: row.figure.read if row.figure else None),
        ),
        figures=_figures,
        has_rows=_has_rows,
        due=_due,
        intake=INTAKE,
        order=10,
    )
)
