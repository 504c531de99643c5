"""Tells the evidence library where sessions point to its documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse

from accounts.models import Organisation
from courses.models import TrainingSession
from evidence.uses import Use
from nhsuk.jinja import day


def uses(organisation: Organisation, version_ids: Iterable[int]) -> Iterator[Use]:
    """Every session whose signed sheet is one of the versions."""
    found = TrainingSession.objects.filter(organisation=organisation, sheet__in=list(version_ids)).select_related("course")
    for session in found:
        assert session.sheet_id is not None  # noqa: S101  the query asked for those with a sheet
        yield Use(
            session.sheet_id,
            f"Session of {day(session.held_on)}, {session.course.title}",
            reverse("courses:session_detail", args=[session.pk]),
        )
