"""MP4 and WebM videos: whole, and what their names say. What is seen in them is for whoever publishes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_CUT_SHORT = "The video is cut short or damaged. Save it again and upload the new copy."
_EBML = b"\x1a\x45\xdf\xa3"
_HEAD_BYTES = 4096


def mp4_fault(content: bytes) -> str:
    """Why an MP4 is refused, or nothing."""
    names = list(_boxes(content))
    if not names or names[0] != b"ftyp":
        return "This is not an MP4 video. Save it as MP4 (H.264) or WebM and upload that."
    return "" if {b"moov", b"mdat"} <= set(names) and b"" not in names else _CUT_SHORT


def webm_fault(content: bytes) -> str:
    """Why a WebM is refused, or nothing."""
    if not content.startswith(_EBML) or b"webm" not in content[:64]:
        return "This is not a WebM video. Save it as MP4 (H.264) or WebM and upload that."
    return "" if b"\x18\x53\x80\x67" in content[:_HEAD_BYTES] else _CUT_SHORT


def _boxes(content: bytes) -> Iterator[bytes]:
    """The names of the outermost boxes, and an empty name where one runs past the end."""
    at = 0
    while at < len(content):
        if at + 8 > len(content):
            yield b""
            return
        size, name = struct.unpack_from(">I4s", content, at)
        if size == 1 and at + 16 <= len(content):
            (size,) = struct.unpack_from(">Q", content, at + 8)
        elif size == 0:
            size = len(content) - at
        if size < 8 or at + size > len(content):
            yield b""
            return
        yield name
        at += size
