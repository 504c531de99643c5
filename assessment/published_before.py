"""Which standards an organisation has published before, for rules that let a standard be published only once.

The rule speaks of the national site; a publication here submits nothing. So one that was withdrawn counts only when it had left
this system: some of it was noted as keyed into the national site, or a published status was seen there for its year. One that
stands, or was replaced by a newer one, counts: unknown is not "never". What the national site was seen to show counts too.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from assessment.models import Assessment, AssessmentTransition, OfficialStatus, Publication, Transcription

Status = OfficialStatus.Status
LEVEL_OF = {Status.NOT_MET: "not_met", Status.APPROACHING: "approaching", Status.MET: "met", Status.EXCEEDED: "exceeded"}


def published_levels(assessment: Assessment) -> frozenset[str]:
    """Every standard published before this return, in any year; of a closed return as it was known when it closed. Two queries."""
    organisation, until = assessment.organisation, assessment.closed_at
    earlier = Publication.objects.filter(organisation=organisation).exclude(assessment=assessment).exclude(computed_standard="")
    seen = OfficialStatus.objects.filter(organisation=organisation, status__in=LEVEL_OF)
    withdrawals = AssessmentTransition.objects.filter(assessment=OuterRef("assessment"), step="withdraw")
    later = Transcription.objects.filter(
        publication=OuterRef("publication"), response=OuterRef("response"), pk__gt=OuterRef("pk")
    )
    keyed = Transcription.objects.filter(~Exists(later), publication=OuterRef("pk"), is_entered=True)
    if until is not None:
        earlier, seen = earlier.filter(at__lt=until), seen.filter(at__lt=until)
        withdrawals, keyed = withdrawals.filter(at__lt=until), keyed.filter(at__lt=until)
    statuses = list(seen.values_list("year", "status"))
    years_seen = {year for year, _ in statuses}
    rows = earlier.annotate(is_withdrawn=Exists(withdrawals), is_keyed=Exists(keyed))
    counted = {
        level
        for level, year, is_withdrawn, is_keyed in rows.values_list(
            "computed_standard", "assessment__year", "is_withdrawn", "is_keyed"
        )
        if not is_withdrawn or is_keyed or year in years_seen
    }
    return frozenset(counted | {LEVEL_OF[Status(status)] for _, status in statuses})


def is_plan_agreed(assessment: Assessment) -> bool:
    """Whether the national site was last seen to show Approaching Standards for the year: the plan is agreed there."""
    seen = OfficialStatus.objects.filter(organisation=assessment.organisation, year=assessment.year)
    if assessment.closed_at:
        seen = seen.filter(at__lt=assessment.closed_at)
    last = seen.order_by("pk").last()
    return last is not None and last.status == OfficialStatus.Status.APPROACHING
