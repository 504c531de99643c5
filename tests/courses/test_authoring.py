"""Writing courses in the CMS: drafts, second readers, the two steps of publishing, and whose pages are whose."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page, Revision

from accounts.enums import Role
from accounts.services import create_user
from audit.models import Event
from content.editors import grant, share_editing
from content.models import HomePage
from courses.loading import load as load_courses
from courses.models import (
    ChangeClass,
    Course,
    CoursePage,
    CourseVersion,
    ModulePage,
    OwnCoursesPage,
    Redo,
    RetakeDemand,
    TrainingNeed,
)
from courses.needs import set_need
from courses.own import open_place
from courses.publishing import PublishingRefusedError, publish
from tests.content.markup import faults
from tests.courses.test_loading import edit, write_course
from tests.factories import NOW, TODAY, CompletionFactory, person_in_post

pytestmark = pytest.mark.django_db
MINOR = {"change_class": ChangeClass.MINOR, "redo": Redo.NOBODY}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site(tmp_path):
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Home", slug="site", lead="A lead."))
    grant(home)
    load_courses(at=NOW, data=write_course(tmp_path))


@pytest.fixture
def module(site):
    return ModulePage.objects.get(slug="part-1")


def editor(organisation, name, *, shares=True, role=Role.CONTENT_EDITOR):
    """A client signed in as an editor; ``.user`` is who."""
    user = create_user(name, organisation=organisation, roles=[Role.STAFF, role], by="system", at=NOW)
    if shares:
        share_editing(user, by="system", at=NOW)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def let_do_everything(user):
    """Give the user every permission of the CMS on every page, picture and file."""
    group = Group.objects.create(name="Everything")
    user.groups.add(group)
    pages = Permission.objects.filter(content_type__app_label="wagtailcore", codename__endswith="_page")
    files = Permission.objects.filter(content_type__model__in=["image", "document"])
    GroupPagePermission.objects.bulk_create(GroupPagePermission(group=group, page_id=1, permission=one) for one in pages)
    root = Collection.get_first_root_node()
    GroupCollectionPermission.objects.bulk_create(
        GroupCollectionPermission(group=group, collection=root, permission=one) for one in files
    )


@pytest.fixture
def writer(site, organisation):
    return editor(organisation, "writer")


@pytest.fixture
def reader(site, organisation):
    return editor(organisation, "reader", role=Role.TRAINING_LEAD)


def hand_in(page, client, words="New words."):
    """A draft of the page, handed in for its second reader."""
    revision = edit(page, words)
    revision.user = client.user
    revision.save()
    page.get_workflow().start(page, client.user)
    return ModulePage.objects.get(pk=page.pk)


def first_words(version):
    return version.content["modules"][0]["lessons"][0]["blocks"][0]["html"]


def decide(client, page, *, step="publish", **answers):
    return client.post(
        reverse("courses:page_publish", args=[page.pk]),
        {"change_class": "minor", "redo": "nobody", "step": step} | answers,
        follow=True,
    )


# --- A second reader -----------------------------------------------------------------------


def test_nobody_publishes_what_they_wrote(module, writer):
    page = hand_in(module, writer)
    state = page.current_workflow_task_state

    asked = writer.get(reverse("courses:page_publish", args=[page.pk]))
    posted = writer.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk]))
    editor_page = writer.get(f"/cms/pages/{page.pk}/edit/")

    assert asked.status_code == 302
    assert posted.status_code in (302, 403)
    assert "Publish as second reader" not in editor_page.text
    assert CourseVersion.objects.count() == 1
    with pytest.raises(PublishingRefusedError, match="somebody else has to read"):
        publish(page, by=writer.user, at=NOW, **MINOR)
    with pytest.raises(PermissionDenied):
        page.current_workflow_task.specific.on_action(state, writer.user, "approve", decided=True)


def test_a_second_reader_who_changes_a_word_needs_another_reader(module, writer, reader):
    page = hand_in(module, writer)
    revision = edit(page, "Their own words.")
    revision.user = reader.user
    revision.save()

    with pytest.raises(PublishingRefusedError):
        publish(page, by=reader.user, at=NOW, **MINOR)


def test_a_second_reader_may_press_publish_in_the_editor_which_saves_the_same_words_again(module, writer, reader):
    page = hand_in(module, writer)
    same = page.get_latest_revision_as_object().save_revision(user=reader.user)

    publish(ModulePage.objects.get(pk=page.pk), by=reader.user, at=NOW, **MINOR)

    assert ModulePage.objects.get(pk=page.pk).live_revision_id == same.pk
    assert first_words(CourseVersion.objects.get(number=2)) == "<p>New words.</p>"


def test_approving_in_the_cms_asks_first_what_it_means(module, writer, reader):
    page = hand_in(module, writer)
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", page.current_workflow_task_state.pk])

    answer = reader.post(url, {"comment": "", "decided": "yes"})

    assert answer["Location"] == reverse("courses:page_publish", args=[page.pk])
    assert CourseVersion.objects.count() == 1


def test_a_second_reader_publishes_in_two_steps(module, writer, reader):
    page = hand_in(module, writer)

    first = reader.get(reverse("courses:page_publish", args=[page.pk]))
    check = decide(reader, page, step="", change_class="material", redo="next-cycle")
    before = CourseVersion.objects.count()
    done = decide(reader, page, change_class="material", redo="next-cycle")
    again = decide(reader, page, change_class="material", redo="next-cycle")

    assert faults(first) == []
    assert faults(check) == []
    assert "Check before you publish" in check.text
    assert before == 1
    assert "Published. Learners have it now." in done.text
    assert "You cannot publish this" in again.text
    second = CourseVersion.objects.get(number=2)
    assert (second.change_class, second.redo, first_words(second)) == ("material", "next-cycle", "<p>New words.</p>")
    assert not RetakeDemand.objects.exists()
    assert Event.objects.get(target=f"courses.courseversion:{second.pk}").actor == f"user:{reader.user.pk}"
    assert not ModulePage.objects.get(pk=page.pk).workflow_in_progress


def test_it_shows_how_many_people_before_anything_is_saved_and_then_asks_them(module, writer, reader, organisation):
    course = Course.objects.get()
    audience = TrainingNeed.Audience.EVERYONE
    line = {"course": course, "audience": audience, "months": 12, "starter_days": 30, "rationale": "x", "start": TODAY}
    set_need(organisation, by="system", at=NOW, **line)
    for number in range(5):
        person = person_in_post(organisation)
        if number < 3:
            CompletionFactory(person=person, course=course, course_version=course.versions.get())
    page = hand_in(module, writer)

    form = reader.get(reverse("courses:page_publish", args=[page.pk]))
    wrong = decide(reader, page, step="", change_class="material", redo="everyone-now", days="")
    cosmetic = decide(reader, page, step="", change_class="cosmetic", redo="everyone-now", days="5")
    check = decide(reader, page, step="", change_class="material", redo="everyone-now", days="21")
    nothing_yet = RetakeDemand.objects.count(), CourseVersion.objects.count()
    decide(reader, page, change_class="material", redo="everyone-now", days="21")

    assert "1 organisation asks for this course, of 5 people in post today. 3 of them are up to date." in form.text
    assert "Say how many days people have" in wrong.text
    assert "A cosmetic change is nothing to do again for" in cosmetic.text
    assert "3 people who are up to date today get 21 days" in check.text
    assert nothing_yet == (0, 1)
    demand = RetakeDemand.objects.get()
    assert (demand.version.number, demand.last_day) == (2, TODAY + timedelta(days=21))


def test_a_page_of_the_site_needs_a_second_reader_and_no_questions(site, writer, reader):
    page = HomePage.objects.get()
    page.title = "Words"
    page.save_revision(user=writer.user)
    page.get_workflow().start(page, writer.user)
    state = page.current_workflow_task_state

    mine = writer.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk]))
    reader.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk]), {"comment": "Good"})

    assert mine.status_code in (302, 403)
    assert Page.objects.get(pk=page.pk).title == "Words"


# --- A day to come -------------------------------------------------------------------------


def test_a_draft_goes_live_on_its_day_with_what_was_decided(module, writer, reader):
    page = hand_in(module, writer)
    day = TODAY + timedelta(days=7)
    parts = {f"from_day_{part}": getattr(day, part) for part in ("day", "month", "year")}

    done = decide(reader, page, change_class="material", redo="everyone-now", days="10", **parts)
    call_command("publish_scheduled")
    waiting = CourseVersion.objects.count()
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        for _ in range(2):
            call_command("publish_scheduled")

    assert "Learners get it on the day you gave" in done.text
    assert waiting == 1
    second = CourseVersion.objects.get(number=2)
    assert (second.effective_on, second.retake_demand.last_day) == (day, day + timedelta(days=10))
    assert CourseVersion.objects.count() == 2


# --- What people completed -----------------------------------------------------------------


def test_purging_revisions_takes_nothing_from_what_was_completed(module, writer, reader):
    first = CourseVersion.objects.get()
    decide(reader, hand_in(module, writer))
    for words in ("Three.", "Four."):
        edit(ModulePage.objects.get(pk=module.pk), words)

    call_command("purge_revisions")

    assert Revision.objects.filter(object_id=str(module.pk)).count() < 4
    assert first_words(CourseVersion.objects.get(pk=first.pk)) == "<p>First words.</p>"
    assert first_words(CourseVersion.objects.get(number=2)) == "<p>New words.</p>"


@pytest.fixture
def platform(site, organisation):
    """Somebody who may do everything in the CMS."""
    client = editor(organisation, "platform")
    let_do_everything(client.user)
    return client


@pytest.mark.parametrize("kind", [ModulePage, CoursePage])
def test_a_course_that_people_completed_keeps_its_pages(module, platform, organisation, kind):
    page = kind.objects.first()
    url = f"/cms/pages/{page.pk}/delete/"
    CompletionFactory(course=Course.objects.get(), person=person_in_post(organisation))

    shown = platform.get(url, follow=True)
    refused = platform.post(url, follow=True)
    many = platform.post(f"/cms/bulk/wagtailcore/page/delete/?id={page.pk}", follow=True)

    assert "1 person has completed its course" in shown.text
    assert "Yes, delete it" not in shown.text
    assert "1 person has completed its course" in refused.text
    assert "one at a time" in many.text
    assert kind.objects.filter(pk=page.pk).exists()


def test_taking_a_course_down_is_harmless_and_says_so(module, platform):
    page = CoursePage.objects.get()

    asked = platform.get(f"/cms/pages/{page.pk}/unpublish/")
    said = platform.post(f"/cms/pages/{page.pk}/unpublish/", follow=True)

    assert "Learners keep the last version of this course" in asked.text
    assert "Learners keep the last version of this course" in said.text
    assert CourseVersion.objects.count() == 1


def test_a_course_does_not_move(module, platform, organisation):
    place = open_place(organisation, by="system", at=NOW)
    page = CoursePage.objects.get()

    refused = platform.post(f"/cms/pages/{page.pk}/move/{place.pk}/confirm/", follow=True)

    assert "stays where it is" in refused.text
    assert CoursePage.objects.get().get_parent().pk != place.pk


def test_publishing_alone_is_asked_about_too(module, platform):
    page = hand_in(module, platform)
    page.current_workflow_state.cancel(user=platform.user)

    decide(platform, page, change_class="cosmetic")

    assert CourseVersion.objects.get(number=2).change_class == ChangeClass.COSMETIC


# --- Whose pages are whose -----------------------------------------------------------------


def own_course(organisation, title, *, words="zzforeign words"):
    place = open_place(organisation, by="system", at=NOW)
    course = place.add_child(instance=CoursePage(title=title, slug="alarm", summary=words))
    lesson = {"type": "lesson", "value": {"title": words, "minutes": 2, "blocks": [{"type": "text", "value": f"<p>{words}</p>"}]}}
    course.add_child(instance=ModulePage(title=title, slug="one", lessons=[lesson])).save_revision().publish()
    return course


def test_an_own_course_belongs_to_its_organisation_by_its_place(site, organisation, other_organisation):
    mine, theirs = own_course(organisation, "Alarm"), own_course(other_organisation, "Alarm")

    assert (mine.course.organisation, theirs.course.organisation) == (organisation, other_organisation)
    assert mine.course.code == f"{organisation.ods_code.lower()}-alarm"
    assert mine.course.versions.count() == theirs.course.versions.count() == 1
    assert OwnCoursesPage.objects.count() == 2
    assert open_place(organisation, by="system", at=NOW) == mine.get_parent().specific


def test_learners_of_other_organisations_find_nothing(site, organisation, other_organisation, sign_in):
    theirs = own_course(other_organisation, "zzforeign")
    learner = sign_in(organisation, Role.STAFF)

    for url in (f"/learn/{theirs.course.code}/", f"/learn/{theirs.course.code}/one/1/", f"/quiz/{theirs.course.code}/"):
        assert learner.get(url).status_code == 404
    assert Course.objects.available_to(organisation).filter(pk=theirs.course.pk).count() == 0


def test_an_editor_neither_sees_nor_changes_what_others_write(site, organisation, other_organisation):
    """Every address of the CMS that the editor's pages lead to, and every address of the other's pages by hand."""
    theirs = own_course(other_organisation, "zzforeign alarm")
    own_course(organisation, "Our alarm", words="ours")
    client = editor(organisation, "mine", shares=False)
    ids = [theirs.pk, *theirs.get_children().values_list("pk", flat=True), theirs.get_parent().pk]
    acts = (
        "edit",
        "view_draft",
        "history",
        "delete",
        "unpublish",
        "copy",
        "move",
        "usage",
        "lock",
        "workflow/status",
        "revisions/1/view",
    )

    opened = {}
    for pk in ids:
        for act in ("", *acts):
            url = f"/cms/pages/{pk}/{act + '/' if act else ''}"
            response = client.get(url, follow=True)
            if b"zzforeign" in response.content:
                opened[url] = response.status_code
        client.post(f"/cms/pages/{pk}/delete/")
        client.post(f"/cms/pages/{pk}/unpublish/")
        assert client.get(f"/publish/{pk}/").status_code == 404
    wandered = wander(client)

    assert opened == {}
    assert wandered == {}
    assert Page.objects.filter(pk__in=ids, live=True).count() == len(ids)


def wander(client, start="/cms/", most=45):
    """The pages of the CMS that links lead to, with those that show the mark of the other organisation."""
    waiting, seen, found = [start], set(), {}
    also = [
        "/cms/choose-page/",
        "/cms/choose-page/search/?q=alarm",
        "/cms/pages/search/?q=alarm",
        "/cms/images/",
        "/cms/documents/",
        "/cms/api/main/pages/",
        "/cms/reports/workflow/",
        "/cms/reports/site-history/",
        "/cms/reports/page-types-usage/",
        "/cms/choose-page/1/",
    ]
    waiting += also
    while waiting and len(seen) < most:
        url = waiting.pop(0)
        if url in seen or "logout" in url:
            continue
        seen.add(url)
        response = client.get(url, follow=True)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if b"zzforeign" in body:
            found[url] = re.findall(rb".{60}zzforeign.{30}", body)[:2]
        waiting += [link for link in re.findall(r'href="(/cms/[^"#]*)"', body.decode(errors="replace")) if link not in seen]
    return found


def test_an_editor_of_an_organisation_does_not_write_what_all_share(site, organisation, module):
    client = editor(organisation, "mine", shares=False)

    response = client.get(f"/cms/pages/{module.pk}/edit/", follow=True)

    assert response.redirect_chain
    assert client.get(reverse("courses:page_publish", args=[module.pk])).status_code == 404


def test_a_training_lead_makes_the_place_once(site, organisation, sign_in):
    lead = sign_in(organisation, Role.TRAINING_LEAD)

    before = lead.get(reverse("courses:own_courses"))
    for _ in range(2):
        made = lead.post(reverse("courses:own_courses"))
    after = lead.get(reverse("courses:own_courses"))

    assert (faults(before), faults(after)) == ([], [])
    assert made["Location"] == f"/cms/pages/{OwnCoursesPage.objects.get().pk}/"
    assert Event.objects.filter(type="courses.place_opened").count() == 1
