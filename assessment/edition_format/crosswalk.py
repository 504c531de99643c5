"""Crosswalk files (schema ``dspt-crosswalk/1``): how the items of one edition became those of the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assessment.edition_format import words
from assessment.edition_format.reading import NAME, Place
from assessment.edition_format.strict_yaml import Fault
from assessment.edition_format.types import EditionFile

SCHEMA = "dspt-crosswalk/1"
_SHAPES = {
    "same": (1, 1),
    "renumbered": (1, 1),
    "reworded": (1, 1),
    "moved": (1, 1),
    "new": (0, None),
    "removed": (None, 0),
    "split": (1, None),
    "merged": (None, 1),
    "overlaps": (None, None),
}
"""Relation -> how many ids stand on each side; None means one or more."""


@dataclass(frozen=True)
class CrosswalkLine:
    """How some items of one edition became items of another, and what moves with them."""

    from_ids: tuple[str, ...]
    to_ids: tuple[str, ...]
    relation: str
    carry: Mapping[str, str]


@dataclass(frozen=True)
class CrosswalkFile:
    from_edition: str
    to_edition: str
    verified_by: tuple[str, ...]
    lines: tuple[CrosswalkLine, ...]
    canonical: str = field(repr=False)

    def into(self, item_id: str) -> tuple[CrosswalkLine, ...]:
        """The lines that lead to this item of the newer edition."""
        return tuple(line for line in self.lines if item_id in line.to_ids)


@dataclass(frozen=True)
class CrosswalkReport:
    """What a check found; the edition ids are None if unreadable."""

    older: str | None
    newer: str | None
    lines: int
    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        return not self.faults


def read_crosswalk(place: Place, *, older: EditionFile | None, newer: EditionFile | None, canonical: str) -> CrosswalkFile:
    fields = place.fields(required=("schema", "from", "to", "verified_by", "map"))
    schema = fields.at("schema")
    if schema and schema.text() not in ("", SCHEMA):
        schema.fault(f"The schema should be '{SCHEMA}'.")
    from_edition, to_edition = fields.slug("from"), fields.slug("to")
    for key, value, edition in (("from", from_edition, older), ("to", to_edition, newer)):
        named = fields.at(key)
        if named and value and edition and edition.id != value:
            named.fault(f"The edition given to check against is '{edition.id}'.")
    to_place = fields.at("to")
    if to_place and from_edition and from_edition == to_edition:
        to_place.fault("A crosswalk leads from one edition to another one.")
    ends = _Ends(_ids(older), _ids(newer))
    lines = tuple(_line(child, ends) for child in fields.items("map", minimum=1))
    map_place = fields.at("map")
    if map_place:
        ends.report_missing(map_place)
    return CrosswalkFile(from_edition, to_edition, fields.texts("verified_by"), lines, canonical)


def _ids(edition: EditionFile | None) -> frozenset[str] | None:
    if edition is None:
        return None
    return frozenset(part.id for part in (edition.outcomes() if edition.style == "outcome" else edition.items()))


class _Ends:
    """The ids seen on each side, and those the editions have (None: not checked)."""

    def __init__(self, older: frozenset[str] | None, newer: frozenset[str] | None) -> None:
        self._known = {"from": older, "to": newer}
        self._seen: dict[str, dict[str, int]] = {"from": {}, "to": {}}

    def see(self, side: str, identity: str, place: Place, *, may_repeat: bool) -> None:
        known, seen = self._known[side], self._seen[side]
        if known is not None and identity not in known:
            place.fault(f"There is no '{identity[:60]}' in the edition this crosswalk leads {side}.")
        if identity in seen and not may_repeat:
            place.fault(f"'{identity[:60]}' is mapped twice (first on line {seen[identity]}); only 'overlaps' may repeat an id.")
        seen.setdefault(identity, place.line)

    def report_missing(self, place: Place) -> None:
        for side, known in self._known.items():
            for identity in sorted((known or frozenset()) - self._seen[side].keys()):
                place.fault(f"'{identity}' of the edition this crosswalk leads {side} is not mapped.")


def _line(place: Place, ends: _Ends) -> CrosswalkLine:
    fields = place.fields(required=("from", "to", "relation", "carry"))
    relation = fields.choice("relation", words.RELATIONS)
    sides: dict[str, tuple[str, ...]] = {}
    for index, side in enumerate(("from", "to")):
        identities = []
        for child in fields.items(side):
            identity = child.matching(NAME, "an id")
            if identity:
                ends.see(side, identity, child, may_repeat=relation == "overlaps")
                identities.append(identity)
        sides[side] = tuple(identities)
        named = fields.at(side)
        wanted = _SHAPES[relation][index] if relation else None
        if relation and named and named.is_list and not (identities if wanted is None else len(identities) == wanted):
            named.fault(f"'{relation}' has {'at least one id' if wanted is None else 'no id' if wanted == 0 else 'one id'} here.")
    return CrosswalkLine(sides["from"], sides["to"], relation, _carry(fields.at("carry"), relation))


def _carry(place: Place | None, relation: str) -> dict[str, str]:
    if place is None:
        return {}
    fields = place.fields(optional=tuple(words.CARRY))
    carry = {key: fields.choice(key, words.CARRY[key]) for key in fields if key in words.CARRY}
    if relation == "new" and carry:
        place.fault("Nothing can be carried into a new item.")
    return carry
