"""Recording a check, and the action that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from evidence.models import DocumentVersion
from registers.check_answers import ANSWERS
from registers.check_kinds import CheckKind
from registers.models import Check
from registers.services.actions import Owner, add_action
from staff.models import Unit


class CheckRefusedError(ValueError):
    """The check cannot be recorded as given; the text is one sentence that says why."""


@dataclass(frozen=True)
class ToDo:
    """What a check asks for: what is to be done, by whom and by when."""

    what: str
    owner: Owner
    due_on: date


@transaction.atomic
def record_check(
    organisation: Organisation,
    kind: CheckKind,
    *,
    answers: Mapping[str, tuple[str, str]],
    done_on: date,
    by: User | str,
    at: datetime,
    unit: Unit | None = None,
    note: str = "",
    evidence: DocumentVersion | None = None,
    to_do: ToDo | None = None,
) -> Check:
    """Record a check as it was done, with its action.

    Args:
        organisation: whose check.
        kind: what was looked at; every question of its sheet is answered.
        answers: ``yes``, ``no`` or ``not-seen`` with a note, by the question's code.
        done_on: the day, not still to come.
        by: who did it.
        at: when it is recorded.
        unit: where.
        note: anything else.
        evidence: a report or picture.
        to_do: what is to be done about it.

    Raises:
        CheckRefusedError: a question is left out, an answer is none, or a thing is another organisation's.
    """
    if set(answers) != set(kind.questions) or any(answer not in ANSWERS for answer, _note in answers.values()):
        raise CheckRefusedError("Answer every question with yes, no or not seen.")
    if done_on > timezone.localtime(at).date():
        raise CheckRefusedError("The day is still to come. Record the check once it is done.")
    foreign_unit = unit is not None and unit.organisation_id != organisation.pk
    foreign_paper = evidence is not None and evidence.document.organisation_id != organisation.pk
    if foreign_unit or foreign_paper:
        raise CheckRefusedError("Choose a team and a document of your own organisation.")
    check = Check.objects.create(
        organisation=organisation,
        kind=kind.slug,
        unit=unit,
        done_on=done_on,
        done_by=by if isinstance(by, User) else None,
        answers=[
            {"code": code, "question": words, "answer": answers[code][0], "note": answers[code][1].strip()}
            for code, words in kind.questions.items()
        ],
        note=note.strip(),
        evidence=evidence,
        recorded_at=at,
    )
    if to_do is not None:
        add_action(
            organisation, what=to_do.what, owner=to_do.owner, due_on=to_do.due_on, by=by, at=at, source=("check", check.pk)
        )
    summary = {"kind": kind.title, "outcome": check.outcome.label.lower(), "unit": unit.pk if unit else None}
    record("registers.check_done", organisation=organisation, by=by, target=check, summary=summary, at=at)
    return check
