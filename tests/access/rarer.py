"""A row in every table that no address names: withdrawals, pauses, refusals, second thoughts. Made for each organisation of the world."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from wagtail.documents.models import Document as Draft
from wagtail.log_actions import log
from wagtail.models import Comment, CommentReply, TaskState

from accounts import looking
from accounts.models import AccessGrant, Organisation, Site, User
from assessment.loading import file_of
from assessment.models import (
    Assessment,
    AssessmentTransition,
    Engagement,
    EvidenceLink,
    Publication,
    Response,
    ReviewPoint,
    SiteAttestation,
)
from assessment.register_figures import figures_by_item
from assessment.services import (
    acknowledge_year,
    end_engagement,
    keep_register_readings,
    leave_site_out,
    mark_entered,
    plan_action,
    withhold_document,
)
from assessment.wording import keep_wording
from courses.completions import void_completion
from courses.learning import mark_read
from courses.models import (
    Completion,
    Course,
    CoursePage,
    Extension,
    ReminderAttempt,
    ReminderMail,
    ReminderOutcome,
    ReminderPlan,
    TrainingNeed,
    TrainingSession,
)
from courses.reminders import plans
from courses.sessions import withdraw_session
from courses.staff_records import record_for, withdraw
from evidence.models import BlobWords, Scan, ScanOrder
from evidence.services import add_document, keep_waiting
from jobs.models import Job
from privacy.services import choose_days, hold
from quizzes.editing import withdraw_question
from quizzes.extra_time import record_extra_time
from quizzes.models import Question
from registers.models import (
    Asset,
    Disposal,
    Dpia,
    Incident,
    Matter,
    NilReturn,
    PlannedCheck,
    ProcessingActivity,
    RegisterApproval,
    ReminderSend,
    Risk,
)
from registers.services import incident_handling, rights
from registers.services.entries import close_entry
from registers.services.nil_returns import withdraw_nil_return
from registers.services.policies import create_policy
from reporting.models import DeliveryOutcome, ReportDelivery, ScheduledReport
from reporting.rules import Rule
from reporting.services import set_counting_rule, set_small_number
from reporting.small_numbers import shipped_fewest
from staff.enums import FlagOutcome
from staff.models import FormerUnitName, ImportBatch, JoinerToken, Person, Unit
from staff.services import import_file
from staff.services.joiners import join
from staff.services.teams import flag_missing, settle_flag
from tests.factories import platform_administrator

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def add_rarer_rows(organisation: Organisation, *, owner: User, lead: User, words: str, today: date, at: datetime) -> None:
    """Give an organisation that has everything usual the rest too, with the words in whatever somebody writes."""
    said = {"by": lead, "at": at}
    learner = Person.objects.get(user=owner, organisation=organisation)
    _of_the_return(organisation, lead, words, today=today, at=at)
    _of_training(organisation, learner, lead, words, today=today, at=at)
    _of_the_cms(organisation, lead, words, at=at)

    grant = AccessGrant.objects.create(
        organisation=organisation,
        asked_by=platform_administrator(),
        asked_at=at,
        reason=words,
        capabilities=["staff.view"],
        hours=1,
    )
    looking.answer(grant, yes=True, **said)
    looking.note_use(grant, f"{words} list", by=grant.asked_by, at=at)
    looking.end(grant, **said)
    session = SessionStore()
    session.create()
    UserSession.objects.create(
        user=owner, ip="127.0.0.1", session_key=session.session_key, user_agent=f"{words} browser", created_at=at
    )
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    SocialAccount.objects.filter(user=owner).update(extra_data={"name": f"{words} somebody"})
    Job.objects.filter(organisation=organisation, kind="test").update(progress_note=words, error=words)

    version = add_document(
        organisation, title=words, kind="policy", file=(f"{words} paper".encode(), f"{words}.txt"), received_on=today, **said
    )
    BlobWords.objects.create(blob=version.blob, words=f"{words} paper")
    incident_handling.attach(Incident.objects.filter(organisation=organisation).first(), document=version, **said)
    rights.attach(Matter.objects.filter(organisation=organisation).first(), document=version, **said)
    (waiting,), _refused = keep_waiting(organisation, [(f"{words} waits".encode(), f"{words} waits.txt")], **said)
    order = ScanOrder.objects.create(blob=waiting.blob, organisation=organisation, uploaded_by=lead, ordered_at=at)
    Scan.objects.create(order=order, finding=f"{words} virus"[:200], scanned_at=at)

    token = JoinerToken.objects.filter(organisation=organisation).first()
    address = f"newcomer@{organisation.ods_code.lower()}.example"
    join(token, {"user_name": address, "given_name": words, "family_name": words, "email": address, "staff_number": "N 1"}, at=at)
    _of_the_registers(organisation, lead, words, today=today, at=at)
    settle_flag(flag_missing(learner, words=words, **said), outcome=FlagOutcome.STAYS, note=words, **said)
    unit = Unit.objects.filter(organisation=organisation).first()
    FormerUnitName.objects.create(organisation=organisation, unit=unit, name=f"{words} before", until=today)
    bad = f"Staff Number,First Name,Last Name,Start Date,{words} column\nN2,{words},Newcomer,2026-01-05,{words}\n,{words},Nobody,x,\n"
    made = ImportBatch.objects.filter(organisation=organisation, file_name="staff.csv")
    doubt = {"row": 2, "column": "Start Date", "value": f"{words} day", "message": f"{words} is no day"}
    made.update(approval_reasons=[f"{words} leave"], doubts=[f"{words} looks like another's"], warnings=[doubt])
    import_file(bad.encode(), file_name=f"{words}.csv", organisation=organisation, as_of=today, **said)

    choose_days(organisation, "jobs", days=90, reason=words, **said)
    set_small_number(organisation, fewest=shipped_fewest(), reason=words, **said)
    rule = Rule(key="training", title=words, months=12)
    set_counting_rule(organisation, rule=rule, rationale=words, effective_on=date(2099, 1, 1), **said)
    report = ScheduledReport.objects.filter(organisation=organisation).first()
    delivery = ReportDelivery.objects.create(report=report, user=lead, occasion=today.isoformat(), number=1, begun_at=at)
    DeliveryOutcome.objects.create(delivery=delivery, kind="refused", detail=words, at=at)
    RegisterApproval.objects.create(
        organisation=organisation,
        register="assets",
        entries=1,
        approved_on=today,
        approved_by=lead,
        approved_as=words,
        note=words,
        at=at,
    )
    ReminderSend.objects.create(organisation=organisation, person=learner, step="2026-W01", attempt=1, lines=1, sent_at=at)


def _of_the_registers(organisation: Organisation, lead: User, words: str, *, today: date, at: datetime) -> None:
    """Something of each kind that is over, and files and links where the rest has none."""
    said = {"by": lead, "at": at}
    for model in (Asset, Disposal, Dpia, PlannedCheck, ProcessingActivity, Risk):
        entry = model._default_manager.filter(organisation=organisation, closed_on=None).order_by("-pk").first()
        close_entry(entry, reason=words, on=entry.recorded_on, **said)
    known = {"organisation": organisation, "register": "disposals", "start": date(2026, 1, 1), "end": date(2026, 2, 1)}
    withdraw_nil_return(NilReturn.objects.create(**known, signed_by=lead, signed_at=at), reason=words, **said)
    drafted = {"effective_on": today, "review_by": date(2027, 6, 1)}
    create_policy(organisation, title=f"{words} rules", file=(f"{words} rules".encode(), f"{words} rules.txt"), **drafted, **said)
    for place in ({"link": "https://intranet.example/"}, {"location": words}):
        add_document(organisation, title=words, kind="policy", received_on=today, **place, **said)
    hold(organisation, scope="year", year="2020-21", reason=words, last_day=None, **said)


def _of_the_return(organisation: Organisation, lead: User, words: str, *, today: date, at: datetime) -> None:
    said = {"by": lead, "at": at}
    working = Assessment.objects.get(organisation=organisation, closed_at=None)
    published = Publication.objects.filter(organisation=organisation).first()
    invited = {"firm": words, "terms": words, "starts_on": today, "ends_on": date(2099, 1, 1)}
    end_engagement(Engagement.objects.create(assessment=working, auditor=lead, **invited, **said), reason=words, **said)
    edition = file_of(working.edition)
    number = next(iter(edition.items())).number
    keep_wording(
        edition,
        {number: f"{words} in full"},
        source_title=words,
        dated_on=today,
        file_sha256="0" * 64,
        organisation=organisation,
        **said,
    )
    acknowledge_year(organisation, working.edition, **said)
    of_registers = Response.objects.filter(assessment=working, item__item_id__in=figures_by_item().keys()).first()
    keep_register_readings(of_registers, **said)
    plan_action(of_registers, action=words, owner_words=words, due_on=today + timedelta(days=30), **said)
    transition = AssessmentTransition.objects.filter(assessment=working).first()
    ReviewPoint.objects.create(transition=transition, response=of_registers, text=words)
    link = EvidenceLink.objects.filter(response__assessment=working, document_version__blob__isnull=False).last()
    withhold_document(link, reason=words, auditors_may_open=True, **said)
    site = Site.objects.filter(organisation=organisation).last()
    leave_site_out(working, site, reason=words, **said)
    someone = Person.objects.of(organisation).filter(user__isnull=False).first()
    known = {"assessment": working, "site": site, "person": someone, "digest": "0" * 64, **said}
    SiteAttestation.objects.create(is_true=False, differs=words, **known)
    SiteAttestation.objects.create(is_true=True, statement=words, **known)
    keyed = Response.objects.filter(assessment=published.assessment).first()
    mark_entered(published, keyed, is_entered=False, note=words, **said)


def _of_training(organisation: Organisation, learner: Person, lead: User, words: str, *, today: date, at: datetime) -> None:
    said = {"by": lead, "at": at}
    others = Person.objects.of(organisation).exclude(pk=learner.pk)
    void_completion(Completion.objects.filter(person__in=others).last(), reason=words, **said)
    course = Course.objects.published().available_to(organisation).first()
    version = course.versions.order_by("-number").first()
    module = version.content["modules"][0]
    mark_read(learner, version, module=module["slug"], lesson=1, at=at)
    Extension.objects.create(
        person=others.first(),
        course=course,
        act="asked",
        baseline_due_on=today,
        until=today + timedelta(days=9),
        reason=words,
        on=today,
        **said,
    )
    plans.pause(organisation, reason=words, **said)
    plans.resume(organisation, reason=words, **said)
    ReminderPlan.objects.create(
        organisation=organisation,
        days_before=[14],
        overdue_every_days=7,
        starts_on=date(2099, 1, 1),
        note=words,
        made_by=lead,
        made_at=at,
    )
    letter = ReminderMail.objects.filter(letters__organisation=organisation).first()
    attempt = ReminderAttempt.objects.create(mail=letter, number=1, begun_at=at)
    ReminderOutcome.objects.create(attempt=attempt, kind="failed", detail=words, at=at)
    taught = TrainingSession.objects.filter(organisation=organisation, recorded_at__isnull=False, withdrawn_at=None).last()
    withdraw_session(taught, reason=words, **said)
    TrainingNeed.objects.filter(organisation=organisation, analysis__approval=None).update(
        job_titles=[f"{words} worker"], staff_groups=[f"{words} group"]
    )
    (record,) = record_for(organisation, [(others.last(), "")], kind="induction", happened_on=today, detail=words, **said)
    withdraw(record, reason=words, **said)
    record_extra_time(others.last(), percent=25, **said)
    withdraw_question(Question.objects.filter(pool__organisation=organisation).last(), reason=words, **said)


def _of_the_cms(organisation: Organisation, lead: User, words: str, *, at: datetime) -> None:
    """A remark of one editor and another's reply, on the course that the organisation wrote for itself."""
    page = CoursePage.objects.get(slug="own", course__organisation=organisation)
    remark = Comment.objects.create(page=page, user=lead, text=words, contentpath="summary")
    CommentReply.objects.create(comment=remark, user=lead, text=words)
    page.save_revision(user=lead, log_action=True)
    TaskState.objects.filter(workflow_state__object_id=str(page.pk)).update(comment=words)
    draft = Draft.objects.filter(collection__name=organisation.name).first()
    draft.tags.add(words)
    log(draft, "wagtail.edit", user=lead, data={"title": f"{words} file"})
