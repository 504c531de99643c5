"""The list of actions, among the registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from accounts.models import Organisation
from registers.catalogue import Column, Figure, Register, count, register, share
from registers.intakes.actions import INTAKE
from registers.models.actions import Action, ActionQuerySet


def _known(organisation: Organisation, on: date) -> ActionQuerySet:
    return Action.objects.of(organisation).added_by(on)


def _figures(organisation: Organisation, on: date) -> Sequence[Figure]:
    known = _known(organisation, on)
    actions, done, overdue = known.count(), known.closed().count(), known.overdue(on).count()
    link = reverse("registers:action_list")
    return [
        share(
            "actions.closed",
            done,
            actions,
            f"{done} of {actions} actions are done or were cancelled with a reason.",
            definition="Every action added by the date, whatever it came out of, as it stands now.",
            on=on,
            link=f"{link}?show=all",
        ),
        count(
            "actions.overdue",
            overdue,
            f"{overdue} {'action is' if overdue == 1 else 'actions are'} overdue.",
            definition="Open actions whose date, the last one given, has passed.",
            on=on,
            link=f"{link}?show=overdue",
            attention=overdue > 0,
        ),
    ]


register(
    Register(
        slug="actions",
        title="Actions",
        purpose="Everything that is to be done, whatever it came out of, with who does it and by when.",
        list_url="registers:action_list",
        rows=lambda organisation: Action.objects.of(organisation).with_newest(),
        columns=(
            Column("Action", lambda row: row.what, "what"),
            Column("Why", lambda row: row.why, "why"),
            Column("State", lambda row: row.newest.get_state_display(), "state"),
            Column("Who", lambda row: row.newest.owner, "owner"),
            Column("Due on", lambda row: row.newest.due_on, "due_on"),
            Column("First due on", lambda row: row.first_due_on),
            Column("Last word", lambda row: row.newest.note, "note"),
        ),
        figures=_figures,
        has_rows=lambda organisation, on: _known(organisation, on).exists(),
        due=lambda organisation, on: _known(organisation, on).overdue(on).count(),
        intake=INTAKE,
        order=90,
    )
)
