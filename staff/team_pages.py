"""What other apps show managers of their teams. Each registers its page in ``AppConfig.ready``; the team's page links to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TeamPage:
    """A page about the reader's own team."""

    label: str
    url_name: str


_pages: list[TeamPage] = []


def register(label: str, url_name: str) -> None:
    """Add a page for everybody who sees a team (``Capability.TEAM_VIEW``)."""
    page = TeamPage(label, url_name)
    if page not in _pages:
        _pages.append(page)


def all_pages() -> list[TeamPage]:
    """Every page, by label."""
    return sorted(_pages, key=lambda page: page.label)
