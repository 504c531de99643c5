"""Check that nobody changed, removed or added an event after it was recorded."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from audit.commands import DONE, FAULTS, JsonCommand, Refused
from audit.models import ChainHead, Event
from audit.services import verify_all, verify_chain


class Command(JsonCommand):
    """``verify_audit [--organisation ODS] [--json]``: exit 1 when a chain is broken."""

    help = "Check the chain of recorded events, of one organisation or of all; exit 1 when one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--organisation", help="ODS code; without it every chain, the platform's own included")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        code = (options["organisation"] or "").strip().upper()
        if code and not self._has_chain(code):
            raise Refused(f"No event is recorded for an organisation with the code {code}. Check the code.")
        checks = [verify_chain(code)] if code else verify_all()
        heads = dict(ChainHead.objects.values_list("organisation", "hash"))
        chains = [
            {
                "organisation": check.organisation,
                "events": check.events,
                "fault": check.fault,
                "broken_at": check.broken_at,
                "head": heads.get(check.organisation, ""),
            }
            for check in checks
        ]
        ok = not any(check.fault for check in checks)
        return {"chains": chains, "ok": ok}, DONE if ok else FAULTS

    def tell(self, result: dict[str, Any]) -> None:
        for chain in result["chains"]:
            name = chain["organisation"] or "platform"
            verdict = chain["fault"] or f"unbroken, head {chain['head'] or 'empty'}"
            self.stdout.write(f"{name}: {chain['events']} events, {verdict}")

    def _has_chain(self, code: str) -> bool:
        return ChainHead.objects.filter(organisation=code).exists() or Event.objects.of_organisation(code).exists()
