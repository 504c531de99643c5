"""Writing, approving, publishing, reading and withdrawing policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Membership, Organisation, User
from accounts.policy import roles_with
from audit.services import record
from evidence import blobs
from evidence.models import DocumentKind
from evidence.quarantine import keep_upload
from evidence.services import add_document, add_version, approve_version, withdraw_document
from evidence.uploads import inspect
from nhsuk.jinja import day
from registers.models.policies import (
    Acknowledgement,
    Audience,
    Policy,
    PolicyApproval,
    PolicyPublication,
    PolicyState,
    PolicyVersion,
    PolicyWithdrawal,
)
from registers.writing import pdf
from registers.writing.document import document_of
from registers.writing.filling import fill
from registers.writing.library import Template
from registers.writing.markup import blanks_in, printable
from staff.models import Person

CHANGEABLE = ("body", "audience", "days_to_read", "effective_on", "review_by", "change_note")
MAX_BODY_LENGTH = 60_000


class PolicyRefusedError(ValueError):
    """It cannot be done as asked; the text is one sentence or two that say why and what to do."""


@transaction.atomic
def create_policy(
    organisation: Organisation,
    *,
    title: str,
    effective_on: date,
    review_by: date,
    by: User,
    at: datetime,
    body: str = "",
    file: tuple[bytes, str] | None = None,
    kind: str = DocumentKind.POLICY,
    audience: str = Audience.EVERYONE,
    days_to_read: int = 14,
    template_code: str = "",
) -> PolicyVersion:
    """Begin a policy with the draft of its first version: text of ours, or a file as (content, name).

    Raises:
        PolicyRefusedError: the title is empty or taken, there is no text and no file, or the review is not after the start.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    title = " ".join(printable(title).split())
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    _check_title(organisation, title, on=timezone.localdate(at))
    policy = Policy.objects.create(organisation=organisation, title=title, kind=kind, template_code=template_code, created_at=at)
    values = {
        "body": body,
        "audience": audience,
        "days_to_read": days_to_read,
        "effective_on": effective_on,
        "review_by": review_by,
    }
    return _begin_version(policy, values, file=file, by=by, at=at)


def create_from_template(
    organisation: Organisation,
    template: Template,
    *,
    values: dict[str, str],
    effective_on: date,
    review_by: date,
    by: User,
    at: datetime,
    title: str = "",
) -> PolicyVersion:
    """Begin a policy from a template, filled with the organisation's own details.

    Raises:
        PolicyRefusedError: as for ``create_policy``.
    """
    return create_policy(
        organisation,
        title=title or template.title,
        body=fill(template.body, values, type=organisation.type),
        kind=template.kind,
        audience=template.audience,
        template_code=template.code,
        effective_on=effective_on,
        review_by=review_by,
        by=by,
        at=at,
    )


@transaction.atomic
def change_draft(
    version: PolicyVersion,
    *,
    by: User,
    at: datetime,
    title: str | None = None,
    file: tuple[bytes, str] | None = None,
    **values: Any,
) -> PolicyVersion:
    """Change a version that is not published. An approval given before counts no more; the same again changes nothing.

    Raises:
        PolicyRefusedError: it is published, its policy is withdrawn, or the content is refused as for ``create_policy``.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    version = _locked(version, on=timezone.localdate(at))
    _refuse_published(version)
    if version.blob_id:
        values.pop("body", None)
    changed = [name for name in CHANGEABLE if name in values and values[name] != getattr(version, name)]
    if title is not None and title != version.policy.title:
        _retitle(version, title, on=timezone.localdate(at))
        changed.append("title")
    if file is not None:
        _keep_file(version, file, by=by, at=at)
        changed.append("file")
    if not changed:
        return version
    for name in CHANGEABLE:
        setattr(version, name, values.get(name, getattr(version, name)))
    version.changed_at = at
    _check(version)
    version.save()
    version.writers.add(by)
    summary = {"number": version.number, "changed": ", ".join(name.replace("_", " ") for name in changed)}
    _record("registers.policy_changed", version, summary, by=by, at=at)
    return version


@transaction.atomic
def start_version(policy: Policy, *, by: User, at: datetime, effective_on: date, review_by: date) -> PolicyVersion:
    """Begin the next version from the present one. A draft that is there already is given back.

    Raises:
        PolicyRefusedError: the policy is withdrawn, or the review is not after the start.
    """
    newest = policy.versions.order_by("-number").first()
    assert newest is not None  # noqa: S101  a policy is made with its first version
    newest = _locked(newest, on=timezone.localdate(at))
    if not newest.is_published:
        return newest
    values = {
        "body": newest.body,
        "blob": newest.blob,
        "file_name": newest.file_name,
        "audience": newest.audience,
        "days_to_read": newest.days_to_read,
        "effective_on": effective_on,
        "review_by": review_by,
    }
    return _begin_version(newest.policy, values, file=None, by=by, at=at)


@transaction.atomic
def approve(version: PolicyVersion, *, approved_as: str, by: User, at: datetime) -> PolicyApproval:
    """Answer for the present content of a version. Approving the same content again returns the approval that is there.

    Who wrote it does not approve it, unless nobody else in the organisation may; that is written down with the approval.

    Raises:
        PolicyRefusedError: it is published, withdrawn, has blanks, or the approver wrote it and somebody else could approve.
    """
    version = _locked(version, on=timezone.localdate(at))
    _refuse_published(version)
    blanks = blanks_in(version.body)
    if blanks:
        first = f"“{blanks[0]}”" + (f" and {len(blanks) - 1} more" if len(blanks) > 1 else "")
        raise PolicyRefusedError(f"There are places still to fill in: {first}. Fill them in, then approve.")
    if not approved_as.strip():
        raise PolicyRefusedError("Say in which post you approve it.")
    given = version.approval
    if given is not None:
        return given
    is_own_work = version.writers.filter(pk=by.pk).exists()
    if is_own_work and others_who_may_approve(version).exists():
        raise PolicyRefusedError("You wrote this version, so somebody else has to approve it. Ask one of the people named below.")
    approval = PolicyApproval.objects.create(
        version=version,
        digest=version.digest,
        approved_by=by,
        approved_as=approved_as.strip(),
        is_own_work=is_own_work,
        approved_at=at,
    )
    summary = {
        "number": version.number,
        "approved_as": approval.approved_as,
        "is_own_work": is_own_work,
        "digest": approval.digest,
    }
    _record("registers.policy_approved", version, summary, by=by, at=at)
    return approval


def others_who_may_approve(version: PolicyVersion) -> Any:
    """The organisation's users who may approve and wrote no word of the version."""
    roles = roles_with(Capability.POLICIES_APPROVE)
    members = Membership.objects.current().filter(organisation=version.policy.organisation_id, role__in=roles)
    users = User.objects.filter(pk__in=members.values("user"), is_active=True)
    return users.exclude(pk__in=version.writers.values("pk")).order_by("last_name", "first_name", "pk")


