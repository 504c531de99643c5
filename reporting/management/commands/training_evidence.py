"""``training_evidence``: freeze the training figure of a day and write its files to a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from audit.commands import DONE, JsonCommand, Refused
from evidence import blobs
from reporting.arguments import day_from, organisation_from
from reporting.files import FILES
from reporting.readings import UnknownCourseError
from reporting.services import take_snapshot


class Command(JsonCommand):
    """``training_evidence --organisation ODS [--as-of DATE] --out DIR [--json]``."""

    help = "Freeze the training evidence of a day and write statement, workbook, rows and reading.json to a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", required=True, metavar="ODS", help="the organisation's ODS code")
        parser.add_argument("--as-of", metavar="DATE", help="year-month-day; today when not given")
        parser.add_argument("--out", required=True, metavar="DIR", help="the folder for the files; made if it is not there")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        organisation, on = organisation_from(options["organisation"]), day_from(options["as_of"])
        folder = _folder(options["out"])
        try:
            snapshot = take_snapshot(organisation, on=on, by="command:training_evidence", at=timezone.now())
        except UnknownCourseError as error:
            raise Refused(str(error)) from error
        written = []
        for file in FILES:
            path = folder / file.name
            path.write_bytes(blobs.read(getattr(snapshot, file.part)))
            written.append(str(path))
        result = {
            "organisation": organisation.ods_code,
            "courses": snapshot.courses,
            "as_of": on.isoformat(),
            "numerator": snapshot.numerator,
            "denominator": snapshot.denominator,
            "percent": snapshot.percent,
            "digest": snapshot.digest,
            "snapshot": snapshot.pk,
            "files": written,
        }
        return result, DONE


def _folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"--out “{name}” cannot be made a folder ({error.strerror}): name another.") from error
    if not os.access(folder, os.W_OK):
        raise Refused(f"--out “{name}” cannot be written to: name another folder or change its rights.")
    return folder
