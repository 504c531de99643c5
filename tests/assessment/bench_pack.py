"""Measures an evidence pack of 5,000 files: the memory it takes to write, and to check with our verifier and with BagIt's own.

    python tests/assessment/bench_pack.py 5000

The files are made as they are read, and the pack lies in a folder that is removed; no database is asked. Each of the three
runs in a process of its own, whose peak is read when it ends. Exits 1 when a limit is missed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).absolute().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.test")
django.setup()

import bagit  # noqa: E402

from assessment import verifier  # noqa: E402
from assessment.pack import PackHead, PackMember, pack_size, write_pack  # noqa: E402
from audit.canonical import canonical_json  # noqa: E402

MOST_MB = 300
SMALL, LARGE = 64 * 1024, 25 * 1024 * 1024
"""Bytes of an ordinary file, and of one at the limit of uploads; every five-hundredth is one of these."""


def size_of(number: int) -> int:
    return LARGE if number % 500 == 0 else SMALL


def content_of(number: int) -> bytes:
    """Bytes that differ from file to file, made anew each time: what a blob's file on disk gives."""
    return hashlib.shake_256(str(number).encode()).digest(1024) * (size_of(number) // 1024)


def members(files: int) -> list[PackMember]:
    """Evidence whose bytes are read when they are wanted, and the publication that speaks of it."""
    evidence = []
    for number in range(files):
        sha256 = hashlib.sha256(content_of(number)).hexdigest()
        path = f"evidence/1.1.1/{number}-v1-file.pdf"
        read: Callable[[], bytes] = lambda number=number: content_of(number)  # type: ignore[misc]  # noqa: E731
        evidence.append(PackMember(path, sha256, size_of(number), "application/pdf", f"File {number}", read))
    document = canonical_json(
        {
            "previous_sha256": "",
            "files": [{"path": one.path, "sha256": one.sha256} for one in evidence],
            "content": {"items": []},
        }
    )
    made = PackMember.of(verifier.DOCUMENT, document, media_type="application/json", title="The published return")
    return [*evidence, made]


def write(files: int, out: Path) -> None:
    every = members(files)
    head = PackHead("VX1", "2025-26", 1, every[-1].sha256, "")
    write_pack(head, every, out)
    assert out.stat().st_size == pack_size(head, every)


def check(files: int, out: Path) -> None:
    report = verifier.verify_file(out)
    assert report.ok, report.faults[:3]
    assert report.files == files + 7


def check_as_bag(files: int, out: Path) -> None:
    folder = out.with_suffix("")
    with zipfile.ZipFile(out) as pack:
        pack.extractall(folder)
    logging.getLogger("bagit").setLevel(logging.WARNING)
    bag = bagit.Bag(str(folder))
    assert bag.validate()
    assert len(list(bag.payload_files())) == files + 3


def measured(work: Callable[[int, Path], None], files: int, out: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of the work in a fresh process.

    Raises:
        RuntimeError: it failed there.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, files, out, theirs))
    begun = time.perf_counter()
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{work.__name__} failed")
    return time.perf_counter() - begun, ours.recv()


def _run(work: Callable[[int, Path], None], files: int, out: Path, pipe: object) -> None:
    work(files, out)
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # type: ignore[attr-defined]


def main(files: int) -> int:
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pack.zip"
        for words, work in (("written", write), ("checked by our verifier", check), ("checked by bagit", check_as_bag)):
            seconds, megabytes = measured(work, files, out)
            size = out.stat().st_size / 1024 / 1024
            holds = megabytes < MOST_MB
            missed += not holds
            limit = f"limit {MOST_MB} MB: {'holds' if holds else 'MISSED'}"
            print(f"a pack of {files} files, {size:.0f} MB, {words}: {seconds:.1f} s, peak {megabytes:.0f} MB ({limit})")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
