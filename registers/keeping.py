"""How the entries of a register are kept on the common pages: its form, its list, and how one is added or changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from accounts.models import Organisation, User
from accounts.policy import Access
from registers.forms.entries import EntryForm
from registers.intake import Intake
from registers.models import Entry, EntryQuerySet
from registers.services import entries as services


class Adds(Protocol):
    """Puts an entry into a register from the values of its form."""

    def __call__(self, organisation: Organisation, values: Mapping[str, Any], *, by: User | str, at: datetime) -> Entry: ...


class Changes(Protocol):
    """Corrects an entry from the values of its form; the same values again change nothing."""

    def __call__(self, entry: Any, values: Mapping[str, Any], *, by: User | str, at: datetime) -> Entry: ...


@dataclass(frozen=True)
class Cell:
    """One cell of the list page: text, a date that falls due, or a word in a coloured tag."""

    heading: str
    value: Callable[[Any, date], Any]
    kind: str = "text"


@dataclass(frozen=True)
class View:
    """A part of a register that somebody would ask for: "Not encrypted"."""

    slug: str
    label: str
    rows: Callable[[Any, date], Any]


@dataclass(frozen=True)
class Keeping:
    """How entries are kept.

    Attributes:
        model: what an entry is.
        form: the questions asked of it.
        noun: what one of them is called, with its article: "an asset".
        cells: of the list page; the first one is the link to the entry.
        search: the fields that words are looked for in.
        views: parts of the register to look at.
        key: the field by which a row of a file is known to be an entry; without one, a row that says the same is.
        fetch: relations that the columns need.
        arrange: whatever else the columns need, and the order of the list.
        add: how an entry comes in.
        change: how an entry is corrected.
        advice: a sentence or two above the form and on the empty page.
        closing: what closing an entry is called: "Retire", "Close".
        detail: the template of what the entry's page shows besides its values; empty for nothing.
        more: what that template is given.
    """

    model: type[Entry]
    form: type[EntryForm]
    noun: str
    cells: tuple[Cell, ...]
    search: tuple[str, ...]
    views: tuple[View, ...] = ()
    key: str = ""
    fetch: tuple[str, ...] = ()
    arrange: Callable[[Any], Any] = field(default=lambda rows: rows)
    add: Adds | None = None
    change: Changes | None = None
    advice: str = ""
    closing: str = "Close"
    detail: str = ""
    more: Callable[[Any, Access, date], dict[str, Any]] = field(default=lambda entry, access, on: {})

    def entries(self, organisation: Organisation) -> EntryQuerySet:
        """The entries of an organisation, with what the columns need."""
        rows: EntryQuerySet = self.model._default_manager.filter(organisation=organisation)  # type: ignore[assignment]
        arranged: EntryQuerySet = self.arrange(rows.select_related(*self.fetch) if self.fetch else rows)
        return arranged

    @property
    def intake(self) -> Intake:
        """How a spreadsheet comes in: each row through the form of the pages."""
        return Intake(
            rows=self.entries,
            form=self._row_form,
            add=self.add_one,
            change=self.change_one,
            key=self.key,
            refused=(services.EntryRefusedError,),
            advice=self.advice,
        )

    def _row_form(self, data: Mapping[str, Any] | None, *, access: Access, there: Any = None) -> EntryForm:
        return self.form(data, access=access, instance=_copy(there) if there else None)

    def add_one(self, organisation: Organisation, values: Mapping[str, Any], *, by: User | str, at: datetime) -> Entry:
        """Put an entry into the register.

        Raises:
            EntryRefusedError: the values are not fit.
        """
        if self.add is not None:
            return self.add(organisation, values, by=by, at=at)
        return services.add_entry(self.model(organisation=organisation, **values), by=by, at=at)

    def change_one(self, entry: Entry, values: Mapping[str, Any], *, by: User | str, at: datetime) -> Entry:
        """Correct an entry.

        Raises:
            EntryRefusedError: the values are not fit, or the entry is closed.
        """
        if self.change is not None:
            return self.change(entry, values, by=by, at=at)
        return services.change_entry(entry, by=by, at=at, **values)


def _copy(entry: Entry) -> Entry:
    """An entry that a form may write on without touching the one it is compared with."""
    names = [f.attname for f in entry._meta.concrete_fields]
    copy = type(entry)(**{name: getattr(entry, name) for name in names})
    copy._state.adding = False
    return copy
