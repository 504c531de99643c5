"""Whose invitation to audit still counts: the role ends with it, without anybody doing anything."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from accounts.enums import Role
from accounts.models import MembershipQuerySet
from accounts.standing import register
from assessment.models import Engagement


def without_ended_auditors(memberships: MembershipQuerySet, on: date) -> MembershipQuerySet:
    """Leave out the role of invited auditor where no invitation covers the date. Every other role is not touched."""
    running = Engagement.objects.filter(auditor=OuterRef("user"), assessment__organisation=OuterRef("organisation")).covering(on)
    return memberships.exclude(~Exists(running), role=Role.INVITED_AUDITOR)


register(without_ended_auditors)
