from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from accounts.services import record_profile
from audit.canonical import digest
from courses.learning import carried, mark_read, reading, readings
from courses.local_details import record_local_details
from courses.models import ChangeClass, CourseVersion, LocalDetails, Progress, TrainingNeed
from courses.needs import set_need
from tests.content.markup import faults, read
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, person_in_post

pytestmark = pytest.mark.django_db
SCENARIO = {
    "type": "scenario",
    "title": "A call",
    "situation": "<p>Somebody rings.</p>",
    "question": "What do you do?",
    "choices": [
        {"text": "Tell them", "feedback": "Think of who may be calling.", "best": False},
        {"text": "Call back", "feedback": "Just so.", "best": True},
    ],
}
EVERY_BLOCK = [
    {"type": "text", "html": "<p>Some words.</p>"},
    {"type": "callout", "title": "A tip", "html": "<p>Tip words.</p>", "tone": "tip"},
    {"type": "term", "term": "Breach", "meaning": "Something lost."},
    SCENARIO,
    {"type": "checklist", "title": "Can you say yes?", "items": ["I know who to tell."]},
    {"type": "do", "title": "When it happens", "steps": ["Stop.", "Tell."]},
    {"type": "terms", "items": [{"term": "Asset", "meaning": "Something of worth."}]},
    {
        "type": "story",
        "title": "It goes on",
        "steps": [{part: SCENARIO[part] for part in ("situation", "question", "choices")}] * 2,
        "ending": "<p>All was well.</p>",
    },
    {
        "type": "check",
        "question": "Which is personal?",
        "options": [
            {"text": "A name", "explanation": "It is somebody's.", "right": True},
            {"text": "A price", "explanation": "It is nobody's.", "right": False},
        ],
    },
    {"type": "local_details"},
]


def lesson(title, blocks=(), minutes=2):
    return {"title": title, "minutes": minutes, "blocks": list(blocks)}


def module(order, lessons):
    return {
        "order": order,
        "slug": f"part-{order}",
        "title": f"Part {order}",
        "minutes": 10,
        "summary": "A summary.",
        "standards": [1],
        "outcomes": ["Do it"],
        "lessons": lessons,
        "sources": [],
    }


def content(*modules, title="Course"):
    return {"code": "c", "title": title, "summary": "", "introduction": "", "level": 1, "audience": "", "modules": list(modules)}


def two_by_two():
    return content(
        module(1, [lesson("One"), lesson("Two", EVERY_BLOCK)]),
        module(2, [lesson("Three"), lesson("Four", minutes=3)]),
    )


def publish(course, what, *, number=1, change=ChangeClass.MATERIAL, on=TODAY):
    return CourseVersion.objects.create(
        course=course,
        number=number,
        content=what,
        content_hash=digest(what),
        change_class=change,
        effective_on=on,
        created_at=NOW,
    )


@pytest.fixture
def course(db):
    return CourseFactory(code="safe", title="Safe")


@pytest.fixture
def version(course):
    return publish(course, two_by_two())


