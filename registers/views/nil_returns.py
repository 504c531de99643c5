"""Saying that there was nothing to record."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import catalogue
from registers.forms.nil_returns import NilReturnForm, WithdrawalForm
from registers.models import NilReturn
from registers.queries.nil_returns import NilState, signed_nil_returns
from registers.services import nil_returns as services
from registers.views.home import register_of


@requires(Capability.REGISTERS_EDIT, Capability.ASSESSMENT_SIGN)
@require_http_methods(["GET", "POST"])
def nil_return_sign(request: SignedInRequest, register: str) -> HttpResponse:
    """The nil returns of a register, and the form to sign one."""
    one = register_of(register, request.access)
    if not one.takes_nil_returns:
        raise Http404("This register takes no nil return.")
    organisation, today = request.access.organisation, timezone.localdate()
    start = _year_start(today)
    initial = {"first_day": start, "last_day": today}
    form = NilReturnForm(request.POST or None, initial=initial, statement=one.nil_statement)
    if request.method == "POST" and form.is_valid():
        first, last = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
        try:
            services.sign_nil_return(
                one, organisation, start=first, end=last + timedelta(days=1), by=request.user, at=timezone.now()
            )
        except services.NilReturnRefusedError as refusal:
            form.add_error("first_day", str(refusal))
        else:
            messages.success(request, "The nil return is signed. It lapses by itself if something is recorded for that period.")
            return redirect("registers:nil_return_sign", register=one.slug)
    context = {
        "register": one,
        "form": form,
        "signed": signed_nil_returns(one, organisation),
        "signs_as": services.signs_as(request.user, organisation, on=today),
        "states": NilState,
    }
    return render(request, "registers/nil_return_sign.jinja", context)


@requires(Capability.REGISTERS_EDIT, Capability.ASSESSMENT_SIGN)
@require_http_methods(["GET", "POST"])
def nil_return_withdraw(request: SignedInRequest, nil_return_id: int) -> HttpResponse:
    """Withdraw a nil return, with a reason."""
    nil = get_object_or_404(NilReturn.objects.visible_to(request.access).filter(withdraws=None), pk=nil_return_id)
    one = catalogue.find(nil.register)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw_nil_return(nil, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, "The nil return is withdrawn.")
        return redirect("registers:nil_return_sign", register=nil.register)
    return render(request, "registers/nil_return_withdraw.jinja", {"form": form, "nil": nil, "register": one})


def _year_start(today: date) -> date:
    """The toolkit's year runs from July to June."""
    return date(today.year if today.month >= 7 else today.year - 1, 7, 1)
