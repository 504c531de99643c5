"""``assessment_status``: where each return stands, and why its standard is what it is."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import Organisation
from assessment.models import Assessment
from assessment.standing import standing
from audit.commands import DONE, JsonCommand, Refused


class Command(JsonCommand):
    help = "Say where returns stand: all of them, or those of one organisation or year."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", metavar="ODS", help="only this organisation's")
        parser.add_argument("--year", help='only this year\'s, such as "2025-26"')

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        returns = Assessment.objects.select_related("organisation", "edition").order_by("organisation__ods_code", "year", "pk")
        if options["organisation"]:
            code = options["organisation"].strip().upper()
            if not Organisation.objects.filter(ods_code=code).exists():
                raise Refused(f"There is no organisation with the code {code}.")
            returns = returns.filter(organisation__ods_code=code)
        if options["year"]:
            returns = returns.filter(year=options["year"])
        today = timezone.localdate()
        return {"assessments": [standing(assessment, today=today) for assessment in returns]}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        for one in result["assessments"]:
            self.stdout.write(
                f"{one['organisation']} {one['year']} ({one['edition']}): {one['state']}, {one['answered']} of {one['items']} items answered, "
                f"{one['confirmed']} assertions confirmed. Computed here: {one['computed_standard'] or 'no standard, because it is interim'}. "
                f"Official status: {one['official_status'] or 'not recorded'}."
            )
            for line in one["trace"]:
                self.stdout.write(f"  {'yes' if line['holds'] else 'no '}  {line['text']}")
        if not result["assessments"]:
            self.stdout.write("There is no return.")
