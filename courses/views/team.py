"""A manager's team: who is trained, who is due, who is overdue and who is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from courses.reminders.chase import Chased, chase
from courses.reminders.plans import ReminderRefusedError
from courses.team import Line, Standing, Team, team_of
from staff import team_pages
from staff.models import Person

LINES_PER_PAGE = 100
TO_CHASE = "chase"
HEADINGS = (
    "staff number",
    "last name",
    "first name",
    "course",
    "standing",
    "due on or counts until",
    "last completed on",
    "away since",
    "back on",
    "last reminded on",
)


@requires(Capability.TEAM_VIEW)
@require_safe
def team_list(request: SignedInRequest) -> HttpResponse:
    """The team today, or those of it to chase."""
    manager = _manager(request)
    team = _team(manager)
    only_chase = request.GET.get("show") == TO_CHASE
    lines = team.to_chase if only_chase else team.lines
    context = {
        "is_listed": manager is not None,
        "team": team,
        "page": Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page")),
        "only_chase": only_chase,
        "standings": list(Standing),
        "team_pages": team_pages.all_pages(),
        "today": timezone.localdate(),
        "may_record": request.access.can(Capability.SESSIONS_RECORD),
    }
    return render(request, "courses/team_list.jinja", context)


@requires(Capability.TEAM_VIEW)
@fresh
@require_safe
def team_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """The same lines as CSV."""
    team = _team(_manager(request))
    lines = team.to_chase if request.GET.get("show") == TO_CHASE else team.lines
    response = StreamingHttpResponse(csv_lines(HEADINGS, _rows(lines)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="team-{timezone.localdate()}.csv"'
    return response


@requires(Capability.TEAM_VIEW)
@require_POST
def team_chase(request: SignedInRequest) -> HttpResponse:
    """Remind one person of the team now, or everybody to chase."""
    chosen = request.POST.get("person", "")
    to_chase = {line.person.pk: line.person for line in _team(_manager(request)).to_chase}
    people = [person for pk, person in to_chase.items() if chosen in ("", str(pk))]
    if chosen and not people:
        raise Http404
    try:
        found = chase(request.access.organisation, people, by=request.user, at=timezone.now())
    except ReminderRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        for level, words in _said(found):
            messages.add_message(request, level, words)
    back = reverse("courses:team_list")
    return redirect(f"{back}?show={TO_CHASE}" if request.POST.get("show") == TO_CHASE else back)


def _said(found: Chased) -> Iterator[tuple[int, str]]:
    if found.going:
        yield messages.SUCCESS, f"An e-mail goes out in the next minutes to: {_names(found.going)}."
    if found.told_today:
        yield messages.INFO, f"Reminded today already, so not again: {_names(found.told_today)}."
    if found.without_email:
        yield messages.WARNING, f"Without an e-mail address, so please tell them yourself: {_names(found.without_email)}."
    if found.nothing_to_do:
        yield messages.INFO, f"Nothing to remind of any more: {_names(found.nothing_to_do)}."


def _names(people: Iterable[Person]) -> str:
    return ", ".join(str(person) for person in people)


def _manager(request: SignedInRequest) -> Person | None:
    """The reader as HR lists them, in the organisation they work in."""
    return Person.objects.filter(user=request.user, organisation=request.access.organisation).first()


def _team(manager: Person | None) -> Team:
    return team_of(manager, on=timezone.localdate()) if manager is not None else Team((), (), 0)


def _rows(lines: Iterable[Line]) -> Iterator[list[Any]]:
    for line in lines:
        person, due, away = line.person, line.due, line.away
        yield [
            person.staff_number,
            person.last_name,
            person.first_name,
            due.course.title,
            line.standing.label,
            due.due_on.isoformat() if due.due_on else "",
            due.status.completed_on.isoformat() if due.status.completed_on else "",
            away.since.isoformat() if away else "",
            away.back_on.isoformat() if away and away.back_on else "",
            line.reminded_on.isoformat() if line.reminded_on else "",
        ]
