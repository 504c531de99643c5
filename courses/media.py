"""The files of lessons: draft files of the CMS, and the bytes that are kept for good with a frozen version.

A lesson's plain data holds references to files. While it is a draft they name a picture or a document of the CMS. In a
frozen version they are ``{sha256, media_type, size, name}``, with ``width`` and ``height`` of a picture: whatever happens to
the picture in the CMS afterwards, what somebody completed can be seen as it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.urls import reverse
from django.utils.text import slugify
from PIL import Image as Pillow
from wagtail.documents.models import Document
from wagtail.images.models import Image

from courses.models.courses import Course, LessonFile
from evidence import blobs
from evidence.uploads import CAPTIONS, DOCUMENTS, VIDEOS, UploadRefusedError, inspect

FILES = {"image": ("picture",), "video": ("file", "captions", "poster"), "download": ("file",)}
"""Which fields of which blocks are references to files."""
SHOWN_AS = "max-1200x1200|jpegquality-80"
"""How a picture is written anew for learners: no larger than any screen needs, without the notes a camera leaves in it."""

Reference = Mapping[str, Any]
Blocks = Iterable[Mapping[str, Any]]


def keep_files(course: Course, content: dict[str, Any]) -> dict[str, Any]:
    """The content with the bytes of every file kept and named by its digest. Safe to repeat.

    Raises:
        UploadRefusedError: a file cannot be kept, or is gone; the text says which and what to do.
    """

    def kept(reference: Reference) -> dict[str, Any]:
        bytes_, facts = _picture(reference["image"]) if "image" in reference else _document(reference["document"])
        blob = blobs.keep(bytes_, media_type=facts["media_type"])
        LessonFile.objects.get_or_create(course=course, blob=blob, defaults={"name": facts["name"]})
        return {"sha256": blob.sha256, "size": blob.size, **facts}

    return content | {"modules": [_in_module(module, kept) for module in content["modules"]]}


def with_draft_addresses(module: dict[str, Any]) -> dict[str, Any]:
    """A draft of a module with an address for each file that an editor's browser can open."""

    def address(reference: Reference) -> dict[str, Any] | None:
        if "image" in reference:
            image = Image.objects.filter(pk=reference["image"]).first()
            rendition = image.get_rendition(SHOWN_AS) if image else None
            return {"src": rendition.url, "width": rendition.width, "height": rendition.height} if rendition else None
        document = Document.objects.filter(pk=reference["document"]).first()
        return {"src": document.url, "name": document.filename, "size": document.get_file_size()} if document else None

    return _in_module(module, address)


def with_addresses(blocks: Blocks, course: Course) -> list[dict[str, Any]]:
    """The blocks of a frozen lesson with the address of each file."""

    def address(reference: Reference) -> dict[str, Any]:
        return {**reference, "src": reverse("courses:lesson_file", args=[course.code, reference["sha256"]])}

    return [_in_block(block, address) for block in blocks]


def in_words(content: Mapping[str, Any], module: str) -> list[dict[str, Any]]:
    """What the pictures and videos of a module say, for a reader on paper: ``{lesson, kind, title, alt or transcript}``."""
    return [found for item in content["modules"] if item["slug"] == module for found in _told(item["lessons"])]


def _told(lessons: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for lesson in lessons:
        for block in lesson["blocks"]:
            if block["type"] == "image" and block["alt"]:
                yield {"lesson": lesson["title"], "alt": block["alt"]}
            elif block["type"] == "video":
                yield {"lesson": lesson["title"], "title": block["title"], "transcript": block["transcript"]}


def _in_module(module: dict[str, Any], change: Callable[[Reference], dict[str, Any] | None]) -> dict[str, Any]:
    lessons = [lesson | {"blocks": [_in_block(block, change) for block in lesson["blocks"]]} for lesson in module["lessons"]]
    return module | {"lessons": lessons}


def _in_block(block: Mapping[str, Any], change: Callable[[Reference], dict[str, Any] | None]) -> dict[str, Any]:
    names = [name for name in FILES.get(block["type"], ()) if block[name]]
    return {**block, **{name: change(block[name]) for name in names}}


def _picture(pk: int) -> tuple[bytes, dict[str, Any]]:
    image = Image.objects.filter(pk=pk).first()
    if image is None:
        raise UploadRefusedError("A picture of this course was deleted. Choose another one in its lesson.")
    try:
        rendition = image.get_rendition(SHOWN_AS)
        with rendition.file.open("rb") as file:
            content = _without_notes(file)
    except (OSError, ValueError) as error:
        raise UploadRefusedError(f"The picture “{image.title}” cannot be read. Upload it again.") from error
    name = f"{slugify(image.title)[:60] or 'picture'}{PurePosixPath(rendition.file.name).suffix}"
    media_type = inspect(content, name, kinds=DOCUMENTS).media_type
    return content, {"media_type": media_type, "name": name, "width": rendition.width, "height": rendition.height}


def _without_notes(file: Any) -> bytes:
    """A PNG or JPEG without what a camera writes beside it, such as where it was taken. The dots stay as they are."""
    written = io.BytesIO()
    with Pillow.open(file) as picture:
        how = {"quality": "keep"} if picture.format == "JPEG" else {"optimize": True}
        picture.save(written, picture.format, exif=b"", **how)
    return written.getvalue()


def _document(pk: int) -> tuple[bytes, dict[str, Any]]:
    document = Document.objects.filter(pk=pk).first()
    if document is None:
        raise UploadRefusedError("A file of this course was deleted. Choose another one in its lesson.")
    try:
        with document.open_file() as file:
            content = file.read()
    except OSError as error:
        raise UploadRefusedError(f"The file “{document.title}” cannot be read. Upload it again.") from error
    accepted = inspect(content, document.filename, kinds=kinds_of(document.filename))
    return content, {"media_type": accepted.media_type, "name": accepted.name}


def kinds_of(name: str) -> Any:
    """The kinds of file among which one is looked at, by the end of its name."""
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    return next((kinds for kinds in (VIDEOS, CAPTIONS) if extension in kinds.formats), DOCUMENTS)
