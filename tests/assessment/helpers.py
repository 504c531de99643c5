"""What the tests of a return share: a care provider with an edition, and its return filled in as far as wanted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from accounts.enums import Role
from accounts.models import Organisation, User
from assessment import services
from assessment.answers import typed
from assessment.edition_file import EDITIONS_DIRECTORY
from assessment.loading import load_edition
from assessment.models import Assessment, Confirmation, Edition, EditionItem, EvidenceLink, Response, ResponseVersion
from assessment.queries import AssessmentReturn, read_return
from courses.models import Completion, Course
from evidence.models import DocumentVersion
from evidence.services import add_document
from staff.models import KeyPost
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, member, person_in_post

YEAR = "2025-26"
TRAINING = "3.2.1"


def shipped_edition(year: str = YEAR, name: str = "category-3") -> Edition:
    """An edition that comes with the product, loaded."""
    return load_edition(EDITIONS_DIRECTORY / year / f"{name}.yaml", at=NOW)[0]


def training_course() -> Course:
    """The course that the training figure counts."""
    return Course.objects.filter(code="data-security-awareness").first() or CourseFactory(code="data-security-awareness")


def train(organisation: Organisation, *, trained: int, of: int, on: date = TODAY - timedelta(days=30)) -> None:
    """So many people in post, so many of them trained on a date."""
    course = training_course()
    for number in range(of):
        person = person_in_post(organisation)
        if number < trained:
            CompletionFactory(person=person, course=course, completed_on=on, source=Completion.Source.IMPORT)


def lead_of(organisation: Organisation) -> User:
    return member(organisation, Role.DSPT_LEAD)


def registered_manager(organisation: Organisation, *, kind: str = "registered-manager") -> User:
    """A senior reviewer who holds an accountable post; on the staff list without access to data, so in no figure."""
    user = member(organisation, Role.SENIOR_REVIEWER)
    person = person_in_post(organisation, user=user, has_access="no")
    KeyPost.objects.create(organisation=organisation, kind=kind, holder=person, start=date(2020, 1, 1))
    return user


def opened(organisation: Organisation, by: User, *, year: str = YEAR, at: datetime = NOW) -> Assessment:
    return services.open_year(organisation, year, by=by, at=at)


def response(assessment: Assessment, number: str) -> Response:
    return Response.objects.select_related("item", "assessment").get(assessment=assessment, item__number=number)


def assertion(assessment: Assessment, number: str) -> EditionItem:
    return EditionItem.objects.get(edition=assessment.edition, kind="assertion", number=number)


def suitable(spec: Any) -> Any:
    """An answer that satisfies an item of any kind."""
    if spec.answer.kind == "yes_no":
        return "no" if spec.answer.satisfies == "no" else "yes"
    if spec.answer.kind == "date":
        return (TODAY - timedelta(days=20)).isoformat()
    if spec.answer.kind == "number":
        return "12"
    if spec.answer.kind == "choice":
        return next(option.value for option in spec.answer.options if option.satisfies)
    return "Kept by the registered manager, reviewed this year"


def answer_everything(assessment: Assessment, by: User, *, at: datetime = NOW, but: tuple[str, ...] = ()) -> None:
    """Every item answered so that it is satisfied, the training figure taken, documents attached where they are asked for.

    Rows are written at once; that services write the same is tested where they are.
    """
    document = evidence(assessment.organisation, by, at=at)
    leaves = [leaf for leaf in whole(assessment).leaves if leaf.number not in but]
    ResponseVersion.objects.bulk_create(
        ResponseVersion(
            response=leaf.response,
            n=leaf.version_number + 1,
            value=typed(leaf.spec.answer, suitable(leaf.spec), today=TODAY),
            author=by,
            at=at,
        )
        for leaf in leaves
    )
    EvidenceLink.objects.bulk_create(
        EvidenceLink(response=leaf.response, document_version=document, attached_by=by, attached_at=at)
        for leaf in leaves
        if leaf.spec.evidence.minimum
    )
    for leaf in leaves:
        if leaf.spec.live:
            services.take_reading(leaf.response, as_of=services.london_day(at), by=by, at=at)


def evidence(
    organisation: Organisation, by: User, *, at: datetime = NOW, title: str = "Policy", **version: Any
) -> DocumentVersion:
    """A document kept on paper, in force for a while."""
    version = {"location": "Office", "effective_on": TODAY - timedelta(days=40)} | version
    return add_document(organisation, title=title, kind="policy", by=by, at=at, received_on=TODAY, **version)


def confirm_everything(assessment: Assessment, by: User, *, at: datetime = NOW) -> None:
    now = whole(assessment)
    rows = {row.item_id: row for row in EditionItem.objects.filter(edition=assessment.edition, kind="assertion")}
    Confirmation.objects.bulk_create(
        Confirmation(
            assessment=assessment,
            assertion=rows[part.id],
            digest=now.assertion_digest(part),
            scheme=Confirmation.BY_ITEM,
            by=by,
            at=at,
        )
        for part in now.assertions()
    )


def whole(assessment: Assessment, *, on: date = TODAY, strict: bool = False) -> AssessmentReturn:
    return read_return(Assessment.objects.get(pk=assessment.pk), on=on, strict=strict)


def ready_to_sign(organisation: Organisation, *, lead: User, reviewer: User) -> Assessment:
    """A full return that its reviewer has passed."""
    assessment = opened(organisation, lead)
    answer_everything(assessment, lead)
    confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=reviewer, at=NOW)
    return assessment


def sign(assessment: Assessment, by: User, *, planned_on: date = TODAY, at: datetime = NOW) -> Any:
    """Sign with every warning acknowledged."""
    try:
        return services.sign(assessment, planned_on=planned_on, acknowledged=(), by=by, at=at)
    except services.WarningsNotAcknowledgedError as refusal:
        codes = [warning.code for warning in refusal.warnings]
        return services.sign(assessment, planned_on=planned_on, acknowledged=codes, by=by, at=at)
