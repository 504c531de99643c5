"""Approving a register as a whole."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers.forms.approvals import ApprovalForm
from registers.models import RegisterApproval
from registers.services import approvals as services
from registers.services.nil_returns import signs_as
from registers.views.home import register_of


@requires(Capability.REGISTERS_EDIT, Capability.ASSESSMENT_SIGN)
@require_http_methods(["GET", "POST"])
def register_approve(request: SignedInRequest, register: str) -> HttpResponse:
    """Who approved a register as a whole and when, and the form to do so."""
    one = register_of(register, request.access)
    if not one.is_approved_whole:
        raise Http404("This register is not approved as a whole.")
    organisation, today = request.access.organisation, timezone.localdate()
    form = ApprovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            services.approve_register(one, organisation, note=note, by=request.user, at=timezone.now())
        except services.ApprovalRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The register is approved as it is today. The approval counts for a year.")
            return redirect("registers:register_approve", register=one.slug)
    given = RegisterApproval.objects.visible_to(request.access).filter(register=one.slug)
    context = {
        "register": one,
        "form": form,
        "given": given.select_related("approved_by"),
        "signs_as": signs_as(request.user, organisation, on=today),
        "today": today,
    }
    return render(request, "registers/register_approve.jinja", context)
