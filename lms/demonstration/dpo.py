"""The demonstration's data protection officer: an outside one, with advice that was followed and advice that was not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation, User
from accounts.services import create_user
from lms.demonstration.specifications import PASSWORD, Specification
from registers.services.actions import Owner, add_action
from registers.services.dpo import decide_on_advice, give_advice, review_need
from staff.enums import KeyPostKind
from staff.services.key_posts import appoint

NAME, FIRM = "Leila Haddad", "Ridgeway Data Protection"
JOB_TITLE, SAYS = "Data protection officer, from outside", "advises, and handles incidents with the lead"
APPOINTED_ON = date(2026, 7, 1)


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Appoint the officer and record the advice given by the day. Returns how many pieces."""
    if specification.type != "social-care" or today <= date(2026, 11, 9):
        return 0
    signer = next(users[s.name] for s in specification.sign_ins if "senior-reviewer" in s.roles)
    first, last = NAME.split()
    officer = create_user(
        f"{first.lower()}@{specification.domain}",
        organisation=organisation,
        roles=(Role.DPO,),
        by="command:demo",
        at=_at(APPOINTED_ON),
        email=f"{first.lower()}@{specification.domain}",
        first_name=first,
        last_name=last,
        password=PASSWORD,
    )
    appoint(
        organisation,
        kind=KeyPostKind.DPO,
        holder_outside=f"{NAME}, {FIRM}",
        start=APPOINTED_ON,
        by=signer,
        at=_at(APPOINTED_ON),
    )
    review_need(
        organisation,
        answers={"public-authority": False, "special-large-scale": False, "monitoring-large-scale": False, "contract": True},
        contact=f"{NAME}, 0113 496 0150, {first.lower()}@{specification.domain}",
        by=officer,
        at=_at(date(2026, 7, 8)),
    )
    cameras = give_advice(
        organisation,
        asked_on=date(2026, 9, 1),
        given_on=date(2026, 9, 4),
        question="May we put a camera over the front door of the office?",
        advice="Yes, without sound, with a sign, and recordings kept for 14 days. Do a short impact assessment first.",
        by=officer,
        at=_at(date(2026, 9, 4)),
    )
    decide_on_advice(cameras, is_followed=True, reason="", by=signer, at=_at(date(2026, 9, 7)))
    phones = give_advice(
        organisation,
        asked_on=date(2026, 10, 14),
        given_on=date(2026, 10, 15),
        question="Must the shared round phones be replaced at once after INC-0003?",
        advice="Take all shared phones out of use today, and hand out own ones as they come.",
        by=officer,
        at=_at(date(2026, 10, 15)),
    )
    decide_on_advice(
        phones,
        is_followed=False,
        reason="Without phones the night team could not be reached. Locks were set and checked the same day; own phones came in a week.",
        by=signer,
        at=_at(date(2026, 10, 16)),
    )
    give_advice(
        organisation,
        asked_on=date(2026, 11, 5),
        given_on=date(2026, 11, 9),
        question="A family asks to be in the messaging group of the care team.",
        advice="No: they would see other people’s visits. Offer a call after each visit, or a page of their own.",
        by=officer,
        at=_at(date(2026, 11, 9)),
    )
    add_action(
        organisation,
        what="Check ten care records for who has looked at them",
        owner=Owner(post=KeyPostKind.DPO),
        due_on=date(2026, 12, 11),
        why="Yearly check by the data protection officer.",
        source=("dpo", organisation.pk),
        by=officer,
        at=_at(date(2026, 11, 9)),
    )
    return 3


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(11)))
