"""Keeping the register of rights requests and data protection complaints."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from evidence.models import DocumentVersion
from registers.models.rights import Matter, MatterKind, MatterPaper, MatterStep, Outcome, StepKind
from registers.rights_states import outcomes_for, possible_steps, stand


class MatterRefusedError(ValueError):
    """It cannot be recorded as given; the text is one sentence that says why and what to do."""


NEEDS_WORDS = {
    StepKind.EXTENDED: "Say why you need two more months. They must be told the reason.",
    StepKind.CLARITY_ASKED: "Say what you asked them.",
    StepKind.PROGRESS: "Say what you told them.",
    StepKind.ANSWERED: "Say in a sentence what you answered.",
    StepKind.LESSON: "Say what you learnt.",
}


@transaction.atomic
def add_matter(
    organisation: Organisation,
    *,
    kind: str,
    received_on: date,
    way: str,
    about: str,
    initials: str = "",
    by: User,
    at: datetime,
) -> Matter:
    """Enter a rights request or a complaint on the day it came, however it came.

    Raises:
        MatterRefusedError: the day lies in the future, or nothing says what it is about.
    """
    if received_on > timezone.localdate(at):
        raise MatterRefusedError("The day it came lies in the future. Correct the day.")
    if not about.strip():
        raise MatterRefusedError("Say in a few words what it is about.")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    last = Matter.objects.filter(organisation=organisation).aggregate(last=Max("number"))["last"]
    matter = Matter.objects.create(
        organisation=organisation,
        number=(last or 0) + 1,
        kind=kind,
        initials=initials.strip().upper(),
        received_on=received_on,
        way=way,
        about=about.strip(),
        entered_by=by,
        entered_at=at,
    )
    label = "complaint" if matter.is_complaint else f"request ({MatterKind(kind).value})"
    summary = {"reference": matter.reference, "what": label, "received_on": received_on.isoformat()}
    record("registers.matter_added", organisation=organisation, by=by, target=matter, summary=summary, at=at)
    return matter


@transaction.atomic
def take_step(matter: Matter, *, kind: str, on: date, text: str = "", outcome: str = "", by: User, at: datetime) -> MatterStep:
    """Record a step.

    Raises:
        MatterRefusedError: it cannot come now, its day is impossible, words or an outcome are missing, or two more months are
            claimed after the first.
    """
    Matter.objects.select_for_update().get(pk=matter.pk)
    matter = Matter.objects.with_steps().select_related("organisation").get(pk=matter.pk)
    steps = list(matter.steps.all())
    today = timezone.localdate(at)
    now = stand(matter, steps, on=today)
    _check_day(matter, steps, kind, on, today)
    if kind not in possible_steps(now, steps):
        raise MatterRefusedError(f"“{StepKind(kind).label}” cannot come now. Look at what was recorded before.")
    if not text.strip() and kind in NEEDS_WORDS:
        raise MatterRefusedError(NEEDS_WORDS[StepKind(kind)])
    first_due_on = stand(matter, steps, on=on).first_due_on
    if kind == StepKind.EXTENDED and first_due_on and on > first_due_on:
        raise MatterRefusedError(
            f"Two more months must be claimed within the first month, by {first_due_on:%d/%m/%Y}. After that you can only answer late."
        )
    if kind == StepKind.ANSWERED and outcome not in outcomes_for(matter):
        raise MatterRefusedError("Choose how it ended.")
    step = MatterStep.objects.create(
        matter=matter,
        kind=kind,
        on=on,
        text=text.strip(),
        outcome=Outcome(outcome) if kind == StepKind.ANSWERED else "",
        by=by,
        at=at,
    )
    label = StepKind(kind).label
    summary = {"reference": matter.reference, "step": label[0].lower() + label[1:], "on": on.isoformat()}
    record("registers.matter_step_taken", organisation=matter.organisation, by=by, target=matter, summary=summary, at=at)
    return step


@transaction.atomic
def attach(matter: Matter, *, document: DocumentVersion, by: User, at: datetime) -> MatterPaper:
    """Point to a document that belongs to a request. The same one again does nothing.

    Raises:
        MatterRefusedError: the document is another organisation's.
    """
    if document.document.organisation_id != matter.organisation_id:
        raise MatterRefusedError("Choose a document of your own organisation.")
    paper, created = MatterPaper.objects.get_or_create(matter=matter, document=document, defaults={"by": by, "at": at})
    if created:
        summary = {"reference": matter.reference, "document_version": document.pk}
        record("registers.matter_paper_added", organisation=matter.organisation, by=by, target=matter, summary=summary, at=at)
    return paper


def _check_day(matter: Matter, steps: list[MatterStep], kind: str, on: date, today: date) -> None:
    if on > today:
        raise MatterRefusedError("The day lies in the future. Record it once it has happened.")
    if on < matter.received_on:
        raise MatterRefusedError("The day is before the request came. Correct the day.")
    before = {StepKind.IDENTITY_SHOWN: StepKind.IDENTITY_ASKED, StepKind.CLARITY_GIVEN: StepKind.CLARITY_ASKED}.get(
        StepKind(kind)
    )
    asked = [step.on for step in steps if step.kind == before]
    if asked and on < asked[-1]:
        raise MatterRefusedError("The answer cannot have come before you asked. Correct the day.")
