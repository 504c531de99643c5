"""The head of each audit trail, by e-mail to two people or more every day: what stands outside cannot be rewritten inside."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Organisation, User
from accounts.platform import PLATFORM
from audit.models import ChainHead, Event
from audit.services import record
from nhsuk import mail as letters
from privacy.models import HeadMail, HeadReceiver
from privacy.services import KeepingRefusedError

logger = logging.getLogger(__name__)
FEWEST = 2
PLATFORM_HEAD = "privacy.platform_head_sent"


def who_may_receive(organisation: Organisation) -> QuerySet[User]:
    """Everybody with a role beyond staff and an e-mail address."""
    standing = Membership.objects.standing(timezone.localdate()).filter(organisation=organisation).exclude(role=Role.STAFF)
    people = User.objects.filter(pk__in=standing.values("user"), is_active=True).exclude(email="")
    return people.order_by("last_name", "first_name", "pk")


def receivers_of(organisation: Organisation) -> QuerySet[User]:
    """Those who were chosen and may still receive it."""
    chosen = HeadReceiver.objects.filter(organisation=organisation)
    return who_may_receive(organisation).filter(pk__in=chosen.values("user"))


@transaction.atomic
def choose_receivers(organisation: Organisation, users: Collection[User], *, by: User, at: datetime) -> None:
    """Say who gets the head every day: nobody, or at least two, because one alone could be the one who meddles.

    Raises:
        KeepingRefusedError: it is one person.
    """
    if len(users) == 1:
        raise KeepingRefusedError("Choose at least two people, or nobody: one alone could be the one who changed something.")
    HeadReceiver.objects.filter(organisation=organisation).exclude(user__in=users).delete()
    for user in users:
        HeadReceiver.objects.get_or_create(organisation=organisation, user=user, defaults={"chosen_by": by, "chosen_at": at})
    summary = {"receivers": len(users)}
    record("privacy.heads_receivers_chosen", organisation=organisation, by=by, target=organisation, summary=summary, at=at)


def mail_heads(*, at: datetime) -> int:
    """Send today's heads to those who have not had them today. Running it twice sends once. Returns how many e-mails went."""
    sent = 0
    organisations = Organisation.objects.filter(head_receivers__isnull=False).distinct()
    for organisation in organisations.order_by("pk"):
        head = ChainHead.objects.filter(organisation=organisation.ods_code, sequence__gt=0).first()
        if head is not None:
            sent += sum(_mail(organisation, user, head, at=at) for user in receivers_of(organisation))
    return sent


@transaction.atomic
def mail_platform_head(*, at: datetime) -> int:
    """Send today's head of the installation's own trail to those who are configured, once. Returns how many e-mails go.

    That it goes is itself on the trail, so the head that is sent is the entry that says so.
    """
    receivers = settings.PLATFORM_HEAD_RECEIVERS
    ChainHead.objects.get_or_create(organisation=PLATFORM)
    ChainHead.objects.select_for_update().get(organisation=PLATFORM)
    today = timezone.localdate(at)
    sent = Event.objects.of_organisation(PLATFORM).filter(type=PLATFORM_HEAD, at__date=today)
    if not receivers or sent.exists():
        return 0
    head = record(PLATFORM_HEAD, organisation=PLATFORM, by="system", summary={"receivers": len(receivers)}, at=at)
    text = (
        f"The audit trail of the installation at {settings.BASE_URL} today.\n\n"
        f"Entry number: {head.sequence}\nHash: {head.hash}\n\n"
        "Keep this e-mail; you need not do anything. If anybody ever asks whether the trail was changed afterwards, "
        f"have this run on the server:\n\nmanage.py verify_audit --platform --head {head.hash}\n"
    )
    subject = f"Audit trail of the installation, {today:%d %m %Y}: entry {head.sequence}"
    for address in receivers:
        transaction.on_commit(partial(_send_platform_head, subject, text, address))
    return len(receivers)


def _send_platform_head(subject: str, text: str, address: str) -> None:
    try:
        letters.send(subject, text, address)
    except letters.NOT_TAKEN:
        logger.warning("the head of the installation's trail could not be sent to everybody; tomorrow's covers it")


def check() -> None:
    """Look at the setting.

    Raises:
        ImproperlyConfigured: it names one receiver alone.
    """
    if len(set(settings.PLATFORM_HEAD_RECEIVERS)) == 1:
        raise ImproperlyConfigured("Name two addresses or more in PLATFORM_HEAD_RECEIVERS, or none: one alone could meddle.")


def _mail(organisation: Organisation, user: User, head: ChainHead, *, at: datetime) -> bool:
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        mail, is_new = HeadMail.objects.get_or_create(
            organisation=organisation,
            user=user,
            on=timezone.localdate(at),
            defaults={"sequence": head.sequence, "hash": head.hash, "made_at": at},
        )
        if is_new:
            transaction.on_commit(partial(_send, mail))
    return is_new


def _send(mail: HeadMail) -> None:
    address = settings.BASE_URL.rstrip("/") + reverse("accounts:audit_check")
    text = (
        f"The audit trail of {mail.organisation.name} today.\n\n"
        f"Entry number: {mail.sequence}\nHash: {mail.hash}\n\n"
        "Keep this e-mail; you need not do anything. If anybody ever asks whether the trail was changed afterwards, "
        f"enter the hash at {address}\n"
    )
    subject = f"Audit trail of {mail.organisation.ods_code}, {mail.on:%d %m %Y}: entry {mail.sequence}"
    try:
        letters.send(subject, text, mail.user.email)
    except letters.NOT_TAKEN:
        logger.warning("the head of the trail of organisation %s could not be sent; tomorrow's covers it", mail.organisation_id)
