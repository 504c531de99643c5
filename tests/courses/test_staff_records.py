"""Induction, contract clauses and training for key posts: who is asked, what counts, and recording it for many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from assessment.register_figures import figures_for
from audit.models import Event
from courses.models import RecordKind, StaffRecord
from courses.staff_record_figures import figure
from courses.staff_record_rules import Standing, began, standing
from courses.staff_records import StaffRecordRefusedError, record_for, withdraw
from tests.content.markup import faults
from tests.factories import NOW, TODAY, KeyPostFactory, PersonFactory, PostFactory, UnitFactory, member, person_in_post

pytestmark = pytest.mark.django_db
INDUCTION, CONTRACT, POST = RecordKind.INDUCTION, RecordKind.CONTRACT, RecordKind.POST_TRAINING
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def hr(organisation):
    return member(organisation, Role.HR)


def recorded(organisation, person, by, kind=INDUCTION, happened_on=TODAY, key_post=""):
    return record_for(
        organisation, [(person, key_post)], kind=kind, happened_on=happened_on, detail="Confidentiality", by=by, at=NOW
    )


def counts(organisation, kind, on=TODAY):
    found = figure(organisation, kind, on=on)
    return found.numerator, found.denominator, len(found.of(Standing.TOO_SOON))


# --- Who is asked, and what counts -------------------------------------------------------------

D = date


@pytest.mark.parametrize(
    ("posts", "on", "since"),
    [
        ([(D(2026, 1, 1), None)], D(2026, 5, 1), D(2026, 1, 1)),
        ([(D(2026, 1, 1), D(2026, 5, 1))], D(2026, 5, 1), None),  # the first of May is the first day no longer here
        ([(D(2026, 1, 1), D(2026, 5, 1))], D(2026, 4, 30), D(2026, 1, 1)),
        ([(D(2020, 1, 1), D(2026, 3, 1)), (D(2026, 4, 1), None)], D(2026, 5, 1), D(2020, 1, 1)),  # 31 days between: never left
        ([(D(2020, 1, 1), D(2026, 3, 1)), (D(2026, 4, 2), None)], D(2026, 5, 1), D(2026, 4, 2)),  # 32: came back
        ([(D(2026, 4, 1), D(2026, 5, 3)), (D(2020, 1, 1), None)], D(2026, 5, 1), D(2020, 1, 1)),
        ([(D(2026, 6, 1), None)], D(2026, 5, 1), None),
        ([], D(2026, 5, 1), None),
    ],
)
def test_posts_close_together_are_one_time_here(posts, on, since):
    assert began(posts, on=on) == since


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 90) | st.none()), max_size=5),
    st.integers(0, 300),
)
def test_the_first_day_here_is_found_by_walking_back_day_by_day(spans, day):
    """An oracle that knows only whether somebody is in post on a day."""
    zero = date(2026, 1, 1)
    posts = [(zero + start * DAY, zero + (start + length) * DAY if length else None) for start, length in spans]
    on = zero + day * DAY

    def here(when):
        return any(start <= when and (end is None or end > when) for start, end in posts)

    expected, when, away = None, on, 0
    while here(on) and away <= 31 and when >= zero:
        if here(when):
            expected, away = when, 0
        else:
            away += 1
        when -= DAY

    assert began(posts, on=on) == expected


@pytest.mark.parametrize(
    ("kind", "dates", "since", "found"),
    [
        (INDUCTION, [D(2026, 3, 1)], D(2026, 3, 1), Standing.RECORDED),
        (INDUCTION, [D(2026, 1, 1)], D(2026, 3, 2), Standing.RECORDED),  # 60 days before
        (INDUCTION, [D(2025, 12, 31)], D(2026, 3, 2), Standing.MISSING),  # 61: of an earlier time here
        (INDUCTION, [], D(2026, 4, 2), Standing.TOO_SOON),  # the 30th day on 1 May
        (INDUCTION, [], D(2026, 4, 1), Standing.MISSING),
        (INDUCTION, [D(2026, 5, 2)], D(2026, 3, 1), Standing.MISSING),  # dated later
        (CONTRACT, [D(2010, 6, 1)], D(2010, 7, 1), Standing.RECORDED),
        (CONTRACT, [D(2010, 6, 1)], D(2026, 1, 1), Standing.MISSING),
        (POST, [D(2023, 5, 2)], D(2020, 1, 1), Standing.RECORDED),
        (POST, [D(2023, 5, 1)], D(2020, 1, 1), Standing.MISSING),  # 36 months
        (POST, [], D(2026, 3, 1), Standing.TOO_SOON),
    ],
)
def test_where_somebody_stands(kind, dates, since, found):
    assert standing(kind, dates, since=since, on=D(2026, 5, 1))[0] == found


def test_the_figures_add_up_to_their_lists(organisation, other_organisation, hr):
    new = person_in_post(organisation, start=TODAY - 100 * DAY)
    person_in_post(organisation, start=TODAY - 50 * DAY)
    person_in_post(organisation, start=TODAY - 5 * DAY)
    old = person_in_post(organisation, start=TODAY - 800 * DAY)
    person_in_post(organisation, start=TODAY - 90 * DAY, end=TODAY - 10 * DAY)
    person_in_post(other_organisation, start=TODAY - 100 * DAY)
    recorded(organisation, new, hr, happened_on=TODAY - 98 * DAY)
    recorded(organisation, old, hr, kind=CONTRACT, happened_on=TODAY - 801 * DAY)

    assert counts(organisation, INDUCTION) == (1, 2, 1)
    assert counts(organisation, CONTRACT) == (1, 3, 1)
    assert counts(organisation, INDUCTION, on=TODAY - 99 * DAY) == (0, 0, 1)
    found = figure(organisation, INDUCTION, on=TODAY)
    assert found.sentence == "1 of 2 who began in the last 12 months have an induction on record."
    assert "Left out: 1 within 30 days" in found.definition[2]


def test_training_counts_for_the_post_it_is_about_and_posts_held_outside_are_counted_apart(organisation, hr):
    person = person_in_post(organisation)
    for kind in ("siro", "ig-lead"):
        KeyPostFactory(organisation=organisation, kind=kind, holder=person, holder_outside="", start=date(2025, 1, 1))
    KeyPostFactory(organisation=organisation, kind="dpo", holder_outside="Ada Outside", start=date(2025, 1, 1))
    recorded(organisation, person, hr, kind=POST, key_post="siro", happened_on=TODAY - 30 * DAY)

    found = figure(organisation, POST, on=TODAY)

    assert [(line.key_post, line.standing.value) for line in found.lines] == [("ig-lead", "missing"), ("siro", "recorded")]
    assert (found.numerator, found.denominator, found.held_outside) == (1, 2, 1)
    assert "1 held by somebody who is not on the staff list" in found.definition[2]


def test_of_nobody_the_figure_says_so_and_is_no_number(organisation):
    assert figure(organisation, INDUCTION, on=TODAY).denominator == 0
    assert "Nobody in post began" in figure(organisation, INDUCTION, on=TODAY).sentence


@pytest.mark.parametrize("people", [2, 30])
def test_a_figure_costs_the_same_however_many_people(organisation, people, django_assert_num_queries):
    for _ in range(people):
        person_in_post(organisation, start=TODAY - 100 * DAY)

    with django_assert_num_queries(3):  # posts, records, names
        assert figure(organisation, INDUCTION, on=TODAY).denominator == people


# --- Recording ---------------------------------------------------------------------------------


def test_the_same_is_recorded_for_many_once(organisation, hr):
    people = [(person_in_post(organisation), "") for _ in range(3)]
    values = {"kind": INDUCTION, "happened_on": TODAY, "detail": " Passwords ", "by": hr, "at": NOW}

    assert len(record_for(organisation, people[:2], **values)) == 2
    assert [row.person for row in record_for(organisation, people, **values)] == [people[2][0]]

    assert StaffRecord.objects.values_list("detail", flat=True).distinct().get() == "Passwords"
    events = Event.objects.filter(type="courses.staff_records_added").order_by("sequence")
    assert [event.summary["people"] for event in events] == [2, 1]


def test_what_makes_no_sense_is_refused_whole(organisation, other_organisation, hr):
    person, me = person_in_post(organisation), person_in_post(organisation, user=hr)
    good = {"kind": INDUCTION, "happened_on": TODAY, "detail": "All", "by": hr, "at": NOW}
    wrong = [
        ([], {}, "Choose at least one person"),
        ([(person, "")], {"happened_on": TODAY + DAY}, "in the future"),
        ([(person, "")], {"detail": "  "}, "Say what was covered"),
        ([(person, ""), (me, "")], {}, "cannot record your own"),
        ([(person, ""), (person_in_post(other_organisation), "")], {}, "another organisation"),
        ([(person, "siro")], {}, "names the post"),
        ([(person, "")], {"kind": POST}, "names the post"),
    ]
    for whom, changes, words in wrong:
        with pytest.raises(StaffRecordRefusedError, match=words):
            record_for(organisation, whom, **(good | changes))

    assert not StaffRecord.objects.exists()


def test_a_withdrawn_record_counts_no_more_and_may_be_entered_again(organisation, hr):
    person = person_in_post(organisation, start=TODAY - 100 * DAY)
    (row,) = recorded(organisation, person, hr)

    with pytest.raises(StaffRecordRefusedError, match="Say why"):
        withdraw(row, reason=" ", by=hr, at=NOW)
    void = withdraw(row, reason="Wrong day", by=hr, at=NOW)

    assert withdraw(row, reason="Again", by=hr, at=NOW) == void
    assert counts(organisation, INDUCTION) == (0, 1, 0)
    assert len(recorded(organisation, person, hr)) == 1
    assert counts(organisation, INDUCTION) == (1, 1, 0)


# --- Pages -------------------------------------------------------------------------------------


@pytest.fixture
def unit(organisation):
    return UnitFactory(organisation=organisation, name="Larch House")


def add_page(kind=INDUCTION):
    return reverse("courses:staff_record_add", args=[kind])


WHEN = {"happened_on_day": "1", "happened_on_month": "5", "happened_on_year": "2026", "detail": "Confidentiality"}


def test_hr_records_an_induction_for_a_unit_and_sees_the_figure_move(organisation, sign_in, unit):
    client = sign_in(organisation, Role.HR)
    person = person_in_post(organisation, start=TODAY - 100 * DAY, unit=unit)
    elsewhere = person_in_post(organisation, start=TODAY - 100 * DAY)
    page = client.get(add_page(), {"unit": unit.pk})
    assert person.staff_number in page.text
    assert elsewhere.staff_number not in page.text

    response = client.post(f"{add_page()}?unit={unit.pk}", {"whom": [f"{person.pk}:"], **WHEN}, follow=True)

    assert "Induction recorded for 1 person." in response.text
    assert "1 of 2 who began in the last 12 months" in client.get(reverse("courses:staff_record_home")).text
    assert faults(response) == []
    before = client.get(reverse("courses:staff_record_home"), {"on_day": "1", "on_month": "4", "on_year": "2026"}).text
    assert "As at 1 April 2026." in before
    assert "0 of 2" in before


def test_the_form_says_what_is_missing(organisation, sign_in):
    client = sign_in(organisation, Role.HR)
    person = person_in_post(organisation, start=TODAY - 100 * DAY)

    nobody = client.post(add_page(), WHEN).text
    to_come = client.post(add_page(), {"whom": [f"{person.pk}:"], **WHEN, "happened_on_year": "2027"}).text

    assert "Choose at least one person." in nobody
    assert "The date is in the future." in to_come
    assert "Confidentiality" in to_come


def test_a_manager_records_for_their_team_and_nobody_else(organisation, sign_in):
    client = sign_in(organisation, Role.MANAGER)
    manager = person_in_post(organisation, user=client.user, start=TODAY - 100 * DAY)
    mine = PersonFactory(organisation=organisation)
    PostFactory(person=mine, manager=manager, start=TODAY - 100 * DAY)
    other = person_in_post(organisation, start=TODAY - 100 * DAY)

    page = client.get(add_page()).text
    refused = client.post(add_page(), {"whom": [f"{other.pk}:"], **WHEN})
    client.post(add_page(), {"whom": [f"{mine.pk}:"], **WHEN})

    assert mine.staff_number in page
    assert other.staff_number not in page
    assert manager.staff_number not in page
    assert refused.status_code == 200
    assert StaffRecord.objects.get().person == mine
    assert client.get(reverse("courses:staff_record_list", args=[INDUCTION])).status_code == 403


def test_the_list_shows_who_is_missing_and_goes_out_as_csv_on_record(organisation, sign_in, hr):
    client = sign_in(organisation, Role.AUDITOR)
    done, missing = (person_in_post(organisation, start=TODAY - 100 * DAY) for _ in range(2))
    recorded(organisation, done, hr)

    page = client.get(reverse("courses:staff_record_list", args=[INDUCTION]), {"show": "missing"}).text
    rows = b"".join(client.get(reverse("courses:staff_record_csv", args=[INDUCTION])).streaming_content).decode().splitlines()

    assert missing.staff_number in page
    assert done.staff_number not in page
    assert len(rows) == 3
    assert Event.objects.get(type="courses.staff_records_taken").summary["people"] == 2
    assert client.get(reverse("courses:staff_record_list", args=["nonsense"])).status_code == 404


def test_hr_withdraws_a_record_from_the_persons_page(organisation, sign_in, hr):
    client = sign_in(organisation, Role.HR)
    person = person_in_post(organisation, start=TODAY - 100 * DAY)
    (row,) = recorded(organisation, person, hr)
    address = reverse("courses:staff_record_void", args=[row.pk])
    assert address in client.get(reverse("staff:person_detail", args=[person.pk])).text

    assert "There is a problem" in client.post(address, {"reason": ""}).text
    client.post(address, {"reason": "Wrong day"})

    assert row.void.reason == "Wrong day"
    assert client.get(address).status_code == 404


def test_people_see_their_own_from_my_training(organisation, sign_in, hr):
    client = sign_in(organisation, Role.STAFF)
    person = person_in_post(organisation, user=client.user, start=TODAY - 100 * DAY)
    recorded(organisation, person, hr)

    page = client.get(reverse("courses:my_staff_records")).text

    assert reverse("courses:my_staff_records") in client.get(reverse("courses:my_training")).text
    assert "1 May 2026: Confidentiality" in page
    assert "Not recorded" in page


# --- For the assessment ------------------------------------------------------------------------


def test_the_items_of_the_assessment_take_the_figures(organisation, hr):
    person = person_in_post(organisation, start=TODAY - 100 * DAY)
    recorded(organisation, person, hr)

    (induction,) = figures_for(organisation, "duties.induction.data-security", on=TODAY)
    (contract,) = figures_for(organisation, "duties.contracts.data-security-terms", on=TODAY)
    (post,) = figures_for(organisation, "people.responsible.role-training", on=TODAY)

    assert (induction.key, induction.numerator, induction.denominator) == ("staff-records.induction", 1, 1)
    assert (contract.numerator, contract.denominator, contract.needs_attention) == (0, 1, True)
    assert (post.numerator, post.is_recorded) == (None, False)
