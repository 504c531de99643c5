"""Taking a quiz: the start, one question a page, the look before handing in, and the result."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import keeps_post, requires
from accounts.returning import kept_post
from courses.completions import counts_until, hand_in, last_completion, modules_of, version_taken
from courses.models import Completion, Course
from courses.support import FAILS_THAT_ASK_FOR_SUPPORT
from courses.versions import in_force
from nhsuk.components import error_list
from quizzes.enums import Feedback
from quizzes.extra_time import extra_percent_of
from quizzes.forms import AnswerForm
from quizzes.models import Attempt, AttemptItem, BlueprintVersion
from quizzes.papers import marked_paper, sections_to_revisit, shown, shown_paper, told
from quizzes.remarking import standing_of
from quizzes.services import (
    AttemptClosedError,
    QuizUnavailableError,
    fails_in_a_row,
    may_start_from,
    save_answer,
    save_answers,
    start_attempt,
)
from quizzes.timing import GRACE, is_over, seconds_left
from staff.models import Person

KEPT = "What you answered before you signed in again is saved."
BACK_TO_REVIEW = "review"
"""Said by a question page that was opened from the review, so that saving leads back there."""


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def quiz_start(request: SignedInRequest, course_code: str) -> HttpResponse:
    """What the quiz asks, and the button that starts it or goes on with it."""
    ours = Q(organisation__isnull=True) | Q(organisation=request.access.organisation)
    course = get_object_or_404(Course.objects.filter(ours), code=course_code)
    person = Person.objects.filter(user=request.user, organisation=request.access.organisation).first()
    version = in_force(course, timezone.localdate())
    if person is None:
        return _unavailable(
            request, course, "You are not on the staff list of this organisation, so your result could not be kept. Ask HR."
        )
    if version is None or version.blueprint_version is None:
        return _unavailable(request, course, "This course has no quiz.")
    _close_overdue(request, person, version.blueprint_version)
    if request.method == "POST":
        try:
            return redirect(_where_to_go_on(start_attempt(person, version.blueprint_version, at=timezone.now())))
        except QuizUnavailableError as error:
            return _unavailable(request, course, str(error))
    attempt = Attempt.objects.open().filter(person=person, blueprint=version.blueprint_version.blueprint_id).first()
    completion = last_completion(person, course)
    again_at = _again_at(person, version.blueprint_version)
    return render(
        request,
        "courses/quiz_start.jinja",
        {
            "course": course,
            "quiz": attempt.blueprint_version if attempt else version.blueprint_version,
            "open_attempt": attempt,
            "again_at": again_at,
            "last_attempt": _last_marked(person, version.blueprint_version) if again_at else None,
            "extra_percent": extra_percent_of(person) if version.blueprint_version.minutes else 0,
            "completion": completion,
            "counts_until": counts_until(completion) if completion else None,
            "today": timezone.localdate(),
        },
    )


@requires(Capability.LEARN)
@keeps_post
@require_http_methods(["GET", "POST"])
def quiz_question(request: SignedInRequest, attempt_id: int, slot: int) -> HttpResponse:
    """One question. Saving goes on to the next one, or back to the review it was opened from."""
    attempt = _own_attempt(request, attempt_id)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return _closed(request, attempt)
    item = get_object_or_404(AttemptItem.objects.select_related("question_version"), attempt=attempt, slot=slot)
    question = shown(item)
    sent = request.POST if request.method == "POST" else kept_post(request)
    form = AnswerForm(question, sent)
    came_from = request.POST.get("from") or request.GET.get("from", "")
    last = attempt.blueprint_version.questions
    onward = review_url(attempt) if came_from == BACK_TO_REVIEW or slot >= last else question_url(attempt, slot + 1)
    if sent is not None:
        is_whole = form.is_valid()
        try:
            if form.response:
                save_answer(attempt, slot, form.response, at=timezone.now())
        except AttemptClosedError:
            return _closed(request, attempt)
        if is_autosave(request):
            return HttpResponse(status=HTTPStatus.NO_CONTENT if form.response else HTTPStatus.UNPROCESSABLE_ENTITY)
        if is_whole and request.method == "POST":
            return redirect(onward)
        if is_whole:
            messages.success(request, KEPT)
    return render(
        request,
        "courses/quiz_question.jinja",
        {
            "attempt": attempt,
            "question": question,
            "form": form,
            "last": last,
            "onward": onward,
            "back": _back(attempt, slot, came_from),
            "came_from": BACK_TO_REVIEW if came_from == BACK_TO_REVIEW else "",
            **_clock(attempt),
        },
    )


@requires(Capability.LEARN)
@keeps_post
@require_http_methods(["GET", "POST"])
def quiz_all(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """The whole paper on one page. Saving keeps what is answered and leads to the review."""
    attempt = _own_attempt(request, attempt_id)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return _closed(request, attempt)
    sent = request.POST if request.method == "POST" else kept_post(request)
    forms = [AnswerForm(question, sent, prefix=f"q{question.slot}") for question in shown_paper(attempt)]
    errors: list[dict[str, str]] = []
    if sent is not None:
        unreadable = [form for form in forms if not form.is_valid() and form.has_what_is_not_on_the_page]
        errors = [error for form in unreadable for error in error_list(form)]
        responses = {form.question.slot: form.response for form in forms if form.response}
        try:
            save_answers(attempt, responses, at=timezone.now())
        except AttemptClosedError:
            return _closed(request, attempt)
        if is_autosave(request):
            return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.NO_CONTENT)
        if not errors and request.method == "POST":
            return redirect("courses:quiz_review", attempt.pk)
        # Shown again as it now stands: what is still open is no fault on this page.
        forms = forms if errors else [AnswerForm(q, None, prefix=f"q{q.slot}") for q in shown_paper(attempt)]
        if not errors:
            messages.success(request, KEPT)
    return render(request, "courses/quiz_all.jinja", {"attempt": attempt, "forms": forms, "errors": errors, **_clock(attempt)})


@requires(Capability.LEARN)
@require_safe
def quiz_review(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """Every answer before handing in, with what has none yet."""
    attempt = _own_attempt(request, attempt_id)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return redirect("courses:quiz_result", attempt.pk)
    paper = shown_paper(attempt)
    unanswered = [question for question in paper if not question.is_answered]
    context = {"attempt": attempt, "paper": paper, "unanswered": unanswered, **_clock(attempt)}
    return render(request, "courses/quiz_review.jinja", context)


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def quiz_submit(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """Hand in. Somebody who had to sign in first comes here by GET, and is shown the review again."""
    attempt = get_object_or_404(Attempt.objects.visible_to(request.access), pk=attempt_id)
    if request.method == "POST":
        try:
            hand_in(attempt, by=request.user, at=timezone.now())
        except AttemptClosedError as error:
            raise Http404(str(error)) from error
        return redirect("courses:quiz_result", attempt.pk)
    return redirect("courses:quiz_review", attempt.pk)


@requires(Capability.LEARN)
@require_safe
def quiz_result(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """Marks, pass or not, what to do next, and the explanation of every option."""
    attempt = _own_attempt(request, attempt_id)
    if attempt.state == Attempt.State.IN_PROGRESS:
        return redirect("courses:quiz_review", attempt.pk)
    if attempt.state != Attempt.State.MARKED:
        raise Http404("The attempt was never marked.")
    paper, standing = marked_paper(attempt), standing_of(attempt)
    taken = version_taken(attempt)
    completion = Completion.objects.filter(attempt=attempt).select_related("void").first()
    revisit = modules_of(taken, sections_to_revisit(paper)) if taken and not standing.passed else []
    read_now = in_force(taken.course, timezone.localdate()) if taken and revisit else None
    return render(
        request,
        "courses/quiz_result.jinja",
        {
            "attempt": attempt,
            "standing": standing,
            "paper": told(paper, attempt.blueprint_version.feedback, passed=standing.passed),
            "is_paper_kept_back": attempt.blueprint_version.feedback == Feedback.PASSED and not standing.passed,
            "time_was_up": attempt.deadline_at is not None and attempt.submitted_at == attempt.deadline_at,
            "manager_is_told": not standing.passed
            and fails_in_a_row(attempt.person, attempt.blueprint) >= FAILS_THAT_ASK_FOR_SUPPORT,
            "again_at": _again_at(attempt.person, attempt.blueprint_version),
            "course": taken.course if taken else None,
            "revisit": revisit,
            "open_modules": {module["slug"] for module in read_now.content["modules"]} if read_now else set(),
            "completion": completion,
            "is_void": completion is not None and hasattr(completion, "void"),
            "counts_until": counts_until(completion) if completion else None,
        },
    )


def is_autosave(request: SignedInRequest) -> bool:
    """Whether our own script sent the answer while the page stays open."""
    return request.headers.get("X-Autosave") == "1"


def question_url(attempt: Attempt, slot: int) -> str:
    return reverse("courses:quiz_question", args=[attempt.pk, slot])


def review_url(attempt: Attempt) -> str:
    return reverse("courses:quiz_review", args=[attempt.pk])


def _own_attempt(request: SignedInRequest, attempt_id: int) -> Attempt:
    mine = Attempt.objects.visible_to(request.access).select_related("person", "blueprint_version", "blueprint")
    attempt = get_object_or_404(mine, pk=attempt_id)
    return _handed_in_if_overdue(request, attempt)


def _handed_in_if_overdue(request: SignedInRequest, attempt: Attempt) -> Attempt:
    """The attempt; one whose time is up is handed in first, as it stands."""
    now = timezone.now()
    if attempt.state == Attempt.State.IN_PROGRESS and is_over(now, attempt.deadline_at):
        return hand_in(attempt, by=request.user, at=now)
    return attempt


def _close_overdue(request: SignedInRequest, person: Person, rules: BlueprintVersion) -> None:
    for attempt in Attempt.objects.overdue(timezone.now()).filter(person=person, blueprint=rules.blueprint_id):
        _handed_in_if_overdue(request, attempt)


def _clock(attempt: Attempt) -> dict[str, int | None]:
    """What a page needs to tell the time that is left."""
    return {
        "seconds_left": seconds_left(timezone.now(), attempt.deadline_at),
        "seconds_of_grace": int(GRACE.total_seconds()) + 1,
    }


def _again_at(person: Person, rules: BlueprintVersion) -> datetime | None:
    """When the person may try again, if that is still to come."""
    again_at = may_start_from(person, rules)
    return again_at if again_at and again_at > timezone.now() else None


def _last_marked(person: Person, rules: BlueprintVersion) -> Attempt | None:
    marked = Attempt.objects.filter(person=person, blueprint=rules.blueprint_id, state=Attempt.State.MARKED)
    return marked.order_by("-ordinal").first()


def _closed(request: SignedInRequest, attempt: Attempt) -> HttpResponse:
    """The way on from an attempt that takes no more answers."""
    if is_autosave(request):
        return HttpResponse(status=HTTPStatus.CONFLICT)
    return redirect("courses:quiz_result", attempt.pk)


def _where_to_go_on(attempt: Attempt) -> str:
    """The first question with something left to answer, or the review when there is none."""
    if attempt.blueprint_version.all_on_one_page:
        return reverse("courses:quiz_all", args=[attempt.pk])
    waiting = next((question.slot for question in shown_paper(attempt) if not question.is_answered), None)
    return question_url(attempt, waiting) if waiting else review_url(attempt)


def _back(attempt: Attempt, slot: int, came_from: str) -> str:
    if came_from == BACK_TO_REVIEW:
        return review_url(attempt)
    return question_url(attempt, slot - 1) if slot > 1 else ""


def _unavailable(request: SignedInRequest, course: Course, reason: str) -> HttpResponse:
    return render(request, "courses/quiz_unavailable.jinja", {"course": course, "reason": reason})
