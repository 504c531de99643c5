"""The demonstration's rights requests and complaint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from lms.demonstration.specifications import Specification
from registers.models import MatterKind, StepKind
from registers.services.rights import add_matter, take_step

STORIES = (
    (
        (MatterKind.ACCESS, date(2026, 8, 31), "letter", "A daughter with authority asks for the care records of the last year."),
        (
            (StepKind.IDENTITY_ASKED, 1, "", "Asked for proof of the authority."),
            (StepKind.IDENTITY_SHOWN, 4, "", "A copy came by post."),
            (StepKind.ANSWERED, 25, "done", "Sent the records in a sealed, tracked envelope. Names of others were taken out."),
        ),
    ),
    (
        (MatterKind.COMPLAINT, date(2026, 9, 22), "email", "A family says that we told a neighbour about a hospital stay."),
        (
            (StepKind.ACKNOWLEDGED, 2, "", "Thanked them and said who looks into it."),
            (StepKind.PROGRESS, 14, "", "Told them that we had spoken with the team."),
            (StepKind.ANSWERED, 23, "partly-upheld", "Said sorry: a neighbour was asked for a key without need to say why."),
            (StepKind.LESSON, 24, "", "Nobody says more than that a visit is due. It is in the induction now."),
        ),
    ),
    (
        (MatterKind.RECTIFICATION, date(2026, 11, 12), "phone", "An allergy is recorded that the person says they do not have."),
        ((StepKind.PROGRESS, 3, "", "Told them that we asked the GP practice, and marked the record as disputed meanwhile."),),
    ),
)


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Enter the requests that have come by the day, with the steps taken by then. Returns how many."""
    if specification.type != "social-care":
        return 0
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    came = [(matter, steps) for matter, steps in STORIES if matter[1] < today]
    for (kind, received_on, way, about), steps in came:
        entered = add_matter(
            organisation, kind=kind, received_on=received_on, way=way, about=about, by=lead, at=_at(received_on, 15)
        )
        for step, days, outcome, text in steps:
            on = received_on + timedelta(days=days)
            if on < today:
                take_step(entered, kind=step, on=on, outcome=outcome, text=text, by=lead, at=_at(on, 16))
    return len(came)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
