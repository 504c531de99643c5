"""Who gets the head of the audit trail by e-mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import Organisation
from accounts.policy import fresh, requires
from privacy import heads
from privacy.models import HeadMail
from privacy.services import KeepingRefusedError


class ReceiversForm(forms.Form):
    """Which of the people with a role."""

    users: Any = forms.ModelMultipleChoiceField(
        queryset=None, label="Who gets it?", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["users"]
        chosen.queryset = heads.who_may_receive(organisation)


@requires(Capability.ORGANISATION_MANAGE)
@fresh
@require_http_methods(["GET", "POST"])
def head_receivers(request: SignedInRequest) -> HttpResponse:
    """Choose at least two people; see what was sent lately."""
    organisation = request.access.organisation
    chosen = list(heads.receivers_of(organisation).values_list("pk", flat=True))
    form = ReceiversForm(organisation=organisation, initial={"users": chosen})
    if request.method == "POST":
        form = ReceiversForm(request.POST, organisation=organisation)
        if form.is_valid():
            try:
                heads.choose_receivers(organisation, list(form.cleaned_data["users"]), by=request.user, at=timezone.now())
            except KeepingRefusedError as refusal:
                form.add_error("users", str(refusal))
            else:
                messages.success(request, "Saved.")
                return redirect("privacy:head_receivers")
    sent = HeadMail.objects.filter(organisation=organisation).select_related("user")[:20]
    return render(request, "privacy/head_receivers.jinja", {"form": form, "sent": sent, "nobody": not chosen})
