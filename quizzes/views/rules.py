"""How a quiz is drawn from its bank, and what it takes to pass."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from nhsuk.components import error_list
from quizzes import editing
from quizzes.bank_forms import DrawForm, RulesForm
from quizzes.bank_queries import sections_in_use
from quizzes.enums import Feedback
from quizzes.models import BlueprintVersion, Pool, Question
from quizzes.views.bank import check_may_write

SPARE_LINES = 2
DEFAULT_PASS_MARK = 80


@requires(Capability.CONTENT_EDIT)
@require_http_methods(["GET", "POST"])
def rules_edit(request: SignedInRequest, pool_code: str) -> HttpResponse:
    """The draws and the pass mark of one bank's quiz."""
    pool = get_object_or_404(Pool.objects.visible_to(request.access).select_related("organisation"), code=pool_code)
    check_may_write(request, pool)
    newest = BlueprintVersion.objects.filter(blueprint__code=pool.code).select_related("blueprint").order_by("-number").first()
    data = request.POST if request.method == "POST" else None
    at_first = {
        "title": newest.blueprint.title if newest else f"{pool.title} quiz",
        "pass_mark_percent": DEFAULT_PASS_MARK,
        "retake_minutes": 0,
        "feedback": Feedback.ALL,
        **(newest.rules if newest else {}),
    }
    form = RulesForm(data, initial=at_first)
    draws = _draw_forms(pool, newest, data)
    refusal = ""
    if request.method == "POST" and all([form.is_valid(), *(draw.is_valid() for draw in draws)]):
        try:
            version = editing.save_rules(
                pool,
                title=form.cleaned_data["title"],
                draws=[draw.rule for draw in draws if draw.rule],
                pass_mark_percent=form.cleaned_data["pass_mark_percent"],
                conditions=form.conditions,
                by=request.user,
                at=timezone.now(),
            )
        except editing.BankChangeRefusedError as error:
            refusal = str(error)
        else:
            messages.success(
                request,
                f"The quiz asks {version.questions} questions. Where each is worth 1 mark, {version.marks_needed} are needed to pass.",
            )
            return redirect("quizzes:rules_edit", pool.code)
    context = {
        "pool": pool,
        "newest": newest,
        "form": form,
        "draws": draws,
        "draw_errors": [error for draw in draws for error in error_list(draw)],
        "refusal": refusal,
    }
    return render(request, "quizzes/rules_edit.jinja", context)


def _draw_forms(pool: Pool, newest: BlueprintVersion | None, data: object) -> list[DrawForm]:
    sections = sections_in_use(pool.code)
    topics = Question.objects.drawable().filter(pool=pool).order_by("topic").values_list("topic", flat=True).distinct()
    rules = newest.draws if newest else [{"section": section, "count": 2} for section in sections]
    lines = len(rules) + SPARE_LINES
    return [
        DrawForm(
            data,
            prefix=f"draw-{n}",
            initial=rules[n] if n < len(rules) else None,
            sections=sections | {rule["section"]: sections.get(rule["section"], 0) for rule in rules},
            topics=list(topics),
        )
        for n in range(lines)
    ]
