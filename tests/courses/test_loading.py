from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from django.core.management import call_command
from wagtail.models import Page

from audit.models import Event
from content.authored import DataFault
from content.loading import load as load_site
from content.models import HomePage
from courses.loading import DATA, SiteMissingError, load
from courses.models import ChangeClass, Course, CoursePage, CourseVersion, ModulePage, Redo
from courses.versions import in_force, publish_version
from quizzes.models import Blueprint, BlueprintVersion
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)
LESSON = {"title": "A lesson", "minutes": 2, "blocks": [{"type": "text", "html": "<p>First words.</p>"}]}


@pytest.fixture
def home(db):
    root = Page.get_first_root_node()
    return root.add_child(instance=HomePage(title="Home", slug="site", lead="A lead."))


@pytest.fixture
def data(tmp_path):
    """A course of two small modules."""
    return write_course(tmp_path)


def write_course(data):
    folder = data / "safe"
    folder.mkdir()
    course = {
        "code": "safe",
        "title": "Safe",
        "summary": "A summary.",
        "introduction": "<p>Welcome.</p>",
        "level": 1,
        "audience": "All",
        "modules": ["module-1", "module-2"],
    }
    (folder / "course.yaml").write_text(yaml.safe_dump(course), encoding="utf-8")
    for number in (1, 2):
        write_module(data, number)
    return data


def write_module(data, number, **changes):
    module = {
        "slug": f"part-{number}",
        "title": f"Part {number}",
        "minutes": 10,
        "summary": "A summary.",
        "standards": [1, 10],
        "outcomes": ["Do it"],
        "lessons": [LESSON],
    }
    (data / "safe" / f"module-{number}.yaml").write_text(yaml.safe_dump(module | changes), encoding="utf-8")


def rewritten(words):
    return [LESSON | {"blocks": [{"type": "text", "html": f"<p>{words}</p>"}]}]


def edit(module, words="An editor's words."):
    """Change the first lesson, as an editor would."""
    raw = module.lessons.raw_data
    raw[0]["value"]["blocks"][0]["value"] = f"<p>{words}</p>"
    module.lessons = raw
    return module.save_revision()


def test_loading_freezes_one_version(home, data):
    done = load(at=NOW, data=data)

    version = CourseVersion.objects.get()
    assert done == {"created": 4, "updated": 0, "unchanged": 0, "left_alone": [], "versions": {"safe": 1}}
    assert [module["slug"] for module in version.content["modules"]] == ["part-1", "part-2"]
    assert version.content["modules"][0]["standards"] == [1, 10]
    assert version.content["modules"][0]["lessons"][0]["blocks"] == [{"type": "text", "html": "<p>First words.</p>"}]
    assert (version.number, version.change_class, version.effective_on) == (1, ChangeClass.MATERIAL, TODAY)
    assert Event.objects.get(type="courses.version_published").summary["number"] == 1


def test_loading_again_changes_nothing(home, data):
    load(at=NOW, data=data)

    done = load(at=LATER, data=data)

    assert done["unchanged"] == 4
    assert CourseVersion.objects.count() == 1


def test_a_changed_file_makes_a_new_version_and_leaves_the_old(home, data):
    load(at=NOW, data=data)
    write_module(data, 1, lessons=rewritten("New words."))

    load(at=LATER, data=data)

    first, second = CourseVersion.objects.order_by("number")
    assert first.content["modules"][0]["lessons"][0]["blocks"][0]["html"] == "<p>First words.</p>"
    assert second.content["modules"][0]["lessons"][0]["blocks"][0]["html"] == "<p>New words.</p>"
    assert in_force(Course.objects.get(), TODAY) == first
    assert in_force(Course.objects.get(), TODAY + timedelta(days=1)) == second


def test_what_an_editor_published_survives_two_loads_of_a_changed_file(home, data):
    load(at=NOW, data=data)
    edit(ModulePage.objects.get(slug="part-1")).publish()
    write_module(data, 1, lessons=rewritten("Our new words."))

    for _ in range(2):
        done = load(at=LATER, data=data)

    newest = CourseVersion.objects.order_by("-number").first()
    assert done["left_alone"] == ["courses/safe/module-1"]
    assert newest.content["modules"][0]["lessons"][0]["blocks"][0]["html"] == "<p>An editor's words.</p>"


