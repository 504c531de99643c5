"""Which sites a return speaks for, and what those who answer for them say."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from accounts.models import Site, User
from assessment.branches import STATEMENT, site_digest
from assessment.models import Assessment, SiteAttestation, SiteDecision
from assessment.queries import current_return
from assessment.services.steps import AssessmentRefusedError, locked, london_day, state_of, tell
from assessment.states import State, require_editable
from staff.models import Person


@transaction.atomic
def include_site(
    assessment: Assessment, site: Site, *, responsible: Person, confirm_by: date, by: User, at: datetime
) -> SiteDecision:
    """Have the return speak for a site too, and say who confirms what it says there, by when.

    Raises:
        AssessmentRefusedError: the site has closed, or the person cannot sign in here.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = _for_decision(assessment, site)
    if site.has_closed(london_day(at)):
        raise AssessmentRefusedError(f"{site} has closed. Leave it out, with that as the reason.")
    in_post = Person.objects.of(assessment.organisation).in_post(london_day(at)).filter(pk=responsible.pk, user__isnull=False)
    if not in_post.exists():
        raise AssessmentRefusedError("Choose somebody who is in post here and can sign in.")
    return _decide(assessment, site, at=at, by=by, is_included=True, responsible=responsible, confirm_by=confirm_by)


@transaction.atomic
def leave_site_out(assessment: Assessment, site: Site, *, reason: str, by: User, at: datetime) -> SiteDecision:
    """Have the return not speak for a site, and say why.

    Raises:
        AssessmentRefusedError: no reason is given.
        StepRefusedError: the return is in review, signed or published.
    """
    assessment = _for_decision(assessment, site)
    if not reason.strip():
        raise AssessmentRefusedError("Say why this return does not speak for the site.")
    return _decide(assessment, site, at=at, by=by, is_included=False, reason=reason.strip())


def _for_decision(assessment: Assessment, site: Site) -> Assessment:
    assessment = locked(assessment)
    require_editable(state_of(assessment))
    if site.organisation_id != assessment.organisation_id:
        raise AssessmentRefusedError("This site is not one of this organisation.")
    return assessment


def _decide(assessment: Assessment, site: Site, *, by: User, at: datetime, **said: object) -> SiteDecision:
    last = SiteDecision.objects.filter(assessment=assessment, site=site).order_by("-pk").first()
    if last is not None and all(getattr(last, key) == value for key, value in said.items()):
        return last
    decision = SiteDecision.objects.create(assessment=assessment, site=site, by=by, at=at, **said)
    event = "assessment.site_included" if decision.is_included else "assessment.site_left_out"
    tell(event, assessment, by=by, at=at, target=decision, summary={"site": f"site:{site.pk}"}, reason=decision.reason)
    return decision


@transaction.atomic
def attest_site(
    assessment: Assessment, site: Site, *, is_true: bool, differs: str = "", seen: str, by: User, at: datetime
) -> SiteAttestation:
    """Say, as the person responsible for a site, whether what the return answers is true there.

    Args:
        assessment: the return.
        site: the site, one that the return speaks for.
        is_true: whether it is.
        differs: if not, what is otherwise.
        seen: the digest of what was read, so that nobody confirms an answer they have not seen.
        by: who says it.
        at: when.

    Raises:
        AssessmentRefusedError: somebody else is responsible, the answers changed meanwhile, nothing is said to differ, or
            the return is signed already.
    """
    assessment = locked(assessment)
    if state_of(assessment) not in (State.PREPARING, State.IN_PROGRESS, State.IN_REVIEW, State.READY_TO_SIGN):
        raise AssessmentRefusedError("This return is signed or published: what it says can no longer be confirmed for a site.")
    decision = SiteDecision.objects.filter(assessment=assessment, site=site).order_by("-pk").select_related("responsible").first()
    person = decision.responsible if decision and decision.is_included else None
    if person is None or person.user_id != by.pk:
        raise AssessmentRefusedError("Only the person named as responsible for this site can say what is true there.")
    if not is_true and not differs.strip():
        raise AssessmentRefusedError("Say what is different at your site.")
    digest = site_digest(current_return(assessment, today=london_day(at)), site)
    if seen != digest:
        raise AssessmentRefusedError(
            "An answer changed while you were reading. Read the page again, then say whether it is true."
        )
    said = SiteAttestation.objects.create(
        assessment=assessment,
        site=site,
        is_true=is_true,
        differs="" if is_true else differs.strip(),
        statement=STATEMENT if is_true else "",
        digest=digest,
        person=person,
        by=by,
        at=at,
    )
    event = "assessment.site_confirmed" if is_true else "assessment.site_differs"
    tell(event, assessment, by=by, at=at, target=said, summary={"site": f"site:{site.pk}", "digest": digest})
    return said
