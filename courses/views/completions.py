"""Withdrawing one training record, with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses.completions import CompletionRefusedError, void_completion
from courses.forms_staff_records import StaffRecordWithdrawForm
from courses.models import Completion


@requires(Capability.RECORDS_IMPORT)
@require_http_methods(["GET", "POST"])
def completion_withdraw(request: SignedInRequest, training_record_id: int) -> HttpResponse:
    """Say that a completion does not stand, and why. It stays on file, and its certificate is shown as withdrawn."""
    ours = Completion.objects.not_void().filter(person__organisation=request.access.organisation)
    completion = get_object_or_404(ours.select_related("person__organisation", "course"), pk=training_record_id)
    form = StaffRecordWithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            void_completion(completion, by=request.user, at=timezone.now(), **form.cleaned_data)
        except CompletionRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The record is withdrawn.")
            return redirect("staff:person_detail", completion.person_id)
    return render(request, "courses/completion_withdraw.jinja", {"form": form, "completion": completion})
