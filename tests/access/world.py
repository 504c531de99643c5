"""Two whole organisations for the access matrix, and what every address of the product needs to be called."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from allauth.socialaccount.models import SocialAccount
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import URLPattern, URLResolver, get_resolver
from wagtail.documents.models import Document as Draft
from wagtail.models import Collection

from accounts.enums import Role
from accounts.models import AccessGrant, Membership, Organisation, Site, User
from assessment.models import (
    Assessment,
    AuditFinding,
    AuditRequest,
    AuditRequestStep,
    AuditSample,
    EditionItem,
    Engagement,
    EvidenceLink,
    LiveReading,
    Publication,
    Response,
    SampledPerson,
)
from assessment.services import comment
from courses.allowances import ask_exemption
from courses.analyses import begin_draft
from courses.models import (
    Certificate,
    Completion,
    Course,
    CoursePage,
    LessonFile,
    ModulePage,
    RecordImport,
    ReminderLetterRun,
    ReminderMail,
    ReminderSend,
    TrainingNeed,
    TrainingSession,
)
from courses.own import open_place
from courses.prior_learning import hand_in_certificate, vouch_for
from courses.sessions import attach_sheet, plan_session, put_on_list
from courses.signing import present_key
from courses.staff_records import record_for
from evidence.blobs import keep
from evidence.models import Document, DocumentVersion
from jobs.models import Job
from lms.demonstration import build
from lms.demonstration.specifications import CARE, Specification
from privacy.models import LegalHold, PersonCopy, RetentionRun
from quizzes.models import Attempt, Pool, Question
from registers.models import Advice, Check, Disposal, HeldCertificate, Incident, Matter, NilReturn, Policy, PolicyVersion, Risk
from registers.models.supplier_requests import SupplierRequest
from registers.models.suppliers import Agreement, Supplier
from registers.services.actions import Owner, add_action
from registers.services.dpo import give_advice
from registers.services.incidents import Report, report_incident
from registers.services.rights import add_matter
from reporting.enums import Every, ReportKind
from reporting.models import EvidenceSnapshot, PhishingExercise, SavedReport
from reporting.sending import schedule_report
from reporting.services import take_snapshot
from staff.models import (
    Absence,
    Delegation,
    ImportBatch,
    ImportProfile,
    JoinerToken,
    KeyPost,
    LetterRun,
    Person,
    Post,
    TeamFlag,
    Unit,
)
from tests.access.rarer import add_rarer_rows
from tests.factories import member, platform_administrator

AT = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Europe/London"))
TODAY = date(2026, 11, 20)

FOREIGN = Specification(**{**CARE.__dict__, "ods_code": "OTHER1", "name": "Hollow Hill Care", "domain": "hollowhill.example"})


@dataclass
class Side:
    """One organisation, the owner of its personal things, and an id for every kind of object in an address."""

    organisation: Organisation
    owner: User
    ids: dict[str, Any]


MARK = "zzforeign"
"""Stands in what the other organisation's people wrote, so that a leak of any of it is seen."""


def somebody(side: Side, role: Role) -> User:
    """Somebody with a role in a side's organisation; an invited auditor with an invitation to its open return."""
    user = member(side.organisation, role)
    if role == Role.INVITED_AUDITOR:
        invited = {"assessment_id": side.ids["assessment_id"], "auditor": user, "firm": "Firm", "terms": "All of it"}
        Engagement.objects.create(**invited, starts_on=TODAY, ends_on=date(2099, 1, 1), at=AT)
    return user


def mark_words(organisation: Organisation) -> None:
    """Put the mark into the names and titles of an organisation's rows."""
    marked = {"last_name": Person.objects.of(organisation), "title": Document.objects.filter(organisation=organisation)}
    Policy.objects.filter(organisation=organisation).update(title=Concat(Value(f"{MARK} "), "title"))
    marked |= {
        "name": Unit.objects.filter(organisation=organisation),
        "job_title": Post.objects.filter(person__organisation=organisation),
    }
    marked |= {"does": Supplier.objects.filter(organisation=organisation)}
    marked |= {"rationale": TrainingNeed.objects.filter(organisation=organisation)}
    Site.objects.filter(organisation=organisation).update(name=Concat(Value(f"{MARK} "), "name"))
    for column, rows in marked.items():
        rows.update(**{column: Concat(Value(f"{MARK} "), column)})


