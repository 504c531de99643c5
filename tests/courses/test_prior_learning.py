"""Training records to take along, and training done elsewhere: signed, checked, handed in, decided."""

from __future__ import annotations

import base64
import io
import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import Role
from audit.models import Event
from courses import portable, signing
from courses.certificates import issue
from courses.completions import void_completion
from courses.models import Completion, KnownIssuer, PriorLearning
from courses.portable import RecordFileRefusedError
from courses.prior_learning import (
    PriorLearningRefusedError,
    approve,
    hand_in_certificate,
    hand_in_record,
    refuse,
    stop_vouching,
    vouch_for,
)
from evidence.blobs import read
from tests.content.markup import faults
from tests.courses.ed25519 import is_signed
from tests.factories import (
    NOW,
    TODAY,
    CompletionFactory,
    CourseFactory,
    OrganisationFactory,
    PersonFactory,
    course_with_quiz,
    member,
)

pytestmark = pytest.mark.django_db
ELSEWHERE = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def course(db):
    return course_with_quiz(code="data-security-awareness", title="Data security awareness").course


@pytest.fixture
def hr(organisation):
    return member(organisation, Role.HR)


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.TRAINING_LEAD)


@pytest.fixture
def person(organisation):
    return PersonFactory(organisation=organisation, first_name="Amina", last_name="Osei")


@pytest.fixture
def elsewhere(course):
    """The same person at another organisation, with one certified completion, one withdrawn and one of a course unknown here."""
    there = PersonFactory(organisation=OrganisationFactory(name="Larch House"), first_name="Amina", last_name="Osei")
    issue(CompletionFactory(person=there, course=course, completed_on=date(2026, 2, 3), source="classroom"), at=NOW)
    gone = CompletionFactory(person=there, course=course, completed_on=date(2026, 2, 4), source="classroom")
    void_completion(gone, reason="Wrong", by="system", at=NOW)
    CompletionFactory(
        person=there, course=CourseFactory(title="Fire safety", organisation=there.organisation), completed_on=date(2026, 1, 5)
    )
    return there


def foreign(person, settings, monkeypatch):
    """The signed file of an installation whose keys are not ours."""
    with monkeypatch.context() as patch:
        patch.setattr(signing, "_keep", lambda *_args, **_kwargs: None)
        settings.SIGNING_KEY = ELSEWHERE
        content = portable.signed_file(person, by="system", at=NOW)
        public = signing.present_key()[1]
        settings.SIGNING_KEY = ""
    return content, public


# --- Taking it along ---------------------------------------------------------------------------


def test_the_file_says_what_stands_and_anybody_can_check_its_signature(elsewhere):
    whole = json.loads(portable.signed_file(elsewhere, by="system", at=NOW))

    header, payload, signature = whole["signed"].split(".")
    key = json.loads(signing.unpacked(header))["jwk"]["x"]
    assert is_signed(signing.unpacked(key), f"{header}.{payload}".encode(), signing.unpacked(signature))
    assert json.loads(signing.unpacked(payload)) == whole["record"]
    said = whole["record"]
    assert (said["holder"], said["issuer"]["name"]) == ("Amina Osei", "Larch House")
    assert [(one["course"], one["completed_on"]) for one in said["completions"]] == [
        ("Data security awareness", "2026-02-03"),
        ("Fire safety", "2026-01-05"),
    ]
    assert said["completions"][0]["certificate"]["serial"].startswith("TF-")
    assert elsewhere.staff_number not in json.dumps(whole)
    assert Event.objects.get(type="courses.training_record_made").summary["form"] == "signed file"


def test_the_paper_says_the_same(elsewhere):
    reader = PdfReader(io.BytesIO(portable.document(elsewhere, by="system", at=NOW)))

    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for words in ("Amina Osei", "Larch House", "Data security awareness", "3 February 2026", "Fire safety", "1 May 2026"):
        assert words in text
    assert "4 February" not in text


