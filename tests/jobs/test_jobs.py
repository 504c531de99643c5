"""Jobs: written down, claimed once, swept up when lost."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from jobs import registry, services
from jobs.models import Job
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def work():
    """A kind of job that does what the test tells it to."""
    calls = []

    def handler(*, progress, **arguments):
        calls.append(arguments)
        progress(1, 2, "half way")
        outcome = handler.outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    handler.outcome = {"url": "/start/"}
    handler.calls = calls
    registry.handles("test.work")(handler)
    yield handler
    registry._handlers.pop("test.work")


def enqueue(organisation, user=None, **arguments):
    return services.enqueue("test.work", title="Some work", organisation=organisation, by=user, arguments=arguments, at=NOW)


def test_a_job_is_done_once_however_often_it_is_delivered(work, organisation):
    job = enqueue(organisation, batch=7)

    assert services.run(job.pk).state == Job.State.DONE
    assert services.run(job.pk) is None

    job.refresh_from_db()
    assert work.calls == [{"batch": 7}]
    assert (job.progress_done, job.progress_total, job.progress_note, job.result) == (1, 2, "half way", {"url": "/start/"})
    assert job.finished_at is not None


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (registry.JobFailedError("The file is gone: upload it again."), "The file is gone: upload it again."),
        (ZeroDivisionError(), services.SORRY),
    ],
)
def test_a_failure_is_told_in_one_sentence(work, organisation, outcome, said):
    work.outcome = outcome

    job = services.run(enqueue(organisation).pk)

    assert (job.state, job.error) == (Job.State.FAILED, said)


def test_an_unknown_kind_is_refused_before_anything_is_written(organisation):
    with pytest.raises(LookupError):
        services.enqueue("no.such.kind", title="x", organisation=organisation, by=None, arguments={}, at=NOW)
    assert not Job.objects.exists()


def test_the_sweeper_finds_what_the_broker_lost(work, organisation):
    job = enqueue(organisation)

    assert services.sweep(at=NOW + timedelta(seconds=30)) == 0
    assert services.sweep(at=NOW + timedelta(seconds=90)) == 1
    assert services.sweep(at=NOW + timedelta(seconds=91)) == 0
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_the_sweeper_brings_back_what_a_dead_worker_left_three_times_and_no_more(work, organisation):
    job = enqueue(organisation)
    long_ago = NOW - timedelta(hours=1)

    for attempts, state in ((1, Job.State.QUEUED), (2, Job.State.QUEUED), (3, Job.State.FAILED)):
        Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, attempts=attempts, heartbeat_at=long_ago)
        services.sweep(at=NOW)
        job.refresh_from_db()
        assert job.state == state
    assert job.error == services.SORRY


def test_a_broker_that_is_away_does_not_stop_anybody(
    work, organisation, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.JOBS_ENQUEUE = True

    def refuse(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(services.current_app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(organisation)

    assert Job.objects.get(pk=job.pk).state == Job.State.QUEUED


def test_only_the_person_who_asked_sees_the_progress(work, organisation, other_organisation, sign_in):
    asker = sign_in(organisation, Role.HR)
    job = enqueue(organisation, asker.user)
    url = reverse("jobs:job_detail", args=[job.pk])

    waiting = asker.get(url)
    services.run(job.pk)
    done = asker.get(url)

    assert b'data-progress="waiting"' in waiting.content
    assert b"tenfold/progress.js" in waiting.content
    assert b'http-equiv="refresh"' not in waiting.content, "WCAG 2.2.1: a page does not move by itself"
    assert b"See the result" in done.content
    assert b'data-progress="done"' in done.content
    assert sign_in(organisation, Role.HR).get(url).status_code == 404
    assert sign_in(other_organisation, Role.HR).get(url).status_code == 404
