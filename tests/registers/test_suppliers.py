"""The register of suppliers and partners, and asking them by a link."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from audit.models import Event
from evidence.models import Document
from registers import catalogue
from registers.catalogue import Footing
from registers.dates import months_before
from registers.due_diligence import Diligence, SeenAssurance, SignedAgreement, judge, rules
from registers.models import Sighting, SupplierAnswer, SupplierRequest
from registers.services import supplier_requests as asking
from registers.services import suppliers as services
from registers.services.suppliers import SupplierRefusedError
from tests.evidence import files as f
from tests.factories import NOW, TODAY, member

EVERY_CLAUSE = frozenset(clause.key for clause in rules().clauses)
RUNNING = SignedAgreement(date(2025, 1, 1), None, EVERY_CLAUSE)
MET = SeenAssurance("dspt", "met", date(2026, 1, 10))
DETAILS = {
    "name": "Careful Plans Ltd",
    "category": "care-system",
    "does": "Keeps our care plans.",
    "handles": "health",
    "criticality": "high",
    "since": date(2024, 1, 1),
}
SAID = {
    "dspt_status": "met",
    "ods_code": "ab123",
    "cyber_essentials": "cyber_essentials_plus",
    "cyber_essentials_until_day": 31,
    "cyber_essentials_until_month": 12,
    "cyber_essentials_until_year": 2030,
    "incidents": "no",
    "sub_processors": "Cloudy Hosting, servers in London",
    "contact_name": "Jo Field",
    "contact_email": "jo@careful.example",
    "answered_by": "Jo Field, security manager",
}


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def supplier(organisation, lead):
    return services.add_supplier(organisation, by=lead, at=NOW, **DETAILS)


@pytest.fixture
def lead_client(client, lead):
    client.force_login(lead)
    return client


def judged(*, agreements=(RUNNING,), seen=(MET,), on=TODAY, handles_data=True):
    return judge(handles_data=handles_data, agreements=agreements, seen=seen, on=on, by=rules())


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        ({}, Diligence.IN_ORDER, "seen by us on 10 January 2026"),
        ({"handles_data": False, "agreements": (), "seen": ()}, Diligence.NOT_NEEDED, "no personal data"),
        ({"agreements": (), "seen": ()}, Diligence.NOT_CHECKED, "never been seen"),
        ({"agreements": ()}, Diligence.TO_DO, "No agreement"),
        ({"agreements": (replace(RUNNING, last_day=date(2026, 4, 30)),)}, Diligence.TO_DO, "ended on 30 April 2026"),
        ({"agreements": (replace(RUNNING, clauses=EVERY_CLAUSE - {"dspt"}),)}, Diligence.TO_DO, "complete the DSPT"),
        ({"seen": (replace(MET, seen_on=date(2025, 5, 1)),)}, Diligence.TO_DO, "last news is of 1 May 2025"),
        ({"seen": (replace(MET, seen_on=date(2026, 5, 2)),)}, Diligence.TO_DO, "never been seen"),
        ({"seen": (MET, SeenAssurance("dspt", "not-met", date(2026, 4, 1)))}, Diligence.TO_DO, "not enough by itself"),
        ({"seen": (SeenAssurance("iso27001", "held", TODAY, TODAY),)}, Diligence.IN_ORDER, "until 1 May 2026"),
        ({"seen": (SeenAssurance("cyber_essentials", "held", TODAY, TODAY),)}, Diligence.TO_DO, "Nothing that counts"),
    ],
)
def test_how_far_a_supplier_is_checked(facts, state, words):
    found = judged(**facts)

    assert found.state == state
    assert words in " ".join(point.sentence for point in found.points)


@given(st.integers(0, 1200), st.dates(date(2023, 1, 1), date(2027, 12, 31)))
def test_a_sighting_counts_for_twelve_months_and_no_day_more(age, on):
    found = judged(seen=(replace(MET, seen_on=on - timedelta(days=age)),), on=on)

    assert found.is_assured == (on - timedelta(days=age) > months_before(on, 12))


def test_the_figures_follow_the_register_and_say_nothing_of_nobody(organisation, supplier, lead):
    before = catalogue.all_figures(organisation, TODAY)
    services.add_agreement(supplier, kind="contract", title="Contract", start=TODAY, by=lead, at=NOW)
    services.record_sighting(supplier, kind="dspt", status="met", seen_on=TODAY, by=lead, at=NOW)
    services.add_supplier(organisation, by=lead, at=NOW, **DETAILS | {"name": "Window cleaner", "handles": "none"})
    after = catalogue.all_figures(organisation, TODAY)

    keys = ("suppliers.listed", "suppliers.agreement_in_date", "suppliers.assured", "suppliers.it_assured")
    assert [(before[key].numerator, before[key].denominator) for key in keys] == [(1, None), (0, 1), (0, 1), (0, 1)]
    assert [(after[key].numerator, after[key].denominator) for key in keys] == [(1, None), (1, 1), (1, 1), (1, 1)]
    services.change_supplier(supplier, by=lead, at=NOW, last_day=TODAY - timedelta(days=1))
    assert catalogue.all_figures(organisation, TODAY)["suppliers.recorded"].footing is Footing.NOTHING


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda s, by: services.add_supplier(s.organisation, by=by, at=NOW, **DETAILS | {"name": "CAREFUL plans ltd"}),
            "already",
        ),
        (lambda s, by: services.change_supplier(s, by=by, at=NOW, last_day=date(2023, 1, 1)), "last day comes before"),
        (lambda s, by: services.record_sighting(s, kind="dspt", seen_on=TODAY, by=by, at=NOW), "national site"),
        (lambda s, by: services.record_sighting(s, kind="iso27001", seen_on=TODAY, by=by, at=NOW), "last day"),
        (
            lambda s, by: services.record_sighting(s, kind="dspt", status="met", seen_on=date(2026, 5, 2), by=by, at=NOW),
            "not come yet",
        ),
        (
            lambda s, by: services.add_agreement(s, kind="contract", title="C", start=TODAY, clauses=["magic"], by=by, at=NOW),
            "magic",
        ),
        (lambda s, by: asking.ask_supplier(s, last_day=date(2026, 4, 30), by=by, at=NOW), "today on"),
        (lambda s, by: asking.ask_supplier(s, last_day=date(2027, 4, 30), by=by, at=NOW), "90 days"),
    ],
)
def test_what_cannot_be_kept_is_refused(supplier, lead, act, words):
    events = Event.objects.count()

    with pytest.raises(SupplierRefusedError, match=words):
        act(supplier, lead)

    assert Event.objects.count() == events


def test_a_sighting_stays_as_it_was_and_a_certificate_says_how_long(supplier, lead):
    seen = services.record_sighting(supplier, kind="dspt", status="met", seen_on=TODAY, by=lead, at=NOW)

    with pytest.raises(DatabaseError), transaction.atomic():
        Sighting.objects.filter(pk=seen.pk).update(status="exceeded")
    with pytest.raises(IntegrityError), transaction.atomic():
        Sighting.objects.create(supplier=supplier, kind="iso27001", status="held", basis="seen", seen_on=TODAY, at=NOW)


def asked(client, supplier, **form):
    """The path of the link that asking shows."""
    last = timezone.localdate() + timedelta(days=10)
    values = {"last_day_day": last.day, "last_day_month": last.month, "last_day_year": last.year} | form
    page = client.post(reverse("registers:supplier_ask", args=[supplier.pk]), values).text
    return re.search(r"/supplier-questions/[\w-]+/", page).group()


def test_a_supplier_is_asked_answers_and_is_accepted(
    lead_client, organisation, supplier, client_of_nobody, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        link = asked(lead_client, supplier, send_to="info@careful.example", message="Is the London data centre still yours?")
    assert [message.to for message in mail.outbox] == [["info@careful.example"]]
    assert link in mail.outbox[0].body
    assert link.split("/")[2] not in str(SupplierRequest.objects.values().get())

    page = client_of_nobody.get(link)
    assert "London data centre" in page.text
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert page["Referrer-Policy"] == "same-origin"  # with less, a browser hides where the form came from and is refused
    file = SimpleUploadedFile("plus.pdf", f.pdf())
    thanks = client_of_nobody.post(link, SAID | {"file": file})
    assert "Thank you" in thanks.text

    answer = SupplierAnswer.objects.get()
    assert answer.values["cyber_essentials_until"] == "2030-12-31"
    assert Document.objects.get(organisation=organisation).kind == "certificate"
    assert not supplier.sightings.exists()
    again = client_of_nobody.post(link, SAID)
    assert (again.status_code, SupplierAnswer.objects.count()) == (410, 1)
    assert "A link takes one answer" in again.text

    review = reverse("registers:supplier_answer_review", args=[answer.request_id])
    assert "Cloudy Hosting" in lead_client.get(review).text
    assert "Write down what is not clear" in lead_client.post(review, {"verdict": "queried"}).text
    lead_client.post(review, {"verdict": "queried", "note": "Which servers?"})
    lead_client.post(review, {"verdict": "accepted"})
    assert "accepted already" in lead_client.post(review, {"verdict": "accepted"}).text

    supplier.refresh_from_db()
    assert (supplier.ods_code, supplier.sub_processors) == ("AB123", SAID["sub_processors"])
    told = supplier.sightings.order_by("kind").values_list("kind", "status", "basis", "valid_until")
    assert list(told) == [("cyber_essentials_plus", "held", "told", date(2030, 12, 31)), ("dspt", "met", "told", None)]

    offered = client_of_nobody.get(asked(lead_client, supplier)).text
    assert "Cloudy Hosting" in offered
    assert 'value="met" checked' in " ".join(offered.split()).replace('type="radio" ', "")


@pytest.fixture
def client_of_nobody():
    return Client()


def test_a_link_that_expired_or_was_taken_back_says_so_and_takes_nothing(lead_client, supplier, client_of_nobody):
    expired, revoked = asked(lead_client, supplier), asked(lead_client, supplier)
    newest, oldest = SupplierRequest.objects.order_by("-pk")
    SupplierRequest.objects.filter(pk=oldest.pk).update(last_day=timezone.localdate() - timedelta(days=1))
    lead_client.post(reverse("registers:supplier_request_revoke", args=[newest.pk]))

    late, gone = client_of_nobody.post(expired, SAID), client_of_nobody.post(revoked, SAID)

    assert (late.status_code, gone.status_code) == (410, 410)
    assert "worked until" in late.text
    assert "taken back" in gone.text
    assert not SupplierAnswer.objects.exists()
    assert client_of_nobody.get(reverse("registers:supplier_answer", args=["x" * 43])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dspt_status": ""}, "Choose your DSPT status"),
        ({"cyber_essentials_until_day": ""}, "Enter a real date"),
        ({"incidents": "yes"}, "what happened"),
        ({"ods_code": "A B"}, "3 to 10 letters"),
        ({"answered_by": ""}, "Say who answers"),
        ({"file": SimpleUploadedFile("certificate.pdf", b"MZ not a pdf")}, "certificate.pdf|PDF"),
    ],
)
def test_an_answer_with_a_fault_says_which_and_keeps_nothing(lead_client, supplier, client_of_nobody, changes, words):
    link = asked(lead_client, supplier)

    page = client_of_nobody.post(link, SAID | changes)

    assert page.status_code == 200
    assert "There is a problem" in page.text
    assert re.search(words, page.text)
    assert not SupplierAnswer.objects.exists()
    assert not Document.objects.exists()


def test_an_agreement_keeps_the_clauses_that_were_found_in_it(lead_client, supplier):
    form = {
        "kind": "processing",
        "title": "Data processing terms",
        "start_day": 1,
        "start_month": 1,
        "start_year": 2026,
        "clauses": ["security", "dspt"],
    }
    wrong = lead_client.post(
        reverse("registers:agreement_add", args=[supplier.pk]),
        form | {"review_by_day": 1, "review_by_month": 1, "review_by_year": 2025},
    )
    lead_client.post(reverse("registers:agreement_add", args=[supplier.pk]), form)
    page = lead_client.get(reverse("registers:supplier_detail", args=[supplier.pk])).text

    assert "The review date must not be before the first day" in wrong.text
    assert supplier.agreements.get().clauses == ["security", "dspt"]
    assert f"Not found in it: {len(EVERY_CLAUSE) - 2}" in page


@pytest.mark.parametrize("suppliers", [1, 7])
def test_the_register_costs_the_same_however_long(lead_client, lead, supplier, suppliers, django_assert_num_queries):
    for number in range(1, suppliers):
        other = services.add_supplier(supplier.organisation, by=lead, at=NOW, **DETAILS | {"name": f"Supplier {number}"})
        services.record_sighting(other, kind="dspt", status="met", seen_on=TODAY, by=lead, at=NOW)

    with django_assert_num_queries(12):
        page = lead_client.get(reverse("registers:supplier_list"))

    assert page.text.count("Care or clinical system") == suppliers
