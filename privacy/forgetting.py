"""How each kind of thing goes. Names of leavers are replaced; logs and rows of files are deleted. Facts stay."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q
from wagtail.users.models import UserProfile

from accounts.models import Membership, SignInCode
from audit.erasing import forget_rows, replace_values
from courses.models import (
    Certificate,
    Completion,
    CompletionVoid,
    Exemption,
    Extension,
    PriorLearning,
    PriorLearningLine,
    RecordImportRow,
    ReminderAttempt,
    ReminderMail,
    ReminderOutcome,
    ReminderSend,
    StaffRecord,
    StaffRecordVoid,
)
from evidence import blobs
from evidence.models import Blob, BlobWords, Document, DocumentVersion
from jobs.models import Job
from privacy.plan import PSEUDONYM
from registers.models import ReminderFailure
from registers.models import ReminderSend as RegisterReminder
from staff.models import ImportRow, Joiner, LetterRun, Person, Post, TeamFlag, TeamFlagSettlement

REMOVED = "removed: its time was over"


def forget_people(keys: Collection[int], *, because: str, at: datetime) -> None:
    """Replace what names people by a number. Posts, completions and attempts stay: every figure of the past stays true."""
    for person in Person.objects.filter(pk__in=keys).select_related("user").order_by("pk"):
        _forget_words_about(person, because=because, at=at)
        _forget_certificates(person, because=because, at=at)
        _forget_papers(person, because=because, at=at)
        _forget_sign_in(person, at=at)
        ImportRow.objects.filter(person=person).delete()
        RecordImportRow.objects.filter(person=person).delete()
        Post.objects.filter(person=person).update(assignment_number="", kept_here=[])
        person.staff_number = f"forgotten-{person.pk}"
        person.first_name, person.last_name = "", f"{PSEUDONYM} {person.pk}"
        person.email, person.kept_here = "", []
        person.save(update_fields=["staff_number", "first_name", "last_name", "email", "kept_here"])


def _forget_words_about(person: Person, *, because: str, at: datetime) -> None:
    columns: list[tuple[Any, str, Q]] = [
        (Completion, "reference", Q(person=person)),
        (CompletionVoid, "reason", Q(completion__person=person)),
        (Extension, "reason", Q(person=person)),
        (StaffRecord, "detail", Q(person=person)),
        (StaffRecordVoid, "reason", Q(record__person=person)),
        (TeamFlag, "words", Q(person=person)),
        (TeamFlagSettlement, "note", Q(flag__person=person)),
    ]
    for model, column, theirs in columns:
        keys = model.objects.filter(theirs).exclude(**{column: ""}).values_list("pk", flat=True)
        replace_values(model, {key: {column: REMOVED} for key in keys}, because=because, at=at)
    Exemption.objects.filter(person=person).exclude(note="").update(note=REMOVED)
    PriorLearning.objects.filter(person=person).update(given_by=REMOVED, check_words=REMOVED)
    PriorLearning.objects.filter(person=person).exclude(reason="").update(reason=REMOVED)
    PriorLearningLine.objects.filter(claim__person=person).update(reference="")


def _forget_certificates(person: Person, *, because: str, at: datetime) -> None:
    certificates = list(Certificate.objects.filter(completion__person=person).select_related("pdf"))
    named = {one.pk: {"facts": one.facts | {"holder": f"{PSEUDONYM} {person.pk}"}} for one in certificates}
    replace_values(Certificate, named, because=because, at=at)
    for certificate in certificates:
        blobs.forget(certificate.pdf, because=because, at=at)


def _forget_papers(person: Person, *, because: str, at: datetime) -> None:
    """What the person handed in from elsewhere: its file, its name and its words in the search."""
    documents = Document.objects.filter(versions__in=PriorLearning.objects.filter(person=person).values("evidence")).distinct()
    versions = list(DocumentVersion.objects.filter(document__in=documents).select_related("blob"))
    named = {one.pk: {"file_name": REMOVED if one.file_name else "", "change_note": ""} for one in versions}
    replace_values(DocumentVersion, named, because=because, at=at)
    for blob in {version.blob for version in versions if version.blob}:
        if not _is_used_elsewhere(blob, versions):
            BlobWords.objects.filter(blob=blob).delete()
            blobs.forget(blob, because=because, at=at)
    for document in documents:
        document.title = f"Training from elsewhere of {PSEUDONYM.lower()} {person.pk}"
        document.save(update_fields=["title"])


def _is_used_elsewhere(blob: Blob, versions: list[DocumentVersion]) -> bool:
    return DocumentVersion.objects.filter(blob=blob).exclude(pk__in=[version.pk for version in versions]).exists()


def _forget_sign_in(person: Person, *, at: datetime) -> None:
    """Close the sign-in and take its names away, unless it is somebody's who works elsewhere too."""
    user = person.user
    if user is None:
        return
    Membership.objects.current().filter(user=user, organisation=person.organisation_id).update(ended_at=at)
    Joiner.objects.filter(user=user, organisation=person.organisation_id).update(
        user_name=f"forgotten-{user.pk}",
        external_id="",
        given_name="",
        family_name="",
        email="",
        staff_number="",
        is_active=False,
    )
    if Membership.objects.current().filter(user=user).exists() or user.people.exclude(pk=person.pk).exists():
        person.user = None
        person.save(update_fields=["user"])
        return
    for session in UserSession.objects.filter(user=user):
        session.end()
    for model in (Authenticator, EmailAddress, SocialAccount, UserProfile):
        model.objects.filter(user=user).delete()
    SignInCode.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.username, user.email, user.is_active = f"forgotten-{user.pk}", "", False
    user.first_name, user.last_name = "", f"{PSEUDONYM} {person.pk}"
    user.save(update_fields=["password", "username", "email", "is_active", "first_name", "last_name"])


def forget_reminders(keys: Collection[int], *, because: str, at: datetime) -> None:
    """Delete reminders of training with how they went."""
    attempts = ReminderAttempt.objects.filter(mail__in=keys)
    outcomes = ReminderOutcome.objects.filter(attempt__mail__in=keys).values_list("pk", flat=True)
    forget_rows(ReminderOutcome, list(outcomes), because=because, at=at)
    forget_rows(ReminderAttempt, list(attempts.values_list("pk", flat=True)), because=because, at=at)
    sends = ReminderSend.objects.filter(mail__in=keys).values_list("pk", flat=True)
    forget_rows(ReminderSend, list(sends), because=because, at=at)
    forget_rows(ReminderMail, keys, because=because, at=at)


def forget_register_reminders(keys: Collection[int], *, because: str, at: datetime) -> None:
    """Delete reminders of entries of registers with how they went."""
    failures = ReminderFailure.objects.filter(send__in=keys).values_list("pk", flat=True)
    forget_rows(ReminderFailure, list(failures), because=because, at=at)
    forget_rows(RegisterReminder, keys, because=because, at=at)


def _delete(model: Any) -> Forgetter:
    def delete(keys: Collection[int], *, because: str, at: datetime) -> None:
        model.objects.filter(pk__in=keys).delete()

    return delete


Forgetter = Callable[..., None]
FORGETTERS: dict[str, Forgetter] = {
    "person": forget_people,
    "import-row": _delete(ImportRow),
    "record-row": _delete(RecordImportRow),
    "reminder": forget_reminders,
    "register-reminder": forget_register_reminders,
    "letters": _delete(LetterRun),
    "code": _delete(SignInCode),
    "job": _delete(Job),
}
"""By kind of thing."""
