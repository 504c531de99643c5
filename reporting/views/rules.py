"""How the figures are counted: the rules in force, and a new version of one with what it does to the figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from nhsuk.jinja import day
from reporting.forms import RuleForm, SmallNumberForm, courses_in_order
from reporting.models import CountingRule, SmallNumberRule
from reporting.queries import headlines_on
from reporting.rates import Question, Tally
from reporting.readings import rule_in_force
from reporting.rules import Rule, definition_of, shipped_rules
from reporting.services import set_counting_rule, set_small_number
from reporting.small_numbers import fewest_of, in_words


@requires(Capability.REPORTS_VIEW)
@require_safe
def rule_list(request: SignedInRequest) -> HttpResponse:
    """The rules that hold today, and every version the organisation wrote."""
    organisation, today = request.access.organisation, timezone.localdate()
    in_force = [rule_in_force(organisation, key, on=today) for key in shipped_rules()]
    context = {
        "rules": [(rule, definition_of(rule, on=today, course_titles=_titles(request, rule))) for rule in in_force],
        "versions": CountingRule.objects.filter(organisation=organisation).select_related("made_by").order_by("-made_at", "-pk"),
        "small": in_words(fewest_of(organisation)),
        "small_versions": SmallNumberRule.objects.filter(organisation=organisation).select_related("made_by"),
        "may_edit": request.access.can(Capability.NEEDS_EDIT),
    }
    return render(request, "reporting/rule_list.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def rule_change(request: SignedInRequest, rule_key: str) -> HttpResponse:
    """Write a new version of a rule: first what it does to today's figure, then the version."""
    if rule_key not in shipped_rules():
        raise Http404
    organisation, today = request.access.organisation, timezone.localdate()
    rule = rule_in_force(organisation, rule_key, on=today)
    form = RuleForm(request.POST or None, rule=rule, organisation=organisation, today=today)
    context: dict[str, Any] = {"form": form, "rule": rule, "effect": None}
    if request.method == "POST" and form.is_valid():
        changed = form.changed_rule()
        if "confirm" in request.POST:
            written = set_counting_rule(
                organisation,
                rule=changed,
                rationale=form.cleaned_data["rationale"],
                effective_on=form.cleaned_data["effective_on"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(
                request, f"The rule holds from {day(written.effective_on)}. What was frozen before keeps its own rule."
            )
            return redirect("reporting:rule_list")
        context["effect"] = _effect(request, rule, changed)
    return render(request, "reporting/rule_change.jinja", context)


@requires(Capability.NEEDS_EDIT)
@require_http_methods(["GET", "POST"])
def small_number_change(request: SignedInRequest) -> HttpResponse:
    """Say how many people a group must have before it is shown without names."""
    organisation = request.access.organisation
    form = SmallNumberForm(request.POST or None, initial={"fewest": fewest_of(organisation)})
    if request.method == "POST" and form.is_valid():
        set_small_number(organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "The number holds from now on. What was frozen before stays as it is.")
        return redirect("reporting:rule_list")
    return render(request, "reporting/small_number_change.jinja", {"form": form})


def _effect(request: SignedInRequest, rule: Rule, changed: Rule) -> tuple[Tally, Tally] | None:
    """Today's headline figure of the main course by the old rule and by the new one; None without a course."""
    organisation, today = request.access.organisation, timezone.localdate()
    courses = courses_in_order(organisation, today)
    if not courses:
        return None
    question = Question(organisation, (courses[0],), today, rule)
    before, after = headlines_on([question, replace(question, rule=changed)])
    return before, after


def _titles(request: SignedInRequest, rule: Rule) -> list[str]:
    courses = courses_in_order(request.access.organisation, timezone.localdate())
    return [course.title for course in courses if course.code in rule.courses]
