"""The CMS as our editors see it: pages, pictures, files and settings, and nothing that leads elsewhere."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from taggit.models import Tag
from wagtail import hooks
from wagtail.admin import filters
from wagtail.admin.site_summary import PagesSummaryItem
from wagtail.admin.views.reports import audit_logging, page_types_usage, workflows
from wagtail.images.views import chooser as image_chooser
from wagtail.permissions import page_permission_policy

from accounts.models import User

_WITHOUT_USE = {"help"}
"""It leads to another site."""


@hooks.register("construct_main_menu")  # type: ignore[untyped-decorator]
def hide_what_has_no_use(request: HttpRequest, menu_items: list[Any]) -> None:
    menu_items[:] = [item for item in menu_items if item.name not in _WITHOUT_USE]


@hooks.register("construct_homepage_summary_items")  # type: ignore[untyped-decorator]
def count_pages_only(request: HttpRequest, summary_items: list[Any]) -> None:
    summary_items[:] = [item for item in summary_items if isinstance(item, PagesSummaryItem)]


@hooks.register("insert_global_admin_js")  # type: ignore[untyped-decorator]
def start_widgets() -> str:
    return format_html('<script src="{}"></script>', static("content/start_widgets.js"))


class _WorkflowsByState(workflows.WorkflowReportFilterSet):
    """Wagtail's filters of its report, without the lists of everybody who ever asked for a second reader, and of all workflows."""

    requested_by = None

    class Meta(workflows.WorkflowReportFilterSet.Meta):
        fields = ["reviewable", "status", "created_at"]


class _TasksByState(workflows.WorkflowTasksReportFilterSet):
    """The same for the report of single steps."""

    workflow = None
    task = None

    class Meta(workflows.WorkflowTasksReportFilterSet.Meta):
        fields = ["reviewable", "status", "started_at", "finished_at"]


class _HistoryOfColleagues(audit_logging.SiteHistoryReportFilterSet):
    """Only what people of the same organisation did, whoever may see the page: who works elsewhere is nobody's business here."""

    def get_users_queryset(self) -> QuerySet[User]:
        return _people_of(self.request).order_by("username")


def _done_by_colleagues(view: audit_logging.LogEntriesView, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Whether the filters are filled in well or not."""
    found: QuerySet[Any] = super(audit_logging.LogEntriesView, view).filter_queryset(queryset)
    return found.filter(user__in=_people_of(view.request).values("pk"))


def _of_pages_within_reach(view: page_types_usage.PageTypesUsageReportView) -> QuerySet[Any]:
    """Counts, and the page edited last, of what somebody may find in the tree, as everywhere else."""
    within_reach = page_permission_policy.explorable_instances(view.request.user)
    last = within_reach.filter(content_type=OuterRef("pk")).order_by(F("latest_revision_created_at").desc(nulls_last=True), "pk")
    return _page_types(view).annotate(
        count=Count("pages", filter=Q(pages__in=within_reach.values("pk"))), last_edited_page_id=Subquery(last.values("pk")[:1])
    )


def _people_of(request: HttpRequest) -> QuerySet[User]:
    return User.objects.filter(memberships__organisation=request.access.organisation).distinct()  # type: ignore[attr-defined]


def _colleagues_only(one: filters.MultipleUserFilter, request: HttpRequest) -> QuerySet[User]:
    """The people a list may be filtered by: of the same organisation, whatever they have to do with it."""
    found: QuerySet[User] | None = super(filters.MultipleUserFilter, one).get_queryset(request)
    return _people_of(request) if found is None else found.filter(pk__in=_people_of(request).values("pk"))


def _no_tags(_kind: Any, count: int = 10) -> QuerySet[Tag]:
    """The tags used most are counted over all organisations. A tag is found by typing it in the search."""
    return Tag.objects.none()


# Wagtail's addresses of its reports come before any that a hook could register, so its views are told here.
workflows.WorkflowView.filterset_class = _WorkflowsByState
workflows.WorkflowTasksView.filterset_class = _TasksByState
audit_logging.LogEntriesView.filterset_class = _HistoryOfColleagues
audit_logging.LogEntriesView.filter_queryset = _done_by_colleagues
_page_types = page_types_usage.PageTypesUsageReportView.get_queryset
page_types_usage.PageTypesUsageReportView.get_queryset = _of_pages_within_reach
filters.MultipleUserFilter.get_queryset = _colleagues_only
filters.popular_tags_for_model = image_chooser.popular_tags_for_model = _no_tags