@transaction.atomic
def publish(version: PolicyVersion, *, by: User, at: datetime) -> PolicyPublication:
    """Send an approved version out to its readers and put it into the evidence library. A second call finds it done.

    Raises:
        PolicyRefusedError: its content was not approved, or its policy is withdrawn.
    """
    today = timezone.localdate(at)
    version = _locked(version, on=today)
    if version.is_published:
        return version.publication
    approval = version.approval
    if approval is None:
        raise PolicyRefusedError("This content has not been approved. Ask for approval, then publish.")
    policy = version.policy
    details: dict[str, Any] = {
        "received_on": today,
        "effective_on": version.effective_on,
        "review_by": version.review_by,
        "change_note": version.change_note,
        "file": _file_of(version, on=today),
        "by": by,
        "at": at,
    }
    if policy.document is None:
        document_version = add_document(policy.organisation, title=policy.title, kind=policy.kind, **details)
        policy.document = document_version.document
        policy.save(update_fields=["document"])
    else:
        document_version = add_version(policy.document, **details)
    approve_version(document_version, approved_as=approval.approved_as, by=approval.approved_by, at=at)
    publication = PolicyPublication.objects.create(
        version=version,
        approval=approval,
        document_version=document_version,
        published_on=today,
        published_by=by,
        published_at=at,
    )
    summary = {"number": version.number, "digest": approval.digest, "document_version": document_version.pk}
    _record("registers.policy_published", version, summary, by=by, at=at)
    return publication


@transaction.atomic
def withdraw(policy: Policy, *, reason: str, by: User, at: datetime) -> PolicyWithdrawal:
    """Take a policy out of use from today. Nobody is asked to read it any more; what was read stays on record.

    Raises:
        PolicyRefusedError: no reason is given.
    """
    policy = Policy.objects.select_for_update(of=("self",)).select_related("organisation", "document").get(pk=policy.pk)
    existing = PolicyWithdrawal.objects.filter(policy=policy).first()
    if existing is not None:
        return existing
    if not reason.strip():
        raise PolicyRefusedError("Say why the policy is withdrawn, for example which one replaces it.")
    withdrawal = PolicyWithdrawal.objects.create(
        policy=policy, withdrawn_on=timezone.localdate(at), reason=reason.strip(), withdrawn_by=by, withdrawn_at=at
    )
    if policy.document is not None:
        withdraw_document(policy.document, reason=withdrawal.reason, by=by, at=at)
    record(
        "registers.policy_withdrawn", organisation=policy.organisation, by=by, target=policy, summary={"policy": policy.pk}, at=at
    )
    return withdrawal


