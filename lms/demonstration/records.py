"""The demonstration's saved columns, and a file of training records that waits for a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from accounts.models import Organisation, User
from courses import record_imports
from lms.demonstration.specifications import Specification
from staff.models import ImportProfile, Person

COLUMNS = {"Employee Number": "staff_number", "First Name": "first_name", "Last Name": "last_name", "Org L5": "unit",
           "Position Title": "job_title", "Supervisor Employee Number": "manager", "NI Number": ""}  # fmt: skip


def build(
    organisation: Organisation, specification: Specification, users: Mapping[str, User], people: Sequence[Person], *, at: datetime
) -> None:
    """An export of which most rows are new, one is dated to come, and two name nobody as they stand."""
    keeper = next((users[s.name] for s in specification.sign_ins if "hr" in s.roles and s.name in users), None)
    if keeper is None:
        return
    ImportProfile.objects.create(
        organisation=organisation, name="Monthly HR report", mapping=COLUMNS, reading={"erased": [], "kept_here": ["has_access"]}
    )
    day = (at - timedelta(days=40)).date()
    rows = ["Employee Number,Learner Name,Course Title,Completion Date,Course Status"]
    rows += [f"{p.staff_number},{p},Data Security Awareness Level 1,{day:%d/%m/%Y},Completed" for p in people[:6]]
    slip, other, later = people[6], people[7], people[8]
    rows.append(f"{slip.staff_number}-2,{slip},Data Security Awareness Level 1,{day:%d/%m/%Y},Completed")
    rows.append(f"99999,{other},Data Security Awareness Level 1,{day:%d/%m/%Y},Completed")
    rows.append(f"{later.staff_number},{later},Data Security Awareness Level 1,{at + timedelta(days=20):%d/%m/%Y},Completed")
    batch = record_imports.upload(
        "\n".join(rows).encode(), file_name="e-learning export.csv", organisation=organisation, course=None, by=keeper, at=at
    )
    record_imports.preview(batch, at=at)
