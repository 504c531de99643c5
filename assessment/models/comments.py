"""What people say to each other about an item: notes, and questions with their answers. None of it is part of the return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.enums import Capability
from accounts.policy import Access
from assessment.models.returns import Assessment, Response
from audit.models import AppendOnlyModel
from staff.enums import KeyPostKind

if TYPE_CHECKING:
    from typing import Self


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, access: Access) -> Self:
        """Those about the returns one may see; for an auditor only what was said for everybody to read."""
        mine = self.filter(response__assessment__in=Assessment.objects.visible_to(access))
        return mine if access.can(Capability.ASSESSMENT_DISCUSS) else mine.filter(is_internal=False)

    def questions(self) -> Self:
        return self.filter(kind=Comment.Kind.QUESTION)

    def unsettled(self) -> Self:
        """Questions that nobody has settled."""
        settled = Comment.objects.filter(about=OuterRef("pk"), kind=Comment.Kind.SETTLED)
        return self.questions().filter(~Exists(settled))


class Comment(AppendOnlyModel):
    """Something said about one item.

    A question stays open until a comment of the kind *settled* is about it; answers are about it too. ``is_internal`` hides
    a comment from auditors. ``to_post`` is whom it is meant for, by post; empty with ``to_owner`` for whoever looks after the item.
    """

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        QUESTION = "question", "Question"
        ANSWER = "answer", "Answer"
        SETTLED = "settled", "Settled"

    response = models.ForeignKey(Response, on_delete=models.PROTECT, related_name="comments")
    kind = models.CharField(max_length=8, choices=Kind)
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField()
    is_internal = models.BooleanField(default=True)
    to_owner = models.BooleanField(default=False)
    to_post = models.CharField(max_length=30, choices=KeyPostKind, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["response", "pk"]
        constraints = [
            models.CheckConstraint(name="comment_known_kind", condition=Q(kind__in=["note", "question", "answer", "settled"])),
            models.CheckConstraint(
                name="comment_replies_are_about_a_question",
                condition=Q(kind__in=["note", "question"], about__isnull=True)
                | Q(kind__in=["answer", "settled"], about__isnull=False),
            ),
            models.CheckConstraint(name="comment_says_something", condition=~Q(text="")),
            models.UniqueConstraint(fields=["about"], condition=Q(kind="settled"), name="comment_settled_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def addressee(self) -> str:
        """Whom it is meant for, in words."""
        return "whoever looks after this item" if self.to_owner else self.get_to_post_display()
