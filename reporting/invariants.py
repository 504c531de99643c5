"""What must hold of training evidence."""

import json
from collections.abc import Iterable

from audit.canonical import digest
from audit.invariants import RowFault, invariant
from evidence import blobs
from reporting.models import EvidenceSnapshot


@invariant(
    "reporting.snapshots_are_whole", "Every file of a snapshot is stored as it was, and its reading fits its digest and figures."
)
def snapshots_are_whole() -> Iterable[RowFault]:
    snapshots = EvidenceSnapshot.objects.select_related("reading", "rows", "statement", "workbook")
    for snapshot in snapshots.iterator(chunk_size=200):
        fault = _fault_of(snapshot)
        if fault:
            yield RowFault(f"reporting.evidencesnapshot:{snapshot.pk}", fault)


def _fault_of(snapshot: EvidenceSnapshot) -> str:
    try:
        reading = json.loads(blobs.read(snapshot.reading))
        for blob in (snapshot.rows, snapshot.statement, snapshot.workbook):
            blobs.read(blob)
    except blobs.BlobDamagedError as damage:
        return str(damage)
    stated = reading.pop("digest")
    if digest(reading) != stated or stated != snapshot.digest:
        return "The reading does not fit its digest."
    counted = sum(row["counted"] for row in reading["rows"])
    if counted != snapshot.numerator:
        return f"The rows count {counted} people as trained and the snapshot {snapshot.numerator}."
    return ""
