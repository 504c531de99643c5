"""Courses and their frozen versions, who must take them, and the facts of having done so."""

from courses.models.certificates import Certificate, KnownIssuer, SigningKey
from courses.models.courses import ChangeClass, Course, CourseVersion, LessonFile, LocalDetails, Redo, RetakeDemand
from courses.models.facts import Completion, CompletionVoid, Exemption, Extension, Progress
from courses.models.feedback import Agreement, CourseFeedback, FeedbackGiven
from courses.models.needs import NeedsAnalysis, NeedsApproval, TrainingNeed
from courses.models.pages import ChangeDecision, CourseIndexPage, CoursePage, ModulePage, OwnCoursesPage
from courses.models.prior_learning import PriorLearning, PriorLearningLine
from courses.models.record_imports import RecordImport, RecordImportRow
from courses.models.reminders import (
    ReminderAttempt,
    ReminderLetterRun,
    ReminderMail,
    ReminderOutcome,
    ReminderPause,
    ReminderPlan,
    ReminderRun,
    ReminderSend,
)
from courses.models.sessions import SessionPerson, TrainingSession
from courses.models.staff_records import RecordKind, StaffRecord, StaffRecordVoid

__all__ = [
    "Agreement",
    "Certificate",
    "ChangeClass",
    "ChangeDecision",
    "Completion",
    "CompletionVoid",
    "Course",
    "CourseFeedback",
    "CourseIndexPage",
    "CoursePage",
    "CourseVersion",
    "Exemption",
    "Extension",
    "FeedbackGiven",
    "KnownIssuer",
    "LessonFile",
    "LocalDetails",
    "ModulePage",
    "NeedsAnalysis",
    "NeedsApproval",
    "OwnCoursesPage",
    "PriorLearning",
    "PriorLearningLine",
    "Progress",
    "RecordImport",
    "RecordImportRow",
    "RecordKind",
    "Redo",
    "ReminderAttempt",
    "ReminderLetterRun",
    "ReminderMail",
    "ReminderOutcome",
    "ReminderPause",
    "ReminderPlan",
    "ReminderRun",
    "ReminderSend",
    "RetakeDemand",
    "SessionPerson",
    "SigningKey",
    "StaffRecord",
    "StaffRecordVoid",
    "TrainingNeed",
    "TrainingSession",
]
