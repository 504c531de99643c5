"""The register of training given to a group: planning a session, recording it for those who were there, taking it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation, User
from audit.services import record
from courses.completions import CompletionRefusedError, record_completion, void_completion
from courses.models import Completion, Course, CourseVersion, SessionPerson, TrainingSession
from courses.versions import in_force
from evidence.models import DocumentKind
from evidence.owners import OwnerPost
from evidence.services import add_document
from nhsuk.jinja import day
from staff.models import Person, Post

MOST_PEOPLE = 200
"""On one list: more than fit in a room, and few enough to record while somebody waits."""

CHANGEABLE = ("course_version", "held_on", "place", "led_by", "covered")


class SessionRefusedError(ValueError):
    """It cannot be done to the session; the text says why and what to do, fit for a person to read."""


@dataclass(frozen=True)
class Recorded:
    """What became of everybody on the list of a session."""

    recorded: tuple[SessionPerson, ...]
    refused: tuple[tuple[SessionPerson, str], ...]
    """Who was left out, and why. They stay on the list."""


@transaction.atomic
def plan_session(
    organisation: Organisation,
    course: Course,
    *,
    kind: str,
    held_on: date,
    place: str,
    led_by: str,
    by: User,
    at: datetime,
    covered: str = "",
) -> TrainingSession:
    """Begin a session, for a day to come or one gone by. Nothing counts until it is recorded.

    Raises:
        SessionRefusedError: the course is another organisation's, or a discussion does not say what it was about.
    """
    if course.organisation_id not in (None, organisation.pk):
        raise SessionRefusedError("This course belongs to another organisation.")
    _require_words(kind, covered)
    session = TrainingSession.objects.create(
        organisation=organisation,
        course=course,
        kind=kind,
        held_on=held_on,
        place=place.strip(),
        led_by=led_by.strip(),
        covered=covered.strip(),
        made_by=by,
        made_at=at,
    )
    _record("courses.session_planned", session, by=by, at=at)
    return session


@transaction.atomic
def change_session(session: TrainingSession, *, by: User, at: datetime, **values: Any) -> TrainingSession:
    """Correct what is said of a session, as long as nothing of it is recorded.

    Raises:
        SessionRefusedError: something is recorded, the version is not of that day, or a discussion does not say what it was about.
    """
    session = _locked(session)
    if session.is_recorded:
        raise SessionRefusedError("This session is recorded. If its details are wrong, withdraw it and enter it again.")
    version: CourseVersion | None = values.get("course_version", session.course_version)
    held_on = values.get("held_on", session.held_on)
    if version is not None and (version.course_id != session.course_id or version.effective_on > held_on):
        raise SessionRefusedError(f"Version {version.number} was not out on {day(held_on)}. Choose an earlier version.")
    _require_words(session.kind, values.get("covered", session.covered))
    changed = [name for name in CHANGEABLE if name in values and values[name] != getattr(session, name)]
    for name in changed:
        setattr(session, name, values[name])
    if changed:
        session.save(update_fields=changed)
        _record("courses.session_changed", session, by=by, at=at)
    return session


@transaction.atomic
def put_on_list(session: TrainingSession, people: Iterable[Person], *, by: User, at: datetime) -> int:
    """Put people of the organisation on the list. Returns how many were not on it.

    Raises:
        SessionRefusedError: the session is withdrawn, or the list would be longer than anybody teaches at once.
    """
    session = _locked(session)
    if session.is_withdrawn:
        raise SessionRefusedError("This session is withdrawn. Enter a new one.")
    known = set(session.people.values_list("person", flat=True))
    new = [one for one in people if one.pk not in known and one.organisation_id == session.organisation_id]
    if len(known) + len(new) > MOST_PEOPLE:
        raise SessionRefusedError(f"A list has at most {MOST_PEOPLE} people. Enter a second session for the others.")
    SessionPerson.objects.bulk_create([SessionPerson(session=session, person=one) for one in new])
    if new:
        _record("courses.session_people_added", session, by=by, at=at, people=len(new))
    return len(new)


@transaction.atomic
def take_off_list(entry: SessionPerson, *, by: User, at: datetime) -> None:
    """Take somebody off the list of whom nothing is recorded.

    Raises:
        SessionRefusedError: their training is recorded.
    """
    session = _locked(entry.session)
    entry = SessionPerson.objects.get(pk=entry.pk)
    if entry.completion_id is not None:
        raise SessionRefusedError("Their training is recorded. Withdraw the record if they were not there.")
    _record("courses.session_person_removed", session, by=by, at=at, person=f"person:{entry.person_id}")
    entry.delete()


@transaction.atomic
def attach_sheet(session: TrainingSession, file: tuple[bytes, str], *, by: User, at: datetime) -> TrainingSession:
    """Keep the signed sheet with the evidence, for those who may see names. A later sheet takes the place of the one before.

    Raises:
        SessionRefusedError: the session is withdrawn.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    session = _locked(session)
    if session.is_withdrawn:
        raise SessionRefusedError("This session is withdrawn. Enter a new one.")
    session.sheet = add_document(
        session.organisation,
        title=f"Signed sheet: {session.course.title}, {day(session.held_on)}"[:200],
        kind=DocumentKind.TRAINING,
        owner_post=OwnerPost.TRAINING_LEAD,
        needs=Capability.REPORTS_NAMED,
        by=by,
        at=at,
        received_on=timezone.localdate(at),
        covers_from=session.held_on,
        covers_to=session.held_on + timedelta(days=1),
        file=file,
    )
    session.save(update_fields=["sheet"])
    _record("courses.session_sheet_attached", session, by=by, at=at)
    return session


