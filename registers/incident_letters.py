"""Tells those who handle incidents that one was reported. The letter holds a reference and nothing of the report."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Membership
from accounts.policy import roles_with
from jobs.registry import Progress, handles
from nhsuk import mail
from registers.models import Incident
from registers.services.incidents import TELL_HANDLERS

LETTER = """Somebody reported {reference} at {organisation}.

Sign in to read and assess it: {address}

If personal information was affected and people may be harmed, the ICO must be told within 72 hours of your
becoming aware. Nights and weekends count.
"""


@handles(TELL_HANDLERS)
def tell_handlers(progress: Progress, *, incident_id: int) -> dict[str, Any]:
    """Write to everybody who may handle incidents there, each apart."""
    incident = Incident.objects.select_related("organisation").get(pk=incident_id)
    organisation = incident.organisation
    roles = list(roles_with(Capability.INCIDENTS_HANDLE))
    handlers = Membership.objects.current().filter(organisation=organisation, role__in=roles, user__is_active=True)
    addresses = sorted(set(handlers.exclude(user__email="").values_list("user__email", flat=True)))
    address = settings.BASE_URL + reverse("registers:incident_detail", args=[incident.pk])
    text = LETTER.format(reference=incident.reference, organisation=organisation.name, address=address)
    subject = f"{incident.reference} was reported: please assess it"
    progress(0, len(addresses), "Writing to those who handle incidents")
    return {"told": mail.send_each(subject, text, addresses)}
