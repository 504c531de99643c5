"""The demonstration's group, its platform administrator, and the two years that its first home has published."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, PlatformAdministrator, User
from assessment.loading import load_editions
from assessment.models import Publication
from courses.models import Course
from lms.demonstration import build, group, installation, two_years
from lms.demonstration.specifications import PASSWORD
from tests.factories import OrganisationFactory

AT = datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(scope="module")
def head(courses_that_ship, django_db_blocker):
    """The three homes and whoever looks after the installation, built once for all tests of the module."""
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(AT, tick=False):
        load_editions(at=AT)
        head = OrganisationFactory(name="Willow Brook Home Care")
        build_again(head)
        yield head
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _on_that_day(db):
    with time_machine.travel(AT, tick=False):
        yield


def build_again(head):
    course = Course.objects.get(code=build.COURSE)
    return group.build(head, course, today=AT.date(), at=AT, say=str), installation.build(at=AT)


def signed_in(username):
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def test_a_home_has_published_two_years_and_its_manager_sees_what_changed(head):
    earlier, later = Publication.objects.filter(organisation__ods_code=two_years.ALDER.ods_code).order_by("sequence")
    assert (earlier.computed_standard, later.computed_standard) == ("approaching", "met")

    page = signed_in("hazel@alderhouse.example").get(reverse("assessment:comparison", args=[later.pk])).content.decode()

    changed = page.split("<details")[0]
    assert changed.count('role="rowheader"') == 4
    assert (changed.count("nhsuk-tag--green"), changed.count("nhsuk-tag--red")) == (3, 1)
    assert "27 of 28 people (96.4%) are trained" in changed
    assert "The 51 items that were settled both times" in page


def test_a_home_that_has_published_once_is_told_so_without_an_alarm(head):
    first = Publication.objects.get(organisation__ods_code=two_years.ALDER.ods_code, sequence=1)

    page = signed_in("hazel@alderhouse.example").get(reverse("assessment:comparison", args=[first.pk])).content.decode()

    assert "This is the first publication here" in page
    assert "There is a problem" not in page


def test_building_it_again_adds_nothing(head):
    assert build_again(head) == (0, False)
    assert Organisation.objects.filter(parent=head).count() == len(group.HOMES)
    assert PlatformAdministrator.objects.count() == 1


def test_the_platform_administrator_may_load_lists_and_the_groups_director_sees_figures_only(head):
    assert signed_in(installation.USERNAME).get(reverse("assessment:edition_file_check")).status_code == 200
    director = signed_in("olive@willowbrook.example")
    assert "Beech Court" in director.get(reverse("reporting:group_detail")).content.decode()
    assert director.get(reverse("assessment:year_list")).status_code == 403


def test_everybody_of_the_group_who_is_listed_can_sign_in_with_the_one_password(head):
    listed = [
        username for name, username, *_rest in build.sign_ins() if name in (two_years.ALDER.name, installation.ORGANISATION)
    ]
    assert listed == ["hazel@alderhouse.example", "pat@installation.example"]
    for username in (*listed, "olive@willowbrook.example"):
        assert User.objects.get(username=username).check_password(PASSWORD)


def test_sign_ins_are_listed_once_and_organisation_by_organisation():
    lines = build.sign_ins()
    organisations = [name for name, *_rest in lines]

    assert len({username for _name, username, *_rest in lines}) == len(lines)
    assert organisations == sorted(organisations, key=organisations.index)
