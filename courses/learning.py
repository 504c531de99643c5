"""A learner's way through a course: what they have read of the frozen version, what comes next, and saving it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from courses.models import ChangeClass, Completion, Course, CourseVersion, Progress
from courses.refresher import Advice, LastPaper, advise, whole_years
from quizzes.models import Attempt, AttemptItem
from staff.models import Person


@dataclass(frozen=True)
class LessonLine:
    """One lesson in a list: where it is and whether it was read."""

    module: str
    number: int
    title: str
    minutes: int
    is_read: bool


@dataclass(frozen=True)
class ModuleLine:
    """One module in a list, with its lessons. ``advice`` is for those who have completed the course before."""

    slug: str
    order: int
    title: str
    minutes: int
    summary: str
    lessons: tuple[LessonLine, ...]
    advice: Advice | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it is to be read in this round."""
        return self.advice is None or self.advice.to_read

    @property
    def read(self) -> int:
        return sum(lesson.is_read for lesson in self.lessons)

    @property
    def is_done(self) -> bool:
        return self.read == len(self.lessons)

    @property
    def is_begun(self) -> bool:
        return self.read > 0

    @property
    def next_lesson(self) -> LessonLine:
        """Where to go on: the first lesson not read, or the first of all."""
        return next((lesson for lesson in self.lessons if not lesson.is_read), self.lessons[0])


@dataclass(frozen=True)
class Reading:
    """How far one person is in the version of a course that is in force."""

    version: CourseVersion
    modules: tuple[ModuleLine, ...]

    @property
    def content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self.version.content
        return content

    @property
    def lessons(self) -> list[LessonLine]:
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def asked_lessons(self) -> list[LessonLine]:
        """The lessons to read in this round: all of them the first time."""
        return [lesson for module in self.modules if module.is_asked for lesson in module.lessons]

    @property
    def is_refresher(self) -> bool:
        """Whether the person has completed the course before."""
        return any(module.advice for module in self.modules)

    @property
    def minutes_left(self) -> int:
        return sum(lesson.minutes for lesson in self.asked_lessons if not lesson.is_read)

    @property
    def is_begun(self) -> bool:
        return any(lesson.is_read for lesson in self.lessons)

    @property
    def is_all_read(self) -> bool:
        return all(lesson.is_read for lesson in self.asked_lessons)

    @property
    def modules_left(self) -> int:
        return sum(not module.is_done for module in self.modules if module.is_asked)

    @property
    def next_lesson(self) -> LessonLine:
        """Where to go on: the first lesson asked for and not read, or the first of all."""
        return next((lesson for lesson in self.asked_lessons if not lesson.is_read), self.lessons[0])


def key_of(module: str, lesson: int) -> str:
    """How progress names a lesson: ``"<module>/<number>"``."""
    return f"{module}/{lesson}"


def completed_by(person: Person, on: date) -> list[Completion]:
    """What a person completed up to a day and what stands, the latest first."""
    rows = Completion.objects.filter(person=person).not_void().by(on).select_related("course")
    return list(rows.order_by("-completed_on", "-pk"))


def readings(
    person: Person | None, courses: Collection[Course], *, on: date, done: Iterable[Completion] | None = None
) -> dict[int, Reading]:
    """How far a person is in each course that has a version in force on the day, by course.

    Reading that led to a completion is over: the next round begins with nothing read. Somebody
    without a staff record has read nothing. ``done`` is what ``completed_by`` says, where the caller has it already.
    """
    if done is None:
        done = completed_by(person, on) if person else []
    rounds = _rounds(done, {course.pk for course in courses})
    last = {course_id: earlier[-1].course_version_id for course_id, earlier in rounds.items()}
    in_force = CourseVersion.objects.filter(course__in=courses).in_force(on).values("pk")
    versions = CourseVersion.objects.filter(Q(pk__in=in_force) | Q(pk__in=[pk for pk in last.values() if pk])).in_bulk()
    found: dict[int, CourseVersion] = {}
    for version in sorted(versions.values(), key=lambda one: (one.effective_on, one.number)):
        if version.effective_on <= on:
            found[version.course_id] = version
    rounds = {course_id: earlier for course_id, earlier in rounds.items() if course_id in found}
    seen = _seen(person, found, rounds) if person else {}
    before = {course_id: versions[pk] for course_id, pk in last.items() if pk and course_id in found}
    advice = _advice(person, found, rounds, before, on=on) if person else {}
    return {
        course_id: Reading(version, _modules(version.content, seen.get(course_id, ()), advice.get(course_id, {})))
        for course_id, version in found.items()
    }


def reading(person: Person | None, course: Course, *, on: date) -> Reading | None:
    """How far a person is in one course; None while it has no version in force."""
    return readings(person, [course], on=on).get(course.pk)


def carried(seen: Iterable[str], *, before: Mapping[str, Any], after: Mapping[str, Any], material: bool) -> list[str]:
    """What still counts as read when a new version replaces the one that was being read.

    A lesson stays read if it is still there under its module and number; after a material change
    only if not a word of it changed.

    Args:
        seen: keys of lessons read in the old version.
        before: content of the old version.
        after: content of the new version.
        material: whether any version since the old one was a material change.
    """
    old, new = _by_key(before), _by_key(after)
    return [key for key in seen if key in new and (not material or old.get(key) == new[key])]


