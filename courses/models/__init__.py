"""Courses and their frozen versions, who must take them, and the facts of having done so."""

from courses.models.courses import ChangeClass, Course, CourseVersion, LessonFile, LocalDetails, Redo, RetakeDemand
from courses.models.facts import Certificate, Completion, CompletionVoid, Exemption, Extension, Progress
from courses.models.needs import NeedsAnalysis, NeedsApproval, TrainingNeed
from courses.models.pages import ChangeDecision, CourseIndexPage, CoursePage, ModulePage, OwnCoursesPage
from courses.models.record_imports import RecordImport, RecordImportRow
from courses.models.reminders import (
    ReminderAttempt,
    ReminderMail,
    ReminderOutcome,
    ReminderPause,
    ReminderPlan,
    ReminderRun,
    ReminderSend,
)

__all__ = [
    "Certificate",
    "ChangeClass",
    "ChangeDecision",
    "Completion",
    "CompletionVoid",
    "Course",
    "CourseIndexPage",
    "CoursePage",
    "CourseVersion",
    "Exemption",
    "Extension",
    "LessonFile",
    "LocalDetails",
    "ModulePage",
    "NeedsAnalysis",
    "NeedsApproval",
    "OwnCoursesPage",
    "Progress",
    "RecordImport",
    "RecordImportRow",
    "Redo",
    "ReminderAttempt",
    "ReminderMail",
    "ReminderOutcome",
    "ReminderPause",
    "ReminderPlan",
    "ReminderRun",
    "ReminderSend",
    "RetakeDemand",
    "TrainingNeed",
]
