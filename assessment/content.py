"""What a confirmation and a signature bind to: the content of a return as plain values, without a name in it.

People are pseudonymous ids (``user:12``, ``person:7``); their names are in rows beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assessment.branches import site_lines
from assessment.requirements import assertion_binding, requirement
from audit.services import actor_id

if TYPE_CHECKING:
    from accounts.models import OrganisationProfile
    from assessment.edition_format.types import Assertion
    from assessment.leaves import Leaf
    from assessment.models import EvidenceLink, LiveReading
    from assessment.queries import AssessmentReturn


def assertion_content(whole: AssessmentReturn, assertion: Assertion) -> dict[str, Any]:
    """What somebody confirms: what each item of an assertion asks, the answers, the evidence, whether figures reach their targets.

    Help, sources and other items are not in it: a corrected list that changes only those leaves the confirmation alone. A
    figure taken again that comes to the same answer is still what was confirmed.
    """
    kind = whole.assessment.type_snapshot
    return {
        "scheme": "tenfold-confirmation/2",
        "list": whole.assessment.edition.edition_id,
        "organisation_type": kind,
        "assertion": assertion_binding(assertion),
        "items": [
            _answer(leaf)
            | {
                "requirement": requirement(whole.edition_file, leaf.spec, kind).binding,
                "figure_reaches_target": leaf.is_met_by_reading,
            }
            for leaf in whole.leaves_of(assertion)
        ],
    }


def assertion_content_of_whole_edition(whole: AssessmentReturn, assertion: Assertion) -> dict[str, Any]:
    """What confirmations of scheme 1 bind to: the same answers, with the whole list as it stood. Never change it."""
    return {
        "edition": whole.assessment.edition.content_sha256,
        "organisation_type": whole.assessment.type_snapshot,
        "assertion": assertion.id,
        "items": [_answer(leaf) | {"figure_reaches_target": leaf.is_met_by_reading} for leaf in whole.leaves_of(assertion)],
    }


def return_content(whole: AssessmentReturn) -> dict[str, Any]:
    """Everything a signature covers."""
    assessment = whole.assessment
    return {
        "assessment": f"assessment:{assessment.pk}",
        "organisation": assessment.organisation.ods_code,
        "organisation_type": assessment.type_snapshot,
        "year": assessment.year,
        "kind": assessment.kind,
        "edition": {
            "id": assessment.edition.edition_id,
            "version": assessment.edition.version,
            "sha256": assessment.edition.content_sha256,
        },
        "profile": _profile(whole.profile),
        "certificates": [
            {
                "scheme": held.scheme,
                "number": held.number,
                "covers_all": held.covers_all,
                "issued_on": held.issued_on.isoformat(),
                "expires_on": held.expires_on.isoformat(),
            }
            for held in whole.held_certificates
        ],
        **_sites(whole),
        **_withheld(whole),
        "items": [_answer(leaf) | _figures(leaf) | {"plan": _plan(leaf)} for leaf in whole.leaves],
        "confirmations": [
            {
                "assertion": assertion.id,
                "digest": latest.digest,
                "by": actor_id(latest.by or "system"),
                "at": latest.at.isoformat(timespec="seconds"),
            }
            for assertion in whole.assertions()
            if assertion.id in whole.confirmed and (latest := whole.latest_confirmations[assertion.id])
        ],
    }


def standard_content(whole: AssessmentReturn) -> dict[str, Any]:
    """What an auditor assesses of the standard as a whole: everything a signature covers but the plan, with which one answers them."""
    content = return_content(whole)
    items = [{key: value for key, value in item.items() if key != "plan"} for item in content["items"]]
    return content | {"items": items}


def _sites(whole: AssessmentReturn) -> dict[str, Any]:
    """The sites, where somebody decided about them: returns without a decision stay as they were."""
    return {"sites": site_lines(whole.branches)} if any(branch.decision for branch in whole.branches.all) else {}


def _withheld(whole: AssessmentReturn) -> dict[str, Any]:
    """What the pack goes out without, and why; nothing where it goes out whole."""
    attached = {link.document_version.document_id for leaf in whole.leaves for link in leaf.links}
    found = [
        {"document": f"document:{document}", "reason": decided.reason, "auditors_may_open": decided.auditors_may_open}
        for document, decided in sorted(whole.withheld.items())
        if document in attached
    ]
    return {"withheld": found} if found else {}


def _profile(profile: OrganisationProfile | None) -> dict[str, Any]:
    """The answers that bear on the rules. One not given is not stated: returns from before it was asked stay as they were."""
    if profile is None:
        return {"nhsmail_only": None}
    before = {"published_before": profile.published_before} if profile.published_before != profile.Before.UNKNOWN else {}
    return {"nhsmail_only": profile.nhsmail_only, **before}


def item_content(leaf: Leaf) -> dict[str, Any]:
    """What an auditor assesses of one item: the answer, the evidence, whether the figure reaches its target."""
    return _answer(leaf) | {"figure_reaches_target": leaf.is_met_by_reading}


def _answer(leaf: Leaf) -> dict[str, Any]:
    current = leaf.current
    return {
        "id": leaf.item_id,
        "number": leaf.number,
        "version": leaf.version_number,
        "value": current.value if current else None,
        "comment": current.comment if current else "",
        "applicability": current.applicability if current else "applies",
        "reason": current.reason if current else "",
        "origin": current.origin if current else None,
        "evidence": [_evidence(link) | _withdrawn(leaf, link) for link in leaf.links],
    }


def _evidence(link: EvidenceLink) -> dict[str, Any]:
    version = link.document_version
    return {
        "link": link.pk,
        "document": f"document:{version.document_id}",
        "version": version.number,
        "kind": version.document.kind,
        "sha256": version.blob_id,
        "address": version.link or version.location or None,
        "locator": link.locator,
        "received_on": version.received_on.isoformat(),
        "effective_on": version.effective_on.isoformat() if version.effective_on else None,
        "covers_from": version.covers_from.isoformat() if version.covers_from else None,
        "covers_to": version.covers_to.isoformat() if version.covers_to else None,
        "review_by": version.review_by.isoformat() if version.review_by else None,
    }


def _withdrawn(leaf: Leaf, link: EvidenceLink) -> dict[str, Any]:
    """That the document was withdrawn. Of one that stands nothing is said: returns from before stay as they were."""
    return {"withdrawn": True} if any(remark.code == "withdrawn" for remark in leaf.remarks.get(link.pk, ())) else {}


def _figures(leaf: Leaf) -> dict[str, Any]:
    """The figure of an item; and the readings kept of registers, where there are any: returns without one stay as they were."""
    found: dict[str, Any] = {"figure": _figure(leaf.reading)}
    if leaf.register_readings:
        found["register_readings"] = [reading.said() | {"digest": reading.digest} for reading in leaf.register_readings]
    return found


def _figure(reading: LiveReading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {
        "as_of": reading.as_of.isoformat(),
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "percent": reading.percent,
        "digest": reading.digest,
        "rows_sha256": reading.rows_id,
    }


def _plan(leaf: Leaf) -> dict[str, Any] | None:
    action = leaf.plan_action
    return {"action": action.action, "owner": action.owner_words, "due_on": action.due_on.isoformat()} if action else None
