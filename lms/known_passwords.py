"""The demonstration's sign-ins have a password that everybody knows: they never stand beside anybody's own data."""

from __future__ import annotations

from django.conf import settings

from accounts.models import Organisation, User
from audit.models import Event

INVENTED = "demo.people_invented"
"""What the trail of the three organisations says that are made first."""
NOT_IN_PRODUCTION = "The demonstration has a password that everybody knows: production takes none. Use make run."
NOT_BESIDE_DATA = (
    "There is an installation of your own here. The demonstration has a password that everybody knows and is not loaded into it: "
    "start yours with make start, or set TENFOLD_DATA_DIR or DATABASE_URL to another place for the demonstration."
)
NOT_FOR_REAL_USE = (
    "The demonstration was loaded here, and everybody knows its password: this cannot become an installation for real use. "
    "Set TENFOLD_DATA_DIR or DATABASE_URL to another place, or start the demonstration with make run."
)


def why_no_demonstration() -> str:
    """Why the demonstration is not loaded here; nothing if it may be.

    It may be where nobody is yet, and where it was what came first.
    """
    if not settings.TAKES_DEMONSTRATION:
        return NOT_IN_PRODUCTION
    first = Organisation.objects.order_by("pk").first()
    if first is None:
        return NOT_BESIDE_DATA if User.objects.exists() else ""
    return "" if Event.objects.of_organisation(first.ods_code).filter(type=INVENTED).exists() else NOT_BESIDE_DATA


def why_no_real_use() -> str:
    """Why this is no place for anybody's own data; nothing if it may be."""
    return NOT_FOR_REAL_USE if Event.objects.filter(type=INVENTED).exists() else ""
