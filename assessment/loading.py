"""Edition files into rows, once; the rows as checked values again; and which edition is whose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import User
from assessment import edition_file
from assessment.edition_changes import changes
from assessment.edition_file import CrosswalkFile, EditionFile
from assessment.models import Crosswalk, Edition, EditionItem
from assessment.requirements import CLASSES
from audit.services import record

Kind = EditionItem.Kind


class EditionRefusedError(ValueError):
    """The edition is not loaded; the text says why, fit for whoever asked."""


@dataclass(frozen=True)
class Node:
    """One row to be: a thing of the edition under its parent."""

    item_id: str
    number: str
    kind: str
    title: str
    parent_id: str | None


def load_editions(*, at: datetime, by: User | None = None) -> dict[str, list[str]]:
    """Load every edition and crosswalk that ships with the product. Safe to repeat.

    Returns:
        ``loaded`` and ``unchanged``: ids with versions; ``refused``: a sentence for each that was not loaded.
    """
    result: dict[str, list[str]] = {"loaded": [], "unchanged": [], "refused": []}
    for path in edition_file.shipped_editions():
        try:
            edition, created = load_edition(path, at=at, by=by)
        except (EditionRefusedError, edition_file.EditionFileError) as refusal:
            result["refused"].append(f"{path.name}: {refusal}")
        else:
            result["loaded" if created else "unchanged"].append(f"{edition.edition_id} {edition.version}")
    for path in edition_file.shipped_crosswalks():
        load_crosswalk(path, at=at)
    return result


@transaction.atomic
def load_edition(source: Path | str, *, at: datetime, by: User | None = None) -> tuple[Edition, bool]:
    """Load one edition, a file or its text, and say whether it was new. The same content again changes nothing.

    Raises:
        EditionFileError: the file has faults.
        EditionRefusedError: this version is loaded already with another content, or the file says that it changes less than it does.
    """
    checked = edition_file.load(source)
    sha256 = edition_file.content_sha256(checked)
    same = require_loadable(checked)
    if same is not None:
        return same, False
    edition = Edition.objects.create(
        edition_id=checked.id,
        version=checked.header.version,
        year=checked.header.year,
        style=checked.style,
        category=checked.header.category,
        title=checked.header.title or checked.id,
        provisional=checked.header.provisional,
        status=checked.header.status,
        content=json.loads(checked.canonical),
        content_sha256=sha256,
        source=source.read_text(encoding="utf-8") if isinstance(source, Path) else source,
        loaded_by=by,
        loaded_at=at,
    )
    _create_items(edition, checked)
    summary = {"edition": checked.id, "version": edition.version, "items": checked.size, "sha256": sha256}
    record("assessment.edition_loaded", organisation="", by=by or "system", target=edition, summary=summary, at=at)
    return edition, True


def require_loadable(checked: EditionFile) -> Edition | None:
    """The row of this very version if it is loaded already, None if it can be loaded now.

    Raises:
        EditionRefusedError: this version is loaded already with another content, or the file says that it changes less than it does.
    """
    same = Edition.objects.filter(edition_id=checked.id, version=checked.header.version).first()
    if same is None:
        refuse_understated(checked)
    elif same.content_sha256 != edition_file.content_sha256(checked):
        raise EditionRefusedError(
            f"The edition {checked.id} version {checked.header.version} is already loaded with another content. "
            "Give the changed file a new version number."
        )
    return same


def newest_before(checked: EditionFile) -> Edition | None:
    """The newest loaded version of a list that is older than the one at hand."""
    mine = tuple(int(part) for part in checked.header.version.split("."))
    versions = Edition.objects.filter(edition_id=checked.id).defer("source", "content")
    return max((one for one in versions if one.version_key < mine), key=lambda one: one.version_key, default=None)


def refuse_understated(checked: EditionFile) -> None:
    """Refuse a corrected file whose ``change_class`` is milder than what it changes.

    Raises:
        EditionRefusedError: it is; the text says what it has to be.
    """
    before = newest_before(checked)
    if before is None:
        return
    found, said = changes(file_of(before), checked).change_class, checked.header.change_class
    if CLASSES.index(said) < CLASSES.index(found):
        raise EditionRefusedError(
            f"The file says 'change_class: {said}', but against version {before.version} its changes are '{found}'. "
            f"Look at what it changes, then correct the file or say 'change_class: {found}'."
        )


@transaction.atomic
def load_crosswalk(path: Path, *, at: datetime) -> Crosswalk:
    """Load one crosswalk file; the same content again returns the row that is there."""
    checked = edition_file.load_crosswalk(path)
    lines = [
        {"from": line.from_ids, "to": line.to_ids, "relation": line.relation, "carry": dict(line.carry)} for line in checked.lines
    ]
    return Crosswalk.objects.get_or_create(
        content_sha256=edition_file.crosswalk_sha256(checked),
        defaults={
            "from_edition": checked.from_edition,
            "to_edition": checked.to_edition,
            "lines": lines,
            "source": path.read_text(encoding="utf-8"),
            "loaded_at": at,
        },
    )[0]


def file_of(edition: Edition) -> EditionFile:
    """The checked values of a loaded edition, parsed once per process."""
    return _parsed(edition.pk, edition.content_sha256)


@lru_cache(maxsize=64)
def _parsed(edition_pk: int, content_sha256: str) -> EditionFile:
    source = Edition.objects.values_list("source", flat=True).get(pk=edition_pk, content_sha256=content_sha256)
    return edition_file.load(source)


def crosswalk_between(older: str, newer: str) -> CrosswalkFile | None:
    """The newest crosswalk from one edition id to another, if there is one."""
    row = Crosswalk.objects.filter(from_edition=older, to_edition=newer).order_by("-pk").first()
    return edition_file.load_crosswalk(row.source) if row else None


def edition_for(organisation_type: str, year: str) -> Edition | None:
    """The newest edition in use whose list this type of organisation answers in the year."""
    fitting = [
        edition for edition in Edition.objects.in_use().of_year(year).defer("source") if _is_for(edition, organisation_type)
    ]
    return max(fitting, key=lambda edition: edition.version_key, default=None)


def asks_interim(edition: Edition) -> bool:
    """Whether the list has an interim (baseline) publication in the middle of the year: for all its types, or for none."""
    checked = file_of(edition)
    return checked.interim is not None and checked.header.calendar.interim is not None


def years_for(organisation_type: str) -> list[str]:
    """The years this type of organisation can open a return for, newest first."""
    editions = Edition.objects.in_use().defer("source")
    return sorted({edition.year for edition in editions if _is_for(edition, organisation_type)}, reverse=True)


def _is_for(edition: Edition, organisation_type: str) -> bool:
    entry: dict[str, Any] = edition.content["organisation_types"].get(organisation_type, {})
    return bool(entry.get("route") == edition.style)


def _create_items(edition: Edition, checked: EditionFile) -> None:
    """One insert for each level of the tree, parents first."""
    specs = dict(_raw_nodes(edition.content))
    ordered = list(enumerate(_nodes(checked), start=1))
    rows: dict[str, EditionItem] = {}
    for kinds in ((Kind.STANDARD, Kind.OBJECTIVE), (Kind.ASSERTION, Kind.PRINCIPLE), (Kind.ITEM, Kind.OUTCOME)):
        level = [
            EditionItem(
                edition=edition,
                item_id=node.item_id,
                number=node.number,
                kind=node.kind,
                title=node.title,
                parent=rows[node.parent_id] if node.parent_id else None,
                order=order,
                spec=specs.get(node.item_id, {}),
            )
            for order, node in ordered
            if node.kind in kinds
        ]
        rows |= {row.item_id: row for row in EditionItem.objects.bulk_create(level)}


def _nodes(checked: EditionFile) -> Iterator[Node]:
    for standard in checked.standards:
        yield Node(standard.id, standard.number, Kind.STANDARD, standard.title, None)
        for assertion in standard.assertions:
            yield Node(assertion.id, assertion.number, Kind.ASSERTION, assertion.title, standard.id)
            for item in assertion.items:
                yield Node(item.id, item.number, Kind.ITEM, item.title, assertion.id)
    for objective in checked.objectives:
        yield Node(objective.id, _code(objective.principles[0].outcomes[0].code)[:1], Kind.OBJECTIVE, objective.title, None)
        for principle in objective.principles:
            yield Node(principle.id, _code(principle.outcomes[0].code), Kind.PRINCIPLE, principle.title, objective.id)
            for outcome in principle.outcomes:
                yield Node(outcome.id, outcome.code, Kind.OUTCOME, outcome.title, principle.id)


def _code(outcome_code: str) -> str:
    """``"A1"`` of ``"A1.a"``."""
    return outcome_code.split(".")[0]


def _raw_nodes(content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of the file that has an id, without the parts below it."""
    if isinstance(content, dict):
        if "id" in content:
            yield (
                content["id"],
                {key: value for key, value in content.items() if key not in ("assertions", "items", "principles", "outcomes")},
            )
        for value in content.values():
            yield from _raw_nodes(value)
    elif isinstance(content, list):
        for value in content:
            yield from _raw_nodes(value)
