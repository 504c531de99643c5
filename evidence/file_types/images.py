"""PNG and JPEG pictures: whole, and not so large that a reader chokes."""

import struct
import zlib

MAX_PIXELS = 60_000_000
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
_CUT_SHORT = "The picture is cut short or damaged. Save it again and upload the new copy."
_TOO_LARGE = "The picture has more than 60 million dots. Make it smaller and upload the new copy."
_NO_SIZE = frozenset({0xD8, 0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def png_fault(content: bytes) -> str:
    """Why a PNG is refused, or nothing. Every chunk must carry its right checksum."""
    if not content.startswith(PNG_SIGNATURE):
        return "This is not a PNG picture. Save it as PNG, JPEG or PDF and upload that."
    at, first = len(PNG_SIGNATURE), True
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        after = at + 12 + length
        if after > len(content) or struct.unpack_from(">I", content, after - 4)[0] != zlib.crc32(name + body):
            return _CUT_SHORT
        if first:
            if name != b"IHDR" or length != 13:
                return _CUT_SHORT
            width, height = struct.unpack_from(">II", body)
            if width * height > MAX_PIXELS:
                return _TOO_LARGE
        if name == b"IEND":
            return (
                "" if after == len(content) else "The picture has something else attached. Save it again and upload the new copy."
            )
        at, first = after, False
    return _CUT_SHORT


def jpeg_fault(content: bytes) -> str:
    """Why a JPEG is refused, or nothing. Phones append notes of their own after the picture; those may stay."""
    if not content.startswith(JPEG_SIGNATURE):
        return "This is not a JPEG picture. Save it as PNG, JPEG or PDF and upload that."
    at = 2
    has_size = False
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF or marker in _NO_SIZE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xDA:
            return "" if has_size and content.find(b"\xff\xd9", at) > 0 else _CUT_SHORT
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker in _FRAMES:
            if length < 8 or at + 9 > len(content):
                return _CUT_SHORT
            height, width = struct.unpack_from(">HH", content, at + 5)
            if width * height > MAX_PIXELS:
                return _TOO_LARGE
            has_size = True
        at += 2 + length
    return _CUT_SHORT
