"""The register of sessions: who is recorded, who is refused and why, and taking it back."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import Role
from audit.models import Event
from courses import sessions
from courses.completions import void_completion
from courses.models import ChangeClass, Completion, CourseVersion, SessionPerson, TrainingNeed, TrainingSession
from courses.obligations import what_is_due
from courses.sessions import SessionRefusedError
from evidence.models import Document
from staff.models import Person
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, PersonFactory, PostFactory, member, person_in_post

pytestmark = pytest.mark.django_db
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc"
    b"\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-05-01 12:00:00+01:00", tick=False):
        yield


@pytest.fixture
def course(organisation):
    course = CourseFactory(title="Data security awareness")
    for number, out in ((1, date(2025, 1, 1)), (2, TODAY - timedelta(days=3))):
        CourseVersion.objects.create(
            course=course,
            number=number,
            content={"title": "Course", "modules": []},
            content_hash=str(number),
            change_class=ChangeClass.MATERIAL,
            effective_on=out,
            created_at=NOW,
        )
    TrainingNeed.objects.create(
        organisation=organisation, course=course, months=12, starter_days=30, rationale="They need it.", start=date(2020, 1, 1)
    )
    return course


@pytest.fixture
def manager(organisation) -> Person:
    return person_in_post(organisation, user=member(organisation, Role.MANAGER))


def of_team(manager: Person, last_name: str, **post) -> Person:
    person = person_in_post(manager.organisation, manager=manager, **post)
    Person.objects.filter(pk=person.pk).update(last_name=last_name)
    person.refresh_from_db()
    return person


@pytest.fixture
def plan(manager, course):
    """``plan(ann, bob, held_on=...)``: a session of the manager's with people on its list."""

    def made(*people: Person, held_on: date = TODAY, kind: str = "classroom", covered: str = "") -> TrainingSession:
        session = sessions.plan_session(
            manager.organisation, course, kind=kind, held_on=held_on, place="Staff room", led_by="Pat Lee", covered=covered,
            by=manager.user, at=NOW,
        )  # fmt: skip
        sessions.put_on_list(session, people, by=manager.user, at=NOW)
        return session

    return made


def test_ten_people_are_recorded_at_once_and_once_only(manager, course, plan):
    team = [of_team(manager, f"P{n}") for n in range(10)]
    session = plan(*team)

    found = sessions.record_session(session, by=manager.user, at=NOW)
    again = sessions.record_session(session, by=manager.user, at=NOW)

    assert (len(found.recorded), found.refused, again.recorded) == (10, (), ())
    rows = Completion.objects.values_list("source", "completed_on", "course_version__number", "entered_by", "reference")
    assert set(rows) == {("classroom", TODAY, 2, manager.user.pk, f"Session {session.pk}, Staff room")}
    assert all(what_is_due(person, on=TODAY)[0].status.is_current for person in team)
    assert Event.objects.filter(type="courses.completed").count() == 10
    assert Event.objects.get(type="courses.session_recorded").summary["people"] == 10


def test_who_cannot_be_recorded_is_named_with_the_reason_and_stays_for_correction(manager, course, plan, organisation):
    day = TODAY - timedelta(days=2)
    fine = of_team(manager, "Fine")
    starter = of_team(manager, "Starter", start=TODAY)
    leaver = of_team(manager, "Leaver", end=TODAY - timedelta(days=9))
    nobody = PersonFactory(organisation=organisation, last_name="Nobody")
    known, void = of_team(manager, "Known"), of_team(manager, "Void")
    CompletionFactory(person=known, course=course, completed_on=day, source="classroom")
    void_completion(
        CompletionFactory(person=void, course=course, completed_on=day, source="classroom"), reason="No", by="system", at=NOW
    )
    session = plan(fine, starter, leaver, nobody, known, void, manager, held_on=day)

    found = sessions.record_session(session, by=manager.user, at=NOW)

    assert [entry.person for entry in found.recorded] == [fine]
    assert {entry.person.pk: why for entry, why in found.refused} == {
        starter.pk: "They started on 1 May 2026, after the session.",
        leaver.pk: "They were not in post on the day: their last day before it was 21 April 2026.",
        nobody.pk: "They have no post on the staff list. Ask HR to add it.",
        known.pk: "This training is on record for that day already.",
        void.pk: "This was recorded for that day before, and withdrawn. Check the day and how it was taught.",
        manager.pk: "You cannot record your own training. Ask your manager or HR to do it.",
    }
    PostFactory(person=nobody, start=day)
    assert [entry.person for entry in sessions.record_session(session, by=manager.user, at=NOW).recorded] == [nobody]
    assert session.people.to_record().count() == 5


