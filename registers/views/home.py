"""The page of all registers, and what every register offers in the same way: export and print."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import Access, requires
from registers import catalogue, exporter
from registers.catalogue import Register


def register_of(slug: str, access: Access, *, to_edit: bool = False) -> Register:
    """The register of that slug, for somebody who may see it, or keep it.

    Raises:
        Http404: there is none, or it is not theirs to see.
    """
    found = catalogue.find(slug)
    if found is None or not (access.can(*found.kept_by) if to_edit else found.may_view(access)):
        raise Http404("No such register.")
    return found


@requires(Capability.REGISTERS_VIEW)
@require_safe
def register_home(request: SignedInRequest) -> HttpResponse:
    """All registers: what each records, what is due, and what it says today."""
    organisation, today = request.access.organisation, timezone.localdate()
    cards = [
        {
            "register": one,
            "figures": catalogue.figures_of(one, organisation, today),
            "due": one.due(organisation, today),
        }
        for one in catalogue.all_registers()
        if one.may_view(request.access)
    ]
    return render(request, "registers/register_home.jinja", {"cards": cards, "today": today})


@requires(Capability.REGISTERS_VIEW)
@require_safe
def register_export(request: SignedInRequest, register: str, file_format: str) -> HttpResponse:
    """The whole register as a file, closed entries too."""
    one = register_of(register, request.access)
    if file_format not in exporter.MEDIA_TYPES:
        raise Http404("No such format.")
    organisation, today = request.access.organisation, timezone.localdate()
    headings = [column.heading for column in one.columns]
    rows = ([column.value(row) for column in one.columns] for row in one.rows(organisation))
    body = exporter.as_csv(headings, rows) if file_format == "csv" else exporter.as_xlsx(one.title, headings, rows)
    name = f"{organisation.ods_code}-{one.slug}-{today:%Y-%m-%d}.{file_format}"
    return HttpResponse(
        body,
        content_type=exporter.MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


@requires(Capability.REGISTERS_VIEW)
@require_safe
def register_print(request: SignedInRequest, register: str) -> HttpResponse:
    """The whole register on paper, with what it says today."""
    one = register_of(register, request.access)
    organisation, today = request.access.organisation, timezone.localdate()
    context: dict[str, Any] = {
        "register": one,
        "figures": catalogue.figures_of(one, organisation, today),
        "rows": [[(column.heading, column.value(row)) for column in one.columns] for row in one.rows(organisation)],
        "today": today,
    }
    return render(request, "registers/register_print.jinja", context)