NAMED = "zznamed"
"""Stands in what names one person, so that an address that names somebody is seen."""


def mark_people(organisation: Organisation) -> None:
    """Put the mark into names, staff numbers and e-mail addresses of an organisation's people and their sign-ins."""
    people = Person.objects.of(organisation)
    marked = {column: Concat(Value(NAMED), column) for column in ("first_name", "last_name", "email")}
    User.objects.filter(pk__in=Membership.objects.filter(organisation=organisation).values("user")).update(
        **marked, username=Concat(Value(NAMED), "username")
    )
    people.update(**marked, staff_number=Concat(Value(NAMED), "staff_number"))


def own_course(organisation: Organisation, words: str) -> CoursePage:
    """One more published course that an organisation wrote for itself."""
    place = open_place(organisation, by="system", at=AT)
    course: CoursePage = place.add_child(instance=CoursePage(title=f"{words} course", slug="own", summary=words))
    lesson = {"type": "lesson", "value": {"title": words, "minutes": 2, "blocks": [{"type": "text", "value": f"<p>{words}</p>"}]}}
    course.add_child(instance=ModulePage(title=f"{words} module", slug="one", lessons=[lesson])).save_revision().publish()
    return course


def make_side(specification: Specification) -> Side:
    """A care provider with everything in it that an address can name."""
    build.build_one(specification, today=TODAY, at=AT)
    organisation = Organisation.objects.get(ods_code=specification.ods_code)
    if specification is FOREIGN:
        mark_words(organisation)
    people = Person.objects.of(organisation)
    owner = member(organisation, Role.STAFF)
    learner = people.filter(completions__attempt__isnull=False, user=None).first()
    learner.user = owner
    learner.save(update_fields=["user"])
    completion = Completion.objects.get(attempt__person=learner)
    published = Publication.objects.get(organisation=organisation)
    working = Assessment.objects.get(organisation=organisation, closed_at=None)
    lead = Membership.objects.get(organisation=organisation, role=Role.ORGANISATION_ADMIN).user
    job = Job.objects.create(kind="test", title="Work", organisation=organisation, created_by=owner, created_at=AT, queued_at=AT)
    batch = ImportBatch.objects.create(
        organisation=organisation, file_name="staff.csv", file_sha256="0" * 64, as_of=TODAY, created_at=AT, created_by=lead
    )
    held = HeldCertificate.objects.create(
        organisation=organisation, scheme="iso27001", number="1", issued_on=TODAY, expires_on=date(2027, 11, 20)
    )
    nil_return = NilReturn.objects.create(
        organisation=organisation, register="disposals", start=TODAY, end=date(2026, 12, 1), signed_by=lead, signed_at=AT
    )
    words = MARK if specification is FOREIGN else "Ours"
    action = add_action(organisation, what=words, why=words, owner=Owner(words=words), due_on=TODAY, by=lead, at=AT)
    letters = LetterRun.objects.create(organisation=organisation, created_by=owner, created_at=AT, made_at=AT, letters=1)
    first = people.exclude(pk=learner.pk).first()
    disposal = Disposal.objects.create(
        organisation=organisation,
        what=f"{MARK if specification is FOREIGN else ''} Boxes",
        kind="paper",
        method="shredded",
        done_by="staff",
        disposed_on=date(2026, 11, 1),
        recorded_on=TODAY,
    )
    take_snapshot(organisation, on=TODAY, by=lead, at=AT)
    own = own_course(organisation, MARK if specification is FOREIGN else "Our own")
    supplier = Supplier.objects.get(organisation=organisation, requests__answer__isnull=False)
    policy = Policy.objects.get(organisation=organisation, template_code="acceptable-use")
    draft = begin_draft(organisation, by=lead, at=AT)
    session = _session(organisation, first, lead)
    ids = {
        "access_grant_id": AccessGrant.objects.create(
            organisation=organisation,
            asked_by=platform_administrator(),
            asked_at=AT,
            reason=words,
            capabilities=["staff.view"],
            hours=1,
        ).pk,
        "absence_id": Absence.objects.filter(person__organisation=organisation).first().pk,
        "agreement_id": Agreement.objects.filter(supplier=supplier).first().pk,
        "action_id": action.pk,
        "assessment_id": working.pk,
        "attempt_id": Attempt.objects.get(person=learner).pk,
        "batch_id": batch.pk,
        "certificate_id": Certificate.objects.get(completion=completion).pk,
        "completion_id": completion.pk,
        "delegation_id": Delegation.objects.filter(organisation=organisation).first().pk,
        "document_id": Document.objects.filter(organisation=organisation).first().pk,
        "document_version_id": DocumentVersion.objects.filter(document__organisation=organisation).first().pk,
        "edition_item_id": EditionItem.objects.filter(edition=working.edition, kind="assertion").first().pk,
        "evidence_link_id": EvidenceLink.objects.filter(response__assessment=working).first().pk,
        "check_id": Check.objects.of(organisation).first().pk,
        "entry_id": disposal.pk,
        "risk_id": Risk.objects.of(organisation).first().pk,
        "held_certificate_id": held.pk,
        "advice_id": _advice(organisation, lead).pk,
        "matter_id": _matter(organisation, lead).pk,
        "incident_id": _incident(organisation, lead).pk,
        "exemption_id": ask_exemption(
            first, by=owner, at=AT, course=None, reason="secondment", note=words, start=TODAY, last_day=None
        ).pk,
        "engagement_id": Engagement.objects.create(
            assessment=working, auditor=owner, firm=words, terms=words, starts_on=TODAY, ends_on=date(2099, 1, 1), by=lead, at=AT
        ).pk,
        "finding_id": AuditFinding.objects.create(
            assessment=working, assessed="not", severity="high", text=words, seen="0" * 64, by=lead, at=AT
        ).pk,
        "job_id": job.pk,
        "joiner_token_id": JoinerToken.objects.create(
            organisation=organisation, name=words, digest=organisation.ods_code, made_by=lead, made_at=AT
        ).pk,
        "key_post_id": KeyPost.objects.filter(organisation=organisation).first().pk,
        "known_issuer_id": vouch_for(organisation, name=words, public_key=present_key()[1], how_checked=words, by=lead, at=AT).pk,
        "prior_learning_id": hand_in_certificate(
            first,
            (f"{words}".encode(), "certificate.txt"),
            course=Course.objects.get(code=build.COURSE),
            completed_on=TODAY,
            given_by=words,
            by=owner,
            at=AT,
        ).pk,
        "letter_run_id": letters.pk,
        "membership_id": Membership.objects.filter(organisation=organisation, role=Role.HR).first().pk,
        "nil_return_id": nil_return.pk,
        "need_id": draft.lines.first().pk,
        "analysis_id": draft.pk,
        "organisation_id": organisation.pk,
        "page_id": own.pk,
        "legal_hold_id": LegalHold.objects.create(
            organisation=organisation, scope="person", person=first, reason=words, set_by=lead, set_at=AT
        ).pk,
        "retention_run_id": RetentionRun.objects.create(organisation=organisation, on=TODAY, asked_by=lead, asked_at=AT).pk,
        "person_copy_id": PersonCopy.objects.create(organisation=organisation, person=first, asked_by=lead, asked_at=AT).pk,
        "person_id": first.pk,
        "post_id": Post.objects.filter(person__organisation=organisation).first().pk,
        "policy_id": policy.pk,
        "policy_version_id": PolicyVersion.objects.published().get(policy=policy).pk,
        "profile_id": ImportProfile.objects.create(
            organisation=organisation, name=f"{MARK if specification is FOREIGN else 'Our'} report"
        ).pk,
        "publication_id": published.pk,
        "record_import_id": RecordImport.objects.create(
            organisation=organisation, file_name="records.csv", file_sha256="0" * 64, created_at=AT, created_by=lead
        ).pk,
        "reminder_letter_run_id": _letters(organisation, first, lead).pk,
        "response_id": Response.objects.filter(assessment=working).first().pk,
        "comment_id": comment(
            Response.objects.filter(assessment=working).first(), text=words, is_question=True, by=lead, at=AT
        ).pk,
        "session_id": session.pk,
        "session_person_id": session.people.get().pk,
        "phishing_exercise_id": PhishingExercise.objects.create(
            organisation=organisation, campaign=words, sent_on=TODAY, sent=9, clicked=1, recorded_by=lead, recorded_at=AT
        ).pk,
        "saved_report_id": SavedReport.objects.create(
            organisation=organisation, title=words, is_shared=True, query="", made_by=lead, made_at=AT
        ).pk,
        "scheduled_report_id": schedule_report(
            organisation,
            kind=ReportKind.BOARD,
            course=Course.objects.first(),
            every=Every.MONTH,
            receivers=[lead],
            by=lead,
            at=AT,
        ).pk,
        "site_id": Site.objects.filter(organisation=organisation).first().pk,
        "snapshot_id": EvidenceSnapshot.objects.filter(organisation=organisation).first().pk,
        "team_flag_id": TeamFlag.objects.filter(organisation=organisation).first().pk,
        "staff_record_id": record_for(
            organisation, [(first, "")], kind="induction", happened_on=TODAY, detail=words, by=lead, at=AT
        )[0].pk,
        "supplier_id": supplier.pk,
        "supplier_request_id": SupplierRequest.objects.get(supplier=supplier).pk,
        "training_record_id": completion.pk,
        "unit_id": Unit.objects.filter(organisation=organisation).first().pk,
        "user_id": lead.pk,
    }
    ids["pk"] = _second_factors_of(owner)
    ids["link_id"] = ids["identity_id"] = SocialAccount.objects.create(
        user=owner, provider="none", uid=f"https://login.example {organisation.ods_code}"
    ).pk
    ids |= _audited(working, words, lead)
    ids |= _of_the_question_bank(organisation) | _files_of_lessons(organisation)
    add_rarer_rows(organisation, owner=owner, lead=lead, words=words, today=TODAY, at=AT)
    Post.objects.filter(person=first).update(manager=learner)
    return Side(organisation, owner, ids)


