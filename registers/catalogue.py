"""The registers there are, and what each of them shows in the same way: its card, figures, export, print and nil returns.

A register says what it is in a module of its own under ``registers.declarations``, and registers itself there. Whoever
wants to know what the registers say on a date calls :func:`figures_of` or :func:`all_figures`: nothing else is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from registers.models.approvals import RegisterApproval
from registers.queries.nil_returns import standing_nil_return

if TYPE_CHECKING:
    from registers.intake import Intake
    from registers.keeping import Keeping
    from registers.models import NilReturn


class Footing(StrEnum):
    """What a figure stands on."""

    ROWS = "rows"
    NIL_RETURN = "nil-return"
    NOTHING = "nothing"

    @property
    def label(self) -> str:
        return {"rows": "From the register", "nil-return": "Nil return", "nothing": "Nothing recorded"}[self.value]


@dataclass(frozen=True)
class Figure:
    """What a register says on a date, with what it means and where to see the rows.

    A share has ``numerator`` and ``denominator``; a plain count has ``numerator`` alone. With no rows to count from, both are
    None and ``footing`` is NOTHING, or NIL_RETURN where somebody signed that there was nothing to record: never 0, never good.

    Attributes:
        key: stable name by which an edition or a live reading asks for it, ``"assets.supported"``.
        sentence: the figure in words, as a reader of the assessment would want it.
        definition: what was counted, and what was left out.
        as_of: the London date it holds for.
        link: the page that lists the rows.
        needs_attention: whether somebody should do something about it; None where there is no right answer.
    """

    key: str
    sentence: str
    definition: str
    as_of: date
    link: str
    numerator: int | None = None
    denominator: int | None = None
    footing: Footing = Footing.ROWS
    needs_attention: bool | None = None

    @property
    def is_recorded(self) -> bool:
        return self.footing is Footing.ROWS


def count(key: str, number: int, sentence: str, *, definition: str, on: date, link: str, attention: bool | None = None) -> Figure:
    """A figure that is a number of rows. None of them is a count of 0 only if the register has other rows."""
    return Figure(key, sentence, definition, on, link, number, needs_attention=attention)


def share(key: str, number: int, of: int, sentence: str, *, definition: str, on: date, link: str) -> Figure:
    """A figure that is a part of a whole. A part of nothing is "nothing recorded"."""
    if not of:
        return Figure(key, "Nothing recorded.", definition, on, link, footing=Footing.NOTHING)
    return Figure(key, sentence, definition, on, link, number, of, needs_attention=number < of)


@dataclass(frozen=True)
class Column:
    """One column of a register as it is listed, printed and exported.

    Attributes:
        heading: in the file and on paper.
        value: what a row says: text, number, date, bool or None.
        field: the field of the form that the column fills when a file is brought in; empty where it fills none.
    """

    heading: str
    value: Callable[[Any], Any]
    field: str = ""


@dataclass(frozen=True)
class Register:
    """What one register is.

    Attributes:
        slug: its part of the address, ``/registers/<slug>/``; also its name in nil returns.
        purpose: one sentence on why it is kept.
        list_url: the name of the view that lists it.
        rows: the rows of an organisation for export and print, with all that the columns need already fetched.
        columns: for export and print.
        figures: what it says on a date; never called for an organisation without rows.
        has_rows: whether anything at all is recorded by the date.
        due: how many rows want something done on the date.
        dated_within: whether anything was recorded for a period ``[start, end)``: it makes a nil return lapse.
        nil_statement: what is signed when there was nothing to record; empty where a nil return makes no sense.
        keeping: how its entries are listed, added, changed and brought in on the common pages; None for a register with pages of its own.
        intake: how a spreadsheet comes into a register with pages of its own.
        is_approved_whole: whether somebody reads it through once a year and approves it.
        order: its place on the page of all registers.
        viewed_by: who may see it; one of the capabilities is enough.
        kept_by: who may change it.
    """

    slug: str
    title: str
    purpose: str
    list_url: str
    rows: Callable[[Organisation], Iterable[Any]]
    columns: tuple[Column, ...]
    figures: Callable[[Organisation, date], Sequence[Figure]]
    has_rows: Callable[[Organisation, date], bool]
    due: Callable[[Organisation, date], int]
    order: int
    dated_within: Callable[[Organisation, date, date], bool] | None = None
    nil_statement: str = ""
    keeping: Keeping | None = None
    intake: Intake | None = None
    is_approved_whole: bool = False
    viewed_by: tuple[Capability, ...] = field(default=(Capability.REGISTERS_VIEW,))
    kept_by: tuple[Capability, ...] = field(default=(Capability.REGISTERS_EDIT,))

    @property
    def href(self) -> str:
        """The address of its list."""
        if self.keeping is not None:
            return reverse(self.list_url, kwargs={"register": self.slug})
        return reverse(self.list_url)

    @property
    def takes_in(self) -> Intake:
        """How a spreadsheet comes in."""
        if self.keeping is not None:
            return self.keeping.intake
        assert self.intake is not None  # noqa: S101  registration refuses a register without one
        return self.intake

    @property
    def takes_nil_returns(self) -> bool:
        return bool(self.nil_statement)

    def may_view(self, access: Access) -> bool:
        return access.can(*self.viewed_by)

    def may_edit(self, access: Access) -> bool:
        return access.can(*self.kept_by)


_registers: dict[str, Register] = {}


def register(new: Register) -> Register:
    """Add a register. A nil return needs to know when it lapses, and every register takes a spreadsheet.

    Raises:
        ValueError: the slug is taken, nothing says how a spreadsheet comes in, or a nil return is offered and nobody can tell
            when it lapses.
    """
    if new.slug in _registers and _registers[new.slug].title != new.title:
        raise ValueError(f"Two registers are called “{new.slug}”.")
    if new.nil_statement and new.dated_within is None:
        raise ValueError(f"“{new.slug}” takes nil returns: say how to tell whether a period has rows.")
    if new.keeping is None and new.intake is None:
        raise ValueError(f"Nothing says how a spreadsheet comes into “{new.slug}”.")
    _registers[new.slug] = new
    return new


def all_registers() -> list[Register]:
    """Every register, in the order of the page that lists them."""
    return sorted(_registers.values(), key=lambda one: (one.order, one.title))


def find(slug: str) -> Register | None:
    """The register of that slug, if there is one."""
    return _registers.get(slug)


def figures_of(one: Register, organisation: Organisation, on: date) -> list[Figure]:
    """What a register says on a date. Without rows: one figure that says so, or that a nil return is signed."""
    nil = standing_nil_return(one, organisation, on) if one.takes_nil_returns else None
    if one.has_rows(organisation, on):
        figures = list(one.figures(organisation, on))
        if one.is_approved_whole:
            figures.append(_approval_figure(one, organisation, on))
        return [*figures, _nil_figure(one, nil, on)] if nil else figures
    if nil:
        return [_nil_figure(one, nil, on)]
    return [Figure(f"{one.slug}.recorded", "Nothing recorded.", one.purpose, on, one.href, footing=Footing.NOTHING)]


def all_figures(organisation: Organisation, on: date) -> dict[str, Figure]:
    """Everything that every register says on a date, by key. The one call for whoever takes readings."""
    return {figure.key: figure for one in all_registers() for figure in figures_of(one, organisation, on)}


def _approval_figure(one: Register, organisation: Organisation, on: date) -> Figure:
    key, definition = f"{one.slug}.approved", "The newest approval of the whole register; it counts for 365 days."
    given = RegisterApproval.objects.filter(organisation=organisation, register=one.slug).given_by(on).first()
    if given is None:
        nobody = "Nobody has approved this register as a whole."
        return Figure(key, nobody, definition, on, one.href, footing=Footing.NOTHING)
    counts = given.again_by >= on
    return Figure(key, given.sentence, definition, on, one.href, int(counts), 1, needs_attention=not counts)


def _nil_figure(one: Register, nil: NilReturn, on: date) -> Figure:
    return Figure(
        f"{one.slug}.nil_return", nil.sentence, one.nil_statement, on, one.href, footing=Footing.NIL_RETURN, needs_attention=False
    )
