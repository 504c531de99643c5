"""The common pages of registers: list, entry, add, change, close."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import Access, requires
from registers import catalogue
from registers.catalogue import Register
from registers.forms.entries import ClosingForm, EntryFilterForm
from registers.keeping import Keeping
from registers.models import Entry, EntryQuerySet, OwnedEntry
from registers.queries.entries import history, owned_by_user, with_words
from registers.services.entries import EntryRefusedError, close_entry
from registers.views.home import register_of

PAGE = 50


@requires(Capability.REGISTERS_VIEW)
@require_safe
def entry_list(request: SignedInRequest, register: str) -> HttpResponse:
    """The entries of a register, fifty at a time, with what the register says today."""
    one, keeping = kept(register, request.access)
    organisation, today = request.access.organisation, timezone.localdate()
    form = EntryFilterForm(request.GET, views=[(view.slug, view.label) for view in keeping.views])
    chosen = form.cleaned_data if form.is_valid() else {"words": "", "show": ""}
    rows = keeping.entries(organisation)
    shown = with_words(_shown(keeping, rows, chosen["show"]), keeping.search, chosen["words"])
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    filters = {name: value for name, value in chosen.items() if value}
    context = {
        "register": one,
        "keeping": keeping,
        "form": form,
        "page": page,
        "lines": [(entry, [(cell, cell.value(entry, today)) for cell in keeping.cells]) for entry in page],
        "figures": catalogue.figures_of(one, organisation, today),
        "kept": f"{urlencode(filters)}&" if filters else "",
        "is_filtered": bool(filters),
        "may_edit": request.access.can(*one.kept_by),
        "may_sign": request.access.can(*one.kept_by, Capability.ASSESSMENT_SIGN),
        "today": today,
    }
    return render(request, "registers/entry_list.jinja", context)


@requires(Capability.REGISTERS_VIEW, Capability.LEARN)
@require_safe
def entry_detail(request: SignedInRequest, register: str, entry_id: int) -> HttpResponse:
    """One entry: what it says now, and every change. Whoever answers for it sees it without seeing the register."""
    one, keeping = kept(register, request.access, or_owned=True)
    entry = _entry(keeping, request.access, entry_id)
    today = timezone.localdate()
    context: dict[str, Any] = {
        "register": one,
        "keeping": keeping,
        "entry": entry,
        "values": [(column.heading, column.value(entry)) for column in one.columns],
        "history": history(entry),
        "may_edit": request.access.can(*one.kept_by),
        "sees_register": one.may_view(request.access),
        "today": today,
        **keeping.more(entry, request.access, today),
    }
    return render(request, "registers/entry_detail.jinja", context)


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def entry_add(request: SignedInRequest, register: str) -> HttpResponse:
    """Put an entry into a register."""
    one, keeping = kept(register, request.access, to_edit=True)
    form = keeping.form(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        try:
            entry = keeping.add_one(request.access.organisation, form.values(), by=request.user, at=timezone.now())
        except EntryRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{entry} is in the register.")
            return redirect("registers:entry_detail", register=one.slug, entry_id=entry.pk)
    return render(request, "registers/entry_add.jinja", {"register": one, "keeping": keeping, "form": form})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def entry_change(request: SignedInRequest, register: str, entry_id: int) -> HttpResponse:
    """Correct an entry; what it said before is kept."""
    one, keeping = kept(register, request.access, to_edit=True)
    entry = _entry(keeping, request.access, entry_id)
    title = str(entry)
    form = keeping.form(request.POST or None, access=request.access, instance=entry)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.change_one(entry, form.values(), by=request.user, at=timezone.now())
        except EntryRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The register is up to date.")
            return redirect("registers:entry_detail", register=one.slug, entry_id=entry_id)
    context = {"register": one, "keeping": keeping, "form": form, "entry_id": entry_id, "title": title}
    return render(request, "registers/entry_change.jinja", context)


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def entry_close(request: SignedInRequest, register: str, entry_id: int) -> HttpResponse:
    """Close an entry with a reason. It stays in the register and counts no more."""
    one, keeping = kept(register, request.access, to_edit=True)
    entry = _entry(keeping, request.access, entry_id)
    form = ClosingForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            close_entry(entry, **form.cleaned_data, by=request.user, at=timezone.now())
        except EntryRefusedError as refusal:
            form.add_error("on", str(refusal))
        else:
            messages.success(request, "The entry is closed. It stays in the register, with its reason.")
            return redirect("registers:entry_detail", register=one.slug, entry_id=entry_id)
    context = {"register": one, "keeping": keeping, "form": form, "entry": entry}
    return render(request, "registers/entry_close.jinja", context)


def kept(slug: str, access: Access, *, to_edit: bool = False, or_owned: bool = False) -> tuple[Register, Keeping]:
    """A register that is kept on the common pages; ``or_owned`` also gives one of which somebody may see only their own entries.

    Raises:
        Http404: there is none of that name for them, or it has pages of its own.
    """
    one = catalogue.find(slug) if or_owned else register_of(slug, access, to_edit=to_edit)
    if one is None or one.keeping is None:
        raise Http404("This register has pages of its own.")
    if or_owned and not (one.may_view(access) or issubclass(one.keeping.model, OwnedEntry)):
        raise Http404("No such register.")
    return one, one.keeping


def _entry(keeping: Keeping, access: Access, entry_id: int) -> Entry:
    visible = keeping.entries(access.organisation).visible_to(access)
    if not access.can(Capability.REGISTERS_VIEW):
        visible = owned_by_user(visible, access.user.pk, timezone.localdate())
    entry: Entry = get_object_or_404(visible, pk=entry_id)
    return entry


def _shown(keeping: Keeping, rows: EntryQuerySet, show: str) -> EntryQuerySet:
    today = timezone.localdate()
    if show == "all":
        return rows
    if show == "closed":
        return rows.filter(closed_on__isnull=False)
    wanted = next((view for view in keeping.views if view.slug == show), None)
    open_now = rows.open_on(today)
    narrowed: EntryQuerySet = wanted.rows(open_now, today) if wanted else open_now
    return narrowed
