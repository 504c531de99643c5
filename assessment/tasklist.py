"""A return as a list of tasks: grouped by the edition's standards, the ten plain standards or the five sections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.enums import OrganisationType
from assessment.edition_format.types import Assertion, Item
from assessment.edition_format.words import CARE_SECTIONS, LEVELS, PLAIN_STANDARDS, SECTIONS
from assessment.leaves import ANSWERED, CHECKED, LOOK_AGAIN, NOT_STARTED, RECHECK, WORK_IN_PROGRESS, Leaf
from assessment.queries import AssessmentReturn
from assessment.reasons import Reasons, reasons
from assessment.scoring import TraceLine
from assessment.states import CLOSED, State

BY_CARE = "care"
BY = {
    "standard": "The toolkit’s own standards",
    "plain": "Ten plain standards",
    "section": "Five sections",
    BY_CARE: "Social care’s four sections",
}


@dataclass(frozen=True)
class Label:
    """Words and the colour of their tag; an empty colour is plain text."""

    text: str
    colour: str = ""


@dataclass(frozen=True)
class Row:
    """One item in the list. Of a provisional list nothing is verified: the page says so once, not in every row."""

    leaf: Leaf
    label: Label
    is_required: bool
    is_unverified: bool
    reason: str

    @property
    def hint(self) -> str:
        parts = [] if self.is_required else ["Optional"]
        if self.leaf.base_work_state == RECHECK:
            by_profile = self.leaf.current is not None and self.leaf.current.origin == "profile"
            changed = "What applies to you has changed" if by_profile else "What is asked has changed"
            parts.append("Last year’s answer is there" if self.leaf.is_carried else changed)
        if any(link.replacement for link in self.leaf.links):
            parts.append("Evidence was replaced")
        if self.is_unverified:
            parts.append("Unverified")
        if self.leaf.response.owner:
            parts.append(f"Looked after by {self.leaf.response.owner}")
        return " · ".join(parts)


@dataclass(frozen=True)
class Part:
    """Rows under a heading: an assertion, or all of a group."""

    title: str
    rows: tuple[Row, ...]
    number: str = ""
    assertion: Assertion | None = None
    edition_item_id: int | None = None
    label: Label | None = None


@dataclass(frozen=True)
class Group:
    """A standard or section with its progress. Counts are of required items."""

    key: str
    title: str
    required: int
    satisfied: int
    parts: tuple[Part, ...]


def ways(whole: AssessmentReturn) -> dict[str, str]:
    """How the list can be grouped: social care's sections only where the list has them for this organisation."""
    has_care = whole.assessment.type_snapshot == OrganisationType.SOCIAL_CARE and any(
        getattr(leaf.spec, "care_section", None) for leaf in whole.leaves
    )
    return {key: words for key, words in BY.items() if key != BY_CARE or has_care}


def groups(whole: AssessmentReturn, *, by: str) -> list[Group]:
    """The list of tasks, grouped."""
    if by == "plain":
        names = {str(number): f"{number}. {label}" for number, label in PLAIN_STANDARDS.items()}
        return _flat(whole, names, "plain_standard")
    if by == "section":
        return _flat(whole, SECTIONS, "section")
    if by == BY_CARE:
        return _flat(whole, CARE_SECTIONS, "care_section")
    return _by_outcome(whole) if whole.edition_file.objectives else _by_standard(whole)


def _by_standard(whole: AssessmentReturn) -> list[Group]:
    parents = {leaf.item_id: leaf.response.item.parent_id for leaf in whole.leaves}
    found = []
    for standard in whole.edition_file.standards:
        parts = []
        for assertion in standard.assertions:
            leaves = whole.leaves_of(assertion)
            if leaves:
                parent = parents[leaves[0].item_id]
                part = Part(
                    assertion.title,
                    rows_of(whole, leaves),
                    assertion.number,
                    assertion,
                    parent,
                    assertion_label(whole, assertion),
                )
                parts.append(part)
        if parts:
            found.append(_group(whole, standard.id, f"{standard.number}. {standard.title}", tuple(parts)))
    return found


def _by_outcome(whole: AssessmentReturn) -> list[Group]:
    found = []
    for objective in whole.edition_file.objectives:
        parts = tuple(
            Part(
                principle.title,
                rows_of(whole, [whole.by_item_id[outcome.id] for outcome in principle.outcomes]),
                principle.outcomes[0].code[:2],
            )
            for principle in objective.principles
        )
        found.append(_group(whole, objective.id, f"{parts[0].number[:1]}. {objective.title}", parts))
    return found


def _flat(whole: AssessmentReturn, names: dict[str, str], tag: str) -> list[Group]:
    found = []
    for key, title in names.items():
        leaves = [leaf for leaf in whole.leaves if str(getattr(leaf.spec, tag, None)) == key]
        if leaves:
            found.append(_group(whole, key, title, (Part("", rows_of(whole, leaves)),)))
    return found


def _group(whole: AssessmentReturn, key: str, title: str, parts: tuple[Part, ...]) -> Group:
    required = [row for part in parts for row in part.rows if row.is_required]
    satisfied = sum(whole.is_enough(row.leaf) for row in required)
    return Group(key, title, len(required), satisfied, parts)


