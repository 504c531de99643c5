"""Rights requests and complaints, and their dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from audit.models import Event
from registers import catalogue
from registers.models import Matter, MatterKind, MatterStep, Outcome, StepKind
from registers.rights_states import MatterState, possible_steps, stand
from registers.services import rights as services
from tests.factories import member

RECEIVED = date(2026, 11, 3)
LATER = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def add(organisation, lead):
    def added(kind=MatterKind.ACCESS, received_on=RECEIVED, **values) -> Matter:
        given = {"way": "email", "about": "Care records", "by": lead, "at": LATER} | values
        return services.add_matter(organisation, kind=kind, received_on=received_on, **given)

    return added


def step(matter, kind, on, by, **values):
    given = {"text": "Said.", "by": by, "at": LATER} | values
    return services.take_step(matter, kind=kind, on=on, **given)


def where(matter, on):
    return stand(matter, list(matter.steps.order_by("on", "pk")), on=on)


def test_a_request_is_due_in_a_month_and_late_after(add):
    matter = add()

    assert where(matter, RECEIVED).due_on == date(2026, 12, 3)
    assert where(matter, date(2026, 12, 3)).state == MatterState.OPEN
    assert where(matter, date(2026, 12, 4)).state == MatterState.LATE


def test_the_month_begins_when_they_show_who_they_are(add, lead):
    matter = add()
    step(matter, StepKind.IDENTITY_ASKED, date(2026, 11, 4), lead)

    assert where(matter, date(2027, 1, 10)).state == MatterState.WAITING_IDENTITY
    assert where(matter, date(2027, 1, 10)).due_on is None

    step(matter, StepKind.IDENTITY_SHOWN, date(2026, 11, 10), lead)
    assert where(matter, date(2026, 11, 10)).due_on == date(2026, 12, 10)


def test_asking_what_they_mean_stops_the_clock_of_access_only(add, lead):
    matter, other = add(), add(MatterKind.ERASURE)
    step(matter, StepKind.CLARITY_ASKED, date(2026, 11, 10), lead)

    assert where(matter, date(2026, 11, 12)).state == MatterState.PAUSED
    step(matter, StepKind.CLARITY_GIVEN, date(2026, 11, 13), lead)

    assert where(matter, date(2026, 11, 13)).due_on == date(2026, 12, 7)  # 3 December and the 4 days from asking to answer
    with pytest.raises(services.MatterRefusedError, match="cannot come now"):
        step(other, StepKind.CLARITY_ASKED, date(2026, 11, 10), lead)


def test_two_more_months_are_claimed_within_the_first_or_not_at_all(add, lead):
    matter, late = add(), add()
    step(matter, StepKind.EXTENDED, date(2026, 12, 3), lead)

    assert where(matter, date(2026, 12, 4)).due_on == date(2027, 2, 3)
    with pytest.raises(services.MatterRefusedError, match="within the first month, by 03/12/2026"):
        step(late, StepKind.EXTENDED, date(2026, 12, 4), lead)


def test_an_answer_ends_it_in_time_or_late(add, lead):
    matter, late = add(), add()
    step(matter, StepKind.ANSWERED, date(2026, 12, 3), lead, outcome=Outcome.DONE)
    step(late, StepKind.ANSWERED, date(2026, 12, 4), lead, outcome=Outcome.REFUSED)

    assert where(matter, date(2027, 1, 1)).state == MatterState.ANSWERED
    assert where(late, date(2027, 1, 1)).state == MatterState.ANSWERED_LATE
    with pytest.raises(services.MatterRefusedError, match="cannot come now"):
        step(matter, StepKind.ANSWERED, date(2026, 12, 5), lead, outcome=Outcome.DONE)


def test_a_complaint_is_acknowledged_in_30_days_since_the_duty_began(add, lead):
    complaint, before = add(MatterKind.COMPLAINT), add(MatterKind.COMPLAINT, received_on=date(2026, 6, 18))

    assert where(complaint, RECEIVED).due_on == date(2026, 12, 2)
    assert where(complaint, date(2026, 12, 3)).state == MatterState.LATE
    assert where(before, date(2026, 12, 3)).due_on is None

    step(complaint, StepKind.ACKNOWLEDGED, date(2026, 12, 2), lead)
    assert where(complaint, date(2026, 12, 3)).was_acknowledged_in_time
    assert where(complaint, date(2027, 3, 1)).state == MatterState.OPEN


@pytest.mark.parametrize(
    ("kind", "on", "values", "words"),
    [
        (StepKind.PROGRESS, date(2027, 6, 2), {}, "future"),
        (StepKind.PROGRESS, date(2026, 11, 2), {}, "before the request came"),
        (StepKind.IDENTITY_SHOWN, RECEIVED, {}, "cannot come now"),
        (StepKind.ACKNOWLEDGED, RECEIVED, {}, "cannot come now"),
        (StepKind.EXTENDED, RECEIVED, {"text": " "}, "why you need two more months"),
        (StepKind.ANSWERED, RECEIVED, {}, "how it ended"),
        (StepKind.ANSWERED, RECEIVED, {"outcome": Outcome.UPHELD}, "how it ended"),
    ],
)
def test_a_step_that_cannot_be_is_refused(add, lead, kind, on, values, words):
    matter = add()

    with pytest.raises(services.MatterRefusedError, match=words):
        step(matter, kind, on, lead, **values)

    assert not MatterStep.objects.exists()


def test_a_request_from_the_future_is_refused(add):
    with pytest.raises(services.MatterRefusedError, match="future"):
        add(received_on=date(2027, 6, 2))


def test_the_trail_says_what_was_done_and_no_words_of_it(add, lead):
    matter = add(about="The Smith file", initials="ms")
    step(matter, StepKind.ANSWERED, date(2026, 12, 3), lead, outcome=Outcome.DONE, text="Gave Smith everything")

    assert "Smith" not in str(list(Event.objects.values_list("summary", "reason")))
    assert matter.initials == "MS"


@given(
    received=st.dates(date(2026, 7, 1), date(2030, 1, 1)),
    asked=st.integers(0, 20),
    took=st.integers(0, 60),
    looked=st.integers(0, 200),
)
def test_waiting_for_them_never_brings_the_date_forward(received, asked, took, looked):
    matter = Matter(kind=MatterKind.ACCESS, received_on=received, number=1)
    steps = [
        MatterStep(kind=StepKind.CLARITY_ASKED, on=received + timedelta(days=asked)),
        MatterStep(kind=StepKind.CLARITY_GIVEN, on=received + timedelta(days=asked + took)),
    ]
    on = received + timedelta(days=looked)

    plain, now = stand(matter, [], on=on), stand(matter, steps, on=on)

    assert now.due_on >= plain.due_on
    assert now.paused == max(0, min(looked, asked + took) - asked + 1)
    assert set(possible_steps(now, steps)) <= set(StepKind)


def test_the_pages_take_a_request_from_its_arrival_to_its_answer(organisation, sign_in, time_machine):
    time_machine.move_to(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    client = sign_in(organisation, Role.DPO)
    came = {"received_on_day": "3", "received_on_month": "11", "received_on_year": "2026"}
    values = {"kind": "access", "way": "phone", "about": "Letters from Mrs Jones", **came}

    asked = client.post(reverse("registers:matter_add"), values).content.decode()
    client.post(reverse("registers:matter_add"), values | {"about": "Her care records"})
    matter = Matter.objects.get()
    page = reverse("registers:matter_detail", args=[matter.pk])
    day = {"on_day": "20", "on_month": "11", "on_year": "2026"}
    unfinished = client.post(page, {"kind": "answered", "text": "Sent.", **day}).content.decode()
    answered = client.post(page, {"kind": "answered", "outcome": "done", "text": "Sent.", **day}, follow=True).content.decode()

    assert "looks like a name" in asked
    assert "Choose how it ended." in unfinished
    assert "Answered in time." in answered
    figures = catalogue.all_figures(organisation, date(2026, 11, 20))
    assert (figures["rights.answered_in_time"].numerator, figures["rights.answered_in_time"].denominator) == (1, 1)


@pytest.mark.parametrize("matters", [1, 8])
def test_the_list_costs_the_same_however_long(organisation, sign_in, add, lead, matters, django_assert_num_queries):
    for _ in range(matters):
        step(add(), StepKind.PROGRESS, RECEIVED, lead)
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_num_queries(5):  # session, user, memberships, matters, steps
        page = client.get(reverse("registers:matter_list"))

    assert page.content.count(b'class="nhsuk-table__row"') == matters


def test_those_who_look_on_take_no_steps(organisation, other_organisation, sign_in, add):
    page = reverse("registers:matter_detail", args=[add().pk])

    assert sign_in(organisation, Role.AUDITOR).post(page, {}).status_code == 403
    assert sign_in(organisation, Role.STAFF).get(page).status_code == 403
    assert sign_in(other_organisation, Role.DPO).get(page).status_code == 404
