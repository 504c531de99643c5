"""Certificates: rendered once, the same bytes for ever, checkable by anybody, downloadable by the holder."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.enums import Role
from accounts.models import Membership
from audit.models import Event
from courses import certificates
from courses.certificate_pdf import CertificateNotMadeError, render
from courses.certificates import CertificateRefusedError, CertificateState, facts_of, issue, issue_many, pdf_of, state_on, verify
from courses.completions import void_completion
from courses.frequencies import rolling
from courses.models import Certificate, Completion, TrainingNeed
from courses.tasks import make_certificates
from evidence.blobs import BlobDamagedError, path_of
from jobs.models import Job
from jobs.services import run
from nhsuk.documents import printable
from tests.factories import (
    NOW,
    TODAY,
    CompletionFactory,
    CourseFactory,
    OrganisationFactory,
    PersonFactory,
    UnitFactory,
    member,
    person_in_post,
)

pytestmark = pytest.mark.django_db


def completed(**values) -> Completion:
    return CompletionFactory(**({"source": "classroom"} | values))


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def facts(**values) -> dict:
    completion = completed(person=PersonFactory(first_name="Amina", last_name="Osei"))
    return facts_of(completion, frequency=rolling(12), serial="TF-AAAA-BBBB-CCCC", token="t" * 43, issued_on=TODAY) | values


def test_a_certificate_says_who_what_when_and_how_long():
    completion = completed(
        person=PersonFactory(first_name="Amina", last_name="Osei", organisation=OrganisationFactory(name="Larch House")),
        course=CourseFactory(title="Data security awareness"),
    )

    certificate = issue(completion, at=NOW)
    text = text_of(pdf_of(certificate))

    for words in (
        "Amina Osei",
        "Larch House",
        "Data security awareness",
        "1 May 2026",
        "12 months",
        "30 April 2027",
        certificate.serial,
    ):
        assert words in text
    assert f"/certificates/verify/{certificate.token}/" in text.replace(" ", "")


def test_a_quiz_certificate_gives_the_marks():
    text = text_of(render(facts(source="quiz", marks=11, questions=12, score_percent=91)))

    assert "11 out of 12 (91%)" in text


def test_the_organisations_own_interval_decides_how_long_it_counts():
    completion = completed(completed_on=date(2026, 1, 31))
    for audience, months in (("everyone", 24), ("with-access", 1)):
        TrainingNeed.objects.create(
            organisation=completion.person.organisation,
            course=completion.course,
            audience=audience,
            months=months,
            rationale="Because",
            start=date(2025, 1, 1),
        )

    issue(completion, at=NOW)

    frozen = Certificate.objects.get().facts
    assert (frozen["counts_for"], frozen["valid_until"]) == (
        "1 month",
        "2026-02-28",
    )  # on 1 March the window starts on 1 February


@pytest.mark.parametrize(
    ("line", "until", "words"),
    [
        ({"frequency": "once", "months": 1}, None, "Counts for good"),
        (
            {"frequency": "yearly", "months": 1, "year_starts_month": 7},
            "2026-06-30",
            "Counts for its training year, up to and including 30 June 2026",
        ),
        ({"frequency": "rotation", "months": 24}, "2028-04-30", "24 months"),
    ],
)
def test_a_certificate_counts_as_long_as_the_frequency_says(line, until, words):
    completion = completed(completed_on=date(2026, 5, 1))
    organisation = completion.person.organisation
    TrainingNeed.objects.create(
        organisation=organisation, course=completion.course, rationale="Because", start=date(2025, 1, 1), **line
    )

    certificate = issue(completion, at=NOW)

    assert certificate.facts["valid_until"] == until
    assert words in text_of(pdf_of(certificate))
    found = verify(certificate.token, on=date(2026, 7, 1))
    assert found.state == ("expired" if until == "2026-06-30" else "valid")


def test_asking_again_gives_the_same_certificate_and_bytes():
    completion = completed()
    first = issue(completion, at=NOW)

    again = issue(completion, at=NOW + timedelta(days=400))

    assert again == first
    assert pdf_of(again) == pdf_of(first)
    assert Event.objects.filter(type="courses.certificate_issued").count() == 1


def test_the_same_facts_give_the_same_bytes():
    frozen = json.loads(json.dumps(facts()))

    assert render(frozen) == render(frozen)


def test_what_is_stored_draws_the_same_document_again():
    certificate = issue(completed(), at=NOW)

    assert render(Certificate.objects.get().facts) == pdf_of(certificate)


@pytest.mark.parametrize(
    "name",
    [
        "#panic(1) *x*",
        '#image("/etc/passwd")',
        "_Jo_ `code` $x^2$ // comment",
        "\\u{41} @ref <label>",
        "= Heading - item",
        "Zoë Żółtowska-Ó Briain",
        "<script>alert(1)</script>",
    ],
)
def test_a_name_is_text_and_never_markup(name):
    assert name in text_of(render(facts(holder=name)))


@pytest.mark.parametrize(
    "name", ["王小明", "محمد علي", "😀 Jo", "\ud800 broken", "nul\x00 \u202eturned", "\ufffe", "", "W" * 200, "Anna " * 60]
)
def test_any_name_still_gives_one_page(name):
    assert render(facts(holder=name)).startswith(b"%PDF-")
    text_of(render(facts(holder=name)))


@pytest.mark.parametrize(
    ("given", "shown"), [("nul\x00l", "null"), ("\u202eabc", "abc"), ("a\n b", "a b"), ("\x07", "?"), ("e\u0301", "e\u0301")]
)
def test_characters_that_draw_nothing_are_left_out(given, shown):
    assert printable(given) == shown


def test_a_document_that_cannot_be_drawn_is_said_to_be_so():
    with pytest.raises(CertificateNotMadeError):
        render(facts(issued_on="2026-05-01") | {"version": "\ue000"} | {"serial": "\x00"})


def test_the_pdf_is_tagged_has_a_title_a_language_and_its_fonts_inside():
    reader = PdfReader(io.BytesIO(render(facts())))

    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  pypdf's own boolean
    assert root["/Lang"] == "en-GB"
    assert "/StructTreeRoot" in root
    assert reader.metadata.title == "Certificate of training TF-AAAA-BBBB-CCCC"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert all("DejaVu" in str(font.get_object()["/BaseFont"]) for font in fonts.values())


@pytest.mark.parametrize("source", ["import", "prior-learning"])
def test_training_given_elsewhere_has_no_certificate_of_ours(source):
    with pytest.raises(CertificateRefusedError, match="given elsewhere"):
        issue(completed(source=source), at=NOW)


def test_a_withdrawn_record_has_no_certificate():
    completion = completed()
    void_completion(completion, reason="Wrong person", by="system", at=NOW)

    with pytest.raises(CertificateRefusedError, match="withdrawn"):
        issue(completion, at=NOW)


def test_many_are_issued_at_once_and_only_where_missing():
    people = [PersonFactory(organisation=organisation) for organisation in OrganisationFactory.create_batch(2) for _ in range(2)]
    completions = [completed(person=person) for person in people]
    void, imported = completed(), completed(source="import")
    void_completion(void, reason="Wrong", by="system", at=NOW)
    issue(completions[0], at=NOW)

    new = issue_many([*completions, void, imported], at=NOW)

    assert {c.completion_id for c in new} == {c.pk for c in completions[1:]}
    assert issue_many(completions, at=NOW) == []
    assert sorted(Event.objects.filter(type="courses.certificates_issued").values_list("summary__count", flat=True)) == [1, 2]
    assert all(pdf_of(c).startswith(b"%PDF-") for c in Certificate.objects.all())


def test_one_that_was_issued_meanwhile_is_left_as_it_is(monkeypatch):
    completions = [completed(), completed()]
    draw = certificates._certificate

    def draw_while_somebody_asks(completion, **values):
        monkeypatch.setattr(certificates, "_certificate", draw)
        issue(completion, at=NOW)
        return draw(completion, **values)

    monkeypatch.setattr(certificates, "_certificate", draw_while_somebody_asks)

    assert [c.completion_id for c in issue_many(completions, at=NOW)] == [completions[1].pk]
    assert Certificate.objects.count() == 2


# --- Checking ----------------------------------------------------------------------------------

UNTIL = date(2027, 4, 30)


@pytest.mark.parametrize(
    ("on", "is_void", "has_newer", "state"),
    [
        (UNTIL, False, False, CertificateState.VALID),
        (UNTIL + timedelta(days=1), False, False, CertificateState.EXPIRED),
        (UNTIL, False, True, CertificateState.SUPERSEDED),
        (UNTIL + timedelta(days=1), False, True, CertificateState.SUPERSEDED),
        (UNTIL, True, False, CertificateState.WITHDRAWN),
        (UNTIL + timedelta(days=1), True, True, CertificateState.WITHDRAWN),
    ],
)
def test_what_a_certificate_is_worth_on_a_date(on, is_void, has_newer, state):
    assert state_on(on, valid_until=UNTIL, is_void=is_void, has_newer=has_newer) == state


def test_a_newer_certificate_replaces_and_a_withdrawn_one_does_not():
    older = completed(completed_on=TODAY - timedelta(days=30))
    newer = completed(person=older.person, course=older.course)
    first, second = issue(older, at=NOW), issue(newer, at=NOW)
    issue(completed(person=older.person), at=NOW)  # another course replaces nothing

    assert verify(first.token, on=TODAY).state == "superseded"
    assert verify(second.token, on=TODAY).state == "valid"
    assert verify(first.token, on=TODAY - timedelta(days=1)).state == "valid"  # the newer one was not there yet
    void_completion(newer, reason="Wrong", by="system", at=NOW)
    assert verify(first.token, on=TODAY).state == "valid"
    assert verify(second.token, on=TODAY).state == "withdrawn"


@pytest.fixture
def check(client):
    def page(token: str):
        return client.get(reverse("courses:certificate_verify", args=[token]))

    return page


@pytest.mark.parametrize(
    ("completed_on", "words"),
    [(date(2026, 4, 1), "Counts today"), (date(2025, 5, 2), "Counts today"), (date(2025, 5, 1), "Expired")],
)
def test_anybody_can_check_a_certificate(check, time_machine_on, completed_on, words):
    completion = completed(completed_on=completed_on, person=PersonFactory(first_name="Amina", last_name="O'Sei <b>"))
    certificate = issue(completion, at=NOW)

    response = check(certificate.token)

    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "Amina O&#39;Sei &lt;b&gt;" in page
    assert certificate.serial in page
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]


def test_a_withdrawn_certificate_says_so_first(check, time_machine_on):
    completion = completed()
    certificate = issue(completion, at=NOW)
    void_completion(completion, reason="The secret reason", by="system", at=NOW)

    page = check(certificate.token).content.decode()

    assert "This certificate was withdrawn" in page
    assert "genuine" not in page
    assert "secret reason" not in page


@pytest.mark.parametrize("token", ["x", "x" * 43, "TF-AAAA-BBBB-CCCC", "..%2f"])
def test_an_unknown_token_gets_one_clear_page(check, token):
    issue(completed(), at=NOW)

    response = check(token)

    assert response.status_code == 404
    assert b"We do not know this certificate" in response.content


def test_a_serial_or_an_id_is_not_a_way_in(check):
    certificate = issue(completed(), at=NOW)

    for guess in (certificate.serial, str(certificate.pk), certificate.token[:-1], certificate.token.swapcase()):
        assert check(guess).status_code == 404


def test_it_still_verifies_when_the_holder_has_left(check, time_machine_on):
    completion = completed()
    certificate = issue(completion, at=NOW)
    completion.person.posts.all().delete()

    assert b"This certificate is genuine" in check(certificate.token).content


def test_checking_costs_the_same_few_queries(check, django_assert_num_queries):
    certificate = issue(completed(), at=NOW)

    with django_assert_num_queries(4):  # the certificate with its completion, a retake asked for, the void, a newer one
        check(certificate.token)


@pytest.fixture
def time_machine_on():
    import time_machine

    with time_machine.travel(NOW, tick=False):
        yield


# --- Downloading -------------------------------------------------------------------------------


def test_the_holder_downloads_the_very_bytes(sign_in, organisation):
    client = sign_in(organisation, Role.STAFF)
    certificate = issue(completed(person=PersonFactory(organisation=organisation, user=client.user)), at=NOW)

    response = client.get(reverse("courses:certificate_download", args=[certificate.pk]))

    assert response.content == pdf_of(certificate)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="certificate-{certificate.serial}.pdf"'
    assert "no-store" in response["Cache-Control"]


def test_nobody_else_downloads_it(sign_in, organisation, other_organisation):
    holder = member(organisation, Role.STAFF)
    completion = completed(person=PersonFactory(organisation=organisation, user=holder))
    certificate = issue(completion, at=NOW)

    for client in (sign_in(organisation, Role.HR, Role.MANAGER), sign_in(other_organisation, Role.STAFF)):
        assert client.get(reverse("courses:certificate_download", args=[certificate.pk])).status_code == 404
        assert client.get(reverse("courses:certificate_make", args=[completion.pk])).status_code == 404


def test_working_elsewhere_the_holder_does_not_see_it_there(sign_in, organisation, other_organisation):
    client = sign_in(organisation, Role.STAFF)
    completion = completed(person=PersonFactory(organisation=other_organisation, user=client.user))
    certificate = issue(completion, at=NOW)

    assert client.get(reverse("courses:certificate_download", args=[certificate.pk])).status_code == 404
    Membership.objects.create(user=client.user, organisation=other_organisation, role=Role.STAFF, granted_at=NOW)
    client.post(reverse("accounts:organisation_choose", args=[other_organisation.pk]))
    assert client.get(reverse("courses:certificate_download", args=[certificate.pk])).status_code == 200


def test_bytes_that_were_changed_are_not_handed_out(sign_in, organisation):
    client = sign_in(organisation, Role.STAFF)
    certificate = issue(completed(person=PersonFactory(organisation=organisation, user=client.user)), at=NOW)
    path = path_of(certificate.pdf_id)
    path.write_bytes(path.read_bytes().replace(b"2026", b"2027"))

    response = client.get(reverse("courses:certificate_download", args=[certificate.pk]))

    assert response.status_code == 503
    assert b"The stored file is damaged" in response.content
    with pytest.raises(BlobDamagedError):
        pdf_of(certificate)


def test_a_certificate_that_could_not_be_made_is_made_when_asked_for(sign_in, organisation, monkeypatch):
    client = sign_in(organisation, Role.STAFF)
    completion = completed(person=PersonFactory(organisation=organisation, user=client.user))
    make = reverse("courses:certificate_make", args=[completion.pk])

    def broken(facts):
        raise CertificateNotMadeError("no")

    with monkeypatch.context() as patch:
        patch.setattr("courses.certificates.render", broken)
        refused = client.post(make)
    assert refused.status_code == 503
    assert b"cannot be made just now" in refused.content

    asked = client.get(make)
    badge = client.get(reverse("courses:badge_download", args=[completion.pk]))
    assert (asked.status_code, badge.url, Certificate.objects.count()) == (200, make, 0)
    assert "has not been made yet" in asked.text

    response = client.post(make, follow=True)
    assert response.content == pdf_of(Certificate.objects.get())
    assert client.get(make, follow=True).content == response.content


def test_why_there_is_no_certificate_is_said(sign_in, organisation):
    client = sign_in(organisation, Role.STAFF)
    completion = completed(source="import", person=PersonFactory(organisation=organisation, user=client.user))

    response = client.get(reverse("courses:certificate_make", args=[completion.pk]))

    assert response.status_code == 409
    assert b"This training was given elsewhere" in response.content


# --- A name that changes -----------------------------------------------------------------------


def renamed(completion, last_name="Adeyemi"):
    completion.person.last_name = last_name
    completion.person.save(update_fields=["last_name"])
    return Completion.objects.get(pk=completion.pk)


def test_a_changed_name_makes_a_new_certificate_and_the_old_one_stands_as_replaced(check, time_machine_on):
    completion = completed(person=PersonFactory(first_name="Amina", last_name="Osei"))
    old = issue(completion, at=NOW)

    new = issue(renamed(completion), at=NOW)

    assert (old.number, new.number) == (1, 2)
    assert "Amina Adeyemi" in text_of(pdf_of(new))
    assert "Amina Osei" in text_of(pdf_of(old))
    found = verify(old.token, on=TODAY)
    assert (found.state, found.is_renamed) == ("superseded", True)
    assert verify(new.token, on=TODAY).state == "valid"
    page = check(old.token).content.decode()
    assert "name has changed since" in page
    assert "Adeyemi" not in page
    assert issue(Completion.objects.get(pk=completion.pk), at=NOW) == new
    assert Event.objects.filter(type="courses.certificate_reissued").count() == 1


def test_withdrawn_outranks_replaced_by_a_name(check):
    completion = completed()
    old = issue(completion, at=NOW)
    issue(renamed(completion), at=NOW)
    void_completion(completion, reason="Wrong", by="system", at=NOW)

    assert verify(old.token, on=TODAY).state == "withdrawn"


def test_the_holder_gets_the_one_in_the_present_name(sign_in, organisation):
    client = sign_in(organisation, Role.STAFF)
    completion = completed(person=PersonFactory(organisation=organisation, user=client.user))
    issue(completion, at=NOW)
    renamed(completion)

    make = reverse("courses:certificate_make", args=[completion.pk])
    assert "in a former name" in client.get(make).text
    assert Certificate.objects.count() == 1
    client.post(make)

    assert [c.number for c in Certificate.objects.order_by("number")] == [1, 2]


# --- Those of a unit ---------------------------------------------------------------------------


def of_unit_in_zip(client, **query):
    response = client.get(reverse("courses:unit_certificates_zip"), query)
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


@pytest.fixture
def houses(organisation):
    """Two people in a home's upstairs, one in another home, each with a completion; the first has done it twice."""
    home, other = (
        UnitFactory(organisation=organisation, name="Larch House"),
        UnitFactory(organisation=organisation, name="Elm House"),
    )
    upstairs = UnitFactory(organisation=organisation, name="Upstairs", parent=home)
    course = CourseFactory(code="dsa")
    found = []
    for name, unit in (("=Amina", upstairs), ("Bea", upstairs), ("Cy", other)):
        person = person_in_post(organisation, unit=unit)
        person.first_name = name
        person.save(update_fields=["first_name"])
        found.append(completed(person=person, course=course))
    issue(completed(person=found[0].person, course=course, completed_on=TODAY - timedelta(days=365)), at=NOW)
    return home, found


