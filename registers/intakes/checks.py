"""Checks that were done on paper or in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from registers import check_answers
from registers.check_kinds import kinds
from registers.forms.rows import CheckRow
from registers.intake import Intake
from registers.models import Check
from registers.services.checks import CheckRefusedError, record_check


def said(check: Check, name: str) -> Any:
    """What a check says for a field of its row."""
    if name == "found":
        return check.outcome.value
    return check_answers.as_text(check.answers) if name == "answers" else getattr(check, name)


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> CheckRow:
    return CheckRow(data, organisation=access.organisation, today=timezone.localdate())


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Check:
    kind, text = kinds()[values["kind"]], values["answers"]
    given = {name: values[name] for name in ("done_on", "unit", "note")}
    sheet = check_answers.sheet_of(kind, text)
    return record_check(organisation, sheet, answers=check_answers.read(kind, text), by=by, at=at, **given)


INTAKE = Intake(
    rows=lambda organisation: Check.objects.of(organisation).select_related("unit"),
    form=_form,
    add=_add,
    said=said,
    refused=(CheckRefusedError,),
    advice="One row for each check that was done. If you do not have the answers, say in “Found” what it came to.",
)
