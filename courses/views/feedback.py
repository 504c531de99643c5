"""Saying what one thinks of a course, without one's name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from courses.feedback import FeedbackGivenError, give_feedback
from courses.forms_feedback import FeedbackForm
from courses.models import Completion


@requires(Capability.LEARN)
@require_http_methods(["GET", "POST"])
def feedback_give(request: SignedInRequest, completion_id: int) -> HttpResponse:
    """Three questions after one's own completion; nobody is told who answered."""
    mine = Completion.objects.filter(person__user=request.user, person__organisation=request.access.organisation)
    completion = get_object_or_404(mine.select_related("person__organisation", "course"), pk=completion_id)
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_feedback(completion, on=timezone.localdate(), **form.answers)
        except FeedbackGivenError as refusal:
            messages.info(request, str(refusal))
        else:
            messages.success(request, "Thank you. Your answers are kept without your name.")
        return redirect("courses:my_training")
    is_given = hasattr(completion, "feedback_given")
    return render(request, "courses/feedback_give.jinja", {"form": form, "completion": completion, "is_given": is_given})
