"""What was written in the audit of a return as a workbook: for the auditor's own papers, and for the organisation when the auditor is gone."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import xlsxwriter

from accounts.models import User
from assessment.audit_desk import Desk
from assessment.audit_findings import SideBySide
from assessment.models import Assessment, AuditFinding, Engagement
from assessment.workbook import Row, Sheets
from nhsuk.jinja import day, moment


def audit_workbook(
    assessment: Assessment, found: SideBySide, desk: Desk, engagements: Sequence[Engagement], *, only_of: User | None = None
) -> bytes:
    """The workbook. No cell is a formula.

    Args:
        assessment: the return.
        found: its findings.
        desk: its requests and samples.
        engagements: who was invited.
        only_of: an auditor, whose own work alone is wanted.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheets = Sheets(book)
    sheets.add("Audit", ("What", "Value"), _head(assessment, engagements, only_of), widths=(34, 90))
    sheets.add("Findings", FINDING_HEADINGS, _findings(found, only_of), widths=(9, 44, 40, 40, 14, 11, 60, 28, 22, 11, 60))
    sheets.add("Requests", REQUEST_HEADINGS, _requests(desk, only_of), widths=(9, 11, 14, 70, 28, 28, 22))
    sheets.add("Samples", SAMPLE_HEADINGS, _samples(desk, only_of), widths=(9, 70, 40, 10, 14, 11, 24, 10, 22, 14, 60, 28))
    book.close()
    return out.getvalue()


FINDING_HEADINGS = (
    "About",
    "Title",
    "Claimed",
    "Computed",
    "Assessed",
    "Severity",
    "What was found",
    "Auditor",
    "When",
    "Corrected",
    "Answers",
)
REQUEST_HEADINGS = ("About", "State", "What happened", "Words", "Document", "Who", "When")
SAMPLE_HEADINGS = (
    "Sample",
    "Drawn from",
    "Seed",
    "Person",
    "Completed on",
    "Counted",
    "How",
    "Version",
    "Certificate",
    "Seen",
    "Words",
    "Auditor",
)


def _head(assessment: Assessment, engagements: Sequence[Engagement], only_of: User | None) -> Iterator[Row]:
    yield "Organisation", assessment.organisation.name
    yield "Return", f"DSPT {assessment.title}"
    for one in engagements:
        if only_of is None or one.auditor_id == only_of.pk:
            yield "Audit", f"{one.auditor} ({one.firm}), {day(one.starts_on)} to {day(one.ends_on)}: {one.terms}"
    yield (
        "What this is",
        "The auditors' own words and the answers to them. They change neither what is claimed nor what is computed.",
    )


def _findings(found: SideBySide, only_of: User | None) -> Iterator[Row]:
    for line, told in found.told:
        for finding in (told.finding, *told.earlier):
            if only_of is None or finding.by_id == only_of.pk:
                claims = (line.claimed, line.computed) if finding == told.finding else ("", "")
                yield (line.number, line.title, *claims, *_finding(finding, is_corrected=finding != told.finding))
    for finding in found.gone:
        if only_of is None or finding.by_id == only_of.pk:
            yield finding.about, "Asked no more", "", "", *_finding(finding, is_corrected=False)


def _finding(finding: AuditFinding, *, is_corrected: bool) -> Row:
    answers = [
        f"{reply.by}, {moment(reply.at)}: {reply.text}"
        + (f" In the plan: {reply.plan_action.action}" if reply.plan_action else "")
        for reply in finding.replies.all()
    ]
    return (
        finding.get_assessed_display(),
        finding.get_severity_display(),
        finding.text,
        str(finding.by),
        moment(finding.at),
        "Yes" if is_corrected else "",
        "\n".join(answers),
    )


def _requests(desk: Desk, only_of: User | None) -> Iterator[Row]:
    for asked in desk.requests:
        one = asked.request
        if only_of is not None and one.by_id != only_of.pk:
            continue
        yield asked.about, asked.label[0], "Asked", one.text, "", str(one.by), moment(one.at)
        for step in asked.steps:
            document = str(step.document_version) if step.document_version else ""
            yield asked.about, asked.label[0], step.get_kind_display(), step.text, document, str(step.by), moment(step.at)


def _samples(desk: Desk, only_of: User | None) -> Iterator[Row]:
    for sample in desk.samples:
        if only_of is not None and sample.draw.by_id != only_of.pk:
            continue
        for one in sample.people:
            facts, check = one.row.facts, one.check
            yield (
                sample.draw.pk,
                sample.source,
                sample.draw.seed,
                one.row.person,
                one.completed_on,
                "Yes" if facts["counted"] else "No",
                facts["source"],
                facts["version"],
                facts["certificate"],
                ("Agrees" if check.agrees else "Does not agree") if check else "Not looked at",
                check.text if check else "",
                str(check.by) if check else "",
            )
