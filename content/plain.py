"""Stream values as plain data.

One form serves the data files, the fingerprint of a page, the frozen course and the templates: a list of
``{"type": ..., <fields>}``, where rich text is clean HTML in a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from wagtail import blocks
from wagtail.blocks.list_block import ListValue
from wagtail.blocks.stream_block import StreamValue
from wagtail.rich_text import RichText, expand_db_html

BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')
"""What the editor puts on every paragraph for itself."""


def plain(stream: StreamValue) -> list[dict[str, Any]]:
    """A stream as plain data. Links to pages become addresses."""
    return [{"type": child.block_type, **_fields(child.value)} for child in stream]


def plain_html(source: str) -> str:
    """Rich text as a reader gets it: links to pages become addresses."""
    return BLOCK_KEY.sub("", expand_db_html(source))


def headed(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain blocks with the level their own heading takes: 3 below a section of running text, else 2.

    Lesser headings of running text that stand below no section are raised, so that no level is missed out.
    """
    level, found, in_section = 2, [], False
    for item in items:
        block = {**item, "level": level}
        if item["type"] == "text":
            first, _, rest = item["html"].partition("<h2")
            html = first if in_section else _raised(first)
            in_section = in_section or bool(rest)
            block["html"] = f"{html}<h2{rest}" if rest else html
            level = 3 if "<h2" in block["html"] else level
        found.append(block)
    return found


def _raised(html: str) -> str:
    return html.replace("<h3>", '<h2 class="nhsuk-heading-m">').replace("</h3>", "</h2>")


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, RichText):
        return {"html": _value(value)}
    return _struct(value) if isinstance(value, blocks.StructValue) else {}


def _struct(value: blocks.StructValue) -> dict[str, Any]:
    """Its fields, or what its block says of itself: a block with a method ``told`` holds more than plain values."""
    told = getattr(value.block, "told", None)
    fields: dict[str, Any] = told(value) if told else {name: _value(field) for name, field in value.items()}
    return fields


def _value(value: Any) -> Any:
    if isinstance(value, RichText):
        return plain_html(value.source)
    if isinstance(value, blocks.StructValue):
        return _struct(value)
    if isinstance(value, StreamValue):
        return plain(value)
    if isinstance(value, list | ListValue):
        return [_value(item) for item in value]
    return value
