"""Files that belong to an incident or a request: out of the library of those who do not handle them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation, User
from evidence.models import DocumentKind, DocumentVersion
from evidence.services import add_document


def keep_restricted(
    organisation: Organisation, *, reference: str, file: tuple[bytes, str], by: User, at: datetime
) -> DocumentVersion:
    """Keep a file that only those who handle incidents and requests may find and open.

    Raises:
        UploadRefusedError: the file is of a kind we do not keep.
    """
    return add_document(
        organisation,
        title=f"{reference}: {file[1]}"[:200],
        kind=DocumentKind.OTHER,
        needs=Capability.INCIDENTS_HANDLE,
        file=file,
        received_on=timezone.localdate(at),
        by=by,
        at=at,
    )
