"""Asking a supplier by a link: sending it, taking the one answer, and saying what we make of it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.services import record
from evidence.models import DocumentKind, DocumentVersion
from evidence.services import add_document
from nhsuk import mail
from nhsuk.jinja import day
from registers.due_diligence import rules
from registers.models.supplier_requests import AnswerReview, RequestState, SupplierAnswer, SupplierRequest
from registers.models.suppliers import Sighting, Supplier
from registers.services.suppliers import SupplierRefusedError, change_supplier, record_sighting


class LinkClosedError(ValueError):
    """The link takes no answer (any more); the text says why and what the supplier can do."""


@transaction.atomic
def ask_supplier(
    supplier: Supplier, *, last_day: date, send_to: str = "", message: str = "", by: User, at: datetime
) -> tuple[SupplierRequest, str]:
    """Make a link by which the supplier answers, and return it with the request: it is not kept and cannot be shown again.

    Args:
        supplier: who is asked.
        last_day: the last day on which the link works.
        send_to: an e-mail address the link goes to; without one, somebody passes it on.
        message: a sentence of our own above the questions.
        by: who asks.
        at: when.

    Raises:
        SupplierRefusedError: the last day has passed or is too far away.
    """
    days = (last_day - timezone.localdate(at)).days
    if not 0 <= days <= rules().most_days:
        raise SupplierRefusedError(f"Give them until a day from today on, at most {rules().most_days} days away.")
    token = secrets.token_urlsafe(32)
    request = SupplierRequest.objects.create(
        supplier=supplier,
        link_sha256=_hashed(token),
        sent_to=send_to,
        message=message.strip(),
        last_day=last_day,
        asked_by=by,
        asked_at=at,
    )
    link = settings.BASE_URL.rstrip("/") + reverse("registers:supplier_answer", args=[token])
    if send_to:
        mail.send_on_commit(*_letter(request, link), send_to)
    summary = {"last_day": last_day.isoformat(), "by_email": bool(send_to)}
    record("registers.supplier_asked", organisation=supplier.organisation, by=by, target=supplier, summary=summary, at=at)
    return request, link


@transaction.atomic
def revoke_request(request: SupplierRequest, *, by: User, at: datetime) -> None:
    """Take a link back. Doing it again, or after the answer came, does nothing."""
    unanswered = SupplierRequest.objects.filter(pk=request.pk, revoked_at__isnull=True, answer__isnull=True)
    if SupplierRequest.objects.filter(pk__in=unanswered).update(revoked_at=at, revoked_by=by):
        supplier = request.supplier
        record("registers.supplier_request_revoked", organisation=supplier.organisation, by=by, target=supplier, at=at)


def open_request(token: str, *, on: date) -> SupplierRequest | None:
    """The request behind a link; None for a link that was never made.

    Raises:
        LinkClosedError: it expired, was taken back, or has its answer.
    """
    found = SupplierRequest.objects.filter(link_sha256=_hashed(token)).select_related("supplier__organisation", "answer").first()
    if found is None:
        return None
    if hasattr(found, "answer"):
        raise LinkClosedError(
            f"Your answer reached {found.supplier.organisation.name} on {day(timezone.localdate(found.answer.at))}. "
            "A link takes one answer. If something has changed, ask them for a new link."
        )
    match found.state(on):
        case RequestState.REVOKED:
            raise LinkClosedError(
                "This link was taken back by the organisation that sent it. Ask them if you still need to answer."
            )
        case RequestState.EXPIRED:
            raise LinkClosedError(
                f"This link worked until {day(found.last_day)}. Ask the organisation that sent it for a new one."
            )
    return found


@transaction.atomic
def take_answer(
    request: SupplierRequest,
    *,
    values: Mapping[str, Any],
    answered_by: str,
    file: tuple[bytes, str] | None = None,
    at: datetime,
) -> SupplierAnswer:
    """Keep a supplier's answer, once. ``values`` are JSON values; a file goes into the evidence library.

    Raises:
        LinkClosedError: as for :func:`open_request`.
        UploadRefusedError: the file is of a kind we do not keep.
    """
    request = SupplierRequest.objects.select_for_update(of=("self",)).select_related("supplier__organisation").get(pk=request.pk)
    if request.state(timezone.localdate(at)) != RequestState.WAITING:
        raise LinkClosedError("This link takes no more answers. Ask the organisation that sent it for a new one.")
    supplier = request.supplier
    actor = f"supplier:{supplier.pk}"
    document = _keep_file(supplier, file, by=actor, at=at) if file else None
    answer = SupplierAnswer.objects.create(
        request=request, values=dict(values), document=document, answered_by=answered_by.strip(), at=at
    )
    summary = {"with_file": document is not None}
    record("registers.supplier_answered", organisation=supplier.organisation, by=actor, target=supplier, summary=summary, at=at)
    return answer


@transaction.atomic
def review_answer(answer: SupplierAnswer, *, verdict: str, note: str = "", by: User, at: datetime) -> AnswerReview:
    """Accept an answer, or say what is not clear. Accepting takes what they said into the register, as told by them.

    Raises:
        SupplierRefusedError: a question is not written down, or the answer was accepted before.
    """
    if AnswerReview.objects.filter(answer=answer, verdict=AnswerReview.Verdict.ACCEPTED).exists():
        raise SupplierRefusedError("This answer was accepted already. Ask the supplier again if something has changed.")
    if verdict == AnswerReview.Verdict.QUERIED and not note.strip():
        raise SupplierRefusedError("Write down what is not clear, so that it can be asked.")
    review = AnswerReview.objects.create(answer=answer, verdict=verdict, note=note.strip(), by=by, at=at)
    supplier = answer.request.supplier
    if verdict == AnswerReview.Verdict.ACCEPTED:
        _take_over(answer, supplier, by=by, at=at)
    summary = {"verdict": review.get_verdict_display().lower()}
    record(
        "registers.supplier_answer_reviewed", organisation=supplier.organisation, by=by, target=supplier, summary=summary, at=at
    )
    return review


def _take_over(answer: SupplierAnswer, supplier: Supplier, *, by: User, at: datetime) -> None:
    said, told_on = answer.values, timezone.localdate(answer.at)
    told: dict[str, Any] = {"basis": Sighting.Basis.TOLD, "seen_on": told_on, "by": by, "at": at}
    if said["dspt_status"]:
        record_sighting(supplier, kind=Sighting.Kind.DSPT, status=said["dspt_status"], **told)
    for kind, until in (
        (said["cyber_essentials"], said["cyber_essentials_until"]),
        (Sighting.Kind.ISO27001 if said["iso27001_until"] else "", said["iso27001_until"]),
    ):
        if kind and until:
            record_sighting(supplier, kind=kind, valid_until=date.fromisoformat(until), document=answer.document, **told)
    news = {
        "ods_code": said["ods_code"],
        "contact_name": said["contact_name"],
        "contact_email": said["contact_email"],
        "sub_processors": said["sub_processors"],
    }
    change_supplier(supplier, by=by, at=at, **{name: value for name, value in news.items() if value})


def _keep_file(supplier: Supplier, file: tuple[bytes, str], *, by: str, at: datetime) -> DocumentVersion:
    today = timezone.localdate(at)
    title = f"Certificate sent by {supplier.name}, {day(today)}"[:200]
    return add_document(
        supplier.organisation, title=title, kind=DocumentKind.CERTIFICATE, file=file, received_on=today, by=by, at=at
    )


def _letter(request: SupplierRequest, link: str) -> tuple[str, str]:
    """Subject and text of the e-mail that carries a link."""
    organisation = request.supplier.organisation.name
    text = (
        f"Hello,\n\n{organisation} has to check every year how its suppliers look after data. "
        f"Please answer a few questions about {request.supplier.name}: it takes about five minutes, and you need no account.\n\n"
        f"{link}\n\n"
        f"The link works until {day(request.last_day)}, for one answer. Do not pass it on outside your organisation.\n"
    )
    if request.message:
        text += f"\nThey add: {request.message}\n"
    return f"Data security questions from {organisation}", text


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
