"""What an item has to do with items of other lists: the links that ship with the product, looked up from either end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from assessment import edition_file

SAME, PARTLY, RELATED = "same", "partly", "related"
KINDS = {SAME: "Asks the same", PARTLY: "Asks part of the same", RELATED: "Related"}


@dataclass(frozen=True)
class Linked:
    """The other end of a link."""

    item_id: str
    kind: str
    confidence: str

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def linked(item_id: str, *, kinds: tuple[str, ...] = (SAME, PARTLY, RELATED)) -> tuple[Linked, ...]:
    """Everything linked with an item, the closest first."""
    found = [link for link in _by_id().get(item_id, ()) if link.kind in kinds]
    return tuple(sorted(found, key=lambda link: (list(KINDS).index(link.kind), link.item_id)))


@lru_cache(maxsize=1)
def _by_id() -> dict[str, tuple[Linked, ...]]:
    ends: dict[str, tuple[Linked, ...]] = {}
    for link in edition_file.load_links(edition_file.LINKS):
        for one, other in ((link.from_id, link.to_id), (link.to_id, link.from_id)):
            ends[one] = (*ends.get(one, ()), Linked(other, link.kind, link.confidence))
    return ends
