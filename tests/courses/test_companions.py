"""A module on paper: the easy read and the guide for a session with a group."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.enums import Role
from courses.companions import PICTURES
from courses.models import ModulePage
from tests.factories import OrganisationFactory, member

COURSE, MODULE = "data-security-awareness", "scams-and-pressure"


def signed_in(client, role):
    client.force_login(member(OrganisationFactory(), role))
    return client


def test_all_six_modules_for_everyone_have_both_on_paper(courses_that_ship, db):
    modules = ModulePage.objects.filter(slug__in=[page.slug for page in ModulePage.objects.all() if page.easy_read])

    assert modules.count() == 6
    assert all(module.easy_read and module.session_guide for module in modules)
    assert {part.value["picture"] for module in modules for part in module.easy_read} <= set(PICTURES)


def test_an_easy_read_keeps_to_short_lines(courses_that_ship, db):
    lines = [line for module in ModulePage.objects.all() for part in module.easy_read for line in part.value["lines"]]

    assert len(lines) > 100
    assert max(len(line.split()) for line in lines) <= 16


def test_a_member_of_staff_finds_the_easy_read_on_the_course_and_no_session_guide(courses_that_ship, db, client):
    page = signed_in(client, Role.STAFF).get(reverse("courses:course_detail", args=[COURSE])).content.decode()

    easy_read = client.get(reverse("courses:easy_read", args=[COURSE, MODULE]))
    guide = client.get(reverse("courses:session_guide", args=[COURSE, MODULE]))

    assert reverse("courses:easy_read", args=[COURSE, MODULE]) in page
    assert reverse("courses:session_guide", args=[COURSE, MODULE]) not in page
    assert "Check another way. Ring the number you know." in easy_read.content.decode()
    assert guide.status_code == 403


def test_a_manager_finds_the_session_guide_with_questions_and_a_sheet(courses_that_ship, db, client):
    page = signed_in(client, Role.MANAGER).get(reverse("courses:session_guide", args=[COURSE, MODULE])).content.decode()

    assert "Spot the pressure" in page
    assert "The talk takes about 24 minutes" in page
    assert "with 5 or 6 out of 6" in page
    assert "Sign-in sheet" in page


@pytest.mark.parametrize("view", ["easy_read", "session_guide"])
def test_a_module_without_it_has_no_such_page(courses_that_ship, db, client, view):
    signed_in(client, Role.MANAGER)

    absent = client.get(reverse(f"courses:{view}", args=["board-and-trustees", "five-questions-from-the-top"]))
    unknown = client.get(reverse(f"courses:{view}", args=[COURSE, "no-such-module"]))

    assert (absent.status_code, unknown.status_code) == (404, 404)


def test_a_page_loaded_before_these_existed_is_not_taken_for_edited(courses_that_ship, db):
    module = ModulePage.objects.get(slug=MODULE)
    module.easy_read, module.session_guide = [], []

    assert "easy_read" not in module.facts()
    assert "session_guide" not in module.facts()
