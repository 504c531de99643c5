"""Loading a list of requirements by page, as whoever looks after the installation does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessment.edition_file import EDITIONS_DIRECTORY
from assessment.models import Edition
from audit.models import Event
from tests.assessment import helpers as h
from tests.factories import platform_administrator

pytestmark = pytest.mark.django_db
SHIPPED = (EDITIONS_DIRECTORY / h.YEAR / "category-3.yaml").read_text(encoding="utf-8")
TITLE = "title: \"Your registration number with the Information Commissioner's Office (ICO)"
CHECK, LOAD = "assessment:edition_file_check", "assessment:edition_file_load"


@pytest.fixture
def client():
    found = Client()
    found.force_login(platform_administrator())
    return found


def corrected(version="8.0.1", change_class="wording"):
    text = SHIPPED.replace("version: 8.0.0 ", f"version: {version} ").replace(TITLE, f"{TITLE}, and when it ends", 1)
    assert text.count(", and when it ends") == 1
    lines = [
        f"  change_class: {change_class}" if line.strip().startswith("change_class:") else line for line in text.splitlines()
    ]
    return "\n".join(lines) + "\n"


def check(client, text):
    file = SimpleUploadedFile("list.yaml", text if isinstance(text, bytes) else text.encode())
    return client.post(reverse(CHECK), {"file": file}).content.decode()


def carried_by(page):
    return page.split('name="carried" value="')[1].split('"')[0]


def test_a_correction_is_shown_and_then_loaded_for_everybody(client, organisation):
    h.shipped_edition()
    h.opened(organisation, h.lead_of(organisation))

    shown = check(client, corrected())
    assert "The question reads differently (1)" in shown
    assert "and when it ends" in shown
    assert "1 open return is on an older version." in shown
    assert organisation.name not in shown
    assert Edition.objects.count() == 1

    client.post(reverse(LOAD), {"carried": carried_by(shown)})
    loaded = Edition.objects.get(version="8.0.1")
    assert loaded.source == corrected()
    assert loaded.loaded_by is not None
    assert Event.objects.filter(type="assessment.edition_loaded").count() == 2
    assert "loaded already, with the same content" in check(client, corrected())


def test_what_is_wrong_is_said_in_sentences_and_nothing_is_loaded(client):
    h.shipped_edition()

    assert "higher version number" in client.get(reverse(CHECK)).content.decode()
    assert "already loaded with another content. Give the changed file a new version number." in check(client, corrected("8.0.0"))
    assert "its changes are &#39;wording&#39;" in check(client, corrected(change_class="guidance"))
    assert "things have to be mended" in check(client, "schema: dspt-edition/1\nitems: 3\n")
    assert "not text in UTF-8" in check(client, b"\xff\xfe\x00")
    assert Edition.objects.count() == 1


def test_a_preview_is_loaded_only_by_who_looked_at_it_and_unchanged(client):
    shown = carried_by(check(client, SHIPPED))
    other = Client()
    other.force_login(platform_administrator())

    for who, carried in ((other, shown), (client, shown[:-2]), (client, "")):
        page = who.post(reverse(LOAD), {"carried": carried}, follow=True).content.decode()
        assert "Choose the file again" in page
    assert not Edition.objects.exists()


def test_the_version_that_a_newer_one_replaces_says_so(client):
    h.shipped_edition()
    assert "Replaced by" not in client.get(reverse(CHECK)).content.decode()

    client.post(reverse(LOAD), {"carried": carried_by(check(client, corrected()))})
    page = client.get(reverse(CHECK)).content.decode()

    assert page.count("Replaced by 8.0.1") == 1
    assert page.index("version 8.0.1") < page.index("Replaced by 8.0.1")
