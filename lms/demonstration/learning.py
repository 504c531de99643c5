"""People of the demonstration sit our quiz: a few through the same services as everybody else, many written at once."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from courses.certificates import issue_many
from courses.completions import record_pass
from courses.models import Completion, Course, CourseVersion
from quizzes.drawing import Draw, draw_questions
from quizzes.grading import mark_paper, marks_needed
from quizzes.models import Attempt, AttemptItem, BlueprintVersion, QuestionVersion
from quizzes.parts import parts_of
from quizzes.services import candidates_of, option_order, save_answer, start_attempt, submit_attempt
from staff.models import Person, Post


def sit_quizzes(people: list[Person], course: Course, *, at: datetime) -> int:
    """Each person passes the quiz, one mark short of full, a little later than the one before. Returns how many did."""
    version = CourseVersion.objects.filter(course=course).order_by("-number").first()
    if version is None or version.blueprint_version is None:
        return 0
    completions = []
    for number, person in enumerate(people):
        started = at + timedelta(hours=7 * number)
        attempt = start_attempt(person, version.blueprint_version, seed=number, at=started)
        _answer(attempt, at=started)
        attempt = submit_attempt(attempt, at=started + timedelta(minutes=14))
        completions.append(record_pass(attempt, by="system", at=started + timedelta(minutes=14)))
    issue_many(completions, at=at + timedelta(hours=7 * len(people)))
    return len(people)


def _answer(attempt: Attempt, *, at: datetime) -> None:
    for item in attempt.items.select_related("question_version").order_by("slot"):
        options = item.question_version.options
        right = [option["id"] for option in options if option["correct"]]
        wrong = [option["id"] for option in options if not option["correct"]][:1]
        save_answer(attempt, item.slot, wrong if item.slot == 1 else right, at=at + timedelta(minutes=item.slot))


def invent_attempts(people: list[Person], course: Course, *, today: date, most: int = 200) -> int:
    """Our quiz taken on the day of a session or of e-learning elsewhere: some fail, and pass a second time. Returns how many.

    Everybody knows some topics less well than others, and some people know more than others.
    """
    version = CourseVersion.objects.filter(course=course).order_by("-number").first()
    if version is None or version.blueprint_version is None:
        return 0
    rules = version.blueprint_version
    year = Completion.objects.filter(course=course, completed_on__gt=today - timedelta(days=360), completed_on__lt=today)
    ids = {person.pk for person in people}
    unit_by_unit = Post.objects.filter(person__organisation=people[0].organisation).order_by("unit", "person")
    chosen = [person for person in dict.fromkeys(unit_by_unit.values_list("person", flat=True)) if person in ids][:most]
    trained = year.filter(person__in=chosen).order_by("person", "completed_on")
    days = dict(trained.values_list("person", "completed_on"))
    candidates = candidates_of({draw["pool"] for draw in rules.draws})
    versions = QuestionVersion.objects.select_related("question").in_bulk([candidate.version_id for candidate in candidates])
    attempts: list[Attempt] = []
    papers: list[list[AttemptItem]] = []
    for seed, (person, on) in enumerate(days.items()):
        random = Random(f"attempts {seed}")  # noqa: S311  invented answers, not secrets
        at = timezone.make_aware(datetime.combine(on, time(10)))
        drawn = draw_questions(candidates, [Draw(**rule) for rule in rules.draws], last_seen={}, seed=seed)
        paper = [versions[candidate.version_id] for candidate in drawn]
        knows = random.uniform(0.75, 1.05)
        first = _sat(person, rules, paper, ordinal=1, seed=seed, at=at - timedelta(hours=1), knows=knows)
        second = [] if first[0].passed else [_sat(person, rules, paper, ordinal=2, seed=seed, at=at, knows=2)]
        for attempt, items in (first, *second):
            attempts.append(attempt)
            papers.append(items)
    for attempt, items in zip(Attempt.objects.bulk_create(attempts), papers, strict=True):
        for item in items:
            item.attempt = attempt
    AttemptItem.objects.bulk_create([item for items in papers for item in items], batch_size=2000)
    return len(attempts)


def _sat(
    person: int, rules: BlueprintVersion, paper: list[QuestionVersion], *, ordinal: int, seed: int, at: datetime, knows: float
) -> tuple[Attempt, list[AttemptItem]]:
    """A marked attempt that is not saved yet. ``knows``: how likely the person is to be right, topic apart."""
    random = Random(f"answers {seed} {ordinal}")  # noqa: S311  invented answers, not secrets
    items = []
    for slot, version in enumerate(paper, start=1):
        right = [option["id"] for option in version.options if option["correct"]]
        wrong = [option["id"] for option in version.options if not option["correct"]]
        topic_is_known = 0.8 + Random(version.question.topic).random() * 0.25  # noqa: S311
        is_right = not wrong or random.random() < knows * topic_is_known
        response = right if is_right else [wrong[int(random.random() ** 2 * len(wrong))]]
        order = option_order(version, seed=seed)
        items.append(
            AttemptItem(
                slot=slot,
                question_version=version,
                option_order=order,
                marks_available=version.marks,
                response=sorted(response, key=order.index),
                answered_at=at + timedelta(minutes=slot),
            )
        )
    available = sum(version.marks for version in paper)
    needed = marks_needed(available, rules.pass_mark_percent)
    result = mark_paper(
        {item.slot: item.response for item in items},
        {item.slot: parts_of(item.question_version) for item in items},
        needed=needed,
    )
    for item in items:
        item.marks = result.by_slot[item.slot]
    attempt = Attempt(
        person_id=person,
        blueprint_id=rules.blueprint_id,
        blueprint_version=rules,
        ordinal=ordinal,
        state=Attempt.State.MARKED,
        seed=seed,
        started_at=at,
        submitted_at=at + timedelta(minutes=14),
        marked_at=at + timedelta(minutes=14),
        marks_available=available,
        marks_needed=needed,
        marks=result.marks,
        passed=result.passed,
    )
    return attempt, items
