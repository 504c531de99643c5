"""``verify_pack``: check that nothing in an evidence pack was changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from assessment import verifier
from audit.commands import DONE, FAULTS, JsonCommand, Refused


class Command(JsonCommand):
    help = "Check an evidence pack; exit 1 and the files at fault when anything in it was changed, 2 when it is no pack."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE.zip", type=Path)

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        path: Path = options["file"]
        try:
            report = verifier.verify_file(path)
        except verifier.NotAPackError as refusal:
            raise Refused(str(refusal)) from refusal
        except OSError as error:
            raise Refused(f"The file {path} cannot be read: {error.strerror}.") from error
        told = ("organisation", "year", "sequence", "document_sha256", "previous_sha256")
        result = {
            "ok": report.ok,
            "files": report.files,
            "faults": [{"file": fault.file, "message": fault.message} for fault in report.faults],
            "publication": {key: report.head[key] for key in told} if report.head else None,
        }
        return result, DONE if report.ok else FAULTS

    def tell(self, result: dict[str, Any]) -> None:
        for fault in result["faults"]:
            self.stdout.write(f"{fault['file']!a}: {fault['message']}")
        verdict = "nothing was changed" if result["ok"] else f"{len(result['faults'])} faults"
        self.stdout.write(f"{result['files']} files, {verdict}.")
