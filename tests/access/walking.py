"""Coming to every address once, and what was answered: several tests look at the same answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from urllib.parse import unquote

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse
from lxml import html

from tests.access import world


@dataclass(frozen=True)
class Answer:
    """What one address answered."""

    name: str
    parts: tuple[str, ...]
    url: str
    response: HttpResponse
    body: bytes

    @property
    def is_page(self) -> bool:
        return self.response.status_code == 200 and self.response.get("Content-Type", "").startswith("text/html")

    @property
    def is_picture(self) -> bool:
        return self.response.status_code == 200 and self.response.get("Content-Type", "").startswith("image/svg")

    @cached_property
    def tree(self) -> html.HtmlElement:
        """The page as a browser would take it apart."""
        return html.document_fromstring(self.body.decode(), base_url=self.url)

    def addresses(self) -> set[str]:
        """Every address that a browser may ask for because of this answer, as words."""
        found = {self.url, self.response.get("Location", "")}
        if self.is_page:
            found |= {str(value) for value in self.tree.xpath("//@href|//@src|//@action|//@formaction")}
        return {unquote(address) for address in found if not address.startswith("mailto:")}


def walk(client: Client, side: world.Side, *, method: str = "get") -> Iterator[Answer]:
    """Come to every address of ours, naming this side's objects."""
    for name, parts in world.addresses():
        yield ask(client, reverse(name, kwargs=world.parts_for(side, parts)), name=name, parts=parts, method=method)


def ask(client: Client, url: str, *, name: str = "", parts: tuple[str, ...] = (), method: str = "get") -> Answer:
    response = getattr(client, method)(url)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return Answer(name, parts, url, response, body)


def follow(client: Client, answers: Iterable[Answer], *, at_most: int = 1, in_the_cms: bool = False) -> Iterator[Answer]:
    """Come to what the pages lead to besides, and what those lead to: of each address some, and each word in an address once."""
    waiting, asked = list(answers), {answer.url for answer in answers}
    counts: Counter[tuple[str, ...]] = Counter()
    while waiting:
        page = waiting.pop()
        if not page.is_page:
            continue
        for url in sorted({href.partition("#")[0].partition("?")[0] for href in page.tree.xpath("//a/@href")} - asked):
            if not url.startswith("/") or url.startswith("/cms/") != in_the_cms or url.endswith("/logout/"):
                continue
            asked.add(url)
            match = resolve(url)
            words = [str(part) for part in match.kwargs.values() if not str(part).isdigit()]
            kind = (match.view_name, *words)
            counts[kind] += 1
            if counts[kind] > at_most:
                continue
            answer = ask(client, url, name=match.view_name, parts=tuple(match.kwargs))
            waiting.append(answer)
            yield answer


def digests() -> dict[str, str]:
    """What every table of the database holds now. Tables that no model knows are there too."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  names from the database itself
            found[table] = sha256("\n".join(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()
    return found


def changed_since(before: dict[str, str], *, but_for: Iterable[str] = ()) -> set[str]:
    """The tables that hold something else than they did."""
    after = digests()
    return {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)} - set(but_for)
