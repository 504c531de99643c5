"""Create the sign-in of somebody who looks after the installation, and print the link with which they choose a password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.platform import appoint
from accounts.services import password_link
from audit.commands import DONE, JsonCommand, Refused


class Command(JsonCommand):
    """Only whoever can run commands on the server makes platform administrators: no page does."""

    help = "Creates the sign-in of a platform administrator, and prints the link to choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="what the person types to sign in, and nobody signs in with yet")
        parser.add_argument("--email", default="", help="where letters to them go; the user name if that is an address")
        parser.add_argument("--name", default="", help="first and last name")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        username = options["username"].strip().lower()
        if User.objects.filter(username=username).exists():
            raise Refused(f"Somebody already signs in as {username}. A platform administrator has a sign-in apart.")
        first_name, _space, last_name = options["name"].strip().partition(" ")
        email = options["email"] or (username if "@" in username else "")
        user = User(username=username, email=email, first_name=first_name, last_name=last_name)
        user.set_unusable_password()
        with transaction.atomic():
            user.save()
            appoint(user, by="command:create_platform_administrator", at=timezone.now())
        return {"user": username, "password_link": password_link(user)}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['user']} can choose a password here, once, within three days:\n{result['password_link']}")
