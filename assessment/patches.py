"""What a corrected version of a list would do to a return: shown before anybody takes it up. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from assessment.edition_changes import NEW, REMOVED, EditionChanges, ItemChange, changes
from assessment.edition_format.types import Assertion, EditionFile
from assessment.leaves import RECHECK
from assessment.models import Assessment, Edition
from assessment.queries import AssessmentReturn, current_return
from assessment.requirements import GUIDANCE, STRUCTURAL, WORDING, assertion_binding


@dataclass(frozen=True)
class ReturnPatch:
    """A corrected list beside one return."""

    whole: AssessmentReturn
    newer: EditionFile
    changes: EditionChanges

    @property
    def can_be_taken_up(self) -> bool:
        """Only while somebody works on it: what is in review, signed or published stays as it is."""
        return self.whole.is_editable

    @property
    def help_only(self) -> tuple[ItemChange, ...]:
        return self.changes.of_impact(GUIDANCE)

    @property
    def reworded(self) -> tuple[ItemChange, ...]:
        return self.changes.of_impact(WORDING)

    @property
    def restructured(self) -> tuple[ItemChange, ...]:
        return self.changes.of_impact(STRUCTURAL, NEW, REMOVED)

    def is_answered(self, change: ItemChange) -> bool:
        leaf = self.whole.by_item_id.get(change.item_id)
        return leaf is not None and bool(leaf.current or leaf.links)

    @property
    def to_recheck(self) -> tuple[ItemChange, ...]:
        """Answered items whose answer will not count until somebody has looked at it again."""
        found = self.changes.of_impact(STRUCTURAL)
        return tuple(one for one in found if self.is_answered(one) and not self._waits_already(one))

    def _waits_already(self, change: ItemChange) -> bool:
        return self.whole.by_item_id[change.item_id].base_work_state == RECHECK

    @property
    def to_look_at(self) -> tuple[ItemChange, ...]:
        """Answered items whose question reads differently: the answer goes on counting."""
        return tuple(one for one in self.reworded if self.is_answered(one))

    @property
    def no_longer_asked(self) -> tuple[ItemChange, ...]:
        """Answered items that leave the return; what was answered stays on record."""
        return tuple(one for one in self.changes.of_impact(REMOVED) if self.is_answered(one))

    @property
    def to_answer(self) -> tuple[ItemChange, ...]:
        """Items that come into the return with nothing answered yet."""
        return tuple(one for one in self.changes.of_impact(NEW) if not self.is_answered(one))

    @property
    def lapsing(self) -> tuple[Assertion, ...]:
        """Assertions confirmed now whose confirmation will not fit any more."""
        kind = self.whole.assessment.type_snapshot
        newer = {assertion.id: assertion for assertion in self.newer.assertions()}
        touched = {change.item_id for change in self.changes.items if change.is_binding}

        def lapses(old: Assertion) -> bool:
            new = newer.get(old.id)
            if new is None or assertion_binding(new) != assertion_binding(old):
                return True
            before, after = ([item.id for item in part.items if item.applies_to(kind)] for part in (old, new))
            return before != after or not touched.isdisjoint(before)

        confirmed = (assertion for assertion in self.whole.assertions() if assertion.id in self.whole.confirmed)
        return tuple(assertion for assertion in confirmed if lapses(assertion))


def newer_edition(assessment: Assessment) -> Edition | None:
    """The newest corrected version in use of a return's list, if it is on an older one."""
    mine = assessment.edition
    versions = Edition.objects.in_use().filter(edition_id=mine.edition_id).exclude(pk=mine.pk).defer("source", "content")
    newest = max(versions, key=lambda edition: edition.version_key, default=None)
    return newest if newest is not None and newest.version_key > mine.version_key else None


def patch_of(whole: AssessmentReturn, newer: EditionFile) -> ReturnPatch:
    """What a corrected list would do to a return."""
    found = changes(whole.edition_file, newer, organisation_type=whole.assessment.type_snapshot)
    return ReturnPatch(whole, newer, found)


def patches_of_open_returns(newer: EditionFile, *, today: date) -> Iterator[ReturnPatch]:
    """The same for every open return of every organisation on an older version of the list."""
    rows = Assessment.objects.filter(closed_at__isnull=True, edition__edition_id=newer.id)
    rows = rows.exclude(edition__version=newer.header.version).select_related("organisation", "edition")
    mine = tuple(int(part) for part in newer.header.version.split("."))
    for assessment in rows.order_by("organisation__ods_code", "pk"):
        if assessment.edition.version_key > mine:
            continue
        yield patch_of(current_return(assessment, today=today), newer)
