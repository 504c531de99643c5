"""What a printed policy says beside its own words: whose it is, which version, who approved it and until when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nhsuk.jinja import day
from registers.models.policies import PolicyVersion
from registers.writing.markup import Block, blocks_of, printable


@dataclass(frozen=True)
class PolicyDocument:
    """A policy on its way to paper."""

    title: str
    organisation: str
    standing: str
    """``Version 2, review by 3 May 2027``: for the head of every page."""
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    dated: date
    """The date that the file carries, so that the same content gives the same bytes."""


def document_of(version: PolicyVersion, *, on: date, is_being_published: bool = False) -> PolicyDocument:
    """A version as a document.

    Args:
        version: with text of ours; a file that was uploaded is its own document.
        on: the day it is printed, for a draft; a published version says when it was published.
        is_being_published: whether this is the paper that is published on that day.
    """
    organisation = version.policy.organisation
    approval = version.approval
    published = version.publication.published_on if version.is_published else on if is_being_published else None
    draft = "" if published else " (draft)" if approval is None else " (approved, not yet published)"
    facts = [
        ("Version", f"{version.number}{draft}"),
        ("In force from", day(version.effective_on)),
        ("Review by", day(version.review_by)),
        ("Approved", f"{approval.approved_as}, {day(approval.approved_at)}" if approval else "Not yet"),
    ]
    if version.change_note:
        facts.append(("What changed", version.change_note))
    return PolicyDocument(
        title=printable(version.policy.title),
        organisation=printable(f"{organisation.name} ({organisation.ods_code})"),
        standing=f"Version {version.number}{draft}, review by {day(version.review_by)}",
        facts=tuple((name, printable(value)) for name, value in facts),
        blocks=tuple(blocks_of(version.body)),
        dated=published or on,
    )
