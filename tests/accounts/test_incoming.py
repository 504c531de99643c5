"""Whatever comes in by a form is looked at by the scanner, where there is one, and is read by nobody before."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image as Pillow
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form

from accounts.enums import Role
from accounts.incoming import CANNOT_LOOK, HAS_VIRUS, IncomingFile
from audit.models import Event
from content.forms_pictures import PictureForm
from courses.forms_documents import LessonDocumentForm
from evidence.forms import ManyFilesField, UploadField
from tests.courses.test_authoring import let_do_everything
from tests.evidence.clamd import EICAR, Clamd
from tests.factories import platform_administrator

pytestmark = pytest.mark.django_db

BY_THE_PLATFORM = "assessment:edition_file_check"
READ_AT_ONCE = {
    BY_THE_PLATFORM: (),
    "assessment:wording": (),
    "courses:prior_learning_new": (),
    "courses:record_import_new": (),
    "quizzes:import_upload": (),
    "registers:register_import": ("risks",),
    "reporting:phishing_import": (),
    "staff:import_new": (),
}
HELD = {
    "assessment:evidence_attach",
    "courses:session_attach",
    "evidence:document_add",
    "evidence:document_add_many",
    "evidence:version_add",
    "registers:held_certificate_add",
    "registers:held_certificate_change",
    "registers:incident_attach",
    "registers:matter_attach",
    "registers:policy_add",
    "registers:policy_version_change",
    "registers:supplier_answer",
}
"""What comes in here is held until it has been looked at: tests/evidence/test_quarantine.py."""
APPS = (
    "accounts",
    "assessment",
    "audit",
    "content",
    "courses",
    "evidence",
    "jobs",
    "privacy",
    "quizzes",
    "registers",
    "reporting",
    "staff",
)
EVERY_ROLE = [role for role in Role if role != Role.STAFF]


@pytest.fixture
def clamd(settings, tmp_path):
    server = Clamd(tmp_path / "clamd.socket")
    settings.SCANNER, settings.SCANNER_SECONDS = server.address, 2
    settings.BLOB_ROOT, settings.MEDIA_ROOT = tmp_path / "blobs", tmp_path / "media"
    yield server
    server.stop()


def addresses_that_take_files() -> set[str]:
    """Those whose view, or a helper beside it, reads ``request.FILES``."""
    found = set()

    def walk(patterns, space):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, pattern.namespace or space)
            elif isinstance(pattern, URLPattern):
                view = inspect.unwrap(pattern.callback)
                if view.__module__.split(".")[0] in APPS and _reads_files(view):
                    found.add(f"{space}:{pattern.name}")

    walk(get_resolver().url_patterns, "")
    return found


def _reads_files(view) -> bool:
    words = inspect.getsource(view)
    called = set(re.findall(r"\b(\w+)\(", words))
    helpers = [thing for name, thing in vars(inspect.getmodule(view)).items() if name in called and inspect.isfunction(thing)]
    return any("request.FILES" in inspect.getsource(one) for one in (view, *helpers) if one.__module__ == view.__module__)


def every_form() -> list[type[forms.BaseForm]]:
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if "forms" in module.name:
                importlib.import_module(module.name)
    found, waiting = [], [forms.BaseForm]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        found += [one for one in subclasses if one.__module__.split(".")[0] in APPS]
    return found


def test_every_address_that_takes_files_is_known_here():
    assert addresses_that_take_files() == {*READ_AT_ONCE, *HELD, "courses:my_prior_learning"}


def test_every_file_of_a_form_is_looked_at_or_held():
    fields = {
        (form.__name__, name): field
        for form in every_form()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.FileField)
    }

    assert len(fields) >= 15
    assert {key for key, field in fields.items() if not isinstance(field, IncomingFile | UploadField | ManyFilesField)} == set()
    assert issubclass(get_image_form(get_image_model()), PictureForm)
    assert settings.WAGTAILDOCS_DOCUMENT_FORM_BASE.endswith(LessonDocumentForm.__name__)


@pytest.mark.parametrize("name", READ_AT_ONCE)
def test_a_virus_is_told_written_down_and_read_by_nobody(sign_in, organisation, clamd, tmp_path, name):
    client = sign_in(organisation, *EVERY_ROLE)
    if name == BY_THE_PLATFORM:
        client.force_login(platform_administrator())
    address, kept = reverse(name, args=READ_AT_ONCE[name]), tmp_path / "uploads"

    said = client.post(address, {"file": SimpleUploadedFile("list.csv", b"number,name\n" + EICAR)}).text
    clamd.answer = b"stream: size limit exceeded ERROR\0"
    unclear = client.post(address, {"file": SimpleUploadedFile("list.csv", b"number,name\n")}).text

    assert HAS_VIRUS in said
    assert CANNOT_LOOK in unclear
    assert len(clamd.seen) == 2
    assert list(kept.glob("*")) == []
    (event,) = Event.objects.filter(type="accounts.virus_refused")
    assert event.summary["finding"] == "Eicar-Test-Signature"
    assert event.organisation == ("" if name == BY_THE_PLATFORM else organisation.ods_code)


def picture_with_a_virus() -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue() + EICAR


@pytest.mark.parametrize(
    ("name", "field", "file"),
    [
        ("wagtailimages:add", "file", ("key.png", picture_with_a_virus())),
        ("wagtailimages:add_multiple", "files[]", ("key.png", picture_with_a_virus())),
        ("wagtailimages_chooser:create", "image-chooser-upload-file", ("key.png", picture_with_a_virus())),
        ("wagtaildocs:add", "file", ("notes.txt", EICAR)),
        ("wagtaildocs:add_multiple", "files[]", ("notes.txt", EICAR)),
        ("wagtaildocs_chooser:create", "document-chooser-upload-file", ("notes.txt", EICAR)),
    ],
)
def test_an_editor_cannot_put_a_virus_into_the_cms(sign_in, organisation, clamd, tmp_path, name, field, file):
    client = sign_in(organisation, Role.CONTENT_EDITOR)
    let_do_everything(client.user)
    client.user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    given = {"title": "Key", field.replace("file", "title"): "Key", field.replace("file", "collection"): 1, "collection": 1}

    answer = client.post(
        reverse(name), {**given, field: SimpleUploadedFile(*file)}, headers={"X-Requested-With": "XMLHttpRequest"}
    )

    assert "This file has a virus" in answer.content.decode()
    assert not get_image_model().objects.exists()
    assert not get_document_model().objects.exists()
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    assert Event.objects.filter(type="accounts.virus_refused").count() == 1


def test_without_a_scanner_nothing_is_asked(settings):
    settings.SCANNER = ""

    assert IncomingFile(most_bytes=100).clean(SimpleUploadedFile("list.csv", EICAR)).read() == EICAR


@pytest.mark.parametrize(("size", "refused"), [(99, None), (100, None), (101, "too_large")])
def test_the_largest_file_is_exactly_so_large(clamd, size, refused):
    form = type("One", (forms.Form,), {"file": IncomingFile(most_bytes=100)})
    bound = form({}, {"file": SimpleUploadedFile("list.csv", b"x" * size)})

    assert bound.is_valid() is (refused is None)
    assert (refused in [error.code for error in bound.errors.as_data().get("file", [])]) is (refused is not None)
    assert len(clamd.seen) == int(refused is None)


def test_no_upload_fills_the_disk(settings):
    settings.VIDEO_MAX_BYTES, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 200_000, 1000
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("film.mp4", b"x" * 5_000_000)})

    file = request.FILES["file"]

    assert isinstance(file, TemporaryUploadedFile)
    assert settings.VIDEO_MAX_BYTES < file.size < 400_000
    assert Path(file.temporary_file_path()).stat().st_size == file.size
