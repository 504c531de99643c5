"""What is over goes after two people said so; names go everywhere, and every figure of the past stays what it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.models import Membership, SignInCode, User
from audit.models import Erasure, Event
from audit.services import verify_all
from courses.certificates import issue, verify
from courses.models import Certificate, Completion, ReminderMail
from evidence.blobs import BlobForgottenError, read
from evidence.invariants import blobs_are_whole
from jobs.models import Job
from privacy import services
from privacy.data_map import data_map
from privacy.keeping import in_force
from privacy.models import LegalHold, RetentionRun
from privacy.plan import what_is_over
from registers.models import Incident
from reporting.readings import training_reading
from staff.models import ImportBatch, ImportRow, Joiner, Person, Post
from tests.factories import CompletionFactory, CourseFactory, OrganisationFactory, PersonFactory, PostFactory, UserFactory, member
from tests.test_architecture import OURS

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
LONG_AGO = date(2019, 6, 30)
CANARY = "Zebedee"


def silent(done, total, note=""):
    """Nobody waits for progress."""


@pytest.fixture
def leaver(organisation) -> Person:
    """Somebody who left seven years ago, whose name stands in many places."""
    user = UserFactory(username="zebedee@example.test", first_name=CANARY, last_name="Quill")
    member(organisation, Role.STAFF, user=user)
    Membership.objects.filter(user=user).update(granted_at=datetime(2015, 1, 1, tzinfo=UTC))
    Authenticator.objects.create(user=user, type="totp", data={})
    Joiner.objects.create(
        organisation=organisation, user=user, user_name="zebedee@example.test", given_name=CANARY, created_at=AT, changed_at=AT
    )
    person = PersonFactory(
        organisation=organisation,
        first_name=CANARY,
        last_name="Quill",
        email="zebedee@example.test",
        user=user,
        staff_number="ZQ1",
    )
    PostFactory(person=person, start=date(2015, 1, 1), end=LONG_AGO, assignment_number="ZQ1-2")
    done = CompletionFactory(
        person=person, completed_on=date(2019, 5, 1), source=Completion.Source.CLASSROOM, reference=f"sheet of {CANARY}"
    )
    issue(done, at=AT)
    batch = ImportBatch.objects.create(
        organisation=organisation,
        file_name="staff.csv",
        file_sha256="0" * 64,
        as_of=TODAY,
        created_at=AT,
        applied_at=AT,
        state="applied",
    )
    ImportRow.objects.create(batch=batch, number=2, action="changed", person=person, name=f"{CANARY} Quill", staff_number="ZQ1")
    return person


def run_through(organisation, at=AT) -> RetentionRun:
    asker, approver = member(organisation, Role.ORGANISATION_ADMIN), member(organisation, Role.DPO)
    run = services.ask_to_let_go(organisation, by=asker, at=at)
    services.decide(run, approve=True, by=approver, at=at)
    return services.let_go(run, at=at, progress=silent)


def where_it_stands(word: str) -> list[str]:
    """Every column of every table of ours, and of sign-ins, in which a word stands."""
    found = []
    for model in [*OURS, *(table.model for table in data_map().tables if table.is_of_library)]:
        for row in model._default_manager.all():
            found += [
                f"{model._meta.label}.{f.name}" for f in model._meta.concrete_fields if word in str(f.value_from_object(row))
            ]
    return sorted(set(found))


def test_a_leavers_name_goes_everywhere_and_what_happened_stays(organisation, leaver, django_capture_on_commit_callbacks):
    certificate = Certificate.objects.get()
    assert where_it_stands(CANARY)

    with django_capture_on_commit_callbacks(execute=True):
        run = run_through(organisation)

    assert (run.state, run.done["leavers"]) == ("done", 1)
    assert where_it_stands(CANARY) == []
    assert where_it_stands("ZQ1") == []
    assert where_it_stands("zebedee") == []
    leaver.refresh_from_db()
    assert (str(leaver), leaver.email) == (f"Former member of staff {leaver.pk}", "")
    assert Completion.objects.get(person=leaver).completed_on == date(2019, 5, 1)
    assert Post.objects.get(person=leaver).end == LONG_AGO
    assert not leaver.user.is_active
    assert not leaver.user.has_usable_password()
    assert not Authenticator.objects.filter(user=leaver.user).exists()
    assert not Membership.objects.current().filter(user=leaver.user).exists()
    with pytest.raises(BlobForgottenError, match="because the time for keeping it was over"):
        read(certificate.pdf)
    assert list(blobs_are_whole()) == []
    assert verify(certificate.token, on=TODAY).facts["holder"] == f"Former member of staff {leaver.pk}"
    assert not any(check.fault for check in verify_all())
    assert set(Erasure.objects.values_list("because", flat=True)) == {f"privacy.retentionrun:{run.pk}"}


def test_letting_go_twice_lets_go_once(organisation, leaver):
    run = run_through(organisation)
    events = Event.objects.count()

    services.let_go(run, at=AT, progress=silent)

    assert Event.objects.count() == events
    with pytest.raises(services.KeepingRefusedError, match="Nothing is over today"):
        services.ask_to_let_go(organisation, by=member(organisation, Role.DPO), at=AT)


def test_nobody_approves_what_they_asked_for(organisation, leaver):
    asker = member(organisation, Role.DPO)
    run = services.ask_to_let_go(organisation, by=asker, at=AT)

    with pytest.raises(services.KeepingRefusedError, match="somebody else has to approve"):
        services.decide(run, approve=True, by=asker, at=AT)
    with pytest.raises(services.KeepingRefusedError, match="Nobody has approved"):
        services.let_go(run, at=AT, progress=silent)
    assert where_it_stands(CANARY)


def test_an_approval_binds_to_what_was_shown(organisation, leaver):
    run = services.ask_to_let_go(organisation, by=member(organisation, Role.DPO), at=AT)
    PostFactory(person=PersonFactory(organisation=organisation), start=date(2010, 1, 1), end=LONG_AGO)

    with pytest.raises(services.KeepingRefusedError, match="Other things are over now"):
        services.decide(run, approve=True, by=member(organisation, Role.DPO), at=AT)


def test_a_hold_set_after_the_approval_still_holds(organisation, leaver):
    lead = member(organisation, Role.DPO)
    run = services.ask_to_let_go(organisation, by=member(organisation, Role.DPO), at=AT)
    services.decide(run, approve=True, by=lead, at=AT)
    services.hold(organisation, scope="everything", reason="A claim", last_day=None, by=lead, at=AT)

    with pytest.raises(services.KeepingRefusedError, match="held back now"):
        services.let_go(run, at=AT, progress=silent)
    assert where_it_stands(CANARY)


def hold_of(organisation, leaver, scope) -> LegalHold:
    incident = Incident.objects.create(
        organisation=organisation, number=1, submission_key="0" * 32, source="named", reported_by=leaver.user, reported_at=AT,
        kind="incident", nature="other", what_happened="x", noticed_at=AT, whose="unknown",
    )  # fmt: skip
    lead = member(organisation, Role.DPO)
    return services.hold(
        organisation,
        scope=scope,
        person=leaver,
        incident=incident,
        year="2018-19",
        reason="A claim",
        last_day=None,
        by=lead,
        at=AT,
    )


@pytest.mark.parametrize("scope", ["person", "incident", "year", "everything"])
def test_every_kind_of_hold_keeps_the_leaver_and_says_why(organisation, leaver, scope):
    assert [due.pk for due in what_is_over(organisation, TODAY).parts[0].going] == [leaver.pk]
    held = hold_of(organisation, leaver, scope)

    people = what_is_over(organisation, TODAY).parts[0]

    assert people.going == ()
    assert [(due.pk, due.held_by) for due in people.held] == [(leaver.pk, "Held: A claim")]
    services.lift(held, because="settled", by=member(organisation, Role.DPO), at=AT)
    assert [due.pk for due in what_is_over(organisation, TODAY).parts[0].going] == [leaver.pk]


def test_a_hold_ends_after_its_last_day(organisation, leaver):
    LegalHold.objects.create(
        organisation=organisation, scope="everything", reason="x", last_day=TODAY, set_by=member(organisation), set_at=AT
    )

    assert what_is_over(organisation, TODAY).total == 0
    assert what_is_over(organisation, TODAY + timedelta(days=1)).total == 1


@pytest.mark.parametrize(("last_day", "goes"), [(TODAY - timedelta(days=2192), False), (TODAY - timedelta(days=2193), True)])
def test_the_clock_of_a_leaver_starts_on_the_last_day_in_post(organisation, last_day, goes):
    PostFactory(person=PersonFactory(organisation=organisation), start=date(2010, 1, 1), end=last_day + timedelta(days=1))

    assert bool(what_is_over(organisation, TODAY).total) is goes


def test_people_who_came_back_who_signed_or_who_still_have_a_role_are_kept(organisation):
    back, role = (PersonFactory(organisation=organisation) for _ in range(2))
    for person in (back, role):
        PostFactory(person=person, start=date(2010, 1, 1), end=LONG_AGO)
    PostFactory(person=back, start=date(2025, 1, 1))
    role.user = member(organisation, Role.DSPT_LEAD)
    role.save(update_fields=["user"])
    Membership.objects.filter(user=role.user).update(granted_at=AT)

    people = what_is_over(organisation, TODAY).parts[0]

    assert people.going == ()
    assert [(due.pk, due.held_by) for due in people.held] == [(role.pk, "Still holds a role here")]


def test_logs_and_rows_go_after_their_days(organisation):
    person = PersonFactory(organisation=organisation)
    old, new = AT - timedelta(days=500), AT - timedelta(days=1)
    for at in (old, new):
        ReminderMail.objects.create(organisation=organisation, person=person, kind="own", on=at.date(), made_at=at)
        Job.objects.create(
            kind="x", title="x", organisation=organisation, state="done", created_at=at, queued_at=at, finished_at=at
        )
        SignInCode.objects.create(
            user=UserFactory(), organisation=organisation, digest="x", made_at=at, expires_at=at, used_at=at
        )
    services.choose_days(organisation, "jobs", days=30, reason="Less", by=member(organisation), at=AT)
    assert in_force(organisation)["jobs"].days == 30

    run = run_through(organisation)

    assert run.done == {"leavers": 0, "import-rows": 0, "email-log": 1, "sign-in": 1, "jobs": 1}
    assert ReminderMail.objects.get().made_at == new
    assert Job.objects.filter(kind="x").get().finished_at == new
    assert SignInCode.objects.get().expires_at == new


@pytest.mark.parametrize(("key", "days"), [("leavers", 365), ("leavers", 27401), ("import-rows", 91), ("nonsense", 10)])
def test_an_organisation_chooses_within_limits_only(organisation, key, days):
    with pytest.raises(services.KeepingRefusedError):
        services.choose_days(organisation, key, days=days, reason="Because", by=member(organisation), at=AT)


def test_another_organisations_things_are_not_touched(organisation, other_organisation, leaver):
    assert what_is_over(other_organisation, TODAY).total == 0
    with pytest.raises(services.KeepingRefusedError, match="Nothing is over"):
        services.ask_to_let_go(other_organisation, by=member(other_organisation, Role.DPO), at=AT)


def test_somebody_who_works_elsewhere_too_keeps_their_sign_in(organisation, other_organisation, leaver):
    member(other_organisation, Role.STAFF, user=leaver.user)

    run_through(organisation)

    user = User.objects.get(pk=leaver.user_id)
    assert (user.first_name, user.is_active) == (CANARY, True)
    leaver.refresh_from_db()
    assert leaver.user is None


# --- Past figures ---------------------------------------------------------------------------

_days = st.dates(date(2012, 1, 1), date(2026, 11, 1))
_person = st.fixed_dictionaries(
    {
        "start": _days,
        "length": st.none() | st.integers(1, 4000),
        "completions": st.lists(_days, max_size=3, unique=True),
        "group": st.sampled_from(["Nursing", "Care"]),
    }
)


@settings(max_examples=15)
@given(people=st.lists(_person, min_size=1, max_size=6), dates=st.lists(_days, min_size=2, max_size=4))
def test_figures_of_past_dates_are_the_same_before_and_after(people, dates):
    with transaction.atomic():
        organisation = OrganisationFactory()
        course = CourseFactory()
        for told in people:
            person = PersonFactory(organisation=organisation, last_name=CANARY)
            end = told["start"] + timedelta(days=told["length"]) if told["length"] else None
            PostFactory(person=person, start=told["start"], end=end, staff_group=told["group"])
            for day in told["completions"]:
                CompletionFactory(person=person, course=course, completed_on=day, recorded_at=timezone.now())
        before = [training_reading(organisation, on=day, course_codes=[course.code]).digest for day in dates]
        over = what_is_over(organisation, TODAY).total
        if over:
            run_through(organisation)

        after = [training_reading(organisation, on=day, course_codes=[course.code]).digest for day in dates]

        assert after == before
        assert Person.objects.of(organisation).filter(last_name=CANARY).count() == len(people) - over
        transaction.set_rollback(True)
