"""Invents the people of one organisation, their posts, absences and training records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation
from courses.dates import window_start
from courses.models import Completion, Course
from lms.demonstration.specifications import FIRST_NAMES, HISTORY_FROM, LAST_NAMES, Job, Specification
from staff.enums import DataAccess, EmploymentType
from staff.models import Absence, Person, Post, Unit

BATCH = 1000
TRAINED_BY = (
    (Completion.Source.IMPORT, "e-LfH", 78),
    (Completion.Source.CLASSROOM, "Training day", 14),
    (Completion.Source.DISCUSSION, "Supervision", 8),
)


@dataclass(frozen=True)
class Staffing:
    """The people just invented, the leads of units first."""

    people: list[Person]
    leads: dict[str, Person]


def invent_people(organisation: Organisation, specification: Specification, *, today: date, random: Random) -> Staffing:
    """Units, people and posts. Those who sign in come first; the first people of a unit lead it."""
    units = Unit.objects.bulk_create([Unit(organisation=organisation, name=name) for name in specification.all_units()])
    people = [_person(organisation, specification, number, random) for number in range(1, specification.people + 1)]
    Person.objects.bulk_create(people, batch_size=BATCH)
    named = len(specification.sign_ins)
    lead_of = _leads(specification, units, people)
    posts: list[Post] = []
    for index, person in enumerate(people):
        unit = _unit_of(specification, units, index, lead_of, random)
        manager = lead_of[unit.pk]
        job = _job_of(specification, index, random)
        posts.extend(
            _posts_of(
                person,
                job,
                unit,
                None if manager == person else manager,
                keep=index < named + len(units),
                today=today,
                random=random,
            )
        )
    Post.objects.bulk_create(posts, batch_size=BATCH)
    Absence.objects.bulk_create(_absences(people[named:], today=today, random=random), batch_size=BATCH)
    return Staffing(people, {unit.name: lead_of[unit.pk] for unit in units})


def invent_completions(people: list[Person], course: Course, specification: Specification, *, today: date, random: Random) -> int:
    """Two years of training records: most people train each year, some late, a few not at all. Returns how many."""
    posts: dict[int, list[Post]] = {}
    for post in (
        Post.objects.filter(person__in=people)
        if len(people) < BATCH
        else Post.objects.filter(person__organisation=people[0].organisation)
    ):
        posts.setdefault(post.person_id, []).append(post)
    completions: dict[int, list[Completion]] = {}
    for person in people:
        done = _completions_of(person, posts[person.pk], course, specification, today=today, random=random)
        completions[person.pk] = done
    if specification.caught_up_on and specification.caught_up_on < today:
        _catch_up(people, posts, completions, course, on=specification.caught_up_on, random=random)
    for person, days_ago in _people_with_something_to_do(people, posts, specification, today=today):
        completions[person.pk] = _last_trained(completions[person.pk], person, course, on=today - timedelta(days=days_ago))
    facts = [completion for done in completions.values() for completion in done]
    Completion.objects.bulk_create(facts, batch_size=BATCH)
    return len(facts)


def _person(organisation: Organisation, specification: Specification, number: int, random: Random) -> Person:
    if number <= len(specification.sign_ins):
        first, last = specification.sign_ins[number - 1].name.split(" ", 1)
    else:
        first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    has_email = number <= len(specification.sign_ins) or random.random() < 0.6
    email = f"{first}.{last}.{number}@{specification.domain}".lower().replace("'", "") if has_email else ""
    email = email.encode("ascii", "ignore").decode()
    return Person(organisation=organisation, staff_number=f"{number:05d}", first_name=first, last_name=last, email=email)


def _leads(specification: Specification, units: list[Unit], people: list[Person]) -> dict[int, Person]:
    """Who leads each unit: the manager who signs in leads the second one, so that their team is a plain one."""
    named = len(specification.sign_ins)
    leads = {unit.pk: people[named + index] for index, unit in enumerate(units)}
    for index, sign_in in enumerate(specification.sign_ins):
        if "manager" in sign_in.roles:
            leads[units[1 if len(units) < 10 else 7].pk] = people[index]
    return leads


def _unit_of(specification: Specification, units: list[Unit], index: int, lead_of: dict[int, Person], random: Random) -> Unit:
    named = len(specification.sign_ins)
    if index == 0 or (index < named and "manager" in specification.sign_ins[index].roles):
        return units[1 if len(units) < 10 else 7]
    if index < named:
        return units[0]
    if index < named + len(units):
        return units[index - named]
    return random.choice(units)


def _job_of(specification: Specification, index: int, random: Random) -> Job:
    if index < len(specification.sign_ins):
        title = specification.sign_ins[index].job_title
        known = next((job for job in specification.jobs if job.title == title), None)
        return known or Job(title, "Management", 0)
    return random.choices(specification.jobs, weights=[job.weight for job in specification.jobs])[0]


def _posts_of(
    person: Person, job: Job, unit: Unit, manager: Person | None, *, keep: bool, today: date, random: Random
) -> list[Post]:
    start = today - timedelta(days=random.randint(40, 3600))
    if keep:
        start = min(start, HISTORY_FROM - timedelta(days=random.randint(30, 2000)))
    end = None
    if not keep and random.random() < 0.12:
        end = start + timedelta(days=random.randint(120, 1500))
        end = end if end <= today else None
    kind = EmploymentType.PERMANENT if keep else random.choice(job.employment_types)
    access = DataAccess.NO if job.title == "Porter" and random.random() < 0.3 else DataAccess.YES
    if access == DataAccess.YES and not keep and random.random() < 0.03:
        access = DataAccess.UNKNOWN
    first = Post(
        person=person,
        unit=unit,
        job_title=job.title,
        staff_group=job.staff_group,
        employment_type=kind,
        manager=manager,
        has_access=access,
        start=start,
        end=end,
    )
    if keep or random.random() > 0.03:
        return [first]
    second = Post(
        person=person,
        unit=unit,
        job_title=f"{job.title} (bank)",
        staff_group=job.staff_group,
        employment_type=EmploymentType.BANK,
        manager=manager,
        has_access=access,
        start=start,
        end=end,
        assignment_number=f"{person.staff_number}-2",
    )
    return [first, second]


def _absences(people: list[Person], *, today: date, random: Random) -> list[Absence]:
    away = []
    for person in people:
        if random.random() < 0.035:
            start = today - timedelta(days=random.randint(10, 250))
            end = start + timedelta(days=random.randint(40, 330)) if random.random() < 0.7 else None
            away.append(Absence(person=person, start=start, end=end))
    return away


def _completions_of(
    person: Person, posts: list[Post], course: Course, specification: Specification, *, today: date, random: Random
) -> list[Completion]:
    start = min(post.start for post in posts)
    end = max((post.end or today + timedelta(days=1)) for post in posts)
    due = max(start + timedelta(days=random.randint(3, 28)), HISTORY_FROM + timedelta(days=random.randint(0, 330)))
    done: list[Completion] = []
    while due < min(end, today + timedelta(days=1)):
        if random.randint(1, 100) > specification.keeping_up:
            due += timedelta(days=random.randint(40, 200))
            continue
        source, reference, _weight = random.choices(TRAINED_BY, weights=[weight for *_what, weight in TRAINED_BY])[0]
        score = random.choice((80, 83, 86, 90, 92, 93, 100)) if source == Completion.Source.IMPORT else None
        done.append(
            Completion(
                person=person,
                course=course,
                completed_on=due,
                source=source,
                reference=reference,
                score_percent=score,
                recorded_at=_two_days_after(due),
            )
        )
        due += timedelta(days=random.randint(325, 362))
    return done


def _people_with_something_to_do(
    people: list[Person], posts: dict[int, list[Post]], specification: Specification, *, today: date
) -> list[tuple[Person, int]]:
    """Who of those the demonstration shows is not up to date, and how many days ago they trained last.

    The learner who signs in is due soon; in the team of the manager who signs in, two are late and one is due.
    """
    roles = [sign_in.roles for sign_in in specification.sign_ins]
    learner = people[next(index for index, held in enumerate(roles) if held == (Role.STAFF,))]
    manager = people[next(index for index, held in enumerate(roles) if Role.MANAGER in held)]
    team = [
        person
        for person in people[len(roles) :]
        if any(p.manager_id == manager.pk and p.end is None and p.start < today - timedelta(days=500) for p in posts[person.pk])
    ]
    return [(learner, 352), *zip(team, (380, 401, 349), strict=False)]


def _last_trained(done: list[Completion], person: Person, course: Course, *, on: date) -> list[Completion]:
    """The person's records up to a day, and one of that day."""
    last = Completion(
        person=person,
        course=course,
        completed_on=on,
        source=Completion.Source.CLASSROOM,
        reference="Training day",
        recorded_at=_two_days_after(on),
    )
    return [*(completion for completion in done if completion.completed_on < on), last]


def _two_days_after(day: date) -> datetime:
    """When a record usually arrives."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=2), time(8)))


def _catch_up(
    people: list[Person],
    posts: dict[int, list[Post]],
    completions: dict[int, list[Completion]],
    course: Course,
    *,
    on: date,
    random: Random,
) -> None:
    """Train those who would not count on a day, all but three in a hundred of the people in post then."""
    in_post = [p for p in people if any(post.start <= on and (post.end is None or post.end > on) for post in posts[p.pk])]
    behind = [p for p in in_post if not any(window_start(on, 12) < done.completed_on <= on for done in completions[p.pk])]
    for person in behind[len(in_post) * 3 // 100 :]:
        start = min(post.start for post in posts[person.pk])
        taken = {done.completed_on for done in completions[person.pk]}
        days = [day for back in range(90) if (day := on - timedelta(days=back)) >= start and day not in taken]
        day = random.choice(days)
        discussed = Completion(
            person=person,
            course=course,
            completed_on=day,
            source=Completion.Source.DISCUSSION,
            reference="Supervision",
            recorded_at=_two_days_after(day),
        )
        completions[person.pk].append(discussed)
