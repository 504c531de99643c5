"""The training needs analysis as a document: drafting a version, approving it, and who may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Membership, Organisation, User
from accounts.policy import roles_with
from audit.services import record
from courses.audiences import rule_of
from courses.models import NeedsAnalysis, NeedsApproval, TrainingNeed
from courses.models.needs import COPIED_FIELDS
from courses.needs import NeedRefusedError
from courses.simulation import Simulation, simulate
from nhsuk.jinja import day

DETAILS = ("summary", "starts_on", "grace_until", "review_on", "change_note")


@transaction.atomic
def begin_draft(organisation: Organisation, *, by: User, at: datetime) -> NeedsAnalysis:
    """A draft of the next version, with the lines that hold today. A draft that is there already is given back."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    versions = NeedsAnalysis.objects.filter(organisation=organisation)
    existing = versions.drafts().first()
    if existing is not None:
        return existing
    newest = versions.order_by("-number").first()
    draft = NeedsAnalysis.objects.create(
        organisation=organisation,
        number=newest.number + 1 if newest else 1,
        summary=newest.summary if newest else "",
        created_at=at,
        changed_at=at,
    )
    for line in open_lines(organisation, on=timezone.localdate(at)):
        copied = {name: getattr(line, name) for name in COPIED_FIELDS}
        TrainingNeed.objects.create(
            organisation=organisation, analysis=draft, course_id=line.course_id, series=line.series, **copied
        )
    _record("courses.analysis_begun", draft, {}, by=by, at=at)
    return draft


def open_lines(organisation: Organisation, *, on: date) -> QuerySet[TrainingNeed]:
    """The lines that hold on a day or begin later, and that nothing has ended yet."""
    lines = TrainingNeed.objects.filter(organisation=organisation, start__isnull=False)
    return lines.filter(Q(end__isnull=True) | Q(end__gt=on)).select_related("course").order_by("course__title", "pk")


@transaction.atomic
def change_details(draft: NeedsAnalysis, *, by: User, at: datetime, **values: Any) -> NeedsAnalysis:
    """Change what a draft says of itself: how the needs were found, from when it holds, when it is reviewed.

    Raises:
        NeedRefusedError: it is approved.
    """
    draft = _locked(draft)
    changed = [name for name in DETAILS if name in values and values[name] != getattr(draft, name)]
    for name in changed:
        setattr(draft, name, values[name])
    if changed:
        _changed(draft, by=by, at=at)
        _record("courses.analysis_changed", draft, {"changed": ", ".join(changed)}, by=by, at=at)
    return draft


@transaction.atomic
def save_line(
    draft: NeedsAnalysis, line: TrainingNeed | None, values: Mapping[str, Any], *, by: User, at: datetime
) -> TrainingNeed:
    """Write a line of a draft. A new line that is just like one in force goes on from it.

    Raises:
        NeedRefusedError: the draft is approved, the course is another organisation's, or no reason is given.
    """
    draft = _locked(draft)
    course = values["course"]
    if course.organisation_id not in (None, draft.organisation_id):
        raise NeedRefusedError("This course belongs to another organisation.")
    if not str(values["rationale"]).strip():
        raise NeedRefusedError("Say why they need it: an assessor will ask.")
    is_new = line is None
    line = line or TrainingNeed(organisation=draft.organisation, analysis=draft)
    for name, value in values.items():
        setattr(line, name, value)
    if is_new:
        _go_on(line, draft, on=timezone.localdate(at))
    line.save()
    _changed(draft, by=by, at=at)
    _record("courses.analysis_line_written", draft, {"course": course.code}, by=by, at=at)
    return line


@transaction.atomic
def remove_line(line: TrainingNeed, *, by: User, at: datetime) -> None:
    """Take a line out of a draft.

    Raises:
        NeedRefusedError: its version is approved.
    """
    assert line.analysis is not None  # noqa: S101  only lines of drafts come here
    draft = _locked(line.analysis)
    line.delete()
    _changed(draft, by=by, at=at)
    _record("courses.analysis_line_removed", draft, {"course": line.course.code}, by=by, at=at)


@transaction.atomic
def discard_draft(draft: NeedsAnalysis, *, by: User, at: datetime) -> None:
    """Throw a draft away. What is in force stays.

    Raises:
        NeedRefusedError: it is approved.
    """
    draft = _locked(draft)
    _record("courses.analysis_discarded", draft, {}, by=by, at=at)
    draft.lines.all().delete()
    draft.delete()


