"""The data protection officer's advice, from notes kept before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.rows import AdviceRow
from registers.intake import Intake
from registers.models.dpo import Advice
from registers.services.dpo import AdviceRefusedError, give_advice


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> AdviceRow:
    return AdviceRow(data, today=timezone.localdate())


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Advice:
    return give_advice(organisation, by=by, at=at, **values)


INTAKE = Intake(
    rows=lambda organisation: Advice.objects.filter(organisation=organisation),
    form=_form,
    add=_add,
    refused=(AdviceRefusedError,),
    names_nobody=True,
    advice="One row for each question that you were asked. Somebody else says afterwards whether your advice was followed.",
)
