"""Asking a supplier by a link; the page behind the link; and looking at the answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import public, requires
from registers.due_diligence import rules
from registers.forms.suppliers import AskForm, ReviewForm, SupplierAnswerForm
from registers.models.supplier_requests import SupplierAnswer, SupplierRequest
from registers.models.suppliers import Supplier
from registers.queries.suppliers import answer_in_words, last_answer
from registers.services import supplier_requests as services
from registers.services.suppliers import SupplierRefusedError


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def supplier_ask(request: SignedInRequest, supplier_id: int) -> HttpResponse:
    """Make a link for a supplier. The page after it is the only one that ever shows the link."""
    supplier = get_object_or_404(Supplier.objects.visible_to(request.access).select_related("organisation"), pk=supplier_id)
    due = timezone.localdate() + timedelta(days=rules().days_to_answer)
    form = AskForm(request.POST or None, initial={"send_to": supplier.contact_email, "last_day": due})
    if request.method == "POST" and form.is_valid():
        try:
            asked, link = services.ask_supplier(supplier, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SupplierRefusedError as refusal:
            form.add_error("last_day", str(refusal))
        else:
            return render(request, "registers/supplier_asked.jinja", {"supplier": supplier, "asked": asked, "link": link})
    return render(request, "registers/supplier_ask.jinja", {"form": form, "supplier": supplier, "last": last_answer(supplier)})


@requires(Capability.REGISTERS_EDIT)
@require_POST
def supplier_request_revoke(request: SignedInRequest, supplier_request_id: int) -> HttpResponse:
    """Take a link back."""
    requests = SupplierRequest.objects.visible_to(request.access).select_related("supplier__organisation")
    asked = get_object_or_404(requests, pk=supplier_request_id)
    services.revoke_request(asked, by=request.user, at=timezone.now())
    messages.success(request, "The link no longer works.")
    return redirect("registers:supplier_detail", asked.supplier_id)


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def supplier_answer_review(request: SignedInRequest, supplier_request_id: int) -> HttpResponse:
    """Look at what a supplier answered, and accept it or write down a question."""
    requests = SupplierRequest.objects.visible_to(request.access).with_answers().select_related("supplier__organisation")
    asked = get_object_or_404(requests, pk=supplier_request_id, answer__isnull=False)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.review_answer(asked.answer, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SupplierRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"What you make of {asked.supplier.name}’s answer is in the register.")
            return redirect("registers:supplier_detail", asked.supplier_id)
    context = {
        "asked": asked,
        "supplier": asked.supplier,
        "said": answer_in_words(asked.answer.values),
        "state": asked.state(timezone.localdate()),
        "form": form,
    }
    return render(request, "registers/supplier_answer_review.jinja", context)


@public
@require_http_methods(["GET", "POST"])
def supplier_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The questions behind a link, for a supplier without an account. One answer, until the link's last day."""
    try:
        asked = services.open_request(token, on=timezone.localdate())
        if asked is None:
            raise Http404
        response = _questions(request, asked)
    except services.LinkClosedError as closed:
        response = render(request, "registers/supplier_link_closed.jinja", {"reason": str(closed)}, status=410)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _questions(request: HttpRequest, asked: SupplierRequest) -> HttpResponse:
    last = last_answer(asked.supplier)
    form = SupplierAnswerForm(request.POST or None, request.FILES or None, initial=_offered(last))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        services.take_answer(asked, values=form.values(), answered_by=said["answered_by"], file=said["file"], at=timezone.now())
        return render(request, "registers/supplier_answered.jinja", {"asked": asked})
    return render(request, "registers/supplier_answer.jinja", {"asked": asked, "form": form, "last": last})


def _offered(last: SupplierAnswer | None) -> dict[str, Any]:
    """What was said the last time, to be checked: never the year's incidents, which are asked afresh."""
    if last is None:
        return {}
    kept = {name: value for name, value in last.values.items() if name not in ("incidents", "incident_words")}
    dates = ("cyber_essentials_until", "iso27001_until")
    return kept | {name: date.fromisoformat(kept[name]) for name in dates if kept[name]}
