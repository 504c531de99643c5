"""The CMS under its policy: every kind of screen is opened and every kind of widget started."""

from __future__ import annotations

from collections.abc import Iterable

from playwright.sync_api import Page, expect

from tests.browser import chain

EDITOR = "nia@willowbrook.example"
KEEPER = "keeper@tenfold.example"
"""Holds every permission of the CMS. No such person exists in an installation: somebody must see what nobody can open."""
MAKE_KEEPER = f"""
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from accounts.models import Membership, User
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page
keeper = User.objects.create_user("{KEEPER}", password="{chain.PASSWORD}")
for one in Membership.objects.filter(user__username="{EDITOR}"):
    Membership.objects.create(user=keeper, organisation=one.organisation, role=one.role, granted_at=timezone.now())
group = Group.objects.create(name="Everything")
group.permissions.set(Permission.objects.all())
keeper.groups.add(group)
root = {{"page": Page.get_first_root_node(), "collection": Collection.get_first_root_node()}}
for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__endswith="_page"):
    GroupPagePermission.objects.create(group=group, page=root["page"], permission=permission)
for permission in Permission.objects.filter(content_type__model__in=["image", "document", "collection"]):
    GroupCollectionPermission.objects.create(group=group, collection=root["collection"], permission=permission)
"""
ADDRESSES = """
import json
from content.models import GuidancePage, HomePage
from courses.models import CoursePage, ModulePage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Revision
first = lambda manager: manager.order_by("pk").values_list("pk", flat=True).first()
pages = [first(model.objects) for model in (HomePage, GuidancePage, CoursePage, ModulePage)]
print(json.dumps({"pages": pages, "image": first(get_image_model().objects), "document": first(get_document_model().objects)}))
"""
OF_ALL = (
    "",
    "pages/search/?q=data",
    "images/",
    "images/add/",
    "images/multiple/add/",
    "documents/",
    "documents/multiple/add/",
    "reports/workflow/",
    "reports/workflow_tasks/",
    "reports/site-history/",
    "reports/aging-pages/",
    "reports/page-types-usage/",
    "account/",
)
OF_THE_KEEPER = (
    "settings/content/programmesettings/",
    "collections/",
    "collections/add/",
    "reports/locked/",
    "users/",
    "users/new/",
    "groups/",
    "groups/new/",
    "sites/new/",
    "workflows/list/",
    "workflows/tasks/index/",
)
OF_A_PAGE = ("edit/", "copy/", "move/", "history/", "usage/", "unpublish/", "workflow_history/")


def open_all(page: Page, addresses: Iterable[str]) -> list[str]:
    """Open each; the addresses that led somewhere else, as the CMS does where somebody may not."""
    elsewhere = []
    for address in addresses:
        answer = page.goto(f"/cms/{address}")
        if answer is None or answer.status != 200 or f"/cms/{address}" not in page.url:
            elsewhere.append(address)
    return elsewhere


def start_every_widget(page: Page, guidance: int) -> None:
    """Those that Wagtail starts with a script in the page: dates, choosers, lists of parts."""
    page.goto("/cms/reports/site-history/")
    assert page.evaluate("Boolean(jQuery('[name=timestamp_from]').data('xdsoft_datetimepicker'))")

    page.goto(f"/cms/pages/{guidance}/move/")
    page.locator(".page-chooser").get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Choose another page").click()
    expect(page.locator(".modal.in")).to_be_visible()

    page.goto("/cms/workflows/edit/1/")
    page.get_by_role("button", name="Add task").click()
    page.get_by_role("button", name="Choose a task").last.click()
    expect(page.locator(".modal.in")).to_be_visible()
