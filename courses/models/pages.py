"""Courses as they are written in the CMS. Learners never read these pages: they read a frozen version."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, Revision

from accounts.models import Organisation
from content.blocks import SHORT_TEXT, SourcesBlock
from content.models import WrittenPage
from content.plain import headed, plain, plain_html
from courses.companions import EasyReadBlock, SessionGuideBlock
from courses.lessons import LessonsBlock
from courses.media import with_draft_addresses
from courses.models.courses import ChangeClass, Course, Redo
from courses.panels import ReadabilityPanel
from courses.readability import WANTED_AGE, readability_of
from courses.scenarios import with_answers

_STANDARDS = re.compile(r"(10|[1-9])(, ?(10|[1-9]))*")


def validate_standards(value: str) -> None:
    """Numbers from 1 to 10 with commas between."""
    if not _STANDARDS.fullmatch(value):
        raise ValidationError("Write numbers from 1 to 10 with commas between, for example 1, 3.")


class CourseIndexPage(WrittenPage):
    """The place in the page tree that holds the courses. Nobody reads it."""

    max_count = 1
    parent_page_types = ["content.HomePage"]
    subpage_types = ["courses.CoursePage", "courses.OwnCoursesPage"]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_learner(request, "courses:my_training")


class OwnCoursesPage(WrittenPage):
    """The place of one organisation's own courses. Only its editors see it, and nobody reads it."""

    organisation = models.OneToOneField(Organisation, editable=False, on_delete=models.PROTECT, related_name="courses_page")

    is_creatable = False
    parent_page_types = ["courses.CourseIndexPage"]
    subpage_types = ["courses.CoursePage"]

    class Meta:
        verbose_name = "own courses"

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_learner(request, "courses:my_training")


class CoursePage(WrittenPage):
    """The words about a course. Its modules are its children. Its code is its first address, for good."""

    course = models.OneToOneField(Course, null=True, editable=False, on_delete=models.PROTECT, related_name="page")
    summary = models.TextField(blank=True)
    introduction = RichTextField(features=SHORT_TEXT, blank=True)
    level = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(3)])
    audience = models.CharField("for whom", max_length=200, blank=True)
    by_reading = models.BooleanField(
        "completed by reading",
        default=False,
        help_text="For a course without a quiz: who has read all of it says so at the end, and has then completed it. "
        "It shows that people read it, not that they know it. A quiz of the same code takes its place.",
    )

    written = ("summary", "introduction", "level", "audience", "by_reading")
    written_since = ("by_reading",)
    unpublishing_means = (
        "Learners keep the last version of this course as long as anybody is asked to do it. "
        "To ask nobody any more, end its lines in the training needs analysis. What people completed stays on record, as it was."
    )
    parent_page_types = ["courses.CourseIndexPage", "courses.OwnCoursesPage"]
    subpage_types = ["courses.ModulePage"]
    exclude_fields_in_copy = ["course"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("introduction"),
        MultiFieldPanel([FieldPanel("level"), FieldPanel("audience")], "For whom"),
        FieldPanel("by_reading"),
    ]

    def clean(self) -> None:
        super().clean()
        taken = CoursePage.objects.filter(course__code=self.slug).exclude(pk=self.pk)
        if self.course_id is None and taken.exists():
            raise ValidationError({"slug": f"There is already a course with the code “{self.slug}”. Choose another address."})

    def save(self, *args: Any, **kwargs: Any) -> Any:
        if self.course_id is None:
            place = OwnCoursesPage.objects.filter(path=self.path[: -self.steplen]).select_related("organisation").first()
            self.course = _course_for(self, place.organisation if place else None)
        return super().save(*args, **kwargs)

    def publishing_address(self) -> str:
        return reverse("courses:page_publish", args=[self.pk])

    @property
    def code(self) -> str:
        """The code of its course, which it has from its first save."""
        return self.course.code if self.course else self.slug

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_learner(request, "courses:course_detail", course_code=self.code)

    def live_modules(self) -> list[ModulePage]:
        """Its published modules, in their order."""
        return list(ModulePage.objects.child_of(self).live().order_by("order", "path")) if self.pk else []

    def frozen(self) -> dict[str, Any]:
        """The course in plain data, as learners will read it; its files are still those of the CMS (``courses.media``)."""
        return {
            "code": self.code,
            "title": self.title,
            "summary": self.summary,
            "introduction": plain_html(self.introduction),
            "level": self.level,
            "audience": self.audience,
            "modules": [module.frozen() for module in self.live_modules()],
            **({"by_reading": True} if self.by_reading else {}),
        }

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        context = {"course": self.frozen()}
        return self.in_frame(TemplateResponse(request, "courses/course_preview.jinja", context))


