"""Who may write what in the CMS, kept in step each time content is loaded.

The pages that everybody shares are the shared editors'. What an organisation writes for itself
is its own editors' and nobody else's. Nobody of either publishes alone: a second reader does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page, Workflow, WorkflowPage, WorkflowTask

from accounts.models import User
from accounts.services import CMS_GROUP
from audit.services import record
from content.models import SecondReaderTask

SHARED_GROUP = "Shared editors"
_ON_PAGES = ("add_page", "change_page")


def grant(root: Page) -> Group:
    """Let the shared editors write everything below a page, and the CMS's other editors come in."""
    everybody = Group.objects.get_or_create(name=CMS_GROUP)[0]
    everybody.permissions.set([_permission("wagtailadmin", "access_admin")])
    for table in (GroupPagePermission, GroupCollectionPermission):
        table.objects.filter(group=everybody).delete()
    shared = Group.objects.get_or_create(name=SHARED_GROUP)[0]
    shared.permissions.add(_permission("content", "change_programmesettings"))
    give_place(shared, root)
    return shared


def give_place(group: Group, page: Page) -> None:
    """Let a group write a page and everything below it, each draft read by a second of the group."""
    for codename in _ON_PAGES:
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=_permission("wagtailcore", codename))
    _second_reader(group, page)


@transaction.atomic
def share_editing(user: User, *, by: Any, at: datetime) -> None:
    """Let a content editor write what all organisations share. A second call changes nothing."""
    group = Group.objects.get_or_create(name=SHARED_GROUP)[0]
    if not user.groups.filter(pk=group.pk).exists():
        user.groups.add(group)
        record("content.sharing_granted", organisation="", by=by, target=user, summary={"user": f"user:{user.pk}"}, at=at)


@transaction.atomic
def end_sharing(user: User, *, by: Any, at: datetime) -> None:
    """Let somebody no longer write what all organisations share. A second call changes nothing."""
    group = user.groups.filter(name=SHARED_GROUP).first()
    if group is not None:
        user.groups.remove(group)
        record("content.sharing_ended", organisation="", by=by, target=user, summary={"user": f"user:{user.pk}"}, at=at)


def may_share(user: Any) -> bool:
    """Whether somebody writes what all organisations share."""
    return bool(user.is_superuser or user.groups.filter(name=SHARED_GROUP).exists())


def _second_reader(group: Group, page: Page) -> None:
    """The one step between a draft and its publication: another of the group reads it."""
    name = f"Second reader: {group.name}"
    workflow = Workflow.objects.get_or_create(name=name)[0]
    task = SecondReaderTask.objects.filter(name=name).first() or SecondReaderTask.objects.create(name=name)
    task.groups.add(group)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task.task_ptr)
    WorkflowPage.objects.get_or_create(page=page, defaults={"workflow": workflow})


def _permission(app_label: str, codename: str) -> Permission:
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)
