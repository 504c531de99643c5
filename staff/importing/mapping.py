"""Which column of a file is which field: guessed from the headings, shown, corrected, saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Field:
    """Something we take from a file, and the headings under which files are known to carry it, likeliest first."""

    name: str
    label: str
    headings: tuple[str, ...]


FIELDS: tuple[Field, ...] = (
    Field(
        "staff_number",
        "Staff number",
        (
            "staff number",
            "staff no",
            "staff id",
            "staff ref",
            "staff reference",
            "staff code",
            "employee number",
            "employee no",
            "employee id",
            "employee ref",
            "employee reference",
            "employee code",
            "emp number",
            "emp no",
            "emp id",
            "emp ref",
            "esr number",
            "esr employee number",
            "esr id",
            "person number",
            "person id",
            "personnel number",
            "personnel no",
            "payroll number",
            "payroll no",
            "payroll id",
            "payroll code",
            "payroll reference",
            "works number",
            "worker id",
            "unique identifier",
            "unique person identifier",
            "uid",
            "id number",
            "username",
        ),
    ),
    Field(
        "assignment_number",
        "Assignment number",
        ("assignment number", "assignment no", "assignment id", "job assignment id number", "post number", "contract number"),
    ),
    Field(
        "first_name",
        "First name",
        (
            "first name",
            "forename",
            "forenames",
            "given name",
            "given names",
            "first names",
            "forename 1",
            "preferred name",
            "known as",
        ),
    ),
    Field("last_name", "Last name", ("last name", "surname", "family name")),
    Field(
        "full_name",
        "Full name",
        ("full name", "employee name", "staff name", "employee full name", "learner name", "person name", "name"),
    ),
    Field(
        "email",
        "E-mail address",
        (
            "work email",
            "work email address",
            "email",
            "email address",
            "e-mail",
            "e-mail address",
            "nhs email",
            "business email",
            "office e-mail",
        ),
    ),
    Field(
        "unit",
        "Team, ward or home",
        (
            "unit",
            "team",
            "ward",
            "home",
            "department",
            "department name",
            "team name",
            "care home",
            "home name",
            "service name",
            "organisation unit",
            "org unit",
            "orgidnumber",
            "org l5",
            "org l4",
            "org l3",
            "assignment organisation",
            "organization",
            "organisation",
            "cost centre description",
            "workplace",
            "service",
            "branch",
            "site",
            "location",
            "site name",
            "branch name",
            "location name",
            "primary location",
            "institution",
            "work location",
            "directorate",
            "division",
        ),
    ),
    Field(
        "job_title",
        "Job title",
        (
            "job title",
            "position title",
            "position name",
            "postitle",
            "post title",
            "job role",
            "job",
            "position",
            "role",
            "title of post",
            "job assignment full name",
            "posidnumber",
        ),
    ),
    Field(
        "staff_group",
        "Staff group",
        ("staff group", "staffgroup", "occupational group", "role group", "job family", "professional group"),
    ),
    Field(
        "employment_type",
        "Employment type",
        (
            "employment type",
            "assignment category",
            "employee category",
            "employment category",
            "contract type",
            "type of contract",
            "worker type",
            "assignment type",
            "type of employment",
            "employment basis",
            "employee type",
            "staff type",
        ),
    ),
    Field(
        "manager",
        "Manager",
        (
            "manager staff number",
            "manager number",
            "manager employee number",
            "line manager staff number",
            "line manager number",
            "line manager employee number",
            "line manager id",
            "manager id",
            "manageridnumber",
            "supervisor employee number",
            "supervisor number",
            "supervisor id",
            "reports to staff number",
            "reports to number",
            "reports to id",
            "manager staff no",
            "manager no",
            "line manager no",
            "manager email",
            "line manager email",
            "supervisor email",
            "manager",
            "line manager",
            "supervisor",
            "reports to",
            "manager name",
            "line manager name",
            "supervisor name",
        ),
    ),
    Field(
        "has_access",
        "Has access to personal data",
        (
            "has access to personal data",
            "access to personal data",
            "personal data access",
            "has access",
            "data access",
            "handles personal data",
            "access to confidential information",
            "access to patient data",
        ),
    ),
    Field(
        "start",
        "Start date",
        (
            "post start date",
            "position start date",
            "posstartdate",
            "assignment start date",
            "start date in position",
            "job assignment start date",
            "start date",
            "date started",
            "latest hire date",
            "latest start date",
            "hire date",
            "date of joining",
            "joined",
            "date joined",
            "join date",
            "starter date",
            "date employment started",
            "employment commenced",
            "date of hire",
            "employment start date",
            "commencement date",
            "start",
            "continuous service date",
        ),
    ),
    Field(
        "end",
        "Leaving date (the last day in post)",
        (
            "leaving date",
            "leave date",
            "date left",
            "date of leaving",
            "termination date",
            "actual termination date",
            "posenddate",
            "assignment end date",
            "post end date",
            "position end date",
            "end date",
            "last working day",
            "last day",
            "leaver date",
            "contract end date",
            "employment end date",
            "job assignment end date",
            "date employment ended",
            "end",
        ),
    ),
    Field(
        "has_left",
        "Status: has somebody left?",
        (
            "has left",
            "leaver",
            "is leaver",
            "assignment status",
            "employment status",
            "employee status",
            "staff status",
            "person type",
            "suspended",
            "deleted",
            "archived",
            "status",
            "action",
        ),
    ),
    Field(
        "absence_from",
        "Away from",
        ("absence from", "absence start", "absence start date", "away from", "date absence started", "long term absence start"),
    ),
    Field(
        "absence_to",
        "Away until (the last day away)",
        (
            "absence to",
            "absence end",
            "absence end date",
            "away to",
            "away until",
            "last day of absence",
            "long term absence end",
        ),
    ),
    Field(
        "organisation_code",
        "Organisation code (ODS): only to check that the list is yours",
        (
            "ods code",
            "ods",
            "organisation ods code",
            "org ods code",
            "employer ods code",
            "employing organisation ods code",
            "workplace ods code",
            "nacs code",
        ),
    ),
)
LABELS = {field.name: field.label for field in FIELDS}

_CUSTOM_FIELD = re.compile(r"(?:profile_field|customfield)_", re.IGNORECASE)
"""Moodle and Totara put it in front of the fields that an organisation has made itself."""

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


@lru_cache(maxsize=4096)
def key(heading: str) -> str:
    """What is compared of a heading: ``Staff No. *``, ``STAFF_NO`` and ``StaffNo (text)`` are all ``staffno``."""
    bare = _BRACKETS.sub("", _CUSTOM_FIELD.sub("", heading)) or heading
    return "".join(c for c in bare.casefold() if c.isalnum())


def guess(headings: Sequence[str], *, fields: Iterable[Field] = FIELDS, saved: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field name by heading, each field once. A saved mapping of a heading goes before a guess; ``""`` there means: ignore.

    A field that several headings could carry goes to the likeliest name; the others stay unmapped.
    """
    fields = list(fields)
    names = {field.name for field in fields}
    remembered = {key(heading): name for heading, name in (saved or {}).items()}
    found: dict[str, str] = {}
    for heading in headings:
        told = remembered.get(key(heading), "")
        if told in names and told not in found.values():
            found[heading] = told
    for field in fields:
        if field.name in found.values():
            continue
        for alias in field.headings:
            wanted = key(alias)
            free = [h for h in headings if key(h) == wanted and h not in found and key(h) not in remembered]
            if free:
                found[free[0]] = field.name
                break
    return found


def known(headings: Sequence[str], *, fields: Iterable[Field] = FIELDS, saved: Mapping[str, str] | None = None) -> int:
    """How many of the headings are ones we know."""
    return len(guess([heading for heading in headings if heading], fields=fields, saved=saved))


def missing(mapping: Mapping[str, str]) -> str:
    """Why a staff list cannot be read with this mapping, as one sentence; empty when it can."""
    fields = set(mapping.values())
    lacking = []
    if "staff_number" not in fields:
        lacking.append("the staff number")
    if "full_name" not in fields and not {"first_name", "last_name"} <= fields:
        lacking.append("the name")
    if not lacking:
        return ""
    return f"The file has no column that we know as {' or as '.join(lacking)}: name the columns “Staff number”, “First name” and “Last name”, or say which they are."
