"""Evidence that was replaced: the answer points to one version of a document, and a newer one is approved."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from assessment.judging.items import long_date
from assessment.leaves import Leaf
from assessment.models import EvidenceLink, SignOff
from assessment.queries import AssessmentReturn


@dataclass(frozen=True)
class Replaced:
    """One attached document that has a newer approved version, and what to say about it."""

    leaf: Leaf
    link: EvidenceLink
    words: str


def replaced_evidence(whole: AssessmentReturn) -> tuple[Replaced, ...]:
    """Every attached document of a return that was replaced, in the order of its items. Costs no query."""
    sign_off = None if whole.signature_has_lapsed else whole.sign_off
    return tuple(
        Replaced(leaf, link, replaced_words(link, sign_off)) for leaf in whole.leaves for link in leaf.links if link.replacement
    )


def replaced_words(link: EvidenceLink, sign_off: SignOff | None) -> str:
    """What a page says of a link, in one sentence; nothing if the attached version is the newest approved one.

    Args:
        link: the attached version, read ``with_replacement``.
        sign_off: the signature that covers it, if it still holds.
    """
    newer, number = link.replacement, link.document_version.number
    if newer is None:
        return ""
    when = long_date(timezone.localdate(newer.approved_at))
    if sign_off is None:
        return f"Version {newer.number} was approved on {when}. This answer still points to version {number}."
    if newer.approved_at <= sign_off.at:
        return f"Version {newer.number} was approved on {when}, before the signature. Version {number} is what was signed."
    return f"This evidence was replaced on {when}, after the signature, by version {newer.number}. The signed version is kept."