@transaction.atomic
def approve(draft: NeedsAnalysis, *, approved_as: str, by: User, at: datetime, accepts_overdue: bool = False) -> NeedsApproval:
    """Answer for a draft: its lines hold from its first day, and those before it end there.

    Who wrote it does not approve it, unless nobody else in the organisation may; that is written down with the approval.

    Args:
        draft: what is approved.
        approved_as: the post in which it is approved.
        by: who approves.
        at: when.
        accepts_overdue: it is meant that many are overdue on the first day.

    Raises:
        NeedRefusedError: it is approved already, asks nothing, has no date of review, begins too early, would make many
            overdue at once, or the approver wrote it and somebody else could approve.
    """
    draft = _locked(draft)
    starts_on = first_day(draft, on=timezone.localdate(at))
    _require_complete(draft, starts_on=starts_on, approved_as=approved_as, on=timezone.localdate(at))
    is_own_work = draft.writers.filter(pk=by.pk).exists()
    if is_own_work and others_who_may_approve(draft).exists():
        raise NeedRefusedError("You wrote this version, so somebody else has to approve it. Ask one of the people named below.")
    effect = simulate(draft, on=timezone.localdate(at))
    if effect.is_large and not accepts_overdue:
        raise NeedRefusedError(warning(effect))
    if draft.grace_until is not None:
        for line in draft.lines.all():
            line.not_before = max(line.not_before or draft.grace_until, draft.grace_until)
            line.save(update_fields=["not_before"])
    before = TrainingNeed.objects.filter(organisation=draft.organisation, start__isnull=False)
    before.filter(Q(end__isnull=True) | Q(end__gt=starts_on)).update(end=starts_on)
    draft.lines.update(start=starts_on)
    approval = NeedsApproval.objects.create(
        analysis=draft,
        digest=draft.digest,
        starts_on=starts_on,
        approved_by=by,
        approved_as=approved_as.strip(),
        is_own_work=is_own_work,
        newly_overdue=len(effect.newly_overdue),
        approved_at=at,
    )
    summary = {
        "starts_on": starts_on.isoformat(),
        "lines": draft.lines.count(),
        "approved_as": approval.approved_as,
        "is_own_work": is_own_work,
        "newly_overdue": approval.newly_overdue,
        "digest": approval.digest,
    }
    _record("courses.analysis_approved", draft, summary, by=by, at=at)
    return approval


def first_day(draft: NeedsAnalysis, *, on: date) -> date:
    """From when the draft would hold if it were approved on a day."""
    return draft.starts_on or on


def warning(effect: Simulation) -> str:
    """What to say of a draft that would make many overdue at once."""
    people = len(effect.people_newly_overdue)
    return (
        f"This would make {people} {'person' if people == 1 else 'people'} overdue on {day(effect.on)}. Give a day before which "
        "nobody is overdue, or start later. If it is meant so, say so."
    )


def others_who_may_approve(draft: NeedsAnalysis) -> QuerySet[User]:
    """The organisation's users who may approve and wrote no word of the draft."""
    roles = roles_with(Capability.NEEDS_APPROVE)
    members = Membership.objects.current().filter(organisation=draft.organisation_id, role__in=roles)
    users = User.objects.filter(pk__in=members.values("user"), is_active=True)
    return users.exclude(pk__in=draft.writers.values("pk")).order_by("last_name", "first_name", "pk")


def _require_complete(draft: NeedsAnalysis, *, starts_on: date, approved_as: str, on: date) -> None:
    if not approved_as.strip():
        raise NeedRefusedError("Say in which post you approve it.")
    if not draft.lines.exists():
        raise NeedRefusedError("There is no line in it: nothing would be asked of anybody. Add a line, then approve.")
    if starts_on < on:
        raise NeedRefusedError(f"It is to start on {day(starts_on)}, which is past. Choose today or a later day.")
    if draft.review_on is None or draft.review_on <= starts_on:
        raise NeedRefusedError("Say when it is reviewed: a day after it starts.")
    later = NeedsApproval.objects.filter(analysis__organisation=draft.organisation_id, starts_on__gt=starts_on).first()
    if later is not None:
        raise NeedRefusedError(f"A version that starts on {day(later.starts_on)} is approved already. Choose that day or later.")
    line = TrainingNeed.objects.filter(organisation=draft.organisation_id, start__gt=starts_on).order_by("-start").first()
    if line is not None and line.start is not None:
        raise NeedRefusedError(f"A line that starts on {day(line.start)} is in force already. Choose that day or later.")


def _go_on(line: TrainingNeed, draft: NeedsAnalysis, *, on: date) -> None:
    """Let a new line go on from one in force that asks the same people for the same course: nobody gets new time by it."""
    taken = set(draft.lines.values_list("series", flat=True))
    for before in open_lines(draft.organisation, on=on).filter(course=line.course_id):
        if before.series not in taken and rule_of(before) == rule_of(line):
            line.series = before.series
            return


def _locked(draft: NeedsAnalysis) -> NeedsAnalysis:
    draft = NeedsAnalysis.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=draft.pk)
    if NeedsApproval.objects.filter(analysis=draft).exists():
        raise NeedRefusedError("This version is approved and stays as it is. Begin the next one.")
    return draft


def _changed(draft: NeedsAnalysis, *, by: User, at: datetime) -> None:
    draft.changed_at = at
    draft.save()
    draft.writers.add(by)


def _record(what: str, draft: NeedsAnalysis, summary: dict[str, Any], *, by: User, at: datetime) -> None:
    record(what, organisation=draft.organisation, by=by, target=draft, summary={"number": draft.number} | summary, at=at)
