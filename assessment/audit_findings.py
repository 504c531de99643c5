"""An audit side by side: what the organisation claims, what the rules compute, what the auditor found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from accounts.enums import Capability, Role
from accounts.models import Membership, User
from accounts.policy import RefusedError, roles_with
from assessment.content import item_content, standard_content
from assessment.edition_format.types import Assertion
from assessment.edition_format.words import LEVELS
from assessment.judging.facts import UNANSWERED
from assessment.leaves import Leaf
from assessment.models import Assessment, AuditFinding, AuditFindingReply, Engagement
from assessment.queries import AssessmentReturn
from assessment.states import CLOSED, State
from audit.canonical import digest


def writes_as(user: User, assessment: Assessment, *, on: date) -> Engagement | None:
    """The engagement under which an auditor writes about a return; None for one who has the role without an invitation.

    Raises:
        RefusedError: nothing they were invited to covers this return today, or they have a part in it themselves.
    """
    organisation = assessment.organisation_id
    part = [*roles_with(Capability.ASSESSMENT_EDIT), *roles_with(Capability.ASSESSMENT_SIGN)]
    if Membership.objects.current().filter(user=user, organisation=organisation, role__in=part).exists():
        raise RefusedError("You answer or sign returns here yourself. Somebody with no part in them has to audit them.")
    running = Engagement.objects.filter(auditor=user, assessment=assessment).covering(on).order_by("-pk").first()
    standing = Membership.objects.current().filter(user=user, organisation=organisation, role=Role.AUDITOR)
    if running is None and not standing.exists():
        raise RefusedError("Your audit is of another return, or has ended, so you cannot write about this one.")
    return running


@dataclass(frozen=True)
class Told:
    """A finding that stands, with what it corrects (newest first) and what was answered to each."""

    finding: AuditFinding
    replies: tuple[AuditFindingReply, ...]
    is_outdated: bool
    """What it is about has changed since."""
    earlier: tuple[AuditFinding, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the table: an assertion, an item, an outcome or the standard as a whole."""

    number: str
    title: str
    claimed: str
    computed: str
    kind: str
    seen: str
    edition_item_id: int | None = None
    is_settled: bool = False
    """Our rules ask nothing more of it. Unused for the standard as a whole."""
    differs: bool = False
    """More is claimed than the rules count, or what was confirmed has changed since."""
    told: tuple[Told, ...] = ()
    leaves: tuple[Leaf, ...] = ()
    """The items that a finding about it may be planned for."""
    items: tuple[Line, ...] = field(default_factory=tuple)

    @property
    def about(self) -> str:
        return f"{self.kind} {self.number}" if self.number else "the standard as a whole"

    @property
    def assessed_items(self) -> tuple[Line, ...]:
        return tuple(item for item in self.items if item.told)

    @property
    def comes_first(self) -> bool:
        return bool(not self.number or self.differs or self.told or self.assessed_items)

    def told_by(self, user: User) -> AuditFinding | None:
        """What an auditor says of it now."""
        return next((told.finding for told in self.told if told.finding.by_id == user.pk), None)


@dataclass(frozen=True)
class SideBySide:
    """The whole table. The standard as a whole comes first, except in an interim return, which has none."""

    lines: tuple[Line, ...]
    gone: tuple[AuditFinding, ...] = ()
    """Findings about what a corrected list asks no more."""

    @property
    def first(self) -> tuple[Line, ...]:
        """What an audit looks at first: the standard, what has a finding, and where claim and rules differ."""
        return tuple(line for line in self.lines if line.comes_first)

    @property
    def others(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.comes_first)

    def everything(self) -> Iterator[Line]:
        for line in self.lines:
            yield line
            yield from line.items

    def line(self, edition_item_id: int | None) -> Line | None:
        return next((line for line in self.everything() if line.edition_item_id == edition_item_id), None)

    @property
    def told(self) -> list[tuple[Line, Told]]:
        """Every finding that stands, with its line."""
        return [(line, told) for line in self.everything() for told in line.told]

    @property
    def counts(self) -> Counter[str]:
        return Counter(told.finding.assessed for _, told in self.told)

    @property
    def unanswered(self) -> int:
        """Findings that do not agree and that nobody has answered."""
        return sum(told.finding.assessed != AuditFinding.Assessed.AGREED and not told.replies for _, told in self.told)

    @property
    def asked(self) -> int:
        return sum(bool(line.number) for line in self.lines)

    @property
    def assessed(self) -> int:
        """Assertions or outcomes with a finding about them or one of their items."""
        return sum(bool(line.number and (line.told or line.assessed_items)) for line in self.lines)


