"""The dates that the registers, the evidence library and the staff list bring to the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import Organisation
from evidence.models import DocumentVersion
from registers.calendar import Entry, register
from registers.models.actions import Action
from registers.models.held_certificates import HeldCertificate
from registers.models.supplier_requests import SupplierRequest
from registers.models.suppliers import Agreement
from staff.models import KeyPost

KEPT_IN_SIGHT = timedelta(days=366)
"""A certificate or post that ended longer ago is history and not overdue."""


def _actions(organisation: Organisation, today: date) -> Iterator[Entry]:
    for action in Action.objects.of(organisation).open().with_newest():
        yield Entry(str(action.pk), action.newest.due_on, action.what, reverse("registers:action_detail", args=[action.pk]))


def _documents(organisation: Organisation, today: date) -> Iterator[Entry]:
    versions = DocumentVersion.objects.newest().filter(document__organisation=organisation, review_by__isnull=False)
    for version in versions.select_related("document"):
        assert version.review_by is not None  # noqa: S101  filtered above
        url = reverse("evidence:document_detail", args=[version.document_id])
        yield Entry(str(version.document_id), version.review_by, f"Review “{version.document.title}”", url)


def _certificates(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The last valid day of the newest certificate of each scheme."""
    newest: dict[str, HeldCertificate] = {}
    for held in HeldCertificate.objects.filter(organisation=organisation).order_by("expires_on"):
        newest[held.scheme] = held
    for held in newest.values():
        if held.expires_on >= today - KEPT_IN_SIGHT:
            what = f"{held.get_scheme_display()} runs out"
            yield Entry(str(held.pk), held.expires_on, what, reverse("registers:held_certificate_list"))


def _agreements(organisation: Organisation, today: date) -> Iterator[Entry]:
    agreements = Agreement.objects.filter(supplier__organisation=organisation).select_related("supplier")
    for agreement in agreements:
        if agreement.supplier.last_day and agreement.supplier.last_day < today:
            continue
        url = reverse("registers:supplier_detail", args=[agreement.supplier_id])
        name = f"{agreement.title} with {agreement.supplier.name}"
        if agreement.review_by and agreement.in_date(today):
            yield Entry(f"{agreement.pk}-review", agreement.review_by, f"Review: {name}", url)
        if agreement.last_day and agreement.last_day >= today - KEPT_IN_SIGHT:
            yield Entry(f"{agreement.pk}-end", agreement.last_day, f"Ends: {name}", url)


def _questions(organisation: Organisation, today: date) -> Iterator[Entry]:
    waiting = SupplierRequest.objects.filter(
        supplier__organisation=organisation, revoked_at__isnull=True, answer__isnull=True, last_day__gte=today
    )
    for asked in waiting.select_related("supplier"):
        url = reverse("registers:supplier_detail", args=[asked.supplier_id])
        yield Entry(str(asked.pk), asked.last_day, f"{asked.supplier.name} answers by", url)


def _key_posts(organisation: Organisation, today: date) -> Iterator[Entry]:
    """Appointments that hold today and have an end."""
    posts = KeyPost.objects.filter(organisation=organisation, end__isnull=False).covering(today)
    for post in posts.select_related("holder"):
        assert post.end is not None  # noqa: S101  filtered above
        what = f"{post.get_kind_display()}: the appointment ends"
        yield Entry(str(post.pk), post.end - timedelta(days=1), what, reverse("staff:key_post_list"))


register("action", label="Action", find=_actions)
register("document", label="Document", find=_documents)
register("certificate", label="Certificate", find=_certificates)
register("agreement", label="Agreement", find=_agreements)
register("supplier-question", label="Question to a supplier", find=_questions)
register("key-post", label="Key post", find=_key_posts)
