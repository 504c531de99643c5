"""The blocks of a lesson that hold a file: a picture, a video, something to download.

In plain data each file is a reference, ``{"image": id}`` or ``{"document": id}``. ``courses.media`` makes addresses
of them for a preview, and keeps their bytes for good when a version is frozen.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock, ImageChooserBlock

from content.blocks import SHORT_TEXT
from content.plain import plain_html
from evidence.uploads import CAPTIONS, DOCUMENTS, VIDEOS, Kinds

NO_CAPTIONS = "Add captions, a .vtt file: some people cannot hear the video, and others have no sound at work."
NO_TRANSCRIPT = "Add a transcript: what is said and what is shown, for people who read, print or search it."


class PictureBlock(blocks.StructBlock):
    """A picture. Its text says what it tells; a picture that tells nothing is marked as decorative, which is never a guess."""

    picture = ImageBlock(help_text="Say in the alt text what the picture tells, as you would on the phone.")
    caption = blocks.CharBlock(max_length=200, required=False, label="Line below the picture")

    class Meta:
        icon = "image"
        label = "Picture"

    def told(self, value: blocks.StructValue) -> dict[str, Any]:
        """Plain data: ``alt`` is empty for a decorative picture."""
        picture = value["picture"]
        alt = picture.contextual_alt_text if picture else ""
        return {"picture": _image(picture), "alt": alt or "", "caption": value["caption"]}


class VideoBlock(blocks.StructBlock):
    """A video with captions and a transcript. It never starts by itself."""

    title = blocks.CharBlock(max_length=120)
    file = DocumentChooserBlock(label="Video", help_text=f"{VIDEOS.words}, at most {VIDEOS.most_bytes // 1024 // 1024} MB.")
    captions = DocumentChooserBlock(required=False, help_text="The words of the video with their times, as WebVTT (.vtt).")
    transcript = blocks.RichTextBlock(
        features=SHORT_TEXT, required=False, help_text="What is said and what is shown. Needed as well as captions."
    )
    poster = ImageChooserBlock(required=False, help_text="What is seen before the video starts. You can leave it out.")

    class Meta:
        icon = "media"
        label = "Video"

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        errors = _not_of(cleaned, file=VIDEOS, captions=CAPTIONS)
        if not self.is_deferred_validation:
            if not cleaned["captions"]:
                errors["captions"] = ValidationError(NO_CAPTIONS)
            if not cleaned["transcript"].source.strip():
                errors["transcript"] = ValidationError(NO_TRANSCRIPT)
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    def told(self, value: blocks.StructValue) -> dict[str, Any]:
        """Plain data."""
        return {
            "title": value["title"],
            "file": _document(value["file"]),
            "captions": _document(value["captions"]),
            "poster": _image(value["poster"]),
            "transcript": plain_html(value["transcript"].source),
        }


class DownloadBlock(blocks.StructBlock):
    """A file to save or print, such as a checklist for the wall."""

    title = blocks.CharBlock(max_length=160, help_text="What it is, as the words of the link.")
    file = DocumentChooserBlock(help_text="PDF, Word (.docx), Excel (.xlsx), CSV or plain text (.txt).")
    about = blocks.CharBlock(max_length=300, required=False, label="What to do with it")

    class Meta:
        icon = "download"
        label = "File to download"

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        if errors := _not_of(cleaned, file=DOCUMENTS):
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    def told(self, value: blocks.StructValue) -> dict[str, Any]:
        """Plain data."""
        return {"title": value["title"], "file": _document(value["file"]), "about": value["about"]}


def _not_of(value: blocks.StructValue, **wanted: Kinds) -> dict[str, ValidationError]:
    """The fields whose file is of another kind than they take."""
    return {
        name: ValidationError(f"“{value[name].filename}” cannot be used here. Choose {kinds.words}.")
        for name, kinds in wanted.items()
        if value[name] and value[name].file_extension.lower() not in kinds.formats
    }


def _image(image: Any) -> dict[str, int] | None:
    return {"image": image.pk} if image else None


def _document(document: Any) -> dict[str, int] | None:
    return {"document": document.pk} if document else None
