"""Put back what an import changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from audit.commands import DONE, FAULTS, JsonCommand, Refused
from staff.models import ImportBatch
from staff.services import ImportRefusedError, undo_batch


class Command(JsonCommand):
    help = "Undo an import of the staff list, as far as nobody has changed anything since."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("batch", type=int, help="the number import_staff gave")

    def work(self, **options: Any) -> tuple[dict[str, Any], int]:
        batch = ImportBatch.objects.select_related("organisation").filter(pk=options["batch"]).first()
        if batch is None:
            raise Refused(f"There is no import with the number {options['batch']}.")
        try:
            undone = undo_batch(batch, by="command:undo_import", at=timezone.now())
        except ImportRefusedError as error:
            raise Refused(str(error)) from error
        return {"batch": batch.pk, "restored": undone.restored, "kept": undone.kept}, FAULTS if undone.kept else DONE

    def tell(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"people put back: {result['restored']}")
        for entry in result["kept"]:
            self.stdout.write(f"left as it is: {entry['staff_number']} {entry['name']}, which {entry['reason']}")
