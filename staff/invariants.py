"""What must hold of imports."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils import timezone

from audit.invariants import RowFault, invariant
from staff.importing.uploads import ROWS_KEPT_FOR
from staff.models import ImportBatch, ImportRow

COUNTED = {
    "created": ImportRow.Action.CREATE,
    "updated": ImportRow.Action.UPDATE,
    "rehired": ImportRow.Action.REHIRE,
    "left": ImportRow.Action.LEAVE,
}


@invariant("staff.import_counts_add_up", "The counts of every applied import are those of its rows, as long as rows are kept.")
def import_counts_add_up() -> Iterable[RowFault]:
    rows = {f"rows_{name}": Count("rows", filter=Q(rows__action=action)) for name, action in COUNTED.items()}
    applied = ImportBatch.objects.filter(state__in=[ImportBatch.State.APPLIED, ImportBatch.State.UNDONE])
    with_rows = applied.filter(applied_at__gte=timezone.now() - ROWS_KEPT_FOR).annotate(**rows)
    for batch in with_rows.order_by("pk").values("pk", "counts", *rows):
        wrong = [name for name in COUNTED if batch["counts"].get(name, 0) != batch[f"rows_{name}"]]
        if wrong:
            told = ", ".join(f"{name} {batch['counts'].get(name, 0)}, rows {batch[f'rows_{name}']}" for name in wrong)
            yield RowFault(f"staff.importbatch:{batch['pk']}", f"Its counts do not fit its rows: {told}.")
