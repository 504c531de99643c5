"""Answers a job too many in one place, whichever page asked for it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from jobs.models import Job
from jobs.pacing import TooManyJobsError

NOT_SENT_AGAIN = {"csrfmiddlewaretoken"}


class TooManyJobsMiddleware:
    """Says when to go on. What was typed stands on the page, unseen, and goes with the button that tries again.

    Stands after ``AccessMiddleware``. Nothing that starts a job takes a file in the same step.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TooManyJobsError):
            return None
        access = request.access  # type: ignore[attr-defined]
        context = {
            "refusal": exception,
            "unfinished": list(Job.objects.visible_to(access).unfinished()) if access else [],
            "sent": [(name, value) for name, values in request.POST.lists() if name not in NOT_SENT_AGAIN for value in values],
        }
        return render(request, "jobs/too_many.jinja", context, status=429)
