"""Plain rows for tests. The default is the ordinary case; arguments make the special one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

import factory
from factory.django import DjangoModelFactory

from accounts.enums import Role
from accounts.models import Membership, Organisation, PlatformAdministrator, User
from courses.models import Completion, Course, CourseVersion
from quizzes.grading import marks_needed
from quizzes.models import Blueprint, BlueprintVersion, Pool, Question, QuestionVersion
from staff.models import Absence, KeyPost, Person, Post, Unit

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 5, 1)
_numbers = count(1)


class OrganisationFactory(DjangoModelFactory[Organisation]):
    class Meta:
        model = Organisation

    ods_code = factory.Sequence(lambda n: f"VX{n:04d}")
    name = factory.Sequence(lambda n: f"Organisation {n}")
    type = "social-care"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}@example.test")
    email = factory.SelfAttribute("username")
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"User{n}")


class UnitFactory(DjangoModelFactory[Unit]):
    class Meta:
        model = Unit

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Unit {n}")


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    organisation = factory.SubFactory(OrganisationFactory)
    staff_number = factory.Sequence(lambda n: f"{n:05d}")
    first_name = "Sam"
    last_name = factory.Sequence(lambda n: f"Person{n}")


class PostFactory(DjangoModelFactory[Post]):
    class Meta:
        model = Post

    person = factory.SubFactory(PersonFactory)
    job_title = "Care worker"
    staff_group = "Care"
    start = date(2020, 1, 1)


class AbsenceFactory(DjangoModelFactory[Absence]):
    class Meta:
        model = Absence

    person = factory.SubFactory(PersonFactory)
    start = date(2026, 1, 1)


class KeyPostFactory(DjangoModelFactory[KeyPost]):
    class Meta:
        model = KeyPost

    organisation = factory.SubFactory(OrganisationFactory)
    kind = "siro"
    holder_outside = "Somebody Outside"
    start = date(2020, 1, 1)


class CourseFactory(DjangoModelFactory[Course]):
    class Meta:
        model = Course

    code = factory.Sequence(lambda n: f"course-{n}")
    title = factory.Sequence(lambda n: f"Course {n}")


class CompletionFactory(DjangoModelFactory[Completion]):
    class Meta:
        model = Completion

    person = factory.SubFactory(PersonFactory)
    course = factory.SubFactory(CourseFactory)
    completed_on = TODAY
    source = Completion.Source.IMPORT
    recorded_at = NOW


def member(organisation: Organisation, *roles: str, user: User | None = None) -> User:
    """A user with the roles in the organisation."""
    user = user or UserFactory()
    for role in roles or (Role.STAFF,):
        Membership.objects.create(user=user, organisation=organisation, role=role, granted_at=NOW)
    return user


def platform_administrator() -> User:
    """A user who looks after the installation and belongs to no organisation."""
    user = UserFactory()
    PlatformAdministrator.objects.create(user=user, granted_at=NOW)
    return user


def person_in_post(organisation: Organisation, *, user: User | None = None, **post: object) -> Person:
    """A person of the organisation with one post; keywords go to the post."""
    person = PersonFactory(organisation=organisation, user=user)
    PostFactory(person=person, **post)
    return person


def question_of(pool: str, **values: object) -> Question:
    """A question in use, without a version; its pool is made if need be."""
    Pool.objects.get_or_create(code=pool, defaults={"title": pool.capitalize()})
    plain = {"section": 1, "topic": "topic", "standard": 3, "code": f"Q-{next(_numbers)}", "in_use_since": NOW}
    return Question.objects.create(pool_id=pool, **{**plain, **values})


class QuestionVersionFactory(DjangoModelFactory[QuestionVersion]):
    """A question with one version: four options, the second right. ``kind="multiple"``: the second and the third."""

    class Meta:
        model = QuestionVersion

    class Params:
        pool = "quiz"
        section = 1

    question = factory.LazyAttribute(lambda o: question_of(o.pool, section=o.section))
    number = 1
    kind = "single"
    stem = factory.LazyAttribute(lambda o: f"What about {o.question}?")
    options = factory.LazyAttribute(
        lambda o: [
            {
                "id": f"{o.question}-{letter}",
                "text": f"Choice {letter} of {o.question}",
                "correct": letter in ("bc" if o.kind == "multiple" else "b"),
                "explanation": f"Because {letter} of {o.question}.",
            }
            for letter in ("ab" if o.kind == "true_false" else "abcd")
        ]
    )
    content_hash = "0" * 64
    created_at = NOW


def quiz(*, sections: int = 2, bank: int = 5, count: int = 2, pass_mark: int = 80, kind: str = "single") -> BlueprintVersion:
    """A quiz that draws ``count`` from each section, and a bank with ``bank`` questions in each."""
    code = f"quiz-{next(_numbers)}"
    for section in range(1, sections + 1):
        QuestionVersionFactory.create_batch(bank, pool=code, section=section, kind=kind)
    return BlueprintVersion.objects.create(
        blueprint=Blueprint.objects.create(code=code, title="Test quiz"),
        number=1,
        draws=[{"pool": code, "section": section, "count": count} for section in range(1, sections + 1)],
        questions=sections * count,
        pass_mark_percent=pass_mark,
        marks_needed=marks_needed(sections * count, pass_mark),
        created_at=NOW,
    )


def course_with_quiz(rules: BlueprintVersion | None = None, **course: object) -> CourseVersion:
    """A course version in force since 2026 began, with a quiz."""
    rules = rules or quiz()
    return CourseVersion.objects.create(
        course=CourseFactory(blueprint=rules.blueprint, **course),
        number=1,
        content={"title": "Course", "modules": [{"order": n, "slug": f"m{n}", "title": f"Module {n} title"} for n in (1, 2)]},
        content_hash="0" * 64,
        blueprint_version=rules,
        effective_on=date(2026, 1, 1),
        created_at=NOW,
    )
