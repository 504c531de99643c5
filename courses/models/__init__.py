"""Courses and their frozen versions, who must take them, and the facts of having done so."""

from courses.models.courses import ChangeClass, Course, CourseVersion, LocalDetails, Redo, RetakeDemand, TrainingNeed
from courses.models.facts import Certificate, Completion, CompletionVoid, Exemption, Progress
from courses.models.pages import ChangeDecision, CourseIndexPage, CoursePage, ModulePage, OwnCoursesPage
from courses.models.record_imports import RecordImport, RecordImportRow

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
    "LocalDetails",
    "ModulePage",
    "OwnCoursesPage",
    "Progress",
    "RecordImport",
    "RecordImportRow",
    "Redo",
    "RetakeDemand",
    "TrainingNeed",
]
