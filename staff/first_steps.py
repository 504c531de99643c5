"""What a new organisation does first with its staff list."""

from __future__ import annotations

from accounts.enums import Capability
from accounts.first_steps import register
from accounts.models import Organisation
from staff.models import Person


def _somebody_is_listed(organisation: Organisation) -> bool:
    return Person.objects.filter(organisation=organisation).exists()


def _somebody_is_connected(organisation: Organisation) -> bool:
    return Person.objects.filter(organisation=organisation, user__isnull=False).exists()


register(
    "Put the staff on the list",
    hint="Bring in a file, or add people one by one. Yourself too: whoever signs the return has to be on it.",
    url_name="staff:person_list",
    capability=Capability.STAFF_EDIT,
    is_done=_somebody_is_listed,
    order=10,
)
register(
    "Let them sign in",
    hint="Those with an e-mail address are sent a link; for the others you print a letter. If you have a sign-in already, this connects you with your own record.",
    url_name="staff:invitation_list",
    capability=Capability.STAFF_INVITE,
    is_done=_somebody_is_connected,
    order=20,
)
