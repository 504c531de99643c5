"""Tells the evidence library where an assessment points to its documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse

from accounts.models import Organisation
from assessment.models import EvidenceLink
from evidence.uses import Use


def uses(organisation: Organisation, version_ids: Iterable[int]) -> Iterator[Use]:
    """Every answer to which one of the versions is attached now, the newest year first."""
    links = EvidenceLink.objects.filter(
        document_version__in=list(version_ids), response__assessment__organisation=organisation, retired_at=None
    ).select_related("response__assessment", "response__item")
    for link in links.order_by("-response__assessment__year", "response__item__order"):
        response = link.response
        label = f"DSPT {response.assessment.year}, {response.item.number}"
        yield Use(
            link.document_version_id, label, reverse("assessment:response_detail", args=[response.assessment_id, response.pk])
        )
