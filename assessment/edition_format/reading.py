"""Take typed values out of the tree, noting every fault and never stopping at one.

A reading method that meets a fault notes it and returns a neutral value (``""``, ``None``, ``0``, an empty tuple), so
that the rest of the file is still checked; whoever built something from neutral values throws it away, because there
are faults. What is missing is reported once, by :meth:`Place.fields`.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from assessment.edition_format.strict_yaml import FILE, Entry, Fault, Mapping, Node, Scalar
from assessment.edition_format.strict_yaml import Sequence as ListNode

SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
NAME = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")
URL = re.compile(r"https?://[^\s<>\"']+")
MAX_TEXT = 4000


def listed(values: Collection[object]) -> str:
    """Values for a sentence: "a, b or c"."""
    words = [str(value) for value in values]
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} or {words[-1]}"


class Place:
    """A node of the file together with its path and line."""

    def __init__(self, node: Node, path: str, line: int, faults: list[Fault]) -> None:
        self.node = node
        self.path = path
        self.line = line
        self.faults = faults

    def fault(self, message: str) -> None:
        self.faults.append(Fault(self.path or FILE, self.line, message))

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, Scalar) and self.node.value is None

    @property
    def is_group(self) -> bool:
        return isinstance(self.node, Mapping)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, ListNode)

    @property
    def is_text(self) -> bool:
        return isinstance(self.node, Scalar) and isinstance(self.node.value, str)

    def found(self) -> str:
        """What stands here, for a message."""
        if isinstance(self.node, Mapping):
            return "a group of keys"
        if isinstance(self.node, ListNode):
            return "a list"
        value = self.node.value
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "yes/true" if value else "no/false"
        kind = "the date" if isinstance(value, date) else "the number" if isinstance(value, (int, float)) else "the text"
        return f"{kind} '{str(value)[:40]}'"

    # --- collections ---

    def fields(self, *, required: Sequence[str] = (), optional: Sequence[str] = ()) -> "Fields":
        """The group here; unknown and missing keys are faults."""
        if not isinstance(self.node, Mapping):
            self.fault(f"Should be a group of keys, but is {self.found()}.")
            return Fields(self, (), readable=False)
        known = {*required, *optional}
        for entry in self.node.entries:
            if entry.key not in known:
                self._child(entry).fault(f"Unknown key '{entry.key[:40]}'; allowed here: {listed([*required, *optional])}.")
        for key in required:
            if self.node.get(key) is None:
                path = f"{self.path}.{key}" if self.path else key
                self.faults.append(Fault(path, self.line, f"'{key}' is missing."))
        return Fields(self, self.node.entries, readable=True)

    def entries(self) -> list[tuple[str, "Place"]]:
        """Every key of a group whose keys are free."""
        if not isinstance(self.node, Mapping):
            self.fault(f"Should be a group of keys, but is {self.found()}.")
            return []
        return [(entry.key, self._child(entry)) for entry in self.node.entries]

    def items(self, *, minimum: int = 0, maximum: int | None = None) -> list["Place"]:
        if not isinstance(self.node, ListNode):
            self.fault(f"Should be a list, but is {self.found()}.")
            return []
        found = self.node.items
        if len(found) < minimum:
            self.fault(f"Should have at least {minimum} in the list, but has {len(found)}.")
        if maximum is not None and len(found) > maximum:
            self.fault(f"Should have at most {maximum} in the list, but has {len(found)}.")
        return [Place(node, f"{self.path}[{index}]", node.line, self.faults) for index, node in enumerate(found)]

    def _child(self, entry: Entry) -> "Place":
        path = f"{self.path}.{entry.key[:60]}" if self.path else entry.key[:60]
        return Place(entry.node, path, entry.line, self.faults)

    # --- values ---

    def text(self, *, maximum: int = MAX_TEXT) -> str:
        value = self.node.value if isinstance(self.node, Scalar) else None
        if not isinstance(value, str):
            hint = "; write it in quotes" if isinstance(value, (bool, int, float, date)) else ""
            self.fault(f"Should be text, but is {self.found()}{hint}.")
            return ""
        if not value.strip():
            self.fault("Should be text, but is blank.")
            return ""
        if len(value) > maximum:
            self.fault(f"Has {len(value)} characters; at most {maximum} are allowed.")
            return ""
        return value.strip()

    def matching(self, pattern: re.Pattern[str], what: str) -> str:
        value = self.text(maximum=300)
        if value and not pattern.fullmatch(value):
            self.fault(f"'{value[:60]}' is not {what}.")
            return ""
        return value

    def slug(self) -> str:
        return self.matching(SLUG, "an id (small letters, digits, and - _ . between them)")

    def url(self) -> str:
        return self.matching(URL, "a web address that begins with https:// or http://")

    def choice(self, values: Collection[str]) -> str:
        """One of some words; a bare ``yes`` or ``no``, which YAML reads as true or false, counts as the word.

        No words at all: whatever names them is itself at fault, so that nothing more is said here.
        """
        value = self.node.value if isinstance(self.node, Scalar) else None
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if not values:
            return ""
        if not isinstance(value, str) or value not in values:
            self.fault(f"Should be {listed(values)}, but is {self.found()}.")
            return ""
        return value

    def flag(self) -> bool:
        value = self.node.value if isinstance(self.node, Scalar) else None
        if not isinstance(value, bool):
            self.fault(f"Should be true or false, but is {self.found()}.")
            return False
        return value

    def integer(self, *, minimum: int, maximum: int) -> int:
        value = self.node.value if isinstance(self.node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(f"Should be a whole number, but is {self.found()}.")
            return minimum
        if not minimum <= value <= maximum:
            self.fault(f"Should be a whole number from {minimum} to {maximum}, but is {self.found()}.")
            return minimum
        return value

    def day(self) -> date | None:
        value = self.node.value if isinstance(self.node, Scalar) else None
        if not isinstance(value, date):
            self.fault(f"Should be a date such as 2026-06-30 (without quotes), but is {self.found()}.")
            return None
        return value

    def choices(self, values: Collection[str], *, minimum: int = 0) -> tuple[str, ...]:
        """A list of some words, none twice."""
        found: list[str] = []
        for place in self.items(minimum=minimum):
            value = place.choice(values)
            if value and value in found:
                place.fault(f"'{value}' is in the list twice.")
            elif value:
                found.append(value)
        return tuple(found)

    def texts(self, *, minimum: int = 0, maximum: int | None = None) -> tuple[str, ...]:
        return tuple(value for place in self.items(minimum=minimum, maximum=maximum) if (value := place.text()))


class Fields:
    """The keys of one group. Asking for an absent key gives the neutral value; it was reported if it was required."""

    def __init__(self, owner: Place, entries: tuple[Entry, ...], *, readable: bool) -> None:
        self.owner = owner
        self.readable = readable
        self._places = {entry.key: owner._child(entry) for entry in entries}

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def at(self, key: str) -> Place | None:
        return self._places.get(key)

    def given(self, key: str) -> Place | None:
        """The value of ``key`` unless it is absent or null: for keys that may be empty."""
        place = self._places.get(key)
        return None if place is None or place.is_null else place

    def text(self, key: str) -> str:
        place = self.at(key)
        return place.text() if place else ""

    def optional_text(self, key: str) -> str | None:
        place = self.given(key)
        return (place.text() or None) if place else None

    def slug(self, key: str) -> str:
        place = self.at(key)
        return place.slug() if place else ""

    def choice(self, key: str, values: Collection[str]) -> str:
        place = self.at(key)
        return place.choice(values) if place else ""

    def optional_choice(self, key: str, values: Collection[str]) -> str | None:
        place = self.given(key)
        return (place.choice(values) or None) if place else None

    def flag(self, key: str, *, default: bool) -> bool:
        place = self.at(key)
        return place.flag() if place else default

    def integer(self, key: str, *, minimum: int, maximum: int) -> int | None:
        place = self.given(key)
        return place.integer(minimum=minimum, maximum=maximum) if place else None

    def day(self, key: str) -> date | None:
        place = self.at(key)
        return place.day() if place else None

    def optional_day(self, key: str) -> date | None:
        place = self.given(key)
        return place.day() if place else None

    def items(self, key: str, *, minimum: int = 0, maximum: int | None = None) -> list[Place]:
        place = self.at(key)
        return place.items(minimum=minimum, maximum=maximum) if place else []

    def entries(self, key: str) -> list[tuple[str, Place]]:
        place = self.at(key)
        return place.entries() if place else []

    def texts(self, key: str, *, maximum: int | None = None) -> tuple[str, ...]:
        place = self.at(key)
        return place.texts(maximum=maximum) if place else ()

    def choices(self, key: str, values: Collection[str], *, minimum: int = 0) -> tuple[str, ...]:
        place = self.at(key)
        return place.choices(values, minimum=minimum) if place else ()


class Register:
    """Ids or numbers that must each occur once in a file."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lines: dict[str, int] = {}

    def add(self, value: str, place: Place | None) -> None:
        if not value or place is None:
            return
        if value in self._lines:
            place.fault(f"The {self._what} '{value}' is used twice (first on line {self._lines[value]}).")
        else:
            self._lines[value] = place.line

    def __contains__(self, value: str) -> bool:
        return value in self._lines
