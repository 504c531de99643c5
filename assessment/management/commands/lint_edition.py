"""``lint_edition FILE``: every fault of an edition file, with its place. Nothing is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from assessment import edition_file
from audit.commands import DONE, FAULTS, JsonCommand, Refused


class Command(JsonCommand):
    help = "Check an edition file: says every fault with its path and line."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        result = linted(options["file"])
        return result, FAULTS if result["faults"] else DONE

    def tell(self, result: dict[str, Any]) -> None:
        tell_lint(self, result)


def linted(path: Path) -> dict[str, Any]:
    """What checking a file found.

    Raises:
        Refused: there is no file that can be read.
    """
    try:
        path.read_bytes()
    except (OSError, ValueError) as error:
        raise Refused(f"The file {path} cannot be read. Check the name and that you may open it.") from error
    report = edition_file.lint(path)
    return {
        "edition": report.edition,
        "style": report.style,
        "items": report.items,
        "mandatory": report.mandatory,
        "faults": [{"path": fault.path, "line": fault.line, "message": fault.message} for fault in report.faults],
    }


def tell_lint(command: JsonCommand, result: dict[str, Any]) -> None:
    """The same for a person."""
    command.stdout.write(
        f"{result['edition'] or 'No edition'}: {result['items']} items, {result['mandatory']} of them mandatory."
    )
    for fault in result["faults"]:
        command.stdout.write(f"line {fault['line']}, {fault['path']}: {fault['message']}")
    command.stdout.write(f"{len(result['faults'])} faults." if result["faults"] else "No faults.")
