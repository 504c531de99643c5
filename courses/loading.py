"""The courses that ship with us, into the CMS."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.blocks.stream_block import StreamValue
from wagtail.models import Page

from accounts.services import editors_group
from content.authored import stream_of, tidy
from content.editors import give_files
from content.files import read_mapping
from content.loading import sources_of
from content.models import HomePage
from content.shipping import Tally, ship
from courses.companions import EasyReadBlock, SessionGuideBlock
from courses.lessons import LessonsBlock
from courses.models import ChangeClass, CourseIndexPage, CoursePage, ModulePage, OwnCoursesPage
from courses.versions import publish_version

DATA = Path(__file__).resolve().parent / "data"
_COURSE_KEYS = ("code", "title", "summary", "introduction", "level", "audience", "modules")
_MODULE_KEYS = ("slug", "title", "minutes", "summary", "standards", "outcomes", "lessons")


class SiteMissingError(RuntimeError):
    """The courses have no place yet: load the site first."""


@transaction.atomic
def load(*, at: datetime, data: Path = DATA) -> dict[str, Any]:
    """Load every course below ``data``, and freeze a version of each that changed.

    Safe to repeat: what an editor has changed stays as it is and is named in ``left_alone``.

    Raises:
        SiteMissingError: ``content.loading.load`` has not run.
        DataFault: a file that ships is faulty; nothing has changed.
    """
    home = HomePage.objects.first()
    if home is None:
        raise SiteMissingError("Load the site before the courses: there is no home page.")
    tally = Tally()
    place = ship("courses", CourseIndexPage(title="Courses", slug="courses"), parent=home, tally=tally, at=at)
    versions: dict[str, int] = {}
    if place is not None:
        for folder in sorted(path.parent for path in data.glob("*/course.yaml")):
            page = _load_course(folder, place=place, tally=tally, at=at)
            version = (
                publish_version(page.course, change_class=ChangeClass.MINOR, by="system", at=at) if page and page.course else None
            )
            if version is not None:
                versions[version.course.code] = version.number
    for own in OwnCoursesPage.objects.select_related("organisation"):  # places opened before there were pictures in lessons
        give_files(editors_group(own.organisation), name=own.organisation.name)
    return tally.as_json() | {"versions": versions}


def course_page(path: Path) -> tuple[CoursePage, list[str]]:
    """A course's page as its file says, unsaved, and the names of its modules' files.

    Raises:
        DataFault: the file is faulty.
    """
    data = read_mapping(path, required=_COURSE_KEYS)
    page = CoursePage(
        title=data["title"],
        slug=data["code"],
        summary=data["summary"],
        introduction=tidy(data["introduction"]),
        level=data["level"],
        audience=data["audience"],
    )
    return page, [str(name) for name in data["modules"]]


def module_page(path: Path, *, order: int) -> ModulePage:
    """A module's page as its file says, unsaved.

    Raises:
        DataFault: the file is faulty.
    """
    data = read_mapping(path, required=_MODULE_KEYS, optional=("sources",))
    return ModulePage(
        order=order,
        slug=data["slug"],
        title=data["title"],
        minutes=data["minutes"],
        summary=data["summary"],
        standards=", ".join(str(number) for number in data["standards"]),
        outcomes=[("outcome", str(outcome)) for outcome in data["outcomes"]],
        lessons=stream_of(LessonsBlock(), [{"type": "lesson", **lesson} for lesson in data["lessons"]], where=path.name),
        sources=sources_of(data.get("sources", ()), where=path.name),
        easy_read=_easy_read(path.with_suffix(".easy-read.yaml")),
        session_guide=_session_guide(path.with_suffix(".session.yaml")),
    )


def _easy_read(path: Path) -> StreamValue | None:
    if not path.exists():
        return None
    parts = read_mapping(path, required=("parts",))["parts"]
    return stream_of(EasyReadBlock(), [{"type": "part", **part} for part in parts], where=path.name)


def _session_guide(path: Path) -> StreamValue | None:
    if not path.exists():
        return None
    data = read_mapping(path, required=("bring", "steps", "questions", "close"))
    guide = [{"type": "bring", "items": data["bring"]}]
    guide += [{"type": "step", **step} for step in data["steps"]]
    guide += [{"type": "question", **question} for question in data["questions"]]
    guide += [{"type": "close", "do": data["close"]}]
    return stream_of(SessionGuideBlock(), guide, where=path.name)


def _load_course(folder: Path, *, place: Page, tally: Tally, at: datetime) -> CoursePage | None:
    wanted, modules = course_page(folder / "course.yaml")
    code = wanted.slug
    page = ship(f"courses/{code}", wanted, parent=place, tally=tally, at=at)
    if page is not None:
        for order, name in enumerate(modules, start=1):
            ship(f"courses/{code}/{name}", module_page(folder / f"{name}.yaml", order=order), parent=page, tally=tally, at=at)
    return page
