"""Training done elsewhere: handing in a certificate or a record, and deciding what of it counts here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation, User
from audit.services import record
from courses import portable, signing
from courses.completions import CompletionRefusedError, record_completion
from courses.models import Completion, Course, KnownIssuer, PriorLearning, PriorLearningLine
from evidence.models import DocumentKind
from evidence.services import add_document
from staff.models import Person


class PriorLearningRefusedError(ValueError):
    """It cannot be handed in or decided so; the text says why, fit for a person to read."""


@transaction.atomic
def hand_in_record(person: Person, content: bytes, *, by: User, at: datetime) -> PriorLearning:
    """Hand in a training record from elsewhere. The file is kept as it came; nothing counts until somebody approves it.

    Raises:
        RecordFileRefusedError: it is no training record, or was changed after it was signed.
        PriorLearningRefusedError: the same file waits already.
    """
    received = portable.read(content, organisation=person.organisation, on=timezone.localdate(at))
    claim = _claim(
        person,
        (content, "training-record.txt"),
        kind=PriorLearning.Kind.RECORD,
        given_by=received.issuer,
        check_result=received.check,
        check_words=_with_name(received, person),
        by=by,
        at=at,
    )
    courses = {course.code: course for course in Course.objects.available_to(person.organisation)}
    PriorLearningLine.objects.bulk_create(
        PriorLearningLine(
            claim=claim,
            title=one.title,
            completed_on=one.completed_on,
            reference=one.reference,
            course=courses.get(one.code),
        )
        for one in received.completions
    )
    _tell("courses.prior_learning_handed_in", claim, by=by, at=at)
    return claim


@transaction.atomic
def hand_in_certificate(
    person: Person,
    file: tuple[bytes, str],
    *,
    course: Course,
    completed_on: date,
    given_by: str,
    reference: str = "",
    by: User,
    at: datetime,
) -> PriorLearning:
    """Hand in a certificate of a course done elsewhere. Nothing counts until somebody approves it.

    Raises:
        PriorLearningRefusedError: the date is to come, the course is another organisation's, or the same file waits already.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    if completed_on > timezone.localdate(at):
        raise PriorLearningRefusedError("The date is in the future. Enter the day on the certificate.")
    if course.organisation_id not in (None, person.organisation_id):
        raise PriorLearningRefusedError("This course belongs to another organisation.")
    claim = _claim(
        person,
        file,
        kind=PriorLearning.Kind.CERTIFICATE,
        given_by=given_by.strip(),
        check_result=PriorLearning.Check.NOT_VERIFIED,
        check_words="A paper or file that somebody has to look at: nothing about it is checked by itself.",
        by=by,
        at=at,
    )
    PriorLearningLine.objects.create(
        claim=claim, title=course.title, completed_on=completed_on, reference=reference.strip(), course=course
    )
    _tell("courses.prior_learning_handed_in", claim, by=by, at=at)
    return claim


@transaction.atomic
def approve(claim: PriorLearning, *, courses: Mapping[int, Course | None], by: User, at: datetime) -> list[Completion]:
    """Let what was handed in count: a completion for each line that is given a course here, with the paper as its evidence.

    Args:
        claim: what was handed in.
        courses: the course here by the id of the line; None: the line is not taken.
        by: who approves.
        at: now.

    Raises:
        PriorLearningRefusedError: it is decided, one handed it in oneself, it is one's own, no line is taken, or a record for
            the same day was withdrawn before.
    """
    claim = _locked(claim, by=by)
    taken = [(line, course) for line in claim.lines.all() if (course := courses.get(line.pk)) is not None]
    if not taken:
        raise PriorLearningRefusedError("Choose a course for at least one line, or refuse it.")
    made = []
    for line, course in taken:
        try:
            completion = record_completion(
                claim.person,
                course,
                source=Completion.Source.PRIOR_LEARNING,
                completed_on=line.completed_on,
                reference=line.reference,
                evidence=claim.evidence,
                by=by,
                at=at,
            )
        except CompletionRefusedError as refusal:
            raise PriorLearningRefusedError(f"{line.title}: {refusal}") from refusal
        line.course, line.completion = completion.course, completion
        line.save(update_fields=["course", "completion"])
        made.append(completion)
    _decide(claim, PriorLearning.Decision.APPROVED, "", by=by, at=at)
    return made


