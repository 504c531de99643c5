"""The registers' tables, one module a register."""

from registers.models.actions import Action, ActionUpdate
from registers.models.dpo import Advice, AdviceDecision, DpoReview
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
from registers.models.reminders import ReminderSend
from registers.models.rights import Matter, MatterKind, MatterStep, Outcome, StepKind, Way
from registers.models.supplier_requests import AnswerReview, SupplierAnswer, SupplierRequest
from registers.models.suppliers import Agreement, Sighting, Supplier

__all__ = [
    "Acknowledgement",
    "Action",
    "ActionUpdate",
    "Advice",
    "AdviceDecision",
    "Agreement",
    "AnswerReview",
    "Audience",
    "BreachAssessment",
    "BreachRole",
    "DpoReview",
    "HeldCertificate",
    "HeldCertificateQuerySet",
    "Incident",
    "IncidentKind",
    "IncidentPaper",
    "IncidentTurn",
    "Learning",
    "Matter",
    "MatterKind",
    "MatterStep",
    "Nature",
    "NilReturn",
    "NilReturnQuerySet",
    "Notification",
    "NotificationDecision",
    "Outcome",
    "Policy",
    "PolicyApproval",
    "PolicyPublication",
    "PolicyState",
    "PolicyVersion",
    "PolicyWithdrawal",
    "Recipient",
    "ReminderSend",
    "ReportingLink",
    "Scheme",
    "Sighting",
    "Source",
    "Standing",
    "StepKind",
    "Supplier",
    "SupplierAnswer",
    "SupplierRequest",
    "Theme",
    "Way",
    "Whose",
]