@transaction.atomic
def mark_read(person: Person, version: CourseVersion, *, module: str, lesson: int, at: datetime) -> Progress:
    """Remember that a person read a lesson. The same lesson again changes nothing.

    Reading again after a completion begins a new round.

    Raises:
        KeyError: the version has no such lesson.
    """
    key, today = key_of(module, lesson), timezone.localdate(at)
    if key not in _by_key(version.content):
        raise KeyError(key)
    Person.objects.select_for_update().get(pk=person.pk)
    begun = _latest(person, version.course_id)
    if begun is not None and _is_over(begun, person, on=today) and begun.started_on != today:
        begun = None
    defaults = {"seen": _kept(begun, version), "started_on": begun.started_on if begun else today}
    progress, created = Progress.objects.get_or_create(person=person, course_version=version, defaults=defaults)
    if begun is None and not created:
        progress.seen, progress.started_on = [], today
    if key not in progress.seen:
        progress.seen = [*progress.seen, key]
    progress.last_seen = key
    progress.save(update_fields=["seen", "last_seen", "started_on", "updated_at"])
    return progress


def _seen(person: Person, versions: Mapping[int, CourseVersion], rounds: Mapping[int, list[Completion]]) -> dict[int, list[str]]:
    """What counts as read by course: of the newest round, unless a completion ended it."""
    rows = Progress.objects.filter(person=person, course_version__course__in=list(versions)).select_related("course_version")
    newest: dict[int, Progress] = {}
    for row in rows.defer("course_version__content").order_by("course_version__number"):
        newest[row.course_version.course_id] = row
    return {
        course_id: _kept(row, versions[course_id])
        for course_id, row in newest.items()
        if course_id not in rounds or rounds[course_id][-1].completed_on < row.started_on
    }


def _rounds(done: Iterable[Completion], courses: Collection[int]) -> dict[int, list[Completion]]:
    """The completions by course, oldest first."""
    rounds: dict[int, list[Completion]] = {}
    for completion in sorted(done, key=lambda one: (one.completed_on, one.pk)):
        if completion.course_id in courses:
            rounds.setdefault(completion.course_id, []).append(completion)
    return rounds


def _advice(
    person: Person,
    versions: Mapping[int, CourseVersion],
    rounds: Mapping[int, list[Completion]],
    before: Mapping[int, CourseVersion],
    *,
    on: date,
) -> dict[int, dict[str, Advice]]:
    """What to read again, for the courses that the person has completed before, in a version that is known (``before``)."""
    papers = _last_papers(person, {course_id: earlier[-1].completed_on for course_id, earlier in rounds.items()})
    return {
        course_id: advise(
            versions[course_id].content["modules"],
            before=before[course_id].content,
            years=whole_years(earlier[0].completed_on, on),
            paper=papers.get(course_id),
        )
        for course_id, earlier in rounds.items()
        if course_id in before
    }


def _last_papers(person: Person, completed: Mapping[int, date]) -> dict[int, LastPaper]:
    """The newest marked attempt in each course that was completed, with the day of the last completion."""
    if not completed:
        return {}
    marked = AttemptItem.objects.filter(attempt__person=person, attempt__state=Attempt.State.MARKED)
    rows = marked.filter(attempt__blueprint__courses__in=list(completed)).order_by("attempt__submitted_at", "attempt", "slot")
    columns = ("attempt__blueprint__courses", "question_version__question__section", "marks", "marks_available")
    found: dict[int, LastPaper] = {}
    for (passed, submitted_at, _pk), items in groupby(
        rows.values_list("attempt__passed", "attempt__submitted_at", "attempt", *columns), key=lambda row: row[:3]
    ):
        sections = [row[3:] for row in items]
        course_id = sections[0][0]
        found[course_id] = LastPaper(
            asked={section for _course, section, _marks, _most in sections},
            missed={section for _course, section, marks, most in sections if marks < most},
            is_of_this_round=not passed and timezone.localdate(submitted_at) >= completed[course_id],
        )
    return found


def _latest(person: Person, course_id: int) -> Progress | None:
    rows = Progress.objects.filter(person=person, course_version__course=course_id).select_related("course_version")
    return rows.order_by("-course_version__number").first()


def _is_over(progress: Progress, person: Person, *, on: date) -> bool:
    """Whether a completion followed on the round that the progress is of."""
    done = Completion.objects.filter(person=person, course=progress.course_version.course_id).not_void().by(on)
    return done.filter(completed_on__gte=progress.started_on).exists()


def _kept(progress: Progress | None, version: CourseVersion) -> list[str]:
    """What was read in a round, as far as it counts in the version."""
    if progress is None:
        return []
    if progress.course_version_id == version.pk:
        return list(progress.seen)
    old = progress.course_version
    since = CourseVersion.objects.filter(course=version.course_id, number__gt=old.number, number__lte=version.number)
    material = since.filter(change_class=ChangeClass.MATERIAL).exists()
    return carried(progress.seen, before=old.content, after=version.content, material=material)


def _by_key(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key_of(module["slug"], number): lesson
        for module in content["modules"]
        for number, lesson in enumerate(module["lessons"], start=1)
    }


def _modules(content: Mapping[str, Any], seen: Collection[str], advice: Mapping[str, Advice]) -> tuple[ModuleLine, ...]:
    return tuple(
        ModuleLine(
            slug=module["slug"],
            order=module["order"],
            title=module["title"],
            minutes=module["minutes"],
            summary=module["summary"],
            lessons=tuple(
                LessonLine(module["slug"], number, lesson["title"], lesson["minutes"], key_of(module["slug"], number) in seen)
                for number, lesson in enumerate(module["lessons"], start=1)
            ),
            advice=advice.get(module["slug"]),
        )
        for module in content["modules"]
    )
