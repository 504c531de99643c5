"""Completion figures on pages, the people behind each number, and both to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from nhsuk.jinja import day
from reporting.charts import finding, segments
from reporting.enums import By, Category, LeftOut, Scope, Standing
from reporting.exports import REPORT_HEADINGS, report_table
from reporting.forms import ReportForm
from reporting.queries import completion_rate, people_behind
from reporting.rates import RateReport
from reporting.readings import rule_in_force
from reporting.rules import TRAINING, definition_of
from reporting.services import XLSX, note_export
from reporting.small_numbers import fewest_of, in_words, without_small_groups
from reporting.workbooks import report_workbook
from staff.models import Person, Post

Response = TypeVar("Response", HttpResponse, StreamingHttpResponse)

PEOPLE_PER_PAGE = 50
MOST_GROUPS = 200
"""A page shows so many groups of a kind; the download has them all."""


@dataclass(frozen=True)
class Links:
    """The addresses that belong to one report."""

    report: RateReport
    named: bool

    @property
    def query(self) -> dict[str, str]:
        question = self.report.question
        on = question.on
        return {
            "course": question.courses[0].code,
            "as_of_day": str(on.day),
            "as_of_month": str(on.month),
            "as_of_year": str(on.year),
        }

    def to(self, url_name: str, **more: str) -> str:
        """A page about the same course and day."""
        return f"{reverse(url_name)}?{urlencode(self.query | more)}"

    def people(self, category: str, by: str = "", key: str = "") -> str:
        """The list behind a number; empty for somebody who may not see names."""
        if not self.named:
            return ""
        return self.to("reporting:people_list", category=category, **({"group_by": by, "group": key} if by else {}))


def _form(request: SignedInRequest) -> ReportForm:
    named = request.access.can(Capability.REPORTS_NAMED)
    return ReportForm(request.GET, organisation=request.access.organisation, today=timezone.localdate(), named=named)


def _report(request: SignedInRequest, form: ReportForm, by: list[str]) -> RateReport | None:
    """The report a valid form asks for, small groups hidden from those who see no names; None while there is no course."""
    course = form.chosen_course
    if course is None:
        return None
    organisation = request.access.organisation
    rule = rule_in_force(organisation, TRAINING, on=form.on, course=course)
    report = completion_rate(organisation, course, on=form.on, rule=rule, by=by)
    named = request.access.can(Capability.REPORTS_NAMED)
    return report if named else without_small_groups(report, fewest_of(organisation))


def _asked_report(request: SignedInRequest, by: list[str]) -> RateReport:
    """The report behind a link of ours; a link that asks for what cannot be is not found."""
    form = _form(request)
    report = _report(request, form, by) if form.is_valid() else None
    if report is None:
        raise Http404
    return report


def _definition(report: RateReport) -> list[str]:
    question = report.question
    return definition_of(question.rule, on=question.on, course_titles=[course.title for course in question.courses])


@requires(Capability.REPORTS_VIEW)
@require_safe
def report_detail(request: SignedInRequest) -> HttpResponse:
    """The figures of a day: headline and net, everybody accounted for, by unit and staff group."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "report": None}
    if form.is_valid():
        extra = [form.cleaned_data["by"]] if form.cleaned_data["by"] else []
        report = _report(request, form, [By.UNIT, By.STAFF_GROUP, *extra])
        if report is not None:
            context |= _shown(request, report)
    return render(request, "reporting/report_detail.jinja", context)


def _shown(request: SignedInRequest, report: RateReport) -> dict[str, Any]:
    links = Links(report, named=request.access.can(Capability.REPORTS_NAMED))
    return {
        "report": report,
        "links": links,
        "definition": _definition(report),
        "segments": segments(report.headline),
        "finding": finding(report.headline, day(report.question.on)),
        "small": in_words(report.fewest) if report.fewest is not None else "",
        "standings": list(Standing),
        "scopes": {scope.value: scope.label for scope in Scope},
        "left_out": {reason.value: reason.label for reason in LeftOut},
        "tables": [
            {
                "by": by,
                "label": By(by).label,
                "groups": groups[:MOST_GROUPS],
                "all": len(groups),
                "again": report.counted_again(by),
            }
            for by, groups in report.groups.items()
        ],
    }


