"""The pages of the policy register: for those who write, approve, publish and look after policies."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Capability
from accounts.http import SignedInRequest
from accounts.policy import requires
from evidence import blobs
from registers import catalogue
from registers.forms.policies import (
    ApproveForm,
    DraftForm,
    FillTemplateForm,
    UploadPolicyForm,
    WithdrawForm,
    initial_of,
)
from registers.models import Policy, PolicyState, PolicyVersion
from registers.queries.policies import policies_figure, read_figures, readers, standings, with_facts
from registers.services import policies as services
from registers.writing import library, pdf, word
from registers.writing.document import document_of
from registers.writing.filling import fill, known_values
from registers.writing.markup import blanks_in, blocks_of

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_list(request: SignedInRequest) -> HttpResponse:
    """Every policy: where it stands, when its review is due, how many of those asked have read it."""
    today = timezone.localdate()
    organisation = request.access.organisation
    return render(
        request,
        "registers/policy_list.jinja",
        {
            "standings": standings(organisation, on=today),
            "withdrawn": standings(organisation, on=today, withdrawn=True),
            "figure": policies_figure(organisation, on=today),
            "register": catalogue.find("policies"),
            "today": today,
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
        },
    )


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_template_list(request: SignedInRequest) -> HttpResponse:
    """The templates that ship with us, and which the organisation uses already."""
    used = set(Policy.objects.visible_to(request.access).standing(timezone.localdate()).values_list("template_code", flat=True))
    return render(
        request,
        "registers/policy_template_list.jinja",
        {"groups": library.GROUPS, "templates": list(library.templates().values()), "used": used},
    )


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_template_detail(request: SignedInRequest, template_code: str) -> HttpResponse:
    """One template: its text, what to adapt, and where its rules come from."""
    template = _template(template_code)
    return render(
        request,
        "registers/policy_template_detail.jinja",
        {
            "template": template,
            "blocks": _filled_blocks(request, template),
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
        },
    )


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def policy_template_use(request: SignedInRequest, template_code: str) -> HttpResponse:
    """Fill a template with the organisation's own details; the result is a draft."""
    template = _template(template_code)
    today = timezone.localdate()
    initial = known_values(request.access.organisation, on=today) | {
        "effective_on": today,
        "review_by": _after(today, months=template.review_months),
    }
    form = FillTemplateForm(request.POST or None, template=template, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = services.create_from_template(
                request.access.organisation,
                template,
                values=form.values(),
                effective_on=form.cleaned_data["effective_on"],
                review_by=form.cleaned_data["review_by"],
                by=request.user,
                at=timezone.now(),
            )
        except services.PolicyRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your draft is ready. Read it through, then ask somebody to approve it.")
            return redirect("registers:policy_version_detail", version.pk)
    return render(request, "registers/policy_template_use.jinja", {"template": template, "form": form})


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def policy_add(request: SignedInRequest) -> HttpResponse:
    """Begin with a policy that is there already, as a file."""
    today = timezone.localdate()
    initial = {"effective_on": today, "review_by": _after(today, months=12)}
    form = UploadPolicyForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            version = services.create_policy(request.access.organisation, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PolicyRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The policy is in the register as a draft. Ask somebody to approve it.")
            return redirect("registers:policy_version_detail", version.pk)
    return render(request, "registers/policy_add.jinja", {"form": form})


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_detail(request: SignedInRequest, policy_id: int) -> HttpResponse:
    """One policy and its versions, the newest first."""
    policy = get_object_or_404(Policy.objects.visible_to(request.access).select_related("withdrawal", "document"), pk=policy_id)
    today = timezone.localdate()
    versions = list(with_facts(policy.versions.order_by("-number")))
    template = library.templates().get(policy.template_code)
    return render(
        request,
        "registers/policy_detail.jinja",
        {
            "policy": policy,
            "versions": [(version, version.state(today)) for version in versions],
            "figures": read_figures(
                policy.organisation, [v for v in versions if v.state(today) == PolicyState.PUBLISHED], on=today
            ),
            "template": template,
            "template_is_newer": template is not None and template.reviewed_on > timezone.localdate(policy.created_at),
            "today": today,
            "has_draft": not versions[0].is_published,
            "is_withdrawn": versions[0].state(today) == PolicyState.WITHDRAWN,
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
            "may_approve": request.access.can(Capability.POLICIES_APPROVE),
            "may_see_names": request.access.can(*NAMES),
            "may_open": request.access.can(Capability.EVIDENCE_VIEW),
        },
    )


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_version_detail(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """One version as its readers will see it, what is still to be filled in, and the next step."""
    return _version_page(request, _version(request, policy_version_id))


@requires(Capability.REGISTERS_EDIT)
@require_http_methods(["GET", "POST"])
def policy_version_change(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """Change a draft."""
    version = _version(request, policy_version_id)
    if version.is_published or version.state(timezone.localdate()) == PolicyState.WITHDRAWN:
        messages.warning(request, "This version does not change any more.")
        return redirect("registers:policy_version_detail", version.pk)
    form = DraftForm(request.POST or None, request.FILES or None, version=version, initial=initial_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_draft(version, by=request.user, at=timezone.now(), **form.cleaned_data)
        except services.PolicyRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The draft is saved.")
            return redirect("registers:policy_version_detail", version.pk)
    return render(request, "registers/policy_version_change.jinja", {"form": form, "version": version})


@requires(Capability.POLICIES_APPROVE)
@require_POST
def policy_version_approve(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """Answer for a version as it is."""
    version = _version(request, policy_version_id)
    today = timezone.localdate()
    form = ApproveForm(request.POST, access=request.access, on=today)
    if not form.is_valid():
        return _version_page(request, version, approve_form=form)
    try:
        services.approve(version, by=request.user, at=timezone.now(), **form.cleaned_data)
    except services.PolicyRefusedError as refusal:
        form.add_error(None, str(refusal))
        return _version_page(request, version, approve_form=form)
    messages.success(request, "Approved. It can be published now.")
    return redirect("registers:policy_version_detail", version.pk)


@requires(Capability.POLICIES_APPROVE)
@require_POST
def policy_version_publish(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """Send a version out to its readers."""
    version = _version(request, policy_version_id)
    try:
        services.publish(version, by=request.user, at=timezone.now())
    except services.PolicyRefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect("registers:policy_version_detail", version.pk)
    messages.success(request, "Published. Its readers find it under Policies, and a copy is in your evidence.")
    return redirect("registers:policy_detail", version.policy_id)


@requires(Capability.REGISTERS_EDIT)
@require_POST
def policy_version_start(request: SignedInRequest, policy_id: int) -> HttpResponse:
    """Begin the next version from the present one."""
    policy = get_object_or_404(Policy.objects.visible_to(request.access), pk=policy_id)
    today = timezone.localdate()
    try:
        version = services.start_version(
            policy, effective_on=today, review_by=_after(today, months=12), by=request.user, at=timezone.now()
        )
    except services.PolicyRefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect("registers:policy_detail", policy.pk)
    return redirect("registers:policy_version_change", version.pk)


@requires(Capability.POLICIES_APPROVE)
@require_http_methods(["GET", "POST"])
def policy_withdraw(request: SignedInRequest, policy_id: int) -> HttpResponse:
    """Take a policy out of use."""
    policy = get_object_or_404(Policy.objects.visible_to(request.access), pk=policy_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw(policy, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"“{policy}” is withdrawn. It is in nobody’s list any more.")
        return redirect("registers:policy_detail", policy.pk)
    return render(request, "registers/policy_withdraw.jinja", {"form": form, "policy": policy})


NAMES = (Capability.REGISTERS_EDIT, Capability.REPORTS_NAMED)
"""Who sees by name who has read a policy and who has not."""


@requires(*NAMES)
@require_safe
def policy_readers(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """Who has read a version and who has not, today."""
    version = _version(request, policy_version_id)
    today = timezone.localdate()
    found = readers(version, on=today) if version.state(today) == PolicyState.PUBLISHED else []
    return render(
        request,
        "registers/policy_readers.jinja",
        {
            "version": version,
            "unread": [r for r in found if not r.acknowledged_on],
            "read": [r for r in found if r.acknowledged_on],
        }
        | {"today": today},
    )


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_version_pdf(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """A version as PDF; a file that was uploaded as it came."""
    version = _version(request, policy_version_id)
    return file_response(version, on=timezone.localdate())


@requires(Capability.REGISTERS_VIEW)
@require_safe
def policy_version_word(request: SignedInRequest, policy_version_id: int) -> HttpResponse:
    """A version as a Word document to go on with; a file that was uploaded as it came."""
    version = _version(request, policy_version_id)
    if version.blob is not None:
        return file_response(version, on=timezone.localdate())
    content = word.render(document_of(version, on=timezone.localdate()))
    return attachment(content, services.file_name_of(version, "docx"), WORD_TYPE)


def file_response(version: PolicyVersion, *, on: date) -> HttpResponse:
    """The file of a version: what was uploaded, what was published, or a draft drawn now."""
    if version.is_published:
        kept = version.publication.document_version
        if kept.blob is not None:
            return attachment(blobs.read(kept.blob), kept.file_name, kept.blob.media_type)
    if version.blob is not None:
        return attachment(blobs.read(version.blob), version.file_name, version.blob.media_type)
    return attachment(pdf.render(document_of(version, on=on)), services.file_name_of(version, "pdf"), "application/pdf")


def attachment(content: bytes, name: str, media_type: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)


def _version_page(request: SignedInRequest, version: PolicyVersion, *, approve_form: ApproveForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    may_approve = request.access.can(Capability.POLICIES_APPROVE)
    wrote_it = version.writers.filter(pk=request.user.pk).exists()
    others = list(services.others_who_may_approve(version))
    if may_approve and approve_form is None and (not wrote_it or not others):
        approve_form = ApproveForm(access=request.access, on=today)
    return render(
        request,
        "registers/policy_version_detail.jinja",
        {
            "version": version,
            "state": version.state(today),
            "blocks": blocks_of(version.body),
            "blanks": blanks_in(version.body),
            "approve_form": approve_form if may_approve else None,
            "may_approve": may_approve,
            "others": others,
            "wrote_it": wrote_it,
            "may_edit": request.access.can(Capability.REGISTERS_EDIT),
        },
    )


def _version(request: SignedInRequest, pk: int) -> PolicyVersion:
    return get_object_or_404(with_facts(PolicyVersion.objects.visible_to(request.access)), pk=pk)


def _template(code: str) -> library.Template:
    if code not in library.templates():
        raise Http404
    return library.templates()[code]


def _filled_blocks(request: SignedInRequest, template: library.Template) -> list[object]:
    organisation = request.access.organisation
    values = known_values(organisation, on=timezone.localdate())
    return list(blocks_of(fill(template.body, values, type=organisation.type)))


def _after(day: date, *, months: int) -> date:
    """About so many months later: a review date to begin from."""
    return day + timedelta(days=round(months * 365 / 12))
