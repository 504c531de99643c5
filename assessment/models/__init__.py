"""Editions as data, an organisation's return, and what was signed and published."""

from assessment.models.audit_requests import AuditRequest, AuditRequestStep, EngagementNotice
from assessment.models.audit_samples import AuditSample, SampleCheck, SampledPerson
from assessment.models.comments import Comment
from assessment.models.editions import Crosswalk, Edition, EditionItem
from assessment.models.engagements import Engagement, EngagementEnd
from assessment.models.findings import AuditFinding, AuditFindingReply
from assessment.models.patches import EditionMove
from assessment.models.publications import OfficialStatus, Publication, PublicationFile, SignOff, Transcription
from assessment.models.reading import YearAcknowledgement
from assessment.models.returns import (
    Assessment,
    AssessmentTransition,
    Confirmation,
    EvidenceLink,
    LiveReading,
    PlanAction,
    RegisterReading,
    Response,
    ResponseVersion,
    ReviewPoint,
)
from assessment.models.sites import SiteAttestation, SiteDecision
from assessment.models.withholding import Withholding
from assessment.models.wording import OfficialWording

__all__ = [
    "Assessment",
    "AssessmentTransition",
    "AuditFinding",
    "AuditFindingReply",
    "AuditRequest",
    "AuditRequestStep",
    "AuditSample",
    "Comment",
    "Confirmation",
    "Crosswalk",
    "Edition",
    "EditionItem",
    "EditionMove",
    "Engagement",
    "EngagementEnd",
    "EngagementNotice",
    "EvidenceLink",
    "LiveReading",
    "OfficialStatus",
    "OfficialWording",
    "PlanAction",
    "Publication",
    "PublicationFile",
    "RegisterReading",
    "Response",
    "ResponseVersion",
    "ReviewPoint",
    "SampleCheck",
    "SampledPerson",
    "SignOff",
    "SiteAttestation",
    "SiteDecision",
    "Transcription",
    "Withholding",
    "YearAcknowledgement",
]
