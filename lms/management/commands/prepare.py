"""Make the installation ready to start: database, static files, content and, if asked, the demonstration.

Quick when there is nothing to do, so that a second start takes seconds.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from audit.serving_role import why_not_apart
from lms.known_passwords import why_no_demonstration, why_no_real_use

STATIC_FOLDERS = ("nhsuk/static", "requirements.txt")


class Command(BaseCommand):
    """See the module."""

    help = "Migrates, collects static files and loads content where that is still to be done."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demonstration too")

    def handle(self, *args: Any, **options: Any) -> None:
        if refusal := why_not_apart():
            raise CommandError(refusal)
        is_new = self._unapplied_migrations()
        if is_new:
            self._say("Preparing the database (about half a minute) ...")
            call_command("migrate", interactive=False, verbosity=0)
        if refusal := why_no_demonstration() if options["demo"] else why_no_real_use():
            raise CommandError(refusal)
        self._collect_static()
        stamp = _Stamp("content")
        fingerprint = _fingerprint(_data_files())
        if is_new or stamp.read() != fingerprint:
            self._say("Loading guidance, courses, questions and editions ...")
            try:
                call_command("load_content", stdout=self.stderr)
            except SystemExit:
                self._say("Some of the content was not loaded; the lines above say what. Tenfold starts without it.")
            stamp.write(fingerprint)
        if options["demo"]:
            self._load_demonstration()
        self._say(f"Tenfold starts at {settings.BASE_URL} (stop it with Ctrl+C)")

    def _load_demonstration(self) -> None:
        from lms.demonstration.build import build  # the image leaves it out

        now = timezone.now()
        build(today=timezone.localdate(now), at=now, say=self._say)
        call_command("demo", "--sign-ins", stdout=self.stdout)

    def _unapplied_migrations(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    def _collect_static(self) -> None:
        stamp = _Stamp("static", folder=Path(settings.STATIC_ROOT))
        files = [file for name in STATIC_FOLDERS for file in _files_under(settings.ROOT / name)]
        fingerprint = _fingerprint(files)
        if stamp.read() != fingerprint:
            self._say("Collecting static files ...")
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write(fingerprint)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


class _Stamp:
    """Remembers for which state of the source something was last done, beside the thing itself."""

    def __init__(self, name: str, *, folder: Path | None = None) -> None:
        self.file = (folder or Path(settings.DATA_DIR)) / f".prepared-{name}-{connection.vendor}"

    def read(self) -> str:
        return self.file.read_text(encoding="ascii") if self.file.exists() else ""

    def write(self, fingerprint: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(fingerprint, encoding="ascii")


def _data_files() -> list[Path]:
    folders = ("content/data", "courses/data", "quizzes/data", "assessment/editions", "lms/management/commands/load_content.py")
    return [file for folder in folders for file in _files_under(settings.ROOT / folder)]


def _files_under(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _fingerprint(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(settings.ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
