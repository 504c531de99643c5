"""Load the content and the demonstration."""

from __future__ import annotations

import json
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser
from django.utils import timezone

from audit.commands import DONE, JsonCommand, Refused
from lms.demonstration.build import build, sign_ins
from lms.demonstration.specifications import PASSWORD
from lms.known_passwords import why_no_demonstration


class Command(JsonCommand):
    """Three invented organisations with people, history and assessments. Safe to repeat; refused beside anybody's own data."""

    help = "Loads the content and the demonstration: a care provider, a GP practice and a trust."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--sign-ins", action="store_true", help="only print who can sign in")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        if options["sign_ins"]:
            people = [dict(zip(("organisation", "sign_in", "post", "does"), line, strict=True)) for line in sign_ins()]
            return {"password": PASSWORD, "sign_ins": people}, DONE
        if refusal := why_no_demonstration():
            raise Refused(refusal)
        call_command("load_content", stdout=self.stderr)
        now = timezone.now()
        try:
            organisations = build(today=timezone.localdate(now), at=now, say=lambda text: self.stderr.write(text))
        except LookupError as error:
            raise Refused(f"The demonstration cannot be built: {error}") from error
        return {"organisations": organisations}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        if "sign_ins" not in result:
            self.stdout.write(json.dumps(result["organisations"]))
            return
        self.stdout.write(f"\nThe demonstration's sign-ins; the password of all is {result['password']}")
        organisation = ""
        for person in result["sign_ins"]:
            if person["organisation"] != organisation:
                organisation = person["organisation"]
                self.stdout.write(f"\n  {organisation}")
            self.stdout.write(f"    {person['sign_in']:34} {person['post']}: {person['does']}")
        self.stdout.write("")
