"""Rights requests and complaints from a list that was kept before, with their answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.rows import MatterRow
from registers.intake import Intake
from registers.models.rights import Matter, MatterStep, StepKind
from registers.services.rights import MatterRefusedError, add_matter, take_step

RECEIVED = ("kind", "received_on", "way", "about", "initials")


def last_step(matter: Matter, kind: StepKind) -> MatterStep | None:
    """The last step of a kind; costs no query after ``with_steps``."""
    return next((step for step in reversed(matter.steps.all()) if step.kind == kind), None)


def said(matter: Matter, name: str) -> Any:
    """What a request says for a field of its row."""
    if name in RECEIVED:
        return getattr(matter, name)
    if name == "acknowledged_on":
        return getattr(last_step(matter, StepKind.ACKNOWLEDGED), "on", None)
    answered = last_step(matter, StepKind.ANSWERED)
    if name == "answered_on":
        return answered.on if answered else None
    return getattr(answered, {"outcome": "outcome", "answer": "text"}[name], "")


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> MatterRow:
    return MatterRow(data, today=timezone.localdate())


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Matter:
    matter = add_matter(organisation, by=by, at=at, **{name: values[name] for name in RECEIVED})
    if values["acknowledged_on"]:
        take_step(matter, kind=StepKind.ACKNOWLEDGED, on=values["acknowledged_on"], by=by, at=at)
    if values["answered_on"]:
        answer = {"text": values["answer"], "outcome": values["outcome"]}
        take_step(matter, kind=StepKind.ANSWERED, on=values["answered_on"], by=by, at=at, **answer)
    return matter


INTAKE = Intake(
    rows=lambda organisation: Matter.objects.filter(organisation=organisation).with_steps(),
    form=_form,
    add=_add,
    said=said,
    refused=(MatterRefusedError,),
    names_nobody=True,
    advice="One row for each request or complaint, without names. Pauses and extensions are entered on its page afterwards.",
)