def _audited(assessment: Assessment, words: str, by: User) -> dict[str, Any]:
    """A request answered with a file, and a sample of one."""
    said = {"text": words, "by": by, "at": AT}
    asked = AuditRequest.objects.create(assessment=assessment, wanted_by=TODAY, **said)
    version = DocumentVersion.objects.filter(document__organisation=assessment.organisation, blob__isnull=False).first()
    answer = AuditRequestStep.objects.create(request=asked, kind="answered", document_version=version, **said)
    sample = AuditSample.objects.create(
        assessment=assessment,
        reading=LiveReading.objects.filter(assessment__organisation=assessment.organisation).first(),
        population="counted",
        population_size=1,
        size=1,
        seed=words,
        algorithm="by hand",
        by=by,
        at=AT,
    )
    facts = {"status": "", "counted": False, "completed_on": None, "source": words, "version": None, "score_percent": None}
    person = SampledPerson.objects.create(sample=sample, n=1, person=1, facts=facts | {"certificate": ""})
    ids = {"audit_request_id": asked, "audit_answer_id": answer, "audit_sample_id": sample, "sampled_person_id": person}
    return {name: row.pk for name, row in ids.items()}


def _session(organisation: Organisation, person: Person, by: User) -> TrainingSession:
    """With one person on its list, and a signed sheet."""
    course = Course.objects.published().available_to(organisation).first()
    place = MARK if organisation.ods_code == FOREIGN.ods_code else "Staff room"
    session = plan_session(organisation, course, kind="classroom", held_on=TODAY, place=place, led_by="Sam", by=by, at=AT)
    put_on_list(session, [person], by=by, at=AT)
    return attach_sheet(session, (b"name;signed\n", "sheet.csv"), by=by, at=AT)


