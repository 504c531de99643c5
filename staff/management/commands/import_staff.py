"""Bring a staff list in from an HR file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import Organisation
from audit.commands import DONE, FAULTS, REFUSED, JsonCommand, Refused
from staff.importing.cells import CellError
from staff.importing.dates import parse_date
from staff.importing.preparing import Reading
from staff.importing.reading import UnreadableFileError
from staff.models import ImportProfile
from staff.services import ImportOutcome, ImportRefusedError, import_file


class Command(JsonCommand):
    help = "Import a staff list (CSV or XLSX). Applies it unless --dry-run."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help="the HR file")
        parser.add_argument("--organisation", required=True, help="the organisation's ODS code")
        parser.add_argument("--profile", default="", help="a saved mapping of columns; guessed from the headings otherwise")
        parser.add_argument("--as-of", default="", help="the date of changes that carry none, YYYY-MM-DD; today otherwise")
        parser.add_argument("--complete", action="store_true", help="the file lists everybody: whoever is missing has left")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument(
            "--approve",
            action="store_true",
            help="apply although unusually many people would leave or change manager, or the list seems to be another organisation's",
        )

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        organisation = find_organisation(options["organisation"])
        profile = _profile(organisation, options["profile"])
        try:
            outcome = import_file(
                read_file(options["file"]),
                file_name=Path(options["file"]).name,
                organisation=organisation,
                as_of=read_date(options["as_of"]),
                by="command:import_staff",
                at=timezone.now(),
                is_complete=options["complete"],
                saved_mapping=dict(profile.mapping) if profile else None,
                reading=Reading.of(profile.reading if profile else {}),
                approve=options["approve"],
                dry_run=options["dry_run"],
            )
        except (UnreadableFileError, ImportRefusedError) as error:
            raise Refused(str(error)) from error
        if outcome.refusal:
            self.stderr.write(
                f"{outcome.refusal} Nothing was changed: look at it with --dry-run, then run it again with --approve."
            )
            return result_of(outcome) | {"refused": outcome.refusal}, REFUSED
        return result_of(outcome), FAULTS if outcome.plan.errors else DONE

    def tell(self, result: dict[str, Any]) -> None:
        for key in ("rows", "created", "updated", "unchanged", "rehired", "proposed_leavers", "left"):
            self.stdout.write(f"{key.replace('_', ' ')}: {result[key]}")
        for entry in (*result["errors"], *result["warnings"]):
            self.stdout.write(in_words(entry))
        for doubt in result["doubts"]:
            self.stdout.write(f"please check: {doubt}")
        if result["ignored_columns"]:
            self.stdout.write(f"columns not taken: {', '.join(result['ignored_columns'])}")
        self.stdout.write(f"applied as import {result['batch']}" if result["applied"] else "nothing was changed")


def result_of(outcome: ImportOutcome) -> dict[str, Any]:
    """The command's JSON."""
    plan = outcome.plan
    return {
        **plan.counts(),
        "errors": [error.as_dict() for error in plan.errors],
        "batch": outcome.batch.pk if outcome.batch else None,
        "applied": outcome.batch is not None,
        "warnings": [warning.as_dict() for warning in plan.warnings],
        "ignored_columns": outcome.file.ignored,
        "needs_approval": plan.approval_reasons,
        "doubts": plan.signs_of_older,
    }


def in_words(entry: dict[str, Any]) -> str:
    """An error or warning as a line: ``row 7, Start date “31/02/2026”: There is no such day``."""
    place = ", ".join(part for part in (f"row {entry['row']}" if entry["row"] else "", entry["column"]) if part)
    value = f" “{entry['value']}”" if entry["value"] else ""
    return f"{place}{value}: {entry['message']}" if place else entry["message"]


def find_organisation(ods_code: str) -> Organisation:
    """The organisation with the code. Raises ``Refused`` if there is none."""
    organisation = Organisation.objects.filter(ods_code=ods_code.strip().upper()).first()
    if organisation is None:
        raise Refused(f"There is no organisation with the ODS code {ods_code}: create it with create_organisation.")
    return organisation


def read_file(path: str) -> bytes:
    """The bytes of a file. Raises ``Refused`` if it cannot be opened."""
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Refused(f"The file {path} cannot be opened: check its name and whether you may read it.") from error


def read_date(text: str) -> Any:
    """The date given, or today in London. Raises ``Refused`` if it is no date."""
    if not text:
        return timezone.localdate()
    try:
        return parse_date(text)
    except CellError as error:
        raise Refused(f"--as-of {text} is not a date: write it as YYYY-MM-DD.") from error


def _profile(organisation: Organisation, name: str) -> ImportProfile | None:
    if not name:
        return None
    profile = ImportProfile.objects.filter(organisation=organisation, name=name).first()
    if profile is None:
        names = ", ".join(ImportProfile.objects.filter(organisation=organisation).values_list("name", flat=True))
        raise Refused(f"There is no saved mapping called {name}; there are: {names or 'none'}.")
    return profile
