"""A scanner, what it holds back, and how much may be brought in."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from threading import Event as Signal

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import scanner
from accounts.enums import Role
from accounts.incoming import CANNOT_LOOK, HAS_VIRUS, look_at
from accounts.scanner import ScannerAwayError
from audit.models import Event
from evidence import blobs, quarantine, services
from evidence.invariants import blobs_are_whole
from evidence.models import Blob, BlobWords, DocumentVersion, Scan, ScanOrder
from evidence.quarantine import UploadLimitError
from evidence.uploads import UploadRefusedError
from jobs.models import Job
from jobs.services import run
from tests.evidence import files as f
from tests.evidence.clamd import EICAR, Clamd
from tests.factories import NOW, TODAY, member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


@pytest.fixture
def clamd(settings):
    server = Clamd()
    settings.SCANNER, settings.SCANNER_SECONDS = server.address, 2
    yield server
    server.stop()


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def client_of(lead, client):
    client.force_login(lead)
    return client


def bring_in(organisation, by, content: bytes = b"plain words", name: str = "notes.txt", at=NOW) -> DocumentVersion:
    return services.add_document(organisation, title="Notes", kind="other", by=by, at=at, received_on=TODAY, file=(content, name))


def scan_now(kind=quarantine.SCAN) -> None:
    for job in Job.objects.filter(kind=kind, state="queued"):
        run(job.pk)


def download(client, version):
    return client.get(reverse("evidence:version_download", args=[version.pk]), follow=True)


# --- Asking ------------------------------------------------------------------------------------


def test_the_scanner_is_asked_by_either_socket(clamd, settings, tmp_path):
    other = Clamd(tmp_path / "clamd.ctl")
    big = b"a" * 300_000

    assert scanner.finding(big) == ""
    assert scanner.finding(b"before" + EICAR) == "Eicar-Test-Signature"
    settings.SCANNER = other.address
    assert scanner.finding(EICAR) == "Eicar-Test-Signature"
    assert (clamd.seen[0], other.seen) == (big, [EICAR])
    other.stop()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"stream: OK",
        b"OK\0",
        b"stream: OK FOUND?\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: ERROR\0",
        b"\xff" * 9000,
    ],
)
def test_no_clear_answer_is_never_clean(clamd, answer):
    clamd.answer = answer

    with pytest.raises(ScannerAwayError):
        scanner.finding(b"words")


def test_a_slow_scanner_and_one_that_is_away_are_no_answer(clamd, settings):
    settings.SCANNER_SECONDS, clamd.waits = 0.1, Signal()
    with pytest.raises(ScannerAwayError):
        scanner.finding(b"words")
    clamd.waits.set()
    settings.SCANNER, settings.SCANNER_SECONDS = "unix:///nowhere/clamd.ctl", 1
    with pytest.raises(ScannerAwayError):
        scanner.finding(b"words")


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "tcp://127.0.0.1", "http://127.0.0.1:3310", "unix://"])
def test_a_scanner_set_up_wrongly_stops_tenfold_from_starting(settings, address):
    settings.SCANNER = address

    with pytest.raises(ImproperlyConfigured, match="tcp://host:port"):
        scanner.check()


# --- Holding -----------------------------------------------------------------------------------


def test_a_file_is_held_until_it_is_found_clean(organisation, lead, client_of, clamd):
    version = bring_in(organisation, lead)

    held = download(client_of, version)
    with pytest.raises(blobs.BlobHeldError):
        blobs.read(version.blob)
    assert (held.status_code, "still being checked" in held.text) == (409, True)
    assert "Kept apart until" in client_of.get(reverse("evidence:document_detail", args=[version.document_id])).text
    assert list(blobs_are_whole()) == [], "a held file is no damage"

    scan_now()

    assert b"".join([download(client_of, version).content]) == b"plain words"
    assert Scan.objects.get().is_clean
    assert BlobWords.objects.filter(blob=version.blob, words__contains="plain").exists(), "and can be searched now"
    assert "Kept apart" not in client_of.get(reverse("evidence:document_detail", args=[version.document_id])).text


def test_a_virus_is_kept_apart_and_told(organisation, lead, client_of, clamd, django_capture_on_commit_callbacks):
    uploader = member(organisation, Role.STAFF)
    version = bring_in(organisation, uploader, EICAR)

    with django_capture_on_commit_callbacks(execute=True):
        scan_now()
    again = bring_in(organisation, lead, EICAR)
    quarantine.scan_waiting(at=NOW)

    assert "Eicar-Test-Signature" in download(client_of, version).text
    assert download(client_of, again).status_code == 409, "the same bytes stay apart"
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([uploader.email, lead.email])
    assert "notes.txt" not in mail.outbox[0].body
    assert Event.objects.filter(type="evidence.virus_found", organisation=organisation.ods_code).count() == 1


def test_while_the_scanner_is_away_a_file_waits_and_is_asked_about_again(organisation, lead, client_of, clamd):
    clamd.answer = None
    version = bring_in(organisation, lead)
    scan_now()
    assert quarantine.scan_waiting(at=NOW) == (0, 1)
    assert download(client_of, version).status_code == 409
    assert not Scan.objects.exists()

    clamd.answer = "honest"
    assert quarantine.scan_waiting(at=NOW) == (1, 0)
    assert download(client_of, version).status_code == 200


def test_a_crash_after_the_verdict_is_put_right(organisation, lead, clamd):
    version = bring_in(organisation, lead)
    Scan.objects.create(order=ScanOrder.objects.get(), finding="", scanned_at=NOW)

    scan_now()

    assert blobs.read(version.blob) == b"plain words"


def test_a_held_file_that_waits_for_its_name_is_not_taken_in(organisation, lead, clamd):
    (waiting,), _refused = services.keep_waiting(organisation, [(b"plain words", "notes.txt")], by=lead, at=NOW)

    with pytest.raises(services.DocumentRefusedError, match="clean of viruses"):
        services.take_in(waiting, title="Notes", kind="other", by=lead, at=NOW)
    scan_now()
    assert services.take_in(waiting, title="Notes", kind="other", by=lead, at=NOW).blob == Blob.objects.get()


def test_what_tenfold_makes_itself_is_not_held(organisation, clamd):
    version = bring_in(organisation, "command:demo")

    assert blobs.read(version.blob) == b"plain words"


def test_without_a_scanner_nothing_is_held_and_the_page_says_so(organisation, lead, client_of, settings):
    page = client_of.get(reverse("evidence:document_add")).text
    assert "no scanner is set up" in page
    settings.SCANNER = "tcp://127.0.0.1:1"
    assert "no scanner is set up" not in client_of.get(reverse("evidence:document_add")).text
    settings.SCANNER = ""

    assert download(client_of, bring_in(organisation, lead)).status_code == 200


# --- How much ------------------------------------------------------------------------------------


def test_nobody_brings_in_more_than_so_many_files_an_hour(organisation, lead, settings):
    settings.UPLOADS_PER_HOUR = 3
    for n in range(3):
        bring_in(organisation, lead, b"words %d" % n, at=NOW + timedelta(minutes=n))

    with pytest.raises(UploadLimitError, match="3 files within an hour"):
        bring_in(organisation, lead, b"more", at=NOW + timedelta(minutes=59))
    bring_in(organisation, lead, b"more", at=NOW + timedelta(minutes=60))
    bring_in(organisation, member(organisation, Role.DSPT_LEAD), b"another person's", at=NOW)


def test_an_organisation_keeps_no_more_than_there_is_room_for(organisation, other_organisation, lead, client_of, settings):
    settings.ORGANISATION_STORAGE_BYTES = 1000
    bring_in(organisation, lead, b"a" * 600)
    bring_in(organisation, lead, b"a" * 400)
    before = DocumentVersion.objects.count()

    today = {"received_on_day": 1, "received_on_month": 5, "received_on_year": 2026}
    sent = {"title": "Big", "kind": "other", "file": SimpleUploadedFile("b.txt", b"b")} | today
    refused = client_of.post(reverse("evidence:document_add"), sent)

    assert (refused.status_code, "all there is room for" in refused.text) == (403, True)
    assert DocumentVersion.objects.count() == before
    bring_in(other_organisation, member(other_organisation, Role.DSPT_LEAD), b"b" * 900)


PACKED = {
    "policy.pdf": lambda: f.pdf(after=EICAR),
    "policy.docx": lambda: f.docx({"docProps/notes.xml": b"<notes>" + EICAR + b"</notes>"}),
    "list.xlsx": lambda: f.xlsx({"xl/notes.xml": b"<notes>" + EICAR + b"</notes>"}),
    "large.docx": lambda: f.docx({"word/a.xml": b"<a>" + b" " * 900_000 + b"</a>", "word/b.xml": b"<b>" + EICAR + b"</b>"}),
    "plain.txt": lambda: EICAR,
}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("where", ["library", "read at once"])
def test_what_is_packed_reaches_the_scanner_whole(organisation, lead, clamd, name, where):
    """A scanner that unpacks, as ClamAV does, finds it, because it is given every byte."""
    content = PACKED[name]()
    clamd.unpacks = True

    if where == "library":
        bring_in(organisation, lead, content, name)
        scan_now()
        assert Scan.objects.get().finding == "Eicar-Test-Signature"
    else:
        with pytest.raises(ValidationError, match=HAS_VIRUS[:24]):
            look_at(SimpleUploadedFile(name, content))
    assert clamd.seen == [content]


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("how", ["stopped", "slow", "garbage", "hangs up"])
def test_whatever_the_scanner_does_instead_of_answering_nothing_gets_through(
    organisation, lead, client_of, clamd, settings, name, how
):
    content = PACKED[name]()
    if how == "stopped":
        settings.SCANNER = "tcp://127.0.0.1:1"
    elif how == "slow":
        settings.SCANNER_SECONDS, clamd.waits = 0.1, Signal()
    else:
        clamd.answer = b"\xff\0" if how == "garbage" else None

    version = bring_in(organisation, lead, content, name)
    scan_now()

    assert quarantine.scan_waiting(at=NOW) == (0, 1)
    assert download(client_of, version).status_code == 409
    with pytest.raises(ValidationError, match=CANNOT_LOOK[:30]):
        look_at(SimpleUploadedFile(name, content))
    if clamd.waits:
        clamd.waits.set()


def test_an_archive_is_no_evidence_whatever_is_in_it(organisation, lead, clamd):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eicar.txt", EICAR)

    for name in ("files.zip", "files.docx", "files.xlsx", "files.txt"):
        with pytest.raises(UploadRefusedError):
            bring_in(organisation, lead, packed.getvalue(), name)
    clamd.unpacks = True
    assert scanner.finding(packed.getvalue()) == "Eicar-Test-Signature"
    assert not DocumentVersion.objects.exists()
