"""Posts and absences of one person, and posts whose access to personal data nobody has said."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from staff import queries, services
from staff.enums import DataAccess
from staff.forms_people import AbsenceEndForm, AbsenceForm, LastDayForm, PostEditForm, PostForm
from staff.models import Absence, Person, Post


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def post_new(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Give somebody a post: another one, or the first after coming back."""
    person = get_object_or_404(Person.objects.visible_to(request.access).select_related("organisation"), pk=person_id)
    today = timezone.localdate()
    form = PostForm(request.POST or None, organisation=person.organisation, on=today, person=person, initial={"start": today})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_post(person, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PersonRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, person, "The post is recorded.")
    return render(request, "staff/post_new.jinja", {"form": form, "person": person})


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def post_edit(request: SignedInRequest, post_id: int) -> HttpResponse:
    """Change a post from a date on."""
    post = _post(request, post_id)
    form = PostEditForm(request.POST or None, post=post, on=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            services.change_post(post, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PersonRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, post.person, "The change is recorded.")
    return render(request, "staff/post_edit.jinja", {"form": form, "post": post})


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def post_end(request: SignedInRequest, post_id: int) -> HttpResponse:
    """End one of somebody's posts."""
    post = _post(request, post_id)
    form = LastDayForm(request.POST or None, label="Last day in this post", initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_post(post, last_day=form.cleaned_data["last_day"], by=request.user, at=timezone.now())
        except services.PersonRefusedError as refusal:
            form.add_error("last_day", str(refusal))
        else:
            return _done(request, post.person, "The end of the post is recorded.")
    return render(request, "staff/post_end.jinja", {"form": form, "post": post})


@requires(Capability.STAFF_EDIT)
@require_POST
def post_cancel(request: SignedInRequest, post_id: int) -> HttpResponse:
    """Take back a post that has not begun."""
    post = _post(request, post_id)
    try:
        services.cancel_post(post, on=timezone.localdate(), by=request.user, at=timezone.now())
    except services.PersonRefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:person_detail", person_id=post.person_id)
    return _done(request, post.person, "The post is taken back.")


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def absence_new(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Record that somebody is away."""
    person = get_object_or_404(Person.objects.visible_to(request.access), pk=person_id)
    form = AbsenceForm(request.POST or None, initial={"start": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_absence(person, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PersonRefusedError as refusal:
            form.add_error("start", str(refusal))
        else:
            return _done(request, person, "The absence is recorded.")
    return render(request, "staff/absence_new.jinja", {"form": form, "person": person})


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def absence_end(request: SignedInRequest, absence_id: int) -> HttpResponse:
    """Record when somebody is back."""
    absence = _absence(request, absence_id)
    form = AbsenceEndForm(request.POST or None, initial={"back_on": absence.end or timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_absence(absence, back_on=form.cleaned_data["back_on"], by=request.user, at=timezone.now())
        except services.PersonRefusedError as refusal:
            form.add_error("back_on", str(refusal))
        else:
            return _done(request, absence.person, "The day they are back is recorded.")
    return render(request, "staff/absence_end.jinja", {"form": form, "absence": absence})


@requires(Capability.STAFF_EDIT)
@require_POST
def absence_remove(request: SignedInRequest, absence_id: int) -> HttpResponse:
    """Take back an absence recorded by mistake."""
    absence = _absence(request, absence_id)
    services.remove_absence(absence, by=request.user, at=timezone.now())
    return _done(request, absence.person, "The absence is taken back.")


@requires(Capability.STAFF_EDIT)
@require_http_methods(["GET", "POST"])
def access_list(request: SignedInRequest) -> HttpResponse:
    """Job titles with posts whose access to personal data is unknown, to be settled in one go."""
    organisation, today = request.access.organisation, timezone.localdate()
    titles = queries.unknown_access(organisation, today)
    if request.method == "POST":
        decisions = {
            post: answer
            for number, title in enumerate(titles)
            if (answer := request.POST.get(f"title_{number}")) in (DataAccess.YES, DataAccess.NO)
            and request.POST.get(f"name_{number}") == title.job_title
            for post in title.posts
        }
        settled = services.settle_access(organisation, decisions=decisions, by=request.user, at=timezone.now())
        if settled:
            messages.success(request, f"{settled} {'post is' if settled == 1 else 'posts are'} settled.")
        else:
            messages.error(request, "Nothing is settled. Choose yes or no for at least one job title, and send the form again.")
        return redirect("staff:access_list")
    return render(request, "staff/access_list.jinja", {"titles": titles})


def _post(request: SignedInRequest, post_id: int) -> Post:
    mine = Post.objects.visible_to(request.access).select_related("person__organisation", "unit", "manager")
    return get_object_or_404(mine, pk=post_id)


def _absence(request: SignedInRequest, absence_id: int) -> Absence:
    return get_object_or_404(Absence.objects.visible_to(request.access).select_related("person"), pk=absence_id)


def _done(request: SignedInRequest, person: Person, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("staff:person_detail", person_id=person.pk)