def side_by_side(whole: AssessmentReturn) -> SideBySide:
    """The table of a return, in the edition's order."""
    told = _told(whole)
    lines = [] if whole.is_interim else [_standard(whole, told)]
    if whole.edition_file.objectives:
        lines += [_leaf(whole, leaf, told, kind="outcome") for leaf in whole.leaves]
    else:
        lines += [_assertion(whole, assertion, told) for assertion in whole.assertions()]
    table = SideBySide(tuple(lines))
    shown = {told.finding.pk for _, told in table.told}
    return replace(table, gone=tuple(row for rows in told.values() for row, _ in rows if row.pk not in shown))


Chains = dict[str, list[tuple[AuditFinding, tuple[AuditFinding, ...]]]]


def _told(whole: AssessmentReturn) -> Chains:
    """By what they are about: the findings that stand, each with what it corrects."""
    rows = AuditFinding.objects.filter(assessment=whole.assessment).select_related("by", "subject", "engagement")
    every = {row.pk: row for row in rows.prefetch_related("replies__by", "replies__plan_action__item").order_by("pk")}
    replaced = {row.replaces_id for row in every.values()}
    found: Chains = {}
    for row in every.values():
        if row.pk not in replaced:
            chain, before = [], row.replaces_id
            while before is not None:
                chain.append(every[before])
                before = every[before].replaces_id
            found.setdefault(row.subject.item_id if row.subject else "", []).append((row, tuple(chain)))
    return found


def _those(told: Chains, key: str, *seen: str) -> tuple[Told, ...]:
    return tuple(
        Told(row, tuple(row.replies.all()), is_outdated=row.seen not in seen, earlier=chain) for row, chain in told.get(key, ())
    )


def _standard(whole: AssessmentReturn, told: Chains) -> Line:
    signed = whole.sign_off
    if signed is None or whole.signature_has_lapsed:
        claimed = "Not signed yet"
    else:
        act = "Published" if whole.recorded_state in CLOSED else "Signed"
        claimed = f"{LEVELS[signed.computed_standard]}. {act}" if signed.computed_standard else act
    computed = LEVELS[whole.standard.level]
    if whole.recorded_state not in (State.SIGNED, *CLOSED) and whole.standard.once_signed != whole.standard.level:
        computed += f"; {LEVELS[whole.standard.once_signed]} once signed"
    seen, with_the_plan = digest(standard_content(whole)), whole.digest  # what findings bound to at first
    return Line("", "The standard as a whole", claimed, computed, "", seen, told=_those(told, "", seen, with_the_plan))


def _assertion(whole: AssessmentReturn, assertion: Assertion, told: Chains) -> Line:
    leaves = whole.leaves_of(assertion)
    required = [leaf for leaf in leaves if whole.is_required(leaf)]
    settled = sum(whole.verdict(leaf).is_settled for leaf in required)
    is_settled = settled == len(required)
    is_confirmed = whole.is_confirmed(assertion)
    lapsed = "Changed since it was confirmed" if whole.has_lapsed(assertion) else "Not confirmed"
    seen = whole.assertion_digest(assertion)
    return Line(
        assertion.number,
        assertion.title,
        "Confirmed" if is_confirmed else lapsed,
        f"{settled} of {len(required)} required items settled" if required else "Nothing here is required",
        "assertion",
        seen,
        edition_item_id=leaves[0].response.item.parent_id,
        is_settled=is_settled,
        differs=whole.has_lapsed(assertion) or (is_confirmed and not is_settled),
        told=_those(told, assertion.id, seen),
        leaves=leaves,
        items=tuple(_leaf(whole, leaf, told, kind="item") for leaf in leaves),
    )


def _leaf(whole: AssessmentReturn, leaf: Leaf, told: Chains, *, kind: str) -> Line:
    seen = digest(item_content(leaf))
    claimed = f"Does not apply: {leaf.current.reason}" if leaf.current and leaf.is_not_applicable else leaf.value_in_words
    if not claimed:
        claimed = f"{len(leaf.links)} document{'' if len(leaf.links) == 1 else 's'}" if leaf.links else "Not answered"
    verdict = whole.verdict(leaf)
    return Line(
        leaf.number,
        leaf.spec.title,
        claimed,
        f"{verdict.label}. {verdict.reason}",
        kind,
        seen,
        edition_item_id=leaf.response.item_id,
        is_settled=whole.is_enough(leaf),
        differs=verdict.state != UNANSWERED and not whole.is_enough(leaf),
        told=_those(told, leaf.item_id, seen),
        leaves=(leaf,),
    )
