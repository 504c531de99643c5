"""``publish_assessment``: freeze a signed return. It submits nothing to the NHS."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import Organisation
from assessment.models import Assessment, Publication
from assessment.services import AssessmentRefusedError, StepRefusedError, publish
from audit.commands import DONE, JsonCommand, Refused
from evidence.blobs import BlobDamagedError


class Command(JsonCommand):
    help = "Publish a signed return here: freezes and proves it, and submits nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", metavar="ODS", required=True)
        parser.add_argument("--year", required=True, help='such as "2025-26"')
        parser.add_argument("--kind", choices=Assessment.Kind.values, default=Assessment.Kind.FULL.value, help="full, or interim")
        parser.add_argument("--on", type=date.fromisoformat, help="the day of publication, YYYY-MM-DD; today if not given")
        parser.add_argument("--note", default="", help="words to keep with the publication")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        code, year = options["organisation"].strip().upper(), options["year"]
        if not Organisation.objects.filter(ods_code=code).exists():
            raise Refused(f"There is no organisation with the code {code}.")
        open_ones = Assessment.objects.filter(
            organisation__ods_code=code, year=year, kind=options["kind"], closed_at__isnull=True
        )
        assessment = open_ones.first()
        if assessment is None:
            raise Refused(
                f"{code} has no open return for {year}{' of the kind interim' if options['kind'] == 'interim' else ''}."
            )
        try:
            publication = publish(
                assessment, on=options["on"], by="command:publish_assessment", at=timezone.now(), note=options["note"]
            )
        except (AssessmentRefusedError, StepRefusedError, BlobDamagedError) as refusal:
            raise Refused(str(refusal)) from refusal
        return described(publication), DONE


def described(publication: Publication) -> dict[str, Any]:
    """A publication as plain values."""
    return {
        "organisation": publication.organisation.ods_code,
        "year": publication.assessment.year,
        "sequence": publication.sequence,
        "computed_standard": publication.standard_words,
        "published_on": publication.published_on.isoformat(),
        "document_sha256": publication.document_sha256,
        "previous_sha256": publication.previous_sha256,
        "files": publication.files.count(),
    }
