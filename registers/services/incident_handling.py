"""What is decided, done and learnt about an incident: each a row that stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from evidence.models import DocumentVersion
from registers.breach_grid import current_grid
from registers.clocks import notify_by
from registers.incident_states import State, standing
from registers.models import (
    BreachAssessment,
    Incident,
    IncidentPaper,
    IncidentTurn,
    Learning,
    Notification,
    NotificationDecision,
    Recipient,
)


class HandlingRefusedError(ValueError):
    """It cannot be recorded as given; the text is one sentence that says why and what to do."""


@transaction.atomic
def assess(
    incident: Incident,
    *,
    is_breach: bool,
    categories: list[str],
    role: str,
    aware_at: datetime,
    vulnerable: bool,
    likelihood: int,
    impact: int,
    reason: str,
    by: User,
    at: datetime,
) -> BreachAssessment:
    """Weigh an incident. A newer assessment takes the place of the one before, and asks for a new decision.

    Raises:
        HandlingRefusedError: it is closed, awareness lies in the future, no category is named for a breach, or no reason is given.
    """
    incident = _open(incident, at)
    if aware_at > at:
        raise HandlingRefusedError("The time when you became aware lies in the future. Correct the day or the time.")
    if is_breach and not categories:
        raise HandlingRefusedError("Say what was hurt: confidentiality, integrity or availability.")
    if not reason.strip():
        raise HandlingRefusedError("Say in a sentence why you see it so.")
    assessment = BreachAssessment.objects.create(
        incident=incident,
        is_breach=is_breach,
        confidentiality="confidentiality" in categories,
        integrity="integrity" in categories,
        availability="availability" in categories,
        role=role,
        aware_at=aware_at,
        vulnerable=vulnerable,
        likelihood=likelihood,
        impact=impact,
        grid=current_grid().id,
        reason=reason.strip(),
        by=by,
        at=at,
    )
    _record("registers.incident_assessed", incident, by, at, is_breach=is_breach, score=likelihood * impact)
    return assessment


@transaction.atomic
def decide(incident: Incident, *, tell_ico: bool, tell_people: bool, reason: str, by: User, at: datetime) -> NotificationDecision:
    """Decide whether the ICO and the people affected are told. The reason is kept either way.

    Raises:
        HandlingRefusedError: it is closed, was not assessed as touching personal information, or no reason is given.
    """
    incident = _open(incident, at)
    now = standing(incident, at=at)
    if now.assessment is None or not now.assessment.is_breach:
        raise HandlingRefusedError(
            "Assess the incident first: a decision is only needed where personal information was affected."
        )
    if not reason.strip():
        raise HandlingRefusedError("Give the reason for the decision. It is what an auditor or the ICO will ask for.")
    decision = NotificationDecision.objects.create(
        incident=incident, tell_ico=tell_ico, tell_people=tell_people, reason=reason.strip(), by=by, at=at
    )
    _record("registers.incident_decided", incident, by, at, tell_ico=_yes(tell_ico), tell_people=_yes(tell_people))
    return decision


@transaction.atomic
def record_notification(
    incident: Incident, *, recipient: str, told_at: datetime, how: str, late_reason: str = "", by: User, at: datetime
) -> Notification:
    """Record that somebody outside was told.

    Raises:
        HandlingRefusedError: it is closed, the time lies in the future or before awareness, or the ICO was told late without a
            reason.
    """
    incident = _open(incident, at)
    assessment = standing(incident, at=at).assessment
    aware_at = assessment.aware_at if assessment else incident.noticed_at
    if told_at > at:
        raise HandlingRefusedError("The time lies in the future. Record it once they have been told.")
    if told_at < aware_at:
        raise HandlingRefusedError("They cannot have been told before you were aware of it. Correct the day or the time.")
    is_late = recipient == Recipient.ICO and told_at > notify_by(aware_at)
    if is_late and not late_reason.strip():
        raise HandlingRefusedError("This is later than 72 hours after you became aware: say why. The law asks for the reason.")
    notification = Notification.objects.create(
        incident=incident,
        recipient=recipient,
        told_at=told_at,
        how=how.strip(),
        late_reason=late_reason.strip() if is_late else "",
        by=by,
        at=at,
    )
    label = Recipient(recipient).label
    _record("registers.incident_notified", incident, by, at, recipient=label[0].lower() + label[1:], late=_yes(is_late))
    return notification


@transaction.atomic
def learn(incident: Incident, *, theme: str, root_cause: str, lesson: str, by: User, at: datetime) -> Learning:
    """Write down why it happened and what was learnt.

    Raises:
        HandlingRefusedError: it is closed, or one of the two is empty.
    """
    incident = _open(incident, at)
    if not root_cause.strip() or not lesson.strip():
        raise HandlingRefusedError("Give both: why it happened, and what you will do differently.")
    learning = Learning.objects.create(
        incident=incident, theme=theme, root_cause=root_cause.strip(), lesson=lesson.strip(), by=by, at=at
    )
    _record("registers.incident_learnt", incident, by, at, theme=theme)
    return learning


@transaction.atomic
def attach(incident: Incident, *, document: DocumentVersion, by: User, at: datetime) -> IncidentPaper:
    """Point to a document in the evidence library. The same one again does nothing.

    Raises:
        HandlingRefusedError: the document is another organisation's.
    """
    if document.document.organisation_id != incident.organisation_id:
        raise HandlingRefusedError("Choose a document of your own organisation.")
    paper, created = IncidentPaper.objects.get_or_create(incident=incident, document=document, defaults={"by": by, "at": at})
    if created:
        _record("registers.incident_paper_added", incident, by, at, document_version=document.pk)
    return paper


@transaction.atomic
def close(incident: Incident, *, words: str, by: User, at: datetime) -> IncidentTurn:
    """Close an incident, with words that whoever reported it may read.

    Raises:
        HandlingRefusedError: something is still to be done, or no words are given.
    """
    incident = _open(incident, at)
    now = standing(incident, at=at)
    if now.state != State.TO_CLOSE:
        missing = {
            State.NEW: "assess it",
            State.TO_DECIDE: "decide who must be told",
            State.TO_TELL: "record that everybody who must be told has been",
            State.TO_LEARN: "write down the lesson",
        }[now.state]
        raise HandlingRefusedError(f"It cannot be closed yet: first {missing}.")
    return _turn(incident, is_closed=True, words=words, event="registers.incident_closed", by=by, at=at)


@transaction.atomic
def reopen(incident: Incident, *, words: str, by: User, at: datetime) -> IncidentTurn:
    """Open a closed incident again.

    Raises:
        HandlingRefusedError: it is open, or no reason is given.
    """
    incident = _locked(incident)
    if standing(incident, at=at).is_open:
        raise HandlingRefusedError("The incident is open already.")
    return _turn(incident, is_closed=False, words=words, event="registers.incident_reopened", by=by, at=at)


def _turn(incident: Incident, *, is_closed: bool, words: str, event: str, by: User, at: datetime) -> IncidentTurn:
    if not words.strip():
        raise HandlingRefusedError("Say in a sentence why.")
    turn = IncidentTurn.objects.create(incident=incident, is_closed=is_closed, reason=words.strip(), by=by, at=at)
    _record(event, incident, by, at)
    return turn


def _locked(incident: Incident) -> Incident:
    Incident.objects.select_for_update().get(pk=incident.pk)
    return Incident.objects.with_facts().select_related("organisation").get(pk=incident.pk)


def _open(incident: Incident, at: datetime) -> Incident:
    incident = _locked(incident)
    if not standing(incident, at=at).is_open:
        raise HandlingRefusedError("The incident is closed. Open it again first.")
    return incident


def _record(event: str, incident: Incident, by: User, at: datetime, **summary: Any) -> None:
    said = {"reference": incident.reference} | summary
    record(event, organisation=incident.organisation, by=by, target=incident, summary=said, at=at)


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
