"""``load_edition FILE``: check an edition file, see what it would change, load it. The same file again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from assessment import edition_file, services
from assessment.edition_changes import IMPACTS, changes
from assessment.loading import EditionRefusedError, file_of, load_edition
from assessment.management.commands.lint_edition import linted, tell_lint
from assessment.models import Edition
from assessment.patches import ReturnPatch, newer_edition, patches_of_open_returns
from audit.commands import DONE, FAULTS, JsonCommand, Refused

BY = "command:load_edition"


class Command(JsonCommand):
    help = (
        "Load an edition file. A version that is loaded already with another content is refused. With --preview nothing is loaded: "
        "you see what a corrected file changes and which open returns it touches. With --apply every return that is being worked on "
        "takes it up; otherwise its lead decides on the page of the return."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--preview", action="store_true", help="show what it would change; load nothing")
        way.add_argument("--apply", action="store_true", help="take it up in every return that is being worked on")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        result = linted(options["file"])
        if result["faults"]:
            return result | {"loaded": False}, FAULTS
        checked = edition_file.load(options["file"])
        patches = list(patches_of_open_returns(checked, today=timezone.localdate()))
        result |= {"changes": _changes(checked), "returns": [_touched(patch) for patch in patches]}
        if options["preview"]:
            return result | {"loaded": False, "preview": True, "version": checked.header.version}, DONE
        try:
            edition, created = load_edition(options["file"], at=timezone.now())
        except EditionRefusedError as refusal:
            raise Refused(str(refusal)) from refusal
        taken_up = [_take_up(patch) for patch in patches if patch.can_be_taken_up] if options["apply"] else []
        told = {"loaded": created, "version": edition.version, "sha256": edition.content_sha256}
        return result | told | {"taken_up": [name for name in taken_up if name]}, DONE

    def tell(self, result: dict[str, Any]) -> None:
        tell_lint(self, result)
        if result["faults"]:
            self.stdout.write("Nothing was loaded.")
            return
        self._tell_changes(result)
        if result.get("preview"):
            self.stdout.write("Nothing was loaded: run it again without --preview.")
            return
        self.stdout.write("Loaded." if result["loaded"] else "It was loaded already; nothing changed.")
        for name in result["taken_up"]:
            self.stdout.write(f"Taken up by {name}.")

    def _tell_changes(self, result: dict[str, Any]) -> None:
        if result["changes"] is None:
            self.stdout.write("It is the first version of this list.")
            return
        found = result["changes"]
        for sentence in found["general"]:
            self.stdout.write(sentence)
        for item in found["items"]:
            self.stdout.write(f"{item['number']} {IMPACTS[item['impact']]}: {', '.join(item['fields']) or item['title']}")
        if not (found["items"] or found["general"]):
            self.stdout.write("It asks the same as the version before.")
        for one in result["returns"]:
            self.stdout.write(_said(one))


def _changes(checked: edition_file.EditionFile) -> dict[str, Any] | None:
    """Against the newest version that is loaded; None for the first of its kind."""
    loaded = Edition.objects.filter(edition_id=checked.id).exclude(version=checked.header.version).defer("content")
    before = max(loaded, key=lambda edition: edition.version_key, default=None)
    if before is None:
        return None
    found = changes(file_of(before), checked)
    items = [
        {"number": one.number, "title": one.title, "impact": one.impact, "fields": [field.words for field in one.fields]}
        for one in found.items
    ]
    general = [sentence for _, sentence in found.general]
    return {"against": before.version, "class": found.change_class, "general": general, "items": items}


def _touched(patch: ReturnPatch) -> dict[str, Any]:
    assessment = patch.whole.assessment
    return {
        "organisation": assessment.organisation.ods_code,
        "year": assessment.year,
        "state": patch.whole.state.value,
        "is_worked_on": patch.can_be_taken_up,
        "to_recheck": [one.number for one in patch.to_recheck],
        "to_look_at": [one.number for one in patch.to_look_at],
        "lapsing": [one.number for one in patch.lapsing],
    }


def _said(one: dict[str, Any]) -> str:
    if not one["is_worked_on"]:
        return f"{one['organisation']} {one['year']}: stays as it is, because it is in review or signed."
    told = (("to_recheck", "answers to check again"), ("to_look_at", "reworded"), ("lapsing", "confirmations that lapse"))
    parts = [f"{words} {', '.join(one[key])}" for key, words in told if one[key]]
    return f"{one['organisation']} {one['year']}: {'; '.join(parts) or 'nothing that was answered is touched'}."


def _take_up(patch: ReturnPatch) -> str:
    assessment = patch.whole.assessment
    newer = newer_edition(assessment)
    if newer is None:
        return ""
    services.take_up_edition(assessment, newer, by=BY, at=timezone.now())
    return f"{assessment.organisation.ods_code} {assessment.year}"
