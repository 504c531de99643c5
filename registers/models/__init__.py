"""The registers' tables, one module a register."""

from registers.models.actions import Action, ActionUpdate
from registers.models.approvals import RegisterApproval
from registers.models.assets import Answer, Asset, AssetKind, AssetQuerySet, Importance, Ownership
from registers.models.checks import Check, CheckOutcome, CheckQuerySet
from registers.models.disposals import Disposal, DisposalKind, DisposalMethod, DisposalQuerySet, DoneBy
from registers.models.dpias import Decision, Dpia, DpiaQuerySet, Residual
from registers.models.dpo import Advice, AdviceDecision, DpoReview
from registers.models.entries import Entry, EntryChange, EntryQuerySet, OwnedEntry
from registers.models.held_certificates import HeldCertificate, HeldCertificateQuerySet, Scheme, Standing
from registers.models.incidents import (
    BreachAssessment,
    BreachRole,
    Incident,
    IncidentKind,
    IncidentPaper,
    IncidentTurn,
    Learning,
    Nature,
    Notification,
    NotificationDecision,
    Recipient,
    ReportingLink,
    Source,
    Theme,
    Whose,
)
from registers.models.nil_returns import NilReturn, NilReturnQuerySet
from registers.models.planned_checks import Often, PlannedCheck, PlannedCheckQuerySet
from registers.models.policies import (
    Acknowledgement,
    Audience,
    Policy,
    PolicyApproval,
    PolicyPublication,
    PolicyState,
    PolicyVersion,
    PolicyWithdrawal,
)
from registers.models.processing import DataRole, LawfulBasis, ProcessingActivity, ProcessingQuerySet, SpecialCondition
from registers.models.reminders import ReminderFailure, ReminderSend
from registers.models.rights import Matter, MatterKind, MatterPaper, MatterStep, Outcome, StepKind, Way
from registers.models.risks import Risk, RiskAssessment, RiskCategory, RiskQuerySet, Treatment
from registers.models.supplier_requests import AnswerReview, SupplierAnswer, SupplierRequest
from registers.models.suppliers import Agreement, Sighting, Supplier

__all__ = [
    "Acknowledgement",
    "Action",
    "ActionUpdate",
    "Advice",
    "AdviceDecision",
    "Agreement",
    "Answer",
    "AnswerReview",
    "Asset",
    "AssetKind",
    "AssetQuerySet",
    "Audience",
    "BreachAssessment",
    "BreachRole",
    "Check",
    "CheckOutcome",
    "CheckQuerySet",
    "DataRole",
    "Decision",
    "Disposal",
    "DisposalKind",
    "DisposalMethod",
    "DisposalQuerySet",
    "DoneBy",
    "Dpia",
    "DpiaQuerySet",
    "DpoReview",
    "Entry",
    "EntryChange",
    "EntryQuerySet",
    "HeldCertificate",
    "HeldCertificateQuerySet",
    "Importance",
    "Incident",
    "IncidentKind",
    "IncidentPaper",
    "IncidentTurn",
    "LawfulBasis",
    "Learning",
    "Matter",
    "MatterKind",
    "MatterPaper",
    "MatterStep",
    "Nature",
    "NilReturn",
    "NilReturnQuerySet",
    "Notification",
    "NotificationDecision",
    "Often",
    "Outcome",
    "OwnedEntry",
    "Ownership",
    "PlannedCheck",
    "PlannedCheckQuerySet",
    "Policy",
    "PolicyApproval",
    "PolicyPublication",
    "PolicyState",
    "PolicyVersion",
    "PolicyWithdrawal",
    "ProcessingActivity",
    "ProcessingQuerySet",
    "Recipient",
    "RegisterApproval",
    "ReminderFailure",
    "ReminderSend",
    "ReportingLink",
    "Residual",
    "Risk",
    "RiskAssessment",
    "RiskCategory",
    "RiskQuerySet",
    "Scheme",
    "Sighting",
    "Source",
    "SpecialCondition",
    "Standing",
    "StepKind",
    "Supplier",
    "SupplierAnswer",
    "SupplierRequest",
    "Theme",
    "Treatment",
    "Way",
    "Whose",
]
