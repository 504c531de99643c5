"""A copy of what is held about one person: everything about them, nothing of anybody else's."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from courses.models import Completion, StaffRecord
from jobs.models import Job
from jobs.services import run as run_job
from privacy import copies
from privacy.data_map import data_map
from privacy.enums import CopyState
from privacy.holdings import pointers_of
from privacy.models import PersonCopy
from privacy.names import OtherNames
from registers.models import Incident
from staff.models import Absence, TeamFlag
from tests.factories import CompletionFactory, PersonFactory, UserFactory, member, person_in_post
from tests.test_architecture import OURS

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def subject(organisation):
    user = UserFactory(first_name="Ada", last_name="Fenwick", email="ada@example.test")
    member(organisation, Role.STAFF, user=user)
    person = person_in_post(organisation, user=user)
    person.first_name, person.last_name, person.email = "Ada", "Fenwick", "ada@example.test"
    person.save()
    return person


@pytest.fixture
def colleague(organisation):
    return PersonFactory(organisation=organisation, first_name="Mary Ann", last_name="O’Brien", email="mary@example.test")


def silent(done, total, note=""):
    """Nobody waits for progress."""


def made(person, by) -> tuple[PersonCopy, dict[str, str]]:
    copy = copies.make_copy(copies.ask_for_copy(person, by=by, at=AT), at=AT, progress=silent)
    with zipfile.ZipFile(io.BytesIO((copies.folder() / copy.stored_as).read_bytes())) as archive:
        return copy, {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def test_the_copy_holds_what_is_about_the_person_and_no_name_of_another(organisation, subject, colleague):
    CompletionFactory(person=subject, reference="REF-77", source=Completion.Source.CLASSROOM)
    StaffRecord.objects.create(
        person=subject,
        kind="induction",
        happened_on="2026-01-01",
        detail="Shown round by Ann O’Brien and Mrs O’Brien",
        recorded_at=AT,
    )
    TeamFlag.objects.create(
        organisation=organisation, kind="not-mine", manager=colleague, person=subject, words="ask mary@example.test", raised_at=AT
    )
    Absence.objects.create(person=colleague, start="2026-02-02", kind="ZZ-NOT-YOURS")

    copy, files = made(subject, member(organisation, Role.HR))
    text = "".join(files.values())

    assert {"read-this.html", "everything.json", "tables/staff-person.csv", "tables/courses-completion.csv"} <= set(files)
    assert copy.counts["courses.Completion"] == 1
    for held in ("Fenwick", "ada@example.test", "REF-77", "Shown round by [another person] and [another person]"):
        assert held in text, held
    for others in ("O’Brien", "mary@example.test", "ZZ-NOT-YOURS"):
        assert others not in text, others
    everything = json.loads(files["everything.json"])
    assert everything["tables"]["staff.TeamFlag"]["rows"][0]["manager"] == "[another person]"
    assert everything["tables"]["staff.TeamFlag"]["rows"][0]["person"] == "you"


def test_incidents_that_mention_the_person_are_listed_to_be_read_and_not_put_in(organisation, subject):
    for number, words in ((1, "Ms Fenwick left the door open"), (2, "A door was open")):
        Incident.objects.create(
            organisation=organisation, number=number, submission_key=f"{number:032}", reported_at=AT,
            source="named", reported_by=subject.user,
            kind="incident", nature="other", what_happened=words, noticed_at=AT, whose="unknown",
        )  # fmt: skip

    copy, files = made(subject, member(organisation, Role.HR))

    incidents = next(entry for entry in copy.to_review if entry["table"] == "registers.Incident")
    assert (incidents["total"], incidents["mention"]) == (2, [Incident.objects.get(number=1).reference])
    assert copy.counts["registers.Incident"] == 2
    assert "door" not in "".join(files.values()), "HR may not read incidents"


def test_every_table_that_points_to_people_is_in_the_copy_or_among_what_they_did(organisation, subject):
    """What the data map calls about somebody is copied whole; every other pointer to a person or a sign-in is listed."""
    about = {table.label for table in data_map().tables if table.about}
    pointing = {model._meta.label for model in OURS if pointers_of(model)}
    listed = {table.label for table in data_map().tables if not table.is_of_library and pointers_of(table.model)}

    assert pointing - about - listed == set()


def test_nothing_that_opens_anything_is_in_it(organisation, subject):
    subject.user.set_password("lantern-river-apple")
    subject.user.save()

    _copy, files = made(subject, member(organisation, Role.HR))

    assert subject.user.password not in "".join(files.values())


def test_a_copy_is_asked_for_made_fetched_and_deleted_each_with_its_event(sign_in, organisation, subject):
    hr = sign_in(organisation, Role.HR)
    page = reverse("privacy:copy_list", args=[subject.pk])

    hr.post(page)
    hr.post(page)
    run_job(Job.objects.get(kind=copies.COPY).pk)
    copy = PersonCopy.objects.get()
    response = hr.get(reverse("privacy:copy_fetch", args=[copy.pk]), follow=True)

    assert (response["Content-Type"], response["Cache-Control"]) == ("application/zip", "no-store, private")
    assert zipfile.is_zipfile(io.BytesIO(response.content))
    assert "To be read by hand" in hr.get(page).text
    hr.post(reverse("privacy:copy_delete", args=[copy.pk]))
    assert "None has been made" not in hr.get(page).text
    assert "no longer here" in hr.get(reverse("privacy:copy_fetch", args=[copy.pk]), follow=True).text
    acts = list(Event.objects.filter(type__startswith="privacy.").order_by("sequence").values_list("type", flat=True))
    assert acts == ["privacy.copy_asked", "privacy.copy_made", "privacy.copy_fetched", "privacy.copy_deleted"]


def test_a_copy_goes_by_itself_after_its_days(organisation, subject, django_capture_on_commit_callbacks):
    copy, _files = made(subject, member(organisation, Role.HR))
    path = copies.folder() / copy.stored_as

    assert copies.expire_copies(at=AT + timedelta(days=7)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert copies.expire_copies(at=AT + timedelta(days=7, seconds=1)) == 1

    assert not path.exists()
    assert PersonCopy.objects.get().state == CopyState.GONE


def test_nobody_else_makes_copies_and_others_people_are_not_found(sign_in, organisation, other_organisation, subject):
    page = reverse("privacy:copy_list", args=[subject.pk])

    assert sign_in(organisation, Role.TRAINING_LEAD).post(page).status_code == 403
    assert sign_in(other_organisation, Role.HR).post(page).status_code == 404
    assert not PersonCopy.objects.exists()


def test_everybody_sees_what_is_held_about_them(client, organisation, subject):
    client.force_login(subject.user)

    text = client.get(reverse("privacy:about_me")).text

    assert "as Ada Fenwick" in text
    assert "Who works in which job and unit" in text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Sam Lee told ada@x.test and sam@x.test", "[another person] told ada@x.test and [another person]"),
        ("Ada Fenwick told SAM LEE.", "Ada Fenwick told [another person]."),
        ("Dr Lee and Mr Fenwick, Lee Street", "[another person] and Mr Fenwick, Lee Street"),
        ("Anne-Marie  Van Dyke", "Anne-Marie  [another person]"),
        ("nobody here", "nobody here"),
    ],
)
def test_names_of_others_are_taken_out(text, left):
    names = OtherNames([("Sam", "Lee"), ("Anne-Marie", "Van Dyke")], own=[("Ada", "Fenwick")], own_emails=["ada@x.test"])

    assert names.taken_out_of(text) == left
