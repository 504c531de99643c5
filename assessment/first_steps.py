"""What a new organisation does first for its DSPT assessment."""

from __future__ import annotations

from django.utils import timezone

from accounts.enums import Capability
from accounts.first_steps import register
from accounts.models import Organisation
from assessment.models import Assessment
from assessment.registering import steps_of


def _is_registered(organisation: Organisation) -> bool:
    return all(step.is_done for step in steps_of(organisation, today=timezone.localdate()))


def has_opened_a_return(organisation: Organisation) -> bool:
    """Whether the organisation has ever begun with an assessment."""
    return Assessment.objects.filter(organisation=organisation).exists()


register(
    "Register your organisation",
    hint="Five short pages: what you are, and who answers for what. They decide which requirements you answer.",
    url_name="assessment:register",
    capability=Capability.ORGANISATION_MANAGE,
    is_done=_is_registered,
    order=30,
)
register(
    "Open this year’s DSPT return",
    hint="See what applies to you, then begin with the first item.",
    url_name="assessment:year_list",
    capability=Capability.ASSESSMENT_EDIT,
    is_done=has_opened_a_return,
    order=40,
)
