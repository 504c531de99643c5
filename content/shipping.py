"""Putting content that ships with us into the CMS, without ever undoing an editor's work.

A page that was loaded is remembered with the digest of what was loaded. As long as the page still has that
digest it is ours to bring up to date. Once somebody has changed, unpublished, moved or deleted it, it is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from wagtail.models import Page

from content.models import ShippedContent, WrittenPage

P = TypeVar("P", bound=WrittenPage)


@dataclass
class Tally:
    """What loading did, by key of the content."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    """Changed or deleted here since it was loaded, or an address somebody else's page has."""

    def as_json(self) -> dict[str, Any]:
        return {
            "created": len(self.created),
            "updated": len(self.updated),
            "unchanged": len(self.unchanged),
            "left_alone": sorted(self.left_alone),
        }


def ship(key: str, wanted: P, *, parent: Page, tally: Tally, at: datetime) -> P | None:
    """Bring one page up to what ships.

    Args:
        key: names the content for good, whatever an editor does to title or address.
        wanted: an unsaved page with the shipped values.
        parent: where it goes when it is new.
        tally: gets the key.
        at: when it is loaded.

    Returns:
        The page as it now is, an editor's included; None when there is none because somebody deleted it
        or another page has its address.
    """
    shipped = ShippedContent.objects.filter(key=key).select_related("page").first()
    if shipped is None:
        if Page.objects.child_of(parent).filter(slug=wanted.slug).exists():
            tally.left_alone.append(key)
            return None
        return _create(key, wanted, parent=parent, tally=tally, at=at)
    if shipped.page is None:
        tally.left_alone.append(key)
        return None
    page: P = shipped.page.specific
    if is_edited(page, shipped):
        tally.left_alone.append(key)
        return page
    digest = wanted.fingerprint()
    if digest == shipped.content_hash:
        tally.unchanged.append(key)
        return page
    for name in ("title", "slug", *wanted.written):
        setattr(page, name, getattr(wanted, name))
    page.draft_title, page.last_published_at = page.title, at
    page.save()
    _keep_revision(page)
    ShippedContent.objects.filter(pk=shipped.pk).update(content_hash=digest, loaded_at=at)
    tally.updated.append(key)
    return page


def is_edited(page: WrittenPage, shipped: ShippedContent) -> bool:
    """Whether somebody has changed the page since it was loaded: its text, a draft, or whether it is published."""
    return not page.live or page.has_unpublished_changes or page.fingerprint() != shipped.content_hash


def _create(key: str, wanted: P, *, parent: Page, tally: Tally, at: datetime) -> P:
    wanted.first_published_at = wanted.last_published_at = at
    parent.add_child(instance=wanted)
    _keep_revision(wanted)
    ShippedContent.objects.create(key=key, page=wanted, content_hash=wanted.fingerprint(), loaded_at=at)
    tally.created.append(key)
    return wanted


def _keep_revision(page: WrittenPage) -> None:
    """Keep a revision to come back to, and tell nobody of it: whoever loads says when the whole is ready."""
    page.live_revision = page.save_revision(changed=False, clean=False)
    Page.objects.filter(pk=page.pk).update(live_revision=page.live_revision)