@transaction.atomic
def acknowledge(version: PolicyVersion, *, person: Person, by: User, at: datetime) -> Acknowledgement:
    """Record that somebody has read a version and will follow it, once: a second call returns what is there.

    Raises:
        PolicyRefusedError: the version is not published, superseded or withdrawn, or it is not asked of the person.
    """
    today = timezone.localdate(at)
    policy = Policy.objects.select_for_update(of=("self",)).get(pk=version.policy_id)
    version = PolicyVersion.objects.select_related("policy__organisation", "policy__withdrawal", "publication").get(pk=version.pk)
    state = version.state(today)
    if state == PolicyState.WITHDRAWN:
        raise PolicyRefusedError(
            f"“{policy.title}” was withdrawn on {day(policy.withdrawal.withdrawn_on)}. You need not read it."
        )
    if state == PolicyState.SUPERSEDED:
        raise PolicyRefusedError(f"There is a newer version of “{policy.title}”. Read that one and confirm it instead.")
    if state != PolicyState.PUBLISHED:
        raise PolicyRefusedError(f"This version of “{policy.title}” is not published yet.")
    if not PolicyVersion.objects.asked_of(person, today).filter(pk=version.pk).exists():
        raise PolicyRefusedError(f"“{policy.title}” is not asked of you, so there is nothing to confirm.")
    acknowledgement, created = Acknowledgement.objects.get_or_create(
        version=version, person=person, defaults={"acknowledged_on": today, "acknowledged_at": at}
    )
    if created:
        summary = {"number": version.number, "policy": policy.pk, "person": f"person:{person.pk}"}
        _record("registers.policy_read", version, summary, by=by, at=at)
    return acknowledgement


def _begin_version(
    policy: Policy, values: dict[str, Any], *, file: tuple[bytes, str] | None, by: User, at: datetime
) -> PolicyVersion:
    newest = policy.versions.order_by("-number").values_list("number", flat=True).first()
    version = PolicyVersion(policy=policy, number=(newest or 0) + 1, created_at=at, changed_at=at, **values)
    if file is not None:
        _keep_file(version, file, by=by, at=at)
    _check(version)
    version.save()
    version.writers.add(by)
    _record("registers.policy_begun", version, {"number": version.number, "template": policy.template_code}, by=by, at=at)
    return version


def _keep_file(version: PolicyVersion, file: tuple[bytes, str], *, by: User, at: datetime) -> None:
    content, name = file
    accepted = inspect(content, name)
    version.blob, version.file_name, version.body = (
        keep_upload(content, accepted, organisation=version.policy.organisation, by=by, at=at),
        accepted.name,
        "",
    )


def _check(version: PolicyVersion) -> None:
    version.body = version.body.replace("\r\n", "\n").replace("\0", "").strip()
    if not version.body and version.blob is None:
        raise PolicyRefusedError("Write the policy, or choose the file that it is.")
    if len(version.body) > MAX_BODY_LENGTH:
        raise PolicyRefusedError(f"The text is longer than {MAX_BODY_LENGTH:,} characters. Split it, or upload it as a file.")
    if version.review_by <= version.effective_on:
        raise PolicyRefusedError("The review date must be after the day it comes into force. Correct one of the two.")
    if version.audience not in Audience.values:
        raise PolicyRefusedError(f"“{version.audience}” is not an audience. Use one of: {', '.join(Audience.values)}.")


def _check_title(organisation: Organisation, title: str, *, on: date) -> None:
    if not title:
        raise PolicyRefusedError("Give the policy a title.")
    if Policy.objects.filter(organisation=organisation, title__iexact=title).standing(on).exists():
        raise PolicyRefusedError(f"You already have “{title}”. Open it and start a new version, or choose another title.")


def _retitle(version: PolicyVersion, title: str, *, on: date) -> None:
    title = " ".join(printable(title).split())
    if version.number > 1:
        raise PolicyRefusedError(
            "Its title was published with the first version and stays. Withdraw it and begin another instead."
        )
    if title.casefold() != version.policy.title.casefold():
        _check_title(version.policy.organisation, title, on=on)
    version.policy.title = title
    version.policy.save(update_fields=["title"])


def _locked(version: PolicyVersion, *, on: date) -> PolicyVersion:
    """The version as it is now, nobody else changing its policy; refused if that is withdrawn."""
    Policy.objects.select_for_update().get(pk=version.policy_id)
    related = ("policy__organisation", "policy__document", "policy__withdrawal", "publication", "blob")
    version = PolicyVersion.objects.select_related(*related).prefetch_related("approvals").get(pk=version.pk)
    if version.state(on) == PolicyState.WITHDRAWN:
        raise PolicyRefusedError(f"“{version.policy.title}” is withdrawn. Begin a new policy instead.")
    return version


def _refuse_published(version: PolicyVersion) -> None:
    if version.is_published:
        raise PolicyRefusedError(f"Version {version.number} is published and does not change any more. Start a new version.")


def _file_of(version: PolicyVersion, *, on: date) -> tuple[bytes, str]:
    if version.blob is not None:
        return blobs.read(version.blob), version.file_name
    document = document_of(version, on=on, is_being_published=True)
    return pdf.render(document), file_name_of(version, "pdf")


def file_name_of(version: PolicyVersion, extension: str) -> str:
    """``Data protection policy, version 2.pdf``."""
    return f"{version.policy.title[:100]}, version {version.number}.{extension}"


def _record(event_type: str, version: PolicyVersion, summary: dict[str, Any], *, by: User, at: datetime) -> None:
    record(event_type, organisation=version.policy.organisation, by=by, target=version, summary=summary, at=at)
