"""The registers' tables, one module a register."""

from registers.models.held_certificates import HeldCertificate, HeldCertificateQuerySet, Scheme, Standing

__all__ = ["HeldCertificate", "HeldCertificateQuerySet", "Scheme", "Standing"]
