"""The shape every command of ours has: prose for a person, or with ``--json`` one object for a program."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

DONE, FAULTS, REFUSED = 0, 1, 2
"""Exit codes: done; done or checked, but with faults; refused, nothing changed."""


class Refused(Exception):  # noqa: N818  a refusal is an answer, not a fault of ours
    """The command will not do it; the text is one sentence that says what, where and what to do."""


class JsonCommand(BaseCommand):
    """Implement ``work``, which returns the result and the exit code, and ``tell``, which says it in prose."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result, code = self.work(**options)
        except Refused as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"refused": str(refusal)}))
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        else:
            self.tell(result)
        if code:
            sys.exit(code)

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Do it. Raises ``Refused`` with nothing changed."""
        raise NotImplementedError

    def tell(self, result: dict[str, Any]) -> None:
        """Say the result in prose; by default a line for each value."""
        for key, value in result.items():
            self.stdout.write(f"{key.replace('_', ' ')}: {value}")
