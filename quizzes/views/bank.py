"""The question bank: finding, writing, trying and withdrawing questions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import RefusedError, requires
from accounts.sharing import may_share
from quizzes import editing
from quizzes.bank_forms import PoolForm, QuestionEditor, SearchForm, StartForm, WithdrawForm
from quizzes.bank_queries import as_learner_sees_it, newest_rules, search, use_of
from quizzes.enums import QuestionKind
from quizzes.exchange.writing import FORMATS
from quizzes.forms import AnswerForm
from quizzes.models import Blueprint, Pool, Question, QuestionVersion
from quizzes.topics import in_words
from quizzes.written import written

ON_A_PAGE = 25


@requires(Capability.CONTENT_EDIT)
@require_safe
def question_list(request: SignedInRequest) -> HttpResponse:
    """The questions of every bank the editor may see, as searched."""
    pools = Pool.objects.visible_to(request.access)
    form, wanted = searched(request, pools)
    found = (
        search(Question.objects.visible_to(request.access), wanted)
        .select_related("pool__organisation")
        .order_by("pool", "section", "code")
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "quizzes/question_list.jinja",
        {
            "form": form,
            "page": page,
            "query": query.urlencode(),
            "is_filtered": any(wanted.values()),
            "kinds": dict(QuestionKind.choices),
            "in_words": in_words,
            "formats": FORMATS,
            "pools": [(pool, rules, may_write(request, pool)) for pool, rules in _with_rules(request, pools)],
            "may_share": may_share(request.user),
        },
    )


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def pool_create(request: SignedInRequest) -> HttpResponse:
    """A bank of the organisation's own."""
    form = PoolForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            pool = editing.create_pool(
                form.cleaned_data["title"],
                code=form.cleaned_data["code"],
                organisation=request.access.organisation,
                by=request.user,
                at=timezone.now(),
            )
        except editing.BankChangeRefusedError as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, f"The bank “{pool.title}” is ready for its first question.")
            return redirect("quizzes:question_start")
    return render(request, "quizzes/pool_create.jinja", {"form": form})


@requires(Capability.CONTENT_EDIT)
@require_safe
def question_start(request: SignedInRequest) -> HttpResponse:
    """Where a new question belongs and of which kind it is; then its form."""
    form = StartForm(request.GET or None, pools=Pool.objects.writable_by(request.access))
    if request.GET and form.is_valid():
        return redirect("quizzes:question_new", form.cleaned_data["pool"].code, form.cleaned_data["kind"])
    return render(request, "quizzes/question_start.jinja", {"form": form})


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def question_new(request: SignedInRequest, pool_code: str, kind: str) -> HttpResponse:
    """Write a question. It is kept as a draft."""
    pool = get_object_or_404(Pool.objects.visible_to(request.access).select_related("organisation"), code=pool_code)
    check_may_write(request, pool)
    if kind not in QuestionKind.values:
        raise Http404("No such kind of question.")
    return _edit(request, pool, QuestionEditor(kind, data=request.POST if request.method == "POST" else None), None)


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def question_edit(request: SignedInRequest, question_id: int) -> HttpResponse:
    """Change a question: what it said stays as it was for those who had it."""
    question = _question(request, question_id)
    check_may_write(request, question.pool)
    newest = _newest(question)
    editor = QuestionEditor(newest.kind, data=request.POST if request.method == "POST" else None, raw=written(question, newest))
    return _edit(request, question.pool, editor, question)


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def question_detail(request: SignedInRequest, question_id: int) -> HttpResponse:
    """One question as a learner has it, to be tried; then its key, where it is used and what it said before."""
    question = _question(request, question_id)
    versions = list(question.versions.select_related("created_by").order_by("-number"))
    number = request.GET.get("version", "")
    version = next((v for v in versions if str(v.number) == number), versions[0]) if versions else None
    if version is None:
        raise Http404("The question was never written.")
    as_shown, _marked = as_learner_sees_it(version)
    form = AnswerForm(as_shown, request.POST if request.method == "POST" else None)
    response = form.response if form.is_bound and (form.is_valid() or form.response) else None
    _shown, parts = as_learner_sees_it(version, response)
    return render(
        request,
        "quizzes/question_detail.jinja",
        {
            "question": question,
            "version": version,
            "versions": versions,
            "as_shown": as_shown,
            "form": form,
            "tried": response is not None,
            "parts": parts,
            "kind": version.get_kind_display(),
            "topic": in_words(question.topic),
            "use": use_of(question, Blueprint.objects.visible_to(request.access)),
            "withdrawal": getattr(question, "withdrawal", None),
            "may_write": may_write(request, question.pool),
        },
    )


