"""Why a figure changed between two days, and what it will be on a day to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from nhsuk.jinja import day
from reporting.changes import Changes, changes_between, people_who
from reporting.charts import lines, trend_lines
from reporting.enums import LeftOut, Movement, Standing
from reporting.forecast import Forecast, forecast, people_to_ask
from reporting.forms import ChangesForm, CourseForm, ForecastForm
from reporting.rates import Question
from reporting.readings import rule_in_force
from reporting.rules import TRAINING
from reporting.services import note_export
from reporting.small_moves import can_be_shown, without_small_moves
from reporting.small_numbers import fewest_of, in_words
from reporting.trend import Moment, trend
from staff.models import Person, Post

PEOPLE_PER_PAGE = 50


@requires(Capability.REPORTS_VIEW)
@require_safe
def changes(request: SignedInRequest) -> HttpResponse:
    """Why the figure of one day is not that of another."""
    form = _changes_form(request)
    found = _changes(request, form) if form.is_valid() else None
    context: dict[str, Any] = {"form": form, "changes": found, "named": request.access.can(Capability.REPORTS_NAMED)}
    if found is not None and not context["named"]:
        context |= _shown_without_names(found)
    if found is not None:
        context["query"] = form.query
    return render(request, "reporting/changes.jinja", context)


@requires(Capability.REPORTS_NAMED)
@require_safe
def changes_people(request: SignedInRequest) -> HttpResponse:
    """Exactly the people of one movement."""
    form, found, movement = _movement_asked(request)
    page = Paginator(_with_units(people_who(found, movement), found.after.on), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode(form.query | {"movement": movement.value})
    context = {"changes": found, "movement": movement, "page": page, "query": query, "back": urlencode(form.query)}
    return render(request, "reporting/changes_people.jinja", context)


@requires(Capability.REPORTS_NAMED)
@require_safe
def changes_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The same people as CSV; it is put on record that the list was taken away."""
    _form, found, movement = _movement_asked(request)
    people = people_who(found, movement)
    what = f"{movement.label}, {found.before.on.isoformat()} to {found.after.on.isoformat()}"
    note_export(found.organisation, people=people.count(), what=what, by=request.user, at=timezone.now())
    rows = _rows(_with_units(people, found.after.on))
    return _csv(
        csv_lines(("staff number", "last name", "first name", "units", "last completed on"), rows), f"{movement.value}.csv"
    )


