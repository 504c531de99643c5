"""The signature of the accountable post-holder under one exact content."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import Organisation, User
from assessment import checks, figures
from assessment.models import Assessment, SignOff
from assessment.queries import AssessmentReturn, read_return
from assessment.services.confirming import keep_reading
from assessment.services.reviewing import note_lapse
from assessment.services.steps import AssessmentRefusedError, locked, london_day, take_step, tell
from staff.enums import ACCOUNTABLE_POSTS
from staff.models import KeyPost

DECLARATION_VERSION = "1"
DECLARATION = (
    "I hold the post named here and answer for data security and protection in this organisation. I have read this return, "
    "the figures in it and the warnings shown to me. To the best of my knowledge it says truthfully how things stand. I know "
    "that signing here submits nothing to the NHS, and that my signature lapses by itself if the content changes."
)
MOST_DAYS_AHEAD = 31
"""A figure counted today says little about a day further off."""


class WarningsNotAcknowledgedError(AssessmentRefusedError):
    """There is a warning the signer has not ticked; ``warnings`` are all of them."""

    def __init__(self, warnings: list[checks.Warning]) -> None:
        self.warnings = warnings
        super().__init__("Tick every warning to say that you have read it. If one is new to you, read it first.")


def accountable_post(organisation: Organisation, user: User, *, on: date) -> KeyPost | None:
    """The accountable post the user holds on a day, if any. A DPO answers to nobody's return and never signs."""
    held = KeyPost.objects.covering(on).filter(organisation=organisation, kind__in=ACCOUNTABLE_POSTS, holder__user=user)
    return held.select_related("holder").order_by("pk").first()


@transaction.atomic
def sign(assessment: Assessment, *, planned_on: date, acknowledged: Collection[str], by: User, at: datetime) -> SignOff:
    """Sign the return as the holder of an accountable post, for publication on the planned date.

    Every figure is taken afresh for that date first, and the signature covers it.

    Args:
        assessment: the return.
        planned_on: the day it is to be published, today or in the coming weeks.
        acknowledged: codes of the warnings the signer has ticked.
        by: the signer.
        at: when.

    Raises:
        AssessmentRefusedError: the user holds no accountable post today, or the date will not do.
        WarningsNotAcknowledgedError: a warning was not ticked.
        StepRefusedError: the return is not ready to sign.
    """
    assessment = locked(assessment)
    today = london_day(at)
    post = accountable_post(assessment.organisation, by, on=today)
    note_lapse(assessment, by=by, at=at)
    step = take_step(assessment, "sign", by=by, at=at)
    if post is None or post.holder is None:
        raise AssessmentRefusedError(
            "Only the SIRO, the registered manager or a partner can sign, and today you hold none of these posts here. "
            "Ask your administrator to check the list of key posts."
        )
    require_possible_date(planned_on, today=today)
    for response in figures.responses_with_figures(assessment):
        keep_reading(assessment, response, as_of=planned_on, by=by, at=at, with_documents=True)
    whole = read_return(assessment, on=planned_on, strict=True)
    warnings = checks.warnings(whole, today=today, signer_id=by.pk)
    if not {warning.code for warning in warnings} <= set(acknowledged):
        raise WarningsNotAcknowledgedError(warnings)
    sign_off = SignOff.objects.create(
        assessment=assessment,
        transition=step,
        key_post=post,
        person=post.holder,
        user=by,
        declaration=DECLARATION,
        declaration_version=DECLARATION_VERSION,
        planned_publication_date=planned_on,
        content_digest=whole.digest,
        computed_standard=whole.standard_if(signed=True).level,
        warnings=[{"code": warning.code, "text": warning.text} for warning in warnings],
        at=at,
    )
    summary = {
        "post": post.get_kind_display(),
        "person": f"person:{post.holder.pk}",
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


def require_possible_date(planned_on: date, *, today: date) -> None:
    """Refuse a planned date that has gone by or is too far off."""
    if planned_on < today:
        raise AssessmentRefusedError("Choose a publication date that has not gone by.")
    if planned_on > today + timedelta(days=MOST_DAYS_AHEAD):
        raise AssessmentRefusedError(
            f"Choose a publication date within {MOST_DAYS_AHEAD} days: the training figure is counted for it now."
        )
