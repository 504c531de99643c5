"""Read a YAML file into a small tree that remembers its lines, and refuse what a data file never needs.

PyYAML's loaders keep the last of two equal keys, follow aliases and forget where a value stood. An edition decides
what an organisation is told about its standard, so here every oddity is a :class:`Fault` with a line, and none is an
exception: duplicate keys, anchors, aliases, tags, further documents, values that are no value (31 February).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
FILE = "file"
"""The path of a fault that concerns the file as a whole."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()
_BUILD: Any = yaml.constructor.SafeConstructor()
_BUILDERS: dict[str, Any] = {
    "tag:yaml.org,2002:null": _BUILD.construct_yaml_null,
    "tag:yaml.org,2002:bool": _BUILD.construct_yaml_bool,
    "tag:yaml.org,2002:int": _BUILD.construct_yaml_int,
    "tag:yaml.org,2002:float": _BUILD.construct_yaml_float,
    "tag:yaml.org,2002:timestamp": _BUILD.construct_yaml_timestamp,
}

Plain = str | int | float | bool | date | None


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where (a path such as ``standards[2].id``, and a line from 1) and what, in a sentence."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Scalar:
    """A single value; a date-time counts as text, because no field of ours wants one."""

    value: Plain
    line: int


@dataclass(frozen=True)
class Sequence:
    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True)
class Entry:
    """One ``key: value`` of a mapping; ``line`` is that of the key."""

    key: str
    node: "Node"
    line: int


@dataclass(frozen=True)
class Mapping:
    entries: tuple[Entry, ...]
    line: int

    def get(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)


Node = Scalar | Sequence | Mapping


class _Frame:
    """A collection still being read."""

    def __init__(self, *, is_mapping: bool, line: int, path: str) -> None:
        self.is_mapping = is_mapping
        self.line = line
        self.path = path
        self.items: list[Node] = []
        self.entries: dict[str, Entry] = {}
        self.key: tuple[str, int] | None = None

    def child_path(self) -> str:
        if not self.is_mapping:
            return f"{self.path}[{len(self.items)}]"
        if self.key is None:
            return self.path or FILE
        return f"{self.path}.{self.key[0]}" if self.path else self.key[0]

    def close(self) -> Node:
        if self.is_mapping:
            return Mapping(tuple(self.entries.values()), self.line)
        return Sequence(tuple(self.items), self.line)


class _Reader:
    """Builds the tree from parser events with its own stack, so that deep nesting cannot exhaust Python's."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.root: Node | None = None
        self.documents = 0
        self.stack: list[_Frame] = []

    def fault(self, path: str, line: int, message: str) -> None:
        self.faults.append(Fault(path or FILE, line, message))

    def read(self, events: Iterator[Any]) -> None:
        """Read until the end, or until a fault after which nothing could be understood."""
        handlers = {
            yaml.DocumentStartEvent: self._start_document,
            yaml.AliasEvent: self._refuse_alias,
            yaml.ScalarEvent: self._put_scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
        }
        for event in events:
            handle = handlers.get(type(event))
            if handle and not handle(event, event.start_mark.line + 1):
                return

    def _start_document(self, event: Any, line: int) -> bool:
        self.documents += 1
        if self.documents > 1:
            self.fault(FILE, line, "A second document starts here; the file holds one, so remove '---' and what follows.")
        return self.documents == 1

    def _close(self, event: Any, line: int) -> bool:
        self._put(self.stack.pop().close())
        return True

    def _path(self) -> str:
        return self.stack[-1].child_path() if self.stack else ""

    def _refuse_alias(self, event: Any, line: int) -> bool:
        self.fault(self._path(), line, f"The alias '*{event.anchor}' is not allowed; write the value out.")
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.is_mapping and frame.key is None:
            return False
        self._put(Scalar(None, line))
        return True

    def _refuse_marks(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self.fault(self._path(), line, f"The anchor '&{event.anchor}' is not allowed; write each value out.")
        if event.tag is not None:
            self.fault(self._path(), line, f"The tag '{event.tag}' is not allowed; write a plain value.")

    def _open(self, event: Any, line: int) -> bool:
        self._refuse_marks(event, line)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.is_mapping and frame.key is None:
            self.fault(frame.path, line, "A key must be plain text, not a list or a group.")
            return False
        path = self._path()
        self.stack.append(_Frame(is_mapping=isinstance(event, yaml.MappingStartEvent), line=line, path=path))
        return len(self.stack) <= MAX_DEPTH or self._too_deep(line)

    def _too_deep(self, line: int) -> bool:
        self.fault(FILE, line, f"Groups are nested more than {MAX_DEPTH} deep here; no edition needs that.")
        return False

    def _put_scalar(self, event: Any, line: int) -> bool:
        self._refuse_marks(event, line)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.is_mapping and frame.key is None:
            # Keys are taken as they are written: `no:` is the key "no", not False.
            frame.key = (event.value, line)
        else:
            self._put(self._scalar(event, line))
        return True

    def _scalar(self, event: Any, line: int) -> Scalar:
        if event.tag is not None:
            return Scalar(event.value, line)
        tag = _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
        build = _BUILDERS.get(tag)
        if build is None:
            return Scalar(event.value, line)
        try:
            value = build(yaml.ScalarNode(tag, event.value))
        except (ValueError, OverflowError, yaml.YAMLError):
            self.fault(self._path(), line, f"'{event.value[:40]}' is no possible date or number.")
            return Scalar(None, line)
        if isinstance(value, datetime):
            return Scalar(event.value, line)
        return Scalar(value, line)

    def _put(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if not frame.is_mapping:
            frame.items.append(node)
            return
        if frame.key is None:  # cannot be: a key that is no plain text ends the reading
            return
        key, line = frame.key
        if key in frame.entries:
            first = frame.entries[key].line
            self.fault(frame.child_path(), line, f"The key '{key}' is here twice (first on line {first}); keep one.")
        else:
            frame.entries[key] = Entry(key, node, line)
        frame.key = None


def parse(source: str | bytes) -> tuple[Node | None, list[Fault]]:
    """Read one YAML document; the tree is None when there is none to read."""
    text, faults = _decode(source)
    if text is None:
        return None, faults
    reader = _Reader()
    try:
        reader.read(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reader.fault(FILE, line, f"This is not readable YAML: {error.problem or 'it breaks off'}.")
        return None, reader.faults
    except (yaml.YAMLError, ValueError) as error:
        reader.fault(FILE, 1, f"This is not readable YAML: {str(error).splitlines()[0] if str(error) else 'bad characters'}.")
        return None, reader.faults
    if reader.stack:  # reading was cut short
        return None, reader.faults
    if reader.root is None:
        reader.fault(FILE, 1, "The file is empty.")
    return reader.root, reader.faults


def _decode(source: str | bytes) -> tuple[str | None, list[Fault]]:
    if isinstance(source, str):
        try:
            data = source.encode()
        except UnicodeEncodeError:
            return None, [Fault(FILE, 1, "The text holds characters that cannot be stored as UTF-8.")]
    else:
        data = source
    if len(data) > MAX_BYTES:
        return None, [Fault(FILE, 1, f"The file has {len(data):,} bytes; an edition has at most {MAX_BYTES:,}.")]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [Fault(FILE, line, "This is not a text file in UTF-8; save it as UTF-8 and try again.")]


def plain(node: Node) -> Any:
    """The tree as plain dicts, lists and values, dates as ISO text: what identity is computed from."""
    if isinstance(node, Mapping):
        return {entry.key: plain(entry.node) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value.isoformat() if isinstance(node.value, date) else node.value