def _letters(organisation: Organisation, person: Person, by: User) -> ReminderLetterRun:
    """One letter that reminds one person."""
    run = ReminderLetterRun.objects.create(organisation=organisation, on=TODAY, made_by=by, made_at=AT)
    known = {"organisation": organisation, "person": person, "kind": "own", "on": TODAY}
    mail, _new = ReminderMail.objects.get_or_create(**known, defaults={"made_at": AT, "letters": run})
    course = Course.objects.published().available_to(organisation).first()
    ReminderSend.objects.create(person=person, course=course, due_on=TODAY, step="before-0", step_on=TODAY, mail=mail)
    return run


def _files_of_lessons(organisation: Organisation) -> dict[str, Any]:
    """A file of an editor's."""
    name = f"{MARK if organisation.ods_code == FOREIGN.ods_code else 'ours'}.txt"
    collection = Collection.objects.get(name=organisation.name)
    draft = Draft.objects.create(title=name, file=ContentFile(b"words", name), collection=collection)
    return {"draft_file_id": draft.pk}


def _incident(organisation: Organisation, by: User) -> Incident:
    words = f"{MARK} went wrong" if organisation.ods_code == FOREIGN.ods_code else "Something went wrong"
    report = Report(kind="incident", nature="other", what_happened=words, noticed_at=AT)
    return report_incident(organisation, report, key=uuid4(), by=by, at=AT).incident


