"""Taking the lists of this app away."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import fresh, requires
from audit.spreadsheets import CSV_TYPE, XLSX_TYPE, csv_lines, workbook
from staff import services
from staff.exporter import headings_of, rows_of
from staff.lists import lists_for


@requires(Capability.STAFF_EDIT, Capability.ORGANISATION_MANAGE)
@require_safe
def list_list(request: SignedInRequest) -> HttpResponse:
    """The lists, each as CSV or workbook."""
    return render(request, "staff/list_list.jinja", {"lists": list(lists_for(request.access).values())})


@requires(Capability.STAFF_EDIT, Capability.ORGANISATION_MANAGE)
@fresh
@require_safe
def list_export(request: SignedInRequest, list_name: str, list_format: str) -> HttpResponseBase:
    """One list as a file. That somebody takes it away is recorded."""
    wanted = lists_for(request.access).get(list_name)
    if wanted is None or list_format not in ("csv", "xlsx"):
        raise Http404
    organisation, resource = request.access.organisation, wanted.resource()
    rows = wanted.rows(organisation)
    services.note_list_export(organisation, name=wanted.label.lower(), rows=rows.count(), by=request.user, at=timezone.now())
    headings, cells = headings_of(resource), rows_of(resource, rows)
    response: HttpResponseBase
    if list_format == "csv":
        response = StreamingHttpResponse(csv_lines(headings, cells), content_type=CSV_TYPE)
    else:
        response = HttpResponse(workbook(wanted.label, headings, cells), content_type=XLSX_TYPE)
    name = f"{wanted.name}-{organisation.ods_code}-{timezone.localdate()}.{list_format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
