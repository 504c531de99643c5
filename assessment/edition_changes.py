"""What a corrected version of a list changes, item by item, and how grave each change is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from assessment.change_words import in_words
from assessment.edition_format.types import EditionFile
from assessment.requirements import (
    CLASSES,
    FIELD_WORDS,
    GUIDANCE,
    STRUCTURAL,
    WORDING,
    Requirement,
    Spec,
    requirement,
    specs_for,
)

if TYPE_CHECKING:
    from assessment.models import EditionMove

NEW, REMOVED = "new", "removed"
IMPACTS = {
    GUIDANCE: "Help only",
    WORDING: "Reworded",
    STRUCTURAL: "Something else is asked",
    NEW: "New",
    REMOVED: "No longer asked",
}


@dataclass(frozen=True)
class FieldChange:
    """One thing about an item, before and after, in plain words."""

    field: str
    before: str
    after: str

    @property
    def words(self) -> str:
        return FIELD_WORDS[self.field]


@dataclass(frozen=True)
class ItemChange:
    """One item that differs. ``impact`` is the gravest of what changed in it; ``fields`` says what."""

    item_id: str
    number: str
    title: str
    impact: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def label(self) -> str:
        return IMPACTS[self.impact]

    @property
    def is_binding(self) -> bool:
        """Whether a confirmation of it before is none of it now."""
        return self.impact != GUIDANCE

    def kept(self, *, seen: int) -> dict[str, Any]:
        """As :class:`~assessment.models.EditionMove` keeps it. ``seen``: the number of the answer as it stood."""
        found = [asdict(field) for field in self.fields]
        return {"id": self.item_id, "number": self.number, "impact": self.impact, "fields": found, "seen": seen}


@dataclass(frozen=True)
class PatchNote:
    """A change of one item that a return took up, and the number of the answer as it stood then."""

    impact: str
    fields: tuple[FieldChange, ...]
    seen: int
    at: datetime

    @property
    def is_binding(self) -> bool:
        return self.impact != GUIDANCE


def patch_notes(moves: Iterable[EditionMove]) -> dict[str, tuple[PatchNote, ...]]:
    """What corrected lists changed about each item of a return, oldest first, by stable id."""
    found: dict[str, tuple[PatchNote, ...]] = {}
    for move in moves:
        for one in move.changes:
            fields = tuple(FieldChange(**field) for field in one["fields"])
            note = PatchNote(one["impact"], fields, one["seen"], move.at)
            found[one["id"]] = (*found.get(one["id"], ()), note)
    return found


@dataclass(frozen=True)
class EditionChanges:
    """Every item that differs, in the order of the newer list, those no longer asked last; and what is not about one item."""

    items: tuple[ItemChange, ...]
    general: tuple[tuple[str, str], ...]
    """Class and sentence of what is not about one item: dates, rules, the words of an assertion."""

    def of_impact(self, *impacts: str) -> tuple[ItemChange, ...]:
        return tuple(item for item in self.items if item.impact in impacts)

    @property
    def by_id(self) -> Mapping[str, ItemChange]:
        return {item.item_id: item for item in self.items}

    @property
    def change_class(self) -> str:
        """The gravest of all: structural as soon as an item comes or goes, or a rule changes."""
        found = {item.impact if item.impact in CLASSES else STRUCTURAL for item in self.items} | {one for one, _ in self.general}
        return max(found, key=CLASSES.index, default=GUIDANCE)


def changes(older: EditionFile, newer: EditionFile, *, organisation_type: str | None = None) -> EditionChanges:
    """Compare two versions of one list, for one type of organisation or for all it speaks of."""
    before, after = _taken_apart(older, organisation_type), _taken_apart(newer, organisation_type)
    found = []
    for item_id, new in after.items():
        old = before.get(item_id)
        if old is None:
            found.append(ItemChange(item_id, new.number, new.spec.title, NEW))
        else:
            found += _changed(old, new)
    found += [ItemChange(item_id, old.number, old.spec.title, REMOVED) for item_id, old in before.items() if item_id not in after]
    return EditionChanges(tuple(found), tuple(_general(older, newer)))


@dataclass(frozen=True)
class _Part:
    spec: Spec
    number: str
    under: str
    requirement: Requirement


def _taken_apart(edition: EditionFile, organisation_type: str | None) -> dict[str, _Part]:
    return {
        spec.id: _Part(spec, number_of(spec), under, requirement(edition, spec, organisation_type))
        for spec, under in specs_for(edition, organisation_type)
    }


def number_of(spec: Spec) -> str:
    """The number an item or outcome is shown by."""
    return str(getattr(spec, "number", None) or getattr(spec, "code", ""))


def _changed(old: _Part, new: _Part) -> Iterator[ItemChange]:
    differing: list[tuple[str, FieldChange]] = []
    for name in CLASSES:
        was, now = old.requirement.of_class(name), new.requirement.of_class(name)
        keys = [key for key in now if was.get(key) != now[key]] + [key for key in was if key not in now]
        differing += [(name, FieldChange(key, in_words(key, was.get(key)), in_words(key, now.get(key)))) for key in keys]
    if old.under != new.under:
        differing.append((WORDING, FieldChange("under", old.under, new.under)))
    if differing:
        impact = max((name for name, _ in differing), key=CLASSES.index)
        fields = tuple(change for _, change in reversed(differing))
        yield ItemChange(new.spec.id, new.number, new.spec.title, impact, fields)


def _general(older: EditionFile, newer: EditionFile) -> Iterator[tuple[str, str]]:
    was, now = older.header.calendar, newer.header.calendar
    if was.final != now.final:
        yield STRUCTURAL, f"The last day changes from {_day(was.final)} to {_day(now.final)}."
    if was.interim != now.interim:
        yield STRUCTURAL, f"The day for the interim publication changes from {_day(was.interim)} to {_day(now.interim)}."
    if older.rules != newer.rules:
        yield STRUCTURAL, "The rules that say which standard is reached change."
    titles = {assertion.id: (assertion.number, assertion.title) for assertion in older.assertions()}
    for assertion in newer.assertions():
        before = titles.get(assertion.id)
        if before is not None and before != (assertion.number, assertion.title):
            yield (
                WORDING,
                f"Assertion {before[0]} “{before[1]}” becomes {assertion.number} “{assertion.title}”.",
            )


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}" if day else "none"
