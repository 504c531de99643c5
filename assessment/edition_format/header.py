"""The parts of an edition that both routes share: header, calendar, types, certificates and counting rules."""

import re
from dataclasses import dataclass, field
from datetime import date

from assessment.edition_format import words
from assessment.edition_format.helps import Helps
from assessment.edition_format.reading import NAME, Fields, Place, Register
from assessment.edition_format.types import (
    Calendar,
    CountingRule,
    Exemption,
    Header,
    Interim,
    OrganisationTypeEntry,
    Period,
    Provenance,
)

YEAR = re.compile(r"20\d\d-\d\d")
VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")
SHA256 = re.compile(r"[0-9a-f]{64}")
_NOWHEN = date(1, 1, 1)
_NO_CALENDAR = Calendar(_NOWHEN, None, _NOWHEN, Period(_NOWHEN, _NOWHEN))
EMPTY = Header(
    id="",
    framework="",
    style="",
    category=None,
    title=None,
    year="",
    version="",
    change_class="",
    supersedes=None,
    status="",
    provisional=False,
    provenance=Provenance("", None, None, None, None, ()),
    calendar=_NO_CALENDAR,
)
"""Stands in for a header that is not there; never in an edition that loads."""


@dataclass
class Context:
    """What the rest of the file is checked against."""

    style: str = "assertion"
    status: str = "draft"
    provisional: bool = False
    window: Period | None = None
    types: dict[str, OrganisationTypeEntry] = field(default_factory=dict)
    certificates: dict[str, Exemption] = field(default_factory=dict)
    counting_rules: dict[str, CountingRule] = field(default_factory=dict)
    evidence_types: tuple[str, ...] | None = None
    levels: tuple[str, ...] = ()
    item_checks: tuple[str, ...] = words.ITEM_CHECKS
    ids: Register = field(default_factory=lambda: Register("id"))
    helps: Helps = field(default_factory=Helps)

    @property
    def is_draft(self) -> bool:
        return self.status == "draft"

    def routed_types(self) -> tuple[str, ...]:
        """The types that answer by this edition's route."""
        return tuple(key for key, entry in self.types.items() if entry.route == self.style)


def read_header(place: Place) -> Header:
    fields = place.fields(
        required=(
            "id",
            "framework",
            "style",
            "year",
            "version",
            "change_class",
            "supersedes",
            "status",
            "provenance",
            "calendar",
        ),
        optional=("category", "title", "provisional", "totals"),
    )
    year = _year(fields)
    identity = fields.slug("id")
    supersedes = fields.given("supersedes")
    older = supersedes.slug() if supersedes else None
    if supersedes and older and older == identity:
        supersedes.fault("An edition cannot supersede itself.")
    provenance = fields.at("provenance")
    calendar = fields.at("calendar")
    version = fields.at("version")
    return Header(
        id=identity,
        framework=fields.choice("framework", ("dspt",)),
        style=fields.choice("style", words.STYLES),
        category=fields.integer("category", minimum=1, maximum=4),
        title=fields.optional_text("title"),
        year=year,
        version=version.matching(VERSION, "a version such as 8.0.0") if version else "",
        change_class=fields.choice("change_class", words.CHANGE_CLASSES),
        supersedes=older,
        status=fields.choice("status", words.STATUSES),
        provisional=fields.flag("provisional", default=False),
        provenance=_provenance(provenance) if provenance else EMPTY.provenance,
        calendar=_calendar(calendar, year) if calendar else _NO_CALENDAR,
    )


def _year(fields: Fields) -> str:
    place = fields.at("year")
    year = place.matching(YEAR, 'a year in quotes such as "2025-26"') if place else ""
    if place and year and (int(year[2:4]) + 1) % 100 != int(year[5:]):
        place.fault(f"'{year}' does not name two years that follow each other.")
        return ""
    return year


def _provenance(place: Place) -> Provenance:
    fields = place.fields(
        required=("source_title", "source_url", "verified_by"),
        optional=("source_sha256", "licence", "transcribed_by", "note"),
    )
    url = fields.given("source_url")
    digest = fields.given("source_sha256")
    names = fields.at("verified_by")
    verified_by = names.texts() if names else ()
    if names and len(set(verified_by)) < len(verified_by):
        names.fault("The same name is here twice; two different people verify an edition.")
    return Provenance(
        source_title=fields.text("source_title"),
        source_url=url.url() if url else None,
        source_sha256=digest.matching(SHA256, "a SHA-256 in small letters") if digest else None,
        licence=fields.optional_text("licence"),
        transcribed_by=fields.optional_text("transcribed_by"),
        verified_by=verified_by,
        note=fields.optional_text("note"),
    )