def test_a_session_to_come_is_planned_and_not_recorded(manager, plan):
    session = plan(of_team(manager, "Ann"), held_on=TODAY + timedelta(days=1))

    with pytest.raises(SessionRefusedError, match="is on 2 May 2026"):
        sessions.record_session(session, by=manager.user, at=NOW)

    sessions.record_session(session, by=manager.user, at=NOW + timedelta(days=1))
    assert Completion.objects.get().completed_on == TODAY + timedelta(days=1)


def test_the_version_is_that_of_the_day_unless_another_is_named(manager, course, plan):
    before = plan(of_team(manager, "Ann"), held_on=TODAY - timedelta(days=10))
    old = plan(of_team(manager, "Bob"))
    first, second = course.versions.order_by("number")
    sessions.change_session(old, course_version=first, by=manager.user, at=NOW)

    for session in (before, old):
        sessions.record_session(session, by=manager.user, at=NOW)

    assert list(Completion.objects.values_list("course_version__number", flat=True)) == [1, 1]
    with pytest.raises(SessionRefusedError, match="Version 2 was not out on 21 April 2026"):
        sessions.change_session(plan(held_on=TODAY - timedelta(days=10)), course_version=second, by=manager.user, at=NOW)


def test_a_session_is_taken_back_with_a_reason_and_stays_on_file(manager, plan):
    ann, bob = of_team(manager, "Ann"), of_team(manager, "Bob")
    session = plan(ann, bob)
    sessions.record_session(session, by=manager.user, at=NOW)
    entry = SessionPerson.objects.get(person=ann)
    sessions.withdraw_person(entry, reason="Was not there.", by=manager.user, at=NOW)
    with pytest.raises(SessionRefusedError, match="Say why"):
        sessions.withdraw_session(session, reason=" ", by=manager.user, at=NOW)

    sessions.withdraw_session(session, reason="It was another course.", by=manager.user, at=NOW)

    assert not Completion.objects.not_void().exists()
    assert set(Completion.objects.values_list("void__reason", flat=True)) == {"Was not there.", "It was another course."}
    for act, why in (
        (lambda: sessions.withdraw_session(session, reason="x", by=manager.user, at=NOW), "withdrawn already"),
        (lambda: sessions.record_session(session, by=manager.user, at=NOW), "is withdrawn"),
        (lambda: sessions.discard_session(session, by=manager.user, at=NOW), "Withdraw it instead"),
        (lambda: sessions.change_session(session, place="x", by=manager.user, at=NOW), "is recorded"),
        (lambda: sessions.take_off_list(entry, by=manager.user, at=NOW), "Their training is recorded"),
        (lambda: sessions.put_on_list(session, [ann], by=manager.user, at=NOW), "is withdrawn"),
    ):
        with pytest.raises(SessionRefusedError, match=why):
            act()


def test_what_is_not_recorded_is_thrown_away_and_an_empty_list_records_nothing(manager, plan):
    session = plan()
    with pytest.raises(SessionRefusedError, match="Nobody is on the list"):
        sessions.record_session(session, by=manager.user, at=NOW)

    sessions.discard_session(session, by=manager.user, at=NOW)

    assert not TrainingSession.objects.exists()
    assert Event.objects.filter(type="courses.session_discarded").count() == 1


def test_a_discussion_says_what_it_was_about(manager, plan):
    with pytest.raises(SessionRefusedError, match="Say what the discussion was about"):
        plan(kind="discussion")

    session = plan(of_team(manager, "Ann"), kind="discussion", covered="Phishing. Each told what they would do.")
    sessions.record_session(session, by=manager.user, at=NOW)

    assert Completion.objects.get().source == "discussion"


