"""The demonstration's list of actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from lms.demonstration.specifications import Specification
from registers.services.actions import (
    Owner,
    add_action,
    finish_action,
    move_action,
    report_progress,
)
from staff.enums import KeyPostKind
from staff.models import Person


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Give a care provider a list of actions at every stage. Returns how many."""
    if specification.type != "social-care":
        return 0
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    return _actions(organisation, users, by=lead, today=today)


def _actions(organisation: Organisation, users: Mapping[str, User], *, by: User, today: date) -> int:
    def person(name: str) -> Owner:
        return Owner(person=Person.objects.get(organisation=organisation, user=users[name]))

    manager, lead = Owner(post=KeyPostKind.REGISTERED_MANAGER), Owner(post=KeyPostKind.DSPT_LEAD)
    planned = [
        ("Ask every supplier who handles care records for their DSPT status", "Two were last seen over a year ago.", lead, -60, 20),
        ("Fit a lock to the filing cabinet in the office", "Found open on the September walk round.", manager, -55, -12),
        ("Take the old tablet out of use and have it wiped", "Its updates ended in October.", person("Ruth Bailey"), -40, -5),
        ("Read the phone rules aloud at the team meeting", "A photo of a rota was sent to a group chat.", person("Denise Walker"), -30, 9),
        ("Put the new clause about sub-processors into the payroll contract", "", Owner(words="Our solicitor"), -25, 45),
        ("Show two colleagues how to report a lost phone", "From the learning after the lost phone in August.", person("Maria Santos"), -14, 6),
    ]  # fmt: skip
    made = []
    for what, why, owner, added, due in planned:
        at = _at(today + timedelta(days=added))
        due_on = today + timedelta(days=due)
        made.append(add_action(organisation, what=what, why=why, owner=owner, due_on=due_on, by=by, at=at))
    finish_action(made[1], note="A locksmith fitted it; the keys are in the key safe.", by=by, at=_at(today - timedelta(days=15)))
    move_action(
        made[4],
        note="The payroll company asked for two more weeks to read it.",
        due_on=today + timedelta(days=59),
        by=by,
        at=_at(today - timedelta(days=7)),
    )
    report_progress(made[0], note="Three of five have answered.", by=by, at=_at(today - timedelta(days=3)))
    return len(made)


def _at(day: date) -> datetime:
    """Half past eleven in London."""
    return timezone.make_aware(datetime.combine(day, time(11, 30)))
