"""Whose sign-in still works: a leaver's stops the day after the last day in post."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef
from django.db.models.functions import TruncDate

from accounts.models import MembershipQuerySet
from staff.models import KeyPost, Post
from staff.models.joiners import shut_out_of


def without_leavers(memberships: MembershipQuerySet, on: date) -> MembershipQuerySet:
    """Leave out the roles of people all of whose posts in the organisation have ended.

    A role stays if they hold a key post on the date, or if somebody gave it to them after they had left. Whoever is on no
    staff list, such as an external auditor, and whoever has yet to start, is not touched.
    """
    posts = Post.objects.filter(person__user=OuterRef("user"), person__organisation=OuterRef("organisation"))
    key_posts = KeyPost.objects.covering(on).filter(holder__user=OuterRef("user"), organisation=OuterRef("organisation"))
    was_there_when_granted = Exists(posts.filter(end__gt=OuterRef("granted_on")))
    has_left = was_there_when_granted & ~Exists(posts.not_ended(on))
    return memberships.alias(granted_on=TruncDate("granted_at")).exclude(has_left & ~Exists(key_posts))


def without_shut_out(memberships: MembershipQuerySet, on: date) -> MembershipQuerySet:
    """Leave out the roles of people whom the organisation's own directory has deactivated."""
    return memberships.exclude(shut_out_of("user", "organisation"))
