"""The audit trail: read it in words, take it away, check that it holds."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import trail
from accounts.enums import Capability
from accounts.forms_audit import HeadForm, TrailFilterForm
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.models import ChainHead
from audit.services import head_with_hash, record, verify_chain
from audit.spreadsheets import harmless

CSV_HEADINGS = ("number", "when", "who", "on behalf of", "what", "about", "reason", "type", "hash")


@requires(Capability.AUDIT_VIEW)
@require_safe
def audit_list(request: SignedInRequest) -> HttpResponse:
    """The organisation's events, newest first."""
    form = TrailFilterForm(request.GET or None)
    is_usable = not form.is_bound or form.is_valid()
    before = request.GET.get("before", "")
    events = trail.matching(request.access.organisation, form.wanted() if is_usable else trail.TrailFilter())
    page = trail.page_of(events, before=int(before) if _is_sequence(before) else None)
    query = request.GET.copy()
    query.pop("before", None)
    return render(
        request,
        "accounts/audit_list.jinja",
        {
            "form": form,
            "page": page,
            "query": query.urlencode(),
            "is_first": not _is_sequence(before),
            "may_choose_receivers": request.access.can(Capability.ORGANISATION_MANAGE),
        },
    )


@requires(Capability.AUDIT_VIEW)
@fresh
@require_safe
def audit_export(request: SignedInRequest) -> HttpResponseBase:
    """The same events as a CSV file that no spreadsheet calculates."""
    form = TrailFilterForm(request.GET or None)
    if form.is_bound and not form.is_valid():
        return audit_list(request)
    organisation = request.access.organisation
    events = trail.matching(organisation, form.wanted())
    record("accounts.audit_exported", organisation=organisation, by=request.user, at=timezone.now())
    return StreamingHttpResponse(
        _csv_lines(trail.every_line(events)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="audit-{organisation.ods_code}-{timezone.localdate()}.csv"',
            "Cache-Control": "no-store, private",
        },
    )


@requires(Capability.AUDIT_VIEW)
@require_safe
def audit_check(request: SignedInRequest) -> HttpResponse:
    """Walk the organisation's chain now and say whether every link holds, and whether a hash was ever its head."""
    organisation = request.access.organisation
    form = HeadForm(request.GET if "hash" in request.GET else None)
    asked = form.cleaned_data["hash"] if form.is_bound and form.is_valid() else ""
    context = {
        "check": verify_chain(organisation.ods_code),
        "head": ChainHead.objects.filter(organisation=organisation.ods_code).first(),
        "now": timezone.now(),
        "form": form,
        "asked": asked,
        "found": head_with_hash(organisation.ods_code, asked) if asked else None,
    }
    return render(request, "accounts/audit_check.jinja", context)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(lines: Iterator[trail.TrailLine]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(CSV_HEADINGS)
    for line in lines:
        event = line.event
        cells = (
            event.sequence,
            timezone.localtime(event.at).isoformat(timespec="seconds"),
            line.actor,
            line.on_behalf_of,
            line.words,
            line.target,
            event.reason,
            event.type,
            event.hash,
        )
        yield writer.writerow([harmless(cell) for cell in cells])


def _is_sequence(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
