"""Nobody starts more background work than others can wait for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from jobs import registry, services
from jobs.models import Job
from jobs.pacing import TooManyJobsError
from staff.models import LetterRun
from tests.factories import OrganisationFactory, PersonFactory, PostFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def work():
    registry.handles("test.work")(lambda *, progress, **arguments: {})
    yield
    registry._handlers.pop("test.work")


@pytest.fixture(autouse=True)
def _limits(settings):
    settings.JOBS_AT_ONCE, settings.JOBS_AT_ONCE_ORGANISATION, settings.JOBS_PER_HOUR = 2, 3, 4


def ask(organisation, by, number, *, at=NOON):
    return services.enqueue("test.work", title="Some work", organisation=organisation, by=by, arguments={"n": number}, at=at)


def test_so_much_of_one_person_waits_or_runs_at_once_and_then_no_more(work, organisation, caplog):
    user, other = UserFactory(), UserFactory()
    first = ask(organisation, user, 1)
    Job.objects.filter(pk=ask(organisation, user, 2).pk).update(state=Job.State.RUNNING, heartbeat_at=NOON)

    with pytest.raises(TooManyJobsError) as refused:
        ask(organisation, user, 3)

    assert str(refused.value) == "2 pieces of work that you started are not done yet. Go on when one of them is."

    assert Job.objects.count() == 2
    assert f"held back after too much background work: user {user.pk}" in caplog.text
    assert ask(organisation, other, 3).created_by == other, "somebody else is not held back"
    services.run(first.pk)
    services.run(Job.objects.get(created_by=other).pk)
    assert ask(organisation, user, 3).state == Job.State.QUEUED


def test_so_much_of_one_organisation_and_then_no_more_but_for_what_nobody_asked_for(work, organisation):
    for number in range(5):
        ask(organisation, None, number)
    for number in range(3):
        ask(organisation, UserFactory(), number)

    with pytest.raises(TooManyJobsError, match="people of your organisation started is not done yet"):
        ask(organisation, UserFactory(), 4)

    assert ask(OrganisationFactory(), UserFactory(), 4)
    assert ask(organisation, None, 6)


def test_so_much_is_started_within_an_hour_and_then_it_waits_until_the_oldest_is_an_hour_old(work, organisation):
    user = UserFactory()
    for number in range(4):
        services.run(ask(organisation, user, number, at=NOON + timedelta(minutes=10 * number)).pk)

    with pytest.raises(TooManyJobsError, match="You have started 4 pieces of work within an hour") as refused:
        ask(organisation, user, 4, at=NOON + timedelta(minutes=59))

    assert refused.value.again_at == NOON + timedelta(hours=1)
    assert ask(organisation, user, 4, at=refused.value.again_at)
    with pytest.raises(TooManyJobsError) as again:
        ask(organisation, user, 5, at=NOON + timedelta(minutes=61))
    assert again.value.again_at == NOON + timedelta(minutes=70)


def test_asking_for_the_same_again_leads_to_what_waits_until_it_has_begun(work, organisation):
    user = UserFactory()
    waiting = ask(organisation, user, 1)

    assert ask(organisation, user, 1) == waiting
    assert ask(organisation, UserFactory(), 1) != waiting
    Job.objects.filter(pk=waiting.pk).update(state=Job.State.RUNNING, heartbeat_at=NOON)
    assert ask(organisation, user, 1) != waiting


def test_whoever_asks_for_too_much_is_told_when_to_come_back_and_loses_nothing(organisation, sign_in):
    unit = UnitFactory(organisation=organisation)
    PostFactory(person=PersonFactory(organisation=organisation, email=""), unit=unit)
    address, sent = reverse("staff:letter_list"), {"unit": unit.pk}
    with time_machine.travel(NOON, tick=False) as clock:
        hr = sign_in(organisation, Role.HR)
        for _ in range(2):
            assert hr.post(address, sent).status_code == 302
        refused = hr.post(address, sent)

        assert (refused.status_code, refused["Content-Type"]) == (429, "text/html; charset=utf-8")
        assert "2 pieces of work that you started are not done yet. Go on when one of them is." in refused.text
        assert f'<form method="post" action="{address}">' in refused.text
        assert f'<input type="hidden" name="unit" value="{unit.pk}">' in refused.text
        for job in Job.objects.all():
            assert (
                f'<a href="{reverse("jobs:job_detail", kwargs={"job_id": job.pk})}">Making letters (waiting)</a>' in refused.text
            )
        assert (Job.objects.count(), LetterRun.objects.count()) == (2, 2), "what was refused left nothing half done"

        finished = {"state": Job.State.DONE, "finished_at": NOON}
        Job.objects.update(**finished)
        assert [hr.post(address, sent).status_code for _ in range(2)] == [302, 302]
        Job.objects.update(**finished)
        assert "You can go on at 1 May 2026 at 1:00pm." in hr.post(address, sent).text
        clock.shift(timedelta(hours=1))
        assert hr.post(address, sent).status_code == 302


def test_what_was_typed_stays_words(organisation, sign_in):
    hr = sign_in(organisation, Role.HR)
    for _ in range(2):
        Job.objects.create(kind="x", title="x", organisation=organisation, created_by=hr.user, created_at=NOON, queued_at=NOON)
    unit = UnitFactory(organisation=organisation)
    PostFactory(person=PersonFactory(organisation=organisation, email=""), unit=unit)

    refused = hr.post(reverse("staff:letter_list"), {"unit": unit.pk, "note": '"><script>alert(1)</script>'})

    assert refused.status_code == 429
    assert 'name="note" value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in refused.text
    assert 'name="csrfmiddlewaretoken"' in refused.text
