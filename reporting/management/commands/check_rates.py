"""``check_rates``: the figures recorded on a night beside the same figures counted from the rows now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from audit.commands import DONE, FAULTS, JsonCommand
from reporting.arguments import day_from, organisation_from
from reporting.group import differing, members_of
from reporting.models import RateSnapshot
from reporting.trend import needed_courses


class Command(JsonCommand):
    """``check_rates --organisation ODS [--as-of DATE] [--json]``."""

    help = "Count an organisation and those whose head office it is again, and list every nightly record that differs."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", required=True, metavar="ODS", help="the organisation's ODS code")
        parser.add_argument("--as-of", metavar="DATE", help="year-month-day; yesterday when not given")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        head = organisation_from(options["organisation"])
        on = day_from(options["as_of"]) if options["as_of"] else timezone.localdate() - timedelta(days=1)
        records = RateSnapshot.objects.filter(organisation__in=members_of(head), on=on).count()
        found = [
            {
                "organisation": one.organisation.ods_code,
                "course": course.code,
                "recorded": {"trained": one.recorded[0], "in_scope": one.recorded[1]},
                "counted": {"trained": one.counted[0], "in_scope": one.counted[1]},
            }
            for course in needed_courses(head, on)
            for one in differing(head, course, on=on)
        ]
        return {"as_of": on.isoformat(), "records": records, "differing": found}, FAULTS if found else DONE

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['records']} records of {result['as_of']}, {len(result['differing'])} of them differ now.")
        for one in result["differing"]:
            was, now = one["recorded"], one["counted"]
            self.stdout.write(
                f"  {one['organisation']}, {one['course']}: recorded {was['trained']} of {was['in_scope']}, "
                f"counted now {now['trained']} of {now['in_scope']}. Late records, voids or corrected posts explain it."
            )
