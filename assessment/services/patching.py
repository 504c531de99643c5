"""Taking a corrected version of the list up into a return that is being worked on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from assessment import answers
from assessment.edition_changes import REMOVED
from assessment.leaves import Leaf
from assessment.loading import file_of
from assessment.models import (
    Assessment,
    Confirmation,
    Edition,
    EditionItem,
    EditionMove,
    PlanAction,
    Response,
    ResponseVersion,
)
from assessment.patches import ReturnPatch, patch_of
from assessment.queries import AssessmentReturn, read_return
from assessment.requirements import STRUCTURAL, specs_for
from assessment.services.answering import withdraw_plan_action
from assessment.services.opening import LEAVES
from assessment.services.steps import AssessmentRefusedError, locked, london_day, state_of, tell, user_or_none
from assessment.states import require_editable


@transaction.atomic
def take_up_edition(assessment: Assessment, newer: Edition, *, by: User | str, at: datetime) -> EditionMove:
    """Go over to a corrected version of the return's list.

    Help that changed is shown and touches nothing. A reworded question keeps its answer, which somebody looks at again. Where
    something else is asked, the answer is kept but does not count until somebody says that it holds. Confirmations stand where
    nothing that they bind to has changed.

    Raises:
        AssessmentRefusedError: it is no newer version of the same list, or is not in use.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = locked(assessment)
    require_editable(state_of(assessment))
    older = assessment.edition
    if newer.edition_id != older.edition_id or newer.version_key <= older.version_key or newer.status != "active":
        raise AssessmentRefusedError("This is no newer version of the list that the return is on. Choose the newest one in use.")
    whole = read_return(assessment, on=london_day(at))
    patch = patch_of(whole, file_of(newer))
    _restate_confirmations(whole)
    _drop_plans(patch, by=by, at=at)
    _place_items(assessment, newer)
    _send_to_recheck(patch, at=at)
    if assessment.due_on == patch.whole.edition_file.header.calendar.final:
        assessment.due_on = patch.newer.header.calendar.final
    assessment.edition = newer
    assessment.save(update_fields=["edition", "due_on"])
    seen = {leaf.item_id: leaf.version_number for leaf in whole.leaves}
    move = EditionMove.objects.create(
        assessment=assessment,
        from_edition=older,
        to_edition=newer,
        changes=[change.kept(seen=seen.get(change.item_id, 0)) for change in patch.changes.items],
        by=user_or_none(by),
        at=at,
    )
    summary = {
        "edition": newer.edition_id,
        "from": older.version,
        "version": newer.version,
        "help": len(patch.help_only),
        "reworded": len(patch.reworded),
        "restructured": len(patch.restructured),
        "rechecked": len(patch.to_recheck),
        "lapsed": len(patch.lapsing),
    }
    tell("assessment.edition_taken_up", assessment, by=by, at=at, target=move, summary=summary)
    return move


def _restate_confirmations(whole: AssessmentReturn) -> None:
    """Confirmations that bind to the whole older list, and stand, are written again as binding to what each item asks."""
    Confirmation.objects.bulk_create(
        Confirmation(
            assessment=whole.assessment,
            assertion=latest.assertion,
            digest=whole.assertion_digest(assertion),
            scheme=Confirmation.BY_ITEM,
            restates=latest,
            by=latest.by,
            at=latest.at,
        )
        for assertion in whole.assertions()
        if assertion.id in whole.confirmed
        and (latest := whole.latest_confirmations[assertion.id]).scheme == Confirmation.WHOLE_EDITION
    )


def _drop_plans(patch: ReturnPatch, *, by: User | str, at: datetime) -> None:
    """Nothing is planned any more about what is no longer asked."""
    for change in patch.changes.of_impact(REMOVED):
        leaf = patch.whole.by_item_id[change.item_id]
        if leaf.plan_action is not None:
            withdraw_plan_action(leaf.response, by=by, at=at)


def _place_items(assessment: Assessment, newer: Edition) -> None:
    """Every item of the newer list that is asked has its place in the return; what is no longer asked keeps its history."""
    checked = file_of(newer)
    asked = {item.id for item in checked.items_for(assessment.type_snapshot)} | {outcome.id for outcome in checked.outcomes()}
    rows = {row.item_id: row for row in EditionItem.objects.filter(edition=newer, kind__in=LEAVES) if row.item_id in asked}
    places = {response.item.item_id: response for response in assessment.responses.select_related("item")}
    for item_id, row in rows.items():
        if item_id in places:
            places[item_id].item = row
    Response.objects.bulk_update([places[item_id] for item_id in rows if item_id in places], ["item"])
    Response.objects.bulk_create(
        Response(assessment=assessment, item=row) for item_id, row in rows.items() if item_id not in places
    )
    planned = list(PlanAction.objects.filter(assessment=assessment, withdrawn_at__isnull=True).select_related("item"))
    for action in planned:
        action.item = rows.get(action.item.item_id, action.item)
    PlanAction.objects.bulk_update(planned, ["item"])


def _send_to_recheck(patch: ReturnPatch, *, at: datetime) -> None:
    specs = {spec.id: spec for spec, _ in specs_for(patch.newer, patch.whole.assessment.type_snapshot)}
    found = []
    for change in patch.changes.of_impact(STRUCTURAL):
        if not patch.is_answered(change):
            continue
        leaf = patch.whole.by_item_id[change.item_id]
        current = leaf.current
        before = current.value if current else None
        value = answers.refitted(specs[change.item_id], before, levels=patch.newer.levels, today=london_day(at))
        found.append(
            ResponseVersion(
                response=leaf.response,
                n=leaf.version_number + 1,
                value=value,
                comment=_comment(leaf, is_kept=value is not None or before is None),
                applicability=current.applicability if current else ResponseVersion.Applicability.APPLIES,
                reason=current.reason if current else "",
                origin=ResponseVersion.Origin.CHANGED,
                author=current.author if current else None,
                at=at,
            )
        )
    ResponseVersion.objects.bulk_create(found)


def _comment(leaf: Leaf, *, is_kept: bool) -> str:
    """The comment as it was, with the answer in words where the new requirement has no room for it."""
    comment = leaf.current.comment if leaf.current else ""
    return comment if is_kept else "\n".join(part for part in (f"Answered before: {leaf.value_in_words}", comment) if part)
