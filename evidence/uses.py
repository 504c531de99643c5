"""Where documents are used. Apps above say so: they register a finder, and this app asks without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access


@dataclass(frozen=True)
class Use:
    """One place that points to a version of a document."""

    version_id: int
    label: str
    url: str


Finder = Callable[[Organisation, Iterable[int]], Iterable[Use]]
"""Given an organisation and ids of its document versions, every use of them."""

_finders: dict[str, tuple[Finder, Capability]] = {}


def register(name: str, finder: Finder, capability: Capability) -> None:
    """Add a kind of use. Who may not see the place itself is told nothing of it."""
    _finders[name] = (finder, capability)


def uses_of(version_ids: Iterable[int], *, access: Access) -> Mapping[int, list[Use]]:
    """The uses of versions that somebody may see, by version."""
    ids = list(version_ids)
    found: dict[int, list[Use]] = {pk: [] for pk in ids}
    for finder, capability in _finders.values():
        if access.can(capability):
            for use in finder(access.organisation, ids):
                found[use.version_id].append(use)
    return found
