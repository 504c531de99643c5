"""The page that shows who is reminded next, of what, and why somebody is not."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers.models.reminders import ReminderSend
from registers.queries.reminders import digests

MOST_SHOWN = 50


@requires(Capability.REGISTERS_VIEW)
@require_safe
def reminder_list(request: SignedInRequest) -> HttpResponse:
    """What the next run would send, and the last reminders sent."""
    organisation, today = request.access.organisation, timezone.localdate()
    sent = ReminderSend.objects.filter(organisation=organisation).select_related("person", "failure")[:MOST_SHOWN]
    return render(
        request, "registers/reminder_list.jinja", {"digests": digests(organisation, today), "sent": sent, "today": today}
    )
