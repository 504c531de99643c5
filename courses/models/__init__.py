"""Courses and their frozen versions, who must take them, and the facts of having done so."""

from courses.models.courses import ChangeClass, Course, CourseVersion, LocalDetails, TrainingNeed
from courses.models.facts import Certificate, Completion, CompletionVoid, Exemption, Progress
from courses.models.pages import CourseIndexPage, CoursePage, ModulePage
from courses.models.record_imports import RecordImport, RecordImportRow

__all__ = [
    "Certificate",
    "ChangeClass",
    "Completion",
    "CompletionVoid",
    "Course",
    "CourseIndexPage",
    "CoursePage",
    "CourseVersion",
    "Exemption",
    "LocalDetails",
    "ModulePage",
    "Progress",
    "RecordImport",
    "RecordImportRow",
    "TrainingNeed",
]
