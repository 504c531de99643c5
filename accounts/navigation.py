"""The main menu. Each app adds its own entries in ``AppConfig.ready``; people see those they may use.

What somebody has been given to do comes first, and what everybody does after it, so that the first lines of the menu, which
are all that a phone shows, are one's work. The first line is also where signing in leads.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from accounts.enums import Capability, Role
from accounts.policy import ROLE_CAPABILITIES, Access, PlatformAccess


@dataclass(frozen=True)
class Entry:
    """One line of the menu. ``order`` sorts it: small numbers come first."""

    order: int
    label: str
    url_name: str
    capabilities: tuple[Capability, ...]

    @property
    def is_for_everybody(self) -> bool:
        return not ROLE_CAPABILITIES[Role.STAFF].isdisjoint(self.capabilities)


_entries: list[Entry] = []


def register(label: str, url_name: str, *capabilities: Capability, order: int) -> None:
    """Add a line for people who hold at least one of the capabilities."""
    entry = Entry(order, label, url_name, capabilities)
    if entry not in _entries:
        _entries.append(entry)


def entries_for(access: Access | PlatformAccess | None, path: str) -> list[dict[str, object]]:
    """The menu of one person, with the line that leads to the present page marked."""
    if access is None:
        return []
    lines: list[dict[str, object]] = []
    for entry in sorted(_entries, key=lambda e: (e.is_for_everybody, e.order)):
        if access.can(*entry.capabilities):
            href = reverse(entry.url_name)
            lines.append({"label": entry.label, "href": href, "current": path.startswith(href)})
    return lines
