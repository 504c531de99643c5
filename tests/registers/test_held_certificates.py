"""The register of certificates."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from evidence.models import Document
from evidence.services import add_document
from registers.models import HeldCertificate, Standing
from registers.services import held_certificates as services
from tests.evidence import files as f
from tests.factories import NOW, TODAY, member

DATES = {
    "issued_on_day": 1,
    "issued_on_month": 6,
    "issued_on_year": 2025,
    "expires_on_day": 31,
    "expires_on_month": 5,
    "expires_on_year": 2026,
}
FORM = {"scheme": "cyber_essentials_plus", "number": "CE-123", **DATES}


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def add(organisation, lead):
    def added(**values: object) -> HeldCertificate:
        defaults = {
            "scheme": "cyber_essentials_plus",
            "number": "CE-123",
            "covers_all": True,
            "issued_on": date(2025, 6, 1),
            "expires_on": date(2026, 5, 31),
        }
        return services.add_certificate(organisation, by=lead, at=NOW, **(defaults | values))

    return added


@pytest.mark.parametrize(
    ("on", "standing"),
    [
        (date(2025, 5, 31), Standing.NOT_YET),
        (date(2025, 6, 1), Standing.VALID),
        (date(2026, 5, 31), Standing.VALID),
        (date(2026, 6, 1), Standing.EXPIRED),
    ],
)
def test_a_certificate_is_valid_from_its_issue_to_its_last_day(add, on, standing):
    certificate = add()

    assert certificate.standing(on) == standing
    assert HeldCertificate.objects.valid_on(on).exists() == (standing == Standing.VALID)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"scheme": "gold"}, "not a certificate we know"),
        ({"number": " "}, "number"),
        ({"expires_on": date(2025, 5, 31)}, "ends before"),
    ],
)
def test_an_impossible_certificate_is_refused(add, values, words):
    with pytest.raises(services.CertificateRefusedError, match=words):
        add(**values)

    assert not HeldCertificate.objects.exists()


def test_a_document_of_another_organisation_is_refused(add, other_organisation, lead):
    foreign = add_document(
        other_organisation, title="Theirs", kind="certificate", by=lead, at=NOW, received_on=TODAY, location="There"
    )

    with pytest.raises(services.CertificateRefusedError, match="another organisation"):
        add(document=foreign)


def test_a_correction_keeps_what_was_said_before(add, lead):
    certificate = add()

    services.change_certificate(certificate, expires_on=date(2026, 6, 30), number="CE-123", by=lead, at=NOW)
    services.change_certificate(certificate, expires_on=date(2026, 6, 30), by=lead, at=NOW)

    event = Event.objects.get(type="registers.certificate_changed")
    assert event.summary["before"] == {"expires_on": "2026-05-31"}
    assert event.summary["after"] == {"expires_on": "2026-06-30"}


def test_the_register_says_what_is_valid_today(organisation, sign_in, add, time_machine):
    time_machine.move_to(NOW)
    add()
    add(scheme="iso27001", number="IS-9", expires_on=date(2026, 4, 30))
    client = sign_in(organisation, Role.AUDITOR)

    page = client.get(reverse("registers:held_certificate_list")).content.decode()

    assert "Cyber Essentials Plus CE-123" in page
    assert [word for word in ("Valid", "Expired") if f">\n  {word}\n" in page or f"{word}\n" in page] == ["Valid", "Expired"]
    assert "Add a certificate" not in page


@pytest.mark.parametrize("certificates", [1, 9])
def test_the_register_costs_the_same_however_long(organisation, sign_in, add, lead, certificates, django_assert_num_queries):
    for number in range(certificates):
        version = add_document(
            organisation, title=f"C{number}", kind="certificate", by=lead, at=NOW, received_on=TODAY, location="Office"
        )
        add(number=f"CE-{number}", document=version)
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_num_queries(4):  # session, user, memberships, certificates with documents
        response = client.get(reverse("registers:held_certificate_list"))

    assert response.content.count(b'class="nhsuk-table__row"') == certificates


def test_a_certificate_is_added_with_its_document(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.DSPT_LEAD)

    response = client.post(
        reverse("registers:held_certificate_add"), FORM | {"file": SimpleUploadedFile("ce.pdf", f.pdf())}, follow=True
    )

    certificate = HeldCertificate.objects.get()
    assert certificate.document.document.title == "Cyber Essentials Plus certificate CE-123"
    assert not certificate.covers_all
    assert "is in the register" in response.content.decode()


def test_a_refused_file_leaves_neither_certificate_nor_document(organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)

    response = client.post(reverse("registers:held_certificate_add"), FORM | {"file": SimpleUploadedFile("ce.pdf", b"MZ" * 300)})

    assert "There is a problem" in response.content.decode()
    assert not HeldCertificate.objects.exists()
    assert not Document.objects.exists()


def test_an_entry_is_corrected_on_its_page_and_keeps_its_document(organisation, sign_in, add, lead):
    version = add_document(organisation, title="Paper", kind="other", by=lead, at=NOW, received_on=TODAY, location="Office")
    certificate = add(document=version)
    client = sign_in(organisation, Role.DSPT_LEAD)
    page = reverse("registers:held_certificate_change", args=[certificate.pk])

    shown = client.get(page).content.decode()
    client.post(page, FORM | {"number": "CE-999", "document": version.pk, "covers_all": "on"})

    assert "Paper version 1" in shown
    certificate.refresh_from_db()
    assert (certificate.number, certificate.document) == ("CE-999", version)


def test_documents_of_others_are_not_offered(organisation, other_organisation, sign_in, lead):
    add_document(other_organisation, title="Theirs", kind="certificate", by=lead, at=NOW, received_on=TODAY, location="There")
    foreign = Document.objects.get().versions.get()
    client = sign_in(organisation, Role.DSPT_LEAD)

    page = client.get(reverse("registers:held_certificate_add")).content.decode()
    response = client.post(reverse("registers:held_certificate_add"), FORM | {"document": foreign.pk})

    assert "Theirs" not in page
    assert "There is a problem" in response.content.decode()
    assert not HeldCertificate.objects.exists()


def test_foreign_entries_are_not_there_and_roles_count(organisation, other_organisation, sign_in, add):
    certificate = add()
    change = reverse("registers:held_certificate_change", args=[certificate.pk])

    assert sign_in(other_organisation, Role.DSPT_LEAD).get(change).status_code == 404
    assert sign_in(organisation, Role.AUDITOR).get(change).status_code == 403
    assert sign_in(organisation, Role.STAFF).get(reverse("registers:held_certificate_list")).status_code == 403
