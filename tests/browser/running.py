"""A whole Tenfold, as an operator starts it: its own database, web processes, worker and files."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

BIN = Path(sys.executable).parent
SECONDS_TO_START = 60


@dataclass
class Tenfold:
    """A running installation."""

    base_url: str
    folder: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run a command of ``manage.py`` and return what it printed. Fails the test when the command fails."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=settings.ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def letters(self) -> list[str]:
        """The e-mails sent so far, oldest first, as text."""
        files = sorted((self.folder / "mail").glob("*"), key=lambda file: file.stat().st_mtime)
        return [file.read_text(encoding="utf-8") for file in files]

    def link_sent_to(self, address: str) -> str:
        """The invitation link in the newest letter to an address."""
        for letter in reversed(self.letters()):
            for message in reversed(letter.split("-" * 79)):
                if f"To: {address}" in message:
                    return re.search(r"https?://\S+/accounts/password/\S+", message.replace("=\n", "").replace("=3D", "="))[0]
        raise AssertionError(f"nothing was sent to {address}")


@contextlib.contextmanager
def running_tenfold(folder: Path, *, database_url: str) -> Iterator[Tenfold]:
    """Prepare a Tenfold with the demonstration in the folder, start its processes, and stop them afterwards.

    Args:
        database_url: the address of a database of its own, empty or just migrated.
    """
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "PYTEST_"))},
        "DJANGO_SETTINGS_MODULE": "lms.settings.embedded",
        "DATABASE_URL": database_url,
        "TENFOLD_DATA_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "BLOB_ROOT": str(folder / "blobs"),
        "STATIC_ROOT": str(folder / "static"),
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "SECOND_FACTOR": "false",
        "BASE_URL": f"http://127.0.0.1:{port}",
    }
    tenfold = Tenfold(environment["BASE_URL"], folder, environment)
    tenfold.manage("prepare", "--demo")
    gunicorn = f"gunicorn lms.wsgi --bind 127.0.0.1:{port} --workers 1 --threads 4 --log-level warning"
    worker = "celery -A lms worker -P threads -c 1 -B --loglevel WARNING"
    with (
        process(command_of(gunicorn), environment, folder / "web.log"),
        process(["nice", "-n", "10", *command_of(worker)], environment, folder / "worker.log"),
    ):
        wait_until_it_answers(tenfold)
        yield tenfold


def command_of(words: str) -> list[str]:
    """A program of our virtual environment and what it is told."""
    program, *told = words.split()
    return [str(BIN / program), *told]


@contextlib.contextmanager
def process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        running = subprocess.Popen(
            command,
            cwd=settings.ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def wait_until_it_answers(tenfold: Tenfold) -> None:
    for _ in range(SECONDS_TO_START * 4):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{tenfold.base_url}/readyz", timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.25)
    raise AssertionError((tenfold.folder / "web.log").read_text(encoding="utf-8"))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
