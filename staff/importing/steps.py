"""How far an import is, in steps that whoever waits for it can follow."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class Step(Enum):
    """The steps in their order, in words for the page. Nothing is on the staff list before the last is done."""

    READ = "Reading the file"
    COMPARE = "Comparing it with the staff list"
    CHECK = "Checking that nobody has changed the list meanwhile"
    JOINERS = "Writing the people who join"
    CHANGES = "Writing what changes for people on the list"
    ROWS = "Noting every change, so that it can be undone"
    ROLES = "Giving managers their role"


Tell = Callable[[Step], None]


def nobody_waits(step: Step) -> None:
    """For imports without a page."""