def test_i_take_mine_and_hr_takes_anybodys_of_their_organisation(sign_in, organisation, elsewhere):
    me = sign_in(organisation, Role.STAFF)
    PersonFactory(organisation=organisation, user=me.user, first_name="Bea", last_name="Lee")
    hr = sign_in(elsewhere.organisation, Role.HR)

    mine = me.get(reverse("courses:my_training_record", args=["json"]))
    theirs = reverse("courses:person_training_record", args=[elsewhere.pk, "pdf"])

    assert json.loads(mine.content)["record"]["holder"] == "Bea Lee"
    assert hr.get(theirs).content.startswith(b"%PDF-")
    assert sign_in(organisation, Role.HR).get(theirs).status_code == 404
    assert me.get(theirs).status_code == 403
    assert me.get(reverse("courses:my_training_record", args=["exe"])).status_code == 404


# --- Checking one ------------------------------------------------------------------------------


def test_one_of_this_installation_is_checked_by_itself(organisation, elsewhere):
    found = portable.read(portable.signed_file(elsewhere, by="system", at=NOW), organisation=organisation, on=TODAY)

    assert (found.check, found.holder, found.issuer) == ("signed", "Amina Osei", "Larch House")
    assert found.completions[0].code == "data-security-awareness"


def test_one_of_another_is_not_verified_until_somebody_vouches_for_its_key(
    organisation, other_organisation, elsewhere, lead, settings, monkeypatch
):
    content, public = foreign(elsewhere, settings, monkeypatch)
    assert portable.read(content, organisation=organisation, on=TODAY).check == "not-verified"

    known = vouch_for(organisation, name="Larch Group", public_key=public, how_checked="By telephone", by=lead, at=NOW)

    found = portable.read(content, organisation=organisation, on=TODAY)
    assert found.check == "signed"
    assert "Larch Group" in found.words
    assert portable.read(content, organisation=other_organisation, on=TODAY).check == "not-verified"
    stop_vouching(known, by=lead, at=NOW)
    assert portable.read(content, organisation=organisation, on=TODAY).check == "not-verified"


def test_a_changed_file_is_refused_whoever_signed_it(organisation, elsewhere):
    content = portable.signed_file(elsewhere, by="system", at=NOW)
    whole = json.loads(content)
    header, payload, signature = whole["signed"].split(".")
    better = json.loads(json.dumps(whole["record"]).replace("2026-02-03", "2026-04-30"))
    repacked = signing.packed(json.dumps(better).encode())
    changed = [
        whole | {"record": better},
        whole | {"record": better, "signed": f"{header}.{repacked}.{signature}"},
        whole | {"signed": f"{header}.{payload}.{signing.packed(bytes(64))}"},
        whole | {"signed": f"{signing.packed(json.dumps({'alg': 'none'}).encode())}.{payload}."},
        whole | {"signed": "x"},
    ]

    for one in changed:
        with pytest.raises(RecordFileRefusedError):
            portable.read(json.dumps(one).encode(), organisation=organisation, on=TODAY)


def test_a_key_that_claims_to_be_another_is_refused(organisation, elsewhere, settings, monkeypatch):
    """Signed with one's own key under the name of ours."""
    content, _public = foreign(elsewhere, settings, monkeypatch)
    whole = json.loads(content)
    settings.SIGNING_KEY = ELSEWHERE
    key = signing._private_key()
    header = json.loads(signing.unpacked(whole["signed"].split(".")[0]))
    settings.SIGNING_KEY = ""
    header["kid"] = signing.key_address(signing.present_key()[0])
    start = f"{signing.packed(json.dumps(header).encode())}.{whole['signed'].split('.')[1]}"
    forged = whole | {"signed": f"{start}.{signing.packed(key.sign(start.encode()))}"}

    with pytest.raises(RecordFileRefusedError, match="does not fit"):
        portable.read(json.dumps(forged).encode(), organisation=organisation, on=TODAY)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"record": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"record": {"schema": "tenfold-training-record/1"}}',
    ],
)
def test_what_is_no_record_gets_one_clear_sentence(organisation, content):
    with pytest.raises(RecordFileRefusedError, match=r"\."):
        portable.read(content, organisation=organisation, on=TODAY)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"completions": []}, "names 1 to 500"),
        ({"completions": [{"course": "x", "completed_on": "2026-13-01"}]}, "Completion 1"),
        ({"completions": [{"course": "x", "completed_on": "2026-05-02"}]}, "to come"),
        ({"completions": ["x"]}, "Completion 1"),
        ({"issuer": None}, "who made it"),
    ],
)
def test_a_signed_record_that_makes_no_sense_is_refused(organisation, elsewhere, changes, words):
    content = portable.content_of(elsewhere, at=NOW) | changes
    file = {"record": content, "signed": signing.sign(content, media_type="x", at=NOW)}

    with pytest.raises(RecordFileRefusedError, match=words):
        portable.read(json.dumps(file).encode(), organisation=organisation, on=TODAY)