def faults(session: TrainingSession, entries: Collection[SessionPerson], *, by: User) -> dict[int, str]:
    """Why the training of some on the list cannot be recorded, by entry. Three queries, however many there are.

    ``by`` is who would record it: nobody records their own.
    """
    whom = [entry.person_id for entry in entries]
    posts: dict[int, list[Post]] = defaultdict(list)
    for post in Post.objects.filter(person__in=whom):
        posts[post.person_id].append(post)
    same = Completion.objects.filter(
        person__in=whom, course=session.course_id, completed_on=session.held_on, source=session.kind, attempt=None
    )
    standing = dict(same.select_related("void").values_list("person", "void"))
    return {
        entry.pk: why
        for entry in entries
        if (why := _fault(session, entry, posts[entry.person_id], standing=standing, by=by)) is not None
    }


@transaction.atomic
def record_session(session: TrainingSession, *, by: User, at: datetime) -> Recorded:
    """Record the training of everybody on the list who may be recorded; the others stay on it, with the reason.

    A second call records nothing twice.

    Raises:
        SessionRefusedError: the session is withdrawn, its day has not come, or nobody is on the list.
    """
    session = _locked(session)
    if session.is_withdrawn:
        raise SessionRefusedError("This session is withdrawn. Enter a new one.")
    if not session.has_come(timezone.localdate(at)):
        raise SessionRefusedError(f"The session is on {day(session.held_on)}. Record it on that day or later.")
    waiting = list(session.people.to_record().select_related("person__organisation"))
    if not waiting and not session.is_recorded:
        raise SessionRefusedError("Nobody is on the list. Choose who was there.")
    recorded, refused = _record_each(session, waiting, by=by, at=at)
    if recorded:
        if not session.is_recorded:
            session.recorded_by, session.recorded_at = by, at
            session.save(update_fields=["recorded_by", "recorded_at"])
        _record("courses.session_recorded", session, by=by, at=at, people=len(recorded))
    return Recorded(tuple(recorded), tuple((entry, refused[entry.pk]) for entry in waiting if entry.pk in refused))


@transaction.atomic
def withdraw_session(session: TrainingSession, *, reason: str, by: User, at: datetime) -> TrainingSession:
    """Say that a recorded session does not stand: every record of it is withdrawn, and stays on file.

    Raises:
        SessionRefusedError: no reason is given, or nothing of it is recorded or left to withdraw.
    """
    session = _locked(session)
    if not session.is_recorded:
        raise SessionRefusedError("Nothing of this session is recorded. You can throw it away.")
    if session.is_withdrawn:
        raise SessionRefusedError("This session is withdrawn already.")
    if not reason.strip():
        raise SessionRefusedError("Say why the session does not stand.")
    for completion in _completions(session):
        void_completion(completion, reason=reason, by=by, at=at)
    session.withdrawn_by, session.withdrawn_at, session.withdrawn_because = by, at, reason.strip()
    session.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_because"])
    _record("courses.session_withdrawn", session, by=by, at=at, reason=reason.strip())
    return session


