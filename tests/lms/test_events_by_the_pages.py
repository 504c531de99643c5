"""Acts that people do on pages leave the events stated here and no other; what is refused leaves none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Organisation
from assessment import services as returns
from audit.models import Event
from audit.services import verify_chain
from evidence.models import Document
from jobs.models import Job
from jobs.services import run
from privacy.models import PersonCopy, RetentionRun
from registers.models import Incident
from registers.services import policies
from staff.models import ImportBatch
from staff.tasks import APPLY
from tests.assessment import helpers as h
from tests.assessment.library import bring_in
from tests.evidence import files as f
from tests.factories import PersonFactory, PostFactory
from tests.staff.files import HEADINGS, csv_file
from tests.staff.test_import_pages import confirm_columns, upload

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 5, 1)
Told = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def _that_day(time_machine: Any, settings: Any, tmp_path: Any) -> None:
    settings.BLOB_ROOT = tmp_path / "blobs"
    time_machine.move_to(AT, tick=False)


@pytest.fixture(autouse=True)
def _the_chain_holds(organisation: Organisation) -> Iterator[None]:
    yield
    check = verify_chain(organisation.ods_code)
    assert (check.fault, check.events) == ("", Event.objects.of_organisation(organisation.ods_code).count())
    assert check.events > 0


def told_by(act: Callable[[], object]) -> Told:
    """Type, actor and subject of each event that an act leaves, in any chain."""
    before = Event.objects.count()
    act()
    return list(Event.objects.order_by("pk").values_list("type", "actor", "target")[before:])


def event(kind: str, by: Client | str, about: models.Model) -> tuple[str, str, str]:
    actor = by if isinstance(by, str) else f"user:{by.user.pk}"  # type: ignore[attr-defined]
    return kind, actor, f"{about._meta.label_lower}:{about.pk}"


def sent(client: Client, name: str, *parts: Any, **values: Any) -> Callable[[], object]:
    return lambda: client.post(reverse(name, args=parts), values)


def day(name: str, on: date) -> dict[str, int]:
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def test_opening_a_signed_return_again(organisation, sign_in):
    h.shipped_edition()
    lead, manager, hr = sign_in(organisation, Role.DSPT_LEAD), h.registered_manager(organisation), sign_in(organisation, Role.HR)
    h.train(organisation, trained=2, of=2)
    signed = h.ready_to_sign(organisation, lead=lead.user, reviewer=manager)
    h.sign(signed, manager)

    assert told_by(sent(hr, "assessment:unlock", signed.pk, reason="An answer is wrong")) == []
    assert told_by(sent(lead, "assessment:unlock", signed.pk, reason=" ")) == []
    assert told_by(sent(lead, "assessment:unlock", signed.pk, reason="An answer is wrong")) == [
        event("assessment.unlocked", lead, signed)
    ]
    assert Event.objects.get(type="assessment.unlocked").reason == "An answer is wrong"
    assert told_by(sent(lead, "assessment:unlock", signed.pk, reason="Once more")) == []


def test_withholding_a_document(organisation, sign_in):
    h.shipped_edition()
    lead, siro = sign_in(organisation, Role.DSPT_LEAD), sign_in(organisation, Role.SENIOR_REVIEWER)
    assessment = h.opened(organisation, lead.user)
    paper = bring_in(organisation, lead.user, title="Test", kind="other", file=(f.pdf(), "test.pdf"), effective_on=None)
    link = returns.attach_evidence(h.response(assessment, "1.3.1"), paper, by=lead.user, at=AT)
    where = (assessment.pk, link.pk)
    asked = {"reason": "It lists weaknesses", "auditors_may_open": "no"}

    assert told_by(sent(siro, "assessment:evidence_withhold", *where, **asked)) == []
    assert told_by(sent(lead, "assessment:evidence_withhold", *where, **asked | {"reason": " "})) == []
    assert told_by(sent(lead, "assessment:evidence_withhold", *where, **asked)) == [
        event("assessment.evidence_withheld", lead, assessment.withholdings.get())
    ]
    assert told_by(sent(siro, "assessment:evidence_restore", *where)) == []
    assert [one[:2] for one in told_by(sent(lead, "assessment:evidence_restore", *where))] == [
        ("assessment.evidence_restored", f"user:{lead.user.pk}")
    ]
    assert told_by(sent(lead, "assessment:evidence_restore", *where)) == []


def test_a_policy_approved_and_published(organisation, sign_in):
    lead, siro, staff = (sign_in(organisation, role) for role in (Role.DSPT_LEAD, Role.SENIOR_REVIEWER, Role.STAFF))
    written = {"title": "Acceptable use", "body": "Lock your screen.", "effective_on": TODAY, "review_by": date(2027, 5, 1)}
    version = policies.create_policy(organisation, **written, by=lead.user, at=AT)
    approve = {"approved_as": Role.SENIOR_REVIEWER.label}

    assert told_by(sent(lead, "registers:policy_version_publish", version.pk)) == [], "nobody has approved it"
    assert told_by(sent(staff, "registers:policy_version_approve", version.pk, **approve)) == []
    assert told_by(sent(lead, "registers:policy_version_approve", version.pk, approved_as=Role.DSPT_LEAD.label)) == [], "own work"
    assert told_by(sent(siro, "registers:policy_version_approve", version.pk, **approve)) == [
        event("registers.policy_approved", siro, version)
    ]
    assert told_by(sent(siro, "registers:policy_version_approve", version.pk, **approve)) == []
    assert told_by(sent(staff, "registers:policy_version_publish", version.pk)) == []
    published = told_by(sent(lead, "registers:policy_version_publish", version.pk))
    kept = Document.objects.get().versions.get()
    assert published == [
        event("evidence.version_added", lead, kept),
        event("evidence.version_approved", siro, kept),
        event("registers.policy_published", lead, version),
    ]
    assert told_by(sent(lead, "registers:policy_version_publish", version.pk)) == []


def test_an_incident_reported_decided_and_closed(organisation, sign_in):
    reporter, dpo, hr = (sign_in(organisation, role) for role in (Role.STAFF, Role.DPO, Role.HR))
    report = {
        "key": str(uuid.uuid4()),
        "what_happened": "Papers were left on the bus.",
        "kind": "incident",
        "nature": "lost",
        "noticed_time": "8:10am",
        "whose": "supported",
        "people_affected": "3",
        **day("noticed_on", TODAY),
    }

    assert told_by(sent(reporter, "registers:incident_report", **report | {"noticed_time": "25:99"})) == []
    reported = told_by(sent(reporter, "registers:incident_report", **report))
    incident = Incident.objects.get()
    assert reported == [event("registers.incident_reported", reporter, incident)]
    assert told_by(sent(reporter, "registers:incident_report", **report)) == [], "the same form sent twice"

    weighed = {"is_breach": "yes", "categories": ["confidentiality"], "role": "controller", "reason": "They were found again."}
    weighed |= {"likelihood": "1", "impact": "2", "aware_time": "8:30am", **day("aware_on", TODAY)}
    steps = {
        "registers.incident_assessed": ("registers:incident_assess", weighed),
        "registers.incident_decided": (
            "registers:incident_decide",
            {"tell_ico": "no", "tell_people": "no", "reason": "Nobody read them."},
        ),
        "registers.incident_learnt": (
            "registers:incident_learn",
            {"theme": "devices", "root_cause": "They were carried loose.", "lesson": "Carry them in a case."},
        ),
        "registers.incident_closed": ("registers:incident_close", {"words": "Thank you. The papers are back."}),
        "registers.incident_reopened": ("registers:incident_reopen", {"words": "One page is missing."}),
    }
    for kind, (page, values) in steps.items():
        assert told_by(sent(hr, page, incident.pk, **values)) == [], kind
        assert told_by(sent(dpo, page, incident.pk)) == [], f"{kind}: an empty form"
        assert told_by(sent(dpo, page, incident.pk, **values)) == [event(kind, dpo, incident)]


def test_an_import_applied_and_undone(organisation, sign_in):
    hr, staff = sign_in(organisation, Role.HR), sign_in(organisation, Role.STAFF)
    assert told_by(lambda: upload(hr, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))) == []
    batch = ImportBatch.objects.get()
    assert told_by(lambda: confirm_columns(hr, batch)) == []

    assert told_by(sent(staff, "staff:import_confirm", batch.pk)) == []
    assert told_by(sent(hr, "staff:import_undo", batch.pk)) == [], "nothing is applied yet"
    assert told_by(lambda: [sent(hr, "staff:import_confirm", batch.pk)() for _ in range(2)]) == [], "a worker does it"
    assert told_by(lambda: [run(job.pk) for job in Job.objects.filter(kind=APPLY)]) == [event("staff.imported", hr, batch)]
    assert told_by(sent(staff, "staff:import_undo", batch.pk)) == []
    assert told_by(sent(hr, "staff:import_undo", batch.pk)) == [event("staff.import_undone", hr, batch)]
    assert told_by(sent(hr, "staff:import_undo", batch.pk)) == []


def test_letting_go_of_what_is_over(organisation, sign_in):
    PostFactory(person=PersonFactory(organisation=organisation), start=date(2012, 1, 1), end=date(2014, 7, 1))
    admin, siro, hr = (sign_in(organisation, role) for role in (Role.ORGANISATION_ADMIN, Role.SENIOR_REVIEWER, Role.HR))

    assert told_by(sent(hr, "privacy:run_ask")) == []
    asked = told_by(sent(admin, "privacy:run_ask"))
    wanted = RetentionRun.objects.get()
    assert asked == [event("privacy.letting_go_asked", admin, wanted)]
    assert told_by(sent(admin, "privacy:run_ask")) == [], "one waits already"
    assert told_by(sent(admin, "privacy:run_decide", wanted.pk, decision="approve")) == [], "somebody else has to"
    assert told_by(sent(siro, "privacy:run_decide", wanted.pk, decision="approve")) == [
        event("privacy.letting_go_approved", siro, wanted)
    ]
    job = Job.objects.get(kind="privacy.forget")
    assert told_by(lambda: [run(job.pk) for _ in range(2)]) == [event("privacy.let_go", "system", wanted)]


def test_what_is_held_back_after_it_was_approved_stays(organisation, sign_in):
    person = PersonFactory(organisation=organisation)
    PostFactory(person=person, start=date(2012, 1, 1), end=date(2014, 7, 1))
    admin, siro = sign_in(organisation, Role.ORGANISATION_ADMIN), sign_in(organisation, Role.SENIOR_REVIEWER)
    sent(admin, "privacy:run_ask")()
    wanted = RetentionRun.objects.get()
    sent(siro, "privacy:run_decide", wanted.pk, decision="approve")()
    held = {"scope": "person", "staff_number": person.staff_number, "reason": "Claim 77"}
    assert [kind for kind, _by, _about in told_by(sent(admin, "privacy:hold_new", **held))] == ["privacy.held"]

    job = Job.objects.get(kind="privacy.forget")

    assert told_by(lambda: [run(job.pk) for _ in range(2)]) == [event("privacy.letting_go_stopped", "system", wanted)]


def test_a_copy_for_the_person_it_is_about(organisation, sign_in):
    hr, manager, person = (
        sign_in(organisation, Role.HR),
        sign_in(organisation, Role.MANAGER),
        PersonFactory(organisation=organisation),
    )

    assert told_by(sent(manager, "privacy:copy_list", person.pk)) == []
    assert told_by(sent(hr, "privacy:copy_list", person.pk)) == [event("privacy.copy_asked", hr, person)]
    copy = PersonCopy.objects.get()
    fetch, page = reverse("privacy:copy_fetch", args=[copy.pk]), reverse("privacy:copy_list", args=[person.pk])
    assert told_by(lambda: hr.get(fetch, follow=True)) == [], "it is not made yet"
    job = Job.objects.get(kind="privacy.copy")
    assert told_by(lambda: [run(job.pk) for _ in range(2)]) == [event("privacy.copy_made", "system", person)]
    assert told_by(lambda: manager.get(fetch, follow=True)) == []
    assert told_by(lambda: (hr.get(page), hr.head(hr.get(fetch).url))) == []
    assert told_by(lambda: hr.get(fetch, follow=True)) == [event("privacy.copy_fetched", hr, person)]
    assert told_by(sent(manager, "privacy:copy_delete", copy.pk)) == []
    assert told_by(sent(hr, "privacy:copy_delete", copy.pk)) == [event("privacy.copy_deleted", hr, person)]
    assert told_by(sent(hr, "privacy:copy_delete", copy.pk)) == []
