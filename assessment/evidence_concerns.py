"""What there is to look at in the evidence of a return, by kind of trouble."""

from __future__ import annotations

from dataclasses import dataclass

from assessment.leaves import Leaf
from assessment.queries import AssessmentReturn

ORDER = ("virus", "missing", "unscanned", "withdrawn", "outside", "review-passed", "review-soon", "draft")
SHOWN = 8


@dataclass(frozen=True)
class Concern:
    """One kind of trouble, and the items whose documents have it. ``documents`` counts each once."""

    tag: str
    colour: str
    leaves: tuple[Leaf, ...]
    documents: int
    counts: bool
    """Whether such a document counts as evidence all the same."""

    @property
    def shown(self) -> tuple[Leaf, ...]:
        return self.leaves[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.leaves) - len(self.shown)


def concerns(whole: AssessmentReturn) -> tuple[Concern, ...]:
    """The kinds of trouble of the attached documents, the gravest first. Costs no query."""
    found: dict[str, list[tuple[Leaf, int]]] = {}
    remarks = {}
    for leaf in whole.leaves:
        for link in leaf.links:
            for remark in leaf.remarks.get(link.pk, ()):
                remarks[remark.code] = remark
                found.setdefault(remark.code, []).append((leaf, link.document_version_id))
    return tuple(
        Concern(
            remarks[code].tag,
            remarks[code].colour,
            tuple({leaf.item_id: leaf for leaf, _version in found[code]}.values()),
            len({version for _leaf, version in found[code]}),
            counts=not remarks[code].predicate,
        )
        for code in ORDER
        if code in found
    )
