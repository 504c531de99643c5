"""The figure over time: recorded at night and never changed, beside what is known now."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from audit.models import AppendOnlyError
from courses.needs import ensure_default_need
from reporting.models import RateSnapshot
from reporting.tasks import keep_rates
from reporting.trend import keep_rate, month_ends, trend
from tests.factories import NOW, CompletionFactory, CourseFactory, person_in_post

pytestmark = pytest.mark.django_db


def test_the_ends_of_the_last_months_and_today():
    days = month_ends(date(2026, 3, 31))
    assert (days[0], days[-2], days[-1]) == (date(2025, 2, 28), date(2026, 2, 28), date(2026, 3, 31))
    assert len(days) == 14


def test_a_recorded_figure_stays_and_a_late_record_shows_beside_it(organisation, django_assert_max_num_queries):
    course = CourseFactory()
    people = [person_in_post(organisation, start=date(2020, 1, 1)) for _ in range(4)]
    CompletionFactory(person=people[0], course=course, completed_on=date(2026, 1, 5))

    kept = keep_rate(organisation, course, on=date(2026, 2, 28), at=NOW)
    CompletionFactory(person=people[1], course=course, completed_on=date(2026, 2, 10))

    assert keep_rate(organisation, course, on=date(2026, 2, 28), at=NOW) == kept
    with django_assert_max_num_queries(4):
        moments = trend(organisation, course, today=date(2026, 3, 31))
    february = moments[-2]
    assert february.on == date(2026, 2, 28)
    assert (february.recorded.percent, february.now.percent, february.differs) == ("25.0", "50.0", True)
    assert moments[-1].recorded is None
    assert not moments[-1].differs
    kept.trained = 4
    with pytest.raises(AppendOnlyError):
        kept.save()


def test_every_night_records_yesterday_once(organisation, other_organisation):
    CourseFactory(code="data-security-awareness")
    ensure_default_need(organisation, by="system", at=NOW, start=date(2020, 1, 1))
    person_in_post(organisation, start=date(2020, 1, 1))
    with time_machine.travel("2026-07-01 00:30:00+01:00", tick=False):
        keep_rates()
        keep_rates()
    assert list(RateSnapshot.objects.values_list("organisation", "on", "trained", "in_scope")) == [
        (organisation.pk, date(2026, 6, 30), 0, 1)
    ]


def test_the_page_says_what_was_recorded(organisation, sign_in):
    course = CourseFactory(code="data-security-awareness")
    person = person_in_post(organisation, start=date(2020, 1, 1))
    keep_rate(organisation, course, on=date(2026, 3, 31), at=NOW)
    CompletionFactory(person=person, course=course, completed_on=date(2026, 3, 1))
    with time_machine.travel("2026-04-15 12:00:00+01:00", tick=False):
        html = sign_in(organisation, Role.SENIOR_REVIEWER).get(reverse("reporting:trend")).content.decode()
    assert "0.0% (0 of 1)" in html
    assert "0.0% were trained on 31 March 2025 and 100.0% on 15 April 2026" in html
    assert html.count("not recorded") == 13
