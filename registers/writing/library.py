"""The policy templates that ship with us: data files, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from content.authored import DataFault
from content.files import read_mapping
from evidence.models import DocumentKind
from registers.models.policies import Audience
from registers.writing.filling import fields_in, unknown_fields_in
from registers.writing.markup import Heading, blocks_of

FOLDER = Path(__file__).resolve().parent.parent / "data" / "policy_templates"
_KEYS = (
    "code",
    "title",
    "summary",
    "group",
    "kind",
    "audience",
    "review_months",
    "reviewed_on",
    "helps_with",
    "adapt",
    "sources",
    "body",
)
GROUPS = {
    "policies": "Policies that staff read",
    "plans": "Plans and notices",
    "records": "Registers, forms and sheets",
}


@dataclass(frozen=True)
class Source:
    """Where a rule in a template comes from."""

    title: str
    url: str
    confidence: str


@dataclass(frozen=True)
class Template:
    """A document to begin from, in our own words."""

    code: str
    title: str
    summary: str
    group: str
    kind: str
    """What it becomes in the evidence library."""
    audience: str
    """Who would normally be asked to read it."""
    review_months: int
    reviewed_on: date
    """When we last checked it against the law."""
    helps_with: tuple[str, ...]
    """The toolkit's questions that it helps to answer, in plain words."""
    adapt: tuple[str, ...]
    """What to change before anybody approves it."""
    sources: tuple[Source, ...]
    body: str

    @property
    def fields(self) -> list[str]:
        """What it asks of the organisation."""
        return fields_in(self.body)


@cache
def templates() -> dict[str, Template]:
    """Every template by its code, in the order of the files.

    Raises:
        DataFault: a file that ships is faulty.
    """
    return {template.code: template for template in (read_template(path) for path in sorted(FOLDER.glob("*.yaml")))}


def read_template(path: Path) -> Template:
    """One template as its file says.

    Raises:
        DataFault: the file is faulty; the text names the file and what is wrong.
    """
    data = read_mapping(path, required=_KEYS)
    for key, allowed in (("group", GROUPS), ("kind", DocumentKind.values), ("audience", Audience.values)):
        if data[key] not in allowed:
            raise DataFault(f"{path.name}: “{data[key]}” is not a {key} we know. Use one of: {', '.join(allowed)}.")
    unknown = unknown_fields_in(data["body"])
    if unknown:
        raise DataFault(f"{path.name}: nothing fills {', '.join(sorted(unknown))}.")
    if not any(isinstance(block, Heading) for block in blocks_of(data["body"])):
        raise DataFault(f"{path.name}: the text has no heading.")
    listed = {key: tuple(data[key]) for key in ("helps_with", "adapt")}
    return Template(**{**data, **listed, "sources": tuple(Source(**source) for source in data["sources"])})
