"""Measures a publication with 5,000 files of evidence: the memory and time it takes to publish it, and to write and check its pack.

    python tests/assessment/bench_pack.py 5000

A return is filled in, its files are put in the store and attached in bulk, and it goes the whole way through review and signature
to ``publish`` and ``build_pack``. Database and files lie in a folder that is removed. What is measured runs in a process of its
own each, whose peak is read when it ends, with that of the largest process it started. Exits 1 when the limit is missed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

HERE = os.environ.get("TENFOLD_BENCH") or tempfile.mkdtemp(prefix="tenfold-bench-")
os.environ["TENFOLD_BENCH"] = HERE
os.environ["DATABASE_URL"] = f"sqlite:///{HERE}/bench.sqlite3"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
sys.path.insert(0, str(Path(__file__).absolute().parents[2]))

import django  # noqa: E402
from django.conf import settings  # noqa: E402

django.setup()
settings.BLOB_ROOT = Path(HERE) / "blobs"

import bagit  # noqa: E402
from django.core.management import call_command  # noqa: E402

from accounts.models import User  # noqa: E402
from assessment import services, verifier  # noqa: E402
from assessment.models import Assessment, EvidenceLink, Publication  # noqa: E402
from assessment.pack import build_pack  # noqa: E402
from evidence import blobs  # noqa: E402
from evidence.models import Blob, Document, DocumentApproval, DocumentVersion  # noqa: E402
from tests import prepared_database  # noqa: E402
from tests.assessment import helpers as h  # noqa: E402
from tests.factories import NOW, TODAY, OrganisationFactory  # noqa: E402

LIMIT_MB = 300
"""For every process: one file is in memory at a time, and the PDF is typeset in a process beside it (which counts from its parent’s size)."""
SMALL, LARGE = 64 * 1024, 25 * 1024 * 1024
"""Bytes of an ordinary file, and of one at the limit of uploads; every five-hundredth is one of these."""
OUT = Path(HERE) / "pack.zip"


def content_of(number: int) -> bytes:
    """Bytes that differ from file to file."""
    size = LARGE if number % 500 == 0 else SMALL
    return hashlib.shake_256(str(number).encode()).digest(1024) * (size // 1024)


def kept(number: int) -> Blob:
    """A file put in the store without waiting for the disk."""
    content = content_of(number)
    sha256 = hashlib.sha256(content).hexdigest()
    path = blobs.path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Blob(sha256=sha256, size=len(content), media_type="application/pdf", created_at=NOW)


def prepare(files: int) -> None:
    """A signed return with so many documents attached, spread over its items."""
    empty = prepared_database.kept_file()
    if empty.exists():
        shutil.copyfile(empty, f"{HERE}/bench.sqlite3")
    call_command("migrate", verbosity=0)
    organisation = OrganisationFactory()
    lead, manager = h.lead_of(organisation), h.registered_manager(organisation)
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    stored = Blob.objects.bulk_create([kept(number) for number in range(files)], batch_size=500)
    documents = Document.objects.bulk_create(
        [Document(organisation=organisation, title=f"File {n}", created_by=lead, created_at=NOW) for n in range(files)],
        batch_size=500,
    )
    versions = DocumentVersion.objects.bulk_create(
        [
            DocumentVersion(
                document=document,
                number=1,
                blob=blob,
                file_name=f"file {blob.sha256[:8]}.pdf",
                received_on=TODAY,
                effective_on=TODAY - timedelta(days=40),
                added_by=lead,
                added_at=NOW,
            )
            for document, blob in zip(documents, stored, strict=True)
        ],
        batch_size=500,
    )
    DocumentApproval.objects.bulk_create(
        [DocumentApproval(version=version, approved_by=manager, approved_at=NOW) for version in versions], batch_size=500
    )
    responses = list(assessment.responses.all())
    EvidenceLink.objects.bulk_create(
        [
            EvidenceLink(response=responses[n % len(responses)], document_version=version, attached_by=lead, attached_at=NOW)
            for n, version in enumerate(versions)
        ],
        batch_size=500,
    )
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)


def publish(files: int) -> None:
    publication = services.publish(Assessment.objects.get(), by=User.objects.order_by("pk").first(), at=NOW)
    assert publication.files.filter(path__startswith="evidence/").count() == files


def write(files: int) -> None:
    build_pack(Publication.objects.get(), OUT)


def check(files: int) -> None:
    report = verifier.verify_file(OUT)
    assert report.ok, report.faults[:3]
    assert report.files > files


def check_as_bag(files: int) -> None:
    folder = OUT.with_suffix("")
    with zipfile.ZipFile(OUT) as pack:
        pack.extractall(folder)
    logging.getLogger("bagit").setLevel(logging.WARNING)
    bag = bagit.Bag(str(folder))
    assert bag.validate()
    assert len(list(bag.payload_files())) > files


def measured(work: Callable[[int], None], files: int) -> tuple[float, float, float]:
    """Seconds, peak megabytes of the work in a fresh process, and those of the largest process that it started.

    Raises:
        RuntimeError: it failed there.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, files, theirs))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{work.__name__} failed")
    seconds, megabytes, beside = ours.recv()
    return seconds, megabytes, beside


def _run(work: Callable[[int], None], files: int, pipe: object) -> None:
    begun = time.perf_counter()
    work(files)
    seconds = time.perf_counter() - begun
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    pipe.send((seconds, *peaks))  # type: ignore[attr-defined]


STAGES = (
    ("published", publish),
    ("written as a pack", write),
    ("checked by our verifier", check),
    ("checked by bagit", check_as_bag),
)


def main(files: int) -> int:
    measured(prepare, files)
    missed = 0
    for words, work in STAGES:
        seconds, megabytes, beside = measured(work, files)
        holds = max(megabytes, beside) < LIMIT_MB
        missed += not holds
        size = f", {OUT.stat().st_size / 1024 / 1024:.0f} MB" if OUT.exists() else ""
        also = f", beside it {beside:.0f} MB" if beside else ""
        limit = f"limit {LIMIT_MB} MB: {'holds' if holds else 'MISSED'}"
        print(f"{files} files{size}, {words}: {seconds:.1f} s, peak {megabytes:.0f} MB{also} ({limit})")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
    finally:
        shutil.rmtree(HERE, ignore_errors=True)