# --- Handing in and deciding -------------------------------------------------------------------


def test_a_record_counts_when_somebody_else_has_approved_it_and_the_file_is_its_evidence(person, elsewhere, course, hr, lead):
    content = portable.signed_file(elsewhere, by="system", at=NOW)
    claim = hand_in_record(person, content, by=hr, at=NOW)
    lines = {line.title: line for line in claim.lines.all()}
    assert (claim.check_result, lines["Data security awareness"].course, lines["Fire safety"].course) == ("signed", course, None)
    assert not Completion.objects.filter(person=person).exists()

    approve(claim, courses={line.pk: line.course for line in lines.values()}, by=lead, at=NOW)

    done = Completion.objects.get(person=person)
    assert (done.source, done.completed_on, done.course) == ("prior-learning", date(2026, 2, 3), course)
    assert read(done.evidence.blob) == content
    assert done.reference.startswith("TF-")
    claim.refresh_from_db()
    assert (claim.decision, claim.decided_by) == ("approved", lead)
    with pytest.raises(PriorLearningRefusedError, match="decided already"):
        refuse(claim, reason="No", by=lead, at=NOW)


def test_a_record_about_another_name_says_so(person, elsewhere, hr):
    elsewhere.last_name = "Someone"
    elsewhere.save(update_fields=["last_name"])

    claim = hand_in_record(person, portable.signed_file(elsewhere, by="system", at=NOW), by=hr, at=NOW)

    assert "It is about “Amina Someone”" in claim.check_words


def test_nobody_decides_what_they_handed_in_or_what_is_their_own(organisation, course, lead):
    person = PersonFactory(organisation=organisation, user=member(organisation, Role.DSPT_LEAD))
    values = {"course": course, "completed_on": TODAY, "given_by": "Elm", "at": NOW}
    claim = hand_in_certificate(person, (b"proof", "proof.txt"), by=lead, **values)

    for by, words in ((lead, "handed this in"), (person.user, "your own training")):
        with pytest.raises(PriorLearningRefusedError, match=words):
            approve(claim, courses={line.pk: course for line in claim.lines.all()}, by=by, at=NOW)


def test_what_makes_no_sense_is_refused(person, course, hr, lead, other_organisation):
    values = {"course": course, "completed_on": TODAY, "given_by": "Elm", "by": hr, "at": NOW}
    wrong = [
        ({"completed_on": TODAY + DAY}, "future"),
        ({"course": CourseFactory(organisation=other_organisation)}, "another organisation"),
    ]
    for changes, words in wrong:
        with pytest.raises(PriorLearningRefusedError, match=words):
            hand_in_certificate(person, (b"proof", "proof.txt"), **(values | changes))
    claim = hand_in_certificate(person, (b"proof", "proof.txt"), **values)
    with pytest.raises(PriorLearningRefusedError, match="already and waits"):
        hand_in_certificate(person, (b"proof", "proof.txt"), **values)
    with pytest.raises(PriorLearningRefusedError, match="at least one line"):
        approve(claim, courses={}, by=lead, at=NOW)
    with pytest.raises(PriorLearningRefusedError, match="Say why"):
        refuse(claim, reason=" ", by=lead, at=NOW)
    assert PriorLearning.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short", "!" * 43, "A" * 60])
