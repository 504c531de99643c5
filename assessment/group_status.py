"""Where the return of each organisation of a group stands, from what was published and recorded; nobody's answers are read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import OuterRef, Subquery

from assessment.edition_format.words import LEVELS
from assessment.models import Assessment, OfficialStatus, Publication
from assessment.states import State
from nhsuk.jinja import day
from reporting.group_columns import Column


def dspt_column(organisations: Collection[int], *, on: date) -> Column:
    """The newest year of each: its state here, the standard that was published, and what the national site showed by the day."""
    frozen = Publication.objects.filter(assessment=OuterRef("pk")).values("computed_standard")[:1]
    returns = Assessment.objects.filter(organisation__in=organisations).with_state().annotate(standard=Subquery(frozen))
    rows = returns.order_by("year", "pk").values_list("organisation", "year", "recorded_state", "standard")
    newest = {organisation: (year, State(state).label, standard) for organisation, year, state, standard in rows}
    seen = OfficialStatus.objects.filter(organisation__in=organisations, recorded_on__lte=on).order_by("recorded_on", "pk")
    official = {row.organisation_id: row for row in seen}
    words: dict[int, list[str]] = {}
    for organisation, (year, state, standard) in newest.items():
        frozen_as = f", {LEVELS[standard]}" if standard else ""
        words.setdefault(organisation, []).append(f"{year}: {state}{frozen_as}")
    for organisation, row in official.items():
        words.setdefault(organisation, []).append(f"National site {row.year}: {row.status}, seen {day(row.recorded_on)}")
    return Column("DSPT", {pk: "; ".join(parts) for pk, parts in words.items()}, nothing="No return")
