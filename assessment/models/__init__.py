"""Editions as data, an organisation's return, and what was signed and published."""

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
from assessment.models.wording import OfficialWording

__all__ = [
    "Assessment",
    "AssessmentTransition",
    "AuditFinding",
    "AuditFindingReply",
    "Comment",
    "Confirmation",
    "Crosswalk",
    "Edition",
    "EditionItem",
    "EditionMove",
    "Engagement",
    "EngagementEnd",
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
    "SignOff",
    "SiteAttestation",
    "SiteDecision",
    "Transcription",
    "YearAcknowledgement",
]
