"""Actions from a spreadsheet: those to do, and those that were done or given up, with how it went."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.rows import ActionRow
from registers.intake import Intake
from registers.models.actions import Action, ActionUpdate
from registers.services.actions import ActionRefusedError, add_action, cancel_action, finish_action, report_progress


def said(action: Action, name: str) -> Any:
    """What an action says for a field of its row."""
    if name in ("what", "why"):
        return getattr(action, name)
    return getattr(action.newest, name)


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> ActionRow:
    return ActionRow(data, organisation=access.organisation, today=timezone.localdate())


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Action:
    given = {name: values[name] for name in ("what", "why", "owner", "due_on")}
    action = add_action(organisation, by=by, at=at, **given)
    if values["state"] == ActionUpdate.State.DONE:
        finish_action(action, note=values["note"], by=by, at=at)
    elif values["state"] == ActionUpdate.State.CANCELLED:
        cancel_action(action, note=values["note"], by=by, at=at)
    elif values["note"]:
        report_progress(action, note=values["note"], by=by, at=at)
    return action


INTAKE = Intake(
    rows=lambda organisation: Action.objects.of(organisation).with_newest(),
    form=_form,
    add=_add,
    said=said,
    refused=(ActionRefusedError,),
    advice="One row for each action. A row without a state is still to do. Leave out names of people you support.",
    names_nobody=True,
)
