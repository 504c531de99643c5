"""What risks have beyond the common pages: the map and the review."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers.forms.risks import RiskReviewForm
from registers.models import Risk
from registers.queries.risks import heat_map, may_review, open_risks
from registers.risk_matrix import matrix
from registers.services.entries import EntryRefusedError
from registers.services.risks import SCORED, review_risk


@requires(Capability.REGISTERS_VIEW)
@require_safe
def risk_map(request: SignedInRequest) -> HttpResponse:
    """The open risks on the matrix."""
    today = timezone.localdate()
    risks = open_risks(request.access.organisation, today)
    context = {
        "rows": heat_map(risks),
        "risks": risks,
        "numbers": {risk.pk: number for number, risk in enumerate(risks, start=1)},
        "matrix": matrix(),
        "today": today,
    }
    return render(request, "registers/risk_map.jinja", context)


@requires(Capability.REGISTERS_EDIT, Capability.LEARN)
@require_http_methods(["GET", "POST"])
def risk_review(request: SignedInRequest, risk_id: int) -> HttpResponse:
    """Look at a risk again and say when to look next: for who keeps the registers, and whoever answers for the risk."""
    risk = get_object_or_404(Risk.objects.visible_to(request.access), pk=risk_id)
    if not may_review(request.access, risk, timezone.localdate()):
        raise Http404("No such risk for you.")
    form = RiskReviewForm(request.POST or None, initial={name: getattr(risk, name) for name in SCORED})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            review_risk(
                risk, scores=form.scores(), note=given["note"], review_by=given["review_by"], by=request.user, at=timezone.now()
            )
        except EntryRefusedError as refusal:
            form.add_error("review_by", str(refusal))
        else:
            messages.success(request, "The review is in the register.")
            return redirect("registers:entry_detail", register="risks", entry_id=risk.pk)
    return render(request, "registers/risk_review.jinja", {"form": form, "risk": risk})
