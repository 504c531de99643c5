"""``lint_edition FILE``: every fault of an edition, crosswalk or link file, with its place. Nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.core.management.base import CommandParser

from assessment import edition_file
from audit.commands import DONE, FAULTS, JsonCommand, Refused

Check = Callable[[Path], dict[str, Any]]


class Command(JsonCommand):
    help = "Check an edition file, a crosswalk or the links between lists: says every fault with its path and line."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        result = linted(options["file"], checks=CHECKS)
        return result, FAULTS if result["faults"] else DONE

    def tell(self, result: dict[str, Any]) -> None:
        tell_lint(self, result)


def linted(path: Path, *, checks: Mapping[str, Check] = MappingProxyType({})) -> dict[str, Any]:
    """What checking a file found: as an edition, unless its schema is one of ``checks``.

    Raises:
        Refused: there is no file that can be read.
    """
    try:
        path.read_bytes()
    except (OSError, ValueError) as error:
        raise Refused(f"The file {path} cannot be read. Check the name and that you may open it.") from error
    check = checks.get(edition_file.schema_of(path))
    if check:
        return check(path)
    report = edition_file.lint(path)
    return {
        "edition": report.edition,
        "style": report.style,
        "items": report.items,
        "mandatory": report.mandatory,
        "faults": _said(report.faults),
    }


def _said(faults: Iterable[edition_file.Fault]) -> list[dict[str, Any]]:
    return [{"path": fault.path, "line": fault.line, "message": fault.message} for fault in faults]


def _crosswalk(path: Path) -> dict[str, Any]:
    """A crosswalk against the shipped editions it names, as far as there are such."""
    report = edition_file.lint_crosswalk(path)
    shipped = {edition.id: edition for edition in _shipped()}
    older, newer = shipped.get(report.older or ""), shipped.get(report.newer or "")
    report = edition_file.lint_crosswalk(path, older=older, newer=newer)
    name = f"{report.older} to {report.newer}" if report.older and report.newer else None
    return {"edition": name, "style": "crosswalk", "items": report.lines, "mandatory": 0, "faults": _said(report.faults)}


def _links(path: Path) -> dict[str, Any]:
    known = {item.id for edition in _shipped() for item in edition.items()}
    known |= {outcome.id for edition in _shipped() for outcome in edition.outcomes()}
    count, faults = edition_file.lint_links(path, known=known)
    return {"edition": "links between lists", "style": "links", "items": count, "mandatory": 0, "faults": _said(faults)}


def _shipped() -> list[edition_file.EditionFile]:
    return [edition_file.load(path) for path in edition_file.shipped_editions()]


CHECKS: Mapping[str, Check] = {"dspt-crosswalk/1": _crosswalk, "dspt-links/1": _links}


def tell_lint(command: JsonCommand, result: dict[str, Any]) -> None:
    """The same for a person."""
    command.stdout.write(
        f"{result['edition'] or 'No edition'}: {result['items']} items, {result['mandatory']} of them mandatory."
    )
    for fault in result["faults"]:
        command.stdout.write(f"line {fault['line']}, {fault['path']}: {fault['message']}")
    command.stdout.write(f"{len(result['faults'])} faults." if result["faults"] else "No faults.")
