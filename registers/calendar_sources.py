"""The dates that the registers, the evidence library and the staff list bring to the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse

from accounts.enums import Capability
from accounts.models import Organisation
from evidence.models import DocumentVersion
from registers import catalogue, due_diligence
from registers.calendar import Entry, Finder, register
from registers.dates import months_after
from registers.models import Asset, Dpia, Matter, PolicyVersion, ProcessingActivity, RegisterApproval, Risk
from registers.models.actions import Action
from registers.models.held_certificates import HeldCertificate
from registers.models.supplier_requests import SupplierRequest
from registers.models.suppliers import Agreement, Sighting, Supplier
from registers.queries.checks import plans, turns
from registers.queries.nil_returns import standing_nil_return
from registers.rights_states import stand
from staff.models import KeyPost

KEPT_IN_SIGHT = timedelta(days=366)
"""A certificate or post that ended longer ago is history and not overdue."""


def _actions(organisation: Organisation, today: date) -> Iterator[Entry]:
    for action in Action.objects.of(organisation).open().with_newest():
        yield Entry(str(action.pk), action.newest.due_on, action.what, reverse("registers:action_detail", args=[action.pk]))


def _documents(organisation: Organisation, today: date) -> Iterator[Entry]:
    versions = DocumentVersion.objects.newest().filter(
        document__organisation=organisation,
        document__policy__isnull=True,
        document__withdrawal__isnull=True,
        document__needs="",
        review_by__isnull=False,
    )
    for version in versions.select_related("document"):
        assert version.review_by is not None  # noqa: S101  filtered above
        url = reverse("evidence:document_detail", args=[version.document_id])
        yield Entry(str(version.document_id), version.review_by, f"Review “{version.document.title}”", url)


def _policies(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The review of each version that applies."""
    versions = PolicyVersion.objects.filter(policy__organisation=organisation).standing_on(today).select_related("policy")
    for version in versions:
        url = reverse("registers:policy_detail", args=[version.policy_id])
        yield Entry(str(version.policy_id), version.review_by, f"Review “{version.policy.title}”", url)


def _reviews_of(model: type[Risk | ProcessingActivity | Dpia], register_slug: str) -> Finder:
    """The review dates of the entries in use of a register."""

    def found(organisation: Organisation, today: date) -> Iterator[Entry]:
        entries = model._default_manager.filter(organisation=organisation, review_by__isnull=False).open_on(today)
        for entry in entries:
            url = reverse("registers:entry_detail", kwargs={"register": register_slug, "entry_id": entry.pk})
            yield Entry(str(entry.pk), entry.review_by, f"Review: {entry}", url)

    return found


def _support(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The last day on which the maker mends an asset in use."""
    for asset in Asset.objects.of(organisation).open_on(today).filter(support_ends_on__isnull=False):
        assert asset.support_ends_on is not None  # noqa: S101  filtered above
        url = reverse("registers:entry_detail", kwargs={"register": "assets", "entry_id": asset.pk})
        yield Entry(str(asset.pk), asset.support_ends_on, f"Support ends: {asset}", url)


def _checks(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The planned checks, and of the kinds nobody planned the next one by what we suggest."""
    for plan in plans(organisation, today):
        if plan.due_on:
            yield Entry(f"plan-{plan.pk}", plan.due_on, str(plan), reverse("registers:check_list"))
    for turn in turns(organisation, today):
        if turn.due_on and not turn.is_planned:
            yield Entry(turn.kind.slug, turn.due_on, f"{turn.kind.title} (suggested)", reverse("registers:check_list"))


def _nil_returns(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The last day on which a nil return still answers for its register, where nothing else does."""
    for one in catalogue.all_registers():
        nil = standing_nil_return(one, organisation, today) if one.takes_nil_returns else None
        if nil and not one.has_rows(organisation, today):
            url = reverse("registers:nil_return_sign", kwargs={"register": one.slug})
            yield Entry(str(nil.pk), nil.counts_until, f"Nil return runs out: {one.title}", url)


def _approvals(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The last day on which the newest approval of a register as a whole counts."""
    newest: dict[str, RegisterApproval] = {}
    for approval in RegisterApproval.objects.filter(organisation=organisation).given_by(today):
        newest.setdefault(approval.register, approval)
    for slug, approval in newest.items():
        one = catalogue.find(slug)
        if one is not None:
            yield Entry(slug, approval.again_by, f"Approve again: {one.title}", one.href)


def _sightings(organisation: Organisation, today: date) -> Iterator[Entry]:
    """The last valid day of each certificate seen of a present supplier, and the last day on which a look at a DSPT counts."""
    for supplier in Supplier.objects.of(organisation).current(today).handling_data().with_facts():
        newest: dict[str, Sighting] = {}
        for seen in sorted(
            supplier.sightings.all(), key=lambda sighting: (sighting.valid_until or sighting.seen_on, sighting.pk)
        ):
            newest[seen.kind] = seen
        url = reverse("registers:supplier_detail", args=[supplier.pk])
        for kind, seen in newest.items():
            if seen.valid_until is None:
                until = months_after(seen.seen_on, due_diligence.rules().seen_within_months)
                yield Entry(f"{supplier.pk}-{kind}", until, f"Look at the DSPT of {supplier.name} again", url)
            elif seen.valid_until >= today - KEPT_IN_SIGHT:
                yield Entry(
                    f"{supplier.pk}-{kind}", seen.valid_until, f"{seen.get_kind_display()} of {supplier.name} runs out", url
                )


def _matters(organisation: Organisation, today: date) -> Iterator[Entry]:
    """Open rights requests and complaints, by the day the law sets."""
    for matter in Matter.objects.filter(organisation=organisation).with_steps():
        standing = stand(matter, list(matter.steps.all()), on=today)
        if standing.is_open and standing.due_on:
            url = reverse("registers:matter_detail", args=[matter.pk])
            what = "Acknowledge" if matter.is_complaint else "Answer"
            yield Entry(str(matter.pk), standing.due_on, f"{what} {matter.reference}", url)


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
register("policy", label="Policy", find=_policies)
register("risk", label="Risk", find=_reviews_of(Risk, "risks"))
register("processing", label="Information flow", find=_reviews_of(ProcessingActivity, "processing"))
register("dpia", label="Impact assessment", find=_reviews_of(Dpia, "dpias"))
register("asset", label="Asset", find=_support)
register("check", label="Check", find=_checks)
register("nil-return", label="Nil return", find=_nil_returns)
register("approval", label="Approval of a register", find=_approvals)
register("supplier-certificate", label="Supplier’s assurance", find=_sightings)
register("rights", label="Rights request", find=_matters, capabilities=(Capability.INCIDENTS_VIEW,))
register("certificate", label="Certificate", find=_certificates)
register("agreement", label="Agreement", find=_agreements)
register("supplier-question", label="Question to a supplier", find=_questions)
register("key-post", label="Key post", find=_key_posts)