def rows_of(whole: AssessmentReturn, leaves: Iterable[Leaf]) -> tuple[Row, ...]:
    """A row for each leaf."""
    return tuple(
        Row(
            leaf=leaf,
            label=item_label(whole, leaf),
            is_required=whole.is_required(leaf),
            is_unverified=whole.is_unverified(leaf) and not whole.edition_file.header.provisional,
            reason=whole.verdict(leaf).reason,
        )
        for leaf in leaves
    )


WAITING = {
    RECHECK: Label("To check", "yellow"),
    LOOK_AGAIN: Label("Look again", "yellow"),
    NOT_STARTED: Label("Not started", "blue"),
    WORK_IN_PROGRESS: Label("In progress", "aqua-green"),
}
"""What somebody still has to do comes before what the rules make of the answer."""


def item_label(whole: AssessmentReturn, leaf: Leaf) -> Label:
    """Where one item stands, in a word or two. What the rules say comes before what people did."""
    verdict, work = whole.verdict(leaf), whole.work_state(leaf)
    if verdict.state == "exempt":
        return Label("Exempt", "grey")
    if work in WAITING:
        return WAITING[work]
    if whole.is_interim and whole.is_enough(leaf):
        return Label("Level recorded", "green")
    if verdict.state == "not_applicable":
        return Label("Does not apply", "grey")
    if verdict.state == "insufficient_evidence":
        return Label("Needs evidence", "orange")
    if not verdict.is_settled:
        return Label("Not satisfied", "red")
    return (
        Label("Confirmed", "green")
        if work == CHECKED
        else Label("Answered", "white")
        if work == ANSWERED
        else Label(verdict.label, "white")
    )


def assertion_label(whole: AssessmentReturn, assertion: Assertion) -> Label:
    """Where an assertion stands."""
    if whole.is_confirmed(assertion):
        return Label("Confirmed", "green")
    unsettled = whole.unsettled_required(assertion)
    if whole.has_lapsed(assertion):
        return Label("Changed since it was confirmed", "yellow")
    if unsettled:
        waiting = f"{len(unsettled)} item{'' if len(unsettled) == 1 else 's'} to go"
        return Label(waiting)
    leaves = whole.leaves_of(assertion)
    if not any(whole.is_required(leaf) or leaf.current or leaf.links for leaf in leaves):
        return Label("Nothing here is required of you")
    return Label("Ready to confirm", "blue")


@dataclass(frozen=True)
class StandardWords:
    """The computed standard for a page: what it is now, what it would be, and what stands in the way of *met*.

    Of an interim return only ``recorded`` and ``asked`` are said: outcomes with a level, and outcomes.
    """

    now: str
    level: str
    would_be: str
    gaps: tuple[TraceLine, ...]
    reasons: tuple[Reasons, ...]
    is_interim: bool = False
    recorded: int = 0
    asked: int = 0


def standard_words(whole: AssessmentReturn) -> StandardWords:
    """Put the computed standard in words. It is ours, never the official status."""
    if whole.is_interim:
        recorded = sum(whole.is_enough(leaf) for leaf in whole.leaves)
        return StandardWords("", "", "", (), (), is_interim=True, recorded=recorded, asked=len(whole.leaves))
    standard = whole.standard
    found = reasons((line.rule, line.holds, line.text) for line in standard.trace)
    gaps = tuple(line for line in standard.trace if line.rule.startswith("met.") and not line.holds)
    would_be = ""
    if standard.once_signed != standard.level:
        would_be = f"It would be {LEVELS[standard.once_signed]} once the accountable person signs it."
    elif gaps and whole.recorded_state not in (State.SIGNED, *CLOSED):
        would_be = f"It would be {LEVELS['met']} once the points below are settled."
    return StandardWords(LEVELS[standard.level], standard.level, would_be, gaps, found)


@dataclass(frozen=True)
class NextStep:
    """What brings a return on: an item to answer, or an assertion to confirm."""

    words: str
    leaf: Leaf | None = None
    assertion_row_id: int | None = None


def next_step(whole: AssessmentReturn) -> NextStep | None:
    """The first required item that is neither settled nor planned for, then the first assertion that can be confirmed.

    None once only review, signature and publication are left.
    """
    for leaf in whole.leaves:
        if whole.is_required(leaf) and not whole.is_enough(leaf) and leaf.plan_action is None:
            words = "Start with" if all(other.current is None for other in whole.leaves) else "Go on with"
            return NextStep(f"{words} {leaf.number}", leaf=leaf)
    for assertion in () if whole.is_interim else whole.assertions():
        leaves = whole.leaves_of(assertion)
        is_needed = any(whole.is_required(leaf) for leaf in leaves)
        if is_needed and not whole.is_confirmed(assertion) and not whole.unsettled_required(assertion):
            return NextStep(f"Confirm assertion {assertion.number}", assertion_row_id=leaves[0].response.item.parent_id)
    return None


def is_item(leaf: Leaf) -> bool:
    """Whether a leaf is an item; an outcome is answered by its indicators."""
    return isinstance(leaf.spec, Item)
