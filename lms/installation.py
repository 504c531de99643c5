"""How the installation is, without anybody's personal data: names of organisations, counts, background work, settings."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q

from accounts.models import Organisation
from accounts.row_security import every_organisation
from assessment.models import Edition
from audit.serving_role import owns_what_it_serves
from jobs.models import Job

LATELY = timedelta(days=7)


@dataclass(frozen=True)
class OrganisationLine:
    """One organisation, and how many people can sign in there."""

    organisation: Organisation
    sign_ins: int


@dataclass(frozen=True)
class Work:
    """Background work of the last week by kind, and since when the oldest waits."""

    kinds: tuple[tuple[str, int, int], ...]
    """Kind, how often it was done, how often it failed."""
    waiting: int
    waiting_since: datetime | None
    running: int


def organisations() -> list[OrganisationLine]:
    """Every organisation, by name."""
    current = Q(memberships__ended_at__isnull=True)
    found = Organisation.objects.annotate(sign_ins=Count("memberships__user", filter=current, distinct=True)).order_by("name")
    return [OrganisationLine(one, one.sign_ins) for one in found]


def work(*, at: datetime) -> Work:
    """What was done in the last seven days, and what is left to do."""
    with every_organisation():
        lately = Job.objects.filter(finished_at__gte=at - LATELY).order_by("kind").values_list("kind")
        counted = lately.annotate(
            done=Count("pk", filter=Q(state=Job.State.DONE)), failed=Count("pk", filter=Q(state=Job.State.FAILED))
        )
        open_jobs = Job.objects.order_by().aggregate(
            waiting=Count("pk", filter=Q(state=Job.State.QUEUED)),
            waiting_since=Min("queued_at", filter=Q(state=Job.State.QUEUED)),
            running=Count("pk", filter=Q(state=Job.State.RUNNING)),
        )
        return Work(kinds=tuple(counted), **open_jobs)


def editions() -> list[Edition]:
    """The editions of the DSPT that are loaded, the newest year first."""
    return list(Edition.objects.defer("content").order_by("-year", "edition_id", "-pk"))


def how_it_is_set_up() -> list[tuple[str, str]]:
    """Versions, and the settings that decide how safe the installation is."""
    return [
        ("Python", platform.python_version()),
        ("Django", version("django")),
        ("Wagtail", version("wagtail")),
        ("Database", f"PostgreSQL {_postgres()}" if connection.vendor == "postgresql" else "SQLite"),
        ("Second factor", "asked for" if settings.SECOND_FACTOR else "switched off"),
        *([("Role in the database", _role())] if connection.vendor == "postgresql" else []),
        ("Row security in the database", "on" if settings.ROW_SECURITY and connection.vendor == "postgresql" else "off"),
        ("Virus scanner", "on" if settings.SCANNER else "none"),
        (
            "Daily head of the installation's trail",
            f"to {len(settings.PLATFORM_HEAD_RECEIVERS)} people" if settings.PLATFORM_HEAD_RECEIVERS else "to nobody",
        ),
        ("Directories", ", ".join(entry["name"] for entry in settings.DIRECTORIES) or "none"),
        ("Address", settings.BASE_URL),
    ]


def _role() -> str:
    return "serves, and owns the tables too" if owns_what_it_serves() else "serves, and owns nothing"


def _postgres() -> str:
    return ".".join(str(part) for part in divmod(connection.pg_version, 10_000))  # type: ignore[attr-defined]
