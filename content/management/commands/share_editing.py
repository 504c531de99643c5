"""Name the people who may write what all organisations share."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.services import CMS_GROUP
from audit.commands import DONE, JsonCommand, Refused
from content.editors import end_sharing, share_editing


class Command(JsonCommand):
    """Two people at least: nobody publishes what they wrote themselves."""

    help = "Lets a content editor write the shared site and courses, or with --end no longer."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="who; a content editor or training lead of any organisation")
        parser.add_argument("--end", action="store_true", help="take it away again")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        user = User.objects.filter(username=options["username"].strip().lower()).first()
        if user is None:
            raise Refused(f"Nobody signs in as {options['username']}.")
        if not options["end"] and not user.groups.filter(name=CMS_GROUP).exists():
            raise Refused(
                f"{user.username} does not edit content anywhere. Give them the role of content editor or training lead."
            )
        change = end_sharing if options["end"] else share_editing
        change(user, by="command:share_editing", at=timezone.now())
        return {"user": user.username, "shares": not options["end"]}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        may = "may write" if result["shares"] else "may no longer write"
        self.stdout.write(f"{result['user']} {may} what all organisations share")
