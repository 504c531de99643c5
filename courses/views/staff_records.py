"""Inductions, contract clauses and training for key posts: the figures, who is behind them, and recording them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from courses import staff_records
from courses.forms_staff_records import AsAtForm, StaffRecordForm, StaffRecordWithdrawForm, WhoseForm
from courses.models import RecordKind, StaffRecord
from courses.staff_record_figures import Line, StaffFigure, all_figures, figure, lines_of
from courses.staff_record_rules import Standing
from courses.staff_records import StaffRecordRefusedError
from staff.models import Person, Post, Unit
from staff.queries import person_of

LINES_PER_PAGE = 100
MOST_AT_ONCE = 200
"""How many people are offered on one form."""

HEADINGS = ("staff number", "last name", "first name", "key post", "since", "standing", "recorded on")


@requires(Capability.REPORTS_VIEW)
@require_safe
def staff_record_home(request: SignedInRequest) -> HttpResponse:
    """The three figures as at a day, with what they mean. No names."""
    on, form = _as_at(request)
    context = {"figures": all_figures(request.access.organisation, on=on), "on": on, "form": form, "standings": list(Standing)}
    return render(request, "courses/staff_record_home.jinja", context)


@requires(Capability.REPORTS_NAMED)
@require_safe
def staff_record_list(request: SignedInRequest, record_kind: str) -> HttpResponse:
    """Everybody behind one figure."""
    on, form = _as_at(request)
    found = figure(request.access.organisation, _kind(record_kind), on=on)
    shown = request.GET.get("show", "")
    shown = shown if shown in list(Standing) else ""
    lines = found.of(Standing(shown)) if shown else found.lines
    context = {
        "found": found,
        "on": on,
        "form": form,
        "standings": list(Standing),
        "shown": shown,
        "page": Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "courses/staff_record_list.jinja", context)


@requires(Capability.REPORTS_NAMED)
@fresh
@require_safe
def staff_record_csv(request: SignedInRequest, record_kind: str) -> StreamingHttpResponse:
    """The same people as CSV. That somebody takes them away is recorded."""
    on, _form = _as_at(request)
    found = figure(request.access.organisation, _kind(record_kind), on=on)
    staff_records.note_taken(found, request.access.organisation, by=request.user, at=timezone.now())
    response = StreamingHttpResponse(csv_lines(HEADINGS, _rows(found)), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{record_kind}-{on}.csv"'
    return response


@requires(Capability.RECORDS_IMPORT, Capability.TEAM_VIEW)
@require_http_methods(["GET", "POST"])
def staff_record_add(request: SignedInRequest, record_kind: str) -> HttpResponse:
    """Record the same for several people at once: of a unit, or of the team that one looks after."""
    kind, organisation, today = _kind(record_kind), request.access.organisation, timezone.localdate()
    everybody = request.access.can(Capability.RECORDS_IMPORT)
    whose = WhoseForm(request.GET or None, organisation=organisation, on=today) if everybody else None
    unit = whose.cleaned_data["unit"] if whose is not None and whose.is_valid() else None
    lines = _lines(request, kind, unit=unit, everybody=everybody, on=today)
    form = StaffRecordForm(request.POST or None, kind=kind, lines=lines[:MOST_AT_ONCE])
    if request.method == "POST" and form.is_valid():
        whom = [(line.person, line.key_post) for line in form.chosen]
        values = {name: form.cleaned_data[name] for name in ("happened_on", "detail")}
        try:
            new = staff_records.record_for(organisation, whom, kind=kind, by=request.user, at=timezone.now(), **values)
        except StaffRecordRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{kind.label} recorded for {len(new)} {'person' if len(new) == 1 else 'people'}.")
            may_list = request.access.can(Capability.REPORTS_NAMED)
            return redirect("courses:staff_record_list", kind) if may_list else redirect("courses:team_list")
    context = {
        "form": form,
        "whose": whose,
        "kind": kind,
        "people": len(lines),
        "most": MOST_AT_ONCE,
        "may_list": request.access.can(Capability.REPORTS_NAMED),
    }
    return render(request, "courses/staff_record_add.jinja", context)


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def staff_record_void(request: SignedInRequest, staff_record_id: int) -> HttpResponse:
    """Withdraw a record, with a reason. It stays on file, marked as withdrawn."""
    records = StaffRecord.objects.visible_to(request.access).not_void().select_related("person__organisation")
    found = get_object_or_404(records, pk=staff_record_id)
    form = StaffRecordWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff_records.withdraw(found, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaffRecordRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The record is withdrawn.")
            return redirect("courses:staff_record_list", found.kind)
    return render(request, "courses/staff_record_void.jinja", {"form": form, "found": found})


@requires(Capability.LEARN)
@require_safe
def my_staff_records(request: SignedInRequest) -> HttpResponse:
    """What is recorded of oneself, and what is still missing."""
    today = timezone.localdate()
    person = person_of(request.user.pk, request.access.organisation)
    if person is None:
        return render(request, "courses/no_staff_record.jinja", {"may_browse": True})
    records = StaffRecord.objects.not_void().filter(person=person, happened_on__lte=today)
    context = {"lines": lines_of(person, on=today), "records": records}
    return render(request, "courses/my_staff_records.jinja", context)


def _lines(request: SignedInRequest, kind: RecordKind, *, unit: Unit | None, everybody: bool, on: date) -> list[Line]:
    """Those without a record first. People about whom nothing is asked are left out."""
    organisation = request.access.organisation
    people: Any = None
    if not everybody:
        me = person_of(request.user.pk, organisation)
        people = list(Person.objects.managed_by(me, on).values_list("pk", flat=True)) if me else []
    elif unit is not None:
        units = Unit.objects.ids_below(organisation.pk, [unit.pk])
        people = list(Post.objects.covering(on).filter(unit__in=units).values_list("person", flat=True))
    found = figure(organisation, kind, on=on, people=people)
    order = list(Standing)
    lines = (line for line in found.lines if line.person.user_id != request.user.pk)
    return sorted(lines, key=lambda line: (order.index(line.standing) == len(order) - 1, str(line.person)))


def _as_at(request: SignedInRequest) -> tuple[date, AsAtForm]:
    """The day asked for, and the form; today if none or one to come is given."""
    today = timezone.localdate()
    asked = any(name == "on" or name.startswith("on_") for name in request.GET)
    form = AsAtForm(request.GET if asked else None, initial={"on": today})
    given = form.cleaned_data["on"] if asked and form.is_valid() else None
    if given and given > today:
        form.add_error("on", "The day is to come. Choose today or an earlier day.")
        given = None
    return given or today, form


def _kind(word: str) -> RecordKind:
    if word not in RecordKind.values:
        raise Http404
    return RecordKind(word)


def _rows(found: StaffFigure) -> Iterator[list[Any]]:
    for line in found.lines:
        yield [
            line.person.staff_number,
            line.person.last_name,
            line.person.first_name,
            line.key_post_name,
            line.since.isoformat(),
            line.standing.label,
            line.recorded_on.isoformat() if line.recorded_on else "",
        ]
