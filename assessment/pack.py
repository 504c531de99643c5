"""The evidence pack: everything a publication speaks of, in one archive that anybody can check without us.

Nothing is rendered here. What can be rendered was, once, when the return was published, and lies in blobs; the pack
gathers it. So the same publication always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from assessment import verifier
from assessment.models import Publication
from audit.canonical import canonical_json
from evidence import blobs
from evidence.models import Blob


@dataclass(frozen=True)
class PackMember:
    """A file of a pack, read when it is needed. ``path`` uses ``/``; ``size`` is in bytes."""

    path: str
    sha256: str
    size: int
    media_type: str
    title: str
    read: Callable[[], bytes]

    @classmethod
    def of(cls, path: str, content: bytes, *, media_type: str, title: str) -> PackMember:
        """A file whose bytes are at hand."""
        return cls(path, hashlib.sha256(content).hexdigest(), len(content), media_type, title, lambda: content)


@dataclass(frozen=True)
class PackHead:
    """What a pack says of itself."""

    organisation: str
    year: str
    sequence: int
    document_sha256: str
    previous_sha256: str


@dataclass(frozen=True)
class Pack:
    """A pack ready to be written."""

    head: PackHead
    members: tuple[PackMember, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"dspt-{self.head.year}-{self.head.organisation}-publication-{self.head.sequence:02d}.zip"


class PackRefusedError(Exception):
    """The pack cannot be made; the text is one sentence that says why."""


def pack_of(publication: Publication) -> Pack:
    """The pack of a publication: its document and its files, as they lie in blobs.

    Raises:
        PackRefusedError: a file is missing or was changed.
    """
    head = PackHead(
        organisation=publication.organisation.ods_code,
        year=publication.assessment.year,
        sequence=publication.sequence,
        document_sha256=publication.document_sha256,
        previous_sha256=publication.previous_sha256,
    )
    document = _member(verifier.DOCUMENT, publication.document, "The published return")
    files = [_member(file.path, file.blob, file.title) for file in publication.files.select_related("blob").order_by("path")]
    pack = Pack(head, (document, *files))
    for member in pack.members:
        member.read()
    return pack


def _member(path: str, blob: Blob, title: str) -> PackMember:
    def read() -> bytes:
        try:
            return blobs.read(blob)
        except blobs.BlobDamagedError as damage:
            raise PackRefusedError(
                f"“{path}” is missing or was changed after it was published. Restore it from a backup."
            ) from damage

    return PackMember(path, blob.sha256, blob.size, blob.media_type, title, read)


def build_pack(publication: Publication, out: Path) -> str:
    """Write the pack of a publication and return the SHA-256 of the archive. The same publication gives the same bytes.

    Raises:
        PackRefusedError: a file is missing or was changed.
        OSError: the place cannot be written to.
    """
    pack = pack_of(publication)
    return write_pack(pack.head, pack.members, out)


def pack_chunks(head: PackHead, files: Sequence[PackMember]) -> Iterator[bytes]:
    """The archive, piece by piece: one file is in memory at a time.

    Raises:
        PackRefusedError: a file is no longer what it was, two have the same name, or a name could mislead.
    """
    members = _with_manifest(head, files)
    directory, offset = b"", 0
    for file in members:
        content = file.read()
        if len(content) != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
            raise PackRefusedError(f"“{file.path}” is no longer the file that was published. Restore it from a backup.")
        name, crc = file.path.encode("ascii"), zlib.crc32(content)
        header = verifier.local_header(name, crc, file.size)
        directory += verifier.directory_entry(name, crc, file.size, offset)
        offset += len(header) + file.size
        yield header
        yield content
    yield directory
    yield verifier.directory_end(len(members), len(directory), offset)


def pack_size(head: PackHead, files: Sequence[PackMember]) -> int:
    """How many bytes the archive will have."""
    members = _with_manifest(head, files)
    overhead = len(verifier.local_header(b"", 0, 0)) + len(verifier.directory_entry(b"", 0, 0, 0))
    return sum(file.size + overhead + 2 * len(file.path) for file in members) + len(verifier.directory_end(0, 0, 0))


def write_pack(head: PackHead, files: Sequence[PackMember], out: Path) -> str:
    """Write the archive, whole or not at all, and return its SHA-256.

    Raises:
        PackRefusedError: as for ``pack_chunks``.
        OSError: the place cannot be written to.
    """
    sha256 = hashlib.sha256()
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            for chunk in pack_chunks(head, files):
                sha256.update(chunk)
                file.write(chunk)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return sha256.hexdigest()


def _with_manifest(head: PackHead, files: Sequence[PackMember]) -> list[PackMember]:
    paths = [file.path for file in files]
    for path in paths:
        if not verifier.is_safe_path(path) or path in (verifier.MANIFEST, verifier.SEAL):
            raise PackRefusedError(f"“{path}” is not a name that a file of a pack may have.")
    if len({path.casefold() for path in paths}) != len(paths):
        raise PackRefusedError("Two files of the publication have the same name in the pack.")
    content = manifest(head, files)
    sealed = hashlib.sha256(content).hexdigest()
    own = [
        PackMember.of(verifier.MANIFEST, content, media_type="application/json", title="List of files"),
        PackMember.of(verifier.SEAL, verifier.seal(sealed), media_type="text/plain", title="Hash of the list of files"),
    ]
    return _bagged(head, [*files, *own])


def _bagged(head: PackHead, payload: Sequence[PackMember]) -> list[PackMember]:
    """Everything below ``data/``, with the four files that make it a bag."""
    seen = {file.path: verifier.Seen(file.sha256, file.size) for file in payload}
    tags = [
        PackMember.of(name, content, media_type="text/plain", title="Of the bag")
        for name, content in verifier.bag_files(seen, asdict(head)).items()
    ]
    moved = [replace(file, path=verifier.PAYLOAD + file.path) for file in payload]
    return sorted([*moved, *tags], key=lambda file: file.path)


def manifest(head: PackHead, files: Iterable[PackMember]) -> bytes:
    """The list of files, in the one way it is written."""
    entries = [
        {"path": file.path, "sha256": file.sha256, "size": file.size, "media_type": file.media_type, "title": file.title}
        for file in sorted(files, key=lambda file: file.path)
    ]
    return canonical_json(
        {
            "format": verifier.FORMAT,
            "organisation": head.organisation,
            "year": head.year,
            "sequence": head.sequence,
            "document_sha256": head.document_sha256,
            "previous_sha256": head.previous_sha256,
            "files": entries,
        }
    )


def verify_bytes(content: bytes) -> verifier.Report:
    """Check an archive in memory; for tests and for a freshly made pack."""
    return verifier.verify_archive(io.BytesIO(content))
