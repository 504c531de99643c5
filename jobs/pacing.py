"""How much background work one person, and one organisation, may have waiting, and how much somebody may start within an hour.

What nobody asked for by name (letters about what happened, looking for viruses) is not counted: it follows from acts with limits of their own.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Organisation, User
from jobs.models import Job

HOUR = timedelta(hours=1)
LOG = logging.getLogger("tenfold.security")


class TooManyJobsError(Exception):
    """One job too many; the text says so, fit for the person who asked."""

    def __init__(self, text: str, *, again_at: datetime | None = None) -> None:
        super().__init__(text)
        self.again_at = again_at
        """When the next may be started; none if that hangs on when the others are done."""


def require_room(by: User, *, organisation: Organisation | None, at: datetime) -> None:
    """Refuse one job too many.

    Raises:
        TooManyJobsError: too many of the person or the organisation are not done yet, or too many were started within the hour.
    """
    theirs = Job.objects.filter(created_by=by)
    if theirs.unfinished().count() >= settings.JOBS_AT_ONCE:
        raise _refused(
            by, f"{settings.JOBS_AT_ONCE} pieces of work that you started are not done yet. Go on when one of them is."
        )
    if organisation is not None:
        of_all = Job.objects.filter(organisation=organisation, created_by__isnull=False).unfinished().count()
        if of_all >= settings.JOBS_AT_ONCE_ORGANISATION:
            raise _refused(by, "Much work that people of your organisation started is not done yet. Go on in some minutes.")
    lately = theirs.filter(created_at__gt=at - HOUR).order_by("-created_at").values_list("created_at", flat=True)
    oldest = lately[settings.JOBS_PER_HOUR - 1 : settings.JOBS_PER_HOUR].first()
    if oldest is not None:
        text = f"You have started {settings.JOBS_PER_HOUR} pieces of work within an hour."
        raise _refused(by, text, again_at=oldest + HOUR)


def _refused(by: User, text: str, *, again_at: datetime | None = None) -> TooManyJobsError:
    LOG.warning("held back after too much background work: user %s", by.pk)
    return TooManyJobsError(text, again_at=again_at)
