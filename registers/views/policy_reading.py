"""Policies as every member of staff meets them: what to read, and saying that one has."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers.forms.policies import ReadForm
from registers.models import Acknowledgement, PolicyState, PolicyVersion
from registers.queries.policies import reading_list, with_facts
from registers.services import policies as services
from registers.views.policies import file_response
from registers.writing.markup import blocks_of
from staff.models import Person


@requires(Capability.LEARN)
@require_safe
def my_policies(request: SignedInRequest) -> HttpResponse:
    """What I am asked to read, and what I have read."""
    person = _person(request)
    found = reading_list(person, on=timezone.localdate()) if person else []
    return render(
        request,
        "registers/my_policies.jinja",
        {
            "person": person,
            "manages": request.access.can(Capability.TEAM_VIEW),
            "to_read": [item for item in found if not item.acknowledged_on],
            "read": [item for item in found if item.acknowledged_on],
        },
    )


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def policy_read(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """One policy to read, with the reader's word under it. What no longer applies says so and shows nothing else."""
    person, version = _asked(request, policy_version_id)
    state = version.state(timezone.localdate())
    form = ReadForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (form.is_valid() or state != PolicyState.PUBLISHED):
        try:
            services.acknowledge(version, person=person, by=request.user, at=timezone.now())
        except services.PolicyRefusedError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, f"Thank you. We have noted that you read “{version.policy}”.")
        return redirect("registers:my_policies")
    return render(
        request,
        "registers/policy_read.jinja",
        {
            "version": version,
            "state": state,
            "blocks": blocks_of(version.body),
            "form": form,
            "acknowledged": Acknowledgement.objects.filter(version=version, person=person).first(),
        },
    )


@requires(Capability.LEARN)
@require_safe
def policy_file(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """The file of a policy that I am asked to read."""
    _reader, version = _asked(request, policy_version_id)
    if version.state(timezone.localdate()) != PolicyState.PUBLISHED:
        raise Http404
    return file_response(version, on=timezone.localdate())


def _asked(request: SignedInRequest, pk: int) -> tuple[Person, PolicyVersion]:
    """Whoever has come and a published version asked of them; anything else is not there for them."""
    person = _person(request)
    if person is None:
        raise Http404
    asked = PolicyVersion.objects.visible_to(request.access).asked_of(person, timezone.localdate()).published()
    return person, get_object_or_404(with_facts(asked), pk=pk)


def _person(request: SignedInRequest) -> Person | None:
    return Person.objects.filter(user=request.user, organisation=request.access.organisation).first()
