"""Scoring risks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from registers.models import Risk, RiskAssessment
from registers.risk_matrix import SCORES
from registers.services.entries import EntryRefusedError, add_entry, change_entry

SCORED = ("likelihood_before", "impact_before", "likelihood_after", "impact_after")


@transaction.atomic
def add_risk(organisation: Organisation, values: Mapping[str, Any], *, by: User | str, at: datetime) -> Risk:
    """Put a risk into the register with its first scores.

    Raises:
        EntryRefusedError: a value is missing or impossible.
    """
    described = {name: value for name, value in values.items() if name not in SCORED}
    risk = add_entry(Risk(organisation=organisation, **described), by=by, at=at)
    _score(risk, {name: values[name] for name in SCORED}, note="First assessment", by=by, at=at)
    return risk


@transaction.atomic
def change_risk(entry: Risk, values: Mapping[str, Any], *, by: User | str, at: datetime) -> Risk:
    """Correct what a risk says; other scores than before are a new assessment.

    Raises:
        EntryRefusedError: as for ``add_risk``, or the risk is closed.
    """
    changed = change_entry(entry, by=by, at=at, **{name: value for name, value in values.items() if name not in SCORED})
    scores = {name: values[name] for name in SCORED if name in values}
    if scores and any(getattr(changed, name) != score for name, score in scores.items()):
        _score(changed, scores, note="Scored again", by=by, at=at)
    return changed


@transaction.atomic
def review_risk(
    risk: Risk, *, scores: Mapping[str, int], note: str, review_by: date, by: User | str, at: datetime
) -> RiskAssessment:
    """Look at a risk again: its scores, the same or others, and when to look next.

    Raises:
        EntryRefusedError: the risk is closed, a score is off the matrix, or the next review is not after today.
    """
    if review_by <= timezone.localtime(at).date():
        raise EntryRefusedError("The next review must be after today.")
    risk = change_entry(risk, by=by, at=at, review_by=review_by)
    return _score(risk, scores, note=note, by=by, at=at)


def _score(risk: Risk, scores: Mapping[str, int], *, note: str, by: User | str, at: datetime) -> RiskAssessment:
    Risk.objects.select_for_update().get(pk=risk.pk)
    if risk.is_closed:
        raise EntryRefusedError("The entry is closed: it can be read and no longer changed.")
    if any(scores.get(name) not in SCORES for name in SCORED):
        raise EntryRefusedError("Score likelihood and impact from 1 to 5, before and after what is in place.")
    newest = risk.assessments.order_by("-number").first()
    assessment = RiskAssessment.objects.create(
        risk=risk,
        number=newest.number + 1 if newest else 1,
        assessed_on=timezone.localtime(at).date(),
        note=note.strip(),
        by=by if isinstance(by, User) else None,
        **scores,
    )
    summary = {"before": assessment.score_before, "after": assessment.score_after, "level": assessment.after.word}
    record("registers.risk_assessed", organisation=risk.organisation, by=by, target=risk, summary=summary, at=at)
    return assessment
