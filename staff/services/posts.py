"""Changing by hand what the staff list says of a person: names, posts, absences, leaving.

What HR changes here, an HR file leaves alone (``kept_here``) until HR hands it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation
from audit.canonical import digest
from audit.services import record
from staff.enums import DataAccess, PersonSource
from staff.models import Absence, Person, Post, Unit
from staff.services.people import PersonRefusedError

NEW_POST_FOR = frozenset({"unit", "staff_group", "employment_type", "has_access"})
"""Changes that end a post and begin another, so that figures of the past stay true. An import does the same."""

LABELS = {
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail address",
    "unit": "unit",
    "job_title": "job title",
    "staff_group": "staff group",
    "employment_type": "employment type",
    "has_access": "access to personal data",
    "manager": "manager",
    "start": "first day",
    "end": "last day",
}


@transaction.atomic
def change_person(person: Person, *, by: Any, at: datetime, **values: str) -> Person:
    """Change names or e-mail address. Nothing different does nothing.

    Raises:
        PersonRefusedError: a name would be empty altogether.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    wanted = {name: " ".join(value.split()) for name, value in values.items()}
    if "email" in wanted:
        wanted["email"] = wanted["email"].lower()
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, wanted[name])
    if not f"{person.first_name}{person.last_name}":
        raise PersonRefusedError("Give at least one name.")
    if changed:
        _keep(person, person, changed)
        person.save(update_fields=[*changed, "kept_here"])
        _record("staff.person_changed", person, {"fields": _words(changed)}, by=by, at=at)
    return person


@transaction.atomic
def add_post(person: Person, *, start: date, by: Any, at: datetime, **values: Any) -> Post:
    """Give a person a post: a second one beside another, or the first after coming back.

    A post beside those of the HR file is HR's own: imports do not look at it. One of somebody who comes back is
    the file's as soon as the file lists it.

    Raises:
        PersonRefusedError: unit or manager cannot be.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    _require_possible(person, start=start, values=values)
    beside = person.source == PersonSource.FEED and person.posts.not_ended(start).exists()
    post = Post.objects.create(person=person, start=start, added_here=beside, **values)
    _record("staff.post_added", person, {"start": start.isoformat()}, by=by, at=at)
    return post


@transaction.atomic
def change_post(post: Post, *, since: date, by: Any, at: datetime, **values: Any) -> Post:
    """Change a post from a date on, and return the post that holds then.

    A new unit, staff group, employment type or access ends the post on that date and begins another; a new title or
    manager, or a correction of the first day, changes it in place.

    Raises:
        PersonRefusedError: the date lies outside the post, or unit or manager cannot be.
    """
    post = _locked(post)
    changed = {name: value for name, value in values.items() if getattr(post, name) != value}
    if not changed:
        return post
    _require_possible(post.person, start=since, values=changed)
    start = changed.get("start", post.start)
    if post.end is not None and start >= post.end:
        raise PersonRefusedError(f"The post ends after {_day(post.end - timedelta(days=1))}: its first day must be before that.")
    begins_anew = bool(NEW_POST_FOR & changed.keys()) and since > start
    if begins_anew and post.end is not None and since >= post.end:
        raise PersonRefusedError(f"The post ends after {_day(post.end - timedelta(days=1))}: choose a date before that.")
    successor = _split(post, since, changed) if begins_anew else None
    held = successor or post
    for name, value in changed.items():
        setattr(post if name == "start" else held, name, value)
    _keep(post.person, post, {"start"} & changed.keys())
    _keep(post.person, held, changed.keys() - {"start"})
    post.save()
    held.save()
    _record("staff.post_changed", post.person, {"fields": _words(changed), "since": since.isoformat()}, by=by, at=at)
    return held


def _split(post: Post, since: date, changed: Mapping[str, Any]) -> Post:
    """A copy of the post that begins when the post now ends."""
    copied = ("assignment_number", "unit", "job_title", "staff_group", "employment_type", "manager", "has_access", "added_here")
    kept = [name for name in post.kept_here if name != "start"]
    successor = Post(person=post.person, start=since, end=post.end, kept_here=kept)
    for name in copied:
        setattr(successor, name, getattr(post, name))
    post.end = since
    return successor


@transaction.atomic
def end_post(post: Post, *, last_day: date, by: Any, at: datetime) -> Post:
    """End a post after its last day. Ending it again with the same day does nothing.

    Raises:
        PersonRefusedError: the day is before the post began.
    """
    post = _locked(post)
    if last_day < post.start:
        raise PersonRefusedError(f"The post begins on {_day(post.start)}: the last day cannot be before that.")
    end = last_day + timedelta(days=1)
    if post.end != end:
        post.end = end
        _keep(post.person, post, ["end"])
        post.save(update_fields=["end", "kept_here"])
        _record("staff.post_ended", post.person, {"last_day": last_day.isoformat()}, by=by, at=at)
    return post


@transaction.atomic
def cancel_post(post: Post, *, by: Any, at: datetime, on: date) -> None:
    """Take back a post that has not begun.

    Raises:
        PersonRefusedError: it has begun.
    """
    post = _locked(post)
    if post.start <= on:
        raise PersonRefusedError("This post has begun, so it stays on record. Give its last day instead.")
    person, start = post.person, post.start
    post.delete()
    _record("staff.post_cancelled", person, {"start": start.isoformat()}, by=by, at=at)


@transaction.atomic
def leave(person: Person, *, last_day: date, by: Any, at: datetime) -> int:
    """End every post after a last day, and return how many ended. A second call ends none.

    Raises:
        PersonRefusedError: a post begins after that day.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    later = person.posts.filter(start__gt=last_day).order_by("start").first()
    if later is not None:
        raise PersonRefusedError(f"A post begins on {_day(later.start)}, after this day. Take that post back first.")
    end = last_day + timedelta(days=1)
    posts = list(person.posts.select_for_update(of=("self",)).filter(Q(end__isnull=True) | Q(end__gt=end)))
    for post in posts:
        post.end = end
        _keep(person, post, ["end"])
    Post.objects.bulk_update(posts, ["end", "kept_here"])
    if posts:
        _record("staff.person_left", person, {"last_day": last_day.isoformat()}, by=by, at=at)
    return len(posts)


