"""Policies that the organisation keeps elsewhere, from a list: each becomes a draft that says where it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.catalogue import Column
from registers.forms.rows import PolicyRow
from registers.intake import Intake
from registers.models import PolicyVersion
from registers.queries.policies import PolicyStanding, standings
from registers.services.policies import PolicyRefusedError, create_policy

POINTS_TO = "Read this policy where it is kept, then come back here and confirm that you have read it.\n\nIt is kept at: {where}"


def shown(row: PolicyStanding) -> PolicyVersion:
    """The version that applies, or the draft of one that never did."""
    return row.current or row.newest


def said(row: PolicyStanding, name: str) -> Any:
    """What a policy says for a field of its row. Where it is kept is asked for a new one alone."""
    if name == "title":
        return row.policy.title
    return "" if name == "where" else getattr(shown(row), name)


def _rows(organisation: Organisation) -> list[PolicyStanding]:
    today = timezone.localdate()
    return standings(organisation, on=today, withdrawn=True) + standings(organisation, on=today)


def _form(data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> PolicyRow:
    return PolicyRow(data, is_new=there is None)


def _add(organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> PolicyVersion:
    given = {name: values[name] for name in ("title", "effective_on", "review_by", "audience", "days_to_read")}
    return create_policy(organisation, body=POINTS_TO.format(where=values["where"]), by=by, at=at, **given)


INTAKE = Intake(
    rows=_rows,
    form=_form,
    add=_add,
    key="title",
    said=said,
    refused=(PolicyRefusedError,),
    columns=(Column("Where it is kept", lambda row: "", "where"),),
    advice="For policies that you keep somewhere else. Each row becomes a draft that sends its readers there, "
    "to be approved and published on its own page.",
)
