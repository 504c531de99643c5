"""Which column of a file of training records is which: the headings we know, and the traps among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from staff.importing import mapping as headings
from staff.importing.mapping import FIELDS, Field

COLUMNS: tuple[Field, ...] = (
    Field(
        "staff_number",
        "Staff number",
        (*next(f.headings for f in FIELDS if f.name == "staff_number"), "learner id", "user id", "candidate number"),
    ),
    Field("email", "E-mail address", ("email", "email address", "e-mail", "e-mail address", "learner email", "user email", "work email")),
    Field("name", "Name", ("full name", "name", "learner name", "employee name", "learner", "user", "staff name", "user full name")),
    Field(
        "course",
        "Course",
        ("course", "course code", "course name", "course title", "competency name", "competence name", "competence", "learning",
         "learning title", "title", "module", "module name", "activity", "activity name", "class name", "training"),
    ),
    Field(
        "completed_on",
        "Completed on",
        ("completed on", "completion date", "date completed", "date of completion", "course completion date", "completed", "date achieved",
         "achieved date", "date last awarded", "date awarded", "completion time", "passed on", "end date", "date start", "date"),
    ),
    Field("source", "Source", ("source", "type", "method", "delivery method", "delivery", "how")),
    Field("score", "Score", ("score", "score percent", "score %", "result %", "percentage", "mark", "grade", "final score")),
    Field("reference", "Reference", ("reference", "ref", "certificate number", "certificate", "certificate id", "enrolment id", "record id")),
    Field("status", "Status", ("status", "completion status", "course status", "learning status", "player status", "rag status")),
)  # fmt: skip
LABELS = {column.name: column.label for column in COLUMNS}
_UPDATERS = {headings.key(name) for name in ("Last Updated By", "Updated By", "Modified By", "Created By", "Entered By")}
"""They name whoever changed the record. Some importers took them for the learner."""

UPDATER_TRAP = (
    "“{heading}” names whoever last changed the record, not the learner: export the file again with each learner's staff number."
)


def guess(found: Sequence[str]) -> dict[str, str]:
    """Field name by heading."""
    return headings.guess(found, fields=COLUMNS)


def known(found: Sequence[str]) -> int:
    """How many of the headings are ones we know."""
    return headings.known(found, fields=COLUMNS)


def updaters(found: Sequence[str]) -> list[str]:
    """The headings that name whoever changed a record."""
    return [heading for heading in found if headings.key(heading) in _UPDATERS]


def missing(mapping: Mapping[str, str], *, has_course: bool, all_headings: Sequence[str] = ()) -> str:
    """Why training records cannot be read with this mapping, as one sentence; empty when they can.

    Args:
        mapping: field name by heading.
        has_course: every row is of one course that was named beside the file.
        all_headings: the file's headings, mapped or not.
    """
    fields = set(mapping.values())
    trap = [heading for heading in updaters(list(mapping)) if mapping[heading] in ("staff_number", "email", "name")]
    if not {"staff_number", "email"} & fields:
        trap = trap or updaters(all_headings)
        if not trap:
            return "The file has no column that we know as the staff number: name it “staff_number”."
    if trap:
        return UPDATER_TRAP.format(heading=trap[0])
    for name in ("course", "completed_on"):
        if name not in fields and not (name == "course" and has_course):
            return f"The file has no column that we know as “{LABELS[name].lower()}”: name it “{name}”."
    return ""


def origin(found: Sequence[str]) -> str:
    """What kind of export the headings look like, for people to read; empty if they could be anybody's."""
    keys = {headings.key(heading) for heading in found}
    if "competencename" in keys or "competencyname" in keys or "vpd" in keys:
        return "an ESR competence report"
    if keys & {"elfhid", "elfhusername", "learningpath", "programme"} and keys & {"status", "coursestatus", "completionstatus"}:
        return "an e-LfH learning report"
    if {"staffnumber", "course", "completedon"} <= keys:
        return "our own template"
    return ""
