"""How the rows of a file come into a register: the form of a row, what is there already, and how one is added or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django import forms

from accounts.models import Organisation, User
from accounts.policy import Access

if TYPE_CHECKING:
    from registers.catalogue import Column


class RowForm(Protocol):
    """What checks a row: any form that says what the service takes."""

    fields: dict[str, forms.Field]

    @property
    def errors(self) -> Mapping[str, Iterable[Any]]: ...

    def is_valid(self) -> bool: ...

    def values(self) -> dict[str, Any]:
        """What the service takes, of a row that is valid."""
        ...


class Form(Protocol):
    """Makes the form of a row. ``there`` is what the row may change: the form never writes on it."""

    def __call__(self, data: Mapping[str, Any] | None, /, *, access: Access, there: Any = None) -> RowForm: ...


class Adds(Protocol):
    """Puts a row into its register."""

    def __call__(self, organisation: Organisation, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Any: ...


class Changes(Protocol):
    """Corrects what is there from the values of a row."""

    def __call__(self, there: Any, values: Mapping[str, Any], /, *, by: User, at: datetime) -> Any: ...


@dataclass(frozen=True)
class Intake:
    """How rows come in.

    Attributes:
        rows: what an organisation has already, with what ``said`` needs fetched.
        form: checks one row.
        add: puts one in.
        change: corrects one; None for a register of facts, whose rows are changed on their pages.
        key: the field by which a row is known to be one that is there; without it, a row that says the same is.
        said: what one that is there says for a field of the form.
        refused: what ``add`` and ``change`` raise, with a sentence for the reader.
        columns: columns that only a file brought in has.
        names_nobody: whether its words should name nobody: what looks like a person's details is pointed out.
        advice: a sentence above the choice of a file.
    """

    rows: Callable[[Organisation], Iterable[Any]]
    form: Form
    add: Adds
    change: Changes | None = None
    key: str = ""
    said: Callable[[Any, str], Any] = getattr
    refused: tuple[type[ValueError], ...] = field(default=(ValueError,))
    columns: tuple[Column, ...] = ()
    names_nobody: bool = False
    advice: str = ""