@transaction.atomic
def hand_back(person: Person, *, by: Any, at: datetime) -> None:
    """Let HR files set again what was changed here by hand. With nothing changed it does nothing."""
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    posts = [post for post in person.posts.all() if post.kept_here or post.added_here]
    if not (person.kept_here or posts):
        return
    person.kept_here = []
    person.save(update_fields=["kept_here"])
    person.posts.update(kept_here=[], added_here=False)
    _record("staff.handed_back", person, {}, by=by, at=at)


@transaction.atomic
def settle_access(organisation: Organisation, *, decisions: Mapping[int, str], by: Any, at: datetime) -> int:
    """Say of posts whose access to personal data is unknown whether they have it. Returns how many were settled.

    Args:
        organisation: whose posts.
        decisions: yes or no by post. Posts of others, and posts settled meanwhile, are passed over.
        by: who decided.
        at: when.
    """
    wanted = {pk: value for pk, value in decisions.items() if value in (DataAccess.YES, DataAccess.NO)}
    unknown = Post.objects.select_for_update(of=("self",)).filter(
        pk__in=wanted, person__organisation=organisation, has_access=DataAccess.UNKNOWN
    )
    posts = list(unknown.select_related("person").order_by("pk"))
    for post in posts:
        post.has_access = wanted[post.pk]
        _keep(post.person, post, ["has_access"])
    Post.objects.bulk_update(posts, ["has_access", "kept_here"], batch_size=500)
    if posts:
        rows = digest([[post.pk, post.has_access] for post in posts])
        record(
            "staff.access_settled",
            organisation=organisation,
            by=by,
            target=organisation,
            summary={"posts": len(posts), "digest": rows},
            at=at,
        )
    return len(posts)


