"""What is recorded of an incident, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers.breach_grid import current_grid
from registers.forms import incidents as forms
from registers.forms.wording import NamesNobody
from registers.incident_states import Standing, standing
from registers.models import Incident, Nature
from registers.services import incident_handling as handling
from registers.services import incidents as reports
from registers.services.papers import keep_restricted
from registers.views.incidents import find_incident

LIKELY_CATEGORY = {
    Nature.WRONG_RECORD: ["integrity"],
    Nature.NOT_AVAILABLE: ["availability"],
    Nature.LOST: ["confidentiality", "availability"],
}


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_assess(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Say what it is and weigh it on the grid."""
    incident, now = _find(request, incident_id)
    form = forms.AssessForm(request.POST or None, initial=_assessed(incident, now), today=timezone.localdate())
    context = {"title": "Assess it", "button_text": "Save the assessment", "grid": current_grid()}
    return _step(request, incident, form, handling.assess, said="The assessment is recorded.", context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_decide(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Decide who is told, with the reason."""
    incident, now = _find(request, incident_id)
    initial = {}
    if now.weight:
        initial = {"tell_ico": _yes(now.weight.tell_ico), "tell_people": _yes(now.weight.tell_people)}
    form = forms.DecideForm(request.POST or None, initial=initial, today=timezone.localdate())
    context = {"title": "Decide who must be told", "button_text": "Save the decision"}
    return _step(request, incident, form, handling.decide, said="The decision is recorded.", context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_tell(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Record that somebody outside was told."""
    incident, now = _find(request, incident_id)
    here = timezone.localtime()
    initial = {"recipient": now.untold[0] if now.untold else None, "told_on": here.date(), "told_time": here.time()}
    form = forms.NotificationForm(request.POST or None, initial=initial, today=timezone.localdate())
    context = {"title": "Record who was told", "button_text": "Save"}
    return _step(request, incident, form, handling.record_notification, said="It is recorded.", context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_learn(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Write down the cause and the lesson."""
    incident, now = _find(request, incident_id)
    form = forms.LearningForm(request.POST or None, today=timezone.localdate())
    context = {"title": "Write down the lesson", "button_text": "Save the lesson"}
    return _step(request, incident, form, handling.learn, said="The lesson is recorded.", context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_close(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Close it, with a word for whoever reported it."""
    incident, now = _find(request, incident_id)
    help_text = "Whoever reported it can read this. Thank them, say what was done, and name nobody."
    form = forms.TurnForm(
        request.POST or None, label="What was done in the end?", help_text=help_text, today=timezone.localdate()
    )
    context = {"title": "Close it", "button_text": "Close the incident"}
    return _step(request, incident, form, handling.close, said=f"{incident} is closed.", context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_reopen(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Open it again, with the reason."""
    incident, now = _find(request, incident_id)
    help_text = "Everything that was recorded stays."
    form = forms.TurnForm(
        request.POST or None, label="Why do you open it again?", help_text=help_text, today=timezone.localdate()
    )
    context = {"title": "Open it again", "button_text": "Open the incident again"}
    return _step(request, incident, form, handling.reopen, said=f"{incident} is open again.", context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_reword(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Take out what names a person."""
    incident, now = _find(request, incident_id)
    initial = {"what_happened": incident.what_happened, "what_was_done": incident.what_was_done}
    form = forms.RewordForm(request.POST or None, initial=initial, today=timezone.localdate())
    context = {
        "title": "Take details out of the report",
        "button_text": "Replace the words",
        "intro": "What you save takes the place of the words that were sent. The old ones are not kept. That it was done, and by whom, is.",
    }
    said = "The words are replaced."
    return _step(request, incident, form, reports.reword, said=said, context=context, now=now)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def incident_attach(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Point to a document in the evidence library, or keep a file for those who handle incidents alone."""
    incident, now = _find(request, incident_id)
    form = forms.PaperForm(request.POST or None, request.FILES or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        by, at = request.user, timezone.now()
        with transaction.atomic():
            document = form.cleaned_data["document"] or keep_restricted(
                incident.organisation, reference=incident.reference, file=form.cleaned_data["file"], by=by, at=at
            )
            handling.attach(incident, document=document, by=by, at=at)
        messages.success(request, "The document is attached.")
        return redirect("registers:incident_detail", incident.pk)
    context = {"title": "Attach a document", "button_text": "Attach it", "form": form, "now": now}
    return render(request, "registers/incident_step.jinja", context)


def _find(request: SignedInRequest, incident_id: int) -> tuple[Incident, Standing]:
    incident = find_incident(request, incident_id)
    return incident, standing(incident, at=timezone.now())


def _step(
    request: SignedInRequest,
    incident: Incident,
    form: NamesNobody,
    act: Callable[..., Any],
    *,
    said: str,
    context: dict[str, Any],
    now: Standing,
) -> HttpResponse:
    """Show the form; when it is ready, act and go back to the incident."""
    if request.method == "POST" and form.is_ready():
        try:
            act(incident, by=request.user, at=timezone.now(), **form.values())
        except (handling.HandlingRefusedError, reports.ReportRefusedError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("registers:incident_detail", incident.pk)
    return render(request, "registers/incident_step.jinja", context | {"form": form, "now": now})


def _assessed(incident: Incident, now: Standing) -> dict[str, Any]:
    """What the assessment form begins with: the newest one, or what the report suggests."""
    newest = now.assessment
    if newest is None:
        noticed = timezone.localtime(incident.noticed_at)
        return {
            "is_breach": "no" if incident.is_near_miss else None,
            "categories": LIKELY_CATEGORY.get(Nature(incident.nature), ["confidentiality"]),
            "role": "controller",
            "aware_on": noticed.date(),
            "aware_time": noticed.time(),
            "vulnerable": incident.whose in ("supported", "both"),
        }
    aware = timezone.localtime(newest.aware_at)
    kept = {name: getattr(newest, name) for name in ("categories", "role", "vulnerable", "likelihood", "impact", "reason")}
    return kept | {"is_breach": _yes(newest.is_breach), "aware_on": aware.date(), "aware_time": aware.time()}


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"
