"""The first page of whoever looks after the installation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import PlatformRequest
from accounts.models import PlatformAdministrator
from accounts.policy import requires
from lms import installation


@requires(Capability.PLATFORM_VIEW)
@require_safe
def platform_home(request: PlatformRequest) -> HttpResponse:
    """Organisations by name, counts, background work, editions and settings. Nobody's personal data."""
    context = {
        "organisations": installation.organisations(),
        "work": installation.work(at=timezone.now()),
        "editions": installation.editions(),
        "set_up": installation.how_it_is_set_up(),
        "administrators": PlatformAdministrator.objects.current().select_related("user"),
        "may_manage": request.platform.can(Capability.PLATFORM_MANAGE),
    }
    return render(request, "lms/platform_home.jinja", context)
