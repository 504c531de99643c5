"""What a signer should know before signing. A warning stops nobody; it has to be acknowledged one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assessment.branches import LAPSED, UNDECIDED, WAITING, Branch
from assessment.edition_format.types import Item
from assessment.edition_format.words import LEVELS
from assessment.leaves import Leaf
from assessment.queries import AssessmentReturn
from assessment.scoring import SETTLED

SHOWN = 8
"""Item numbers named in one warning; the rest are counted."""


@dataclass(frozen=True)
class Warning:  # noqa: A001  the word of the field
    """``code`` stays the same as long as the warning says the same kind of thing; ``text`` is for the signer."""

    code: str
    text: str


def warnings(whole: AssessmentReturn, *, today: date, signer_id: int | None) -> list[Warning]:
    """Every warning about a return judged for its planned publication date.

    Args:
        whole: the return, with the figures taken for the planned date.
        today: the day of signing.
        signer_id: the user who is about to sign.
    """
    found = (check for check in CHECKS if not (whole.is_interim and check in ABOUT_THE_STANDARD))
    return [warning for check in found for warning in check(whole, today, signer_id)]


def _standard(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    level = whole.standard_if(signed=True).level
    if level not in ("met", "exceeded"):
        yield Warning("below-met", f"By our rules this return comes to {LEVELS[level]}, not {LEVELS['met']}.")


def _gaps(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    unplanned = [leaf for leaf in _unsettled(whole) if leaf.plan_action is None]
    if unplanned:
        yield Warning("gap-without-plan", f"Not satisfied, and nothing planned about it: {_numbers(unplanned)}.")


def _figures(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    for leaf in whole.leaves:
        if leaf.is_met_by_reading is False and leaf.reading is not None and isinstance(leaf.spec, Item) and leaf.spec.live:
            figure = "nobody in scope" if leaf.reading.percent is None else f"{leaf.reading.percent}%"
            text = f"The training figure for item {leaf.number} is {figure}, below its target of {leaf.spec.live.target}%."
            yield Warning(f"figure-below-target-{leaf.number}", text)


def _bare_answers(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    bare = [
        leaf
        for leaf in whole.leaves
        if isinstance(leaf.spec, Item)
        and leaf.spec.good_evidence
        and leaf.spec.answer.kind != "text"
        and whole.is_required(leaf)
        and whole.verdict(leaf).state == "satisfied"
        and not leaf.links
        and leaf.reading is None
    ]
    if bare:
        yield Warning("no-evidence", f"Answered with nothing attached to show for it: {_numbers(bare)}.")


EVIDENCE = {
    "withdrawn": ("evidence-withdrawn", "A document that was withdrawn is attached and does not count"),
    "review-passed": ("review-overdue", "A document behind the answer is past its review date"),
    "outside": ("evidence-outside", "A document behind the answer covers a time that is not this year’s"),
    "draft": ("evidence-not-approved", "Nobody has approved a document behind the answer"),
}
"""What a signer is told of documents, by the code of the remark. A file that stops the signature is no warning."""


def _evidence(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    for remark, (code, words) in EVIDENCE.items():
        about = [leaf for leaf in whole.leaves if any(one.code == remark for found in leaf.remarks.values() for one in found)]
        if about:
            yield Warning(code, f"{words}: {_numbers(about)}.")


def _one_person(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    authors = {leaf.current.author_id for leaf in whole.leaves if leaf.current}
    if authors == {signer_id}:
        yield Warning("one-person", "You gave every answer yourself. Nobody else has looked at this return.")


def _late(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    last = whole.last_day
    if whole.on > last:
        of = "the last date for interim publications" if whole.is_interim else "the year's last date"
        yield Warning("late", f"The planned date is after {of}, {last.day} {last:%B %Y}.")


def _provisional(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    header = whole.edition_file.header
    if header.provisional:
        yield Warning("provisional", "This list of requirements is provisional: the official list for the year is not in it yet.")
    elif not header.is_verified:
        yield Warning("unverified", "Two people have not yet compared this list of requirements with the official one.")


def _sites(whole: AssessmentReturn, today: date, signer_id: int | None) -> Iterator[Warning]:
    branches = whole.branches
    if not branches.matter:
        return
    undecided = branches.in_state(UNDECIDED)
    if undecided:
        yield Warning("sites-undecided", f"Nobody has said whether this return speaks for: {_names(undecided)}.")
    waiting = branches.in_state(WAITING, LAPSED)
    if waiting:
        yield Warning("sites-not-confirmed", f"{branches.words}; not yet: {_names(waiting)}.")


def _names(branches: tuple[Branch, ...]) -> str:
    shown = ", ".join(branch.site.name for branch in branches[:SHOWN])
    return f"{shown} and {len(branches) - SHOWN} more" if len(branches) > SHOWN else shown


CHECKS = (_sites, _standard, _gaps, _figures, _bare_answers, _evidence, _one_person, _late, _provisional)
ABOUT_THE_STANDARD = (_standard, _gaps)
"""An interim return records where things stand: being below a standard is no news in it."""


def _unsettled(whole: AssessmentReturn) -> list[Leaf]:
    return [leaf for leaf in whole.leaves if whole.is_required(leaf) and whole.verdict(leaf).state not in SETTLED]


def _numbers(leaves: list[Leaf]) -> str:
    shown = ", ".join(leaf.number for leaf in leaves[:SHOWN])
    return f"{shown} and {len(leaves) - SHOWN} more" if len(leaves) > SHOWN else shown