KEY = Path(__file__).with_name("key.json")
"""A key that a browser made at localhost: no device holds its other half any more."""


def _second_factors_of(owner: User) -> int:
    """One of each kind; the id of the key."""
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(
            user=owner, type=kind, data={"secret": encrypt("JBSWY3DP"), "seed": encrypt("1"), "used_mask": 0}
        )
    return Authenticator.objects.create(user=owner, type=Authenticator.Type.WEBAUTHN, data=json.loads(KEY.read_text())).pk


def _of_the_question_bank(organisation: Organisation) -> dict[str, Any]:
    pool = Pool.objects.get(organisation=organisation)
    if organisation.ods_code == FOREIGN.ods_code:
        Pool.objects.filter(pk=pool.pk).update(title=f"{MARK} questions")
    return {"pool_code": pool.code, "question_id": Question.objects.filter(pool=pool).first().pk}


def _matter(organisation: Organisation, by: User) -> Matter:
    words = f"{MARK} asked" if organisation.ods_code == FOREIGN.ods_code else "Care records"
    return add_matter(organisation, kind="access", received_on=TODAY, way="email", about=words, by=by, at=AT)


def _advice(organisation: Organisation, by: User) -> Advice:
    words = f"{MARK} advised" if organisation.ods_code == FOREIGN.ods_code else "Better not."
    return give_advice(organisation, asked_on=TODAY, given_on=TODAY, question=words, advice=words, by=by, at=AT)


def load_everything_that_ships() -> None:
    call_command("load_content", stdout=StringIO(), stderr=StringIO())
    course = Course.objects.get(code=NOT_OF_AN_ORGANISATION["course_code"])
    LessonFile.objects.create(course=course, blob=keep(b"words", media_type="text/plain"), name="words.txt")


NOT_OF_AN_ORGANISATION: dict[str, Any] = {
    "directory_code": "none",
    "provider_id": "none",
    "joiner_uuid": "00000000-0000-4000-8000-000000000000",
    "chart_name": "funnel",
    "template_code": "data-protection",
    "course_code": "data-security-awareness",
    "profile_step": "type",
    "module": "why-information-safety-is-care-safety",
    "lesson": 1,
    "slot": 1,
    "kind": "single",
    "number": 1,
    "token": "x" * 43,
    "kid": present_key()[0],
    "ods_code": CARE.ods_code,
    "uidb64": "MQ",
    "path": "images/none.png",
    "platform_administrator_id": 999_999_998,
    "look_id": 999_999_998,
    "file_name": "training-statement.pdf",
    "rule_key": "training",
    "list_name": "people",
    "who": "joins",
    "rule": "leavers",
    "on": "2026-11-20",
    "list_format": "csv",
    "file_format": "csv",
    "register": "disposals",
    "check_kind": "spot-check",
    "record_kind": "induction",
    "record_form": "json",
    "exchange_format": "gift",
    "ending": "svg",
    "sha256": sha256(b"words").hexdigest(),
    "draft_name": "words.txt",
}
"""Parts of an address that name nothing of anybody's."""

ABSENT = 999_999_999


def addresses() -> list[tuple[str, tuple[str, ...]]]:
    """The name of every address of ours, with the parts it takes. The CMS and the site's pages are tested apart."""
    found: list[tuple[str, tuple[str, ...]]] = []

    def walk(patterns: list[URLPattern | URLResolver], namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                if not str(pattern.pattern).startswith("cms/"):
                    walk(pattern.url_patterns, pattern.namespace or namespace)
            elif pattern.name != "wagtail_serve":
                name = f"{namespace}:{pattern.name}" if namespace else str(pattern.name)
                found.append((name, tuple(pattern.pattern.regex.groupindex)))

    walk(get_resolver().url_patterns, "")
    return found


def parts_for(side: Side, names: tuple[str, ...]) -> dict[str, Any]:
    """The parts of an address, naming this side's objects."""
    return {name: side.ids[name] if name in side.ids else NOT_OF_AN_ORGANISATION[name] for name in names}


Visit = Callable[[str, str], Any]