@pytest.fixture
def today():
    """The tests of pages run on the day the data is dated."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def learner(organisation, sign_in, today):
    """A client signed in as somebody in post; ``.person`` is the staff record."""
    client = sign_in(organisation, Role.STAFF)
    client.person = person_in_post(organisation, user=client.user, start=TODAY)
    return client


def need(organisation, course):
    return set_need(
        organisation,
        course=course,
        audience=TrainingNeed.Audience.EVERYONE,
        months=12,
        starter_days=30,
        rationale="Because it matters.",
        start=TODAY - timedelta(days=1000),
        by="system",
        at=NOW,
    )


def lesson_url(module, number, course_code="safe"):
    return reverse("courses:lesson_detail", kwargs={"course_code": course_code, "module": module, "lesson": number})


# --- What is kept --------------------------------------------------------------------------


def test_reading_a_lesson_is_remembered_once(organisation, version):
    person = person_in_post(organisation)

    mark_read(person, version, module="part-1", lesson=1, at=NOW)
    mark_read(person, version, module="part-1", lesson=1, at=NOW)

    progress = Progress.objects.get()
    assert (progress.seen, progress.last_seen, progress.started_on) == (["part-1/1"], "part-1/1", TODAY)


@pytest.mark.parametrize(("module_slug", "number"), [("part-1", 3), ("part-1", 0), ("part-9", 1)])
def test_a_lesson_that_is_not_there_is_refused(organisation, version, module_slug, number):
    with pytest.raises(KeyError):
        mark_read(person_in_post(organisation), version, module=module_slug, lesson=number, at=NOW)

    assert not Progress.objects.exists()


def test_how_far_one_is(organisation, course, version):
    person = person_in_post(organisation)
    mark_read(person, version, module="part-1", lesson=1, at=NOW)

    found = reading(person, course, on=TODAY)

    assert [module.read for module in found.modules] == [1, 0]
    assert (found.minutes_left, found.is_begun, found.is_all_read, found.modules_left) == (7, True, False, 2)
    assert (found.next_lesson.module, found.next_lesson.number) == ("part-1", 2)


def test_when_all_is_read(organisation, course, version):
    person = person_in_post(organisation)
    for part in ("part-1", "part-2"):
        for number in (1, 2):
            mark_read(person, version, module=part, lesson=number, at=NOW)

    found = reading(person, course, on=TODAY)

    assert (found.is_all_read, found.minutes_left, found.modules_left) == (True, 0, 0)


@pytest.mark.parametrize(
    ("material", "kept"),
    [(False, ["part-1/1", "part-1/2"]), (True, ["part-1/1"])],
)
def test_what_still_counts_as_read_in_a_new_version(material, kept):
    before = content(module(1, [lesson("One"), lesson("Two")]), module(2, [lesson("Gone")]))
    after = content(module(1, [lesson("One"), lesson("Two", EVERY_BLOCK)]))

    assert carried(["part-1/1", "part-1/2", "part-2/1"], before=before, after=after, material=material) == kept


@pytest.mark.parametrize(("changes", "read_before"), [([ChangeClass.MINOR], 2), ([ChangeClass.MATERIAL, ChangeClass.MINOR], 1)])
def test_reading_goes_on_in_a_new_version(organisation, course, version, changes, read_before):
    person = person_in_post(organisation)
    for number in (1, 2):
        mark_read(person, version, module="part-1", lesson=number, at=NOW)
    changed = two_by_two()
    changed["modules"][0]["lessons"][1] = lesson("Two, better")
    for number, change in enumerate(changes, start=2):
        newest = publish(course, changed | {"summary": str(number)}, number=number, change=change)

    assert reading(person, course, on=TODAY).modules[0].read == read_before

    mark_read(person, newest, module="part-2", lesson=1, at=NOW)

    assert len(Progress.objects.get(course_version=newest).seen) == read_before + 1
    assert Progress.objects.get(course_version=version).seen == ["part-1/1", "part-1/2"]


def test_a_completion_ends_a_round_and_the_next_begins_with_nothing_read(organisation, course, version):
    person = person_in_post(organisation)
    mark_read(person, version, module="part-1", lesson=1, at=NOW)
    CompletionFactory(person=person, course=course, completed_on=TODAY + timedelta(days=2))
    next_year = NOW + timedelta(days=350)

    assert not reading(person, course, on=next_year.date()).is_begun

    mark_read(person, version, module="part-1", lesson=2, at=next_year)

    assert Progress.objects.get().seen == ["part-1/2"]
    assert Progress.objects.get().started_on == next_year.date()
    assert reading(person, course, on=next_year.date()).modules[0].read == 1


@pytest.mark.parametrize("courses", [1, 6])
def test_several_courses_cost_the_same(organisation, courses, django_assert_num_queries):
    person = person_in_post(organisation)
    many = CourseFactory.create_batch(courses)
    for one in many:
        mark_read(person, publish(one, two_by_two()), module="part-1", lesson=1, at=NOW)

    with django_assert_num_queries(3):
        found = readings(person, many, on=TODAY)

    assert [one.is_begun for one in found.values()] == [True] * courses


# --- Pages ---------------------------------------------------------------------------------


def test_a_learner_reads_a_module_from_my_training_to_its_end(learner, organisation, course, version):
    need(organisation, course)
    start = learner.get(reverse("courses:my_training"))
    assert faults(start) == []
    assert lesson_url("part-1", 1) in read(start).links
    assert b"About 9 minutes left to read" in start.content

    first = learner.get(lesson_url("part-1", 1))
    assert faults(first) == []
    assert b"Lesson 1 of 2" in first.content
    second = learner.post(lesson_url("part-1", 1), follow=True)
    assert second.redirect_chain == [(lesson_url("part-1", 2), 302)]
    end = learner.post(lesson_url("part-1", 2), follow=True)

    assert end.redirect_chain == [(reverse("courses:course_detail", kwargs={"course_code": "safe"}), 302)]
    assert faults(end) == []
    assert "You have read “Part 1”. 1 module to go." in end.content.decode()
    assert b"Done" in end.content
    again = learner.get(reverse("courses:my_training"))
    assert lesson_url("part-2", 1) in read(again).links
    assert b"About 5 minutes left to read" in again.content


def test_looking_at_a_lesson_writes_nothing(learner, version):
    learner.get(lesson_url("part-1", 1))

    assert not Progress.objects.exists()


def test_every_block_of_a_lesson_is_shown_and_a_choice_works_without_scripts(learner, version):
    plain = learner.get(lesson_url("part-1", 2))
    tried = learner.get(lesson_url("part-1", 2), {"s1": "1", "try": "s1"})
    empty = learner.get(lesson_url("part-1", 2), {"try": "s1"})

    html = plain.content.decode()
    assert [faults(response) for response in (plain, tried, empty)] == [[], [], []]
    for words in ("Some words.", "Tip words.", "Something lost.", "Somebody rings.", "I know who to tell.", "Stop."):
        assert words in html
    assert "You chose: Tell them" not in html
    assert "You chose: Tell them" in tried.content.decode()
    assert "Choose one of these first." in empty.content.decode()


def test_a_lesson_says_whom_to_tell(learner, organisation, version):
    assert b"tell your manager or whoever is in charge" in learner.get(lesson_url("part-1", 1)).content

    record_profile(organisation, effective_on=TODAY, by=None, at=NOW, report_to="Priya <Shah>")

    assert b"tell Priya &lt;Shah&gt;" in learner.get(lesson_url("part-1", 1)).content


def test_my_training_says_why_and_by_when(learner, organisation, course, version):
    need(organisation, course)

    html = learner.get(reverse("courses:my_training")).content.decode()

    assert "Due by 31 May 2026." in html
    for sentence in ("Asked of everyone in post, every 12 months.", "In post today: Care worker.", "Because it matters."):
        assert sentence in html


def test_my_training_lists_what_i_completed(learner, organisation, course, version):
    need(organisation, course)
    mine = CompletionFactory(person=learner.person, course=course, source="classroom", score_percent=None)
    CompletionFactory(course=CourseFactory(title="Somebody else's"))

    response = learner.get(reverse("courses:my_training"))

    assert faults(response) == []
    assert b"1 May 2026, classroom session" in response.content
    assert reverse("courses:certificate_make", kwargs={"completion_id": mine.pk}) in read(response).links
    assert b"Somebody else" not in response.content
    assert b"You have nothing to do today." in response.content


@pytest.mark.parametrize("courses", [1, 6])
def test_my_training_costs_the_same_however_much(learner, organisation, courses, django_assert_num_queries):
    for one in CourseFactory.create_batch(courses):
        publish(one, two_by_two())
        need(organisation, one)
        CompletionFactory(person=learner.person, course=one, completed_on=TODAY - timedelta(days=400))

    with django_assert_num_queries(12):  # session, user, access, person, due (4), completions, versions, read, papers
        response = learner.get(reverse("courses:my_training"))

    assert response.content.count(b"app-due") == courses


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.TRAINING_LEAD])
def test_somebody_without_a_staff_record_is_told_kindly(organisation, sign_in, role, version):
    response = sign_in(organisation, role).get(reverse("courses:my_training"))

    assert faults(response) == []
    assert b"You are not on the staff list" in response.content


def test_somebody_without_a_staff_record_may_read_and_nothing_is_kept(organisation, sign_in, course, version, today):
    client = sign_in(organisation, Role.TRAINING_LEAD)

    overview = client.get(reverse("courses:course_detail", kwargs={"course_code": "safe"}))
    client.post(lesson_url("part-1", 1))

    assert faults(overview) == []
    assert b"what you read is not kept" in overview.content
    assert not Progress.objects.exists()


def test_an_auditor_reads_no_course(organisation, sign_in, version):
    assert sign_in(organisation, Role.AUDITOR).get(lesson_url("part-1", 1)).status_code == 403


def test_another_organisations_course_is_not_there(learner, other_organisation):
    foreign = CourseFactory(code="theirs", organisation=other_organisation)
    publish(foreign, two_by_two())

    assert learner.get(reverse("courses:course_detail", kwargs={"course_code": "theirs"})).status_code == 404
    assert learner.get(lesson_url("part-1", 1, "theirs")).status_code == 404
    assert learner.post(lesson_url("part-1", 1, "theirs")).status_code == 404
    assert not Progress.objects.exists()


@pytest.mark.parametrize(("part", "number"), [("part-1", 3), ("part-9", 1), ("part-1", 0)])
def test_a_lesson_that_is_not_there(learner, version, part, number):
    assert learner.get(lesson_url(part, number)).status_code == 404


def test_a_course_that_changed_under_the_reader_leads_back_to_it(learner, course, version):
    publish(course, content(module(2, [lesson("Three")])), number=2)

    response = learner.post(lesson_url("part-1", 2), follow=True)

    assert faults(response) == []
    assert b"This course changed while you were reading." in response.content


def test_signed_out_people_sign_in_first(client, version, db):
    response = client.get(lesson_url("part-1", 1))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


# --- Who to tell here ----------------------------------------------------------------------


def test_a_lesson_shows_whom_to_tell_in_the_learners_own_organisation(learner, organisation, other_organisation, version):
    record_local_details(other_organisation, tell="zzforeign", effective_on=TODAY, by="system", at=NOW)
    unsaid = learner.get(lesson_url("part-1", 2))
    record_local_details(
        organisation,
        tell="The nurse in charge",
        phone="01632 960001",
        how="Fill in\nthe <red> form",
        effective_on=TODAY,
        by="system",
        at=NOW,
    )
    said = learner.get(lesson_url("part-1", 2))

    assert "has not written down yet whom to tell" in unsaid.text
    assert "The nurse in charge" in said.text
    assert "Fill in<br>the &lt;red&gt; form" in said.text
    assert "zzforeign" not in unsaid.text + said.text


def test_whom_to_tell_is_kept_by_day_and_the_same_words_are_written_once(organisation):
    earlier, before = (
        record_local_details(organisation, tell="Ann", effective_on=TODAY, by="system", at=NOW),
        LocalDetails.objects.count(),
    )
    again = record_local_details(organisation, tell=" Ann ", effective_on=TODAY, by="system", at=NOW)
    changed = record_local_details(organisation, tell="Bo", effective_on=TODAY, by="system", at=NOW)

    assert (again, before, LocalDetails.objects.count()) == (earlier, 1, 2)
    assert LocalDetails.objects.in_force(organisation, TODAY) == changed
    assert LocalDetails.objects.in_force(organisation, TODAY - timedelta(days=1)) is None
    with pytest.raises(ValueError, match="Give today or a day before"):
        record_local_details(organisation, tell="Cy", effective_on=TODAY + timedelta(days=1), by="system", at=NOW)


def test_a_training_lead_writes_whom_to_tell_and_a_learner_does_not(organisation, sign_in, learner, today):
    url = reverse("courses:local_details_edit")
    assert learner.get(url).status_code == 403
    lead = sign_in(organisation, Role.TRAINING_LEAD)
    given = {
        "tell": "The manager",
        "effective_on_day": TODAY.day,
        "effective_on_month": TODAY.month,
        "effective_on_year": TODAY.year,
    }

    refused = lead.post(url, given | {"tell": "", "effective_on_year": TODAY.year + 1})
    saved = lead.post(url, given, follow=True)

    assert faults(refused) == []
    assert "This field is required" in refused.text
    assert "Give today or a day before" in refused.text
    assert faults(saved) == []
    assert "The manager" in saved.text


# --- What was completed, as it was ---------------------------------------------------------


def test_somebody_reads_what_they_completed_years_later_and_nobody_else_does(learner, organisation, version, sign_in):
    done = CompletionFactory(person=learner.person, course=version.course, course_version=version)
    others = CompletionFactory(person=person_in_post(organisation), course=version.course, course_version=version)
    publish(version.course, content(module(1, [lesson("Quite other")])), number=2, on=TODAY + timedelta(days=400))
    url = reverse("courses:completed_version", args=[done.pk])

    with time_machine.travel(NOW + timedelta(days=1500), tick=False):
        learner.force_login(learner.user)
        contents = learner.get(url)
        inside = learner.get(url, {"lesson": "part-1/2", "s1": "2"})
        wrong = [
            learner.get(url, {"lesson": place}).status_code for place in ("part-1/9", "part-9/1", "part-1/x", "/", "part-1/²")
        ]

    assert (faults(contents), faults(inside)) == ([], [])
    assert version.content_hash in contents.text
    assert "A good choice" in inside.text
    assert "Here each organisation shows" in inside.text
    assert wrong == [404] * 5
    assert learner.get(reverse("courses:completed_version", args=[others.pk])).status_code == 404


def test_a_training_lead_reads_every_version(organisation, sign_in, version, today):
    publish(version.course, content(module(1, [lesson("Quite other")])), number=2)
    CompletionFactory(person=person_in_post(organisation), course=version.course, course_version=version)
    lead = sign_in(organisation, Role.TRAINING_LEAD)

    every = lead.get(reverse("courses:version_list", args=[version.course.code]))
    first = lead.get(reverse("courses:version_detail", args=[version.course.code, 1]))
    words = lead.get(reverse("courses:word_list", args=[version.course.code]))

    assert (faults(every), faults(first), faults(words)) == ([], [], [])
    assert "Once" in every.text
    assert "One" in first.text
    assert lead.get(reverse("courses:version_detail", args=[version.course.code, 3])).status_code == 404
