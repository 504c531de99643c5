"""A change of the organisation's profile, with what it does to a return in work: both or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import Organisation, OrganisationProfile, User
from accounts.services import record_profile
from assessment.loading import file_of
from assessment.models import Assessment, Response, ResponseVersion
from assessment.profile_changes import Foreseen, answers_of, foresee, missing_items
from assessment.queries import read_return
from assessment.services.steps import locked, london_day, tell


@transaction.atomic
def change_profile(organisation: Organisation, answers: Mapping[str, str], *, by: User, at: datetime) -> list[Foreseen]:
    """Record what the organisation says of itself from today on, and have exactly those items looked at again whose duty changes.

    Answers not given stay as they were; the same answers again write nothing.

    Returns:
        What became of each open return that feels it.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    today = london_day(at)
    known = answers_of(organisation, today)
    wanted = known | dict(answers)
    if wanted == known and OrganisationProfile.objects.filter(organisation=organisation).exclude(type="").exists():
        return []
    felt = foresee(organisation, wanted, today=today)
    record_profile(organisation, effective_on=today, by=by, at=at, **wanted)
    for one in felt:
        _apply(one, wanted["type"], by=by, at=at)
    return felt


def _apply(foreseen: Foreseen, organisation_type: str, *, by: User, at: datetime) -> None:
    if foreseen.other_list:
        return
    assessment = locked(foreseen.assessment)
    if foreseen.type_changes_to:
        asked = frozenset(item.id for item in file_of(assessment.edition).items_for(organisation_type))
        Assessment.objects.filter(pk=assessment.pk).update(type_snapshot=organisation_type)
        assessment.type_snapshot = organisation_type
        new = missing_items(assessment, organisation_type, asked)
        Response.objects.bulk_create([Response(assessment=assessment, item=row) for row in new])
    rechecked = _recheck(assessment, foreseen.item_ids, at=at)
    summary = {
        "year": assessment.year,
        "starts": [one.item.number for one in foreseen.starts],
        "ceases": [one.item.number for one in foreseen.ceases],
        "rechecked": rechecked,
        "items": len(foreseen.item_ids),
    }
    tell("assessment.profile_applied", assessment, by=by, at=at, summary=summary)


def _recheck(assessment: Assessment, item_ids: frozenset[str], *, at: datetime) -> int:
    """Have the answers of some items looked at again; a confirmation over one of them lapses by its digest. Returns how many."""
    whole = read_return(assessment, on=london_day(at))
    confirmed = {
        item.id for assertion in whole.assertions() if assertion.id in whole.latest_confirmations for item in assertion.items
    }
    versions = []
    for leaf in whole.leaves:
        if leaf.item_id not in item_ids or not (leaf.current or leaf.links or leaf.item_id in confirmed):
            continue
        current = leaf.current
        versions.append(
            ResponseVersion(
                response=leaf.response,
                n=leaf.version_number + 1,
                value=current.value if current else None,
                comment=current.comment if current else "",
                applicability=current.applicability if current else ResponseVersion.Applicability.APPLIES,
                reason=current.reason if current else "",
                origin=ResponseVersion.Origin.PROFILE,
                author=current.author if current else None,
                at=at,
            )
        )
    return len(ResponseVersion.objects.bulk_create(versions))
