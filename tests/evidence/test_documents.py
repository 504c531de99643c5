"""Documents and versions: the rules of keeping, and the library's pages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.enums import Role
from audit.models import AppendOnlyError, Event
from audit.services import verify_chain
from evidence import blobs, services
from evidence.models import Blob, Document, DocumentVersion
from evidence.uploads import UploadRefusedError
from tests.evidence import files as f
from tests.factories import NOW, TODAY, member

PAGE = "text/html; charset=utf-8"


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def keep(organisation, lead):
    def kept(title: str = "Data protection policy", **values: object) -> DocumentVersion:
        values = {"kind": "policy", "received_on": TODAY, "file": (f.pdf(), "policy.pdf")} | values
        return services.add_document(organisation, title=title, by=lead, at=NOW, **values)

    return kept


def form_date(name: str, day: date) -> dict[str, object]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_a_document_is_kept_with_its_first_version(organisation, keep):
    version = keep(review_by=date(2027, 5, 1))

    assert (version.number, version.file_name, version.document.organisation) == (1, "policy.pdf", organisation)
    assert blobs.read(version.blob) == f.pdf()
    event = Event.objects.get(type="evidence.version_added")
    assert event.summary == {"document": version.document_id, "number": 1, "sha256": version.blob_id}
    assert "policy" not in str(event.payload())
    assert not verify_chain(organisation.ods_code).fault


def test_the_same_bytes_are_stored_once(keep):
    first, second = keep("One"), keep("Two", file=(f.pdf(), "copy of policy.pdf"))

    assert first.blob == second.blob
    assert Blob.objects.count() == 1


def test_a_new_version_leaves_the_old_one_alone(keep, lead):
    first = keep()

    second = services.add_version(
        first.document, by=lead, at=NOW, received_on=TODAY, location="Locked cabinet", change_note="Now on paper"
    )

    assert [second.number, second.location] == [2, "Locked cabinet"]
    first.refresh_from_db()
    assert first.file_name == "policy.pdf"
    assert list(DocumentVersion.objects.newest()) == [second]


def test_a_version_is_never_changed(keep):
    version = keep()
    version.file_name = "other.pdf"

    with pytest.raises(AppendOnlyError):
        version.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(file_name="other.pdf")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": "  "}, "title"),
        ({"kind": "poem"}, "not a kind of document"),
        ({"file": None}, "Give one of these"),
        ({"link": "https://example.test/"}, "Give one of these"),
        ({"file": None, "link": "javascript:alert(1)"}, "not a web address"),
        ({"file": None, "link": "https://"}, "not a web address"),
        ({"covers_from": date(2026, 2, 1), "covers_to": date(2026, 2, 1)}, "last day"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(keep, values, words):
    with pytest.raises(services.DocumentRefusedError, match=words):
        keep(**values)

    assert not Document.objects.exists()
    assert not Event.objects.filter(type__startswith="evidence.").exists()


def test_the_service_itself_looks_at_the_file(keep):
    with pytest.raises(UploadRefusedError):
        keep(file=(b"MZ", "setup.pdf"))

    assert not Document.objects.exists()


def test_the_review_of_a_document_is_that_of_its_newest_version(keep, lead):
    late = keep("Late", review_by=date(2026, 4, 30))
    keep("On the day", review_by=TODAY)
    keep("Never")
    renewed = keep("Renewed", review_by=date(2026, 1, 1))
    services.add_version(renewed.document, by=lead, at=NOW, received_on=TODAY, location="Office", review_by=date(2027, 1, 1))

    assert list(Document.objects.due_for_review(TODAY)) == [late.document]


def test_a_damaged_file_is_put_right_by_keeping_it_again(keep):
    version = keep()
    blobs.path_of(version.blob_id).write_bytes(b"damaged")
    with pytest.raises(blobs.BlobDamagedError):
        blobs.read(version.blob)

    keep("Again")

    assert blobs.read(version.blob) == f.pdf()


def test_a_file_is_checked_without_being_read_whole(keep):
    blob = keep().blob
    blobs.check(blob)

    blobs.path_of(blob.sha256).write_bytes(b"changed")
    with pytest.raises(blobs.BlobDamagedError, match="was changed"):
        blobs.check(blob)

    blobs.path_of(blob.sha256).unlink()
    with pytest.raises(blobs.BlobDamagedError, match="is missing"):
        blobs.check(blob)


# --- pages ---


def test_the_library_finds_and_filters(organisation, sign_in, keep, time_machine):
    time_machine.move_to(NOW)
    keep("Fire <b>plan</b>", kind="procedure", review_by=date(2026, 4, 1))
    keep("Data protection policy")
    client = sign_in(organisation, Role.AUDITOR)
    page = reverse("evidence:document_list")

    everything = client.get(page).content.decode()
    fire = client.get(page, {"title": "FIRE"}).content.decode()
    policies = client.get(page, {"kind": "policy"}).content.decode()
    late = client.get(page, {"review": "passed"}).content.decode()

    assert "Fire &lt;b&gt;plan" in everything
    assert "Data protection policy" in everything
    assert "Add a document" not in everything
    assert "Fire" in fire
    assert "Data protection policy" not in fire
    assert "Fire" not in policies
    assert "Passed" in late.split("</form>")[-1]
    assert "Data protection policy" not in late
    assert "No document fits" in client.get(page, {"title": "nothing"}).content.decode()


@pytest.mark.parametrize("documents", [1, 12])
def test_the_library_costs_the_same_however_long(organisation, sign_in, keep, documents, django_assert_num_queries):
    for number in range(documents):
        keep(f"Document {number}", file=(b"x%d" % number, "notes.txt"))
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_num_queries(7):  # session, user, memberships, count, documents, newest versions, waiting files
        response = client.get(reverse("evidence:document_list"))

    assert response.content.count(b'class="nhsuk-table__row"') == documents


def test_a_long_library_has_pages(organisation, sign_in, keep):
    Document.objects.bulk_create(
        [Document(organisation=organisation, title=f"Paper {number:03}", kind="other", created_at=NOW) for number in range(51)]
    )
    client = sign_in(organisation, Role.AUDITOR)

    first = client.get(reverse("evidence:document_list"), {"kind": "other"}).content.decode()
    second = client.get(reverse("evidence:document_list"), {"kind": "other", "page": 2}).content.decode()

    assert "Paper 049" in first
    assert "Paper 050" not in first
    assert "kind=other&amp;page=2" in first
    assert "Paper 050" in second


def test_somebody_adds_a_document_and_then_a_version(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.DSPT_LEAD)
    values = {"title": "Training log", "kind": "training", **form_date("received_on", TODAY)}
    dates = {**form_date("covers_from", date(2026, 1, 1)), **form_date("last_day_covered", date(2026, 3, 31))}

    added = client.post(
        reverse("evidence:document_add"), values | dates | {"file": SimpleUploadedFile("log.csv", b"name\nSam\n")}, follow=True
    )

    version = DocumentVersion.objects.get()
    assert (version.covers_from, version.covers_to) == (date(2026, 1, 1), date(2026, 4, 1))
    assert version.added_by == client.user
    page = added.content.decode()
    assert "1 January 2026 to 31 March 2026" in page
    assert version.blob_id in page
    client.post(
        reverse("evidence:version_add", args=[version.document_id]),
        {"location": "Filing cabinet", "change_note": "On paper now", **form_date("received_on", TODAY)},
    )
    assert version.document.versions.count() == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a file, or give"),
        ({"link": "https://example.test/", "location": "Office"}, "only one of these"),
        ({"link": "ftp://example.test/"}, "begins with https://"),
        ({"title": "", "location": "Office"}, "Enter a title"),
        (
            {"location": "Office", **form_date("covers_from", TODAY), **form_date("last_day_covered", date(2026, 1, 1))},
            "must not be before",
        ),
    ],
)
def test_a_form_filled_in_wrongly_says_what_to_do(organisation, sign_in, values, words):
    client = sign_in(organisation, Role.DSPT_LEAD)
    base = {"title": "Training log", "kind": "training", **form_date("received_on", TODAY)}

    response = client.post(reverse("evidence:document_add"), base | values)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert "There is a problem" in response.content.decode()
    assert not Document.objects.exists()


def test_a_hostile_upload_is_refused_on_the_form(organisation, sign_in):
    client = sign_in(organisation, Role.DSPT_LEAD)
    base = {"title": "Log", "kind": "training", **form_date("received_on", TODAY)}

    response = client.post(
        reverse("evidence:document_add"),
        base | {"file": SimpleUploadedFile("minutes.docx", f.docx({"word/vbaProject.bin": b"x"}))},
    )

    assert "contains macros" in response.content.decode()
    assert not Blob.objects.exists()


def test_a_file_is_handed_out_whole_and_only_as_an_attachment(organisation, sign_in, keep):
    version = keep(file=(f.pdf(), 'Política "2026"; a=b\r\nX: y.pdf'))
    client = sign_in(organisation, Role.AUDITOR)

    response = client.get(reverse("evidence:version_download", args=[version.pk]), follow=True)

    assert response.content == f.pdf()
    assert response["Content-Type"] == "application/pdf"
    assert re.fullmatch(r"attachment; filename\*=utf-8''[A-Za-z0-9%._~-]+", response["Content-Disposition"])
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    event = Event.objects.get(type="evidence.downloaded")
    assert (event.actor, event.target) == (f"user:{client.user.pk}", f"evidence.documentversion:{version.pk}")


def test_a_damaged_file_is_not_handed_out(organisation, sign_in, keep):
    version = keep(file=(b"these words", "notes.txt"))
    blobs.path_of(version.blob_id).write_bytes(b"other words")
    client = sign_in(organisation, Role.AUDITOR)

    response = client.get(reverse("evidence:version_download", args=[version.pk]), follow=True)

    assert response.status_code == 500
    assert b"other words" not in response.content
    assert not Event.objects.filter(type="evidence.downloaded").exists()


def test_what_belongs_to_others_is_not_there(other_organisation, sign_in, keep):
    version = keep()
    client = sign_in(other_organisation, Role.DSPT_LEAD)

    pages = [
        reverse("evidence:document_detail", args=[version.document_id]),
        reverse("evidence:version_add", args=[version.document_id]),
        reverse("evidence:version_download", args=[version.pk]),
    ]

    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    assert b"Data protection policy" not in client.get(reverse("evidence:document_list")).content


def test_who_may_look_and_who_may_add(organisation, sign_in, keep):
    version = keep()
    pages = [
        reverse("evidence:document_list"),
        reverse("evidence:document_detail", args=[version.document_id]),
        reverse("evidence:version_download", args=[version.pk]),
        reverse("evidence:document_add"),
        reverse("evidence:version_add", args=[version.document_id]),
    ]

    def answers(role: Role) -> list[int]:
        client = sign_in(organisation, role)
        return [client.get(page, follow=True).status_code for page in pages]

    assert answers(Role.STAFF) == [403] * 5
    assert answers(Role.AUDITOR) == [200, 200, 200, 403, 403]
    assert answers(Role.DSPT_LEAD) == [200] * 5


@pytest.mark.parametrize(
    "path", ["/media/{0}/", "/media/images/../../blobs/{1}/{0}", "/blobs/{1}/{0}/", "/evidence/versions/{0}/"]
)
def test_a_stored_file_has_no_address_of_its_own(client, keep, path):
    version = keep()

    response = client.get(path.format(version.blob_id, version.blob_id[:2]))

    assert response.status_code in (400, 404) or response.headers["Location"].startswith("/accounts/sign-in/")