def test_hr_takes_the_newest_certificates_of_a_unit_and_all_below_it_in_one_file(sign_in, organisation, houses, time_machine_on):
    home, completions = houses
    certificates_there = [issue(completion, at=NOW) for completion in completions]
    client = sign_in(organisation, Role.HR)

    archive = of_unit_in_zip(client, unit=home.pk)

    names = [name for name in archive.namelist() if name.endswith(".pdf")]
    assert len(names) == 2
    assert {archive.read(name) for name in names} == {pdf_of(certificate) for certificate in certificates_there[:2]}
    listed = archive.read("certificates.csv").decode("utf-8-sig").splitlines()
    assert len(listed) == 3
    assert any(",'=Amina," in line for line in listed)
    event = Event.objects.get(type="courses.certificates_taken")
    assert (event.summary["count"], event.summary["unit"]) == (2, "Larch House")
    assert len(of_unit_in_zip(client, unit="").namelist()) == 4


def test_what_a_unit_lacks_is_made_by_a_job_and_a_second_run_makes_nothing(sign_in, organisation, houses, time_machine_on):
    home, completions = houses
    issue(completions[1], at=NOW)
    renamed(completions[1])
    client = sign_in(organisation, Role.TRAINING_LEAD)
    page = reverse("courses:unit_certificates")
    assert "2 are not made yet" in client.get(page, {"unit": home.pk}).text

    client.post(page, {"unit": home.pk})
    job = Job.objects.get(kind="courses.make_certificates")
    assert run(job.pk).result["made"] == 2

    assert "2 certificates are there to take" in client.get(page, {"unit": home.pk}).text
    assert "not made yet" not in client.get(page, {"unit": home.pk}).text
    assert make_certificates(lambda *_args: None, **job.arguments)["made"] == 0


def test_a_damaged_file_is_left_out_and_named(sign_in, organisation, houses, time_machine_on):
    home, completions = houses
    damaged, _whole = issue(completions[0], at=NOW), issue(completions[1], at=NOW)
    path_of(damaged.pdf_id).write_bytes(b"changed")

    archive = of_unit_in_zip(sign_in(organisation, Role.HR), unit=home.pk)

    assert len(archive.namelist()) == 2
    assert "not included: the stored file is damaged" in archive.read("certificates.csv").decode()


def test_a_unit_without_certificates_sends_back_and_another_organisations_unit_is_no_choice(
    sign_in, organisation, other_organisation, houses
):
    home, completions = houses
    issue(completions[2], at=NOW)
    address = reverse("courses:unit_certificates_zip")

    assert sign_in(other_organisation, Role.HR).get(address, {"unit": home.pk}).status_code == 302
    assert sign_in(organisation, Role.HR).get(address, {"unit": ""}).status_code == 200
    assert sign_in(organisation, Role.MANAGER).get(address, {"unit": home.pk}).status_code == 403
