"""People, their posts and absences, as HR tells them; who holds a key post; and the import of HR files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organisation, Site
from accounts.policy import Access
from staff.enums import DataAccess, EmploymentType, KeyPostKind, PersonSource

if TYPE_CHECKING:
    from typing import Self


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def open_on(self, on: date) -> Self:
        """Units that are not closed on the date."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))

    def ids_below(self, organisation_id: int, roots: Iterable[int]) -> set[int]:
        """The units named and all below them, whatever their depth. One query; none if there are no roots."""
        below = set(roots)
        if not below:
            return below
        children: dict[int, list[int]] = {}
        for pk, parent in self.filter(organisation=organisation_id, parent__isnull=False).values_list("pk", "parent_id"):
            children.setdefault(parent, []).append(pk)
        waiting = list(below)
        while waiting:
            found = [pk for pk in children.get(waiting.pop(), []) if pk not in below]
            below.update(found)
            waiting.extend(found)
        return below


class Unit(models.Model):
    """A team, ward, home or department. Units form a tree. ``closed_on`` is the first day on which it is no more."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="units")
    closed_on = models.DateField(null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="unit_name_unique_in_organisation"),
            models.CheckConstraint(name="unit_not_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("pk"))),
        ]

    def __str__(self) -> str:
        return self.name


class FormerUnitName(models.Model):
    """What a unit was called before. HR files that still say so mean the unit, until another unit takes the name."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="former_names")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    until = models.DateField()

    class Meta:
        ordering = ["-until", "name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="former_unit_name_means_one_unit")]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, access: Access) -> Self:
        """The people of the organisation somebody works in; which page shows whom is the page's capability."""
        return self.filter(organisation=access.organisation)

    def of(self, organisation: Organisation) -> Self:
        """The people of one organisation, leavers included."""
        return self.filter(organisation=organisation)

    def in_post(self, on: date) -> Self:
        """People with at least one post on the date."""
        return self.filter(Exists(Post.objects.covering(on).filter(person=OuterRef("pk"))))

    def reporting_to(self, manager: Person, on: date) -> Self:
        """People with a post on the date whose manager is this person."""
        return self.filter(Exists(Post.objects.covering(on).filter(person=OuterRef("pk"), manager=manager)))

    def managed_by(self, person: Person, on: date) -> Self:
        """Whom somebody looks after on the date: those who report to them, and those of the managers and units they act for.

        Nobody looks after themselves. Costs one query for the delegations, and one more if any is for a unit.
        """
        acting = list(person.delegations_held.covering(on))
        managers = {person.pk, *(d.manager_id for d in acting if d.manager_id)}
        units = Unit.objects.ids_below(person.organisation_id, {d.unit_id for d in acting if d.unit_id})
        posts = Post.objects.covering(on).filter(Q(manager__in=managers) | Q(unit__in=units), person=OuterRef("pk"))
        return self.filter(Exists(posts), organisation=person.organisation_id).exclude(pk=person.pk)

    def away(self, on: date) -> Self:
        """People with an absence that covers the date."""
        return self.filter(Exists(Absence.objects.covering(on).filter(person=OuterRef("pk"))))


class Person(models.Model):
    """Somebody HR lists. Identity is the staff number within the organisation, never the e-mail."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="people", db_index=False
    )  # person_by_name
    staff_number = models.CharField(max_length=40)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField("e-mail", blank=True)
    source = models.CharField(max_length=10, choices=PersonSource, default=PersonSource.FEED)
    kept_here = models.JSONField(default=list, blank=True, help_text="fields HR set here by hand: an HR file leaves them alone")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="people")

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "staff_number"]
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "staff_number"], name="person_staff_number_unique"),
            models.UniqueConstraint(fields=["organisation", "user"], name="person_one_per_user_and_organisation"),
            models.CheckConstraint(name="person_has_staff_number", condition=~Q(staff_number="")),
        ]
        indexes = [models.Index(fields=["organisation", "last_name", "first_name", "id"], name="person_by_name")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(person__organisation=access.organisation)

    def covering(self, on: date) -> Self:
        """Posts that somebody is in on the date. A post is ``[start, end)``."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on), start__lte=on)

    def with_access(self) -> Self:
        """Posts that count as having access to personal data: yes, and unknown."""
        return self.exclude(has_access=DataAccess.NO)

    def not_ended(self, on: date) -> Self:
        """Posts that go on after the date, or begin later."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on))


class Post(models.Model):
    """One person in one job, from ``start`` up to and not including ``end``."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="posts", db_index=False)  # post_by_person_and_dates
    assignment_number = models.CharField(max_length=40, blank=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    job_title = models.CharField(max_length=200, blank=True)
    staff_group = models.CharField(max_length=100, blank=True)
    employment_type = models.CharField(max_length=20, choices=EmploymentType, default=EmploymentType.PERMANENT)
    manager = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="managed_posts", db_index=False
    )  # post_by_manager_and_dates
    has_access = models.CharField("has access to personal data", max_length=10, choices=DataAccess, default=DataAccess.UNKNOWN)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    kept_here = models.JSONField(default=list, blank=True, help_text="fields HR set here by hand: an HR file leaves them alone")
    added_here = models.BooleanField(
        default=False, help_text="HR added it beside the posts of the HR file: an import does not look at it"
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["person", "start", "pk"]
        constraints = [
            models.CheckConstraint(name="post_ends_after_start", condition=Q(end__isnull=True) | Q(end__gt=F("start"))),
            models.CheckConstraint(name="post_not_own_manager", condition=Q(manager__isnull=True) | ~Q(manager=F("person"))),
            models.CheckConstraint(name="post_known_employment_type", condition=Q(employment_type__in=EmploymentType.values)),
            models.CheckConstraint(name="post_known_access", condition=Q(has_access__in=DataAccess.values)),
        ]
        indexes = [
            models.Index(fields=["person", "start", "end"], name="post_by_person_and_dates"),
            models.Index(fields=["manager", "start", "end"], name="post_by_manager_and_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.job_title or 'Post'} from {self.start}"

    @property
    def last_day(self) -> date | None:
        """The last day in post, as HR would write it."""
        return date.fromordinal(self.end.toordinal() - 1) if self.end else None


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(person__organisation=access.organisation)

    def covering(self, on: date) -> Self:
        """Absences that cover the date. An absence is ``[start, end)``."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on), start__lte=on)


class Absence(models.Model):
    """A person is away from ``start`` up to and not including ``end``. Never why, if the reason is health."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    kind = models.CharField(max_length=40, default="away")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["person", "start"]
        constraints = [
            models.CheckConstraint(name="absence_ends_after_start", condition=Q(end__isnull=True) | Q(end__gt=F("start"))),
        ]
        indexes = [models.Index(fields=["person", "start", "end"], name="absence_by_person_and_dates")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.start}"


class KeyPostQuerySet(models.QuerySet["KeyPost"]):
    def visible_to(self, access: Access) -> Self:
        return self.filter(organisation=access.organisation)

    def covering(self, on: date) -> Self:
        """Appointments that hold on the date. An appointment is ``[start, end)``."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=on), start__lte=on)


class KeyPost(models.Model):
    """Who holds a post that the DSPT asks about: a person on the staff list, or somebody outside."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="key_posts")
    kind = models.CharField(max_length=30, choices=KeyPostKind)
    holder = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="key_posts")
    holder_outside = models.CharField("holder outside the organisation", max_length=200, blank=True)
    deputy = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="deputised_posts")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = KeyPostQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "kind", "-start"]
        constraints = [
            models.CheckConstraint(
                name="key_post_has_one_holder",
                condition=Q(holder__isnull=False, holder_outside="") | (Q(holder__isnull=True) & ~Q(holder_outside="")),
            ),
            models.CheckConstraint(name="key_post_ends_after_start", condition=Q(end__isnull=True) | Q(end__gt=F("start"))),
            models.CheckConstraint(name="key_post_known_kind", condition=Q(kind__in=KeyPostKind.values)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.holder or self.holder_outside}"

    @property
    def last_day(self) -> date | None:
        """The last day of the appointment."""
        return date.fromordinal(self.end.toordinal() - 1) if self.end else None