@requires(Capability.REPORTS_VIEW)
@require_safe
def trend_detail(request: SignedInRequest) -> HttpResponse:
    """The figure at the end of each of the last months, and today."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = CourseForm(request.GET, organisation=organisation, today=today)
    course = form.chosen_course if form.is_valid() else None
    context: dict[str, Any] = {"form": form, "course": course, "moments": []}
    if course is not None:
        moments = trend(organisation, course, today=today)
        rule = rule_in_force(organisation, TRAINING, on=today, course=course)
        context |= {"moments": moments, "rule": rule, "chart": trend_lines(moments, rule.target)}
        context["finding"] = _trend_finding(moments)
    return render(request, "reporting/trend.jinja", context)


@requires(Capability.REPORTS_VIEW)
@require_safe
def forecast_detail(request: SignedInRequest) -> HttpResponse:
    """The figure of a day to come, and what it takes to reach the target."""
    form = _forecast_form(request)
    context: dict[str, Any] = {"form": form, "forecast": None, "named": request.access.can(Capability.REPORTS_NAMED)}
    if form.is_valid():
        found = _forecast(request, form)
        if found is not None:
            context |= {"forecast": found, "changes": found.changes, "query": form.query}
            context |= {"chart": lines(found), "finding": _finding(found)}
            if not context["named"]:
                context |= _shown_without_names(found.changes)
    return render(request, "reporting/forecast.jinja", context)


@requires(Capability.REPORTS_NAMED)
@require_safe
def forecast_people(request: SignedInRequest) -> HttpResponse:
    """Whom to ask, the likeliest to finish first; the shortest list that reaches the target is marked."""
    form, found = _forecast_asked(request)
    page = Paginator(_with_units(people_to_ask(found), found.today), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    context = {"forecast": found, "page": page, "query": urlencode(form.query), "standings": _labels(Standing)}
    return render(request, "reporting/forecast_people.jinja", context | {"left_out": _labels(LeftOut)})


@requires(Capability.REPORTS_NAMED)
@require_safe
def forecast_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """Whom to ask, as CSV; it is put on record that the list was taken away."""
    _form, found = _forecast_asked(request)
    people = people_to_ask(found)
    what = f"people to ask before {found.question.on.isoformat()}"
    note_export(found.question.organisation, people=people.count(), what=what, by=request.user, at=timezone.now())
    rows = _asked_rows(found, _with_units(people, found.today))
    headings = ("on the shortest list", "staff number", "last name", "first name", "units", "last completed on", "standing then")
    return _csv(csv_lines(headings, rows), f"ask-before-{found.question.on}.csv")


def _changes_form(request: SignedInRequest) -> ChangesForm:
    return ChangesForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())


def _changes(request: SignedInRequest, form: ChangesForm) -> Changes | None:
    course = form.chosen_course
    if course is None:
        return None
    organisation = request.access.organisation
    rule = rule_in_force(organisation, TRAINING, on=form.last_day, course=course)
    after = Question(organisation, (course,), form.last_day, rule, form.branch)
    return changes_between(replace(after, on=form.first_day), after)


def _shown_without_names(found: Changes) -> dict[str, Any]:
    """What people who see no names may see of the changes; too small a unit is not shown."""
    fewest = fewest_of(found.organisation)
    if found.after.branch is not None and not can_be_shown([found.before, found.after], fewest):
        return {"changes": None, "forecast": None, "too_small": in_words(fewest)}
    return {"changes": without_small_moves(found, fewest), "fewest": fewest}


def _movement_asked(request: SignedInRequest) -> tuple[ChangesForm, Changes, Movement]:
    form = _changes_form(request)
    found = _changes(request, form) if form.is_valid() else None
    movement = request.GET.get("movement", Movement.RAN_OUT)
    if found is None or movement not in Movement.values:
        raise Http404
    return form, found, Movement(movement)


def _forecast_form(request: SignedInRequest) -> ForecastForm:
    return ForecastForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())


def _forecast(request: SignedInRequest, form: ForecastForm) -> Forecast | None:
    course = form.chosen_course
    if course is None:
        return None
    organisation, today = request.access.organisation, timezone.localdate()
    rule = rule_in_force(organisation, TRAINING, on=today, course=course)
    return forecast(Question(organisation, (course,), form.on, rule, form.branch), today=today, target=form.target)


def _forecast_asked(request: SignedInRequest) -> tuple[ForecastForm, Forecast]:
    form = _forecast_form(request)
    found = _forecast(request, form) if form.is_valid() else None
    if found is None:
        raise Http404
    return form, found


def _finding(found: Forecast) -> str:
    then, on = found.then.nothing, day(found.question.on)
    if then.percent is None:
        return f"Nobody we know of will be in scope on {on}"
    holds = "still reaches" if found.reached else "does not reach"
    return f"If nobody trains, {then.percent}% will be trained on {on}, which {holds} {found.target}%"


def _trend_finding(moments: list[Moment]) -> str:
    known = [moment for moment in moments if moment.now.in_scope]
    if not known:
        return "No one was in scope in the last year"
    first, last = known[0], known[-1]
    if first is last:
        return f"{last.now.percent}% were trained on {day(last.on)}; before that no one was in scope"
    return f"{first.now.percent}% were trained on {day(first.on)} and {last.now.percent}% on {day(last.on)}"


def _with_units(people: QuerySet[Person], on: date) -> QuerySet[Person]:
    held = Post.objects.covering(on).select_related("unit")
    ordered = people if people.query.order_by else people.order_by("last_name", "first_name", "pk")
    return ordered.prefetch_related(Prefetch("posts", queryset=held))


def _cells(person: Any) -> list[Any]:
    units = " | ".join(sorted({post.unit.name for post in person.posts.all() if post.unit is not None}))
    completed = person.last_completed_on.isoformat() if person.last_completed_on else ""
    return [person.staff_number, person.last_name, person.first_name, units, completed]


def _rows(people: QuerySet[Any]) -> Iterator[list[Any]]:
    return (_cells(person) for person in people.iterator(chunk_size=1000))


def _asked_rows(found: Forecast, people: QuerySet[Any]) -> Iterator[list[Any]]:
    for number, person in enumerate(people.iterator(chunk_size=1000), start=1):
        yield ["yes" if number <= found.needed else "no", *_cells(person), Standing(person.status).label]


def _labels(choices: Any) -> dict[str, str]:
    return {choice.value: choice.label for choice in choices}


def _csv(lines_of_csv: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines_of_csv, content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
