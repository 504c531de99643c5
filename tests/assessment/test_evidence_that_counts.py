"""Which attached documents count as evidence, what is said of the others, and that no pack is made with a bad file."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessment import checks, services
from assessment.evidence_concerns import concerns
from assessment.models import Publication
from assessment.states import State
from evidence import blobs
from evidence import services as library
from evidence.models import DocumentVersion, Scan, ScanOrder
from tests.assessment import helpers as h
from tests.assessment.library import bring_in, hand_over
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
REGISTER = "1.1.2"
"""An item that needs a document less than a year old."""


def hold(version, finding: str | None = None) -> None:
    """As the quarantine does it: out of the store, with or without a verdict."""
    held = blobs._held_path(version.blob_id)
    held.parent.mkdir(parents=True, exist_ok=True)
    blobs.path_of(version.blob_id).rename(held)
    order = ScanOrder.objects.create(blob=version.blob, organisation=version.document.organisation, ordered_at=NOW)
    if finding:
        Scan.objects.create(order=order, finding=finding, scanned_at=NOW)


def verdict(assessment, number=REGISTER, *, on=TODAY):
    whole = h.whole(assessment, on=on)
    leaf = next(leaf for leaf in whole.leaves if leaf.number == number)
    return whole.verdict(leaf)


def tags(assessment, *, on=TODAY):
    return [(one.tag, one.documents, one.counts) for one in concerns(h.whole(assessment, on=on))]


def page(client, name, *args):
    return client.get(reverse(f"assessment:{name}", args=args)).content.decode()


def test_a_withdrawn_an_infected_an_unscanned_and_a_lost_file_never_count(organisation, assessment, lead):
    for words, harm, says, tag in (
        (b"one", lambda v: library.withdraw_document(v.document, reason="Wrong", by=lead, at=NOW), "was withdrawn", "Withdrawn"),
        (b"two", lambda v: hold(v, "Eicar"), "has a virus", "Virus found"),
        (b"three", hold, "has not been found free of viruses yet", "Being checked"),
        (b"four", lambda v: blobs.path_of(v.blob_id).unlink(), "is missing", "File missing"),
    ):
        version = bring_in(organisation, lead, content=words)
        link = services.attach_evidence(h.response(assessment, REGISTER), version, by=lead, at=NOW)
        assert verdict(assessment).state == "satisfied"

        harm(version)

        assert (verdict(assessment).state, verdict(assessment).reason) == (
            "insufficient_evidence",
            f"What is attached cannot be counted: it {says}.",
        )
        assert tags(assessment) == [(tag, 1, False)]
        services.retire_evidence(link, by=lead, at=NOW)


def test_what_cannot_count_is_not_attached_in_the_first_place(organisation, other_organisation, assessment, lead):
    response = h.response(assessment, REGISTER)
    first = bring_in(organisation, lead)
    link = services.attach_evidence(response, first, by=lead, at=NOW)
    newer = library.add_version(first.document, file=(b"newer", "r.txt"), received_on=TODAY, by=lead, at=NOW)
    library.approve_version(newer, by=lead, at=NOW)
    hold(newer)

    with pytest.raises(services.AssessmentRefusedError, match="“Register” is in the library, but it is still being checked"):
        services.attach_evidence(response, newer, by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="still being checked for viruses"):
        services.repin_evidence(link, by=lead, at=NOW)
    Scan.objects.create(order=ScanOrder.objects.get(), finding="Eicar", scanned_at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="The scanner found a virus in “Register”"):
        services.attach_evidence(response, DocumentVersion.objects.get(pk=newer.pk), by=lead, at=NOW)
    lost = bring_in(organisation, lead, content=b"lost")
    blobs.path_of(lost.blob_id).unlink()
    with pytest.raises(services.AssessmentRefusedError, match="The file of “Register” is missing here"):
        services.attach_evidence(response, lost, by=lead, at=NOW)
    library.withdraw_document(first.document, reason="Wrong", by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="“Register” is withdrawn"):
        services.attach_evidence(h.response(assessment, "1.3.1"), first, by=lead, at=NOW)

    with pytest.raises(services.AssessmentRefusedError, match="belongs to another organisation"):
        services.attach_evidence(response, bring_in(other_organisation, lead), by=lead, at=NOW)

    assert list(response.evidence_links.values_list("pk", "retired_at")) == [(link.pk, None)]


def test_a_new_file_that_waits_for_the_scanner_is_kept_and_attached_later(lead_client, organisation, assessment, settings):
    settings.SCANNER, settings.SCANNER_SECONDS = "unix:///nowhere/clamd.ctl", 1
    response = h.response(assessment, REGISTER)
    address = reverse("assessment:evidence_attach", args=[assessment.pk, response.pk])
    typed = {"way": "new", "new-title": "Register", "new-kind": "register", "new-locator": "sheet Data, cells B2 to B40"}
    typed |= {"new-received_on_day": "1", "new-received_on_month": "5", "new-received_on_year": "2026"}
    typed |= {"new-effective_on_day": "1", "new-effective_on_month": "5", "new-effective_on_year": "2026"}

    said = lead_client.post(
        address, typed | {"new-file": SimpleUploadedFile("../../x.txt", b"words")}, follow=True
    ).content.decode()

    version = DocumentVersion.objects.get()
    assert "“Register” is in the library, but it is still being checked for viruses. Attach it in some minutes." in said
    assert "Register (version 1, still being checked for viruses)" in said
    assert version.file_name == "x.txt"
    assert not response.evidence_links.exists()

    blobs.release(version.blob)
    lead_client.post(address, typed | {"new-file": SimpleUploadedFile("x.txt", b"words")})

    assert response.evidence_links.get().locator == "sheet Data, cells B2 to B40"


def test_the_gravest_trouble_is_named_first(organisation, assessment, lead):
    draft = bring_in(organisation, lead, title="Draft", content=b"draft", approved=False)
    lost, gone = (bring_in(organisation, lead, title=title, content=title.encode()) for title in ("Lost", "Gone"))
    for version in (draft, gone, lost):
        services.attach_evidence(h.response(assessment, REGISTER), version, by=lead, at=NOW)
    blobs.path_of(lost.blob_id).unlink()
    library.withdraw_document(gone.document, reason="Wrong", by=lead, at=NOW)

    assert tags(assessment) == [("File missing", 1, False), ("Withdrawn", 1, False), ("Not approved", 1, True)]


def test_what_does_not_count_is_not_said_to_count_all_the_same(organisation, assessment, lead):
    draft = bring_in(organisation, lead, title="Draft", content=b"draft", approved=False)
    services.attach_evidence(h.response(assessment, REGISTER), draft, by=lead, at=NOW)
    before = tags(assessment)
    library.withdraw_document(draft.document, reason="Wrong", by=lead, at=NOW)

    assert [before, tags(assessment)] == [[("Not approved", 1, True)], [("Withdrawn", 1, False)]]


def test_what_is_not_approved_counts_and_says_so(lead_client, organisation, assessment, lead):
    version = bring_in(organisation, lead, approved=False)
    response = h.response(assessment, REGISTER)
    services.attach_evidence(response, version, by=lead, at=NOW)

    assert verdict(assessment).state == "satisfied"
    assert "Nobody has approved this version in the library" in page(lead_client, "response_detail", assessment.pk, response.pk)
    told = {warning.code: warning.text for warning in checks.warnings(h.whole(assessment), today=TODAY, signer_id=None)}
    assert told["evidence-not-approved"] == "Nobody has approved a document behind the answer: 1.1.2."

    library.approve_version(version, by=lead, at=NOW)

    assert tags(assessment) == []


def test_dates_are_held_against_the_year_and_the_review(lead_client, organisation, assessment, lead):
    """The window of 2025-26 is 1 July 2025 to 30 June 2026."""
    version = bring_in(
        organisation, lead, covers_from=date(2024, 7, 1), covers_to=date(2025, 7, 1), review_by=TODAY + timedelta(days=30)
    )
    inside = bring_in(organisation, lead, content=b"inside", covers_from=date(2025, 6, 1), covers_to=date(2025, 7, 2))
    services.attach_evidence(h.response(assessment, REGISTER), version, locator="page 4", by=lead, at=NOW)
    services.attach_evidence(h.response(assessment, "1.3.1"), version, by=lead, at=NOW)
    services.attach_evidence(h.response(assessment, "1.3.1"), inside, by=lead, at=NOW)

    assert tags(assessment) == [("Covers another time", 1, True), ("Review due soon", 1, True)]
    assert tags(assessment, on=TODAY - timedelta(days=1)) == [("Covers another time", 1, True)]
    assert tags(assessment, on=TODAY + timedelta(days=30))[1] == ("Review due soon", 1, True), "the day itself is in time"
    assert tags(assessment, on=TODAY + timedelta(days=31))[1] == ("Review overdue", 1, True)
    seen = page(lead_client, "response_detail", assessment.pk, h.response(assessment, REGISTER).pk)
    assert (
        "It covers the time from 1 July 2024 until 30 June 2025, and this year’s evidence is about 1 July 2025 to 30 June 2026."
    ) in seen
    assert "Its review is due by 31 May 2026." in seen
    assert "Look at: page 4" in seen
    tasks = page(lead_client, "assessment_detail", assessment.pk)
    assert "Covers another time" in tasks
    assert "1 document:" in " ".join(tasks.split())


# --- at the signature and at publication ---


@pytest.fixture
def manager(organisation):
    return h.registered_manager(organisation)


@pytest.fixture
def attached(organisation, assessment, lead, manager):
    """A return ready to sign, with a file behind 1.3.1."""
    h.train(organisation, trained=19, of=20)
    h.answer_everything(assessment, lead)
    version = bring_in(organisation, lead)
    services.attach_evidence(h.response(assessment, "1.3.1"), version, by=lead, at=NOW)
    hand_over(assessment, lead, manager)
    return version


def test_nothing_is_signed_or_published_with_a_file_that_is_not_clean_or_not_there(
    lead_client, sign_in, organisation, assessment, attached, lead, manager
):
    hold(attached, "Eicar")
    sentence = "“Register”, evidence for 1.3.1, has a virus"
    with pytest.raises(services.AssessmentRefusedError, match=sentence):
        h.sign(assessment, manager)
    assert "Virus found" in page(lead_client, "review", assessment.pk)
    blobs.release(attached.blob)
    h.sign(assessment, manager)

    blobs._held_path(attached.blob_id).parent.mkdir(exist_ok=True)
    blobs.path_of(attached.blob_id).rename(blobs._held_path(attached.blob_id))
    said = lead_client.post(reverse("assessment:publish", args=[assessment.pk]), {"read": "on"})

    assert said.status_code == 200
    assert sentence in said.content.decode()
    blobs.release(attached.blob)
    blobs.path_of(attached.blob_id).write_bytes(b"Other words")
    with pytest.raises(
        services.AssessmentRefusedError, match=r"“Register”, evidence for 1.3.1, is not what it was when it was kept"
    ):
        services.publish(assessment, by=lead, at=NOW)
    blobs.path_of(attached.blob_id).unlink()
    with pytest.raises(services.AssessmentRefusedError, match=r"“Register”, evidence for 1.3.1, is missing"):
        services.publish(assessment, by=lead, at=NOW)
    assert not Publication.objects.exists()
    assert h.whole(assessment, strict=True).state == State.SIGNED


def test_a_document_withdrawn_after_the_signature_ends_it_and_one_withdrawn_later_leaves_the_publication_alone(
    organisation, assessment, attached, lead, manager
):
    h.sign(assessment, manager)
    publication_of = h.whole(assessment, strict=True)
    confirmed = len(publication_of.confirmed)
    library.withdraw_document(attached.document, reason="Replaced by a list", by=lead, at=NOW)

    whole = h.whole(assessment, strict=True)
    assert whole.signature_has_lapsed
    assert confirmed - len(whole.confirmed) == 1, "the assertion it was evidence for has to be confirmed again"
    with pytest.raises(services.SignatureLapsedError, match="has changed since it was signed"):
        services.publish(assessment, by=lead, at=NOW)

    link = h.response(assessment, "1.3.1").evidence_links.get(document_version=attached)
    services.unlock(assessment, reason="Withdrawn", by=lead, at=NOW)
    services.retire_evidence(link, by=lead, at=NOW)
    second = bring_in(organisation, lead, content=b"the list")
    services.attach_evidence(h.response(assessment, "1.3.1"), second, by=lead, at=NOW)
    hand_over(assessment, lead, manager)
    h.sign(assessment, manager)
    services.publish(assessment, by=lead, at=NOW)
    before = h.whole(assessment, strict=True)
    library.withdraw_document(second.document, reason="Old", by=lead, at=NOW + timedelta(hours=1))
    blobs.path_of(second.blob_id).unlink()

    after = h.whole(assessment, strict=True)

    assert (after.digest, after.confirmed, after.verdicts) == (before.digest, before.confirmed, before.verdicts)
    assert concerns(after) == ()