@requires(Capability.REPORTS_VIEW)
@require_safe
def report_csv(request: SignedInRequest) -> HttpResponse:
    """The figures with every group, as CSV."""
    report = _asked_report(request, [By.UNIT, By.STAFF_GROUP, By.EMPLOYMENT_TYPE])
    content = "".join(csv_lines(REPORT_HEADINGS, report_table(report)))
    return _attached(HttpResponse(content, content_type=CSV_TYPE), f"completion-{report.question.on}.csv")


@requires(Capability.REPORTS_VIEW)
@require_safe
def report_xlsx(request: SignedInRequest) -> HttpResponse:
    """The figures with every group, as a workbook."""
    report = _asked_report(request, [By.UNIT, By.STAFF_GROUP, By.EMPLOYMENT_TYPE])
    content = report_workbook(report, _definition(report))
    return _attached(HttpResponse(content, content_type=XLSX), f"completion-{report.question.on}.xlsx")


@requires(Capability.REPORTS_NAMED)
@require_safe
def people_list(request: SignedInRequest) -> HttpResponse:
    """Exactly the people a number counts."""
    report, category, group, people = _people_asked(request)
    page = Paginator(people, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    links = Links(report, named=True)
    chosen = {"category": category.value} | ({"group_by": group[0], "group": group[1]} if group else {})
    context = {
        "report": report,
        "links": links,
        "category": category,
        "group_name": _group_name(report, group),
        "page": page,
        "page_url": links.to("reporting:people_list", **chosen),
        "csv_url": links.to("reporting:people_csv", **chosen),
        "standings": {standing.value: standing.label for standing in Standing},
        "scopes": {scope.value: scope.label for scope in Scope},
        "left_out": {reason.value: reason.label for reason in LeftOut},
    }
    return render(request, "reporting/people_list.jinja", context)


@requires(Capability.REPORTS_NAMED)
@fresh
@require_safe
def people_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The same people as CSV, sent as they are read. It is put on record that the list was taken away."""
    report, category, group, people = _people_asked(request)
    what = ", ".join(part for part in (category.label, group[0] if group else "", report.question.on.isoformat()) if part)
    organisation = request.access.organisation
    note_export(organisation, people=people.count(), what=what, by=request.user, at=timezone.now())
    headings = ("staff number", "last name", "first name", "units", "scope", "standing", "last completed on", "left out of net")
    lines = csv_lines(headings, _people_rows(people))
    response = StreamingHttpResponse(lines, content_type=CSV_TYPE)
    return _attached(response, f"people-{category.value}-{report.question.on}.csv")


def _people_rows(people: QuerySet[Person]) -> Iterator[list[Any]]:
    for person in people.iterator(chunk_size=1000):
        found: Any = person
        inside = found.scope in (Scope.IN, Scope.UNKNOWN_ACCESS)
        units = " | ".join(sorted({post.unit.name for post in person.posts.all() if post.unit is not None}))
        completed = found.last_completed_on.isoformat() if found.last_completed_on else ""
        standing = Standing(found.status).label if inside else ""
        yield [
            person.staff_number,
            person.last_name,
            person.first_name,
            units,
            Scope(found.scope).label,
            standing,
            completed,
            found.left_out,
        ]


def _people_asked(request: SignedInRequest) -> tuple[RateReport, Category, tuple[str, str] | None, QuerySet[Person]]:
    by = request.GET.get("group_by", "")
    if by and by not in By.values:
        raise Http404
    report = _asked_report(request, [by] if by else [])
    group = (by, request.GET.get("group", "")) if by else None
    try:
        category = Category(request.GET.get("category", Category.IN_SCOPE))
        people = people_behind(report, category, group)
    except ValueError as error:
        raise Http404 from error
    held = Post.objects.covering(report.question.on).select_related("unit")
    ordered = people.order_by("last_name", "first_name", "pk").prefetch_related(Prefetch("posts", queryset=held))
    return report, category, group, ordered


def _group_name(report: RateReport, group: tuple[str, str] | None) -> str:
    if group is None:
        return ""
    return next((found.name for found in report.groups[group[0]] if found.key == group[1]), "")


def _attached(response: Response, name: str) -> Response:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
