"""The registers' tables, one module a register."""

from registers.models.actions import Action, ActionUpdate
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
from registers.models.supplier_requests import AnswerReview, SupplierAnswer, SupplierRequest
from registers.models.suppliers import Agreement, Sighting, Supplier

__all__ = [
    "Acknowledgement",
    "Action",
    "ActionUpdate",
    "Agreement",
    "AnswerReview",
    "Audience",
    "BreachAssessment",
    "BreachRole",
    "HeldCertificate",
    "HeldCertificateQuerySet",
    "Incident",
    "IncidentKind",
    "IncidentPaper",
    "IncidentTurn",
    "Learning",
    "Nature",
    "NilReturn",
    "NilReturnQuerySet",
    "Notification",
    "NotificationDecision",
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
    "Supplier",
    "SupplierAnswer",
    "SupplierRequest",
    "Theme",
    "Whose",
]
