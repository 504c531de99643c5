"""Create an empty organisation, with the one line of training needs that everybody has."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.enums import OrganisationType
from accounts.services import OrganisationRefusedError, create_organisation
from audit.commands import DONE, JsonCommand, Refused
from courses.models import Course
from courses.needs import DEFAULT_COURSE, ensure_default_need


class Command(JsonCommand):
    help = "Create an empty organisation."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("ods_code", metavar="ODS", help="its ODS code: 3 to 10 letters and digits")
        parser.add_argument("--name", required=True)
        parser.add_argument("--type", required=True, help=f"one of: {', '.join(OrganisationType.values)}")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        by, at = "command:create_organisation", timezone.now()
        try:
            with transaction.atomic():
                organisation = create_organisation(options["ods_code"], name=options["name"], type=options["type"], by=by, at=at)
                if Course.objects.filter(code=DEFAULT_COURSE).exists():
                    ensure_default_need(organisation, by=by, at=at)
        except OrganisationRefusedError as error:
            raise Refused(str(error)) from error
        return {"organisation": organisation.ods_code, "name": organisation.name, "type": organisation.type}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"created {result['name']} ({result['organisation']})")
