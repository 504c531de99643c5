"""The data protection officer's desk, among the registers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from registers import action_sources
from registers.action_sources import Link
from registers.catalogue import Column, Figure, Register, register, share
from registers.intakes.advice import INTAKE
from registers.models.dpo import Advice

DESK = "registers:dpo_desk"


def _known(organisation: Organisation, on: date) -> list[Advice]:
    return list(Advice.objects.filter(organisation=organisation, given_on__lte=on).with_decisions())


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    given = _known(organisation, on)
    decided = [advice for advice in given if advice.decision]
    followed = sum(advice.decision.is_followed for advice in decided if advice.decision)
    return [
        share(
            "advice.decided",
            len(decided),
            len(given),
            f"{len(decided)} of {len(given)} pieces of advice have been decided on; {followed} followed, {len(decided) - followed} overruled.",
            definition="Advice of the data protection officer that somebody accountable followed, or overruled with a reason.",
            on=on,
            link=reverse(DESK),
        )
    ]


def _desk(organisation: Organisation, ids: Collection[int]) -> Mapping[int, Link]:
    """A task of the desk itself belongs to the organisation."""
    return {organisation.pk: Link("Data protection officer", reverse(DESK))} if organisation.pk in ids else {}


action_sources.register("dpo", noun="Data protection officer", find=_desk, capabilities=(Capability.INCIDENTS_VIEW,))
register(
    Register(
        slug="advice",
        title="Data protection officer",
        purpose="Whether one is required, who it is, what was advised, and whether it was followed.",
        list_url=DESK,
        rows=lambda organisation: Advice.objects.filter(organisation=organisation).with_decisions(),
        columns=(
            Column("Reference", lambda row: row.reference),
            Column("Asked on", lambda row: row.asked_on, "asked_on"),
            Column("Question", lambda row: row.question, "question"),
            Column("Advised on", lambda row: row.given_on, "given_on"),
            Column("Advice", lambda row: row.advice, "advice"),
            Column("Decision", lambda row: ("Followed" if row.decision.is_followed else "Overruled") if row.decision else ""),
            Column("Reason", lambda row: row.decision.reason if row.decision else ""),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: Advice.objects.filter(organisation=organisation, given_on__lte=on).exists(),
        due=lambda organisation, on: sum(advice.decision is None for advice in _known(organisation, on)),
        intake=INTAKE,
        order=28,
        viewed_by=(Capability.INCIDENTS_VIEW,),
        kept_by=(Capability.ADVICE_GIVE,),
    )
)
