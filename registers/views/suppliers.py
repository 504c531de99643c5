"""The pages of the register of suppliers and partners."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import catalogue
from registers.due_diligence import rules
from registers.forms.suppliers import AgreementForm, SightingForm, SupplierFilterForm, SupplierForm
from registers.models.supplier_requests import SupplierRequest
from registers.models.suppliers import Agreement, Supplier
from registers.queries.actions import actions_of
from registers.queries.suppliers import answer_in_words, lines
from registers.services import suppliers as services
from registers.services.suppliers import AGREEMENT_FIELDS, SUPPLIER_FIELDS, SupplierRefusedError


@requires(Capability.REGISTERS_VIEW)
@require_safe
def supplier_list(request: SignedInRequest) -> HttpResponse:
    """The suppliers and partners, and how far each has been checked."""
    organisation, today = request.access.organisation, timezone.localdate()
    form = SupplierFilterForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    suppliers = Supplier.objects.visible_to(request.access).filter(name__icontains=chosen.get("name", "")).with_facts()
    if chosen.get("show") != "all":
        suppliers = suppliers.current(today)
    found = lines(list(suppliers), today)
    if chosen.get("show") == "to-check":
        found = [line for line in found if line.wants_something]
    register = catalogue.find("suppliers")
    assert register is not None  # noqa: S101  declared with this page
    return render(
        request,
        "registers/supplier_list.jinja",
        {
            "lines": found,
            "form": form,
            "is_filtered": any(chosen.values()),
            "figures": catalogue.figures_of(register, organisation, today),
            "register": register,
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
            "today": today,
        },
    )


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def supplier_add(request: SignedInRequest) -> HttpResponse:
    """Enter a supplier or partner."""
    form = SupplierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            supplier = services.add_supplier(request.access.organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SupplierRefusedError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"{supplier.name} is in the register.")
            return redirect("registers:supplier_detail", supplier.pk)
    return render(request, "registers/supplier_add.jinja", {"form": form})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def supplier_change(request: SignedInRequest, supplier_id: int) -> HttpResponse:
    """Correct what is known of a supplier, or say that it ended."""
    supplier = _supplier(request, supplier_id)
    form = SupplierForm(request.POST or None, initial={name: getattr(supplier, name) for name in SUPPLIER_FIELDS})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_supplier(supplier, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SupplierRefusedError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "The register is up to date.")
            return redirect("registers:supplier_detail", supplier_id)
    return render(request, "registers/supplier_change.jinja", {"form": form, "supplier": supplier})


@requires(Capability.REGISTERS_VIEW)
@require_safe
def supplier_detail(request: SignedInRequest, supplier_id: int) -> HttpResponse:
    """One supplier with everything known of it."""
    today = timezone.localdate()
    supplier = get_object_or_404(Supplier.objects.visible_to(request.access).with_facts(), pk=supplier_id)
    asked = SupplierRequest.objects.filter(supplier=supplier).select_related("asked_by").with_answers()
    requests = [
        (one, one.state(today), list(answer_in_words(one.answer.values)) if hasattr(one, "answer") else []) for one in asked
    ]
    return render(
        request,
        "registers/supplier_detail.jinja",
        {
            "supplier": supplier,
            "found": supplier.diligence(today),
            "sightings": supplier.sightings.select_related("by", "document__document"),
            "agreements": [
                (one, one.in_date(today), [clause for clause in rules().clauses if clause.key not in one.clauses])
                for one in supplier.agreements.select_related("document__document")
            ],
            "oldest": rules().oldest_sighting(today),
            "requests": requests,
            "actions": actions_of(request.access, "supplier", supplier.pk, on=today),
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
            "may_open": request.access.can(Capability.EVIDENCE_VIEW),
            "today": today,
        },
    )


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def sighting_add(request: SignedInRequest, supplier_id: int) -> HttpResponse:
    """Keep what was seen of a supplier's DSPT or certificate."""
    supplier = _supplier(request, supplier_id)
    form = SightingForm(request.POST or None, access=request.access, initial={"seen_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.record_sighting(supplier, by=request.user, at=timezone.now(), **form.cleaned_data)
        except SupplierRefusedError as refusal:
            form.add_error("seen_on", str(refusal))
        else:
            messages.success(request, f"What you saw of {supplier.name} is in the register.")
            return redirect("registers:supplier_detail", supplier_id)
    return render(request, "registers/sighting_add.jinja", {"form": form, "supplier": supplier})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def agreement_add(request: SignedInRequest, supplier_id: int) -> HttpResponse:
    """Enter an agreement with a supplier."""
    supplier = _supplier(request, supplier_id)
    form = AgreementForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        services.add_agreement(supplier, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"The agreement with {supplier.name} is in the register.")
        return redirect("registers:supplier_detail", supplier_id)
    return render(request, "registers/agreement_edit.jinja", {"form": form, "supplier": supplier, "agreement": None})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def agreement_change(request: SignedInRequest, agreement_id: int) -> HttpResponse:
    """Correct an agreement, or say that it ended."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.access).select_related("supplier"), pk=agreement_id)
    initial = {name: getattr(agreement, name) for name in AGREEMENT_FIELDS} | {"document": agreement.document_id}
    form = AgreementForm(request.POST or None, access=request.access, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.change_agreement(agreement, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "The register is up to date.")
        return redirect("registers:supplier_detail", agreement.supplier_id)
    context = {"form": form, "supplier": agreement.supplier, "agreement": agreement}
    return render(request, "registers/agreement_edit.jinja", context)


def _supplier(request: SignedInRequest, supplier_id: int) -> Supplier:
    """A supplier of the organisation; 404 for any other."""
    return get_object_or_404(Supplier.objects.visible_to(request.access), pk=supplier_id)
