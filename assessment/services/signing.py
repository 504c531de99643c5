"""The signature of the accountable post-holder under one exact content."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import Organisation, User
from assessment import checks, figures
from assessment.branches import DIFFERS
from assessment.models import Assessment, SignOff
from assessment.queries import AssessmentReturn, read_return
from assessment.services.confirming import keep_reading
from assessment.services.reviewing import note_lapse
from assessment.services.steps import AssessmentRefusedError, locked, london_day, take_step, tell
from staff.enums import ACCOUNTABLE_POSTS
from staff.models import KeyPost, Person

DECLARATION_VERSION = "2"
DECLARATION = (
    "I hold the post named here, or deputise for its holder, and answer for data security and protection in this organisation. I have read this return, "
    "the figures in it and the warnings shown to me. To the best of my knowledge it says truthfully how things stand. I know "
    "that signing here submits nothing to the NHS, and that my signature lapses by itself if the content changes."
)
MOST_DAYS_AHEAD = 31
"""A figure counted today says little about a day further off."""
NAMED = 5
"""Files named in one refusal."""


class WarningsNotAcknowledgedError(AssessmentRefusedError):
    """There is a warning the signer has not ticked; ``warnings`` are all of them."""

    def __init__(self, warnings: list[checks.Warning]) -> None:
        self.warnings = warnings
        super().__init__("Tick every warning to say that you have read it. If one is new to you, read it first.")


@dataclass(frozen=True)
class Signer:
    """Who may sign on a day: the holder of an accountable post, or the deputy recorded for it."""

    post: KeyPost
    person: Person
    as_deputy: bool

    @property
    def capacity(self) -> str:
        """The post, or that they sign for its holder."""
        title = self.post.get_kind_display()
        return f"deputy for the post of {title}" if self.as_deputy else title


def signer_of(organisation: Organisation, user: User, *, on: date) -> Signer | None:
    """In which capacity the user may sign on a day, their own post before one they deputise for; None if in none.

    A DPO answers to nobody's return and never signs.
    """
    posts = KeyPost.objects.covering(on).filter(organisation=organisation, kind__in=ACCOUNTABLE_POSTS)
    posts = posts.select_related("holder", "deputy").order_by("pk")
    held = posts.filter(holder__user=user).first()
    if held is not None and held.holder is not None:
        return Signer(held, held.holder, as_deputy=False)
    deputised = posts.filter(deputy__user=user).first()
    if deputised is not None and deputised.deputy is not None:
        return Signer(deputised, deputised.deputy, as_deputy=True)
    return None


@transaction.atomic
def sign(assessment: Assessment, *, planned_on: date, acknowledged: Collection[str], by: User, at: datetime) -> SignOff:
    """Sign the return as the holder of an accountable post or their deputy, for publication on the planned date.

    Every figure is taken afresh for that date first, and the signature covers it.

    Args:
        assessment: the return.
        planned_on: the day it is to be published, today or in the coming weeks.
        acknowledged: codes of the warnings the signer has ticked.
        by: the signer.
        at: when.

    Raises:
        AssessmentRefusedError: the user neither holds an accountable post today nor deputises for one, the date will not do, a
            site says otherwise, or a file among the evidence is lost or not found clean.
        WarningsNotAcknowledgedError: a warning was not ticked.
        StepRefusedError: the return is not ready to sign.
    """
    assessment = locked(assessment)
    today = london_day(at)
    signer = signer_of(assessment.organisation, by, on=today)
    note_lapse(assessment, by=by, at=at)
    step = take_step(assessment, "sign", by=by, at=at)
    if signer is None:
        raise AssessmentRefusedError(
            "Only the SIRO, the registered manager or a partner can sign, or the deputy recorded for one of them, and today you "
            "are none of these here. Ask your administrator to check the list of key posts."
        )
    require_possible_date(planned_on, today=today)
    for response in figures.responses_with_figures(assessment):
        keep_reading(assessment, response, as_of=planned_on, by=by, at=at, with_documents=True)
    whole = read_return(assessment, on=planned_on, strict=True)
    require_no_dissent(whole)
    require_whole_evidence(whole)
    warnings = checks.warnings(whole, today=today, signer_id=by.pk)
    if not {warning.code for warning in warnings} <= set(acknowledged):
        raise WarningsNotAcknowledgedError(warnings)
    sign_off = SignOff.objects.create(
        assessment=assessment,
        transition=step,
        key_post=signer.post,
        person=signer.person,
        as_deputy=signer.as_deputy,
        user=by,
        declaration=DECLARATION,
        declaration_version=DECLARATION_VERSION,
        planned_publication_date=planned_on,
        content_digest=whole.digest,
        computed_standard=whole.level_if_signed,
        warnings=[{"code": warning.code, "text": warning.text} for warning in warnings],
        at=at,
    )
    summary = {
        "post": signer.capacity,
        "person": f"person:{signer.person.pk}",
        "planned_on": planned_on.isoformat(),
        "digest": sign_off.content_digest,
        "standard": sign_off.computed_standard,
        "warnings": len(warnings),
    }
    tell("signoff.given", assessment, by=by, at=at, target=sign_off, summary=summary)
    return sign_off


def preview(assessment: Assessment, *, planned_on: date) -> AssessmentReturn:
    """The return as it would be signed for the date, with its figures counted and nothing written."""
    whole = read_return(assessment, on=planned_on, strict=True)
    return figures.with_fresh_figures(whole, as_of=planned_on)


def require_no_dissent(whole: AssessmentReturn) -> None:
    """Refuse a return that speaks for a site where somebody says that it is not so."""
    names = ", ".join(branch.site.name for branch in whole.branches.in_state(DIFFERS))
    if names:
        raise AssessmentRefusedError(
            f"What the return says is not true everywhere it speaks for: {names}. Unlock it, then mend the answers or leave the site out."
        )


def require_whole_evidence(whole: AssessmentReturn) -> None:
    """Refuse a return with a file that no pack could carry: one with a virus, one not looked at yet, one that is lost."""
    found = [
        f"“{link.document_version.document}”, evidence for {leaf.number}, {remark.predicate}"
        for leaf in whole.leaves
        for link in leaf.links
        for remark in leaf.remarks.get(link.pk, ())
        if remark.stops
    ]
    if found:
        more = f" ({len(found) - NAMED} more are not named here)" if len(found) > NAMED else ""
        raise AssessmentRefusedError(
            f"{'; '.join(found[:NAMED])}{more}. A file that is still being checked needs some minutes. For the others, unlock the "
            "return, take the document off and attach a good copy."
        )


def require_possible_date(planned_on: date, *, today: date) -> None:
    """Refuse a planned date that has gone by or is too far off."""
    if planned_on < today:
        raise AssessmentRefusedError("Choose a publication date that has not gone by.")
    if planned_on > today + timedelta(days=MOST_DAYS_AHEAD):
        raise AssessmentRefusedError(
            f"Choose a publication date within {MOST_DAYS_AHEAD} days: the training figure is counted for it now."
        )
