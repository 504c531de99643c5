"""What a page's HTML says of itself: headings, links, controls without a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse


@dataclass
class Markup(HTMLParser):
    """Headings as ``(level, text)``, the addresses of links, and ids in order."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._heading: list[str] | None = None
        self._control: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._heading = []
        if tag in ("a", "button"):
            self._control = [given.get("aria-label") or ""]

    def handle_data(self, data: str) -> None:
        for words in (self._heading, self._control):
            if words is not None:
                words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() and self._heading is not None:
            self.headings.append((int(tag[1]), " ".join("".join(self._heading).split())))
            self._heading = None
        if tag in ("a", "button") and self._control is not None:
            if not "".join(self._control).strip():
                self.nameless.append(tag)
            self._control = None


def read(response: HttpResponse) -> Markup:
    """Parse a response."""
    markup = Markup()
    markup.feed(response.content.decode())
    return markup


def faults(response: HttpResponse) -> list[str]:
    """What is wrong with a page's structure: status, one h1, levels in order, ids once, controls named."""
    if response.status_code != 200:
        return [f"status {response.status_code}"]
    page, found = read(response), []
    levels = [level for level, _ in page.headings]
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} h1")
    before = 1  # the banner of a message stands above the h1 and has an h2
    for level, text in page.headings:
        if level > before + 1:
            found.append(f"h{level} after h{before}: {text}")
        before = level
    found += [f"empty h{level}" for level, text in page.headings if not text]
    found += [f"id {name} twice" for name in sorted({i for i in page.ids if page.ids.count(i) > 1})]
    found += [f"nameless {tag}" for tag in page.nameless]
    return found
