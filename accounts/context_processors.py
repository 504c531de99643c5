"""What every page's layout needs to know of whoever looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.directories import configured
from accounts.navigation import entries_for


def access(request: HttpRequest) -> dict[str, Any]:
    """The access, the menu, the product's name and the directories one may sign in through. ``access`` is None for somebody not signed in."""
    found, platform = getattr(request, "access", None), getattr(request, "platform", None)
    return {
        "access": found,
        "platform": platform,
        "menu": entries_for(found or platform, request.path),
        "product_name": settings.PRODUCT_NAME,
        "directories": configured(),
    }
