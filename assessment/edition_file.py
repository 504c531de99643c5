"""Edition and crosswalk files: check them, load them, tell whether two are the same.

An edition file (schema ``dspt-edition/1``) holds one year's requirements for one route, as data: what is asked, of
whom, what satisfies it, what stands in for it, and which level holds when. The shipped files under
``assessment/editions/`` show the format; :mod:`assessment.scoring` reads the result.

Sources are a ``Path`` (the file is read) or ``str``/``bytes`` (the text itself).

    report = lint(path)          # never raises; report.faults says every fault with its path and line
    edition = load(path)         # EditionFileError when there are faults
    content_sha256(edition)      # identity: layout, comments and key order do not change it
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessment.edition_format import assertions, header, outcomes, rules
from assessment.edition_format import crosswalk as crosswalks
from assessment.edition_format import links as link_files
from assessment.edition_format.conditions import Rules
from assessment.edition_format.crosswalk import CrosswalkFile, CrosswalkReport
from assessment.edition_format.links import Link
from assessment.edition_format.reading import Fields, Place
from assessment.edition_format.strict_yaml import FILE, MAX_BYTES, Fault, Mapping, Node, Scalar, parse, plain
from assessment.edition_format.types import EditionFile, Header

SCHEMA = "dspt-edition/1"
EDITIONS_DIRECTORY = Path(__file__).resolve().parent / "editions"
LINKS = EDITIONS_DIRECTORY / "links.yaml"

__all__ = [
    "EDITIONS_DIRECTORY",
    "LINKS",
    "CrosswalkFile",
    "CrosswalkReport",
    "EditionFile",
    "EditionFileError",
    "Fault",
    "LintReport",
    "content_sha256",
    "crosswalk_sha256",
    "lint",
    "lint_crosswalk",
    "lint_links",
    "load",
    "load_crosswalk",
    "load_links",
    "schema_of",
    "shipped_crosswalks",
    "shipped_editions",
]

Source = Path | str | bytes


@dataclass(frozen=True)
class LintReport:
    """What a check found. ``items`` counts items (or outcomes); ``mandatory`` those any type needs for *met*.

    With faults the counts are of what could be read; ``edition`` and ``style`` are None if unreadable.
    """

    edition: str | None
    style: str | None
    items: int
    mandatory: int
    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        return not self.faults


class EditionFileError(ValueError):
    """The file has faults; ``faults`` says them all."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{first.path}, line {first.line}: {first.message}{more}")


def lint(source: Source) -> LintReport:
    """Check an edition, whatever the source holds; every fault at once, in the order of the file."""
    edition, faults = _read_edition(source)
    return LintReport(edition.id or None, edition.style or None, edition.size, edition.mandatory, _sorted(faults))


def load(source: Source) -> EditionFile:
    """The edition as values.

    Raises:
        EditionFileError: the source has at least one fault.
    """
    edition, faults = _read_edition(source)
    if faults:
        raise EditionFileError(_sorted(faults))
    return edition


def content_sha256(edition: EditionFile) -> str:
    """SHA-256 of the content as canonical JSON (sorted keys, no spaces, UTF-8, dates as ISO text)."""
    return hashlib.sha256(edition.canonical.encode()).hexdigest()


def lint_crosswalk(source: Source, *, older: EditionFile | None = None, newer: EditionFile | None = None) -> CrosswalkReport:
    """Check a crosswalk; with the two editions, also that each of their items is mapped and every id exists."""
    found, faults = _read_crosswalk(source, older, newer)
    return CrosswalkReport(found.from_edition or None, found.to_edition or None, len(found.lines), _sorted(faults))


def load_crosswalk(source: Source, *, older: EditionFile | None = None, newer: EditionFile | None = None) -> CrosswalkFile:
    """The crosswalk as values.

    Raises:
        EditionFileError: the source has at least one fault.
    """
    found, faults = _read_crosswalk(source, older, newer)
    if faults:
        raise EditionFileError(_sorted(faults))
    return found


def crosswalk_sha256(crosswalk: CrosswalkFile) -> str:
    """Like :func:`content_sha256`."""
    return hashlib.sha256(crosswalk.canonical.encode()).hexdigest()


def lint_links(source: Source, *, known: Collection[str] | None = None) -> tuple[int, tuple[Fault, ...]]:
    """Check a file of links between lists: how many there are, and every fault. ``known``: the ids they may name."""
    found, faults = _read_links(source, known)
    return len(found), _sorted(faults)


def load_links(source: Source) -> tuple[Link, ...]:
    """The links as values.

    Raises:
        EditionFileError: the source has at least one fault.
    """
    found, faults = _read_links(source, None)
    if faults:
        raise EditionFileError(_sorted(faults))
    return found


def schema_of(source: Source) -> str:
    """What the source says it is; empty if that cannot be read."""
    node, _ = _parse(source)
    entry = node.get("schema") if isinstance(node, Mapping) else None
    return str(entry.node.value) if entry and isinstance(entry.node, Scalar) else ""


def shipped_editions() -> tuple[Path, ...]:
    """The edition files that come with the product, oldest year first."""
    return tuple(sorted(path for path in EDITIONS_DIRECTORY.glob("20*/*.yaml")))


def shipped_crosswalks() -> tuple[Path, ...]:
    return tuple(sorted((EDITIONS_DIRECTORY / "crosswalks").glob("*.yaml")))