def withdraw_person(entry: SessionPerson, *, reason: str, by: User, at: datetime) -> None:
    """Say that one person's record of a session does not stand.

    Raises:
        SessionRefusedError: nothing is recorded for them, or no reason is given.
    """
    if entry.completion is None:
        raise SessionRefusedError("Nothing is recorded for this person. Take them off the list.")
    try:
        void_completion(entry.completion, reason=reason, by=by, at=at)
    except CompletionRefusedError as refusal:
        raise SessionRefusedError(str(refusal)) from refusal


@transaction.atomic
def discard_session(session: TrainingSession, *, by: User, at: datetime) -> None:
    """Throw a session away of which nothing is recorded.

    Raises:
        SessionRefusedError: something is recorded.
    """
    session = _locked(session)
    if session.is_recorded:
        raise SessionRefusedError("This session is recorded. Withdraw it instead, with a reason.")
    _record("courses.session_discarded", session, by=by, at=at)
    session.delete()


def version_taught(session: TrainingSession) -> CourseVersion | None:
    """The version that was named or, if none was, the one in force on the day."""
    return session.course_version or in_force(session.course, session.held_on)


def _record_each(
    session: TrainingSession, entries: Collection[SessionPerson], *, by: User, at: datetime
) -> tuple[list[SessionPerson], dict[int, str]]:
    """Whose training is recorded now, and why that of others is not."""
    recorded, refused = list[SessionPerson](), faults(session, entries, by=by)
    for entry in entries:
        if entry.pk in refused:
            continue
        try:
            entry.completion = _complete(session, entry.person, by=by, at=at)
        except CompletionRefusedError as refusal:
            refused[entry.pk] = str(refusal)
            continue
        entry.save(update_fields=["completion"])
        recorded.append(entry)
    return recorded, refused


def _complete(session: TrainingSession, person: Person, *, by: User, at: datetime) -> Completion:
    return record_completion(
        person,
        session.course,
        source=session.kind,
        completed_on=session.held_on,
        by=by,
        at=at,
        reference=f"Session {session.pk}, {session.place}"[:100],
        evidence=session.sheet,
        version=session.course_version,
    )


def _completions(session: TrainingSession) -> list[Completion]:
    found = Completion.objects.not_void().filter(session_person__session=session)
    return list(found.select_related("person__organisation", "course"))


def _fault(
    session: TrainingSession, entry: SessionPerson, posts: Collection[Post], *, standing: Mapping[int, int | None], by: User
) -> str | None:
    held_on = session.held_on
    if entry.person.user_id is not None and entry.person.user_id == by.pk:
        return "You cannot record your own training. Ask your manager or HR to do it."
    if not posts:
        return "They have no post on the staff list. Ask HR to add it."
    if not any(post.start <= held_on and (post.end is None or post.end > held_on) for post in posts):
        first = min(post.start for post in posts)
        if first > held_on:
            return f"They started on {day(first)}, after the session."
        before = [post.last_day for post in posts if post.last_day is not None and post.last_day < held_on]
        return f"They were not in post on the day: their last day before it was {day(max(before))}."
    if entry.person_id in standing:
        if standing[entry.person_id] is not None:
            return "This was recorded for that day before, and withdrawn. Check the day and how it was taught."
        return "This training is on record for that day already."
    return None


def _locked(session: TrainingSession) -> TrainingSession:
    sessions = TrainingSession.objects.select_for_update(of=("self",)).select_related("organisation", "course")
    return sessions.get(pk=session.pk)


def _require_words(kind: str, covered: str) -> None:
    if kind == TrainingSession.Kind.DISCUSSION and not covered.strip():
        raise SessionRefusedError("Say what the discussion was about, and how you know that they understood.")


def _record(what: str, session: TrainingSession, *, by: User, at: datetime, reason: str = "", **more: Any) -> None:
    summary = {"course": session.course.code, "held_on": session.held_on.isoformat(), **more}
    target = session
    record(what, organisation=session.organisation, by=by, target=target, summary=summary, reason=reason, at=at)
