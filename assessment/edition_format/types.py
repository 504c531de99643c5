"""An edition as values: what a file says once it has been checked. Frozen, plain, without Django.

Two routes share one header. *Assertion*: standards -> assertions -> items. *Outcome* (CAF-aligned): objectives ->
principles -> outcomes -> indicators, judged against a profile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from assessment.edition_format.conditions import Rules, is_offered


@dataclass(frozen=True)
class Period:
    """Half-open: ``start`` is the first day in it, ``end`` the first day after it."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, start: date, end: date | None) -> bool:
        """Whether ``[start, end)`` shares a day with this period; no end means for ever."""
        return start < self.end and (end is None or end > self.start) and (end is None or end > start)


# --- header ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Provenance:
    """Where the list came from, and the names of those who compared it with the official one."""

    source_title: str
    source_url: str | None
    source_sha256: str | None
    licence: str | None
    transcribed_by: str | None
    verified_by: tuple[str, ...]
    note: str | None = None


@dataclass(frozen=True)
class Calendar:
    opens: date
    interim: date | None
    final: date
    evidence_window: Period
    confidence: Mapping[str, str] = field(default_factory=dict)
    """``opens``, ``interim`` or ``final`` -> high, medium or low: how sure the date is. Absent means not stated."""
    note: str | None = None


@dataclass(frozen=True)
class Header:
    id: str
    framework: str
    style: str
    category: int | None
    title: str | None
    year: str
    version: str
    change_class: str
    supersedes: str | None
    status: str
    provisional: bool
    """True until an official list is loaded: carried from an earlier year, nothing in it verified."""
    provenance: Provenance
    calendar: Calendar

    @property
    def is_verified(self) -> bool:
        """Two people have compared the list with the official one, and it is not provisional."""
        return len(self.provenance.verified_by) >= 2 and not self.provisional


@dataclass(frozen=True)
class OrganisationTypeEntry:
    """An organisation type this edition speaks of.

    ``requirements`` says whether what is required of it was ``checked`` against a source, ``carried`` from another
    type, or not stated (None).
    """

    key: str
    label: str
    route: str
    profile: str | None = None
    requirements: str | None = None


@dataclass(frozen=True)
class CountingRule:
    """How a training figure counts: ``away`` is ``counted`` (gross) or ``left_out`` (net)."""

    key: str
    window_months: int
    window_ends: str
    include: str
    away: str


# --- assertion route ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    satisfies: bool
    needs: str | None = None
    """``plan``: choosing it calls for an action in the plan."""


@dataclass(frozen=True)
class Answer:
    """What kind of answer an item takes, and which answers satisfy it.

    ``satisfies`` is ``yes``, ``no`` or ``either`` for a yes/no item, ``answered`` for text, dates, numbers and
    documents (within the bounds given), ``option`` for a choice, whose options say it one by one.
    """

    kind: str
    satisfies: str
    options: tuple[Option, ...] = ()
    not_before: date | None = None
    not_after: date | None = None
    not_after_today: bool = False
    minimum: int | None = None
    maximum: int | None = None
    max_words: int | None = None


@dataclass(frozen=True)
class Exemption:
    """Something that stands in for an item.

    ``profile`` names the profile answer it rests on; without one it is a certificate, and ``whole_scope`` says that
    it must cover all health and care data.
    """

    kind: str
    label: str
    whole_scope: bool = False
    profile: str | None = None


@dataclass(frozen=True)
class EvidenceRule:
    """What has to be attached.

    ``window`` is set when a piece must reach into the edition's evidence window; ``max_age_months`` when it must have
    been dated within so many months of the day in question.
    """

    types: tuple[str, ...] = ()
    minimum: int = 0
    window: Period | None = None
    max_age_months: int | None = None
    accept_live: bool = False
    accept_location: bool = True
    """Words saying where a document is kept count as the document."""


@dataclass(frozen=True)
class Live:
    """A figure that the system itself works out for the item.

    ``mode`` is ``inform`` (shown beside the answer), ``prefill`` (drafts it) or ``gate``: "yes" satisfies the item
    only if the exact percentage reaches ``target``. ``gross`` keeps people who are away in the count.
    """

    source: str
    rule: str
    window_months: int
    window_ends: str
    target: int | None
    gross: bool
    mode: str


@dataclass(frozen=True)
class Source:
    url: str | None
    read_on: date | None


@dataclass(frozen=True)
class Item:
    """One evidence item. ``id`` is stable across years and never shown; ``number`` is shown and may change."""

    id: str
    number: str
    title: str
    answer: Answer
    not_applicable: str
    required_for: Mapping[str, tuple[str, ...]]
    """Organisation type -> the levels it counts towards. Type absent: not asked of it. Empty: optional."""
    checks: tuple[str, ...]
    """The edition's ``item_satisfied`` rule, in order."""
    exempted_by: tuple[Exemption, ...] = ()
    section: str | None = None
    care_section: str | None = None
    plain_standard: int | None = None
    confidence: str | None = None
    verified: bool = False
    source: Source | None = None
    change: str | None = None
    note: str | None = None
    help: str | None = None
    good_evidence: tuple[str, ...] = ()
    live: Live | None = None
    evidence: EvidenceRule = field(default_factory=EvidenceRule)
    guidance_url: str | None = None

    def applies_to(self, organisation_type: str) -> bool:
        return organisation_type in self.required_for

    def is_required(self, organisation_type: str, level: str = "met") -> bool:
        return level in self.required_for.get(organisation_type, ())


