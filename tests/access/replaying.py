"""What Tenfold answered is read by a real browser, as often as is wanted and without asking the database again.

The answers are collected first and then served, with their headers, by a server that knows nothing else but static files. So the
browser stands under our policy, and nothing has to be committed to a database that another process could read.
"""

from __future__ import annotations

import mimetypes
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from django.contrib.staticfiles import finders
from lxml import html
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Error, Request, sync_playwright

from tests.access import vectors
from tests.access.walking import Answer
from tests.browser.conftest import CHROMIUM_FLAGS

TELL = """
window.zqx = (number) => { console.error(`ran: ${number}`); return ''; };
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`stopped by our policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
"""Runs before anything of a page: the function that every vector calls, and whatever our policy stops."""
NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
NOT_SENT_ON = {"content-length", "set-cookie", "connection", "transfer-encoding"}
DRAWN_ANEW = re.compile(rb'nonce="[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|data-nonce="[^"]+"')


@cache
def static_file(name: str) -> tuple[str, bytes]:
    found = finders.find(name)
    return mimetypes.guess_type(name)[0] or "text/plain", Path(found).read_bytes() if found else b""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Replay

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            kind, body = static_file(unquote(self.path.partition("?")[0].removeprefix("/static/")))
            self._send(200, {"Content-Type": kind, "Cache-Control": "max-age=3600"}, body)
            return
        answer = self.server.answers.get(self.path)
        if answer is None:
            self._send(404, {}, b"")
        else:
            self._send(answer.response.status_code, dict(answer.response.items()), answer.body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send(204, {}, b"")

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in NOT_SENT_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Nobody reads a log of this."""


class Replay(ThreadingHTTPServer):
    """Serves answers by their address."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.origin = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def a_browser() -> Iterator[Browser]:
    """While it is open there is an event loop, so the database cannot be asked."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM_FLAGS, NOWHERE_ELSE])
        yield browser
        browser.close()


@contextmanager
def replaying() -> Iterator[Replay]:
    server = Replay()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Reader:
    """A browser that opens pages and notes whatever ran, was stopped, asked elsewhere or stands in the page by somebody's words."""

    def __init__(self, browser: Browser, server: Replay) -> None:
        self.server = server
        self.faults: list[tuple[str, str]] = []
        self.opened = 0
        self._parts: set[str] = set()
        self._context = browser.new_context(viewport={"width": 1200, "height": 900})
        self._context.add_init_script(TELL)
        self._page = self._context.new_page()
        self._page.set_default_timeout(20_000)
        self._context.on("page", lambda opened: self._note(f"opened another page: {opened.url}"))
        self._page.on("dialog", self._dialog)
        self._page.on("console", self._console)
        self._page.on("pageerror", lambda error: self._note(f"error: {error}"))
        self._page.on("request", self._request)
        self._at = ""
        self._is_a_picture = False
        """Matplotlib writes styles into its drawings, which a page shows as pictures; opened by themselves they go without."""

    def read(self, answers: Iterable[Answer]) -> None:
        """Open each page and picture of which any part, apart from what is drawn anew each time, was not opened before."""
        answers = list(answers)
        self.server.answers |= {answer.url: answer for answer in answers}
        for answer in answers:
            if answer.is_page or answer.is_picture:
                parts = {sha256(part).hexdigest() for part in parts_of(answer.body)}
                if not parts <= self._parts:
                    self._parts |= parts
                    self._is_a_picture = answer.is_picture
                    self.open(f"{self.server.origin}{answer.url}")

    def open(self, address: str) -> None:
        self._at, self.opened = address, self.opened + 1
        try:
            self._page.goto(address, wait_until="load")
            self._page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
            live = html.document_fromstring(self._page.content())
        except Error as error:  # it has gone elsewhere by itself
            self._note(f"did not stay: {error}")
            return
        for what in vectors.would_run(live):
            if vectors.MARK in what:  # the nonce of our own scripts is not told to whoever reads the page
                self._note(what)

    def close(self) -> None:
        self._context.close()

    def _note(self, what: str) -> None:
        self.faults.append((self._at.removeprefix(self.server.origin), what[:300]))

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        stopped = "policy" in message.text.casefold()
        of_the_drawing = "style" in message.text and vectors.MARK not in message.text and self._is_a_picture
        if message.text.startswith("ran: ") or (stopped and not of_the_drawing):
            self._note(message.text)

    def _request(self, request: Request) -> None:
        if request.url.startswith(("data:", "blob:")) or request.url == self._at:
            return
        place = self._at.rpartition("/")[0] if self._at.startswith("file:") else f"{self.server.origin}/"
        if not request.url.startswith(place) or vectors.MARK in request.url:
            self._note(f"asked {request.url}")


def parts_of(body: bytes) -> list[bytes]:
    """The words of what stands above every page, whichever page it is, and the main part; of a picture all."""
    body = DRAWN_ANEW.sub(b"", body)
    before, main, rest = body.partition(b"<main")
    if not main:
        return [body]
    header = before.partition(b"<header")[2]
    return [b" ".join(re.sub(rb"<[^>]*>", b" ", header).split()), rest.partition(b"</main>")[0]]
