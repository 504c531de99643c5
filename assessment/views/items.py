"""One item: its question, the answer, the evidence, the figure; and confirming the assertion it belongs to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policy import requires
from assessment import services, tasklist
from assessment.action_source import PLAN
from assessment.answers import in_words, is_answered, outcome_facts
from assessment.audit_desk import requests_about
from assessment.audit_findings import side_by_side
from assessment.edition_format.types import Item, Outcome
from assessment.forms import (
    AnswerForm,
    AssignForm,
    NotApplicableForm,
    OutcomeForm,
    PlanForm,
    answer_initial,
    outcome_initial,
)
from assessment.leaves import RECHECK, Leaf
from assessment.links import PARTLY, SAME, linked
from assessment.loading import crosswalk_between
from assessment.models import EditionItem, EvidenceLink, ResponseVersion
from assessment.queries import AssessmentReturn
from assessment.register_figures import figures_for
from assessment.replaced import replaced_evidence
from assessment.scoring import outcome_level
from assessment.starting_points import said_in_profile, templates_for
from assessment.views.audits import may_audit
from assessment.views.comments import said_about
from assessment.views.parts import find_leaf, find_return, may, people_of
from assessment.wording import official_text
from evidence.closing import closed_to
from registers.catalogue import Figure
from registers.queries.actions import actions_of

REFUSALS = (services.AssessmentRefusedError, services.StepRefusedError, services.AnswerRefusedError)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_http_methods(["GET", "POST"])
def response_detail(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """One item with everything about it; answering it."""
    whole = find_return(request, assessment_id)
    leaf = find_leaf(whole, response_id)
    form = answer_form(leaf, request.POST if request.method == "POST" else None, whole=whole)
    if request.method == "POST":
        if not request.access.can(Capability.ASSESSMENT_EDIT):
            return render(request, "accounts/refused.jinja", status=403)
        if form.is_valid():
            answered = _answer(request, leaf, form)
            if answered is not None:
                return answered
    return _page(request, whole, leaf, form)


def answer_form(leaf: Leaf, data: Any, *, whole: AssessmentReturn) -> AnswerForm | OutcomeForm:
    """The form that fits the item."""
    if isinstance(leaf.spec, Outcome):
        return OutcomeForm(data, outcome=leaf.spec, levels=whole.edition_file.levels, initial=outcome_initial(leaf))
    return AnswerForm(data, answer=leaf.spec.answer, initial=answer_initial(leaf))


def _answer(request: SignedInRequest, leaf: Leaf, form: AnswerForm | OutcomeForm) -> HttpResponse | None:
    """Save the answer; None when the page has to be shown again with what stands in the way."""
    value = form.judgement() if isinstance(form, OutcomeForm) else form.cleaned_data["value"]
    try:
        services.answer(
            leaf.response,
            value=value,
            comment=form.cleaned_data["comment"],
            expected_version=form.cleaned_data["seen"],
            by=request.user,
            at=timezone.now(),
        )
    except services.AnswerChangedError as changed:
        form.add_error(None, str(changed))
        form.changed_to = changed.current  # type: ignore[union-attr]
        return None
    except REFUSALS as refusal:
        form.add_error("value" if isinstance(form, AnswerForm) else None, str(refusal))
        return None
    messages.success(request, f"{'Item' if isinstance(leaf.spec, Item) else 'Outcome'} {leaf.number} is saved.")
    return redirect("assessment:response_detail", leaf.response.assessment_id, leaf.response.pk)


def _page(request: SignedInRequest, whole: AssessmentReturn, leaf: Leaf, form: AnswerForm | OutcomeForm) -> HttpResponse:
    allowed = may(request, whole)
    before, after = whole.neighbours(leaf)
    changed: ResponseVersion | None = getattr(form, "changed_to", None)
    inside = not request.access.is_by_invitation
    last_links = last_years_evidence(whole, leaf) if inside else []
    attached = {link.document_version_id for link in leaf.links}
    context = {
        "whole": whole,
        "leaf": leaf,
        "spec": leaf.spec,
        "is_item": isinstance(leaf.spec, Item),
        "form": form,
        "changed": changed,
        "changed_answer": version_words(leaf, changed),
        "last_answer": version_words(leaf, leaf.carried),
        "versions": [(version, version_words(leaf, version)) for version in reversed(leaf.versions)],
        "label": tasklist.item_label(whole, leaf),
        "patch_notes": whole.patch_notes.get(leaf.item_id, ()),
        "can_be_kept": _can_be_kept(leaf),
        "waits": leaf.base_work_state == RECHECK or whole.must_look_again(leaf),
        "verdict": whole.verdict(leaf),
        "replaced": replaced_evidence(whole),
        "closed": closed_to(request.access),
        "assertion": _assertion_of(whole, leaf),
        "may": allowed,
        "before": before,
        "after": after,
        "official": official_text(whole.assessment.organisation, whole.assessment.edition.edition_id, leaf.number),
        "linked": _elsewhere(whole, leaf),
        "last_links": [link for link in last_links if link.document_version_id not in attached],
        "readings": _readings(leaf),
        "plan_actions": actions_of(request.access, PLAN, leaf.response.pk, on=timezone.localdate()),
        "register_figures": _register_figures(request, leaf),
        "templates": templates_for(leaf.item_id) if request.access.can(Capability.REGISTERS_VIEW) else [],
        "in_profile": "" if form.is_bound else said_in_profile(whole, leaf),
        "told": audit_line.told if (audit_line := side_by_side(whole).line(leaf.response.item_id)) else (),
        "asked": requests_about(leaf.response, today=timezone.localdate()),
        "may_audit": may_audit(request, whole.assessment),
        "points": [point for point in whole.open_points if inside and point.response_id == leaf.response.pk],
        "today": timezone.localdate(),
    }
    context |= {"comment_form": None, "reply_form": None} | said_about(request, whole, leaf)
    if isinstance(leaf.spec, Outcome):
        context |= _outcome_context(whole, leaf, leaf.spec)
    if allowed.edit:
        context["assign_form"] = AssignForm(
            people=people_of(request), initial={"owner": leaf.response.owner_id or "", "due_on": leaf.response.due_on}
        )
    return render(request, "assessment/response_detail.jinja", context)


def _elsewhere(whole: AssessmentReturn, leaf: Leaf) -> list[tuple[str, EditionItem]]:
    """What other lists ask of the same matter: how close it is, and the item of the newest list that has it."""
    ends = {link.item_id: link for link in linked(leaf.item_id, kinds=(SAME, PARTLY))}
    rows = EditionItem.objects.filter(item_id__in=ends, edition__year=whole.assessment.year).exclude(
        edition=whole.assessment.edition
    )
    newest = {
        row.item_id: row for row in rows.select_related("edition").defer("edition__source", "edition__content").order_by("pk")
    }
    return [(link.label, newest[item_id]) for item_id, link in ends.items() if item_id in newest]


def version_words(leaf: Leaf, version: ResponseVersion | None) -> str:
    """One version of the answer, in words."""
    if version is None:
        return ""
    return in_words(version.value, leaf.spec.answer if isinstance(leaf.spec, Item) else None)


def _outcome_context(whole: AssessmentReturn, leaf: Leaf, spec: Outcome) -> dict[str, Any]:
    entry = whole.edition_file.organisation_types[whole.assessment.type_snapshot]
    found = outcome_level(
        spec,
        outcome_facts(leaf.current.value) if leaf.current else None,
        steps=whole.edition_file.level_rules[spec.level_rule],
        levels=whole.edition_file.levels,
    )
    profile = whole.edition_file.profiles[entry.profile or ""]
    return {
        "level": found,
        "expected": profile[spec.id],
        "is_expectation_unverified": profile.is_unverified(spec.id),
    }


def _register_figures(request: SignedInRequest, leaf: Leaf) -> list[Figure]:
    """What the registers say of the item today."""
    return figures_for(request.access.organisation, leaf.item_id, on=timezone.localdate(), access=request.access)


def _readings(leaf: Leaf) -> list[Any]:
    if not isinstance(leaf.spec, Item) or leaf.spec.live is None:
        return []
    return list(
        leaf.response.assessment.readings.filter(item__item_id=leaf.item_id).select_related("taken_by").order_by("-pk")[:10]
    )


def _assertion_of(whole: AssessmentReturn, leaf: Leaf) -> tuple[Any, EditionItem] | None:
    for assertion in whole.assertions():
        if any(item.id == leaf.item_id for item in assertion.items):
            return assertion, leaf.response.item.parent  # type: ignore[return-value]
    return None


def last_years_evidence(whole: AssessmentReturn, leaf: Leaf) -> list[EvidenceLink]:
    """The documents behind the same item in the return this one was based on: suggested, never counted by themselves."""
    based_on = whole.assessment.based_on
    if based_on is None:
        return []
    older = based_on.assessment
    crosswalk = crosswalk_between(older.edition.edition_id, whole.assessment.edition.edition_id)
    lines = crosswalk.into(leaf.item_id) if crosswalk else ()
    old_ids = {old for line in lines for old in line.from_ids} or {leaf.item_id}
    if crosswalk is None:
        old_ids |= {link.item_id for link in linked(leaf.item_id, kinds=(SAME, PARTLY))}
    links = EvidenceLink.objects.filter(response__assessment=older, response__item__item_id__in=old_ids, retired_at__isnull=True)
    return list(links.select_related("document_version__document").order_by("pk"))


def _can_be_kept(leaf: Leaf) -> bool:
    if leaf.current is None:
        return False
    return leaf.is_not_applicable or is_answered(leaf.spec, leaf.current.value, has_evidence=bool(leaf.links))


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def response_keep(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Last year's answer, or one whose question has changed since, is still true."""
    whole = find_return(request, assessment_id)
    leaf = find_leaf(whole, response_id)
    try:
        services.keep_answer(leaf.response, expected_version=leaf.version_number, by=request.user, at=timezone.now())
    except (*REFUSALS, services.AnswerChangedError) as refusal:
        messages.error(request, str(refusal))
    else:
        words = f"Last year’s answer to item {leaf.number} now counts for this year."
        messages.success(request, words if leaf.is_carried else f"The answer to item {leaf.number} is kept.")
    return redirect("assessment:response_detail", assessment_id, response_id)


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def response_not_applicable(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Say that an item does not apply, and why."""
    whole = find_return(request, assessment_id)
    leaf = find_leaf(whole, response_id)
    initial = {"seen": leaf.version_number, "reason": leaf.current.reason if leaf.current else ""}
    form = NotApplicableForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.mark_not_applicable(
                leaf.response,
                reason=form.cleaned_data["reason"],
                expected_version=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            )
        except (*REFUSALS, services.AnswerChangedError) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Item {leaf.number} is marked as not applying.")
            return redirect("assessment:response_detail", assessment_id, response_id)
    return render(request, "assessment/response_not_applicable.jinja", {"whole": whole, "leaf": leaf, "form": form})


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def response_assign(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Say who looks after an item."""
    leaf = find_leaf(find_return(request, assessment_id), response_id)
    form = AssignForm(request.POST, people=people_of(request))
    if form.is_valid():
        owner = User.objects.filter(pk=form.cleaned_data["owner"]).first() if form.cleaned_data["owner"] else None
        try:
            services.assign(leaf.response, owner=owner, due_on=form.cleaned_data["due_on"], by=request.user, at=timezone.now())
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Who looks after item {leaf.number} is saved.")
    else:
        messages.error(request, "Choose somebody from the list, and a real date if you give one.")
    return redirect("assessment:response_detail", assessment_id, response_id)


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def reading_take(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Count the item's figure as at today."""
    leaf = find_leaf(find_return(request, assessment_id), response_id)
    try:
        reading = services.take_reading(leaf.response, as_of=timezone.localdate(), by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The figure is taken: {reading.numerator} of {reading.denominator} people.")
    return redirect("assessment:response_detail", assessment_id, response_id)


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def register_reading_keep(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Keep what the registers say today about an item."""
    leaf = find_leaf(find_return(request, assessment_id), response_id)
    try:
        kept = services.keep_register_readings(leaf.response, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "What the registers say today is kept." if kept else "This is kept already.")
    return redirect("assessment:response_detail", assessment_id, response_id)


@requires(Capability.ASSESSMENT_EDIT)
@require_http_methods(["GET", "POST"])
def plan_edit(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Plan what will be done about an item."""
    whole = find_return(request, assessment_id)
    leaf = find_leaf(whole, response_id)
    planned = leaf.plan_action
    initial = {"action": planned.action, "owner_words": planned.owner_words, "due_on": planned.due_on} if planned else {}
    form = PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.plan_action(leaf.response, by=request.user, at=timezone.now(), **form.cleaned_data)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The plan for item {leaf.number} is saved.")
            return redirect("assessment:response_detail", assessment_id, response_id)
    return render(request, "assessment/plan_edit.jinja", {"whole": whole, "leaf": leaf, "form": form})


@requires(Capability.ASSESSMENT_EDIT)
@require_POST
def plan_withdraw(request: SignedInRequest, assessment_id: int, response_id: int) -> HttpResponse:
    """Take an item's action out of the plan."""
    leaf = find_leaf(find_return(request, assessment_id), response_id)
    try:
        services.withdraw_plan_action(leaf.response, by=request.user, at=timezone.now())
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("assessment:response_detail", assessment_id, response_id)


@requires(Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_INVITED)
@require_http_methods(["GET", "POST"])
def assertion_confirm(request: SignedInRequest, assessment_id: int, edition_item_id: int) -> HttpResponse:
    """An assertion with its answers, to be confirmed as a whole."""
    whole = find_return(request, assessment_id)
    row = get_object_or_404(EditionItem, pk=edition_item_id, edition=whole.assessment.edition, kind=EditionItem.Kind.ASSERTION)
    assertion = next((part for part in whole.assertions() if part.id == row.item_id), None)
    if assertion is None:
        raise Http404
    if request.method == "POST":
        if not request.access.can(Capability.ASSESSMENT_EDIT):
            return render(request, "accounts/refused.jinja", status=403)
        try:
            services.confirm_assertion(whole.assessment, row, by=request.user, at=timezone.now())
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
            return redirect("assessment:assertion_confirm", assessment_id, edition_item_id)
        messages.success(request, f"Assertion {assertion.number} is confirmed.")
        return redirect("assessment:assessment_detail", assessment_id)
    return render(
        request,
        "assessment/assertion_confirm.jinja",
        {
            "whole": whole,
            "assertion": assertion,
            "rows": tasklist.rows_of(whole, whole.leaves_of(assertion)),
            "label": tasklist.assertion_label(whole, assertion),
            "replaced": replaced_evidence(whole),
            "closed": closed_to(request.access),
            "unsettled": whole.unsettled_required(assertion),
            "latest": whole.latest_confirmations.get(assertion.id),
            "is_confirmed": whole.is_confirmed(assertion),
            "may": may(request, whole),
        },
    )
