"""Who may write what in the CMS, kept in step each time content is loaded.

The pages that everybody shares are the shared editors'. What an organisation writes for itself
is its own editors' and nobody else's. Nobody of either publishes alone: a second reader does.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from accounts.models import User
from accounts.services import CMS_GROUP
from accounts.sharing import SHARED_GROUP
from audit.services import record
from content.models import SecondReaderTask

SHARED_FILES = "Shared by all"
_ON_PAGES = ("add_page", "change_page")
_FILES = (("wagtailimages", "image"), ("wagtaildocs", "document"))


def grant(root: Page) -> Group:
    """Let the shared editors write everything below a page, and the CMS's other editors come in."""
    everybody = Group.objects.get_or_create(name=CMS_GROUP)[0]
    everybody.permissions.set([_permission("wagtailadmin", "access_admin")])
    for table in (GroupPagePermission, GroupCollectionPermission):
        table.objects.filter(group=everybody).delete()
    shared = Group.objects.get_or_create(name=SHARED_GROUP)[0]
    shared.permissions.add(_permission("content", "change_programmesettings"))
    give_place(shared, root)
    _let(everybody, "choose", give_files(shared, name=SHARED_FILES))
    return shared


def give_files(group: Group, *, name: str) -> Collection:
    """Let a group bring pictures and files in, to a collection of its own; a second call changes nothing. Returns the collection."""
    held = GroupCollectionPermission.objects.filter(group=group, permission__codename="add_image").select_related("collection")
    known = held.first()
    collection: Collection = known.collection if known else Collection.get_first_root_node().add_child(name=name)
    _let(group, "add", collection)
    _let(group, "choose", collection)
    return collection


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


def _let(group: Group, act: str, collection: Collection) -> None:
    for app_label, model in _FILES:
        permission = _permission(app_label, f"{act}_{model}")
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


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