@requires(Capability.CONTENT_EDIT)
@require_POST
def question_use(request: SignedInRequest, question_id: int) -> HttpResponse:
    """Put a draft in use."""
    question = _question(request, question_id)
    check_may_write(request, question.pool)
    try:
        editing.put_in_use(question, by=request.user, at=timezone.now())
    except editing.BankChangeRefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Question {question.code} is in use. New papers may have it from now on.")
    return redirect("quizzes:question_detail", question.pk)


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def question_withdraw(request: SignedInRequest, question_id: int) -> HttpResponse:
    """Say what is wrong with a question, see whom it concerns, and withdraw it."""
    question = _question(request, question_id)
    check_may_write(request, question.pool)
    if question.withdrawn_at is not None:
        return redirect("quizzes:question_detail", question.pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        editing.withdraw_question(question, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, f"Question {question.code} is withdrawn. Everybody who had it gets its marks.")
        return redirect("quizzes:question_detail", question.pk)
    use = use_of(question, Blueprint.objects.visible_to(request.access))
    return render(request, "quizzes/question_withdraw.jinja", {"question": question, "form": form, "use": use})


def may_write(request: SignedInRequest, pool: Pool) -> bool:
    """Whether somebody may change a bank they see: their organisation's own, or a shared one as a shared editor."""
    return pool.organisation_id is not None or may_share(request.user)


def check_may_write(request: SignedInRequest, pool: Pool) -> None:
    """Refuse whoever may only read a bank.

    Raises:
        RefusedError: it is shared by all, and they are no shared editor.
    """
    if not may_write(request, pool):
        raise RefusedError(f"The bank “{pool.title}” is shared by all organisations, and only shared editors change it.")


def searched(request: SignedInRequest, pools: QuerySet[Pool]) -> tuple[SearchForm, dict[str, Any]]:
    """The search form of a request, and what it asks for."""
    topics = Question.objects.visible_to(request.access).order_by("topic").values_list("topic", flat=True).distinct()
    form = SearchForm(request.GET or None, pools=pools, topics=topics)
    return form, form.cleaned_data if form.is_valid() else {}


def _edit(request: SignedInRequest, pool: Pool, editor: QuestionEditor, question: Question | None) -> HttpResponse:
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not editor.asks_for_more:
        raw = editor.read()
        if raw is not None:
            try:
                version = editing.save_question(pool, raw, question=question, by=request.user, at=timezone.now())
            except editing.QuestionRefusedError as refusal:
                errors = editor.errors_of(refusal.faults)
            except editing.BankChangeRefusedError as refusal:
                errors = [{"text": str(refusal)}]
            else:
                messages.success(request, f"Version {version.number} of question {version.question.code} is saved.")
                return redirect("quizzes:question_detail", version.question_id)
    context = {"pool": pool, "question": question, "editor": editor, "errors": errors}
    return render(request, "quizzes/question_edit.jinja", context)


def _question(request: SignedInRequest, question_id: int) -> Question:
    mine = Question.objects.visible_to(request.access).select_related("pool__organisation", "withdrawal")
    return get_object_or_404(mine, pk=question_id)


def _newest(question: Question) -> QuestionVersion:
    version = question.versions.order_by("-number").first()
    if version is None:
        raise Http404("The question was never written.")
    return version


def _with_rules(request: SignedInRequest, pools: QuerySet[Pool]) -> list[tuple[Pool, Any]]:
    """Each bank with the rules of its quiz, if it has one."""
    rules = {version.blueprint.code: version for version in newest_rules(Blueprint.objects.visible_to(request.access))}
    return [(pool, rules.get(pool.code)) for pool in pools.select_related("organisation")]
