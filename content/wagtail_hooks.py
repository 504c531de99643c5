"""The CMS as our editors see it: pages, pictures, files and settings, and nothing that leads elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.site_summary import PagesSummaryItem

_WITHOUT_USE = {"help"}
"""It leads to another site."""


@hooks.register("construct_main_menu")  # type: ignore[untyped-decorator]
def hide_what_has_no_use(request: HttpRequest, menu_items: list[Any]) -> None:
    menu_items[:] = [item for item in menu_items if item.name not in _WITHOUT_USE]


@hooks.register("construct_homepage_summary_items")  # type: ignore[untyped-decorator]
def count_pages_only(request: HttpRequest, summary_items: list[Any]) -> None:
    summary_items[:] = [item for item in summary_items if isinstance(item, PagesSummaryItem)]
