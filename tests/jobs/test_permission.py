"""Whoever loses a role, is deactivated or moves: the next page, the work that is running, and the files that wait know it at once."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability, Role
from accounts.models import Membership
from accounts.services import end_role, grant_role
from jobs import registry, services
from jobs.models import Job
from privacy.copies import ask_for_copy
from privacy.models import PersonCopy
from privacy.tasks import COPY
from staff.models import LetterRun, Unit
from staff.tasks import APPLY, LETTERS
from tests.factories import NOW, person_in_post

pytestmark = pytest.mark.django_db


def demote(user, **_places):
    for membership in Membership.objects.current().filter(user=user, role=Role.HR):
        end_role(membership, by="system", at=timezone.now())


def deactivate(user, **_places):
    user.is_active = False
    user.save(update_fields=["is_active"])


def move(user, *, to):
    for membership in Membership.objects.current().filter(user=user):
        end_role(membership, by="system", at=timezone.now())
    grant_role(user, organisation=to, role=Role.HR, by="system", at=timezone.now())


CHANGES = pytest.mark.parametrize("change", [demote, deactivate, move])


@pytest.fixture
def helen(sign_in, organisation):
    return sign_in(organisation, Role.STAFF, Role.HR)


@pytest.fixture
def work(organisation):
    """Work that writes a unit, tells, and writes another; between them it does what the test says."""

    def handler(*, progress):
        with transaction.atomic():
            Unit.objects.get_or_create(organisation=organisation, name="First")
            handler.meanwhile()
            progress(1, 2)
            Unit.objects.get_or_create(organisation=organisation, name="Second")
        return {}

    handler.meanwhile = lambda: None
    registry.handles("test.write", Capability.STAFF_IMPORT)(handler)
    yield handler
    registry._handlers.pop("test.write")
    registry._needed.pop("test.write")


def job_of(user, organisation, kind="test.write", **arguments):
    return services.enqueue(kind, title="Work", organisation=organisation, by=user, arguments=arguments, at=NOW)


@CHANGES
def test_running_work_stops_and_keeps_nothing(work, helen, organisation, other_organisation, change):
    work.meanwhile = lambda: change(helen.user, to=other_organisation)

    job = services.run(job_of(helen.user, organisation).pk)

    assert (job.state, job.error) == (Job.State.FAILED, "You are no longer permitted to do this, so it was stopped.")
    assert not Unit.objects.exists()


@CHANGES
def test_waiting_work_does_not_begin_and_pages_and_files_are_shut(helen, organisation, other_organisation, change, work):
    person = person_in_post(organisation)
    copy = ask_for_copy(person, by=helen.user, at=timezone.now())
    ready = services.run(Job.objects.get(kind=COPY).pk)
    letters = LetterRun.objects.create(organisation=organisation, created_by=helen.user, created_at=NOW, made_at=NOW, letters=1)
    waiting = [job_of(helen.user, organisation), job_of(helen.user, organisation, LETTERS, letter_run_id=letters.pk, user_id=1)]
    waiting.append(job_of(helen.user, organisation, APPLY, batch_id=1, user_id=1))
    shut = [
        ("get", reverse("staff:import_list")),
        ("get", reverse("privacy:copy_fetch", args=[copy.pk])),
        ("post", reverse("staff:letter_fetch", args=[letters.pk])),
        ("get", reverse("jobs:job_detail", args=[ready.pk])),
    ]
    assert helen.get(shut[0][1]).status_code == 200
    assert PersonCopy.objects.get().state == "ready"

    change(helen.user, to=other_organisation)

    answers = [getattr(helen, method)(url) for method, url in shut]
    expected = {demote: [403, 403, 403, 200], deactivate: [302] * 4, move: [200, 404, 404, 404]}
    assert [answer.status_code for answer in answers] == expected[change]
    assert {services.run(job.pk).error for job in waiting} == {services.NO_LONGER}


def test_whoever_still_may_is_not_stopped_and_work_that_follows_goes_on(work, helen, organisation):
    assert services.run(job_of(helen.user, organisation).pk).state == Job.State.DONE
    assert services.run(job_of(None, organisation).pk).state == Job.State.DONE
    assert registry.needed_for("test.nothing") == ()
