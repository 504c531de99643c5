"""``import_wording FILE``: the official wording of a list, from the official workbook, for this installation only."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from assessment.loading import file_of
from assessment.models import Edition
from assessment.wording import Found, WordingRefusedError, find_wording, keep_wording
from audit.commands import DONE, JsonCommand, Refused


class Command(JsonCommand):
    help = "Show what the official workbook says of each item, and with --keep show it beside our help here."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="the official workbook (.xlsx)")
        parser.add_argument("--edition", required=True, help="such as dspt-category-3-2025-26")
        parser.add_argument("--title", required=True, help="what the workbook is called where you found it")
        parser.add_argument("--dated", type=date.fromisoformat, required=True, help="its date, YYYY-MM-DD")
        parser.add_argument("--sheet", default="", help="the sheet, if the guess is wrong")
        parser.add_argument("--reference", default="", help="the column of references, such as B")
        parser.add_argument("--text", default="", help="the column of texts, such as D")
        parser.add_argument("--keep", action="store_true", help="keep it; without this nothing is changed")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        edition = Edition.objects.filter(edition_id=options["edition"]).order_by("-pk").first()
        if edition is None:
            raise Refused(f"The edition {options['edition']} is not loaded. Load it first with load_edition.")
        checked = file_of(edition)
        try:
            content = options["file"].read_bytes()
        except (OSError, ValueError) as error:
            raise Refused(f"The file {options['file']} cannot be read. Check the name and that you may open it.") from error
        try:
            found = find_wording(content, checked, sheet=options["sheet"], reference=options["reference"], text=options["text"])
        except WordingRefusedError as refusal:
            raise Refused(str(refusal)) from refusal
        if options["keep"]:
            keep_wording(
                checked,
                found.texts,
                source_title=options["title"],
                dated_on=options["dated"],
                file_sha256=found.file_sha256,
                by="command:import_wording",
                at=timezone.now(),
            )
        return _described(found) | {"edition": checked.id, "kept": options["keep"]}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        columns = f"references in column {result['reference_column']}, texts in column {result['text_column']}"
        self.stdout.write(f"Sheet '{result['sheet']}': {columns}.")
        for number, text in result["texts"].items():
            self.stdout.write(f"  {number}  {text[:100]}")
        self.stdout.write(f"{len(result['texts'])} items have a text.")
        for key, words in (("missing", "Items without one"), ("unknown", "References that are not in this edition")):
            if result[key]:
                self.stdout.write(f"{words}: {', '.join(result[key])}.")
        self.stdout.write("Kept for this installation." if result["kept"] else "Nothing is kept yet: run it again with --keep.")


def _described(found: Found) -> dict[str, Any]:
    return {
        "sheet": found.sheet,
        "reference_column": found.reference_column,
        "text_column": found.text_column,
        "texts": found.texts,
        "missing": list(found.missing),
        "unknown": list(found.unknown),
    }
