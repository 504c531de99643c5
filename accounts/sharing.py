"""Who writes what all organisations share: pages of the CMS and question banks alike."""

from __future__ import annotations

from typing import Any

SHARED_GROUP = "Shared editors"


def may_share(user: Any) -> bool:
    """Whether somebody writes what all organisations share; costs one query a user."""
    if not hasattr(user, "_may_share"):
        user._may_share = user.groups.filter(name=SHARED_GROUP).exists()
    return bool(user._may_share)
