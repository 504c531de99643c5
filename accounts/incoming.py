"""Files that are read at once, such as a staff list: looked at by the scanner, where there is one, before they are read.

What is kept as evidence goes another way: it is held until it has been looked at (``evidence.quarantine``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from accounts import scanner
from accounts.policy import Access
from accounts.scanner import ScannerAwayError
from audit.services import record

HAS_VIRUS = "This file has a virus and was not kept. Tell whoever looks after the computer it came from, and choose a clean copy."
CANNOT_LOOK = (
    "Files cannot be looked at for viruses just now, so nothing was kept. Choose the file again in some minutes. "
    "If it goes on, tell whoever looks after this installation."
)


class UpToTheLargest(FileUploadHandler):
    """Drops what comes after the largest file that any page takes, so that no upload fills the disk before a page can refuse it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.VIDEO_MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        return None


class IncomingFile(forms.FileField):
    """A file of up to ``most_bytes`` in which the scanner, where there is one, has found nothing."""

    default_error_messages = {"too_large": "The file is larger than %(megabytes)s MB. Choose a smaller one."}

    def __init__(self, *, most_bytes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most_bytes = most_bytes

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, UploadedFile):
            if (file.size or 0) > self.most_bytes:
                raise ValidationError(
                    self.error_messages["too_large"], "too_large", {"megabytes": self.most_bytes // 1024 // 1024}
                )
            look_at(file)
        return file


def look_at(file: Any) -> None:
    """Ask the scanner about a file, if there is one.

    Raises:
        ValidationError: it has a virus, or there is no clear answer; in words for whoever brought it in.
    """
    if not scanner.is_set_up():
        return
    file.seek(0)
    try:
        file.finding = scanner.finding(file.read())
    except ScannerAwayError as away:
        raise ValidationError(CANNOT_LOOK, "no_answer") from away
    file.seek(0)
    if file.finding:
        raise ValidationError(HAS_VIRUS, "virus")


def write_down_viruses(request: HttpRequest, access: Access | None, *, at: datetime) -> None:
    """Put what the scanner found in the files of a request on the trail."""
    brought: Any = getattr(request, "_files", None)
    for _name, files in brought.lists() if brought else ():
        for file in files:
            if getattr(file, "finding", ""):
                record(
                    "accounts.virus_refused",
                    organisation=access.organisation if access else "",
                    by=request.user if request.user.is_authenticated else "system",
                    target=request.user if request.user.is_authenticated else "",
                    summary={"finding": file.finding},
                    at=at,
                )
