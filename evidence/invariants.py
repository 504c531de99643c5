"""What must hold of stored files and documents."""

from collections.abc import Iterable

from django.db.models import Count, F, Max, Q

from audit.invariants import RowFault, invariant
from evidence import blobs
from evidence.models import Blob, Document


@invariant(
    "evidence.blobs_are_whole", "Every stored file is there and is what its name says, or was deleted when its time was over."
)
def blobs_are_whole() -> Iterable[RowFault]:
    for blob in Blob.objects.iterator(chunk_size=1000):
        try:
            size = len(blobs.read(blob))
        except (blobs.BlobForgottenError, blobs.BlobHeldError):
            continue
        except blobs.BlobDamagedError as damage:
            yield RowFault(f"evidence.blob:{blob.sha256}", str(damage))
            continue
        if size != blob.size:
            yield RowFault(f"evidence.blob:{blob.sha256}", f"The row says {blob.size} bytes and the file has {size}.")


@invariant("evidence.versions_are_numbered", "The versions of every document are numbered 1, 2, 3 without a gap.")
def versions_are_numbered() -> Iterable[RowFault]:
    counted = Document.objects.annotate(how_many=Count("versions"), last=Max("versions__number"))
    wrong = counted.filter(Q(last__isnull=True) | ~Q(last=F("how_many")))
    for pk, how_many, last in wrong.order_by("pk").values_list("pk", "how_many", "last"):
        yield RowFault(f"evidence.document:{pk}", f"It has {how_many} versions and the last is number {last or 0}.")
