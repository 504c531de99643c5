"""Live figures and the confirmation of assertions."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from assessment import figures, register_figures
from assessment.edition_format.types import Item
from assessment.models import Assessment, Confirmation, EditionItem, LiveReading, RegisterReading, Response
from assessment.queries import read_return
from assessment.services.answering import spec_of
from assessment.services.steps import (
    AssessmentRefusedError,
    begin_if_waiting,
    locked,
    locked_for_work,
    london_day,
    state_of,
    tell,
    user_or_none,
)
from assessment.states import require_editable
from reporting.readings import UnknownCourseError


@transaction.atomic
def keep_register_readings(response: Response, *, by: User | str, at: datetime) -> list[RegisterReading]:
    """Keep what the registers say today about an item, as it stands. What was kept already is not kept again.

    Raises:
        AssessmentRefusedError: no register bears on the item.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(response)
    found = register_figures.figures_for(assessment.organisation, response.item.item_id, on=london_day(at))
    if not found:
        raise AssessmentRefusedError("No register bears on this item.")
    kept = []
    for said in map(register_figures.stated, found):
        digest = register_figures.digest_of(said)
        values = said | {"as_of": london_day(at), "taken_by": user_or_none(by), "taken_at": at}
        place = {"assessment": assessment, "item": response.item, "key": values.pop("key"), "digest": digest}
        reading, created = RegisterReading.objects.get_or_create(**place, defaults=values)
        if created:
            kept.append(reading)
    if kept:
        begin_if_waiting(assessment, by=by, at=at)
        summary = {"number": response.item.number, "as_of": london_day(at).isoformat(), "figures": [one.key for one in kept]}
        tell("assessment.register_reading_kept", assessment, by=by, at=at, target=response, summary=summary)
    return kept


@transaction.atomic
def take_reading(response: Response, *, as_of: date, by: User | str, at: datetime) -> LiveReading:
    """Count the figure an item asks for, as at a date, and keep it with the rows that add up to it.

    Raises:
        AssessmentRefusedError: the item has no figure of its own, or the date is in the future.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked_for_work(response)
    if as_of > london_day(at):
        raise AssessmentRefusedError(
            "The figure cannot be taken for a day to come. It is taken for the planned date when the return is signed."
        )
    begin_if_waiting(assessment, by=by, at=at)
    return keep_reading(assessment, response, as_of=as_of, by=by, at=at)


def keep_reading(
    assessment: Assessment, response: Response, *, as_of: date, by: User | str, at: datetime, with_documents: bool = False
) -> LiveReading:
    """Take and keep a figure, in whatever state the return is.

    Signing and publishing take theirs ``with_documents``, inside their own transaction: statement and workbook are made
    once, of the very figure that is signed.
    """
    spec = spec_of(assessment, response)
    if not isinstance(spec, Item) or spec.live is None:
        raise AssessmentRefusedError("This item has no figure that can be counted here.")
    try:
        counted = figures.count(assessment, spec, as_of=as_of)
    except UnknownCourseError as missing:
        raise AssessmentRefusedError(f"The training figure cannot be counted. {missing}") from missing
    reading = counted.as_row(assessment, response.item, by=user_or_none(by), at=at)
    if with_documents:
        try:
            reading.snapshot = figures.snapshot(assessment, spec, counted, by=by, at=at)
        except figures.FigureMovedError as moved:
            raise AssessmentRefusedError(str(moved)) from moved
    reading.save()
    summary = {
        "number": response.item.number,
        "as_of": as_of.isoformat(),
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "digest": reading.digest,
    }
    tell("assessment.reading_taken", assessment, by=by, at=at, target=response, summary=summary)
    return reading


@transaction.atomic
def confirm_assertion(assessment: Assessment, assertion: EditionItem, *, by: User | str, at: datetime) -> Confirmation:
    """Confirm that an assertion is true as it stands. Confirming what is confirmed returns the confirmation that is there.

    Raises:
        AssessmentRefusedError: a required item of it is not satisfied, exempt or rightly not applicable; or it is not of this return.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked(assessment)
    require_editable(state_of(assessment))
    whole = read_return(assessment, on=london_day(at))
    found = next((part for part in whole.assertions() if part.id == assertion.item_id), None)
    if found is None:
        raise AssessmentRefusedError("This assertion is not part of this return.")
    if whole.is_confirmed(found):
        return whole.latest_confirmations[found.id]
    unsettled = whole.unsettled_required(found)
    if unsettled:
        reasons = " ".join(f"{leaf.number}: {whole.verdict(leaf).reason}" for leaf in unsettled)
        raise AssessmentRefusedError(f"Assertion {found.number} cannot be confirmed yet. {reasons}")
    confirmation = Confirmation.objects.create(
        assessment=assessment,
        assertion=assertion,
        digest=whole.assertion_digest(found),
        scheme=Confirmation.BY_ITEM,
        by=user_or_none(by),
        at=at,
    )
    begin_if_waiting(assessment, by=by, at=at)
    summary = {"number": found.number, "digest": confirmation.digest}
    tell("assessment.confirmed", assessment, by=by, at=at, target=confirmation, summary=summary)
    return confirmation
