"""For head office: the member organisations beside one another. Figures only."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import Organisation
from accounts.policy import requires
from accounts.row_security import every_organisation
from audit.spreadsheets import CSV_TYPE, csv_lines
from reporting.forms import GroupForm, courses_in_order
from reporting.group import GroupFigures, group_figures, latest_of_member, members_of
from reporting.group_columns import Column, columns_of
from reporting.small_numbers import fewest_of, in_words

HEADINGS = ("ODS code", "organisation", "in scope", "trained", "per cent trained")


@requires(Capability.GROUP_VIEW)
@require_safe
def group_detail(request: SignedInRequest) -> HttpResponse:
    """Every member's figure of a night, the furthest behind first."""
    form = _form(request)
    figures = _figures(request, form)
    small = in_words(fewest_of(request.access.organisation)).replace("Groups", "Organisations")
    columns = _columns(figures)
    return render(request, "reporting/group_detail.jinja", {"form": form, "figures": figures, "small": small, "columns": columns})


@requires(Capability.GROUP_VIEW)
@require_safe
def group_csv(request: SignedInRequest) -> HttpResponse:
    """The same as CSV."""
    figures = _figures(request, _form(request))
    if figures is None:
        raise Http404
    columns = _columns(figures)
    rows = [
        [
            *(one.ods_code, one.name),
            *(["hidden"] * 3 if one.is_hidden else [one.in_scope, one.trained, one.percent]),
            *(column.words.get(one.pk, column.nothing) for column in columns),
        ]
        for one in figures.members
    ]
    headings = (*HEADINGS, *(column.heading for column in columns))
    response = HttpResponse("".join(csv_lines(headings, rows)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="group-{figures.on or timezone.localdate()}.csv"'
    return response


@requires(Capability.GROUP_MEMBERS)
@require_safe
def group_member(request: SignedInRequest, organisation_id: int) -> HttpResponse:
    """One member: its latest figure of every course, and where its return stands. No name of its staff."""
    head, today = request.access.organisation, timezone.localdate()
    fewest = fewest_of(head)
    with every_organisation():
        member = get_object_or_404(Organisation, pk=organisation_id, pk__in=[one.pk for one in members_of(head)])
        lines = latest_of_member(head, member, courses_in_order(head, today), fewest=fewest)
        columns = columns_of([member.pk], on=today)
    context = {"member": member, "lines": lines, "columns": columns, "small": in_words(fewest).replace("Groups", "Organisations")}
    return render(request, "reporting/group_member.jinja", context)


def _columns(figures: GroupFigures | None) -> list[Column]:
    if figures is None:
        return []
    return columns_of([one.pk for one in figures.members], on=timezone.localdate())


def _form(request: SignedInRequest) -> GroupForm:
    return GroupForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())


def _figures(request: SignedInRequest, form: GroupForm) -> GroupFigures | None:
    course = form.chosen_course if form.is_valid() else None
    if course is None:
        return None
    head = request.access.organisation
    with every_organisation():
        return group_figures(head, course, on=form.cleaned_data.get("as_of"), fewest=fewest_of(head))
