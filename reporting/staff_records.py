"""Inductions, contract clauses and training for key posts as figures that an assessment can take, in the registers' own form."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from courses.staff_record_figures import StaffFigure, all_figures
from registers.catalogue import Figure, Footing

SLUG = "staff-records"
"""The part before the dot in the keys of these figures."""


def figures_on(organisation: Organisation, on: date) -> list[Figure]:
    """The three figures on a day."""
    return [_figure(found) for found in all_figures(organisation, on=on)]


def may_view(access: Access) -> bool:
    """Whether somebody may see the page that the figures lead to."""
    return access.can(Capability.REPORTS_VIEW)


def _figure(found: StaffFigure) -> Figure:
    """Of nobody the figure says so and has no number; where nobody has a record, it is 0 of so many."""
    key, definition, link = f"{SLUG}.{found.kind}", " ".join(found.definition), reverse("courses:staff_record_home")
    if not found.denominator:
        return Figure(key, found.sentence, definition, found.on, link, footing=Footing.NOTHING)
    needs_attention = found.numerator < found.denominator
    return Figure(
        key, found.sentence, definition, found.on, link, found.numerator, found.denominator, needs_attention=needs_attention
    )
