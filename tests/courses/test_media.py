"""Pictures, videos and files in lessons: written in the CMS, kept with the version, given to those who may read it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from PIL import Image as Pillow
from wagtail.blocks import StructBlockValidationError
from wagtail.documents.models import Document
from wagtail.images.models import Image, Rendition
from wagtail.models import Collection, GroupCollectionPermission, Page, ReferenceIndex

from accounts.enums import Role
from content.authored import in_words, stream_of
from content.editors import SHARED_FILES, grant
from content.models import HomePage
from courses.lessons import LessonBodyBlock, LessonsBlock
from courses.loading import load as load_courses
from courses.media import keep_files
from courses.models import Course, CourseVersion, LessonFile, ModulePage
from courses.own import open_place
from courses.publishing import PublishingRefusedError, publish
from evidence import blobs
from evidence.file_types import captions, video
from evidence.models import Blob
from evidence.uploads import CAPTIONS, DOCUMENTS, VIDEOS, UploadRefusedError, inspect
from lms.demonstration import authoring
from tests.content.markup import faults
from tests.courses.test_authoring import MINOR, editor, let_do_everything
from tests.courses.test_loading import write_course
from tests.factories import NOW, CompletionFactory, person_in_post

pytestmark = pytest.mark.django_db

FILM = (Path(__file__).with_name("files") / "film.webm").read_bytes()
WORDS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nLock the door.\n"
ALT = "A key hanging on a hook beside an open door."


@pytest.fixture(autouse=True)
def _its_own_files(settings, tmp_path):
    settings.MEDIA_ROOT, settings.BLOB_ROOT = tmp_path / "media", tmp_path / "blobs"
    cache.clear()  # Wagtail remembers sizes of pictures by number, and numbers come again in the next test
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def module(tmp_path):
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Home", slug="site", lead="A lead."))
    grant(home)
    load_courses(at=NOW, data=write_course(tmp_path))
    return ModulePage.objects.get(slug="part-1")


def shared_files():
    return Collection.objects.get(name=SHARED_FILES)


def picture(title="A door", *, form="JPEG", size=(1600, 900), collection=None, **saved):
    out = io.BytesIO()
    Pillow.new("RGB", size, "navy").save(out, form, **saved)
    file = ContentFile(out.getvalue(), f"door.{form.lower()}")
    return Image.objects.create(title=title, file=file, collection=collection or shared_files())


def document(content, name, *, collection=None):
    return Document.objects.create(title=name, file=ContentFile(content, name), collection=collection or shared_files())


def raw_blocks(**changes):
    """A lesson with a picture, a video and a file, as the CMS stores it."""
    image = {"picture": {"image": picture().pk, "alt_text": ALT, "decorative": False}, "caption": "The back door"}
    film = {
        "title": "Locking up",
        "file": document(FILM, "film.webm").pk,
        "captions": document(WORDS, "film.vtt").pk,
        "poster": None,
        "transcript": "<p>Lock the door before you go.</p>",
    }
    paper = {"title": "A list for the wall", "file": document(b"Lock up", "list.txt").pk, "about": "Print it."}
    values = {"image": image, "video": film, "download": paper}
    return [{"type": kind, "value": value | changes.get(kind, {})} for kind, value in values.items()]


def draft_with(module, blocks, *, user=None):
    raw = module.lessons.raw_data
    raw[0]["value"]["blocks"] = blocks
    module.lessons = raw
    return module.save_revision(user=user)


def published(module, blocks=None):
    """The blocks of the first lesson, frozen."""
    draft_with(module, blocks or raw_blocks()).publish()
    return CourseVersion.objects.order_by("-number").first().content["modules"][0]["lessons"][0]["blocks"]


def file_address(block, name):
    return reverse("courses:lesson_file", args=["safe", block[name]["sha256"]])


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- Kept for good -------------------------------------------------------------------------


def test_what_is_published_is_kept_whatever_happens_to_the_picture(module, organisation, sign_in):
    image, film, paper = published(module)

    Rendition.objects.all().delete()
    Image.objects.all()._raw_delete("default")
    Document.objects.all()._raw_delete("default")
    learner = sign_in(organisation, Role.STAFF)
    answers = {name: learner.get(file_address(block, name)) for block, name in [(image, "picture"), (film, "captions")]}
    page = learner.get("/learn/safe/part-1/1/")

    assert (image["alt"], image["picture"]["width"], image["picture"]["media_type"]) == (ALT, 1200, "image/jpeg")
    assert body_of(answers["picture"]).startswith(b"\xff\xd8\xff")
    assert answers["captions"].content == WORDS
    assert answers["captions"]["Content-Type"] == "text/vtt; charset=utf-8"
    assert faults(page) == []
    assert f'src="{file_address(image, "picture")}" alt="{ALT}"' in page.text
    assert "autoplay" not in page.text
    assert re.search(r"<video[^>]* controls", page.text)
    assert "Lock the door before you go." in page.text
    assert "(TXT, 7 Bytes)" in page.text
    assert paper["file"]["name"] == "list.txt"


def test_the_same_pages_published_again_make_no_version(module):
    published(module)
    before = CourseVersion.objects.count(), Blob.objects.count(), LessonFile.objects.count()

    module.save_revision().publish()

    assert (CourseVersion.objects.count(), Blob.objects.count(), LessonFile.objects.count()) == before == (2, 4, 4)


def test_a_picture_is_written_anew_without_the_notes_of_the_camera(module):
    exif = Pillow.Exif()
    exif[0x010F] = "WHERE I LIVE"
    blocks = raw_blocks()
    blocks[0]["value"]["picture"]["image"] = picture(exif=exif).pk

    frozen = published(module, blocks)[0]["picture"]

    assert b"WHERE I LIVE" in Image.objects.last().file.read()
    assert b"WHERE I LIVE" not in blobs.read(Blob.objects.get(pk=frozen["sha256"]))


@pytest.mark.parametrize(("form", "media_type"), [("PNG", "image/png"), ("GIF", "image/png"), ("WEBP", "image/jpeg")])
def test_pictures_become_png_or_jpeg(module, form, media_type):
    blocks = raw_blocks()
    blocks[0]["value"]["picture"]["image"] = picture(form=form, size=(40, 30)).pk

    frozen = published(module, blocks)[0]["picture"]

    assert (frozen["media_type"], frozen["width"]) == (media_type, 40)


def test_a_version_completed_earlier_still_shows_its_own_picture(module, organisation, sign_in):
    image = published(module)[0]
    earlier = CourseVersion.objects.get(number=2)
    client = sign_in(organisation, Role.STAFF)
    person = person_in_post(organisation, user=client.user)
    completion = CompletionFactory(person=person, course=Course.objects.get(), course_version=earlier)
    published(
        module, raw_blocks(image={"picture": {"image": picture(size=(300, 200)).pk, "alt_text": "Other", "decorative": False}})
    )

    page = client.get(reverse("courses:completed_version", args=[completion.pk]) + "?lesson=part-1/1")

    assert file_address(image, "picture") in page.text
    assert client.get(file_address(image, "picture")).status_code == 200


def test_a_file_that_is_gone_stops_publication_with_a_sentence(module, organisation):
    writer, reader = editor(organisation, "writer"), editor(organisation, "reader")
    draft_with(module, raw_blocks(), user=writer.user)
    module.get_workflow().start(module, writer.user)
    name = Document.objects.get(title="film.webm").file
    name.storage.delete(name.name)

    with pytest.raises(PublishingRefusedError, match=r"“film.webm” cannot be read. Upload it again"):
        publish(module, by=reader.user, at=NOW, **MINOR)
    assert CourseVersion.objects.count() == 1


@pytest.mark.parametrize("kind", [Image, Document])
def test_what_a_lesson_uses_is_not_deleted(module, kind):
    published(module)
    ReferenceIndex.create_or_update_for_object(module)
    used, unused = kind.objects.first(), picture() if kind is Image else document(b"x", "other.txt")

    with pytest.raises(PermissionDenied, match="is used in “Part 1”"), transaction.atomic():
        used.delete()
    unused.delete()

    assert kind.objects.filter(pk=used.pk).exists()


@pytest.mark.parametrize(
    ("kind", "address", "many"),
    [
        (Image, "/cms/images/{}/delete/", "/cms/bulk/wagtailimages/image/delete/?id={}"),
        (Document, "/cms/documents/delete/{}/", "/cms/bulk/wagtaildocs/document/delete/?id={}"),
    ],
)
def test_an_editor_who_deletes_a_used_file_is_told_where_it_is_used(module, organisation, kind, address, many):
    published(module)
    ReferenceIndex.create_or_update_for_object(module)
    used = kind.objects.first()
    unused = picture("Spare") if kind is Image else document(b"spare", "spare.txt")
    client, stranger = editor(organisation, "writer"), editor(organisation, "stranger", shares=False)
    let_do_everything(client.user)

    asked = client.get(address.format(used.pk), follow=True)
    refused = client.post(address.format(used.pk), follow=True)
    at_once = client.post(many.format(used.pk), follow=True)
    client.post(address.format(unused.pk))
    theirs = stranger.post(address.format(used.pk), follow=True)

    assert all("is used in “Part 1”. Take it out of the lesson first." in page.text for page in (asked, refused, at_once))
    assert "Part 1" not in theirs.text
    assert kind.objects.filter(pk=used.pk).exists()
    assert not kind.objects.filter(pk=unused.pk).exists()


# --- Written -------------------------------------------------------------------------------

REFUSED = {
    "alt text": ("image", {"picture": {"image": "PICTURE", "alt_text": "", "decorative": False}}, "alt text"),
    "captions": ("video", {"captions": None}, "Add captions"),
    "transcript": ("video", {"transcript": ""}, "Add a transcript"),
    "another kind of video": ("video", {"file": "TEXT"}, "Choose MP4 or WebM"),
    "another kind of captions": ("video", {"captions": "TEXT"}, "Choose WebVTT"),
    "a video to download": ("download", {"file": "FILM"}, "Choose PDF, Word"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_somebody_could_not_see_or_hear_is_refused(module, fault):
    kind, change, sentence = REFUSED[fault]
    there = {"PICTURE": picture().pk, "TEXT": document(b"words", "words.txt").pk, "FILM": document(FILM, "f.webm").pk}
    change = {k: there.get(v, v) if isinstance(v, str) else v for k, v in change.items()}
    if kind == "image":
        change["picture"]["image"] = there["PICTURE"]
    raw = next(block for block in raw_blocks(**{kind: change}) if block["type"] == kind)
    stream = LessonBodyBlock().to_python([raw])

    with pytest.raises(StructBlockValidationError) as caught:
        stream[0].block.clean(stream[0].value)
    assert sentence in in_words(caught.value)


def test_a_half_done_draft_is_kept_and_not_published(module, organisation):
    writer, reader = editor(organisation, "writer"), editor(organisation, "reader")
    blocks = raw_blocks(video={"captions": None})
    block = LessonBodyBlock()
    block.clean_deferred(block.to_python(blocks))
    draft_with(module, blocks, user=writer.user)
    module.get_workflow().start(module, writer.user)

    with pytest.raises(PublishingRefusedError, match=r"is not finished, so it cannot be published.*Add captions"):
        publish(module, by=reader.user, at=NOW, **MINOR)


def test_a_decorative_picture_says_nothing(module, organisation, sign_in):
    blocks = raw_blocks()
    blocks[0]["value"]["picture"] |= {"alt_text": "left over", "decorative": True}

    frozen = published(module, blocks)[0]
    page = sign_in(organisation, Role.STAFF).get("/learn/safe/part-1/1/")

    assert frozen["alt"] == ""
    assert 'alt=""' in page.text
    assert "The picture shows" not in page.text


def test_a_preview_shows_the_draft_as_a_learner_will_see_it(module, organisation):
    draft_with(module, raw_blocks())
    client = editor(organisation, "writer")

    page = client.get(f"/cms/pages/{module.pk}/view_draft/?mode=1")
    addresses = re.findall(r'(?:src|href)="(/(?:media|cms-files)/[^"]+)"', page.text)
    answers = [client.get(address) for address in addresses]

    assert faults(page) == []
    assert f'alt="{ALT}"' in page.text
    assert "For you who write it: " in page.text
    assert len(addresses) == 5  # the picture, the video twice, its captions and the file
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [answer["Content-Type"] for answer in answers][:3] == ["image/jpeg", "video/webm", "text/vtt"]
    assert "attachment" in answers[-1]["Content-Disposition"]


# --- Whose ---------------------------------------------------------------------------------


def test_files_of_a_course_are_for_those_who_may_read_it(module, organisation, other_organisation, sign_in):
    image = published(module)[0]
    place = open_place(other_organisation, by="system", at=NOW)
    theirs = Course.objects.create(code="theirs", title="Theirs", organisation=other_organisation)
    blob = blobs.keep(b"%PDF- theirs", media_type="application/pdf")
    LessonFile.objects.create(course=theirs, blob=blob, name="theirs.pdf")
    learner = sign_in(organisation, Role.STAFF)

    assert learner.get(f"/learn/theirs/files/{blob.sha256}/").status_code == 404
    assert learner.get(f"/learn/safe/files/{blob.sha256}/").status_code == 404
    assert learner.get("/learn/safe/files/" + "0" * 64 + "/").status_code == 404
    assert learner.get(file_address(image, "picture")).status_code == 200
    assert sign_in(other_organisation, Role.STAFF).get(f"/learn/theirs/files/{blob.sha256}/").status_code == 200
    assert place.organisation == other_organisation


def test_an_editor_chooses_from_what_all_share_and_their_own_and_sees_nothing_of_others(module, organisation, other_organisation):
    for one in (organisation, other_organisation):
        open_place(one, by="system", at=NOW)
    own, foreign = (Collection.objects.get(name=one.name) for one in (organisation, other_organisation))
    mine, theirs = picture("Ours", collection=own), picture("zzforeign", collection=foreign)
    file = document(b"zz", "zzforeign.txt", collection=foreign)
    client = editor(organisation, "mine", shares=False)
    theirs_shown = theirs.get_rendition("max-165x165").url

    lists = [client.get(f"/cms/{kind}/chooser/").text for kind in ("images", "documents")]
    lists += [client.get(f"/cms/{kind}/").text for kind in ("images", "documents")]

    assert not any("zzforeign" in found for found in lists)
    assert "Ours" in lists[0]
    assert client.get(theirs_shown).status_code == 404
    assert client.get(file.url).status_code == 404
    assert client.get(mine.get_rendition("max-165x165").url).status_code == 200
    assert client.get(f"/cms/images/{theirs.pk}/").status_code == 404
    assert client.get(f"/cms/documents/edit/{file.pk}/").status_code == 404


def test_learners_never_get_the_drafts(module, organisation, sign_in):
    learner = sign_in(organisation, Role.STAFF)
    shown, file = picture().get_rendition("max-165x165").url, document(b"words", "w.txt").url

    assert {learner.get(url).status_code for url in (shown, file)} == {403}


def test_opening_a_place_twice_gives_one_collection(module, organisation):
    for _ in range(2):
        open_place(organisation, by="system", at=NOW)
        load_courses(at=NOW, data=Path("/nowhere"))

    assert Collection.objects.filter(name=organisation.name).count() == 1
    held = GroupCollectionPermission.objects.filter(collection__name=organisation.name)
    assert held.count() == 4


# --- Served --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("", 200, 0, None),
        ("bytes=0-", 206, 0, None),
        ("bytes=10-19", 206, 10, 19),
        ("bytes=-5", 206, len(FILM) - 5, None),
        ("bytes=5-999999", 206, 5, None),
        (f"bytes={len(FILM)}-", 416, None, None),
        ("bytes=-", 416, None, None),
        ("bytes=9-3", 416, None, None),
        ("bytes=1-2,4-5", 200, 0, None),
    ],
)
def test_a_video_is_sent_in_the_parts_asked_for(module, organisation, sign_in, asked, status, first, last):
    address = file_address(published(module)[1], "file")

    answer = sign_in(organisation, Role.STAFF).get(address, **({"HTTP_RANGE": asked} if asked else {}))

    assert (answer.status_code, answer["Accept-Ranges"]) == (status, "bytes")
    if status == 416:
        assert answer["Content-Range"] == f"bytes */{len(FILM)}"
        return
    end = len(FILM) if last is None else last + 1
    assert body_of(answer) == FILM[first:end]
    assert answer["Content-Length"] == str(end - first)
    if status == 206:
        assert answer["Content-Range"] == f"bytes {first}-{end - 1}/{len(FILM)}"


def test_one_answer_holds_no_more_than_so_much(module, organisation, sign_in, monkeypatch):
    monkeypatch.setattr("courses.views.files.MOST_AT_ONCE", 100)
    address = file_address(published(module)[1], "file")

    answer = sign_in(organisation, Role.STAFF).get(address, HTTP_RANGE="bytes=50-")

    assert body_of(answer) == FILM[50:150]


def test_files_are_sent_as_what_they_are(module, organisation, sign_in):
    image, film, paper = published(module)
    learner = sign_in(organisation, Role.STAFF)

    shown, played, saved = (
        learner.get(file_address(block, name)) for block, name in ((image, "picture"), (film, "file"), (paper, "file"))
    )
    again = learner.get(file_address(image, "picture"), HTTP_IF_NONE_MATCH=shown["ETag"])

    assert (shown["Content-Type"], played["Content-Type"]) == ("image/jpeg", "video/webm")
    assert saved["Content-Disposition"] == 'attachment; filename="list.txt"'
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "media-src 'self'" in shown["Content-Security-Policy"]
    assert "immutable" in shown["Cache-Control"]
    assert (again.status_code, again.content) == (304, b"")


def test_a_damaged_file_is_not_shown(module, organisation, sign_in):
    image = published(module)[0]
    blobs.path_of(image["picture"]["sha256"]).write_bytes(b"other")

    assert sign_in(organisation, Role.STAFF).get(file_address(image, "picture")).status_code == 404


def test_a_lesson_with_files_costs_no_query_more(module, organisation, sign_in, django_assert_max_num_queries):
    client = sign_in(organisation, Role.STAFF)
    person_in_post(organisation, user=client.user)
    published(module, [block for _ in range(5) for block in raw_blocks()])

    with django_assert_max_num_queries(12):
        assert client.get("/learn/safe/part-1/1/").status_code == 200


def test_the_lesson_of_the_demonstration_is_whole_and_small(module, organisation, sign_in):
    lessons = stream_of(LessonsBlock(), [authoring.key_safe_lesson(shared_files())], where="demonstration")
    module.lessons = lessons
    module.save_revision().publish()

    page = sign_in(organisation, Role.STAFF).get("/learn/safe/part-1/1/")

    assert faults(page) == []
    assert f'alt="{authoring.ALT}"' in page.text
    assert sum(Blob.objects.values_list("size", flat=True)) < 60_000


# --- On paper ------------------------------------------------------------------------------


def test_the_easy_read_says_what_pictures_and_videos_say(module, organisation, sign_in):
    module.easy_read = [{"type": "part", "value": {"picture": "lock", "heading": "Locks", "lines": ["Lock the door."]}}]
    published(module)

    page = sign_in(organisation, Role.STAFF).get("/learn/safe/part-1/easy-read/")

    assert faults(page) == []
    assert f"A picture in “A lesson” shows: {ALT}" in page.text
    assert "Lock the door before you go." in page.text


# --- What is accepted ----------------------------------------------------------------------


def box(name, content=b""):
    return (8 + len(content)).to_bytes(4, "big") + name + content


MP4 = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + box(b"moov", b"\0" * 8) + box(b"mdat", b"\0" * 16)


@pytest.mark.parametrize(
    ("content", "name", "kinds"),
    [(MP4, "a.mp4", VIDEOS), (FILM, "a.webm", VIDEOS), (WORDS, "a.vtt", CAPTIONS), (b"\xef\xbb\xbf" + WORDS, "a.vtt", CAPTIONS)],
)
def test_whole_files_are_accepted(content, name, kinds):
    assert inspect(content, name, kinds=kinds).name == name


@pytest.mark.parametrize(
    ("content", "name", "kinds", "sentence"),
    [
        (MP4[:-4], "a.mp4", VIDEOS, "cut short"),
        (MP4[: -len(box(b"mdat", b"\0" * 16))], "a.mp4", VIDEOS, "cut short"),
        (FILM, "a.mp4", VIDEOS, "the file is a WEBM file"),
        (b"<html>", "a.mp4", VIDEOS, "not an MP4"),
        (b"<html>", "a.webm", VIDEOS, "not a WebM"),
        (MP4, "a.mp4", DOCUMENTS, "not a kind of file we keep"),
        (b"00:00.000 --> 00:01.000\nx", "a.vtt", CAPTIONS, "do not begin with WEBVTT"),
        (b"WEBVTT\n\nno times", "a.vtt", CAPTIONS, "no line of words with its times"),
        (b"WEBVTT\n\n\xff\xfe", "a.vtt", CAPTIONS, "UTF-8"),
    ],
)
def test_other_files_are_refused_with_a_sentence(content, name, kinds, sentence):
    with pytest.raises(UploadRefusedError, match=sentence):
        inspect(content, name, kinds=kinds)


def test_a_video_may_be_larger_than_a_paper_and_not_too_large(settings):
    settings.UPLOAD_MAX_BYTES, settings.VIDEO_MAX_BYTES = 100, len(FILM)

    assert inspect(FILM, "a.webm", kinds=VIDEOS)
    with pytest.raises(UploadRefusedError, match="is larger than"):
        inspect(FILM + b"x", "a.webm", kinds=VIDEOS)


def test_an_editor_who_uploads_something_else_is_told(module, organisation):
    client = editor(organisation, "writer")
    send = {"title": "x", "collection": shared_files().pk}

    refused = client.post("/cms/documents/add/", send | {"file": ContentFile(b"not a video", "a.mp4")})
    client.post("/cms/documents/add/", send | {"file": ContentFile(FILM, "a.webm")})

    assert "This is not an MP4 video" in refused.text
    assert "is not allowed" not in refused.text
    assert [one.filename for one in Document.objects.all()] == ["a.webm"]


def test_nothing_is_kept_of_a_course_without_files(module):
    assert keep_files(Course.objects.get(), {"modules": [{"lessons": [{"blocks": [{"type": "text"}]}]}]})
    assert not LessonFile.objects.exists()
    assert (captions.fault_of(WORDS), video.webm_fault(FILM)) == ("", "")
