"""Plain data, as our data files hold it, made into stream values under the rules an editor is held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.blocks.stream_block import StreamValue

from content.blocks import RICH_TEXT
from content.plain import BLOCK_KEY

_TAGS = {"p", "h2", "h3", "ul", "ol", "li", "a", "b", "strong", "i", "em", "br"}


class DataFault(ValueError):  # noqa: N818  the file has the fault
    """A data file cannot be read as written; the text says where and why."""


def tidy(html: str) -> str:
    """HTML cleaned, in the very form the editor saves, so that opening and saving a page changes nothing."""
    clean = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None)
    converter = _converter()
    return BLOCK_KEY.sub("", converter.to_database_format(converter.from_database_format(clean)))


def stream_of(block: blocks.StreamBlock, data: Iterable[Mapping[str, Any]], *, where: str) -> StreamValue:
    """Plain data as a value of a stream, checked by the same rules as an editor's.

    Raises:
        DataFault: an unknown type or field, or a value that the block refuses; ``where`` begins the message.
    """
    raw = []
    for number, item in enumerate(data, start=1):
        place = f"{where}, block {number}"
        name = item.get("type")
        if name not in block.child_blocks:
            raise DataFault(f"{place}: there is no block type “{name}”. Use one of: {', '.join(sorted(block.child_blocks))}.")
        fields = {key: value for key, value in item.items() if key != "type"}
        child = block.child_blocks[name]
        value: Any = fields
        if isinstance(child, blocks.RichTextBlock):
            value = fields.pop("html", "")
            _refuse_unknown(fields, (), place)
        raw.append({"type": name, "value": _raw(child, value, place)})
    stream = block.to_python(raw)
    try:
        return block.clean(stream)
    except ValidationError as error:
        raise DataFault(f"{where}: {in_words(error)}") from error


def in_words(error: ValidationError) -> str:
    """What a block refused: the innermost messages, each with the names of the blocks it is inside."""
    inner = getattr(error, "block_errors", None) or {}
    pairs = inner.items() if isinstance(inner, dict) else enumerate(inner, start=1)
    said = [f"{name}: {in_words(part)}" for name, part in pairs if isinstance(part, ValidationError)]
    outer = getattr(error, "non_block_errors", None)
    said += [in_words(part) for part in outer or () if isinstance(part, ValidationError)]
    return "; ".join(said) or " ".join(error.messages)


def _raw(block: blocks.Block, value: Any, place: str) -> Any:
    if isinstance(block, blocks.RichTextBlock):
        return tidy(value)
    if isinstance(block, blocks.StreamBlock):
        return [{"type": part["type"], "value": part["value"]} for part in stream_of(block, value, where=place).get_prep_value()]
    if isinstance(block, blocks.StructBlock):
        _refuse_unknown(value, block.child_blocks, place)
        return {name: _raw(child, value[name], place) for name, child in block.child_blocks.items() if name in value}
    if isinstance(block, blocks.ListBlock):
        return [_raw(block.child_block, item, place) for item in value]
    return value


def _refuse_unknown(fields: Mapping[str, Any], known: Iterable[str], place: str) -> None:
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise DataFault(f"{place}: there is no field “{unknown[0]}” here.")


@cache
def _converter() -> ContentstateConverter:
    return ContentstateConverter(RICH_TEXT)
