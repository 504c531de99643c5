"""What every view of a return needs: the return itself, and what this person may do with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policy import roles_with
from assessment.leaves import Leaf
from assessment.models import Assessment
from assessment.queries import AssessmentReturn, current_return
from assessment.states import State


@dataclass(frozen=True)
class May:
    """What a person may do with a return as it stands."""

    edit: bool
    review: bool
    sign: bool
    publish: bool
    unlock: bool
    submit: bool


def find_assessment(request: SignedInRequest, assessment_id: int) -> Assessment:
    """The return, if it is of the organisation the person works in; 404 otherwise."""
    returns = (
        Assessment.objects.visible_to(request.access)
        .select_related("organisation", "edition", "lead")
        .defer("edition__source", "edition__content")
    )
    return get_object_or_404(returns, pk=assessment_id)


def find_return(request: SignedInRequest, assessment_id: int) -> AssessmentReturn:
    """The return read whole, as it stands today."""
    return current_return(find_assessment(request, assessment_id), today=timezone.localdate())


def find_leaf(whole: AssessmentReturn, response_id: int) -> Leaf:
    """One item of the return; 404 if it has no such item."""
    try:
        return whole.leaf(response_id)
    except KeyError as error:
        raise Http404 from error


def may(request: SignedInRequest, whole: AssessmentReturn) -> May:
    """What the person may do here and now. Pages show no form for the rest; services refuse it all the same."""
    can_edit, can_sign = request.access.can(Capability.ASSESSMENT_EDIT), request.access.can(Capability.ASSESSMENT_SIGN)
    state = whole.state
    return May(
        edit=can_edit and whole.is_editable,
        submit=can_edit and state == State.IN_PROGRESS,
        review=(can_sign or can_edit) and state == State.IN_REVIEW,
        sign=can_sign and state == State.READY_TO_SIGN,
        publish=request.access.can(Capability.ASSESSMENT_PUBLISH) and state == State.SIGNED,
        unlock=(can_edit or can_sign) and whole.recorded_state in (State.READY_TO_SIGN, State.SIGNED),
    )


def people_of(request: SignedInRequest) -> list[tuple[int, str]]:
    """Who of the organisation can be asked to look after an item: those who may answer."""
    roles = list(roles_with(Capability.ASSESSMENT_EDIT)) + list(roles_with(Capability.ASSESSMENT_SIGN))
    users = User.objects.filter(
        memberships__organisation=request.access.organisation, memberships__ended_at__isnull=True, memberships__role__in=roles
    )
    return [(user.pk, str(user)) for user in users.distinct().order_by("last_name", "first_name", "username")]
