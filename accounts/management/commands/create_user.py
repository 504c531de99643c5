"""Create somebody who can sign in, and print the link with which they choose a password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation, User
from accounts.services import create_user, password_link
from audit.commands import DONE, JsonCommand, Refused


class Command(JsonCommand):
    """The first administrator or HR person of a new organisation."""

    help = "Creates a sign-in with roles in one organisation, and prints the link to choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="what the person types to sign in; usually the e-mail address")
        parser.add_argument("--organisation", required=True, help="ODS code")
        parser.add_argument("--role", action="append", required=True, choices=Role.values, help="may be given more than once")
        parser.add_argument("--name", default="", help="first and last name")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        username = options["username"].strip().lower()
        organisation = Organisation.objects.filter(ods_code=options["organisation"].upper()).first()
        if organisation is None:
            raise Refused(
                f"There is no organisation with the code {options['organisation']}. Create it with create_organisation."
            )
        if User.objects.filter(username=username).exists():
            raise Refused(f"Somebody already signs in as {username}. Give them roles on the organisation's page.")
        first_name, _space, last_name = options["name"].strip().partition(" ")
        user = create_user(
            username,
            organisation=organisation,
            roles=[Role(role) for role in options["role"]],
            by="command:create_user",
            at=timezone.now(),
            email=username if "@" in username else "",
            first_name=first_name,
            last_name=last_name,
        )
        result = {
            "user": username,
            "organisation": organisation.ods_code,
            "roles": options["role"],
            "password_link": password_link(user),
        }
        return result, DONE

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['user']} can choose a password here, once, within three days:\n{result['password_link']}")
