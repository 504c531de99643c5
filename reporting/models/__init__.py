"""What reporting keeps: rules and frozen figures, reports people keep, what is sent, what is drawn."""

from reporting.models.drawings import Drawing
from reporting.models.facts import CountingRule, EvidenceSnapshot, RateSnapshot, SmallNumberRule
from reporting.models.phishing import PhishingExercise
from reporting.models.saved import SavedReport
from reporting.models.schedules import DeliveryOutcome, ReportDelivery, ReportReceiver, ScheduledReport

__all__ = [
    "CountingRule",
    "DeliveryOutcome",
    "Drawing",
    "EvidenceSnapshot",
    "PhishingExercise",
    "RateSnapshot",
    "ReportDelivery",
    "ReportReceiver",
    "SavedReport",
    "ScheduledReport",
    "SmallNumberRule",
]
