"""Check that nobody changed, removed or added an event after it was recorded."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from audit.commands import DONE, FAULTS, JsonCommand, Refused
from audit.models import ChainHead, Event
from audit.services import head_with_hash, verify_all, verify_chain


class Command(JsonCommand):
    """``verify_audit [--organisation ODS | --platform] [--head HASH] [--json]``: exit 1 when a chain is broken or never had that head."""

    help = "Check the chain of recorded events, of one organisation or of all; exit 1 when one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--organisation", help="ODS code; without it every chain, the platform's own included")
        which.add_argument("--platform", action="store_true", help="the platform's own chain alone")
        parser.add_argument("--head", default="", help="a hash from an e-mail: say when it was the head of that chain")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        code = (options["organisation"] or "").strip().upper()
        if code and not self._has_chain(code):
            raise Refused(f"No event is recorded for an organisation with the code {code}. Check the code.")
        is_one = bool(code or options["platform"])
        if options["head"] and not is_one:
            raise Refused("Say with --organisation or --platform whose chain the head is to be looked for in.")
        checks = [verify_chain(code)] if is_one else verify_all()
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
        result: dict[str, Any] = {"chains": chains, "ok": ok}
        if options["head"]:
            found = head_with_hash(code, options["head"])
            until = found.until.isoformat() if found and found.until else None
            result["head"] = {"sequence": found.sequence, "since": found.since.isoformat(), "until": until} if found else None
            result["ok"] = ok = ok and found is not None
        return result, DONE if ok else FAULTS

    def tell(self, result: dict[str, Any]) -> None:
        for chain in result["chains"]:
            name = chain["organisation"] or "platform"
            verdict = chain["fault"] or f"unbroken, head {chain['head'] or 'empty'}"
            self.stdout.write(f"{name}: {chain['events']} events, {verdict}")
        if "head" in result:
            head = result["head"]
            told = (
                f"entry {head['sequence']}, the last from {head['since']} until {head['until'] or 'now'}"
                if head
                else "no entry has it"
            )
            self.stdout.write(f"that hash: {told}")

    def _has_chain(self, code: str) -> bool:
        return ChainHead.objects.filter(organisation=code).exists() or Event.objects.of_organisation(code).exists()
