"""What a change of the organisation's profile does to a return in work, said before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date

from accounts.enums import OrganisationType
from accounts.models import Organisation, OrganisationProfile
from assessment.edition_format.types import Item
from assessment.edition_format.words import LEVELS
from assessment.models import Assessment, EditionItem
from assessment.queries import AssessmentReturn, current_return
from assessment.states import State

ANSWERS = ("type", "nhsmail_only", "published_before", "holds_certificates", "several_sites", "ico_number", "report_to")
"""What a profile says, field by field."""


@dataclass(frozen=True)
class Touched:
    """One item that starts or ceases to apply, with the rule that says so."""

    item: Item
    reason: str


@dataclass(frozen=True)
class Foreseen:
    """What becomes of one open return: nothing here has happened yet.

    ``other_list`` is set when the new type answers another list of requirements: the open return stays on its own.
    """

    assessment: Assessment
    starts: tuple[Touched, ...] = ()
    ceases: tuple[Touched, ...] = ()
    becomes_required: tuple[Item, ...] = ()
    becomes_optional: tuple[Item, ...] = ()
    type_changes_to: str = ""
    other_list: bool = False
    signature_lapses: bool = False
    standard_before: str = ""
    standard_after: str = ""

    @property
    def type_label(self) -> str:
        """The new type, in words."""
        return OrganisationType(self.type_changes_to).label if self.type_changes_to else ""

    @property
    def item_ids(self) -> frozenset[str]:
        """The items to be looked at again: exactly those whose duty changes."""
        touched = [one.item for one in (*self.starts, *self.ceases)]
        return frozenset(item.id for item in (*touched, *self.becomes_required, *self.becomes_optional))

    @property
    def is_felt(self) -> bool:
        """Whether the return is any different afterwards."""
        return bool(self.item_ids or self.type_changes_to or self.signature_lapses) or self.standard_before != self.standard_after


def answers_of(organisation: Organisation, on: date) -> dict[str, str]:
    """What the profile says on a date; the organisation's own type where no row says one."""
    profile = OrganisationProfile.objects.in_force(organisation, on)
    told = {name: str(getattr(profile, name)) if profile else "" for name in ANSWERS}
    told["type"] = told["type"] or organisation.type
    for name in ("nhsmail_only", "published_before", "holds_certificates", "several_sites"):
        told[name] = told[name] or "unknown"
    return told


def foresee(organisation: Organisation, answers: Mapping[str, str], *, today: date) -> list[Foreseen]:
    """What the answers, changed from today on, would do to every return that is open. Writes nothing."""
    proposed = OrganisationProfile(organisation=organisation, effective_on=today, **answers)
    found = [
        _of_return(current_return(assessment, today=today), proposed)
        for assessment in Assessment.objects.filter(organisation=organisation, closed_at=None).select_related(
            "organisation", "edition"
        )
    ]
    return [one for one in found if one.is_felt]


def _of_return(before: AssessmentReturn, proposed: OrganisationProfile) -> Foreseen:
    assessment, new_type = before.assessment, proposed.type
    entry = before.edition_file.organisation_types.get(new_type)
    if entry is None or entry.route != before.edition_file.style:
        return Foreseen(assessment, type_changes_to=new_type, other_list=True)
    after = as_if(before, proposed)
    starts, ceases, required, optional = _duties(before, after)
    return Foreseen(
        assessment,
        starts=starts,
        ceases=ceases,
        becomes_required=required,
        becomes_optional=optional,
        type_changes_to=new_type if new_type != assessment.type_snapshot else "",
        signature_lapses=before.state == State.SIGNED and after.digest != before.digest,
        standard_before=LEVELS[before.standard_if(signed=True).level],
        standard_after=LEVELS[after.standard_if(signed=True).level],
    )


Duties = tuple[tuple[Touched, ...], tuple[Touched, ...], tuple[Item, ...], tuple[Item, ...]]


def _duties(before: AssessmentReturn, after: AssessmentReturn) -> Duties:
    """The items that start and that cease to apply, and those that become required and optional. Outcomes apply to everybody."""
    starts, ceases, required, optional = [], [], [], []
    for item in before.edition_file.items():
        applied, applies = _applies(before, item), _applies(after, item)
        duty = [item.is_required(whole.assessment.type_snapshot) for whole in (before, after)]
        if applies and not applied:
            starts.append(Touched(item, _why(before, item, starts=True)))
        elif applied and not applies:
            ceases.append(Touched(item, _why(after, item, starts=False)))
        elif applies and duty == [False, True]:
            required.append(item)
        elif applies and duty == [True, False]:
            optional.append(item)
    return tuple(starts), tuple(ceases), tuple(required), tuple(optional)


def as_if(whole: AssessmentReturn, proposed: OrganisationProfile) -> AssessmentReturn:
    """The return as it would be read if the profile said something else."""
    assessment = copy(whole.assessment)
    assessment.type_snapshot = proposed.type
    asked = {item.id for item in whole.edition_file.items_for(proposed.type)} | {one.id for one in whole.edition_file.outcomes()}
    leaves = tuple(leaf for leaf in whole.leaves if leaf.item_id in asked)
    published = {proposed.published_before} & LEVELS.keys()
    levels = whole.published_levels - ({whole.profile.published_before} if whole.profile else set()) | published
    return replace(whole, assessment=assessment, profile=proposed, leaves=leaves, published_levels=frozenset(levels))


def _applies(whole: AssessmentReturn, item: Item) -> bool:
    verdict = whole.verdicts.get(item.id)
    return verdict is not None and verdict.state != "exempt"


def _why(whole: AssessmentReturn, item: Item, *, starts: bool) -> str:
    """The reason in the reading in which the item does not apply."""
    verdict = whole.verdicts.get(item.id)
    if verdict is None:
        was = "was" if starts else "is"
        return f"It {was} not asked of your type of organisation."
    return f"Until now: {verdict.reason}" if starts else verdict.reason


def missing_items(assessment: Assessment, organisation_type: str, edition_file_items: frozenset[str]) -> list[EditionItem]:
    """Rows of the edition asked of a type for which the return has no place yet."""
    rows = EditionItem.objects.filter(edition=assessment.edition, kind=EditionItem.Kind.ITEM, item_id__in=edition_file_items)
    return list(rows.exclude(responses__assessment=assessment).order_by("order"))
