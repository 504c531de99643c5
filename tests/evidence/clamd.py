"""A small ClamAV of the tests' own: speaks INSTREAM over TCP or a Unix socket, and knows one virus, which harms nobody."""

from __future__ import annotations

import io
import socket
import zipfile
from contextlib import suppress
from pathlib import Path
from threading import Event as Signal
from threading import Thread

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Answers each stream. ``answer`` replaces the honest answer, and None hangs up without one."""

    def __init__(self, path: Path | None = None) -> None:
        self.socket = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_STREAM)
        self.socket.bind(str(path) if path else ("127.0.0.1", 0))
        self.socket.listen()
        self.address = f"unix://{path}" if path else f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.seen: list[bytes] = []
        self.answer: bytes | str | None = "honest"
        self.waits: Signal | None = None
        """Until this is set, it answers nothing."""
        self.unpacks = False
        """Whether it looks into archives too."""
        self.is_open = True
        Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self.is_open = False
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _serve(self) -> None:
        while self.is_open:
            try:
                connection, _from = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(length)
                self.seen.append(content)
                honest = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in self._opened(content) else b"stream: OK\0"
                if self.waits:
                    self.waits.wait(10)
                answer = honest if self.answer == "honest" else self.answer
                with suppress(OSError):  # whoever asked may have gone
                    stream.write(answer if isinstance(answer, bytes) else b"")
                    stream.flush()

    def _opened(self, content: bytes) -> bytes:
        if not self.unpacks or not zipfile.is_zipfile(io.BytesIO(content)):
            return content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
