"""How many files somebody takes away within an hour: enough for any day's work, too few to empty an organisation by a stolen session."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

HOUR = timedelta(hours=1)
COUNT_KEY = "downloads"
"""Where the session keeps when the hour began and how many files were taken since."""

LOG = logging.getLogger("tenfold.security")


def within_limit(request: HttpRequest, response: HttpResponse, *, at: datetime) -> HttpResponse:
    """The response; a page that says to wait instead of a file too many."""
    if not (request.user.is_authenticated and is_download(response)):
        return response
    began, count = request.session.get(COUNT_KEY, (0.0, 0))
    if at.timestamp() - began >= HOUR.total_seconds():
        began, count = at.timestamp(), 0
    if count >= settings.DOWNLOADS_PER_HOUR:
        LOG.warning("held back after too many downloads: user %s", request.user.pk)
        return render(
            request,
            "accounts/too_many_downloads.jinja",
            {"again": datetime.fromtimestamp(began, tz=at.tzinfo) + HOUR},
            status=429,
        )
    request.session[COUNT_KEY] = (began, count + 1)
    return response


def is_download(response: HttpResponseBase) -> bool:
    return response.status_code == 200 and response.get("Content-Disposition", "").startswith("attachment")
