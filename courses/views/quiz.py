"""Taking a quiz: the start, one question a page, the look before handing in, and the result."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses.completions import counts_until, hand_in, last_completion, module_titles, version_taken
from courses.models import Completion, Course
from courses.versions import in_force
from quizzes.forms import AnswerForm
from quizzes.models import Attempt, AttemptItem
from quizzes.papers import marked_paper, sections_to_revisit, shown, shown_paper
from quizzes.remarking import standing_of
from quizzes.services import AttemptClosedError, QuizUnavailableError, save_answer, start_attempt
from staff.models import Person

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
    if request.method == "POST":
        try:
            return redirect(_where_to_go_on(start_attempt(person, version.blueprint_version, at=timezone.now())))
        except QuizUnavailableError as error:
            return _unavailable(request, course, str(error))
    attempt = Attempt.objects.open().filter(person=person, blueprint=version.blueprint_version.blueprint_id).first()
    completion = last_completion(person, course)
    return render(
        request,
        "courses/quiz_start.jinja",
        {
            "course": course,
            "quiz": attempt.blueprint_version if attempt else version.blueprint_version,
            "open_attempt": attempt,
            "completion": completion,
            "counts_until": counts_until(completion) if completion else None,
            "today": timezone.localdate(),
        },
    )


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def quiz_question(request: SignedInRequest, attempt_id: int, slot: int) -> HttpResponse:
    """One question. Saving goes on to the next one, or back to the review it was opened from."""
    attempt = _own_attempt(request, attempt_id)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return redirect("courses:quiz_result", attempt.pk)
    item = get_object_or_404(AttemptItem.objects.select_related("question_version"), attempt=attempt, slot=slot)
    question = shown(item)
    form = AnswerForm(question, request.POST if request.method == "POST" else None)
    came_from = request.POST.get("from") or request.GET.get("from", "")
    last = attempt.blueprint_version.questions
    onward = review_url(attempt) if came_from == BACK_TO_REVIEW or slot >= last else question_url(attempt, slot + 1)
    if request.method == "POST":
        is_whole = form.is_valid()
        try:
            if form.response:
                save_answer(attempt, slot, form.response, at=timezone.now())
        except AttemptClosedError:
            return redirect("courses:quiz_result", attempt.pk)
        if is_whole:
            return redirect(onward)
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
        },
    )


@requires(Capability.LEARN)
@require_safe
def quiz_review(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """Every answer before handing in, with what has none yet."""
    attempt = _own_attempt(request, attempt_id)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return redirect("courses:quiz_result", attempt.pk)
    paper = shown_paper(attempt)
    unanswered = [question for question in paper if not question.is_answered]
    return render(request, "courses/quiz_review.jinja", {"attempt": attempt, "paper": paper, "unanswered": unanswered})


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def quiz_submit(request: SignedInRequest, attempt_id: int) -> HttpResponse:
    """Hand in. Somebody who had to sign in first comes here by GET, and is shown the review again."""
    attempt = _own_attempt(request, attempt_id)
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
    paper = marked_paper(attempt)
    taken = version_taken(attempt)
    completion = Completion.objects.filter(attempt=attempt).select_related("void").first()
    return render(
        request,
        "courses/quiz_result.jinja",
        {
            "attempt": attempt,
            "standing": standing_of(attempt),
            "paper": paper,
            "course": taken.course if taken else None,
            "revisit": module_titles(taken, sections_to_revisit(paper)) if taken else [],
            "completion": completion,
            "is_void": completion is not None and hasattr(completion, "void"),
            "counts_until": counts_until(completion) if completion else None,
        },
    )


def question_url(attempt: Attempt, slot: int) -> str:
    return reverse("courses:quiz_question", args=[attempt.pk, slot])


def review_url(attempt: Attempt) -> str:
    return reverse("courses:quiz_review", args=[attempt.pk])


def _own_attempt(request: SignedInRequest, attempt_id: int) -> Attempt:
    mine = Attempt.objects.visible_to(request.access).select_related("person", "blueprint_version", "blueprint")
    return get_object_or_404(mine, pk=attempt_id)


def _where_to_go_on(attempt: Attempt) -> str:
    """The first question with something left to answer, or the review when there is none."""
    waiting = next((question.slot for question in shown_paper(attempt) if not question.is_answered), None)
    return question_url(attempt, waiting) if waiting else review_url(attempt)


def _back(attempt: Attempt, slot: int, came_from: str) -> str:
    if came_from == BACK_TO_REVIEW:
        return review_url(attempt)
    return question_url(attempt, slot - 1) if slot > 1 else ""


def _unavailable(request: SignedInRequest, course: Course, reason: str) -> HttpResponse:
    return render(request, "courses/quiz_unavailable.jinja", {"course": course, "reason": reason})
