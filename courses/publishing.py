"""Publishing a page of a course: who may, what it means for those who did the course already, and when."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.fields import StreamField
from wagtail.models import Page, Revision

from accounts.models import User
from content.authored import in_words
from content.models import SecondReaderTask
from courses.models import ChangeDecision, Course, CoursePage, Redo
from courses.retakes import LONGEST_DAYS
from evidence.uploads import UploadRefusedError
from quizzes.models import Blueprint


class PublishingRefusedError(ValueError):
    """The page cannot be published as asked; the text says why, fit for a person to read."""


def course_of(page: Page) -> Course:
    """The course that a course's page or a module is of."""
    course_page = page if isinstance(page, CoursePage) else page.get_parent().specific
    return Course.objects.get(page=course_page)


def may_be_completed(course: Course, draft: Page) -> bool:
    """Whether a learner can complete the course on these pages once a draft is published: it has a quiz, or is completed by reading."""
    page = draft if isinstance(draft, CoursePage) else CoursePage.objects.get(course=course)
    return bool(course.blueprint_id or page.by_reading or Blueprint.objects.filter(code=course.code).exists())


def may_publish(page: Page, user: Any) -> bool:
    """Whether somebody may publish the page as it now stands: as its second reader, or alone where the CMS lets them."""
    task = page.current_workflow_task
    if task is not None:
        return "approve" in {name for name, _label, _modal in task.specific.get_actions(page, user)}
    return bool(page.permissions_for_user(user).can_publish()) and page.has_unpublished_changes


@transaction.atomic
def publish(
    page: Page,
    *,
    change_class: str,
    redo: str,
    by: User,
    at: datetime,
    days: int | None = None,
    from_day: date | None = None,
) -> bool:
    """Publish the newest draft of a page, at once or from the start of a later day, and keep what was decided of it.

    Args:
        page: a page of a course.
        change_class: what kind of change it is.
        redo: which of those who completed an earlier version do it again.
        by: the second reader, or somebody who may publish alone.
        at: when.
        days: how long people have to do it again; only if that is everyone now.
        from_day: the day learners get it; a past day or none is now.

    Returns:
        Whether learners have it now.

    Raises:
        PublishingRefusedError: the person may not, the draft is not complete, a file of it cannot be kept, or the number of
            days is out of reason.
    """
    page = Page.objects.select_for_update().get(pk=page.pk).specific
    if not may_publish(page, by):
        raise PublishingRefusedError(
            "You cannot publish this: somebody else has to read what you wrote, or there is nothing new to publish."
        )
    if redo == Redo.EVERYONE_NOW and not (days and 1 <= days <= LONGEST_DAYS):
        raise PublishingRefusedError(f"Give people between 1 and {LONGEST_DAYS} days to do it again.")
    if fault := fault_of(page.get_latest_revision_as_object()):
        raise PublishingRefusedError(fault)
    live_at = timezone.make_aware(datetime.combine(from_day, time())) if from_day and from_day > timezone.localdate(at) else None
    revision = _dated(page.get_latest_revision(), live_at)
    ChangeDecision.objects.update_or_create(
        revision=revision,
        defaults={
            "change_class": change_class,
            "redo": redo,
            "days": days if redo == Redo.EVERYONE_NOW else None,
            "decided_by": by,
            "decided_at": at,
        },
    )
    try:
        _put_out(page, revision, by=by)
    except UploadRefusedError as refusal:
        raise PublishingRefusedError(str(refusal)) from refusal
    return live_at is None


def fault_of(draft: Page) -> str:
    """What is not finished in a draft, in a sentence or two; empty when it may be published.

    The CMS keeps half-done drafts, and a draft may be changed while it waits for its second reader.
    """
    for field in draft._meta.get_fields():
        if isinstance(field, StreamField):
            value = getattr(draft, field.name)
            if not value and field.blank:
                continue
            try:
                field.stream_block.clean(value)
            except ValidationError as error:
                return f"“{draft.title}” is not finished, so it cannot be published. {field.verbose_name.capitalize()}: {in_words(error)}"
    return ""


def _put_out(page: Page, revision: Revision, *, by: User) -> None:
    state = page.current_workflow_task_state
    if state is not None and isinstance(page.current_workflow_task.specific, SecondReaderTask):
        state.specific.approve(user=by)
    else:
        PublishPageRevisionAction(revision, user=by).execute(skip_permission_checks=True)


def _dated(revision: Revision, live_at: datetime | None) -> Revision:
    """The revision, or one like it by the same writer, that goes live when it should."""
    draft = revision.as_object()
    if draft.go_live_at == live_at:
        return revision
    draft.go_live_at = live_at
    return draft.save_revision(user=revision.user, changed=False, clean=False)
