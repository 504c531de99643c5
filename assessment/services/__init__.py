"""Every write to a return: opening, answering, confirming, reviewing, signing, publishing."""

from assessment.answers import AnswerRefusedError
from assessment.services.answering import (
    AnswerChangedError,
    answer,
    assign,
    keep_answer,
    mark_not_applicable,
    plan_action,
    withdraw_plan_action,
)
from assessment.services.auditing import answer_request, ask_for, check_sampled, draw_sample, settle_request
from assessment.services.branching import attest_site, include_site, leave_site_out
from assessment.services.confirming import confirm_assertion, keep_register_readings, take_reading
from assessment.services.discussing import comment, reply
from assessment.services.engaging import end_engagement, engage_auditor
from assessment.services.evidence import attach_evidence, repin_evidence, restore_document, retire_evidence, withhold_document
from assessment.services.finding import Planned, answer_finding, record_finding
from assessment.services.opening import acknowledge_year, open_year
from assessment.services.patching import take_up_edition
from assessment.services.profile import change_profile
from assessment.services.publishing import SignatureLapsedError, publish, record_official_status, withdraw
from assessment.services.rekeying import mark_entered
from assessment.services.reviewing import ready_to_sign, return_with_points, submit_for_review, unlock
from assessment.services.signing import DECLARATION, WarningsNotAcknowledgedError, preview, sign, signer_of
from assessment.services.steps import AssessmentRefusedError, london_day
from assessment.states import StepRefusedError

__all__ = [
    "DECLARATION",
    "AnswerChangedError",
    "AnswerRefusedError",
    "AssessmentRefusedError",
    "Planned",
    "SignatureLapsedError",
    "StepRefusedError",
    "WarningsNotAcknowledgedError",
    "acknowledge_year",
    "answer",
    "answer_finding",
    "answer_request",
    "ask_for",
    "assign",
    "attach_evidence",
    "attest_site",
    "change_profile",
    "check_sampled",
    "comment",
    "confirm_assertion",
    "draw_sample",
    "end_engagement",
    "engage_auditor",
    "include_site",
    "keep_answer",
    "keep_register_readings",
    "leave_site_out",
    "london_day",
    "mark_entered",
    "mark_not_applicable",
    "open_year",
    "plan_action",
    "preview",
    "publish",
    "ready_to_sign",
    "record_finding",
    "record_official_status",
    "repin_evidence",
    "reply",
    "restore_document",
    "retire_evidence",
    "return_with_points",
    "settle_request",
    "sign",
    "signer_of",
    "submit_for_review",
    "take_reading",
    "take_up_edition",
    "unlock",
    "withdraw",
    "withdraw_plan_action",
    "withhold_document",
]