@transaction.atomic
def add_absence(person: Person, *, start: date, back_on: date | None, by: Any, at: datetime) -> Absence:
    """Record that somebody is away, never why.

    Raises:
        PersonRefusedError: they would be back before they are away, or are away then already.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    if back_on is not None and back_on <= start:
        raise PersonRefusedError("The day they are back must be after their first day away.")
    same = person.absences.filter(Q(end__isnull=True) | Q(end__gt=start))
    clash = (same if back_on is None else same.filter(start__lt=back_on)).order_by("start").first()
    if clash is not None:
        raise PersonRefusedError(f"They are already recorded as away from {_day(clash.start)}. Change that instead.")
    absence = Absence.objects.create(person=person, start=start, end=back_on)
    _record("staff.absence_added", person, {"start": start.isoformat()}, by=by, at=at)
    return absence


@transaction.atomic
def end_absence(absence: Absence, *, back_on: date, by: Any, at: datetime) -> Absence:
    """Record the day somebody is back. The same day again does nothing.

    Raises:
        PersonRefusedError: the day is not after the first day away.
    """
    absence = Absence.objects.select_for_update(of=("self",)).select_related("person__organisation").get(pk=absence.pk)
    if back_on <= absence.start:
        raise PersonRefusedError(f"They are away from {_day(absence.start)}: the day they are back must be after that.")
    if absence.end != back_on:
        absence.end = back_on
        absence.save(update_fields=["end"])
        _record("staff.absence_ended", absence.person, {"back_on": back_on.isoformat()}, by=by, at=at)
    return absence


@transaction.atomic
def remove_absence(absence: Absence, *, by: Any, at: datetime) -> None:
    """Take back an absence that was recorded by mistake."""
    absence = Absence.objects.select_for_update(of=("self",)).select_related("person__organisation").get(pk=absence.pk)
    person, start = absence.person, absence.start
    absence.delete()
    _record("staff.absence_removed", person, {"start": start.isoformat()}, by=by, at=at)


def _locked(post: Post) -> Post:
    Person.objects.select_for_update(of=("self",)).get(pk=post.person_id)
    return Post.objects.select_for_update(of=("self",)).select_related("person__organisation", "unit", "manager").get(pk=post.pk)


def _require_possible(person: Person, *, start: date, values: Mapping[str, Any]) -> None:
    unit: Unit | None = values.get("unit")
    manager: Person | None = values.get("manager")
    if any(thing is not None and thing.organisation_id != person.organisation_id for thing in (unit, manager)):
        raise PersonRefusedError("The unit and the manager must belong to this organisation.")
    if unit is not None and unit.closed_on is not None and unit.closed_on <= start:
        raise PersonRefusedError(f"{unit} is closed since {_day(unit.closed_on)}. Choose a unit that is open.")
    if manager is not None:
        require_manager(person, manager, on=start)


def require_manager(person: Person, manager: Person, *, on: date) -> None:
    """Refuse a manager who is the person, or who reports to them through however many others.

    Raises:
        PersonRefusedError: it would be so.
    """
    if manager.pk == person.pk:
        raise PersonRefusedError("Nobody manages themselves. Choose somebody else.")
    seen: set[int] = set()
    line = {manager.pk}
    while line:
        seen |= line
        above = Post.objects.not_ended(on).filter(person__in=line, manager__isnull=False).values_list("manager", flat=True)
        line = set(above) - seen
        if person.pk in line:
            raise PersonRefusedError(f"{manager} reports to {person}, so cannot be their manager. Change that first.")


def _keep(person: Person, row: Person | Post, fields: Any) -> None:
    """Remember that an HR file is to leave the fields alone; of people no file lists there is nothing to remember."""
    if person.source == PersonSource.FEED:
        row.kept_here = sorted({*row.kept_here, *fields})


def _record(event: str, person: Person, summary: dict[str, Any], *, by: Any, at: datetime) -> None:
    summary = {"person": f"person:{person.pk}"} | summary
    record(event, organisation=person.organisation, by=by, target=person, summary=summary, at=at)


def _words(fields: Any) -> str:
    return ", ".join(LABELS[name] for name in sorted(fields))


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
