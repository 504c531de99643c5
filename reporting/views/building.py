"""Reports of one's own: choose people and columns, keep the choice under a name, take the rows away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, csv_lines
from nhsuk.jinja import day
from reporting.building import COLUMNS, Asked, headings_of, people_of, rows_of, with_posts
from reporting.forms_kept import BuilderForm, SaveForm
from reporting.models import SavedReport
from reporting.people_pdf import MOST_ON_PAPER, people_pdf
from reporting.rates import Question
from reporting.readings import rule_in_force
from reporting.rules import TRAINING
from reporting.services import PDF, XLSX, TitleTakenError, note_export, remove_report, save_report
from reporting.workbooks import MOST_ROWS, people_workbook

PER_PAGE = 50


@requires(Capability.REPORTS_NAMED)
@require_safe
def build(request: SignedInRequest) -> HttpResponse:
    """The choices, the people they name, and the reports that are kept."""
    return _shown(request, SaveForm())


def _shown(request: SignedInRequest, save: SaveForm, data: Any = None) -> HttpResponse:
    form = BuilderForm(
        request.GET if data is None else data, organisation=request.access.organisation, today=timezone.localdate()
    )
    kept = SavedReport.objects.visible_to(request.access).select_related("made_by")
    context: dict[str, Any] = {"form": form, "save": save, "kept": kept, "page": None, "me": request.user}
    question, asked = _question(request, form)
    if question is not None and asked is not None:
        people = people_of(question, asked)
        page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
        columns = [COLUMNS[key] for key in asked.columns]
        shown = with_posts(people[page.start_index() - 1 : page.end_index()] if page.object_list else people.none(), question)
        context |= {
            "question": question,
            "page": page,
            "headings": headings_of(asked),
            "rows": [[column.value(person, question) for column in columns] for person in shown],
            "query": form.query,
            "most_on_paper": MOST_ON_PAPER,
            "most_rows": MOST_ROWS,
        }
    return render(request, "reporting/build.jinja", context)


@requires(Capability.REPORTS_NAMED)
@fresh
@require_safe
def build_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """Every row as CSV, sent as it is read, however many."""
    question, asked = _asked(request)
    people = people_of(question, asked)
    _note(request, question, people.count(), "CSV")
    lines = csv_lines(headings_of(asked), _texts(rows_of(people, question, asked)))
    response = StreamingHttpResponse(lines, content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="people-{question.on}.csv"'
    return response


@requires(Capability.REPORTS_NAMED)
@fresh
@require_safe
def build_xlsx(request: SignedInRequest) -> HttpResponse:
    """Every row as a workbook; too many for one are a matter for CSV."""
    question, asked = _asked(request)
    people = people_of(question, asked)
    count = people.count()
    if count > MOST_ROWS:
        return _too_many(request, f"A workbook holds up to {MOST_ROWS:,} people; these are {count:,}. Take the CSV.")
    _note(request, question, count, "XLSX")
    content = people_workbook(headings_of(asked), rows_of(people, question, asked))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="people-{question.on}.xlsx"'
    return response


@requires(Capability.REPORTS_NAMED)
@fresh
@require_safe
def build_pdf(request: SignedInRequest) -> HttpResponse:
    """Every row as a list to print; a long one is a matter for CSV."""
    question, asked = _asked(request)
    people = people_of(question, asked)
    count = people.count()
    if count > MOST_ON_PAPER:
        return _too_many(request, f"A list to print holds up to {MOST_ON_PAPER:,} people; these are {count:,}. Take the CSV.")
    _note(request, question, count, "PDF")
    content = people_pdf(question, headings_of(asked), rows_of(people, question, asked), people=count)
    response = HttpResponse(content, content_type=PDF)
    response["Content-Disposition"] = f'attachment; filename="people-{question.on}.pdf"'
    return response


@requires(Capability.REPORTS_NAMED)
@require_POST
def report_save(request: SignedInRequest) -> HttpResponse:
    """Keep the choices under a name."""
    form = BuilderForm(request.POST, organisation=request.access.organisation, today=timezone.localdate())
    save = SaveForm(request.POST)
    if form.is_valid() and save.is_valid():
        try:
            report = save_report(
                request.access.organisation, query=form.query, by=request.user, at=timezone.now(), **save.cleaned_data
            )
        except TitleTakenError as refusal:
            save.add_error("title", str(refusal))
        else:
            messages.success(request, f"Kept as “{report.title}”.")
            return redirect("reporting:saved_report", saved_report_id=report.pk)
    return _shown(request, save, request.POST)


@requires(Capability.REPORTS_NAMED)
@require_safe
def saved_report(request: SignedInRequest, saved_report_id: int) -> HttpResponse:
    """A kept report, asked afresh."""
    report = get_object_or_404(SavedReport.objects.visible_to(request.access), pk=saved_report_id)
    return redirect(f"{reverse('reporting:build')}?{report.query}")


@requires(Capability.REPORTS_NAMED)
@require_POST
def report_remove(request: SignedInRequest, saved_report_id: int) -> HttpResponse:
    """Keep it no longer. Only whoever keeps it may."""
    own = SavedReport.objects.visible_to(request.access).filter(made_by=request.user)
    remove_report(get_object_or_404(own, pk=saved_report_id), by=request.user, at=timezone.now())
    messages.success(request, "The report is no longer kept.")
    return redirect("reporting:build")


def _question(request: SignedInRequest, form: BuilderForm) -> tuple[Question | None, Asked | None]:
    course = form.chosen_course if form.is_valid() else None
    if course is None:
        return None, None
    organisation, asked = request.access.organisation, form.asked
    rule = rule_in_force(organisation, TRAINING, on=asked.on, course=course)
    return Question(organisation, (course,), asked.on, rule), asked


def _asked(request: SignedInRequest) -> tuple[Question, Asked]:
    """What a link of ours asks; a link that asks for what cannot be is not found."""
    form = BuilderForm(request.GET, organisation=request.access.organisation, today=timezone.localdate())
    question, asked = _question(request, form)
    if question is None or asked is None:
        raise Http404
    return question, asked


def _note(request: SignedInRequest, question: Question, people: int, form: str) -> None:
    what = f"report of one’s own as of {day(question.on)}, {form}"
    note_export(question.organisation, people=people, what=what, by=request.user, at=timezone.now())


def _too_many(request: SignedInRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect(f"{reverse('reporting:build')}?{request.GET.urlencode()}")


def _texts(rows: Any) -> Any:
    return ([value.isoformat() if hasattr(value, "isoformat") else value for value in row] for row in rows)
