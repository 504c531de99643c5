"""Units as a tree."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from staff import queries, services, unit_tree
from staff.forms_people import LastDayForm
from staff.forms_units import UnitForm
from staff.models import Unit


@requires(Capability.STAFF_VIEW)
@require_safe
def unit_list(request: SignedInRequest) -> HttpResponse:
    """The tree with how many people are in post today, and posts whose manager has left."""
    organisation, today = request.access.organisation, timezone.localdate()
    context = {
        "tops": unit_tree.tree(organisation, on=today),
        "orphans": list(queries.former_managers(organisation, today)[: queries.PAGE]),
        "today": today,
        "may_edit": request.access.can(Capability.STAFF_EDIT),
    }
    return render(request, "staff/unit_list.jinja", context)


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def unit_new(request: SignedInRequest) -> HttpResponse:
    """Add a unit."""
    organisation = request.access.organisation
    form = UnitForm(request.POST or None, organisation=organisation, on=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            unit = services.add_unit(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.UnitRefusedError as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{unit} is added.")
            return redirect("staff:unit_list")
    return render(request, "staff/unit_new.jinja", {"form": form})


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def unit_edit(request: SignedInRequest, unit_id: int) -> HttpResponse:
    """Rename a unit, move it, or give it a site."""
    unit = _unit(request, unit_id)
    form = UnitForm(request.POST or None, organisation=unit.organisation, on=timezone.localdate(), unit=unit)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_unit(unit, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.UnitRefusedError as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The unit is saved.")
            return redirect("staff:unit_list")
    context = {"form": form, "unit": unit, "former_names": list(unit.former_names.all())}
    return render(request, "staff/unit_edit.jinja", context)


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def unit_close(request: SignedInRequest, unit_id: int) -> HttpResponse:
    """Close a unit after a last day."""
    unit = _unit(request, unit_id)
    form = LastDayForm(request.POST or None, label="Last day of the unit", initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.close_unit(unit, last_day=form.cleaned_data["last_day"], by=request.user, at=timezone.now())
        except services.UnitRefusedError as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"The last day of {unit} is recorded.")
            return redirect("staff:unit_list")
    return render(request, "staff/unit_close.jinja", {"form": form, "unit": unit})


@requires(Capability.STAFF_EDIT)
@require_POST
def unit_reopen(request: SignedInRequest, unit_id: int) -> HttpResponse:
    """Open a closed unit again."""
    unit = _unit(request, unit_id)
    services.reopen_unit(unit, by=request.user, at=timezone.now())
    messages.success(request, f"{unit} is open again.")
    return redirect("staff:unit_list")


def _unit(request: SignedInRequest, unit_id: int) -> Unit:
    return get_object_or_404(Unit.objects.visible_to(request.access).select_related("organisation"), pk=unit_id)
