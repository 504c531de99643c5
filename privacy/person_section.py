"""The part of a person's page that leads to a copy of what is held about them."""

from __future__ import annotations

from datetime import date

from accounts.enums import Capability
from accounts.policy import Access
from staff.models import Person
from staff.sections import Section


def what_is_held(person: Person, *, on: date, access: Access) -> Section | None:
    """For those who answer such requests."""
    if not access.can(Capability.PRIVACY_COPY):
        return None
    return Section("What is held about them", "privacy/parts/person_held.jinja", {"person": person})
