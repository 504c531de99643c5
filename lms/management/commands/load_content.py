"""Loads what ships with us: the site, guidance, question banks, courses and editions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation
from assessment.loading import load_editions
from audit.commands import DONE, FAULTS, JsonCommand, Refused
from content import loading as site
from content.authored import DataFault
from courses import loading as courses
from courses.needs import ensure_default_need
from quizzes.bank_file import BankRefusedError
from quizzes.loading import load_bank

BANKS = Path(settings.ROOT) / "quizzes" / "data"


class Command(JsonCommand):
    help = "Load the site, guidance, courses, question banks and editions that ship. Safe to repeat; an editor's change stays."

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        at = timezone.now()
        try:
            with transaction.atomic():
                result: dict[str, Any] = {"site": site.load(at=at)}
                result["quizzes"] = {bank.stem: load_bank(bank, at=at).number for bank in sorted(BANKS.glob("*.yaml"))}
                result["courses"] = courses.load(at=at)
                result["editions"] = load_editions(at=at)
                for organisation in Organisation.objects.filter(training_needs__isnull=True):
                    ensure_default_need(organisation, by="command:load_content", at=at)
        except (DataFault, BankRefusedError) as fault:
            raise Refused(f"Nothing was loaded. {fault}") from fault
        return result, FAULTS if result["editions"]["refused"] else DONE

    def tell(self, result: dict[str, Any]) -> None:
        for part in ("site", "courses"):
            done = result[part]
            self.stdout.write(f"{part}: {done['created']} created, {done['updated']} updated, {done['unchanged']} unchanged")
            for key in done["left_alone"]:
                self.stdout.write(f"  left as it is here: {key}")
        for key, value in result["editions"].items():
            self.stdout.write(f"editions {key}: {', '.join(value) or 'none'}")
        for code, number in result["quizzes"].items():
            self.stdout.write(f"quiz {code}: version {number}")
        for code, number in result["courses"]["versions"].items():
            self.stdout.write(f"course {code}: version {number}")
