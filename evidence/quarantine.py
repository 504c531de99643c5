"""What people bring in, apart from everything else until a scanner has called it clean, and within each one's limits.

A held file lies in another folder: nothing that reads stored files can come by it, whatever it is asked by.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts import scanner
from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from accounts.policy import RefusedError
from accounts.scanner import ScannerAwayError
from audit.services import record
from evidence import blobs
from evidence.models import Blob, DocumentVersion, Scan, ScanOrder, WaitingFile
from evidence.uploads import Accepted, UploadRefusedError
from jobs.services import enqueue
from nhsuk import mail

SCAN = "evidence.scan"
_log = logging.getLogger(__name__)


class UploadLimitError(UploadRefusedError, RefusedError):
    """More than one person may bring in at once, or than one organisation may keep. A page that does not expect it says so."""


@transaction.atomic
def keep_upload(content: bytes, accepted: Accepted, *, organisation: Organisation, by: User | str, at: datetime) -> Blob:
    """Keep what somebody brought in. With a scanner it is held until that has called it clean; bytes that are in use are not held.

    Raises:
        UploadLimitError: somebody brings in too much at once, or the organisation keeps too much.
    """
    if isinstance(by, str) and by.partition(":")[0] in ("command", "system"):
        return blobs.keep(content, media_type=accepted.media_type)
    _check_limits(len(content), organisation=organisation, by=by, at=at)
    if not scanner.is_set_up():
        return blobs.keep(content, media_type=accepted.media_type)
    blob, is_held = blobs.hold(content, media_type=accepted.media_type)
    if is_held:
        known = {"organisation": organisation, "uploaded_by": _user(by), "ordered_at": at}
        ScanOrder.objects.get_or_create(blob=blob, defaults=known)
        enqueue(
            SCAN,
            title="Check a file for viruses",
            organisation=organisation,
            by=None,
            arguments={"sha256": blob.sha256},
            at=at,
        )
    return blob


def scan(order: ScanOrder, *, at: datetime) -> bool:
    """Ask the scanner about a held file. Returns whether it is clean now.

    Raises:
        ScannerAwayError: there is no clear answer, so it goes on being held.
    """
    found = Scan.objects.filter(order=order).first()
    if found is None:
        finding = scanner.finding(blobs.read_held(order.blob))
        found = _note(order, finding, at=at)
    if not found.is_clean:
        return False
    blobs.release(order.blob)
    return True


def scan_waiting(*, at: datetime) -> tuple[int, int]:
    """Ask about everything that is held and not judged. Returns how many were judged and how many wait on."""
    waiting = list(ScanOrder.objects.waiting().select_related("blob", "organisation", "uploaded_by"))
    for done, order in enumerate(waiting):
        try:
            scan(order, at=at)
        except (ScannerAwayError, blobs.BlobDamagedError) as error:
            _log.warning("the scanner gave no answer (%s); %s files wait", error, len(waiting) - done)
            return done, len(waiting) - done
    return len(waiting), 0


@transaction.atomic
def _note(order: ScanOrder, finding: str, *, at: datetime) -> Scan:
    """Write the verdict down, once; a virus is told to whoever brought it in and to those who lead the assessment."""
    judged, is_new = Scan.objects.get_or_create(order=order, defaults={"finding": finding, "scanned_at": at})
    if is_new and finding:
        record(
            "evidence.virus_found",
            organisation=order.organisation,
            by="system",
            target=order,
            summary={"sha256": order.blob_id, "finding": finding},
            at=at,
        )
        today = timezone.localdate(at)
        leads = Membership.objects.standing(today).filter(organisation=order.organisation, role=Role.DSPT_LEAD)
        receivers = {user.email for user in User.objects.filter(pk__in=leads.values("user"))}
        receivers |= {order.uploaded_by.email} if order.uploaded_by is not None else set()
        for address in sorted(receivers - {""}):
            mail.send_on_commit(*_letter(order), address)
    return judged


def _letter(order: ScanOrder) -> tuple[str, str]:
    """Without the file's name or the organisation's data: e-mail is no place for them."""
    day = timezone.localtime(order.ordered_at)
    return (
        "A file that was brought in has a virus",
        f"A file brought into {settings.PRODUCT_NAME} on {day:%d %B %Y} at {day:%H:%M} has a virus.\n\n"
        "It is kept apart: nobody can open it, and it goes into no evidence pack. Tell whoever looks after the computer "
        "that it came from, and bring in a clean copy.\n\n"
        f"Sign in to see which file it is: {settings.BASE_URL}\n",
    )


def _check_limits(size: int, *, organisation: Organisation, by: User | str, at: datetime) -> None:
    user = _user(by)
    if user is not None:
        since = at - timedelta(hours=1)
        lately = DocumentVersion.objects.filter(added_by=user, added_at__gt=since, blob__isnull=False).count()
        lately += WaitingFile.objects.filter(uploaded_by=user, uploaded_at__gt=since).count()
        if lately >= settings.UPLOADS_PER_HOUR:
            raise UploadLimitError(f"You have brought in {settings.UPLOADS_PER_HOUR} files within an hour. Go on in an hour.")
    stored = Blob.objects.filter(versions__document__organisation=organisation).distinct()
    total = Blob.objects.filter(pk__in=stored.values("pk")).aggregate(total=Sum("size"))["total"] or 0
    if total + size > settings.ORGANISATION_STORAGE_BYTES:
        most = settings.ORGANISATION_STORAGE_BYTES // 1024 // 1024
        raise UploadLimitError(
            f"Your organisation keeps {most} MB of files, which is all there is room for. Say where it is kept instead, "
            "or ask whoever looks after Tenfold for more room."
        )


def _user(by: User | str) -> User | None:
    return by if isinstance(by, User) else None
