"""Who holds the posts that the DSPT asks about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation
from audit.services import record
from staff.enums import KeyPostKind
from staff.models import KeyPost, Person

HELD_BY_SEVERAL = (KeyPostKind.REGISTERED_MANAGER, KeyPostKind.PARTNER)
"""Each home has its registered manager, and a practice its partners. Of the other posts there is one."""


class AppointmentRefusedError(ValueError):
    """The appointment cannot be made or ended as asked; the text says why."""


@transaction.atomic
def appoint(
    organisation: Organisation,
    *,
    kind: str,
    start: date,
    by: Any,
    at: datetime,
    holder: Person | None = None,
    holder_outside: str = "",
    deputy: Person | None = None,
) -> KeyPost:
    """Appoint somebody from a date. Where there is one holder, the one before ends on that date.

    Raises:
        AppointmentRefusedError: nobody or two are named, somebody is another organisation's, or the post is taken from then on.
    """
    outside = holder_outside.strip()
    if (holder is None) == (not outside):
        raise AppointmentRefusedError("Choose a person from the staff list, or name somebody outside, not both.")
    if any(person is not None and person.organisation_id != organisation.pk for person in (holder, deputy)):
        raise AppointmentRefusedError("Choose people from this organisation's staff list.")
    if deputy is not None and deputy == holder:
        raise AppointmentRefusedError("The deputy must be somebody other than the holder.")
    label = KeyPostKind(kind).label
    same = KeyPost.objects.select_for_update().filter(organisation=organisation, kind=kind)
    if kind in HELD_BY_SEVERAL:
        same = same.filter(holder=holder, holder_outside=outside)
    later = same.filter(start__gte=start).first()
    if later is not None:
        raise AppointmentRefusedError(
            f"{label} has a holder from {later.start:%d/%m/%Y}: choose a later date, or end that appointment."
        )
    same.filter(Q(end__isnull=True) | Q(end__gt=start)).update(end=start)
    post = KeyPost.objects.create(
        organisation=organisation, kind=kind, holder=holder, holder_outside=outside, deputy=deputy, start=start
    )
    summary = {"post": label, "start": start.isoformat(), "holder": f"person:{holder.pk}" if holder else "somebody outside"}
    record("staff.key_post_appointed", organisation=organisation, by=by, target=post, summary=summary, at=at)
    return post


@transaction.atomic
def end_appointment(post: KeyPost, *, last_day: date, by: Any, at: datetime) -> KeyPost:
    """End an appointment after its last day. Ending it again with the same day does nothing.

    Raises:
        AppointmentRefusedError: the day is before the appointment began.
    """
    end = date.fromordinal(last_day.toordinal() + 1)
    if end <= post.start:
        raise AppointmentRefusedError(f"The appointment began on {post.start:%d/%m/%Y}: the last day cannot be before that.")
    if KeyPost.objects.filter(pk=post.pk).exclude(end=end).update(end=end):
        summary = {"post": post.get_kind_display(), "last_day": last_day.isoformat()}
        record("staff.key_post_ended", organisation=post.organisation, by=by, target=post, summary=summary, at=at)
    post.end = end
    return post
