"""What the CMS's editors may do, kept in step each time content is loaded."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Page

from accounts.services import CMS_GROUP

_ON_PAGES = ("add_page", "change_page", "publish_page", "unlock_page")
_ELSEWHERE = (("wagtailadmin", "access_admin"), ("content", "change_programmesettings"))


def grant(root: Page) -> Group:
    """Let the editors' group write, publish and set everything below a page. Nothing is taken away."""
    group = Group.objects.get_or_create(name=CMS_GROUP)[0]
    for codename in _ON_PAGES:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    for app_label, codename in _ELSEWHERE:
        group.permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    return group
