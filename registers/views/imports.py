"""Bringing a spreadsheet into a register: choose, look, apply."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from registers import exporter, importer
from registers.catalogue import Register
from registers.forms.entries import RegisterFileForm
from registers.views.home import register_of
from staff.importing import uploads
from staff.importing.reading import MAX_FILE_BYTES, UnreadableFileError

SHOWN = 100
"""So many errors and changes are listed on the page."""


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def register_import(request: SignedInRequest, register: str) -> HttpResponse:
    """Choose a spreadsheet. It waits, read by nobody else, until somebody has looked at what it would do."""
    one = register_of(register, request.access, to_edit=True)
    form = RegisterFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read(MAX_FILE_BYTES + 1)
        try:
            importer.plan_import(one, content, access=request.access)
        except UnreadableFileError as refusal:
            form.add_error("file", str(refusal))
        else:
            _forget(request, one)
            request.session[_slot(one)] = {"name": uploads.keep(content), "organisation": request.access.organisation.pk}
            return redirect("registers:register_import_check", register=one.slug)
    return render(request, "registers/register_import.jinja", {"register": one, "intake": one.takes_in, "form": form})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def register_import_check(request: SignedInRequest, register: str) -> HttpResponse:
    """What the file would do, row by row; posting does it."""
    one = register_of(register, request.access, to_edit=True)
    try:
        content = _waiting(request, one)
        if request.method == "POST":
            done = importer.apply_import(one, content, access=request.access, at=timezone.now())
            _forget(request, one)
            messages.success(request, f"{len(done.new)} added, {len(done.changes)} changed, {done.unchanged} as they were.")
            return redirect(one.href)
        plan = importer.plan_import(one, content, access=request.access)
    except uploads.UploadGoneError:
        messages.warning(request, "The file is no longer here. Choose it again.")
        return redirect("registers:register_import", register=one.slug)
    except (importer.ImportRefusedError, UnreadableFileError) as refusal:
        messages.error(request, str(refusal))
        return redirect("registers:register_import", register=one.slug)
    context = {"register": one, "plan": plan, "limit": SHOWN}
    return render(request, "registers/register_import_check.jinja", context)


@requires(Capability.REGISTERS_EDIT)
@require_safe
def register_template(request: SignedInRequest, register: str) -> HttpResponse:
    """An empty workbook with the headings, and a sheet on what each column takes."""
    one = register_of(register, request.access, to_edit=True)
    notes = importer.template_notes(one, access=request.access)
    body = exporter.as_template(one.title, notes)
    return HttpResponse(
        body,
        content_type=exporter.MEDIA_TYPES["xlsx"],
        headers={"Content-Disposition": f'attachment; filename="{one.slug}-template.xlsx"'},
    )


def _slot(register: Register) -> str:
    return f"register_file_{register.slug}"


def _waiting(request: SignedInRequest, register: Register) -> bytes:
    """The file that was chosen, if it was chosen in this organisation.

    Raises:
        UploadGoneError: there is none.
    """
    waiting: dict[str, Any] = request.session.get(_slot(register), {})
    if waiting.get("organisation") != request.access.organisation.pk:
        raise uploads.UploadGoneError("Choose the file again.")
    return uploads.content_of(waiting["name"])


def _forget(request: SignedInRequest, register: Register) -> None:
    before = request.session.pop(_slot(register), None)
    if before:
        uploads.remove(before["name"])
