"""Bringing questions in from a file, and taking them away as one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from quizzes.bank_queries import search
from quizzes.editing import BankChangeRefusedError
from quizzes.enums import QuestionKind
from quizzes.exchange.reading import ExchangeRefusedError, Reading
from quizzes.exchange.writing import FORMATS
from quizzes.exchange_forms import ImportForm
from quizzes.exporting import export_questions
from quizzes.importing import import_drafts, not_in_bank, read_exchange
from quizzes.models import Pool, Question
from quizzes.topics import in_words
from quizzes.views.bank import searched

SALT = "quizzes.import"
MOST_CARRIED = 3_000_000
"""Characters that the preview's form may carry from one page to the next."""
A_DAY = 24 * 60 * 60
CONTENT_TYPES = {"moodle-xml": "application/xml", "gift": "text/plain; charset=utf-8", "yaml": "application/yaml"}


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def import_upload(request: SignedInRequest) -> HttpResponse:
    """Choose a file; then see what would be made of it. Nothing is kept yet: the page carries the questions, signed."""
    form = ImportForm(request.POST or None, request.FILES or None, pools=Pool.objects.writable_by(request.access))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return _preview(request, form, read_exchange(file.name, file.read()))
        except ExchangeRefusedError as refusal:
            form.add_error("file", str(refusal))
    return render(request, "quizzes/import_upload.jinja", {"form": form})


@requires(Capability.CONTENT_EDIT)
@require_POST
def import_make(request: SignedInRequest) -> HttpResponse:
    """Make the drafts that the preview showed."""
    try:
        carried = signing.loads(request.POST.get("carried", ""), salt=_salt(request), max_age=A_DAY)
    except signing.BadSignature:
        messages.error(request, "This page was open for too long or was changed on its way. Upload the file again.")
        return redirect("quizzes:import_upload")
    pool = get_object_or_404(Pool.objects.writable_by(request.access), code=carried["pool"])
    try:
        made = len(import_drafts(pool, carried["questions"], by=request.user, at=timezone.now()))
    except BankChangeRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("quizzes:import_upload")
    if made:
        messages.success(request, f"{made} {'draft is' if made == 1 else 'drafts are'} in the bank “{pool.title}”.")
    else:
        messages.info(request, f"The bank “{pool.title}” has all these questions already.")
    return redirect(f"{reverse('quizzes:question_list')}?pool={pool.code}&state=draft")


@requires(Capability.CONTENT_EDIT)
@require_safe
def question_export(request: SignedInRequest, exchange_format: str) -> HttpResponse:
    """The questions of a search as a file."""
    if exchange_format not in FORMATS:
        raise Http404("No such format.")
    _form, wanted = searched(request, Pool.objects.visible_to(request.access))
    found = search(Question.objects.visible_to(request.access), wanted)
    try:
        name, content = export_questions(found, exchange_format=exchange_format)
    except ExchangeRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('quizzes:question_list')}?{request.GET.urlencode()}")
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[exchange_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _preview(request: SignedInRequest, form: ImportForm, reading: Reading) -> HttpResponse:
    values = form.cleaned_data
    labels = {"module": values["module"], "standard": values["standard"]}
    raws = [{**found.raw, **labels, "topic": found.topic or values["topic"]} for found in reading.found]
    new, known = not_in_bank(values["pool"], raws)
    carried = signing.dumps({"pool": values["pool"].code, "questions": new}, salt=_salt(request), compress=True)
    if len(carried) > MOST_CARRIED:
        raise ExchangeRefusedError("The questions are too long to import at once. Split the file and upload the parts.")
    context = {
        "pool": values["pool"],
        "file_name": values["file"].name,
        "carried": carried,
        "lines": [_line(raw) for raw in new],
        "kinds": Counter(str(QuestionKind(raw["kind"]).label) for raw in new),
        "known": known,
        "faults": reading.faults,
        "left_out": reading.left_out,
        "notes": [(found.place, note) for found in reading.found for note in found.notes],
    }
    return render(request, "quizzes/import_preview.jinja", context)


def _line(raw: Any) -> dict[str, Any]:
    """A question as the preview lists it."""
    options = raw["options"]
    return {
        "stem": Truncator(raw["stem"]).chars(160),
        "kind": QuestionKind(raw["kind"]).label,
        "topic": in_words(raw["topic"]),
        "right": [option["text"] for option in options if option.get("correct")],
        "options": len(options),
        "unexplained": sum(not option["explanation"] for option in options),
    }


def _salt(request: SignedInRequest) -> str:
    """What one person was shown in one organisation cannot be sent by another."""
    return f"{SALT}.{request.access.organisation.pk}.{request.user.pk}"
