"""A publication in the order of the national site, with what was keyed there so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessment.documents import Described, Line
from assessment.models import Publication, Response, Transcription


@dataclass(frozen=True)
class Field:
    """Something to copy: what it is and its words."""

    label: str
    text: str


@dataclass(frozen=True)
class ToKey:
    """One item to key in."""

    line: Line
    response: Response
    entered: Transcription | None
    """The newest word on it, if anybody said one."""

    @property
    def is_entered(self) -> bool:
        return self.entered is not None and self.entered.is_entered

    @property
    def fields(self) -> list[Field]:
        """What there is to copy, the answer first."""
        texts = (
            ("Answer", self.line.answer),
            ("Comment", self.line.comment),
            ("Does not apply, because", self.line.does_not_apply),
        )
        return [Field(label, text) for label, text in texts if text]

    @property
    def has_nothing(self) -> bool:
        """Nothing was answered and nothing attached: there is nothing to key."""
        return not self.fields and not self.line.evidence


@dataclass(frozen=True)
class Section:
    """A standard with what is to be keyed of it."""

    title: str
    rows: tuple[ToKey, ...]

    @property
    def entered(self) -> int:
        return sum(row.is_entered for row in self.rows)

    @property
    def wanted(self) -> int:
        """How many there are to enter."""
        return sum(row.is_entered or not row.has_nothing for row in self.rows)


def sections_to_key(publication: Publication, described: Described) -> list[Section]:
    """Every item of a publication by standard. Two queries."""
    responses = {
        response.item.number: response
        for response in Response.objects.filter(assessment=publication.assessment).select_related("item")
    }
    newest = {one.response_id: one for one in publication.transcriptions.select_related("by").order_by("pk")}
    return [
        Section(
            f"{section.number}. {section.title}",
            tuple(ToKey(line, responses[line.number], newest.get(responses[line.number].pk)) for line in section.lines),
        )
        for section in described.sections
    ]


def counts(sections: Sequence[Section]) -> tuple[int, int]:
    """How many items are entered, and how many there are to enter."""
    return sum(section.entered for section in sections), sum(section.wanted for section in sections)
