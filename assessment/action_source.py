"""Tells the list of actions where an action of a plan came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from assessment.models import Response
from registers.action_sources import Link, register

PLAN = "plan"
"""What an action of a plan came out of: an item of a return, by its response."""


def _links(organisation: Organisation, ids: Collection[int]) -> Mapping[int, Link]:
    responses = Response.objects.filter(assessment__organisation=organisation, pk__in=ids).select_related("item", "assessment")
    return {
        response.pk: Link(
            f"DSPT {response.assessment.year}, item {response.item.number}",
            reverse("assessment:response_detail", args=[response.assessment_id, response.pk]),
        )
        for response in responses
    }


register(PLAN, noun="The DSPT plan", find=_links, capabilities=(Capability.ASSESSMENT_VIEW,))
