"""Bring training records in from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import Organisation
from audit.commands import DONE, FAULTS, JsonCommand, Refused
from courses.completion_import import import_completions
from staff.importing.reading import UnreadableFileError


class Command(JsonCommand):
    help = "Import training records (CSV or XLSX): staff_number, course, completed_on, source, score, reference."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="the file of training records")
        parser.add_argument("--organisation", required=True, help="the organisation's ODS code")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        organisation = Organisation.objects.filter(ods_code=options["organisation"].strip().upper()).first()
        if organisation is None:
            raise Refused(
                f"There is no organisation with the ODS code {options['organisation']}: create it with create_organisation."
            )
        try:
            content = Path(options["file"]).read_bytes()
        except (OSError, ValueError) as error:
            raise Refused(f"The file {options['file']} cannot be opened: check its name and whether you may read it.") from error
        try:
            plan = import_completions(
                content, organisation=organisation, by="command:import_completions", at=timezone.now(), dry_run=options["dry_run"]
            )
        except UnreadableFileError as error:
            raise Refused(str(error)) from error
        result = {
            "rows": plan.rows,
            "created": len(plan.new),
            "updated": 0,
            "unchanged": plan.duplicates,
            "rehired": 0,
            "proposed_leavers": 0,
            "left": 0,
            "errors": [error.as_dict() for error in plan.errors],
            "batch": None,
            "applied": plan.applied,
            "duplicates": plan.duplicates,
            "warnings": [warning.as_dict() for warning in plan.warnings],
            "ignored_columns": plan.ignored_columns,
        }
        return result, FAULTS if plan.errors else DONE

    def tell(self, result: dict[str, Any]) -> None:
        for key in ("rows", "created", "duplicates"):
            self.stdout.write(f"{key}: {result[key]}")
        for kind in ("errors", "warnings"):
            for entry in result[kind]:
                self.stdout.write(f"row {entry['row']}, {entry['column']} “{entry['value']}”: {entry['message']}")
        if result["ignored_columns"]:
            self.stdout.write(f"columns not taken: {', '.join(result['ignored_columns'])}")
        self.stdout.write("applied" if result["applied"] else "nothing was changed")
