"""The public site and its guidance, written in the CMS."""

from __future__ import annotations

from typing import Any, ClassVar

from csp.constants import SELF
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks.stream_block import StreamValue
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import AbstractGroupApprovalTask, Page, TaskState
from wagtail.search import index

from audit.canonical import digest
from content.blocks import Confidence, PageBodyBlock, SourcesBlock
from content.plain import headed, plain


class ShippedContent(models.Model):
    """What we loaded from a data file, and the digest of it, so that an editor's change is told from ours."""

    key = models.CharField(max_length=200, unique=True, help_text="which file it came from, for example guidance/key-terms")
    page = models.OneToOneField(
        Page, null=True, on_delete=models.SET_NULL, related_name="shipped", help_text="empty: deleted here"
    )
    content_hash = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class WrittenPage(Page):
    """A page whose content can be told in plain data, and whose preview may stand in the editor's frame."""

    written: ClassVar[tuple[str, ...]] = ()
    """The fields that hold its content, beside title and slug."""
    written_since: ClassVar[tuple[str, ...]] = ()
    """Those of ``written`` that came later: while empty they leave the fingerprint of an older page as it was."""

    unpublishing_means: ClassVar[str] = ""
    """What follows for others when the page is taken down, for whoever is about to; empty: nothing to say."""

    promote_panels = [FieldPanel("slug")]

    class Meta:
        abstract = True

    def facts(self) -> dict[str, Any]:
        """The content in plain data."""
        facts = {name: _plain_value(getattr(self, name)) for name in ("title", "slug", *self.written)}
        return {name: value for name, value in facts.items() if value or name not in self.written_since}

    def fingerprint(self) -> str:
        """The digest of the content."""
        return digest(self.facts())

    def publishing_address(self) -> str:
        """Where somebody who may publish the page is asked what that means for others; empty: nobody is asked."""
        return ""

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        return self.in_frame(super().serve_preview(request, mode_name))

    @staticmethod
    def in_frame(response: HttpResponse) -> HttpResponse:
        """Let the editor show the response in its own frame."""
        response._csp_replace = {"frame-ancestors": [SELF]}  # type: ignore[attr-defined]
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response


def _plain_value(value: Any) -> Any:
    if isinstance(value, StreamValue):
        return plain(value)
    return value if value is None or isinstance(value, str | int) else str(value)


class SecondReaderTask(AbstractGroupApprovalTask):
    """Somebody of the groups who wrote nothing of it reads a draft and publishes it, or asks for changes."""

    def get_actions(self, obj: Page, user: Any) -> list[tuple[str, str, bool]]:
        if not self._user_in_groups(user):
            return []
        changes = [("reject", "Ask for changes", True)]
        return changes if wrote_any_of(obj, user) else [("approve", "Publish as second reader", False), *changes]

    def on_action(self, task_state: TaskState, user: Any, action_name: str, **given: Any) -> str | None:
        """Publish, or ask for changes.

        Returns:
            Where to go on when publishing the page needs to be asked about first; nothing has happened then.

        Raises:
            PermissionDenied: the person wrote some of it, or is none of the readers.
        """
        page = task_state.workflow_state.content_object
        if action_name not in {name for name, _label, _modal in self.get_actions(page, user)}:
            raise PermissionDenied
        if action_name == "approve" and (address := page.specific.publishing_address()):
            return address
        super().on_action(task_state, user, action_name, comment=str(given.get("comment", "")))
        return None

    class Meta:
        verbose_name = "second reader"


_NOT_WRITTEN = {
    "latest_revision",
    "latest_revision_created_at",
    "live_revision",
    "has_unpublished_changes",
    "draft_title",
    "comments",
}
"""What the CMS notes of a draft by itself."""


