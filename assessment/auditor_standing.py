"""Whose role of auditor still counts: that of somebody invited for a time ends with it, without anybody doing anything."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from accounts.enums import Role
from accounts.models import MembershipQuerySet
from accounts.standing import register
from assessment.models import Engagement


def without_ended_auditors(memberships: MembershipQuerySet, on: date) -> MembershipQuerySet:
    """Leave out the role of auditor where somebody was invited to audit and no invitation covers the date.

    An auditor whom an administrator gave the role without an invitation, and every other role, is not touched.
    """
    invited = Engagement.objects.filter(auditor=OuterRef("user"), assessment__organisation=OuterRef("organisation"))
    return memberships.exclude(Exists(invited) & ~Exists(invited.covering(on)), role=Role.AUDITOR)


register(without_ended_auditors)