def _calendar(place: Place, year: str) -> Calendar:
    fields = place.fields(required=("opens", "interim", "final", "evidence_window"), optional=("confidence", "note"))
    opens, interim, final = fields.day("opens"), fields.optional_day("interim"), fields.day("final")
    if opens and final and opens >= final:
        fields.owner.fault(f"The year opens on {opens}, which is not before its final date {final}.")
    interim_place = fields.at("interim")
    if interim and interim_place and ((opens and interim <= opens) or (final and interim >= final)):
        interim_place.fault(f"The interim date {interim} is not between the opening and the final date.")
    final_place = fields.at("final")
    if final and final_place and year and final.year not in (int(year[:4]), int(year[:4]) + 1):
        final_place.fault(f"The final date {final} is not in the year {year}.")
    window = fields.at("evidence_window")
    confidence = {}
    for key, value in fields.entries("confidence"):
        if key not in ("opens", "interim", "final"):
            value.fault(f"Unknown key '{key[:40]}'; allowed here: opens, interim or final.")
        else:
            confidence[key] = value.choice(words.CONFIDENCES)
    return Calendar(
        opens=opens or _NOWHEN,
        interim=interim,
        final=final or _NOWHEN,
        evidence_window=(_period(window) if window else None) or Period(_NOWHEN, _NOWHEN),
        confidence=confidence,
        note=fields.optional_text("note"),
    )


def _period(place: Place) -> Period | None:
    fields = place.fields(required=("from", "to"))
    start, end = fields.day("from"), fields.day("to")
    if start is None or end is None:
        return None
    if start >= end:
        place.fault(f"The period has no day in it: it runs from {start} up to, but without, {end}.")
        return None
    return Period(start, end)


def check_totals(head: Place, *, size: int, mandatory: int, style: str) -> None:
    """The counts that were published for the list, if the header gives them, against those of the file."""
    totals = dict(head.entries()).get("totals")
    if totals is None:
        return
    leaves = "outcomes" if style == "outcome" else "items"
    fields = totals.fields(required=(leaves,), optional=("required",))
    for key, found in ((leaves, size), ("required", mandatory)):
        said = fields.integer(key, minimum=0, maximum=1000)
        if said is not None and said != found:
            totals.fault(f"The published total of '{key}' is {said}, and this file holds {found}.")


def read_types(place: Place, style: str) -> dict[str, OrganisationTypeEntry]:
    """The declared types; at least one must take the edition's own route."""
    types: dict[str, OrganisationTypeEntry] = {}
    for key, entry in place.entries():
        if key not in words.ORGANISATION_TYPES:
            entry.fault(f"Unknown organisation type '{key[:40]}'; known: {', '.join(sorted(words.ORGANISATION_TYPES))}.")
            continue
        fields = entry.fields(required=("label", "route"), optional=("profile", "requirements"))
        types[key] = OrganisationTypeEntry(
            key=key,
            label=fields.text("label"),
            route=fields.choice("route", words.STYLES),
            profile=fields.optional_text("profile"),
            requirements=fields.optional_choice("requirements", words.REQUIREMENT_BASES),
        )
    if place.is_group and style and types and not any(entry.route == style for entry in types.values()):
        place.fault(f"No organisation type takes this edition's own route, '{style}'.")
    if place.is_group and not place.entries():
        place.fault("An edition names at least one organisation type.")
    return types


def read_certificates(place: Place | None) -> dict[str, Exemption]:
    """What can stand in for items. Without the key, the known kinds with ISO 27001 bound to its whole scope."""
    if place is None:
        return {
            kind: Exemption(kind, label, whole_scope=kind == "iso27001", profile="nhsmail_only" if kind == "nhsmail" else None)
            for kind, label in words.EXEMPTIONS.items()
        }
    found = {}
    for key, entry in place.entries():
        if key not in words.EXEMPTIONS:
            entry.fault(f"Unknown certificate '{key[:40]}'; known: {', '.join(words.EXEMPTIONS)}.")
            continue
        fields = entry.fields(required=("label",), optional=("scope", "profile"))
        profile = fields.given("profile")
        found[key] = Exemption(
            kind=key,
            label=fields.text("label"),
            whole_scope=fields.optional_choice("scope", ("any", "all_care_data")) == "all_care_data",
            profile=profile.slug() if profile else None,
        )
    return found


def read_counting_rules(place: Place | None) -> dict[str, CountingRule]:
    rules: dict[str, CountingRule] = {}
    for key, entry in place.entries() if place else []:
        if not NAME.fullmatch(key):
            entry.fault(f"'{key[:40]}' is not a name of letters and digits with - _ . between them.")
        fields = entry.fields(required=("window_months", "window_ends", "include", "away"))
        rules[key] = CountingRule(
            key=key,
            window_months=fields.integer("window_months", minimum=1, maximum=120) or 1,
            window_ends=fields.choice("window_ends", words.WINDOW_ENDS),
            include=fields.text("include"),
            away=fields.choice("away", ("counted", "left_out")),
        )
    return rules


def read_evidence_types(place: Place | None) -> tuple[str, ...] | None:
    if place is None:
        return None
    fields = place.fields(required=("evidence_types",))
    return tuple(value for item in fields.items("evidence_types", minimum=1) if (value := item.slug()))


def read_interim(place: Place | None) -> Interim | None:
    if place is None:
        return None
    fields = place.fields(required=("need", "skip", "visibility"))
    return Interim(
        need=fields.choices("need", words.INTERIM_NEEDS),
        skip=fields.choices("skip", words.INTERIM_SKIPS),
        visibility=fields.choice("visibility", ("private", "public")),
    )
