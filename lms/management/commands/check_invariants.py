"""Run every named invariant of every app and list the rows at fault."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import CommandParser
from django.utils.module_loading import autodiscover_modules

from audit.commands import DONE, FAULTS, JsonCommand, Refused
from audit.invariants import Invariant, registered

MOST_ROWS_SHOWN = 100


class Command(JsonCommand):
    """``check_invariants [--only NAME ...] [--json]``: exit 1 when a row breaks one."""

    help = "Check what must always hold; exit 1 and the rows at fault when something does not."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--only", action="append", default=[], metavar="NAME", help="check this invariant; may be repeated")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        autodiscover_modules("invariants")
        wanted = set(options["only"])
        known = registered()
        unknown = sorted(wanted - {invariant.name for invariant in known})
        if unknown:
            names = ", ".join(invariant.name for invariant in known)
            raise Refused(f"There is no invariant called {', '.join(unknown)}. Use one of: {names}.")
        results = [self._result(invariant) for invariant in known if not wanted or invariant.name in wanted]
        ok = all(result["ok"] for result in results)
        return {"ok": ok, "invariants": results}, DONE if ok else FAULTS

    def tell(self, result: dict[str, Any]) -> None:
        for one in result["invariants"]:
            self.stdout.write(f"{'holds' if one['ok'] else 'BROKEN'}  {one['name']}: {one['sentence']}")
            for row in one["rows"]:
                self.stdout.write(f"        {row['row']}: {row['message']}")
            if one["more_rows"]:
                self.stdout.write("        and more rows")

    def _result(self, invariant: Invariant) -> dict[str, Any]:
        found = list(islice(invariant.check(), MOST_ROWS_SHOWN + 1))
        rows = [{"row": fault.row, "message": fault.message} for fault in found[:MOST_ROWS_SHOWN]]
        return {
            "name": invariant.name,
            "sentence": invariant.sentence,
            "ok": not found,
            "rows": rows,
            "more_rows": len(found) > MOST_ROWS_SHOWN,
        }
