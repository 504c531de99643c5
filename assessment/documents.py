"""A published return as people read it: what its canonical document says, put in words with the edition's titles.

``described`` is pure; ``assessment.return_pdf`` and ``assessment.workbook`` draw what it gives. Both are made once, when
the return is published: the same document, edition and names always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assessment import answers, branches, register_figures
from assessment.comparison import levels_reached
from assessment.edition_format.types import EditionFile, Item, Outcome
from assessment.edition_format.words import LEVELS
from assessment.judging.facts import UNANSWERED
from assessment.models import Assessment, AuditFinding
from assessment.models.publications import NO_STANDARD
from assessment.reasons import Reasons, reasons
from assessment.scoring import SETTLED, STATES
from evidence.models import DocumentKind
from reporting.enums import Category
from staff.enums import KeyPostKind

NOBODY = "no one in scope"
OUTSIDE = {str(category.value): str(category.label) for category in Category}


@dataclass(frozen=True)
class Piece:
    """One document behind an answer. ``path`` is its place in the pack, empty for a link, a paper kept elsewhere, or what is withheld."""

    title: str
    kind: str
    version: int
    sha256: str
    path: str
    address: str
    locator: str
    received_on: date
    effective_on: date | None
    covers: str
    review_by: date | None
    withheld: str = ""
    """Why the pack goes out without it."""


@dataclass(frozen=True)
class Line:
    """One item (or outcome) with its answer and what the rules make of it."""

    number: str
    title: str
    is_required: bool
    is_unverified: bool
    state: str
    is_settled: bool
    why: str
    level: str
    """The level an outcome reached, in words; empty for an item, and while it is unknown."""
    answer: str
    comment: str
    does_not_apply: str
    plan: str
    registers: tuple[str, ...]
    evidence: tuple[Piece, ...]


@dataclass(frozen=True)
class Section:
    """A standard (or objective) with its lines, and how many of the required ones are complete."""

    number: str
    title: str
    lines: tuple[Line, ...]

    @property
    def required(self) -> int:
        return sum(line.is_required for line in self.lines)

    @property
    def settled(self) -> int:
        return sum(line.is_required and line.is_settled for line in self.lines)


@dataclass(frozen=True)
class Figure:
    """A counted figure of one item."""

    number: str
    title: str
    as_of: date
    numerator: int
    denominator: int
    percent: str
    definition: tuple[str, ...]
    net: str
    left_out: tuple[tuple[str, int], ...]
    digest: str


@dataclass(frozen=True)
class SiteLine:
    """One site: whether the return speaks for it, and who confirmed that or what they said."""

    name: str
    ods_code: str
    spoken_for: str
    confirmed: str


@dataclass(frozen=True)
class AuditLine:
    """What an auditor found of one thing before the return was published, and what was answered."""

    about: str
    assessed: str
    found: str
    answered: str
    wants_answer: bool


@dataclass(frozen=True)
class Described:
    """A published return in words."""

    organisation: str
    ods_code: str
    organisation_type: str
    year: str
    is_interim: bool
    has_levels: bool
    """Whether the list asks for outcomes, that reach levels."""
    sequence: int
    published_on: date
    edition: str
    is_provisional: bool
    standard: str
    statement: str
    reasons: tuple[Reasons, ...]
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
    sites: tuple[SiteLine, ...]
    signer: str
    post: str
    signed_on: date
    declaration: str
    warnings: tuple[str, ...]
    document_sha256: str
    previous_sha256: str
    edition_sha256: str
    content_sha256: str
    audit: tuple[AuditLine, ...] = ()
    samples: tuple[str, ...] = ()

    @property
    def lines(self) -> Iterator[Line]:
        for section in self.sections:
            yield from section.lines

    @property
    def exceptions(self) -> tuple[Line, ...]:
        """Required items that are not complete."""
        return tuple(line for line in self.lines if line.is_required and not line.is_settled)


def described(
    document: Mapping[str, Any],
    *,
    document_sha256: str,
    edition: EditionFile,
    names: Mapping[str, str],
    readings: Mapping[str, Mapping[str, Any]],
    audit: Mapping[str, Any] | None = None,
) -> Described:
    """Put a published document in words.

    Args:
        document: the canonical document of a publication.
        document_sha256: the hash it is known by.
        edition: the edition it was answered on.
        names: who ``person:7`` is; the document itself holds no name.
        readings: the file behind each figure (``reporting.readings``), by its SHA-256.
        audit: what an audit had found by then (``assessment.audit_facts``).
    """
    content, sign_off = document["content"], document["sign_off"]
    is_interim = content["kind"] == Assessment.Kind.INTERIM
    entry = edition.organisation_types.get(content["organisation_type"])
    return Described(
        organisation=document["organisation"]["name"],
        ods_code=document["organisation"]["ods_code"],
        organisation_type=entry.label if entry else content["organisation_type"],
        year=content["year"] + (" interim" if is_interim else ""),
        is_interim=is_interim,
        has_levels=bool(edition.levels),
        sequence=document["sequence"],
        published_on=date.fromisoformat(document["published_on"]),
        edition=f"{edition.header.title or edition.id}, version {edition.header.version}",
        is_provisional=edition.header.provisional,
        standard=LEVELS[document["standard"]] if document["standard"] else NO_STANDARD,
        statement=document["statement"],
        reasons=reasons((line["rule"], line["holds"], line["text"]) for line in document["trace"]),
        sections=_sections(document, edition),
        figures=tuple(_figures(document, edition, readings)),
        sites=tuple(_site(line, names) for line in content.get("sites", ())),
        signer=names.get(sign_off["person"], sign_off["person"]),
        post=f"{'Deputy for the post of ' if sign_off.get('as_deputy') else ''}{KeyPostKind(sign_off['post']).label}",
        signed_on=date.fromisoformat(sign_off["at"][:10]),
        declaration=sign_off["declaration"],
        warnings=tuple(warning["text"] for warning in sign_off["warnings"]),
        document_sha256=document_sha256,
        previous_sha256=document["previous_sha256"],
        edition_sha256=content["edition"]["sha256"],
        content_sha256=document["content_sha256"],
        audit=tuple(_audit(audit or {})),
        samples=tuple(sample["words"] for sample in (audit or {}).get("samples", ())),
    )


def _audit(audit: Mapping[str, Any]) -> Iterator[AuditLine]:
    """The findings that no newer one corrects."""
    findings = audit.get("findings", ())
    corrected = {finding["corrects"] for finding in findings}
    for finding in findings:
        if finding["id"] not in corrected:
            severity = f", {finding['severity']} severity" if finding["severity"] else ""
            answers = (reply["text"] + (f" Planned: {reply['plan']}" if reply["plan"] else "") for reply in finding["replies"])
            assessed = f"{AuditFinding.Assessed(finding['assessed']).label}{severity}"
            yield AuditLine(
                finding["about"].capitalize(),
                assessed,
                finding["text"],
                " ".join(answers),
                finding["assessed"] != AuditFinding.Assessed.AGREED,
            )


def _site(line: Mapping[str, Any], names: Mapping[str, str]) -> SiteLine:
    said = line["said"]
    confirmed = ""
    if line["included"]:
        confirmed = branches.STATES[line["state"]][0]
        if said:
            confirmed += f" by {names.get(said['person'], said['person'])} on {_day(said['at'][:10])}"
            confirmed += f": {said['differs']}" if said["differs"] else ""
    spoken_for = "Yes" if line["included"] else f"No: {line['reason']}" if line["included"] is False else "Not decided"
    return SiteLine(line["name"], line["ods_code"], spoken_for, confirmed)


def _sections(document: Mapping[str, Any], edition: EditionFile) -> tuple[Section, ...]:
    answered = {item["id"]: item for item in document["content"]["items"]}
    verdicts = {verdict["id"]: verdict for verdict in document["verdicts"]}
    files = {file["sha256"]: file for file in (*document["files"], *document.get("withheld", ()))}
    kind = document["content"]["organisation_type"]
    levels = {part: edition.levels[reached] for part, reached in levels_reached(document, edition).items()}
    enough = STATES.keys() - {UNANSWERED} if document["content"]["kind"] == Assessment.Kind.INTERIM else SETTLED
    sections = []
    for number, title, parts in _parts(edition):
        lines = tuple(
            _line(part, answered[part.id], verdicts[part.id], files, edition, kind, enough, levels.get(part.id, ""))
            for part in parts
            if part.id in answered
        )
        if lines:
            sections.append(Section(number, title, lines))
    return tuple(sections)


def _parts(edition: EditionFile) -> Iterator[tuple[str, str, list[Item | Outcome]]]:
    for standard in edition.standards:
        yield standard.number, standard.title, [item for assertion in standard.assertions for item in assertion.items]
    for objective in edition.objectives:
        yield objective.id, objective.title, [outcome for principle in objective.principles for outcome in principle.outcomes]


def _line(
    part: Item | Outcome,
    answer: Mapping[str, Any],
    verdict: Mapping[str, Any],
    files: Mapping[str, Mapping[str, Any]],
    edition: EditionFile,
    kind: str,
    enough: Collection[str],
    level: str,
) -> Line:
    plan = answer["plan"]
    return Line(
        number=answer["number"],
        title=part.title,
        is_required=part.is_required(kind) if isinstance(part, Item) else True,
        is_unverified=edition.is_unverified(part, kind) if isinstance(part, Item) else not part.verified,
        state=STATES[verdict["state"]],
        is_settled=verdict["state"] in enough,
        why=verdict["reason"],
        level=level.replace("_", " ").capitalize(),
        answer=answers.in_words(answer["value"], part.answer if isinstance(part, Item) else None),
        comment=answer["comment"],
        does_not_apply=answer["reason"],
        plan=f"{plan['action']} ({plan['owner']}, by {_day(plan['due_on'])})" if plan else "",
        registers=tuple(register_figures.in_words(answer.get("register_readings", ()))),
        evidence=tuple(_piece(piece, files) for piece in answer["evidence"]),
    )


def _piece(piece: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> Piece:
    file = files.get(piece["sha256"] or "")
    withheld = str(file.get("reason", "")) if file else ""
    return Piece(
        title=file["title"] if file else f"{DocumentKind(piece['kind']).label}, version {piece['version']}",
        kind=DocumentKind(piece["kind"]).label,
        version=piece["version"],
        sha256=piece["sha256"] or "",
        path=file["path"] if file and not withheld else "",
        address=piece["address"] or "",
        locator=piece["locator"],
        received_on=date.fromisoformat(piece["received_on"]),
        effective_on=_date(piece["effective_on"]),
        covers=_period(_date(piece["covers_from"]), _date(piece["covers_to"])),
        review_by=_date(piece["review_by"]),
        withheld=withheld,
    )


def _figures(document: Mapping[str, Any], edition: EditionFile, readings: Mapping[str, Mapping[str, Any]]) -> Iterator[Figure]:
    for answer in document["content"]["items"]:
        figure = answer["figure"]
        if figure is None:
            continue
        reading = readings[figure["rows_sha256"]]
        net = reading["net"]
        outside = {**reading["out_of_scope"], **net["left_out"]}
        yield Figure(
            number=answer["number"],
            title=edition.item(answer["id"]).title,
            as_of=date.fromisoformat(figure["as_of"]),
            numerator=figure["numerator"],
            denominator=figure["denominator"],
            percent=f"{figure['percent']}%" if figure["percent"] is not None else NOBODY,
            definition=tuple(reading["definition"]),
            net=f"{net['current']} of {net['in_scope']} ({net['percent']}%)" if net["in_scope"] else NOBODY,
            left_out=tuple((OUTSIDE.get(reason, reason), people) for reason, people in outside.items()),
            digest=figure["digest"],
        )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _period(first: date | None, after: date | None) -> str:
    if first is None and after is None:
        return ""
    last = after - timedelta(days=1) if after else None
    return f"{first.isoformat() if first else 'the beginning'} to {last.isoformat() if last else 'now'}"
