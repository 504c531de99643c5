"""The registers' tables, one module a register."""

from registers.models.actions import Action, ActionUpdate
from registers.models.held_certificates import HeldCertificate, HeldCertificateQuerySet, Scheme, Standing
from registers.models.nil_returns import NilReturn, NilReturnQuerySet

__all__ = [
    "Action",
    "ActionUpdate",
    "HeldCertificate",
    "HeldCertificateQuerySet",
    "NilReturn",
    "NilReturnQuerySet",
    "Scheme",
    "Standing",
]
