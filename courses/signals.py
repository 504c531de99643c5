"""Wagtail tells us that a page of a course was published or taken down; we freeze a version."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, pre_delete
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page, ReferenceIndex
from wagtail.signals import page_published, page_unpublished

from accounts.policy import RefusedError
from courses.models import ChangeClass, ChangeDecision, Course, CoursePage, ModulePage, Redo
from courses.versions import publish_version


def freeze(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    """Freeze the course the page belongs to, as whoever published it decided; undecided is a minor change for nobody."""
    revision = kwargs.get("revision")
    decided = ChangeDecision.objects.select_related("decided_by").filter(revision=revision).first() if revision else None
    by = (decided.decided_by if decided else revision.user if revision else None) or "system"
    publish_version(
        _course_of(instance),
        change_class=decided.change_class if decided else ChangeClass.MINOR,
        redo=decided.redo if decided else Redo.NOBODY,
        days=decided.days if decided else None,
        by=by,
        at=timezone.now(),
    )


def refreeze(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    """A module was taken down: what is left is a new version. A course that is taken down keeps its last one."""
    if isinstance(instance, ModulePage):
        publish_version(_course_of(instance), change_class=ChangeClass.MINOR, by="system", at=timezone.now())


def refreeze_after_deletion(sender: type[Page], instance: ModulePage, **kwargs: Any) -> None:
    """A module was deleted, alone or with its course."""
    course = Course.objects.filter(page__in=Page.objects.parent_of(instance)).first()
    if course is not None:
        publish_version(course, change_class=ChangeClass.MINOR, by="system", at=timezone.now())


def keep_what_lessons_use(sender: type[Any], instance: Image | Document, **kwargs: Any) -> None:
    """A picture or file that a lesson uses stays, so that the next version of its course does not lose it unnoticed.

    Raises:
        RefusedError: it is in use; the CMS lists where on its page of usage.
    """
    if reason := why_file_stays(instance):
        raise RefusedError(reason)


def why_file_stays(file: Image | Document) -> str:
    """Which lesson uses a picture or file of the CMS, and what to do; empty when none does."""
    for page, _references in ReferenceIndex.get_references_to(file).group_by_source_object():
        if isinstance(page, Page) and issubclass(page.specific_class, ModulePage):
            return f"“{file.title}” is used in “{page.title}”. Take it out of the lesson first."
    return ""


def connect() -> None:
    """Listen to the pages of courses. Calling it again changes nothing."""
    for model in (CoursePage, ModulePage):
        page_published.connect(freeze, sender=model, dispatch_uid=f"courses.freeze.{model.__name__}")
    page_unpublished.connect(refreeze, sender=ModulePage, dispatch_uid="courses.refreeze")
    for kind in (Image, Document):
        pre_delete.connect(keep_what_lessons_use, sender=kind, dispatch_uid=f"courses.keep_what_lessons_use.{kind.__name__}")
    post_delete.connect(refreeze_after_deletion, sender=ModulePage, dispatch_uid="courses.refreeze_after_deletion")


def _course_of(page: Page) -> Course:
    course_page = page if isinstance(page, CoursePage) else page.get_parent().specific
    return Course.objects.get(page=course_page)
