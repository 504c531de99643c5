"""No screen of the CMS writes a script into its page; tests/browser/cms.py sees what a browser makes of it."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
import wagtail
from django.apps import apps
from django.conf import settings
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminPageChooser, AdminTimeInput
from wagtail.admin.widgets.workflows import AdminTaskChooser
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.images.widgets import AdminImageChooser

INSTALLED = Path(wagtail.__file__).parent
SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*json)[^>]*>")
STARTER = re.compile(r'<start-widget hidden what="(\w+)" field="(\w+)" options="([^"]*)">')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("widget", "what"),
    [
        (AdminDateInput(), "date"),
        (AdminTimeInput(), "time"),
        (AdminDateTimeInput(), "datetime"),
        (AdminPageChooser(), "PageChooser"),
        (AdminImageChooser(), "ImageChooser"),
        (AdminDocumentChooser(), "DocumentChooser"),
        (AdminTaskChooser(), "TaskChooser"),
    ],
)
def test_a_widget_is_started_from_data(widget, what):
    html = widget.render("field", None, {"id": "id_field"})
    starters = (settings.ROOT / "content/static/content/start_widgets.js").read_text(encoding="utf-8")

    assert "<script" not in html
    (found,) = STARTER.findall(html)
    assert found[:2] == (what, "id_field")
    assert isinstance(json.loads(unescape(found[2])), dict)
    assert f"  {what}: (field" in starters


def test_every_template_of_wagtails_with_a_script_in_it_is_replaced_by_ours():
    folders = [Path(app.path) / "templates" for app in apps.get_app_configs() if Path(app.path).is_relative_to(INSTALLED)]
    scripted = {
        str(file.relative_to(folder))
        for folder in folders
        for file in folder.rglob("*.html")
        if SCRIPT.search(file.read_text(encoding="utf-8"))
    }
    ours = settings.ROOT / "content/templates"

    assert len(scripted) == 5
    assert {name for name in scripted if not (ours / name).is_file()} == set()
    assert not any(SCRIPT.search((ours / name).read_text(encoding="utf-8")) for name in scripted)
