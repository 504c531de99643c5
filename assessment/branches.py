"""The sites of a return: which it speaks for, and which of those have been confirmed by whoever answers for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from accounts.models import Site
from assessment.models import Assessment, SiteAttestation, SiteDecision
from audit.canonical import digest

if TYPE_CHECKING:
    from assessment.queries import AssessmentReturn

UNDECIDED, LEFT_OUT, WAITING, CONFIRMED, LAPSED, DIFFERS = "undecided", "left_out", "waiting", "confirmed", "lapsed", "differs"
STATES = {
    UNDECIDED: ("Not decided", "blue"),
    LEFT_OUT: ("Left out", "grey"),
    WAITING: ("Not confirmed", "yellow"),
    CONFIRMED: ("Confirmed", "green"),
    LAPSED: ("Changed since it was confirmed", "orange"),
    DIFFERS: ("Not so there", "red"),
}
"""Of each state its words and the colour of their tag."""
STATEMENT = (
    "I answer for this site. I have read what the return says, and to the best of my knowledge it is true here as well. "
    "If an answer changes, what I say now no longer counts and I will be asked again."
)


@dataclass(frozen=True)
class Branch:
    """One site of a return, as it stands."""

    site: Site
    decision: SiteDecision | None
    attestation: SiteAttestation | None
    state: str

    @property
    def label(self) -> str:
        return STATES[self.state][0]

    @property
    def colour(self) -> str:
        return STATES[self.state][1]


@dataclass(frozen=True)
class Branches:
    """Every site of a return. With one site or none there is nothing to decide, and ``matter`` is false."""

    all: tuple[Branch, ...]

    @property
    def matter(self) -> bool:
        return len(self.all) > 1 or any(branch.decision for branch in self.all)

    @cached_property
    def included(self) -> tuple[Branch, ...]:
        return tuple(branch for branch in self.all if branch.decision and branch.decision.is_included)

    def in_state(self, *states: str) -> tuple[Branch, ...]:
        return tuple(branch for branch in self.all if branch.state in states)

    @property
    def words(self) -> str:
        """“2 of 3 branches have confirmed”."""
        total = len(self.included)
        if not total:
            return f"Nobody has said yet for which of the {len(self.all)} branches this return speaks"
        return f"{len(self.in_state(CONFIRMED))} of {total} {'branch has' if total == 1 else 'branches have'} confirmed"


def branches_of(whole: AssessmentReturn) -> Branches:
    """The organisation's sites that are open, or were decided about, with where each stands. Three queries."""
    assessment = whole.assessment
    decisions = {
        one.site_id: one
        for one in SiteDecision.objects.filter(assessment=assessment).select_related("responsible").order_by("pk")
    }
    said = {
        one.site_id: one
        for one in SiteAttestation.objects.filter(assessment=assessment).select_related("person", "by").order_by("pk")
    }
    sites = Site.objects.filter(organisation=assessment.organisation).order_by("name")
    found = []
    for site in sites:
        decision, attestation = decisions.get(site.pk), said.get(site.pk)
        if decision is None and site.has_closed(whole.on):
            continue
        found.append(Branch(site, decision, attestation, _state(whole, site, decision, attestation)))
    return Branches(tuple(found))


def _state(whole: AssessmentReturn, site: Site, decision: SiteDecision | None, said: SiteAttestation | None) -> str:
    if decision is None:
        return UNDECIDED
    if not decision.is_included:
        return LEFT_OUT
    if said is None or said.person_id != decision.responsible_id:
        return WAITING
    if said.digest != site_digest(whole, site):
        return LAPSED
    return CONFIRMED if said.is_true else DIFFERS


def site_digest(whole: AssessmentReturn, site: Site) -> str:
    """Of what somebody confirms for a site: what the return answers. A document more or less changes no answer."""
    return digest(
        {
            "site": f"site:{site.pk}",
            "edition": whole.assessment.edition.content_sha256,
            "items": [
                {
                    "id": leaf.item_id,
                    "value": leaf.current.value if leaf.current else None,
                    "applicability": leaf.current.applicability if leaf.current else "applies",
                    "reason": leaf.current.reason if leaf.current else "",
                }
                for leaf in whole.leaves
            ],
        }
    )


def site_lines(branches: Branches) -> list[dict[str, Any]]:
    """What a signature covers of the sites, as plain values without a person's name."""
    return [
        {
            "site": f"site:{branch.site.pk}",
            "name": branch.site.name,
            "ods_code": branch.site.ods_code,
            "included": branch.decision.is_included if branch.decision else None,
            "reason": branch.decision.reason if branch.decision else "",
            "state": branch.state,
            "said": {
                "person": f"person:{branch.attestation.person_id}",
                "at": branch.attestation.at.isoformat(timespec="seconds"),
                "digest": branch.attestation.digest,
                "differs": branch.attestation.differs,
            }
            if branch.attestation and branch.state in (CONFIRMED, DIFFERS)
            else None,
        }
        for branch in branches.all
    ]


def waiting_for(assessment: Assessment, whole: AssessmentReturn) -> list[tuple[Branch, date]]:
    """Sites whose responsible person has yet to say something, with the day by which they should."""
    return [
        (branch, branch.decision.confirm_by)
        for branch in branches_of(whole).in_state(WAITING, LAPSED)
        if branch.decision and branch.decision.confirm_by
    ]