def wrote_any_of(page: Page, user: Any) -> bool:
    """Whether the user wrote, or handed in, any of what is not published yet.

    A draft that says what the one before said is nobody's writing: the CMS keeps one for a second reader who presses publish.
    """
    state = page.current_workflow_state
    if state is not None and state.requested_by_id == user.pk:
        return True
    drafts = page.revisions.order_by("pk")
    if page.live_revision_id and page.live:
        drafts = drafts.filter(pk__gte=page.live_revision_id)
    said: dict[str, Any] | None = None
    for draft in drafts.only("user_id", "content").iterator():
        before, said = said, {name: value for name, value in draft.content.items() if name not in _NOT_WRITTEN}
        if draft.user_id == user.pk and said != before and draft.pk != page.live_revision_id:
            return True
    return False


class HomePage(WrittenPage):
    """The first page: what this is, and the way in."""

    lead = models.TextField()
    body = StreamField(PageBodyBlock(), blank=True)

    written = ("lead", "body")
    template = "content/home_page.jinja"
    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    content_panels = [*Page.content_panels, FieldPanel("lead"), FieldPanel("body")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | _body_context(self.body, request)


class GuidanceGroup(models.TextChoices):
    BASICS = "basics", "The basics"
    DOING_IT = "doing-it", "Doing an assessment"
    PEOPLE = "people", "People and training"
    EXAMPLES = "examples", "Examples"
    REFERENCE = "reference", "Look things up"


class GuidanceIndexPage(WrittenPage):
    """All guidance, in groups, with a search."""

    lead = models.TextField(blank=True)

    written = ("lead",)
    template = "content/guidance_index_page.jinja"
    max_count = 1
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.GuidancePage"]
    content_panels = [*Page.content_panels, FieldPanel("lead")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        words = " ".join(request.GET.get("q", "").split())[:100]
        pages = GuidancePage.objects.child_of(self).live()
        found = list(pages.search(words, operator="and", order_by_relevance=True)) if words else None
        groups = (
            [(group.label, [page for page in pages if page.group == group]) for group in GuidanceGroup] if found is None else []
        )
        return super().get_context(request, *args, **kwargs) | {"words": words, "found": found, "groups": groups}


class GuidancePage(WrittenPage):
    """One page of guidance, dated and with its sources."""

    summary = models.TextField()
    group = models.CharField(max_length=20, choices=GuidanceGroup, default=GuidanceGroup.BASICS)
    reviewed_on = models.DateField("last reviewed on", default=timezone.localdate)
    links_checked_on = models.DateField("links last tried on", null=True, blank=True)
    body = StreamField(PageBodyBlock())
    sources = StreamField(SourcesBlock(), blank=True)

    written = ("summary", "group", "reviewed_on", "links_checked_on", "body", "sources")
    template = "content/guidance_page.jinja"
    parent_page_types = ["content.GuidanceIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("group"), FieldPanel("reviewed_on"), FieldPanel("links_checked_on")], "Place and dates"),
        FieldPanel("body"),
        FieldPanel("sources"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        sources = [
            {**source, "confidence": Confidence(source["confidence"]).label if source["confidence"] else ""}
            for source in plain(self.sources)
        ]
        return super().get_context(request, *args, **kwargs) | _body_context(self.body, request) | {"sources": sources}


@register_setting(icon="site")
class ProgrammeSettings(BaseSiteSetting):
    """Who runs the national programme, as far as we know and when we knew it."""

    programme_owner = models.CharField(max_length=200, blank=True)
    as_of = models.DateField("as known on", null=True, blank=True)
    note = models.TextField(blank=True)

    panels = [FieldPanel("programme_owner"), FieldPanel("as_of"), FieldPanel("note")]

    class Meta:
        verbose_name = "programme owner"

    def __str__(self) -> str:
        return self.programme_owner

    def fingerprint(self) -> str:
        """The digest of what it says."""
        return digest([self.programme_owner, str(self.as_of), self.note])


def _body_context(body: StreamValue, request: HttpRequest) -> dict[str, Any]:
    """What the block templates need: the blocks, and the programme owner if a block shows it."""
    items = headed(plain(body))
    shows_owner = any(item["type"] == "programme_owner" for item in items)
    return {"blocks": items, "programme": ProgrammeSettings.for_request(request) if shows_owner else None}