# --- reading --------------------------------------------------------------------------------------------------------


def _sorted(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(faults), key=lambda fault: (fault.line, fault.path, fault.message)))


def _parse(source: Source) -> tuple[Node | None, list[Fault]]:
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                source = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable file name"
            return None, [Fault(FILE, 1, f"The file cannot be read: {reason}.")]
    return parse(source)


def _canonical(node: Node) -> str:
    value: Any = plain(node)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _read_edition(source: Source) -> tuple[EditionFile, list[Fault]]:
    node, faults = _parse(source)
    if node is None:
        return _nothing(), faults
    place = Place(node, "", node.line, faults)
    if not isinstance(node, Mapping):
        place.fault(f"An edition is a group of keys that begins with 'schema: {SCHEMA}', but this is {place.found()}.")
        return _nothing(), faults
    return _edition(place, node), faults


def _nothing() -> EditionFile:
    return EditionFile(header.EMPTY, {}, Rules((), {}, ()), "")


def _style(node: Mapping) -> str:
    """The style the file says it has, else the one its keys betray, so that the rest can be checked."""
    edition = node.get("edition")
    style = edition.node.get("style") if edition and isinstance(edition.node, Mapping) else None
    if style and isinstance(style.node, Scalar) and style.node.value in ("assertion", "outcome"):
        return str(style.node.value)
    return "outcome" if node.get("objectives") else "assertion"


def _edition(place: Place, node: Mapping) -> EditionFile:
    style = _style(node)
    own = ("standards",) if style == "assertion" else ("objectives", "levels", "level_rules", "profiles")
    fields = place.fields(
        required=("schema", "edition", "organisation_types", "rules", *own),
        optional=("vocab", "counting_rules", "certificates", "interim"),
    )
    schema = fields.at("schema")
    if schema and schema.text() not in ("", SCHEMA):
        schema.fault(f"The schema should be '{SCHEMA}'.")
    head, context = _context(fields, style)
    rules_place = fields.at("rules")
    found_rules = rules.read_rules(rules_place, context) if rules_place else Rules((), {}, ())
    context.levels, context.item_checks = found_rules.order, found_rules.item_satisfied
    parts = _assertion_parts(fields, context) if style == "assertion" else _outcome_parts(fields, context)
    edition = EditionFile(
        header=head,
        organisation_types=context.types,
        rules=found_rules,
        canonical=_canonical(node),
        counting_rules=context.counting_rules,
        certificates=context.certificates,
        interim=header.read_interim(fields.at("interim")),
        **parts,
    )
    _check_whole(edition, fields, context)
    return edition


def _context(fields: Fields, style: str) -> tuple[Header, header.Context]:
    head_place = fields.at("edition")
    head = header.read_header(head_place) if head_place else header.EMPTY
    types = fields.at("organisation_types")
    window = head.calendar.evidence_window
    context = header.Context(
        style=style,
        status=head.status,
        provisional=head.provisional,
        window=window if window.start < window.end else None,
        types=header.read_types(types, style) if types else {},
        certificates=header.read_certificates(fields.at("certificates")),
        counting_rules=header.read_counting_rules(fields.at("counting_rules")),
        evidence_types=header.read_evidence_types(fields.at("vocab")),
    )
    return head, context


def _assertion_parts(fields: Fields, context: header.Context) -> dict[str, Any]:
    place = fields.at("standards")
    return {"standards": assertions.read_standards(place, context) if place else ()}


def _outcome_parts(fields: Fields, context: header.Context) -> dict[str, Any]:
    levels = outcomes.read_levels(fields.at("levels"))
    level_rules = outcomes.read_level_rules(fields.at("level_rules"), levels)
    place = fields.at("objectives")
    objectives = outcomes.read_objectives(place, context, levels=levels, level_rules=level_rules) if place else ()
    every = tuple(outcome for objective in objectives for principle in objective.principles for outcome in principle.outcomes)
    profiles = outcomes.read_profiles(fields.at("profiles"), levels=levels, outcomes=every)
    outcomes.check_profiles(fields.at("organisation_types"), context, profiles)
    return {"objectives": objectives, "levels": levels, "level_rules": level_rules, "profiles": profiles}


def _check_whole(edition: EditionFile, fields: Fields, context: header.Context) -> None:
    """What only the file as a whole can show."""
    head = fields.at("edition")
    if head and head.is_group:
        header.check_totals(head, size=edition.size, mandatory=edition.mandatory, style=edition.style)
    met = fields.at("rules")
    if edition.style != "assertion" or met is None or not edition.standards:
        return
    for key in context.routed_types():
        if not edition.required_items(key, "met"):
            met.fault(f"The rule for 'met' cites nothing for '{key}': no item is required of it.")


def _read_crosswalk(source: Source, older: EditionFile | None, newer: EditionFile | None) -> tuple[CrosswalkFile, list[Fault]]:
    node, faults = _parse(source)
    if node is None:
        return CrosswalkFile("", "", (), (), ""), faults
    place = Place(node, "", node.line, faults)
    return crosswalks.read_crosswalk(place, older=older, newer=newer, canonical=_canonical(node)), faults


def _read_links(source: Source, known: Collection[str] | None) -> tuple[tuple[Link, ...], list[Fault]]:
    node, faults = _parse(source)
    if node is None:
        return (), faults
    return link_files.read_links(Place(node, "", node.line, faults), known=known), faults
