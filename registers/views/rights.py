"""The pages of the register of rights requests and complaints."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import catalogue
from registers.forms.incidents import PaperForm
from registers.forms.rights import MatterForm, StepForm
from registers.models.rights import Matter
from registers.queries.actions import actions_of
from registers.queries.papers import shown_papers
from registers.rights_states import outcomes_for, possible_steps, stand
from registers.services import rights as services
from registers.services.papers import keep_restricted


@requires(Capability.INCIDENTS_VIEW)
@require_safe
def matter_list(request: SignedInRequest) -> HttpResponse:
    """Requests and complaints, the open ones first."""
    today = timezone.localdate()
    found = Matter.objects.visible_to(request.access).with_steps()
    rows = [stand(matter, list(matter.steps.all()), on=today) for matter in found]
    context = {
        "rows": sorted(rows, key=lambda row: not row.is_open),
        "today": today,
        "register": catalogue.find("rights"),
        "may_handle": request.access.can(Capability.INCIDENTS_HANDLE),
    }
    return render(request, "registers/matter_list.jinja", context)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def matter_add(request: SignedInRequest) -> HttpResponse:
    """Enter a request or a complaint."""
    today = timezone.localdate()
    form = MatterForm(request.POST or None, initial={"received_on": today}, today=today)
    if request.method == "POST" and form.is_ready():
        try:
            matter = services.add_matter(request.access.organisation, by=request.user, at=timezone.now(), **form.values())
        except services.MatterRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{matter} is in the register.")
            return redirect("registers:matter_detail", matter.pk)
    return render(request, "registers/matter_add.jinja", {"form": form})


@requires(Capability.INCIDENTS_VIEW)
@require_http_methods(["GET", "POST"])
def matter_detail(request: SignedInRequest, matter_id: int) -> HttpResponse:
    """One request or complaint with its clock and its steps; taking the next step."""
    visible = Matter.objects.visible_to(request.access).with_steps().select_related("organisation", "entered_by")
    matter = get_object_or_404(visible, pk=matter_id)
    may_handle = request.access.can(Capability.INCIDENTS_HANDLE)
    if request.method == "POST" and not may_handle:
        return render(request, "accounts/refused.jinja", status=403)
    today = timezone.localdate()
    steps = list(matter.steps.all())
    now = stand(matter, steps, on=today)
    form = StepForm(
        request.POST or None,
        kinds=possible_steps(now, steps),
        outcomes=outcomes_for(matter),
        initial={"on": today},
        today=today,
    )
    if request.method == "POST" and form.is_ready():
        try:
            services.take_step(matter, by=request.user, at=timezone.now(), **form.values())
        except services.MatterRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The step is recorded.")
            return redirect("registers:matter_detail", matter.pk)
    context = {
        "now": now,
        "steps": steps,
        "form": form if may_handle else None,
        "papers": shown_papers(matter, request.access),
        "actions": actions_of(request.access, "rights", matter.pk, on=today),
    }
    return render(request, "registers/matter_detail.jinja", context)


@requires(Capability.INCIDENTS_HANDLE)
@require_http_methods(["GET", "POST"])
def matter_attach(request: SignedInRequest, matter_id: int) -> HttpResponse:
    """Point to a document of the library, or keep a file for those who handle requests alone."""
    matter = get_object_or_404(Matter.objects.visible_to(request.access).select_related("organisation"), pk=matter_id)
    form = PaperForm(request.POST or None, request.FILES or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        by, at = request.user, timezone.now()
        with transaction.atomic():
            document = form.cleaned_data["document"] or keep_restricted(
                matter.organisation, reference=matter.reference, file=form.cleaned_data["file"], by=by, at=at
            )
            services.attach(matter, document=document, by=by, at=at)
        messages.success(request, "The document is attached.")
        return redirect("registers:matter_detail", matter.pk)
    return render(request, "registers/matter_attach.jinja", {"matter": matter, "form": form})
