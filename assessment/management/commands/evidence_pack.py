"""``evidence_pack``: write the evidence pack of a publication to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import Organisation
from assessment.models import Publication
from assessment.pack import PackRefusedError, build_pack
from audit.commands import DONE, JsonCommand, Refused
from audit.services import record


class Command(JsonCommand):
    help = "Write the evidence pack of a year's publication. The same publication always gives the same bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", metavar="ODS", required=True)
        parser.add_argument("--year", required=True, help='such as "2025-26"')
        parser.add_argument("--sequence", type=int, help="the publication's number; the newest of the year if not given")
        parser.add_argument("--out", metavar="FILE.zip", type=Path, required=True)

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        publication = _publication(options["organisation"].strip().upper(), options["year"], options["sequence"])
        out: Path = options["out"]
        try:
            sha256 = build_pack(publication, out)
        except PackRefusedError as refusal:
            raise Refused(str(refusal)) from refusal
        except OSError as error:
            raise Refused(f"The file {out} cannot be written: {error.strerror}. Choose another place.") from error
        summary = {"sequence": publication.sequence}
        record(
            "publication.pack_written",
            organisation=publication.organisation,
            by="command:evidence_pack",
            target=publication,
            summary=summary,
            at=timezone.now(),
        )
        return {
            "organisation": publication.organisation.ods_code,
            "year": publication.assessment.year,
            "sequence": publication.sequence,
            "file": str(out),
            "size": out.stat().st_size,
            "sha256": sha256,
            "document_sha256": publication.document_sha256,
        }, DONE


def _publication(code: str, year: str, sequence: int | None) -> Publication:
    if not Organisation.objects.filter(ods_code=code).exists():
        raise Refused(f"There is no organisation with the code {code}.")
    found = Publication.objects.filter(organisation__ods_code=code, assessment__year=year)
    if sequence is not None:
        found = found.filter(sequence=sequence)
    publication = found.select_related("organisation", "assessment", "document").order_by("-sequence").first()
    if publication is None:
        which = f"publication {sequence}" if sequence is not None else "publication"
        raise Refused(f"{code} has no {which} for {year}. Publish the return first.")
    return publication
