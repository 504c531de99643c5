"""Asking ClamAV about bytes, over its socket (INSTREAM). Whatever is not a clear answer counts as none."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PIECE = 64 * 1024
LONGEST_ANSWER = 4096
_INFECTED = re.compile(r"stream: (.+) FOUND")


class ScannerAwayError(Exception):
    """The scanner gave no clear answer: it is away, slow, full, or says what we do not know. Nothing is clean by that."""


def is_set_up() -> bool:
    return bool(settings.SCANNER)


def check() -> None:
    """Look at the setting.

    Raises:
        ImproperlyConfigured: it is neither ``tcp://host:port`` nor ``unix:///path``.
    """
    parts = urlsplit(settings.SCANNER)
    if settings.SCANNER and not (
        (parts.scheme == "tcp" and parts.hostname and parts.port) or (parts.scheme == "unix" and parts.path)
    ):
        raise ImproperlyConfigured("Set SCANNER to tcp://host:port or unix:///path/of/the/socket, or leave it out.")


def finding(content: bytes) -> str:
    """What the scanner found in the bytes; empty if they are clean.

    Raises:
        ScannerAwayError: there is no clear answer.
    """
    try:
        answer = _ask(content)
    except OSError as error:
        raise ScannerAwayError(type(error).__name__) from error
    if answer == "stream: OK":
        return ""
    found = _INFECTED.fullmatch(answer)
    if found is None:
        raise ScannerAwayError("no clear answer")
    return found[1][:200]


def _ask(content: bytes) -> str:
    with closing(_connected()) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            connection.sendall(len(piece).to_bytes(4, "big") + piece)
        connection.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            more = connection.recv(LONGEST_ANSWER)
            if not more:
                break
            answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip() if answer.endswith(b"\0") else ""


def _connected() -> socket.socket:
    parts = urlsplit(settings.SCANNER)
    if parts.scheme == "tcp":
        return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=settings.SCANNER_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(settings.SCANNER_SECONDS)
    try:
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection
