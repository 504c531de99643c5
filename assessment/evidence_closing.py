"""Withheld documents that auditors may not open here either."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.enums import Capability
from accounts.policy import Access
from assessment.models import Withholding


def closed_to_auditors(access: Access) -> QuerySet[Any] | None:
    """The documents closed to an auditor: what was last decided about each, in whichever return, counts."""
    if not access.can(Capability.ASSESSMENT_AUDIT) or access.can(Capability.ASSESSMENT_DISCUSS):
        return None
    newest = Withholding.objects.filter(document=OuterRef("document")).order_by("-pk").values("pk")[:1]
    standing = Withholding.objects.filter(assessment__organisation=access.organisation, pk=Subquery(newest))
    return standing.filter(is_withheld=True, auditors_may_open=False).values_list("document")
