"""The training part of a person's page on the staff list."""

from __future__ import annotations

from datetime import date

from accounts.enums import Capability
from accounts.policy import Access
from courses.models import Completion
from courses.obligations import what_is_due
from staff.models import Person
from staff.sections import Section

COMPLETIONS = 20


def training(person: Person, *, on: date, access: Access) -> Section | None:
    """What is asked of the person and what they completed: for those who may see named figures. No marks."""
    if not access.can(Capability.REPORTS_NAMED):
        return None
    done = Completion.objects.not_void().by(on).filter(person=person).select_related("course").order_by("-completed_on", "-pk")
    context = {"person": person, "due": what_is_due(person, on=on), "completions": list(done[:COMPLETIONS])}
    return Section("Training", "courses/parts/person_training.jinja", context)
