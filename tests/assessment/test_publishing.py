"""Publishing: exact standards, one transaction, one canonical document, and nothing that can be changed afterwards."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction

from assessment import services
from assessment.models import (
    Assessment,
    Edition,
    LiveReading,
    OfficialStatus,
    Publication,
    PublicationFile,
    SignOff,
)
from assessment.publishing import publication_files
from assessment.states import State
from audit.canonical import canonical_json, digest
from audit.models import AppendOnlyError, Event
from evidence import blobs
from registers.models import HeldCertificate
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


def signed(organisation, lead, manager, *, trained=19, of=20, planned_on=TODAY, trained_on=TODAY - timedelta(days=30)):
    h.shipped_edition()
    h.train(organisation, trained=trained, of=of, on=trained_on)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=manager)
    h.sign(assessment, manager, planned_on=planned_on)
    return assessment


# --- the standard ---


@pytest.mark.parametrize(
    ("trained", "of", "has_certificate", "standard"),
    [
        (19, 20, False, "met"),
        (56, 59, False, "not_met"),
        (19, 20, True, "exceeded"),
        (56, 59, True, "not_met"),
    ],
)
def test_the_computed_standard_of_a_care_provider_is_exact(organisation, lead, manager, trained, of, has_certificate, standard):
    if has_certificate:
        HeldCertificate.objects.create(
            organisation=organisation, scheme="cyber_essentials_plus", number="1", issued_on=TODAY, expires_on=TODAY
        )

    assessment = signed(organisation, lead, manager, trained=trained, of=of)
    publication = services.publish(assessment, by=lead, at=NOW)

    assert publication.computed_standard == standard
    figure = LiveReading.objects.order_by("pk").last()
    assert figure.percent == ("94.9" if of == 59 else "95.0")
    lines = {line["rule"]: line for line in publication.trace}
    assert lines["met.items"]["holds"] is (of == 20)
    assert lines["met.items"]["items"] == ([] if of == 20 else ["people.training.take-up"])
    assert lines["met.signoff"]["holds"] is True


def test_approaching_is_offered_once_with_the_smaller_set_and_a_plan_for_the_rest(organisation, lead, manager):
    h.shipped_edition()
    h.train(organisation, trained=1, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    services.plan_action(
        h.response(assessment, h.TRAINING), action="Two sessions", owner_words="Manager", due_on=TODAY, by=lead, at=NOW
    )
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)
    assert services.publish(assessment, by=lead, at=NOW).computed_standard == "approaching"

    again = h.opened(organisation, lead, at=LATER)
    services.plan_action(h.response(again, h.TRAINING), action="More", owner_words="Manager", due_on=TODAY, by=lead, at=LATER)
    services.take_reading(h.response(again, h.TRAINING), as_of=TODAY, by=lead, at=LATER)
    h.confirm_everything(again, lead, at=LATER)
    services.submit_for_review(again, by=lead, at=LATER)
    services.ready_to_sign(again, by=manager, at=LATER)
    assert h.sign(again, manager, at=LATER).computed_standard == "not_met"
    publication = services.publish(again, by=lead, at=LATER)
    assert publication.computed_standard == "not_met"
    assert h.whole(assessment).state == State.SUPERSEDED


# --- the document and its files ---


def test_the_document_is_canonical_chained_and_without_a_name(organisation, lead, manager):
    assessment = signed(organisation, lead, manager)
    for person in (lead, manager):
        person.first_name, person.last_name = "Zebedee", "Quillfeather"
        person.save()
    organisation.people.update(first_name="Zebedee", last_name="Quillfeather")

    publication = services.publish(assessment, by=lead, at=NOW, note="For the board")

    content = blobs.read(publication.document)
    document = json.loads(content)
    assert canonical_json(document) == content
    assert digest(document) == publication.document_sha256 == publication.document.sha256
    assert b"Quillfeather" not in content
    assert document["sign_off"]["person"] == f"person:{publication.sign_off.person_id}"
    assert document["published_by"] == f"user:{lead.pk}"
    assert document["content_sha256"] == digest(document["content"]) == publication.sign_off.content_digest
    assert document["content"]["edition"]["sha256"] == publication.edition_sha256 == assessment.edition.content_sha256
    assert (document["standard"], document["published_on"], document["previous_sha256"]) == ("met", TODAY.isoformat(), "")
    assert len(document["content"]["items"]) == len(document["verdicts"]) == 55
    assert publication.note == "For the board"
    event = Event.objects.get(type="publication.made")
    assert event.summary["document_sha256"] == publication.document_sha256


def test_every_file_is_listed_stored_and_what_it_says(organisation, lead, manager):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    version = h.evidence(
        organisation, lead, title="ICO entry", location="", file=(b"number,until\nZA1,2027\n", "ICO entry 2026.csv")
    )
    for number in ("1.1.1", "1.1.3"):
        services.attach_evidence(h.response(assessment, number), version, by=lead, at=NOW)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)

    publication = services.publish(assessment, by=lead, at=NOW)

    document = json.loads(blobs.read(publication.document))
    files = dict(publication_files(publication))
    stated = {line["path"]: line for line in document["files"]}
    assert set(stated) <= set(files)
    assert f"evidence/1.1.1/{version.document_id}-v1-ico-entry-2026.csv" in stated
    assert sum(path.startswith("evidence/") for path in files) == 1
    assert {path.rsplit("-", 1)[-1] for path in stated if path.startswith("figures/")} == {
        "reading.json",
        "statement.pdf",
        "workbook.xlsx",
        "rows.csv",
    }
    for path, line in stated.items():
        content = blobs.read(files[path])
        assert (files[path].sha256, len(content)) == (line["sha256"], line["size"])
    assert blobs.read(files["edition.yaml"]).decode() == assessment.edition.source
    row = PublicationFile.objects.get(publication=publication, path="edition.yaml")
    assert (row.sha256, row.size, row.media_type) == (
        files["edition.yaml"].sha256,
        files["edition.yaml"].size,
        "application/yaml",
    )


def test_publications_form_a_chain_and_a_newer_one_replaces_the_older(organisation, lead, manager):
    assessment = signed(organisation, lead, manager)
    first = services.publish(assessment, by=lead, at=NOW)
    corrected = h.opened(organisation, lead, at=LATER)
    services.take_reading(h.response(corrected, h.TRAINING), as_of=TODAY, by=lead, at=LATER)
    h.confirm_everything(corrected, lead, at=LATER)
    services.submit_for_review(corrected, by=lead, at=LATER)
    services.ready_to_sign(corrected, by=manager, at=LATER)
    h.sign(corrected, manager, at=LATER)

    second = services.publish(corrected, by=lead, at=LATER)

    assert (first.sequence, second.sequence) == (1, 2)
    assert second.previous_sha256 == first.document_sha256
    assert h.whole(assessment).state == State.SUPERSEDED
    assert h.whole(corrected).state == State.PUBLISHED
    assert h.whole(assessment).standard.level == "met"


# --- the day ---


def test_only_a_signed_return_is_published_on_a_day_that_has_come(organisation, lead, manager):
    assessment = signed(organisation, lead, manager, planned_on=TODAY + timedelta(days=7))

    with pytest.raises(services.AssessmentRefusedError, match="a day to come"):
        services.publish(assessment, on=TODAY + timedelta(days=7), by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="before it was signed"):
        services.publish(assessment, on=TODAY - timedelta(days=1), by=lead, at=NOW)
    services.publish(assessment, on=TODAY + timedelta(days=7), by=lead, at=NOW + timedelta(days=7))
    with pytest.raises(services.StepRefusedError, match="Published here"):
        services.publish(assessment, by=lead, at=LATER)


def test_on_the_planned_day_the_signed_figure_stands_as_known_then(organisation, lead, manager):
    assessment = signed(organisation, lead, manager, planned_on=TODAY + timedelta(days=7))
    h.train(organisation, trained=5, of=5)

    publication = services.publish(assessment, by=lead, at=NOW + timedelta(days=7))

    figure = next(item["figure"] for item in json.loads(blobs.read(publication.document))["content"]["items"] if item["figure"])
    assert (figure["numerator"], figure["denominator"]) == (19, 20)
    assert LiveReading.objects.count() == 2


def test_on_another_day_the_figure_is_taken_again_and_the_same_answer_is_published(organisation, lead, manager):
    assessment = signed(organisation, lead, manager)
    h.train(organisation, trained=20, of=20)

    publication = services.publish(assessment, by=lead, at=NOW + timedelta(days=3))

    document = json.loads(blobs.read(publication.document))
    figure = next(item["figure"] for item in document["content"]["items"] if item["figure"])
    assert (figure["as_of"], figure["numerator"], figure["denominator"]) == ("2026-05-04", 39, 40)
    assert document["content_sha256"] != document["sign_off"]["content_sha256"] == publication.sign_off.content_digest
    assert publication.published_on == TODAY + timedelta(days=3)


def test_on_another_day_a_changed_answer_lapses_the_signature_and_publishes_nothing(organisation, lead, manager):
    assessment = signed(organisation, lead, manager, trained_on=TODAY - timedelta(days=364))

    with pytest.raises(services.SignatureLapsedError, match=r"On 4 May 2026 item 3\.2\.1 comes to another answer"):
        services.publish(assessment, by=lead, at=NOW + timedelta(days=3))

    assert not Publication.objects.exists()
    assert LiveReading.objects.count() == 2
    whole = h.whole(assessment)
    assert whole.state == whole.recorded_state == State.READY_TO_SIGN
    assert Event.objects.get(type="signoff.lapsed").reason.startswith("On 4 May 2026")


def test_a_certificate_that_runs_out_before_publication_lapses_the_signature(organisation, lead, manager):
    HeldCertificate.objects.create(
        organisation=organisation, scheme="cyber_essentials_plus", number="1", issued_on=TODAY, expires_on=TODAY
    )
    assessment = signed(organisation, lead, manager)
    assert SignOff.objects.get().computed_standard == "exceeded"

    with pytest.raises(services.SignatureLapsedError, match="another standard"):
        services.publish(assessment, by=lead, at=NOW + timedelta(days=1))

    assert not Publication.objects.exists()


# --- all or nothing ---

STEPS = [
    "assessment.services.publishing.take_step",
    "assessment.services.publishing.read_return",
    "assessment.services.publishing.gather_files",
    "assessment.services.publishing.publication_document",
    "assessment.services.publishing.rendered_files",
    "assessment.services.publishing.Publication.objects.create",
    "assessment.services.publishing.PublicationFile.objects.bulk_create",
    "assessment.services.publishing._supersede_older",
    "assessment.services.publishing.tell",
]


class PowerCutError(Exception):
    pass


@pytest.mark.django_db(transaction=False)
def test_a_fault_at_any_step_leaves_nothing(organisation, lead, manager, monkeypatch):
    assessment = signed(organisation, lead, manager)
    events = Event.objects.count()

    for step in STEPS:
        with monkeypatch.context() as patched:
            patched.setattr(step, _cut)
            with pytest.raises(PowerCutError):
                services.publish(assessment, by=lead, at=NOW)
        assert not Publication.objects.exists(), step
        assert not PublicationFile.objects.exists(), step
        assert Event.objects.count() == events, step
        assert Assessment.objects.get(pk=assessment.pk).closed_at is None, step
        assert h.whole(assessment, strict=True).state == State.SIGNED, step

    assert services.publish(assessment, by=lead, at=NOW).computed_standard == "met"


def _cut(*args, **kwargs):
    raise PowerCutError


def test_a_damaged_file_stops_publication(organisation, lead, manager):
    assessment = signed(organisation, lead, manager)
    path = blobs.path_of(LiveReading.objects.order_by("pk").last().rows_id)
    content = path.read_bytes()
    path.write_bytes(b"{}")
    try:
        with pytest.raises(blobs.BlobDamagedError):
            services.publish(assessment, by=lead, at=NOW)
    finally:
        path.write_bytes(content)

    assert not Publication.objects.exists()
    assert h.whole(assessment, strict=True).state == State.SIGNED


# --- nothing changes afterwards ---


@pytest.mark.parametrize("statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_the_database_refuses_to_change_what_was_signed_or_published(organisation, lead, manager, statement):
    services.publish(signed(organisation, lead, manager), by=lead, at=NOW)
    services.record_official_status(organisation, year=h.YEAR, status="Standards Met", recorded_on=TODAY, by=lead, at=NOW)

    guarded = [
        (Publication, "note"),
        (PublicationFile, "title"),
        (SignOff, "declaration"),
        (LiveReading, "digest"),
        (Edition, "title"),
        (OfficialStatus, "note"),
    ]
    for model, column in guarded:
        with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=model._meta.db_table, column=column))
        with pytest.raises(AppendOnlyError):
            model.objects.first().save()


def test_a_published_return_takes_no_more_answers(organisation, lead, manager):
    assessment = signed(organisation, lead, manager)
    services.publish(assessment, by=lead, at=NOW)

    with pytest.raises(services.StepRefusedError, match="published and does not change"):
        services.answer(h.response(assessment, "1.1.1"), value="x", expected_version=1, by=lead, at=LATER)
    with pytest.raises(services.StepRefusedError):
        services.unlock(assessment, reason="please", by=lead, at=LATER)


def test_the_official_status_is_recorded_beside_and_never_instead(organisation, lead, manager):
    publication = services.publish(signed(organisation, lead, manager), by=lead, at=NOW)

    services.record_official_status(
        organisation, year=h.YEAR, status="Approaching Standards", recorded_on=TODAY, by=lead, at=NOW, note="Seen on the site"
    )
    with pytest.raises(services.AssessmentRefusedError, match="not a status"):
        services.record_official_status(organisation, year=h.YEAR, status="Great", recorded_on=TODAY, by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="not one to come"):
        services.record_official_status(
            organisation, year=h.YEAR, status="Standards Met", recorded_on=TODAY + timedelta(days=1), by=lead, at=NOW
        )

    publication.refresh_from_db()
    assert publication.computed_standard == "met"
    assert OfficialStatus.objects.get().status == "Approaching Standards"
