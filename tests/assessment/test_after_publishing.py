"""What becomes of a publication: keyed into the national site by hand, or withdrawn; and who may sign in whose place."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.models import Assessment, SignOff, Transcription
from assessment.pack import build_pack
from assessment.states import State
from audit.models import Event
from evidence import blobs
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.assessment.publications import HOSTILE, published
from tests.factories import NOW, TODAY, member, person_in_post

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def publication(organisation):
    return published(organisation)


@pytest.fixture
def signer(publication):
    return SignOff.objects.get().user


# --- the national site ---


def test_every_answer_stands_in_the_national_order_ready_to_copy(publication, organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    numbers = list(publication.assessment.responses.order_by("item__order").values_list("item__number", flat=True))

    page = client.get(reverse("assessment:rekeying", args=[publication.pk])).text
    book = client.get(reverse("assessment:rekeying_workbook", args=[publication.pk]))

    places = [page.index(f">{number} ") for number in numbers]
    assert places == sorted(places)
    assert "&lt;b&gt;</textarea>" in page
    assert HOSTILE not in page
    sheet = openpyxl.load_workbook(io.BytesIO(book.content))["Items"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == numbers
    assert ".xlsx" in book["Content-Disposition"]


def test_what_was_keyed_is_counted_taken_back_and_told(publication, organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    response = h.response(publication.assessment, "1.1.1")
    mark = reverse("assessment:rekeying_mark", args=[publication.pk, response.pk])
    everything = publication.assessment.responses.count()

    page = client.post(mark, {"entered": "yes", "note": "They ask for the date too"}, follow=True).text
    client.post(mark, {"entered": "yes", "note": "They ask for the date too"})
    assert f"<strong>1 of {everything}</strong>" in page
    assert "Different there: They ask for the date too" in page
    left = client.get(reverse("assessment:rekeying", args=[publication.pk]), {"show": "left"}).text
    assert f'id="item-{response.pk}"' not in left
    assert "1 item is noted" in client.get(reverse("assessment:publication_detail", args=[publication.pk])).text
    page = client.post(mark, {"entered": "no", "show": "left"}, follow=True).text

    assert f"<strong>0 of {everything}</strong>" in page
    assert list(Transcription.objects.order_by("pk").values_list("is_entered", flat=True)) == [True, False]
    assert [event.type for event in Event.objects.order_by("pk")][-2:] == ["publication.keyed", "publication.not_keyed"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Transcription.objects.update(is_entered=True)


def test_a_too_long_note_and_an_item_of_another_return_are_refused(publication, organisation, other_organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    theirs = h.opened(other_organisation, h.lead_of(other_organisation))
    mine = h.response(publication.assessment, "1.1.1")

    long = client.post(
        reverse("assessment:rekeying_mark", args=[publication.pk, mine.pk]), {"entered": "yes", "note": "x" * 301}, follow=True
    )
    foreign = client.post(reverse("assessment:rekeying_mark", args=[publication.pk, h.response(theirs, "1.1.1").pk]))

    assert "at most 300 letters" in long.text
    assert foreign.status_code == 404
    assert not Transcription.objects.exists()


def test_an_auditor_reads_the_list_and_marks_nothing(publication, organisation, sign_in):
    client = sign_in(organisation, Role.AUDITOR)
    page = client.get(reverse("assessment:rekeying", args=[publication.pk]))

    assert page.status_code == 200
    assert 'name="entered"' not in page.text


# --- withdrawing ---


def test_a_withdrawn_publication_stays_readable_with_its_reason_and_its_pack(
    publication, signer, organisation, client, sign_in, tmp_path
):
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    build_pack(publication, before)
    client.force_login(signer)
    form = reverse("assessment:publication_withdraw", args=[publication.pk])

    assert "Say why you withdraw it." in client.post(form, {"reason": " "}).text
    page = client.post(form, {"reason": "The training list was of last year"}, follow=True).text

    assert "The training list was of last year" in page
    assert "Withdraw this publication" not in page
    assert h.whole(publication.assessment).recorded_state == State.WITHDRAWN
    assert "was withdrawn" in sign_in(organisation, Role.AUDITOR).get(reverse("assessment:year_list")).text
    build_pack(publication, after)
    assert after.read_bytes() == before.read_bytes()
    event = Event.objects.get(type="publication.withdrawn")
    assert event.reason == "The training list was of last year"
    lead = h.lead_of(organisation)
    corrected = services.open_year(organisation, h.YEAR, by=lead, at=LATER)
    assert corrected.pk != publication.assessment_id


def test_only_who_could_sign_withdraws_and_only_once(publication, signer, organisation):
    reviewer = member(organisation, Role.SENIOR_REVIEWER)

    with pytest.raises(services.AssessmentRefusedError, match="can withdraw"):
        services.withdraw(publication, reason="Wrong", by=reviewer, at=LATER)
    services.withdraw(publication, reason="Wrong", by=signer, at=LATER)
    with pytest.raises(services.StepRefusedError, match="cannot be withdrawn"):
        services.withdraw(publication, reason="Wrong", by=signer, at=LATER)


# --- deputies ---


@pytest.fixture
def ready(organisation):
    """A return to sign, whose registered manager has a deputy with a sign-in of their own."""
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    lead, manager = h.lead_of(organisation), h.registered_manager(organisation)
    deputy = member(organisation, Role.SENIOR_REVIEWER)
    person = person_in_post(organisation, user=deputy, has_access="no")
    KeyPost.objects.update(deputy=person)
    return h.ready_to_sign(organisation, lead=lead, reviewer=manager), lead, deputy


def test_a_recorded_deputy_signs_and_the_publication_says_so(ready, client):
    assessment, lead, deputy = ready
    client.force_login(deputy)
    page = client.get(reverse("assessment:sign", args=[assessment.pk])).text
    assert "deputy for the post of Registered manager" in page

    sign_off = h.sign(assessment, deputy)
    publication = services.publish(assessment, by=lead, at=NOW)

    assert sign_off.as_deputy
    assert sign_off.person.user == deputy
    document = json.loads(blobs.read(publication.document))
    assert document["sign_off"]["as_deputy"] is True
    assert (
        "deputy for the post of Registered manager"
        in client.get(reverse("assessment:publication_detail", args=[publication.pk])).text
    )
    assert Event.objects.get(type="signoff.given").summary["post"] == "deputy for the post of Registered manager"


@pytest.mark.parametrize("change", [{"deputy": None}, {"end": TODAY}, {"start": TODAY + timedelta(days=1)}, {"kind": "dpo"}])
def test_a_deputy_of_nobody_of_another_day_or_of_another_post_does_not_sign(ready, change):
    assessment, _lead, deputy = ready
    KeyPost.objects.update(**change)

    with pytest.raises(services.AssessmentRefusedError, match="you are none of these"):
        services.sign(assessment, planned_on=TODAY, acknowledged=(), by=deputy, at=NOW)
    assert not SignOff.objects.exists()
    assert Assessment.objects.get().sign_offs.count() == 0


def test_who_holds_a_post_signs_as_its_holder_although_they_deputise_too(ready, organisation):
    _assessment, _lead, deputy = ready
    own = person_in_post(organisation, user=None)
    KeyPost.objects.create(
        organisation=organisation, kind="siro", holder=deputy.people.get(), start=TODAY - timedelta(days=9), deputy=own
    )

    signer = services.signer_of(organisation, deputy, on=TODAY)

    assert (signer.post.kind, signer.as_deputy) == ("siro", False)
