from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from django.contrib.auth.models import Group
from wagtail.models import Page, Revision, Site

from content.authored import DataFault
from content.editors import SHARED_GROUP
from content.loading import load
from content.models import GuidancePage, HomePage, ProgrammeSettings
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


@pytest.fixture
def data(tmp_path):
    """A small set of data files: a home page and two pages of guidance."""
    (tmp_path / "guidance").mkdir()
    site = {
        "programme_owner": {"name": "NHS England", "as_of": NOW.date(), "note": "It may change."},
        "home": {"title": "Home", "lead": "A lead.", "body": [{"type": "text", "html": "<p>Words</p>"}]},
    }
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(site), encoding="utf-8")
    for slug in ("one", "two"):
        write_page(tmp_path, slug)
    return tmp_path


def write_page(data, slug, **changes):
    page = {
        "slug": slug,
        "title": slug.title(),
        "summary": "A summary.",
        "reviewed_on": NOW.date(),
        "group": "basics",
        "body": [{"type": "text", "html": f"<p>About {slug}.</p>"}],
    }
    (data / "guidance" / f"{slug}.yaml").write_text(yaml.safe_dump(page | changes), encoding="utf-8")


def test_loading_twice_changes_nothing(data):
    first = load(at=NOW, data=data)
    before = (Page.objects.count(), Revision.objects.count())

    second = load(at=LATER, data=data)

    assert first == {"created": 5, "updated": 0, "unchanged": 0, "left_alone": []}
    assert second == {"created": 0, "updated": 0, "unchanged": 5, "left_alone": []}
    assert (Page.objects.count(), Revision.objects.count()) == before


def test_the_site_starts_at_our_home_page_and_the_welcome_page_is_gone(data, client):
    load(at=NOW, data=data)

    site = Site.objects.get(is_default_site=True)
    assert site.root_page.specific == HomePage.objects.get()
    assert not Page.objects.filter(title__startswith="Welcome to your new").exists()
    assert client.get("/").status_code == 200
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_new_file_version_reaches_a_page_nobody_touched(data):
    load(at=NOW, data=data)
    write_page(data, "one", body=[{"type": "text", "html": "<p>New words.</p>"}])

    done = load(at=LATER, data=data)

    page = GuidancePage.objects.get(slug="one")
    assert done["updated"] == 1
    assert "New words" in str(page.body)
    assert page.last_published_at == LATER
    assert not page.has_unpublished_changes


def edit_and_publish(page):
    page.summary = "An editor wrote this."
    page.save_revision().publish()


def edit_as_draft(page):
    page.summary = "An editor wrote this."
    page.save_revision()


def take_down(page):
    page.unpublish()


def rename(page):
    page.slug = "renamed"
    page.save_revision().publish()


@pytest.mark.parametrize("act", [edit_and_publish, edit_as_draft, take_down, rename])
def test_what_an_editor_did_survives_two_loads_of_a_changed_file(data, act):
    load(at=NOW, data=data)
    page = GuidancePage.objects.get(slug="one")
    act(page)
    before = GuidancePage.objects.filter(pk=page.pk).values("summary", "slug", "live", "latest_revision").get()
    write_page(data, "one", summary="We changed our minds.")

    for _ in range(2):
        done = load(at=LATER, data=data)

    assert done["left_alone"] == ["guidance/one"]
    assert GuidancePage.objects.filter(pk=page.pk).values("summary", "slug", "live", "latest_revision").get() == before
    assert GuidancePage.objects.count() == 2


def test_publishing_a_page_without_a_change_keeps_it_ours(data):
    load(at=NOW, data=data)
    GuidancePage.objects.get(slug="one").save_revision().publish()
    write_page(data, "one", summary="Better words.")

    load(at=LATER, data=data)

    assert GuidancePage.objects.get(slug="one").summary == "Better words."


def test_a_page_that_an_editor_deleted_stays_deleted(data):
    load(at=NOW, data=data)
    GuidancePage.objects.get(slug="one").delete()

    done = load(at=LATER, data=data)

    assert done["left_alone"] == ["guidance/one"]
    assert not GuidancePage.objects.filter(slug="one").exists()


def test_an_editors_own_page_keeps_its_address(data):
    load(at=NOW, data=data)
    index = GuidancePage.objects.get(slug="one").get_parent()
    index.add_child(instance=GuidancePage(title="Mine", slug="three", summary="Mine.", body=[("text", "<p>Mine</p>")]))
    write_page(data, "three")

    done = load(at=LATER, data=data)

    assert done["left_alone"] == ["guidance/three"]
    assert GuidancePage.objects.get(slug="three").title == "Mine"


def test_the_programme_owner_is_kept_as_an_editor_set_it(data):
    load(at=NOW, data=data)
    settings = ProgrammeSettings.objects.get()
    assert settings.programme_owner == "NHS England"
    settings.programme_owner = "Another body"
    settings.save()

    done = load(at=LATER, data=data)

    assert done["left_alone"] == ["programme-owner"]
    assert ProgrammeSettings.objects.get().programme_owner == "Another body"


def test_shared_editors_write_below_the_home_page_and_nobody_publishes_there_alone(data):
    load(at=NOW, data=data)

    group = Group.objects.get(name=SHARED_GROUP)
    others = Group.objects.get(name="Editors")
    assert not others.page_permissions.filter(page=HomePage.objects.get()).exists()
    granted = set(group.page_permissions.filter(page=HomePage.objects.get()).values_list("permission__codename", flat=True))
    assert granted == {"add_page", "change_page"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"group": "odd"}, "one.yaml: there is no group “odd”"),
        ({"colour": "red"}, "one.yaml: there is no place for “colour”"),
        ({"body": [{"type": "embed"}]}, "one.yaml, block 1: there is no block type “embed”"),
    ],
)
def test_a_faulty_file_is_refused_and_nothing_changes(data, changes, says):
    write_page(data, "one", **changes)

    with pytest.raises(DataFault, match=says):
        load(at=NOW, data=data)

    assert not HomePage.objects.exists()
