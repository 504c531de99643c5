"""Inductions, contract clauses, training for key posts and the posts themselves as figures that an assessment can take, in the registers' own form."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from courses.staff_record_figures import StaffFigure, all_figures
from registers.catalogue import Figure, Footing
from staff.queries import key_posts

SLUG = "staff-records"
"""The part before the dot in the keys of these figures."""


def figures_on(organisation: Organisation, on: date) -> list[Figure]:
    """The three figures of records on a day, and the key posts that are filled."""
    return [*(_figure(found) for found in all_figures(organisation, on=on)), _key_posts(organisation, on)]


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


def _key_posts(organisation: Organisation, on: date) -> Figure:
    """How many of the key posts that an organisation of its kind should have are held by somebody who has not left."""
    wanted = [state for state in key_posts(organisation, on) if state.is_wanted]
    vacant = [state.kind.label for state in wanted if all(getattr(post, "holder_has_left", False) for post in state.holders)]
    filled = len(wanted) - len(vacant)
    key, link = f"{SLUG}.key-posts", reverse("staff:key_post_list")
    definition = "Key posts that an organisation of this kind should have, with a holder on the date who has not left."
    if not wanted:
        return Figure(key, "No key post is asked of you.", definition, on, link, footing=Footing.NOTHING)
    sentence = f"{filled} of {len(wanted)} key posts are filled." + (f" Vacant: {', '.join(vacant)}." if vacant else "")
    return Figure(key, sentence, definition, on, link, filled, len(wanted), needs_attention=bool(vacant))
