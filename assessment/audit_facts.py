"""What an audit came to by an instant, as plain values for the pack of a publication. People are pseudonymous ids in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assessment.audit_desk import Asked, Sample, requests_of, samples_of
from assessment.models import Assessment, AuditFinding
from audit.services import actor_id

SCHEMA = "tenfold-audit/1"
PATH = "audit/findings.json"


def audit_facts(assessment: Assessment, *, until: datetime) -> dict[str, Any] | None:
    """Findings, requests and samples so far; None while no auditor has written anything."""
    rows = AuditFinding.objects.filter(assessment=assessment, at__lte=until).select_related("by", "engagement", "subject")
    findings = [_finding(row) for row in rows.prefetch_related("replies__plan_action__item", "replies__by").order_by("pk")]
    requests = [_request(asked) for asked in requests_of(assessment, today=until.date())]
    samples = [_sample(sample) for sample in samples_of(assessment)]
    if not (findings or requests or samples):
        return None
    until_when = until.isoformat(timespec="seconds")
    return {"schema": SCHEMA, "until": until_when, "findings": findings, "requests": requests, "samples": samples}


def _said(row: Any) -> dict[str, Any]:
    return {"by": actor_id(row.by), "at": row.at.isoformat(timespec="seconds")}


def _finding(row: AuditFinding) -> dict[str, Any]:
    return {
        "id": row.pk,
        "about": row.about,
        "number": row.subject.number if row.subject else "",
        "assessed": row.assessed,
        "severity": row.severity,
        "text": row.text,
        "firm": row.engagement.firm if row.engagement else "",
        "corrects": row.replaces_id,
        "replies": [
            {"text": reply.text, "plan": reply.plan_action.action if reply.plan_action else "", **_said(reply)}
            for reply in row.replies.all()
        ],
        **_said(row),
    }


def _request(asked: Asked) -> dict[str, Any]:
    steps = [
        {
            "kind": step.kind,
            "text": step.text,
            "document": str(step.document_version) if step.document_version else "",
            "sha256": step.document_version.blob_id or "" if step.document_version else "",
            **_said(step),
        }
        for step in asked.steps
    ]
    return {"about": asked.about, "text": asked.request.text, "state": asked.state, "steps": steps, **_said(asked.request)}


def _sample(sample: Sample) -> dict[str, Any]:
    draw = sample.draw
    people = [
        {
            "person": f"person:{one.row.person}",
            "records": one.row.facts,
            "agrees": one.check.agrees if one.check else None,
            "text": one.check.text if one.check else "",
        }
        for one in sample.people
    ]
    return {
        "words": sample.words,
        "seed": draw.seed,
        "algorithm": draw.algorithm,
        "population": draw.population,
        "rows_sha256": draw.reading.rows_id,
        "people": people,
        **_said(draw),
    }