class ModulePage(WrittenPage):
    """One module: ten to fifteen minutes of lessons."""

    order = models.PositiveSmallIntegerField(
        "number of the module",
        default=1,
        help_text="Its place in the course, and the section of the question bank that tests it.",
    )
    minutes = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1), MaxValueValidator(60)])
    summary = models.TextField(blank=True)
    standards = models.CharField(
        "data security standards", max_length=40, blank=True, validators=[validate_standards], help_text="For example 1, 3."
    )
    outcomes = StreamField([("outcome", blocks.CharBlock(max_length=200))], blank=True, help_text="After it, a learner can …")
    lessons = StreamField(LessonsBlock())
    sources = StreamField(SourcesBlock(), blank=True)
    easy_read = StreamField(EasyReadBlock(), blank=True, help_text="The module in short lines with pictures, to read or print.")
    session_guide = StreamField(
        SessionGuideBlock(), blank=True, help_text="How to lead the module with a group that has no screens, to print."
    )

    written = ("order", "minutes", "summary", "standards", "outcomes", "lessons", "sources", "easy_read", "session_guide")
    written_since = ("easy_read", "session_guide")
    unpublishing_means = (
        "Learners no longer get a module that is unpublished. What people completed with it stays on record, as it was."
    )
    parent_page_types = ["courses.CoursePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("order"), FieldPanel("minutes"), FieldPanel("standards")], "Place and length"),
        FieldPanel("summary"),
        FieldPanel("outcomes"),
        FieldPanel("lessons"),
        ReadabilityPanel(heading="Length and reading age"),
        FieldPanel("sources"),
        FieldPanel("easy_read"),
        FieldPanel("session_guide"),
    ]

    def publishing_address(self) -> str:
        return reverse("courses:page_publish", args=[self.pk])

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [
            (str(number), f"Lesson {number}: {lesson.value['title']}") for number, lesson in enumerate(self.lessons, start=1)
        ] or [("", "Nothing to see yet")]

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_learner(
            request, "courses:lesson_detail", course_code=self.get_parent().specific.code, module=self.slug, lesson=1
        )

    def frozen(self) -> dict[str, Any]:
        """The module in plain data."""
        return {
            "order": self.order,
            "slug": self.slug,
            "title": self.title,
            "minutes": self.minutes,
            "summary": self.summary,
            "standards": [int(number) for number in self.standards.split(",") if number.strip()],
            "outcomes": [str(outcome.value) for outcome in self.outcomes],
            "lessons": [{k: v for k, v in lesson.items() if k != "type"} for lesson in plain(self.lessons)],
            "sources": [{"title": source["title"], "url": source["url"]} for source in plain(self.sources)],
        }

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        module = with_draft_addresses(self.frozen())
        number = int(mode_name) if mode_name.isdigit() and int(mode_name) <= len(module["lessons"]) else 1
        lesson = module["lessons"][number - 1] if module["lessons"] else None
        context = {
            "module": module,
            "number": number,
            "lesson": lesson,
            "found": readability_of(lesson["blocks"]) if lesson else None,
            "wanted": WANTED_AGE,
            "blocks": with_answers(headed(lesson["blocks"]), dict(request.GET.lists())) if lesson else [],
        }
        return self.in_frame(TemplateResponse(request, "courses/lesson_preview.jinja", context))


class ChangeDecision(models.Model):
    """What publishing one revision means for learners, as whoever published it decided. The version keeps it for good."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="change_decision")
    change_class = models.CharField(max_length=10, choices=ChangeClass)
    redo = models.CharField(max_length=12, choices=Redo)
    days = models.PositiveSmallIntegerField(null=True, help_text="how long people have to do it again, if they are asked now")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="change_decision_known_class", condition=Q(change_class__in=ChangeClass.values)),
            models.CheckConstraint(name="change_decision_known_redo", condition=Q(redo__in=Redo.values)),
            models.CheckConstraint(
                name="change_decision_gives_days",
                condition=Q(redo="everyone-now", days__isnull=False) | (~Q(redo="everyone-now") & Q(days__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.revision_id}: {self.get_change_class_display()}, {self.get_redo_display()}"


def _course_for(page: CoursePage, owner: Organisation | None) -> Course:
    """The course a new page is about: one that lost its page, or a new one. An own course's code begins with its owner's."""
    code = page.slug if owner is None else f"{owner.ods_code.lower()}-{page.slug}"[:60]
    return Course.objects.get_or_create(code=code, organisation=owner, defaults={"title": page.title})[0]


def _to_learner(request: HttpRequest, name: str, **kwargs: Any) -> HttpResponse:
    """Signed-in people go to the learner's page, others to sign in first."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return redirect(name, **kwargs)
