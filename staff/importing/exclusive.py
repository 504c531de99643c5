"""One import of an organisation at a time. The lock dies with whoever holds it, so that a crash locks nobody out."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.models import Organisation
from staff.importing import uploads

_LOCKS_OF_IMPORTS = 4_702_001
"""Sets our advisory locks on PostgreSQL apart from anybody else's."""


class ImportBusyError(Exception):
    """Another import of the organisation is running; the text says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "Another staff list of your organisation is being imported at this moment. "
            "Nothing is lost: wait until that import is done, then do this again."
        )


@contextmanager
def only_import_of(organisation: Organisation) -> Iterator[None]:
    """Be the only import of an organisation, or refuse at once.

    PostgreSQL keeps the lock for the transaction that is opened here. SQLite knows no locks but the one on all
    writing, which would stop the whole site while a file is compared: there it is a lock on a file.

    Raises:
        ImportBusyError: another import of the organisation is running.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCKS_OF_IMPORTS, organisation.pk])
                if not cursor.fetchone()[0]:
                    raise ImportBusyError
            yield
        return
    folder = uploads.folder().parent / "locks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"import-{organisation.pk}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ImportBusyError from error
        yield
