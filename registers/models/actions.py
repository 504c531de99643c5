"""The one list of actions: what is to be done, by whom and by when, whatever it came out of."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery

from accounts.enums import Capability
from accounts.models import Organisation
from accounts.policy import Access
from audit.models import AppendOnlyModel
from staff.enums import KeyPostKind
from staff.models import KeyPost, Person

if TYPE_CHECKING:
    from typing import Self


class Standing(models.TextChoices):
    """Where an action stands on a date."""

    OVERDUE = "overdue", "Overdue"
    TO_DO = "to-do", "To do"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class ActionQuerySet(models.QuerySet["Action"]):
    def of(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def visible_to(self, access: Access, on: date) -> Self:
        """Every action for those who see the registers; for others the ones they own on the date."""
        mine = self.of(access.organisation)
        return mine if access.can(Capability.REGISTERS_VIEW) else mine.owned_by_user(access.user.pk, on)

    def added_by(self, on: date) -> Self:
        """Actions that were on the list at the end of the date."""
        return self.filter(Exists(ActionUpdate.objects.filter(action=OuterRef("pk"), n=1, at__date__lte=on)))

    def open(self) -> Self:
        """Neither done nor cancelled, as known now."""
        return self._whose_newest(state=ActionUpdate.State.OPEN)

    def closed(self) -> Self:
        return self._whose_newest(state__in=[ActionUpdate.State.DONE, ActionUpdate.State.CANCELLED])

    def overdue(self, on: date) -> Self:
        """Open on a day after they were due."""
        return self._whose_newest(state=ActionUpdate.State.OPEN, due_on__lt=on)

    def owned_by_user(self, user_id: int, on: date) -> Self:
        """Actions of a person with this sign-in, or of a key post that the person holds on the date."""
        held = KeyPost.objects.covering(on).filter(
            holder__user=user_id, organisation=OuterRef("action__organisation"), kind=OuterRef("owner_post")
        )
        return self._whose_newest(Q(owner_person__user=user_id) | Q(Exists(held)))

    def from_source(self, kind: str, source_id: int | None = None) -> Self:
        """Actions that came out of one kind of thing, or one thing."""
        found = self.filter(source_kind=kind)
        return found if source_id is None else found.filter(source_id=source_id)

    def with_newest(self) -> Self:
        """Each with its newest update at hand, ordered by the date now due."""
        newest = ActionUpdate.objects.newest().select_related("owner_person", "by")
        due = ActionUpdate.objects.newest().filter(action=OuterRef("pk")).values("due_on")[:1]
        return self.prefetch_related(Prefetch("updates", queryset=newest, to_attr="newest_updates")).order_by(Subquery(due), "pk")

    def _whose_newest(self, *conditions: Q | Exists, **values: object) -> Self:
        newest = ActionUpdate.objects.newest().filter(action=OuterRef("pk")).filter(*conditions, **values)
        return self.filter(Exists(newest))


class Action(AppendOnlyModel):
    """Something to be done. What it came out of is a kind and an id, so that anything above may own one.

    Who does it, by when and how it went is in its updates; the date first promised stays here.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="actions")
    what = models.TextField()
    why = models.TextField(blank=True)
    source_kind = models.CharField(max_length=30, blank=True)
    source_id = models.PositiveBigIntegerField(null=True)
    first_due_on = models.DateField()

    is_locked = True
    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "first_due_on", "pk"]
        constraints = [
            models.CheckConstraint(name="action_says_what", condition=~Q(what="")),
            models.CheckConstraint(
                name="action_source_is_whole",
                condition=Q(source_kind="", source_id__isnull=True) | (~Q(source_kind="") & Q(source_id__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "source_kind", "source_id"], name="action_by_source")]

    def __str__(self) -> str:
        return self.what

    @property
    def newest(self) -> ActionUpdate:
        """How it stands; costs no query after ``with_newest``."""
        if hasattr(self, "newest_updates"):
            newest: ActionUpdate = self.newest_updates[0]
            return newest
        return self.updates.order_by("-n")[0]

    def standing(self, on: date) -> Standing:
        newest = self.newest
        if newest.state != ActionUpdate.State.OPEN:
            return Standing(newest.state)
        return Standing.OVERDUE if newest.due_on < on else Standing.TO_DO

    @property
    def was_put_off(self) -> bool:
        """Whether it is due later than was first promised."""
        return self.newest.due_on > self.first_due_on


class ActionUpdateQuerySet(models.QuerySet["ActionUpdate"]):
    def newest(self) -> Self:
        """The last update of each action."""
        later = ActionUpdate.objects.filter(action=OuterRef("action"), n__gt=OuterRef("n"))
        return self.filter(~Exists(later))


class ActionUpdate(AppendOnlyModel):
    """How an action stood from one moment on: its state, owner and date, and what was said. The highest ``n`` is how it stands now."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        ADDED = "added", "Added"
        PROGRESS = "progress", "Progress"
        MOVED = "moved", "New date"
        HANDED_OVER = "handed-over", "Handed over"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        REOPENED = "reopened", "Opened again"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="updates")
    n = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State)
    note = models.TextField(blank=True)
    due_on = models.DateField()
    owner_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    owner_post = models.CharField(max_length=30, choices=KeyPostKind, blank=True)
    owner_words = models.CharField("owner who is not on the staff list", max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ActionUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["action", "n"]
        constraints = [
            models.UniqueConstraint(fields=["action", "n"], name="action_update_n_unique"),
            models.CheckConstraint(name="action_update_known_state", condition=Q(state__in=["open", "done", "cancelled"])),
            models.CheckConstraint(
                name="action_update_has_one_owner",
                condition=Q(owner_person__isnull=False, owner_post="", owner_words="")
                | (Q(owner_person__isnull=True, owner_words="") & ~Q(owner_post=""))
                | (Q(owner_person__isnull=True, owner_post="") & ~Q(owner_words="")),
            ),
            models.CheckConstraint(name="action_update_closing_says_how", condition=Q(state="open") | ~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"action {self.action_id}: {self.get_kind_display().lower()}"

    @property
    def owner(self) -> str:
        """Who does it, in words."""
        if self.owner_person:
            return str(self.owner_person)
        return self.get_owner_post_display() or self.owner_words