def test_a_manager_goes_from_the_team_to_the_record_on_pages(manager, course, client):
    overdue, trained = of_team(manager, "Overdue"), of_team(manager, "Trained")
    CompletionFactory(person=trained, course=course, completed_on=TODAY - timedelta(days=9))
    client.force_login(manager.user)
    details = {
        "course": course.pk, "kind": "classroom", "held_on_0": "30", "held_on_1": "4", "held_on_2": "2026", "place": "Elm House",
        "led_by": "Pat Lee",
    }  # fmt: skip
    names = {f"held_on_{n}": value for n, value in enumerate(("30", "4", "2026"))}
    details |= {"held_on_day": names["held_on_0"], "held_on_month": names["held_on_1"], "held_on_year": names["held_on_2"]}

    response = client.post(reverse("courses:session_new"), details, follow=True)

    html = response.text
    assert html.index("Sam Overdue") < html.index("Sam Trained")
    assert "overdue, was due by" in html
    session = TrainingSession.objects.get()
    response = client.post(
        reverse("courses:session_people", args=[session.pk]), {"people": [overdue.pk, trained.pk]}, follow=True
    )
    assert "2 people are on the list now." in response.text
    sheet = client.get(reverse("courses:session_sheet", args=[session.pk]))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.content)).pages)
    assert "Sam Overdue" in words
    assert overdue.staff_number in words
    attached = client.post(
        reverse("courses:session_attach", args=[session.pk]),
        {"file": SimpleUploadedFile("sheet.png", PNG, "image/png")},
        follow=True,
    )
    assert "The signed sheet is kept with the evidence." in attached.text
    response = client.post(reverse("courses:session_record", args=[session.pk]), follow=True)
    assert "Recorded for 2 people." in response.text
    completion = Completion.objects.get(person=overdue, source="classroom")
    assert (completion.completed_on, completion.evidence) == (date(2026, 4, 30), session.__class__.objects.get().sheet)
    assert Document.objects.get().needs == "reports.named"
    assert client.get(reverse("courses:session_signed_sheet", args=[session.pk])).content == PNG


def test_a_sheet_of_another_kind_is_refused_on_the_page(manager, plan, client):
    session = plan()
    client.force_login(manager.user)

    response = client.post(reverse("courses:session_attach", args=[session.pk]), {"file": SimpleUploadedFile("s.csv", b"a;b\n")})

    assert "Choose a photo (JPEG or PNG) or a PDF" in response.text
    assert not Document.objects.exists()


def test_managers_choose_from_their_team_and_hr_from_everybody(manager, course, plan, organisation, sign_in, client):
    of_team(manager, "Mine")
    other = person_in_post(organisation)
    Person.objects.filter(pk=other.pk).update(last_name="Elsewhere")
    session = plan()
    address = reverse("courses:session_people", args=[session.pk])
    client.force_login(manager.user)

    assert "Sam Elsewhere" not in client.get(address + "?words=Elsewhere").text
    assert "not among the people" in client.post(address, {"people": [other.pk]}).text
    assert not session.people.exists()
    hr = sign_in(organisation, Role.HR)
    assert "Sam Elsewhere" in hr.get(address + "?words=elsewh").text
    hr.post(address + "?words=elsewh", {"people": [other.pk]})
    assert session.people.get().person == other


def test_another_managers_session_is_not_there(plan, organisation, sign_in):
    session = plan()

    stranger = sign_in(organisation, Role.MANAGER)

    assert stranger.get(reverse("courses:session_detail", args=[session.pk])).status_code == 404
    assert stranger.post(reverse("courses:session_record", args=[session.pk])).status_code == 404


@pytest.mark.parametrize("people", [1, 12])
def test_the_page_costs_the_same_however_long_the_list(manager, plan, client, people, django_assert_num_queries):
    session = plan(*(of_team(manager, f"P{n}") for n in range(people)))
    client.force_login(manager.user)
    client.get(reverse("courses:session_detail", args=[session.pk]))

    with django_assert_num_queries(8):
        assert client.get(reverse("courses:session_detail", args=[session.pk])).text.count("Take off the list") == people


@pytest.mark.parametrize("people", [1, 12])
def test_choosing_people_costs_the_same_however_large_the_team(manager, plan, client, people, django_assert_max_num_queries):
    for n in range(people):
        of_team(manager, f"P{n}")
    session = plan()
    client.force_login(manager.user)

    with django_assert_max_num_queries(15):
        assert client.get(reverse("courses:session_people", args=[session.pk])).text.count("due by") == people
