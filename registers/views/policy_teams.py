"""What a manager sees of the policies that their team is asked to read."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers.models import PolicyVersion
from registers.queries.policies import readers, with_facts
from registers.queries.teams import team_policies
from staff.models import Person
from staff.queries import person_of


@requires(Capability.TEAM_VIEW)
@require_safe
def team_policy_list(request: SignedInRequest) -> HttpResponse:
    """Each policy with how many of the team have confirmed it."""
    today = timezone.localdate()
    manager = person_of(request.user.pk, request.access.organisation)
    context = {
        "is_listed": manager is not None,
        "team": Person.objects.managed_by(manager, today).count() if manager else 0,
        "lines": team_policies(manager, on=today) if manager else [],
        "today": today,
    }
    return render(request, "registers/team_policy_list.jinja", context)


@requires(Capability.TEAM_VIEW)
@require_safe
def team_policy(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """Who of the team has confirmed one policy, and who has not. Nobody else is named."""
    today = timezone.localdate()
    applying = PolicyVersion.objects.visible_to(request.access).standing_on(today)
    version = get_object_or_404(with_facts(applying), pk=policy_version_id)
    manager = person_of(request.user.pk, request.access.organisation)
    if manager is None:
        raise Http404("You are not on the staff list.")
    team = Person.objects.managed_by(manager, today)
    found = readers(version, on=today, people=team)
    context = {
        "version": version,
        "unread": [reader for reader in found if not reader.acknowledged_on],
        "read": [reader for reader in found if reader.acknowledged_on],
        "away": set(team.away(today).values_list("pk", flat=True)),
        "today": today,
    }
    return render(request, "registers/team_policy.jinja", context)