@dataclass(frozen=True)
class Assertion:
    id: str
    number: str
    title: str
    items: tuple[Item, ...]
    owner_hint: str | None = None
    confirm_by: tuple[str, ...] = ()
    confirm_requires: str | None = None


@dataclass(frozen=True)
class Standard:
    id: str
    number: str
    title: str
    assertions: tuple[Assertion, ...]


# --- outcome route --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Indicator:
    id: str
    text: str


@dataclass(frozen=True)
class Directive:
    """A binding policy question beside an outcome; ``caps`` maps an answer to the best level it leaves possible."""

    id: str
    text: str
    answers: tuple[str, ...]
    caps: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    id: str
    code: str
    title: str
    level_rule: str
    indicators: Mapping[str, tuple[Indicator, ...]]
    """Level -> its indicators; a level without any can never be reached by "all true"."""
    directives: tuple[Directive, ...] = ()
    override_allowed: bool = False
    override_needs: tuple[str, ...] = ()
    evidence_minimum: int = 0
    statement_required: str | None = None
    statement_max_words: int | None = None
    section: str | None = None
    plain_standard: int | None = None
    confidence: str | None = None
    verified: bool = False
    source: Source | None = None
    change: str | None = None
    note: str | None = None
    help: str | None = None
    good_evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Principle:
    id: str
    title: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Objective:
    id: str
    title: str
    principles: tuple[Principle, ...]


@dataclass(frozen=True)
class LevelStep:
    """Tried in order: ``test`` (``any_true``, ``all_true``, or None for always) over the indicators of ``group``."""

    then: str
    test: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Profile:
    """The level expected of each outcome, by outcome id, and how sure each expectation is (absent: not stated)."""

    levels: Mapping[str, str]
    confidence: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, outcome_id: str) -> str:
        return self.levels[outcome_id]

    def is_unverified(self, outcome_id: str) -> bool:
        """Whether pages must say that the expectation was not read in a source of the first rank."""
        return self.confidence.get(outcome_id, "high") != "high"


@dataclass(frozen=True)
class Interim:
    need: tuple[str, ...]
    skip: tuple[str, ...]
    visibility: str


# --- the whole ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class EditionFile:
    """A checked edition. ``canonical`` is the content as canonical JSON; its hash is the edition's identity.

    Two of the same content are equal, whatever their layout; an edition can be a key of a cache.
    """

    header: Header
    organisation_types: Mapping[str, OrganisationTypeEntry]
    rules: Rules
    canonical: str = field(repr=False)
    standards: tuple[Standard, ...] = ()
    objectives: tuple[Objective, ...] = ()
    levels: tuple[str, ...] = ()
    level_rules: Mapping[str, tuple[LevelStep, ...]] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    counting_rules: Mapping[str, CountingRule] = field(default_factory=dict)
    certificates: Mapping[str, Exemption] = field(default_factory=dict)
    interim: Interim | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EditionFile) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def style(self) -> str:
        return self.header.style

    def assertions(self) -> Iterator[Assertion]:
        for standard in self.standards:
            yield from standard.assertions

    def items(self) -> Iterator[Item]:
        for assertion in self.assertions():
            yield from assertion.items

    def outcomes(self) -> Iterator[Outcome]:
        for objective in self.objectives:
            for principle in objective.principles:
                yield from principle.outcomes

    @cached_property
    def _by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items()}

    @cached_property
    def _by_number(self) -> Mapping[str, Item]:
        return {item.number: item for item in self.items()}

    def item(self, item_id: str) -> Item:
        """The item of this stable id; KeyError if the edition has none."""
        return self._by_id[item_id]

    def item_numbered(self, number: str) -> Item:
        """The item shown as ``number``; KeyError if the edition has none."""
        return self._by_number[number]

    def items_for(self, organisation_type: str) -> tuple[Item, ...]:
        """The items asked of this type, optional ones included, in the edition's order."""
        return tuple(item for item in self.items() if item.applies_to(organisation_type))

    def required_items(self, organisation_type: str, level: str = "met") -> tuple[Item, ...]:
        return tuple(item for item in self.items() if item.is_required(organisation_type, level))

    def levels_for(self, organisation_type: str) -> tuple[str, ...]:
        """The levels this type can be offered, best first: a level kept for named types is left out for others."""
        return tuple(level for level in self.rules.order if is_offered(self.rules.conditions[level], organisation_type))

    def is_unverified(self, item: Item | Outcome, organisation_type: str) -> bool:
        """Whether pages must mark the item (or outcome) *unverified* for this type.

        So it is when the item was not read in a source of the first rank, when what is required of the type was
        carried from another, and in a provisional edition.
        """
        entry = self.organisation_types.get(organisation_type)
        carried = entry is None or entry.requirements == "carried"
        return carried or not item.verified or self.header.provisional

    @property
    def mandatory(self) -> int:
        """How many items any type must satisfy for *met*; every outcome of the outcome route."""
        if self.style == "outcome":
            return sum(1 for _ in self.outcomes())
        return sum(1 for item in self.items() if any("met" in levels for levels in item.required_for.values()))

    @property
    def size(self) -> int:
        """Items, or outcomes of the outcome route."""
        return sum(1 for _ in (self.outcomes() if self.style == "outcome" else self.items()))
