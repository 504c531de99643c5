"""An empty test database kept between runs, because migrating takes a minute and copying takes a moment.

The copy is named by a digest of every migration, so a changed migration makes a new one. ``pytest --create-db``
(what CI uses) migrates from nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import ProgrammingError

_KEPT_IN = Path.home() / ".cache" / "tenfold"
_KEEP = 8


def restore() -> bool:
    """Puts the kept copy where the test database will be looked for; False when there is none yet."""
    name = _test_name()
    if connection.vendor == "sqlite":
        kept = kept_file()
        if not kept.exists():
            return False
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        for left in (name, f"{name}-wal", f"{name}-shm"):
            Path(left).unlink(missing_ok=True)
        shutil.copyfile(kept, name)
        return True
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_kept_name()])
        if cursor.fetchone() is None:
            return False
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_kept_name()}"')
    return True


def keep() -> None:
    """Keeps a copy of the test database as it is now: migrated and empty."""
    if connection.vendor == "sqlite":
        kept = kept_file()
        kept.parent.mkdir(parents=True, exist_ok=True)
        being_written = kept.with_suffix(f".{os.getpid()}")
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            closing(sqlite3.connect(being_written)) as copy,
        ):
            source.backup(copy)
        being_written.replace(kept)
        for old in sorted(_KEPT_IN.glob("empty-*"), key=lambda file: -file.stat().st_mtime)[_KEEP:]:
            old.unlink(missing_ok=True)
        return
    name = connection.settings_dict["NAME"]
    connection.close()
    with connection._nodb_cursor() as cursor:
        try:
            cursor.execute(f'CREATE DATABASE "{_kept_name()}" TEMPLATE "{name}"')
        except ProgrammingError:
            return  # another worker kept it first


@contextmanager
def another(folder: Path) -> Iterator[str]:
    """The address of one more empty database, for processes that a test starts and kills; it goes away afterwards."""
    if connection.vendor == "sqlite":
        shutil.copyfile(kept_file(), folder / "another.sqlite3")
        yield f"sqlite:///{folder / 'another.sqlite3'}"
        return
    name, given = f"{_test_name()}_another", connection.settings_dict
    host = f"{given['HOST'] or '127.0.0.1'}:{given['PORT'] or 5432}"
    secret = f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else ""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_kept_name()}"')
    try:
        yield f"postgres://{given['USER']}{secret}@{host}/{name}"
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _test_name() -> str:
    return connection.creation._get_test_db_name()


def kept_file() -> Path:
    """The kept copy of the present migrations for SQLite, whether or not it is there."""
    return _KEPT_IN / f"empty-{_digest_of_migrations()}.sqlite3"


def _kept_name() -> str:
    return f"tenfold_empty_{_digest_of_migrations()}"


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    for key in sorted(migrations):
        module = __import__(migrations[key].__module__, fromlist=["Migration"])
        digest.update(repr(key).encode() + Path(module.__file__).read_bytes())
    return digest.hexdigest()[:16]
