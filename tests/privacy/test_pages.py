"""The pages on which keeping is decided."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from accounts.enums import Role
from jobs.models import Job
from jobs.services import run as run_job
from privacy.models import KeepingChoice, LegalHold, RetentionRun
from tests.factories import PersonFactory, PostFactory

pytestmark = pytest.mark.django_db
HOME = "/privacy/"


@pytest.fixture
def leaver(organisation, time_machine):
    time_machine.move_to("2026-11-20T09:00:00+00:00")
    person = PersonFactory(organisation=organisation, first_name="Zed", last_name="Quill", staff_number="ZQ1")
    PostFactory(person=person, start=date(2015, 1, 1), end=date(2019, 7, 1))
    return person


def test_one_asks_another_approves_and_it_goes(sign_in, organisation, leaver):
    admin, siro = sign_in(organisation, Role.ORGANISATION_ADMIN), sign_in(organisation, Role.SENIOR_REVIEWER)
    assert "1 to go" in admin.get(HOME).text
    assert "Zed Quill, staff number ZQ1" in admin.get(reverse("privacy:over_list", args=["leavers", "2026-11-20"])).text

    admin.post(reverse("privacy:run_ask"))
    run = RetentionRun.objects.get()
    decide = reverse("privacy:run_decide", args=[run.pk])
    assert "Approve: let it go" not in admin.get(reverse("privacy:run_detail", args=[run.pk])).text
    admin.post(decide, {"decision": "approve"})
    assert RetentionRun.objects.get().state == "asked"
    assert "Approve: let it go" in siro.get(reverse("privacy:run_detail", args=[run.pk])).text
    siro.post(decide, {"decision": "approve"})
    run_job(Job.objects.get(kind="privacy.forget").pk)

    leaver.refresh_from_db()
    assert str(leaver) == f"Former member of staff {leaver.pk}"
    assert "Done" in siro.get(HOME).text


def test_a_hold_of_a_person_is_seen_and_lifted(sign_in, organisation, leaver):
    dpo = sign_in(organisation, Role.DPO)

    assert "Nobody on the staff list has this number" in dpo.post(
        reverse("privacy:hold_new"), {"scope": "person", "staff_number": "nobody", "reason": "x"}
    ).text  # fmt: skip
    dpo.post(reverse("privacy:hold_new"), {"scope": "person", "staff_number": "ZQ1", "reason": "Claim 77"})

    assert "1 held back" in dpo.get(HOME).text
    assert "Held: Claim 77" in dpo.get(reverse("privacy:over_list", args=["leavers", "2026-11-20"])).text
    dpo.post(reverse("privacy:hold_lift", args=[LegalHold.objects.get().pk]), {"because": "Settled"})
    assert "1 to go" in dpo.get(HOME).text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"scope": "year", "year": "2025", "reason": "x"}, "Write the year like 2025-26."),
        ({"scope": "incident", "incident": "9", "reason": "x"}, "There is no incident with this number."),
        ({"scope": "everything", "reason": ""}, "This field is required."),
        (
            {"scope": "everything", "reason": "x", "last_day_0": "1", "last_day_1": "1", "last_day_2": "2020",
             "last_day_day": "1", "last_day_month": "1", "last_day_year": "2020"},
            "The last day is past",
        ),
    ],
)  # fmt: skip
def test_a_hold_that_cannot_be_is_refused_kindly(sign_in, organisation, values, said):
    assert said in sign_in(organisation, Role.DPO).post(reverse("privacy:hold_new"), values).text
    assert not LegalHold.objects.exists()


def test_an_administrator_who_may_not_see_incidents_is_not_asked_for_one(sign_in, organisation):
    page = reverse("privacy:hold_new")

    assert "An incident, and the people" not in sign_in(organisation, Role.ORGANISATION_ADMIN).get(page).text
    assert "An incident, and the people" in sign_in(organisation, Role.DPO).get(page).text


def test_how_long_is_chosen_within_limits(sign_in, organisation):
    admin = sign_in(organisation, Role.ORGANISATION_ADMIN)
    page = reverse("privacy:days_choose", args=["leavers"])

    assert "Choose from 366 to 27400 days." in admin.post(page, {"days": "30", "reason": "x"}).text
    admin.post(page, {"days": "400", "reason": "Our policy"})

    assert KeepingChoice.objects.get().days == 400
    assert "Our policy" in admin.get(HOME).text


def test_a_later_date_shows_what_would_go_then(sign_in, organisation, leaver):
    PostFactory(person=PersonFactory(organisation=organisation), start=date(2015, 1, 1), end=date(2022, 1, 1))
    dpo = sign_in(organisation, Role.DPO)

    assert "2 to go" in dpo.get(HOME, {"on_day": "1", "on_month": "6", "on_year": "2028"}).text
    assert "Choose today or a later date." in dpo.get(HOME, {"on_day": "1", "on_month": "6", "on_year": "2020"}).text


def test_the_data_map_names_every_table(sign_in, organisation):
    text = sign_in(organisation, Role.AUDITOR).get(reverse("privacy:data_map")).text

    assert "The staff list: names, staff number, e-mail address" in text
    assert "Names, e-mail address" not in text


@pytest.mark.parametrize("leavers", [1, 8])
def test_the_page_costs_the_same_however_many_are_over(sign_in, organisation, leaver, leavers, django_assert_num_queries):
    for _ in range(leavers):
        PostFactory(person=PersonFactory(organisation=organisation), start=date(2015, 1, 1), end=date(2019, 7, 1))
    dpo = sign_in(organisation, Role.DPO)
    dpo.get(HOME)

    with django_assert_num_queries(19):
        dpo.get(HOME)
