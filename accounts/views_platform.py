"""For whoever looks after the installation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import platform
from accounts.enums import Capability
from accounts.http import PlatformRequest
from accounts.models import PlatformAdministrator
from accounts.policy import fresh, requires


@requires(Capability.PLATFORM_MANAGE)
@fresh
@require_POST
def platform_administrator_end(request: PlatformRequest, platform_administrator_id: int) -> HttpResponse:
    """Relieve another of looking after the installation."""
    administrator = get_object_or_404(PlatformAdministrator.objects.current(), pk=platform_administrator_id)
    platform.relieve(administrator, by=request.user, at=timezone.now())
    messages.success(request, f"{administrator.user} no longer looks after the installation.")
    return redirect("platform_home")
