from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.services import grant_role
from content.editors import share_editing
from courses.models import Course, CourseIndexPage, CoursePage, CourseVersion, ModulePage
from tests.content.markup import faults, read
from tests.factories import NOW, person_in_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(organisation, sign_in):
    client = sign_in(organisation, Role.STAFF)
    grant_role(client.user, organisation=organisation, role=Role.CONTENT_EDITOR, by="system", at=NOW)
    share_editing(client.user, by="system", at=NOW)
    return client


def test_every_lesson_that_ships_reads_well(courses_that_ship, organisation, sign_in):
    client = sign_in(organisation, Role.STAFF)
    person_in_post(organisation, user=client.user)
    found, links = {}, set()
    modules = [(v.course.code, module) for v in CourseVersion.objects.select_related("course") for module in v.content["modules"]]
    for code, module in modules:
        for number in range(1, len(module["lessons"]) + 1):
            kwargs = {"course_code": code, "module": module["slug"], "lesson": number}
            url = reverse("courses:lesson_detail", kwargs=kwargs)
            response = client.get(url)
            found[url] = faults(response)
            links |= {link for link in read(response).links if link.startswith("/guidance/")}

    assert {url: said for url, said in found.items() if said} == {}
    assert len(found) >= 30
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code != 200} == {}


@pytest.mark.parametrize(
    ("model", "leads_to"),
    [
        (CourseIndexPage, "/my-training/"),
        (CoursePage, "/learn/data-security-awareness/"),
        (ModulePage, "/learn/data-security-awareness/why-information-safety-is-care-safety/1/"),
    ],
)
def test_the_pages_of_a_course_are_not_public(courses_that_ship, organisation, sign_in, client, model, leads_to):
    pages = model.objects.order_by("path")
    page = pages.get() if model is CourseIndexPage else pages.filter(url_path__contains="/data-security-awareness/").first()

    stranger = client.get(page.url)
    member = sign_in(organisation, Role.STAFF).get(page.url)

    assert stranger["Location"].startswith("/accounts/sign-in/?next=")
    assert member["Location"] == leads_to


def test_an_editor_previews_every_lesson_as_a_learner(courses_that_ship, editor):
    module = ModulePage.objects.order_by("path").first()

    modes = dict(module.preview_modes)

    assert len(modes) == len(module.lessons)
    for mode in modes:
        response = editor.get(f"/cms/pages/{module.pk}/view_draft/", {"mode": mode})
        assert faults(response) == []
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]


def test_an_editor_previews_a_course(courses_that_ship, editor):
    response = editor.get(f"/cms/pages/{CoursePage.objects.get(slug='data-security-awareness').pk}/view_draft/")

    assert faults(response) == []
    assert b"1. Why information safety is care safety" in response.content


def test_an_editor_opens_the_pages_to_edit(courses_that_ship, editor):
    for page in (*CoursePage.objects.all(), *ModulePage.objects.all()[:2]):
        response = editor.get(f"/cms/pages/{page.pk}/edit/")
        assert response.status_code == 200
        assert b"action-submit" in response.content
        assert b"action-publish" not in response.content


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.HR, Role.DSPT_LEAD])
def test_others_do_not_get_into_the_cms(courses_that_ship, organisation, sign_in, role):
    assert sign_in(organisation, role).get("/cms/").status_code == 403


def test_a_new_course_page_gets_its_course_once(courses_that_ship):
    index = CourseIndexPage.objects.get()
    page = index.add_child(instance=CoursePage(title="Fire", slug="fire-safety"))
    page.slug = "fire"
    page.save()

    assert Course.objects.get(page=page).code == "fire-safety"
    assert Course.objects.filter(code="fire").count() == 0
