"""What must hold of publications."""

import hashlib
import json
from collections.abc import Iterable

from assessment.models import Publication, PublicationFile
from audit.invariants import RowFault, invariant
from evidence import blobs


@invariant(
    "assessment.publications_rehash",
    "The document of every publication is stored as it was published and says what its row says.",
)
def publications_rehash() -> Iterable[RowFault]:
    for publication in Publication.objects.select_related("document").iterator(chunk_size=50):
        fault = _document_fault(publication)
        if fault:
            yield RowFault(f"assessment.publication:{publication.pk}", fault)


def _document_fault(publication: Publication) -> str:
    try:
        content = blobs.read(publication.document)
    except blobs.BlobDamagedError as damage:
        return str(damage)
    if hashlib.sha256(content).hexdigest() != publication.document_sha256:
        return "Its document does not have the hash under which it was published."
    document = json.loads(content)
    if document["sequence"] != publication.sequence or document["previous_sha256"] != publication.previous_sha256:
        return "Its document names another number or another publication before it."
    if (document["standard"] or "") != publication.computed_standard:
        return "Its document states another standard."
    stated = {(file["path"], file["sha256"]) for file in document["files"]}
    if not stated <= set(publication.files.values_list("path", "sha256")):
        return "A file that its document states is not among its files."
    return ""


@invariant("assessment.publications_follow_each_other", "Every publication names the hash of the one before it, numbered from 1.")
def publications_follow_each_other() -> Iterable[RowFault]:
    last: dict[int, tuple[int, str]] = {}
    rows = Publication.objects.order_by("organisation", "sequence")
    for pk, organisation, sequence, previous, own in rows.values_list(
        "pk", "organisation", "sequence", "previous_sha256", "document_sha256"
    ):
        number, expected = last.get(organisation, (0, ""))
        if sequence != number + 1 or previous != expected:
            yield RowFault(f"assessment.publication:{pk}", f"It does not follow publication {number}.")
        last[organisation] = (sequence, own)


@invariant("assessment.publication_files_are_whole", "Every file of a publication is stored as it was published.")
def publication_files_are_whole() -> Iterable[RowFault]:
    for file in PublicationFile.objects.select_related("blob").iterator(chunk_size=200):
        try:
            size = len(blobs.read(file.blob))
        except blobs.BlobDamagedError as damage:
            yield RowFault(f"assessment.publicationfile:{file.pk}", str(damage))
            continue
        if (file.sha256, file.size) != (file.blob_id, size):
            yield RowFault(f"assessment.publicationfile:{file.pk}", f"Its row does not describe the stored file {file.blob_id}.")