def test_what_is_no_key_is_not_vouched_for(organisation, lead, key):
    with pytest.raises(PriorLearningRefusedError, match="not a public key"):
        vouch_for(organisation, name="x", public_key=key, how_checked="x", by=lead, at=NOW)


# --- Pages -------------------------------------------------------------------------------------


def test_from_one_organisation_to_another_through_the_pages(sign_in, organisation, person, elsewhere, course):
    leaver = sign_in(elsewhere.organisation, Role.STAFF)
    elsewhere.user = leaver.user
    elsewhere.save(update_fields=["user"])
    content = leaver.get(reverse("courses:my_training_record", args=["json"])).content
    hr, lead = sign_in(organisation, Role.HR), sign_in(organisation, Role.TRAINING_LEAD)

    file = SimpleUploadedFile("training-record.json", content, content_type="application/json")
    response = hr.post(reverse("courses:prior_learning_new"), {"person": person.staff_number, "file": file}, follow=True)
    assert "Signature checked" in response.text
    assert faults(response) == []
    claim = PriorLearning.objects.get()
    page = lead.get(reverse("courses:prior_learning_decide", args=[claim.pk]))
    assert faults(page) == []
    line = claim.lines.get(course=course)
    lead.post(reverse("courses:prior_learning_decide", args=[claim.pk]), {f"line_{line.pk}": course.pk, "approve": "1"})

    assert Completion.objects.get(person=person).completed_on == date(2026, 2, 3)
    assert hr.get(reverse("courses:prior_learning_decide", args=[claim.pk])).status_code == 403


def test_somebody_hands_in_their_own_certificate_and_sees_why_it_was_refused(sign_in, organisation, course, lead):
    client = sign_in(organisation, Role.STAFF)
    PersonFactory(organisation=organisation, user=client.user)
    page = reverse("courses:my_prior_learning")
    proof = {"file": SimpleUploadedFile("proof.txt", b"I did it")}
    lacking = client.post(page, proof).text
    for words in ("Choose the course.", "Enter the day on the certificate.", "Enter who gave it."):
        assert words in lacking

    when = {"completed_on_day": "3", "completed_on_month": "2", "completed_on_year": "2026"}
    proof = {"file": SimpleUploadedFile("proof.txt", b"I did it")}
    response = client.post(page, proof | when | {"course": course.pk, "given_by": "Elm House"}, follow=True)
    assert "Waits for your training lead" in response.text
    assert faults(response) == []
    refuse(PriorLearning.objects.get(), reason="The certificate has no name on it.", by=lead, at=NOW)

    assert "The certificate has no name on it." in client.get(page).text


def test_a_file_of_a_kind_we_do_not_keep_and_a_changed_record_are_said_on_the_form(sign_in, organisation, elsewhere, person):
    client = sign_in(organisation, Role.HR)
    page = reverse("courses:prior_learning_new")
    content = portable.signed_file(elsewhere, by="system", at=NOW).replace(b"Larch House", b"Larch Hall!")

    changed = client.post(page, {"person": person.staff_number, "file": SimpleUploadedFile("r.json", content)}).text

    assert "it was changed. Ask for a new one." in changed
    assert not PriorLearning.objects.exists()


def test_a_training_lead_vouches_for_a_key_and_takes_it_back(sign_in, organisation, settings):
    client = sign_in(organisation, Role.TRAINING_LEAD)
    settings.SIGNING_KEY = ELSEWHERE
    public = signing.present_key()[1]
    settings.SIGNING_KEY = ""
    values = {"name": "Larch Group", "public_key": public, "how_checked": "By telephone"}

    wrong = client.post(reverse("courses:known_issuer_new"), values | {"public_key": "x"}).text
    listed = client.post(reverse("courses:known_issuer_new"), values, follow=True)

    assert "not a public key" in wrong
    assert "Larch Group" in listed.text
    client.post(reverse("courses:known_issuer_end", args=[KnownIssuer.objects.get().pk]))
    assert KnownIssuer.objects.trusted().count() == 0