@transaction.atomic
def refuse(claim: PriorLearning, *, reason: str, by: User, at: datetime) -> PriorLearning:
    """Say no, and why. The file stays on record.

    Raises:
        PriorLearningRefusedError: no reason is given, it is decided, one handed it in oneself, or it is one's own.
    """
    if not reason.strip():
        raise PriorLearningRefusedError("Say why, so that the person knows what to do.")
    return _decide(_locked(claim, by=by), PriorLearning.Decision.REFUSED, reason.strip(), by=by, at=at)


@transaction.atomic
def vouch_for(organisation: Organisation, *, name: str, public_key: str, how_checked: str, by: User, at: datetime) -> KnownIssuer:
    """Take the key of an organisation elsewhere as known: what it signed is shown as signed from now on.

    Raises:
        PriorLearningRefusedError: it is no Ed25519 public key, or is known already.
    """
    key = public_key.strip().rstrip("=")
    try:
        is_key = len(signing.unpacked(key)) == signing.SEED_BYTES
    except ValueError:
        is_key = False
    if not is_key:
        raise PriorLearningRefusedError("This is not a public key as Tenfold shows it: 43 letters, digits, - and _.")
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    kid = signing.thumbprint(key)
    if KnownIssuer.objects.filter(organisation=organisation, kid=kid).trusted().exists():
        raise PriorLearningRefusedError("You know this key already.")
    known = KnownIssuer.objects.create(
        organisation=organisation,
        name=name.strip(),
        kid=kid,
        public_key=key,
        how_checked=how_checked.strip(),
        added_by=by,
        added_at=at,
    )
    record("courses.issuer_vouched_for", organisation=organisation, by=by, target=known, summary={"key": kid}, at=at)
    return known


@transaction.atomic
def stop_vouching(known: KnownIssuer, *, by: User, at: datetime) -> None:
    """Take a key as known no longer. What was approved stays. A second call changes nothing."""
    known = KnownIssuer.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=known.pk)
    if known.ended_at is not None:
        return
    known.ended_by, known.ended_at = by, at
    known.save(update_fields=["ended_by", "ended_at"])
    record(
        "courses.issuer_no_longer_known", organisation=known.organisation, by=by, target=known, summary={"key": known.kid}, at=at
    )


def _claim(person: Person, file: tuple[bytes, str], *, by: User, at: datetime, **values: str) -> PriorLearning:
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    is_record = values["kind"] == PriorLearning.Kind.RECORD
    evidence = add_document(
        person.organisation,
        title=f"{'Training record' if is_record else 'Certificate'} of {person}"[:200],
        kind=DocumentKind.TRAINING if is_record else DocumentKind.CERTIFICATE,
        needs=Capability.NEEDS_EDIT,
        by=by,
        at=at,
        received_on=timezone.localdate(at),
        file=file,
    )
    if PriorLearning.objects.waiting().filter(person=person, evidence__blob=evidence.blob).exists():
        raise PriorLearningRefusedError("The same file was handed in already and waits for a decision.")
    return PriorLearning.objects.create(person=person, evidence=evidence, handed_in_by=by, handed_in_at=at, **values)


def _with_name(received: portable.Received, person: Person) -> str:
    same = received.holder.casefold().split() == str(person).casefold().split()
    return (
        received.words
        if same
        else f"{received.words} It is about “{received.holder}”: look whether that is the same person."[:300]
    )


def _locked(claim: PriorLearning, *, by: User) -> PriorLearning:
    rows = PriorLearning.objects.select_for_update(of=("self",)).select_related("person__organisation", "evidence")
    claim = rows.get(pk=claim.pk)
    if claim.decision:
        raise PriorLearningRefusedError("This is decided already.")
    if claim.handed_in_by_id == by.pk:
        raise PriorLearningRefusedError("You handed this in, so somebody else decides it.")
    if claim.person.user_id == by.pk:
        raise PriorLearningRefusedError("You cannot decide about your own training. Ask a colleague.")
    return claim


def _decide(claim: PriorLearning, decision: str, reason: str, *, by: User, at: datetime) -> PriorLearning:
    claim.decision, claim.reason, claim.decided_by, claim.decided_at = decision, reason, by, at
    claim.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    _tell(f"courses.prior_learning_{decision}", claim, by=by, at=at)
    return claim


def _tell(what: str, claim: PriorLearning, *, by: User, at: datetime) -> None:
    summary = {"person": f"person:{claim.person_id}", "check": str(PriorLearning.Check(claim.check_result).label).lower()}
    record(what, organisation=claim.person.organisation, by=by, target=claim, summary=summary, at=at)
