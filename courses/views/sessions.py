"""The register of sessions: planning one, its list and its sheet, recording it, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses import session_people, sessions
from courses.forms_sessions import SessionChangeForm, SessionForm, SessionPeopleForm, SessionSheetForm, SessionWithdrawForm
from courses.models import Completion, Course, SessionPerson, TrainingSession
from courses.session_sheet import sheet_pdf
from courses.sessions import SessionRefusedError, version_taught
from evidence.blobs import BlobDamagedError
from evidence.services import read_for
from staff.queries import person_of

SESSIONS_PER_PAGE = 25
_READERS = (Capability.SESSIONS_RECORD, Capability.REPORTS_NAMED)


@requires(*_READERS)
@require_safe
def session_list(request: SignedInRequest) -> HttpResponse:
    """One's own sessions, or all of them for those who may see names; the latest first."""
    standing = Q(people__completion__isnull=False, people__completion__void=None)
    found = TrainingSession.objects.visible_to(request.access).select_related("course", "made_by", "organisation")
    found = found.annotate(listed=Count("people"), recorded=Count("people", filter=standing)).order_by("-held_on", "-pk")
    context = {
        "page": Paginator(found, SESSIONS_PER_PAGE).get_page(request.GET.get("page")),
        "today": timezone.localdate(),
        "may_record": request.access.can(Capability.SESSIONS_RECORD),
        "sees_all": request.access.can(Capability.REPORTS_NAMED),
    }
    return render(request, "courses/session_list.jinja", context)


