"""Link files (schema ``dspt-links/1``): which items ask for the same matter as others, by stable id, whatever the year."""

from collections.abc import Collection
from dataclasses import dataclass

from assessment.edition_format import words
from assessment.edition_format.reading import NAME, Place

SCHEMA = "dspt-links/1"
KINDS = ("same", "partly", "related")


@dataclass(frozen=True)
class Link:
    """``kind``: ``same`` (the same question in another form), ``partly`` (part of what the other asks), ``related``."""

    from_id: str
    to_id: str
    kind: str
    confidence: str


def read_links(place: Place, *, known: Collection[str] | None) -> tuple[Link, ...]:
    """The links of a file. Faults: an id no edition has (with ``known``), one linked to itself, a pair given twice."""
    fields = place.fields(required=("schema", "verified_by", "links"))
    schema = fields.at("schema")
    if schema and schema.text() not in ("", SCHEMA):
        schema.fault(f"The schema should be '{SCHEMA}'.")
    fields.texts("verified_by")
    seen: dict[frozenset[str], int] = {}
    links = []
    for child in fields.items("links", minimum=1):
        link = _link(child, known)
        pair = frozenset((link.from_id, link.to_id))
        if link.from_id and link.from_id == link.to_id:
            child.fault(f"'{link.from_id}' is linked to itself.")
        elif len(pair) == 2 and pair in seen:
            child.fault(f"'{link.from_id}' and '{link.to_id}' are linked already on line {seen[pair]}.")
        seen.setdefault(pair, child.line)
        links.append(link)
    return tuple(links)


def _link(place: Place, known: Collection[str] | None) -> Link:
    fields = place.fields(required=("from", "to", "kind", "confidence"))
    ends: list[str] = []
    for key in ("from", "to"):
        end = fields.at(key)
        identity = end.matching(NAME, "an id") if end else ""
        if end and identity and known is not None and identity not in known:
            end.fault(f"There is no '{identity[:60]}' in any edition.")
        ends.append(identity)
    return Link(ends[0], ends[1], fields.choice("kind", KINDS), fields.choice("confidence", words.CONFIDENCES))
