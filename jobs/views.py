"""The page that shows how far a job is."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.http import SignedInRequest
from accounts.policy import signed_in
from jobs.models import Job


@signed_in
def job_detail(request: SignedInRequest, job_id: int) -> HttpResponse:
    """One's own job: progress while it runs (a script looks again; without one there is a link), then its outcome."""
    job = get_object_or_404(Job.objects.visible_to(request.access), pk=job_id)
    return render(request, "jobs/job_detail.jinja", {"job": job})