@requires(Capability.SESSIONS_RECORD)
@require_http_methods(["GET", "POST"])
def session_new(request: SignedInRequest) -> HttpResponse:
    """Begin a session; its people come next."""
    initial = {
        "course": Course.objects.filter(code=request.GET.get("course", "")[:60]).values_list("pk", flat=True).first(),
        "kind": TrainingSession.Kind.CLASSROOM,
        "held_on": timezone.localdate(),
        "led_by": str(request.user),
    }
    form = SessionForm(request.POST or None, initial=initial, organisation=request.access.organisation)
    if request.method == "POST" and form.is_valid():
        try:
            session = sessions.plan_session(request.access.organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SessionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("courses:session_people", session.pk)
    return render(request, "courses/session_new.jinja", {"form": form})


@requires(*_READERS)
@require_safe
def session_detail(request: SignedInRequest, session_id: int) -> HttpResponse:
    """A session, everybody on its list, and what there is to do."""
    session = _session(request, session_id)
    today = timezone.localdate()
    entries = list(session.people.select_related("person", "completion__void"))
    waiting = [entry for entry in entries if entry.completion_id is None]
    faults = sessions.faults(session, waiting, by=request.user) if not session.is_withdrawn else {}
    context = {
        "session": session,
        "version": version_taught(session),
        "waiting": [(entry, faults.get(entry.pk)) for entry in waiting],
        "ready": sum(entry.pk not in faults for entry in waiting),
        "recorded": [entry for entry in entries if entry.completion_id is not None],
        "has_come": session.has_come(today),
        "may_record": request.access.can(Capability.SESSIONS_RECORD),
    }
    return render(request, "courses/session_detail.jinja", context)


@requires(Capability.SESSIONS_RECORD)
@require_http_methods(["GET", "POST"])
def session_edit(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Correct the details of a session of which nothing is recorded."""
    session = _session(request, session_id)
    initial = {name: getattr(session, name) for name in sessions.CHANGEABLE}
    form = SessionChangeForm(request.POST or None, initial=initial, session=session)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.change_session(session, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SessionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The details are up to date.")
            return redirect("courses:session_detail", session.pk)
    return render(request, "courses/session_edit.jinja", {"form": form, "session": session})


@requires(Capability.SESSIONS_RECORD)
@require_http_methods(["GET", "POST"])
def session_people_choose(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Choose who is at a session: one's own team, or whoever a search finds among the people one may see."""
    session = _session(request, session_id)
    words = request.GET.get("words", "").strip()[:100]
    me = person_of(request.user.pk, request.access.organisation)
    sees_everybody = request.access.can(Capability.REPORTS_NAMED)
    choice = session_people.choice(session, me, words=words, sees_everybody=sees_everybody, on=timezone.localdate())
    form = SessionPeopleForm(request.POST or None, offered=choice.offered)
    if request.method == "POST" and form.is_valid():
        try:
            added = sessions.put_on_list(session, form.cleaned_data["people"], by=request.user, at=timezone.now())
        except SessionRefusedError as refusal:
            form.add_error("people", str(refusal))
        else:
            messages.success(request, f"{added} {'person is' if added == 1 else 'people are'} on the list now.")
            return redirect("courses:session_detail", session.pk)
    context = {"form": form, "session": session, "words": words, "choice": choice, "sees_everybody": sees_everybody}
    return render(request, "courses/session_people.jinja", context)


@requires(Capability.SESSIONS_RECORD)
@require_POST
def session_person_remove(request: SignedInRequest, session_person_id: int) -> HttpResponse:
    """Take somebody off the list of whom nothing is recorded."""
    entry = _entry(request, session_person_id)
    return _done(request, entry.session, f"{entry.person} is off the list.", lambda **who: sessions.take_off_list(entry, **who))


@requires(*_READERS)
@require_safe
def session_sheet(request: SignedInRequest, session_id: int) -> HttpResponse:
    """The sheet to print and sign."""
    session = _session(request, session_id)
    people = [entry.person for entry in session.people.select_related("person")]
    content = sheet_pdf(session, people, on=timezone.localdate())
    name = f"sign-in-sheet-{session.held_on}.pdf"
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@requires(Capability.SESSIONS_RECORD)
@require_http_methods(["GET", "POST"])
def session_attach(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Attach the signed sheet."""
    session = _session(request, session_id)
    form = SessionSheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.attach_sheet(session, form.cleaned_data["file"], by=request.user, at=timezone.now())
        except SessionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The signed sheet is kept with the evidence.")
            return redirect("courses:session_detail", session.pk)
    return render(request, "courses/session_attach.jinja", {"form": form, "session": session})


@requires(*_READERS)
@require_safe
def session_signed_sheet(request: SignedInRequest, session_id: int) -> HttpResponse:
    """The signed sheet as it was attached."""
    version = _session(request, session_id).sheet
    if version is None or version.blob is None:
        raise Http404
    try:
        content = read_for(version, by=request.user, at=timezone.now())
    except BlobDamagedError:
        return render(request, "evidence/file_damaged.jinja", {"version": version}, status=500)
    return HttpResponse(
        content,
        content_type=version.blob.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, version.file_name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, private",
        },
    )


@requires(Capability.SESSIONS_RECORD)
@require_POST
def session_record(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Record the training of everybody on the list who may be recorded."""
    session = _session(request, session_id)
    try:
        found = sessions.record_session(session, by=request.user, at=timezone.now())
    except SessionRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:session_detail", session.pk)
    if found.recorded:
        messages.success(request, f"Recorded for {_people(len(found.recorded))}.")
    if found.refused:
        messages.warning(request, f"Not recorded for {_people(len(found.refused))}: the list says why.")
    return redirect("courses:session_detail", session.pk)


@requires(Capability.SESSIONS_RECORD)
@require_http_methods(["GET", "POST"])
def session_withdraw(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Take a recorded session back, with a reason."""
    session = _session(request, session_id)
    form = SessionWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.withdraw_session(session, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SessionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The session is withdrawn. Its records stay on file and do not count.")
            return redirect("courses:session_detail", session.pk)
    standing = Completion.objects.not_void().filter(session_person__session=session).count()
    return render(request, "courses/session_withdraw.jinja", {"form": form, "session": session, "standing": standing})


@requires(Capability.SESSIONS_RECORD)
@require_http_methods(["GET", "POST"])
def session_person_withdraw(request: SignedInRequest, session_person_id: int) -> HttpResponse:
    """Take one person's record of a session back, with a reason."""
    entry = _entry(request, session_person_id)
    form = SessionWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.withdraw_person(entry, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SessionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The record of {entry.person} is withdrawn.")
            return redirect("courses:session_detail", entry.session_id)
    context = {"form": form, "session": entry.session, "person": entry.person, "standing": 1}
    return render(request, "courses/session_withdraw.jinja", context)


@requires(Capability.SESSIONS_RECORD)
@require_POST
def session_discard(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Throw a session away of which nothing is recorded."""
    session = _session(request, session_id)
    try:
        sessions.discard_session(session, by=request.user, at=timezone.now())
    except SessionRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("courses:session_detail", session.pk)
    messages.success(request, "The session is thrown away.")
    return redirect("courses:session_list")


def _done(request: SignedInRequest, session: TrainingSession, said: str, act: Any) -> HttpResponse:
    try:
        act(by=request.user, at=timezone.now())
    except SessionRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("courses:session_detail", session.pk)


def _session(request: SignedInRequest, session_id: int) -> TrainingSession:
    found = TrainingSession.objects.visible_to(request.access)
    related = (
        "course",
        "organisation",
        "course_version",
        "sheet__blob",
        "sheet__document__organisation",
        "made_by",
        "recorded_by",
        "withdrawn_by",
    )
    return get_object_or_404(found.select_related(*related), pk=session_id)


def _entry(request: SignedInRequest, session_person_id: int) -> SessionPerson:
    found = SessionPerson.objects.visible_to(request.access)
    related = ("person__organisation", "session__course", "completion__person__organisation", "completion__course")
    return get_object_or_404(found.select_related(*related), pk=session_person_id)


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
