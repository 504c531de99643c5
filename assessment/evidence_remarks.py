"""What a person should know of an attached document: whether it counts, and whether it is going stale.

What is withdrawn, kept apart by the scanner, or lost never counts as evidence. A document that nobody approved counts, and says
so: no list asks for an approval, and whoever signs should know. See docs/adr/0031.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from assessment.edition_format.types import Period
from assessment.judging.items import long_date
from assessment.models import EvidenceLink
from evidence import blobs
from evidence.models import Blob, DocumentVersion

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Remark:
    """One thing to know of an attached document.

    ``predicate`` finishes the sentence "It cannot be counted: it ..." and is empty for what counts all the same; ``stops`` says
    that nothing can be signed or published with it.
    """

    code: str
    tag: str
    words: str
    predicate: str = ""
    stops: bool = False

    @property
    def colour(self) -> str:
        return "red" if self.predicate else "yellow"


def remarks_on(link: EvidenceLink, *, on: date, window: Period, closed_at: datetime | None) -> tuple[Remark, ...]:
    """The remarks on an attached document, the gravest first.

    Args:
        link: read ``with_standing``.
        on: the day the return is judged for.
        window: the time that the year's evidence is about.
        closed_at: when the return was published, if it was: what came later does not touch it.
    """
    version = link.document_version
    withdrawal = getattr(version.document, "withdrawal", None)
    found: list[Remark | None] = []
    if withdrawal is not None and (closed_at is None or withdrawal.withdrawn_at <= closed_at):
        day = long_date(timezone.localdate(withdrawal.withdrawn_at))
        words = f"It was withdrawn on {day} and does not count as evidence: {withdrawal.reason}"
        found.append(Remark("withdrawn", "Withdrawn", words, "was withdrawn"))
    if closed_at is None:
        found.append(_file(version.blob))
        is_counted = not any(remark and remark.predicate for remark in found)
        found += [_approval(version) if is_counted else None, _period(version, window), _review(version, on)]
    return tuple(remark for remark in found if remark is not None)


def _file(blob: Blob | None) -> Remark | None:
    if blob is None:
        return None
    place = blobs.place_of(blob)
    if place == blobs.Place.MISSING:
        words = "Its file is missing here. Have it restored from a backup, or attach it anew."
        return Remark("missing", "File missing", words, "is missing", stops=True)
    if place == blobs.Place.STORED:
        return None
    if blobs.has_virus(blob):
        words = "The scanner found a virus in it. Take it off and bring in a clean copy."
        return Remark("virus", "Virus found", words, "has a virus", stops=True)
    words = "It is kept apart until it has been found free of viruses, and does not count until then."
    return Remark("unscanned", "Being checked", words, "has not been found free of viruses yet", stops=True)


def _approval(version: DocumentVersion) -> Remark | None:
    if getattr(version, "approval", None) is not None:
        return None
    return Remark("draft", "Not approved", "Nobody has approved this version in the library. It counts all the same.")


def _period(version: DocumentVersion, window: Period) -> Remark | None:
    first, end = version.covers_from, version.covers_to
    if (first is None and end is None) or window.overlaps(first or date.min, end):
        return None
    said = f"from {long_date(first)}" if first else ""
    said += f"{' ' if said else ''}until {long_date(end - timedelta(days=1))}" if end else ""
    last = long_date(window.end - timedelta(days=1))
    words = f"It covers the time {said}, and this year’s evidence is about {long_date(window.start)} to {last}."
    return Remark("outside", "Covers another time", words)


def _review(version: DocumentVersion, on: date) -> Remark | None:
    due = version.review_by
    if due is None or due > on + SOON:
        return None
    if due < on:
        return Remark("review-passed", "Review overdue", f"Its review was due by {long_date(due)}.")
    return Remark("review-soon", "Review due soon", f"Its review is due by {long_date(due)}.")
