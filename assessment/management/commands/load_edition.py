"""``load_edition FILE``: check an edition file and load it. The same file again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from assessment.loading import EditionRefusedError, load_edition
from assessment.management.commands.lint_edition import linted, tell_lint
from audit.commands import DONE, FAULTS, JsonCommand, Refused


class Command(JsonCommand):
    help = "Load an edition file. A version that is loaded already with another content is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        result = linted(options["file"])
        if result["faults"]:
            return result | {"loaded": False}, FAULTS
        try:
            edition, created = load_edition(options["file"], at=timezone.now())
        except EditionRefusedError as refusal:
            raise Refused(str(refusal)) from refusal
        return result | {"loaded": created, "version": edition.version, "sha256": edition.content_sha256}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        tell_lint(self, result)
        if result["faults"]:
            self.stdout.write("Nothing was loaded.")
        else:
            self.stdout.write("Loaded." if result["loaded"] else "It was loaded already; nothing changed.")
