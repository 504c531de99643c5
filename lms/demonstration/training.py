"""The training papers of the demonstration: an approved needs analysis, and what is recorded of each person beside courses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation, User
from courses import prior_learning
from courses.analyses import approve, begin_draft, change_details
from courses.models import Course, NeedsApproval, RecordKind
from courses.staff_record_figures import Line, figure
from courses.staff_records import record_for
from lms.demonstration.specifications import SignIn, Specification
from staff.models import Person

APPROVED_DAYS_AGO = 120
REVIEWED_AFTER = timedelta(days=365)
SUMMARY = (
    "We looked at who sees or hears personal information in each post, at last year’s incidents and near misses, and at the questions "
    "that staff most often got wrong in the quiz.\n"
    "Everybody with access needs data security awareness each year. What managers and holders of key posts need beside that is "
    "agreed with each of them and recorded as training for their post."
)
CLAUSE = "Contract of employment, clause on confidentiality and data security"
COVERED = "Confidentiality, passwords, fake e-mails, safe use of phones and paper, how to report"
LACKING = 3
"""How many people have no clause on record."""


def arrange(
    organisation: Organisation,
    specification: Specification,
    people: list[Person],
    users: dict[str, User],
    course: Course,
    *,
    today: date,
    at: datetime,
) -> int:
    """Approve the needs analysis, and in the smaller organisations record inductions, contracts and key posts. Returns the records."""
    writer = _who(specification, Role.TRAINING_LEAD) or _who(specification, Role.DSPT_LEAD)
    approver = _who(specification, Role.SENIOR_REVIEWER)
    if writer is not None and approver is not None:
        _approve_needs(organisation, users[writer.name], users[approver.name], approver.job_title, today=today)
    keeper = _who(specification, Role.HR)
    if specification.type == "trust" or keeper is None:
        return 0
    by = users[keeper.name]
    recorded = _record_all(organisation, by=by, today=today, at=at)
    prior_learning.hand_in_certificate(
        people[-1],
        (
            b"Certificate of attendance\n\nData security awareness, Fernhill Care, 14 September 2026.\n",
            "fernhill-certificate.txt",
        ),
        course=course,
        completed_on=min(date(2026, 9, 14), today),
        given_by="Fernhill Care",
        by=by,
        at=at,
    )
    return recorded


def _who(specification: Specification, role: Role) -> SignIn | None:
    return next((sign_in for sign_in in specification.sign_ins if role in sign_in.roles), None)


def _approve_needs(organisation: Organisation, writer: User, approver: User, approved_as: str, *, today: date) -> NeedsApproval:
    on = today - timedelta(days=APPROVED_DAYS_AGO)
    at = timezone.make_aware(datetime.combine(on, time(10)))
    draft = begin_draft(organisation, by=writer, at=at)
    draft = change_details(
        draft, by=writer, at=at, summary=SUMMARY, review_on=on + REVIEWED_AFTER, change_note="The first version as a document."
    )
    return approve(draft, approved_as=approved_as, by=approver, at=at + timedelta(hours=4))


def _record_all(organisation: Organisation, *, by: User, today: date, at: datetime) -> int:
    def record(kind: RecordKind, line: Line, detail: str) -> int:
        on = min(max(line.since, today - timedelta(days=500)), today)
        whom = [(line.person, line.key_post)]
        return len(record_for(organisation, whom, kind=kind, happened_on=on, detail=detail, by=by, at=at))

    def others(kind: RecordKind) -> list[Line]:
        return [line for line in figure(organisation, kind, on=today).lines if line.person.user_id != by.pk]

    count = sum(record(RecordKind.CONTRACT, line, CLAUSE) for line in others(RecordKind.CONTRACT)[LACKING:])
    count += sum(record(RecordKind.INDUCTION, line, COVERED) for line in others(RecordKind.INDUCTION)[1:])
    return count + sum(
        record(RecordKind.POST_TRAINING, line, f"Training day for the {line.key_post_name}")
        for line in others(RecordKind.POST_TRAINING)[:1]
    )
