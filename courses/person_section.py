"""The training parts of a person's page on the staff list."""

from __future__ import annotations

from datetime import date

from accounts.enums import Capability
from accounts.policy import Access
from courses.models import Completion, StaffRecord
from courses.obligations import what_is_due
from courses.staff_record_figures import lines_of
from staff.models import Person
from staff.sections import Section

COMPLETIONS = 20


def training(person: Person, *, on: date, access: Access) -> Section | None:
    """What is asked of the person and what they completed: for those who may see named figures. No marks."""
    if not access.can(Capability.REPORTS_NAMED):
        return None
    done = Completion.objects.not_void().by(on).filter(person=person).select_related("course").order_by("-completed_on", "-pk")
    context = {
        "person": person,
        "due": what_is_due(person, on=on),
        "completions": list(done[:COMPLETIONS]),
        "may_take": access.can(Capability.RECORDS_IMPORT),
    }
    return Section("Training", "courses/parts/person_training.jinja", context)


def staff_records(person: Person, *, on: date, access: Access) -> Section | None:
    """Induction, contract clause and training for key posts: for those who may see named figures."""
    if not access.can(Capability.REPORTS_NAMED):
        return None
    records = StaffRecord.objects.not_void().filter(person=person, happened_on__lte=on)
    context = {
        "lines": lines_of(person, on=on),
        "records": list(records.order_by("-happened_on", "-pk")[:COMPLETIONS]),
        "may_withdraw": access.can(Capability.RECORDS_IMPORT),
    }
    return Section("Induction, contract and key posts", "courses/parts/person_staff_records.jinja", context)