def test_publishing_a_page_freezes_a_version_and_the_old_one_stays_as_it_was(home, data):
    load(at=NOW, data=data)
    first = CourseVersion.objects.get()

    edit(ModulePage.objects.get(slug="part-2")).publish()

    second = CourseVersion.objects.get(number=2)
    assert (second.change_class, second.redo) == (ChangeClass.MINOR, Redo.NOBODY)
    assert second.content["modules"][1]["lessons"][0]["blocks"][0]["html"] == "<p>An editor's words.</p>"
    assert CourseVersion.objects.filter(pk=first.pk).values("content", "content_hash").get() == {
        "content": first.content,
        "content_hash": first.content_hash,
    }


def test_a_draft_freezes_nothing(home, data):
    load(at=NOW, data=data)

    edit(ModulePage.objects.get(slug="part-2"))

    assert CourseVersion.objects.count() == 1


def test_publishing_without_a_change_freezes_nothing(home, data):
    load(at=NOW, data=data)

    ModulePage.objects.get(slug="part-2").save_revision().publish()

    assert CourseVersion.objects.count() == 1


@pytest.mark.parametrize("act", ["unpublish", "delete"])
def test_a_module_taken_down_is_missing_from_the_next_version_only(home, data, act):
    load(at=NOW, data=data)

    getattr(ModulePage.objects.get(slug="part-1"), act)()

    first, second = CourseVersion.objects.order_by("number")
    assert len(first.content["modules"]) == 2
    assert [module["slug"] for module in second.content["modules"]] == ["part-2"]


def test_new_rules_of_the_quiz_make_a_new_version(home, data):
    load(at=NOW, data=data)
    blueprint = Blueprint.objects.create(code="safe", title="Safe")
    rules = {"blueprint": blueprint, "draws": [], "questions": 10, "pass_mark_percent": 80, "marks_needed": 8, "created_at": NOW}
    BlueprintVersion.objects.create(number=1, **rules)

    load(at=LATER, data=data)

    first, second = CourseVersion.objects.order_by("number")
    assert first.blueprint_version is None
    assert second.blueprint_version.number == 1
    assert first.content_hash == second.content_hash


def test_a_course_without_modules_has_no_version(home):
    index = home.add_child(instance=CoursePage(title="Empty", slug="empty"))

    assert publish_version(index.course, change_class=ChangeClass.MINOR, by="system", at=NOW) is None
    assert not CourseVersion.objects.exists()


def test_courses_wait_for_the_site(data):
    with pytest.raises(SiteMissingError):
        load(at=NOW, data=data)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"lessons": [LESSON | {"blocks": [{"type": "hologram"}]}]},
            "module-1.yaml, block 1, block 1: there is no block type “hologram”",
        ),
        ({"lessons": [LESSON | {"minutes": 99}]}, "module-1.yaml"),
        ({"odd": 1}, "module-1.yaml: there is no place for “odd”"),
    ],
)
def test_a_faulty_file_is_refused_and_nothing_changes(home, data, changes, says):
    write_module(data, 1, **changes)

    with pytest.raises(DataFault, match=says):
        load(at=NOW, data=data)

    assert not Course.objects.exists()


def test_every_course_that_ships_loads_with_its_quiz(capsys):
    call_command("load_content", "--json")
    load_site(at=LATER)

    versions = {version.course.code: version for version in CourseVersion.objects.select_related("course", "blueprint_version")}
    assert set(versions) == {folder.name for folder in DATA.iterdir() if folder.is_dir()}
    for version in versions.values():
        assert version.blueprint_version is not None
        orders = [module["order"] for module in version.content["modules"]]
        assert orders == list(range(1, len(orders) + 1))
        assert {draw["section"] for draw in version.blueprint_version.draws} <= set(orders)
