"""What an auditor asks for and draws: asked, answered, accepted or asked again; drawn so that anybody draws the same again."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from accounts.enums import Role
from accounts.policy import RefusedError
from assessment import sampling, services
from assessment.audit_desk import desk_of, samples_of
from assessment.audit_findings import side_by_side
from assessment.audit_letters import tell_of_audit
from assessment.models import (
    AuditFinding,
    AuditRequest,
    AuditRequestStep,
    AuditSample,
    EngagementNotice,
    LiveReading,
    SampleCheck,
    SampledPerson,
)
from assessment.pack import pack_chunks, pack_of, verify_bytes
from assessment.publishing import publication_files
from assessment.sampled_records import facts_of
from assessment.services import AssessmentRefusedError
from assessment.services.engaging import tell_of_endings
from audit.models import Event
from courses.models import CompletionVoid
from evidence import blobs
from jobs.models import Job
from tests.assessment import helpers as h
from tests.assessment.test_engagements import engage, signed_in
from tests.factories import NOW, TODAY, AbsenceFactory, CompletionFactory, member

pytestmark = pytest.mark.django_db
SHEETS = ("Audit", "Findings", "Requests", "Samples")
SOON = TODAY + timedelta(days=5)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    assessment = h.opened(organisation, lead)
    type(assessment).objects.filter(pk=assessment.pk).update(lead=lead)
    assessment.refresh_from_db()
    return assessment


@pytest.fixture
def auditor(assessment, lead):
    return engage(assessment, lead).auditor


@pytest.fixture
def sampled(assessment, lead, organisation):
    """A figure of 8 trained of 10 people, kept for the return."""
    h.train(organisation, trained=8, of=10)
    return services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=NOW)


def told() -> list[list[str]]:
    """Sends the letters that wait; to whom each went."""
    mail.outbox.clear()
    for job in Job.objects.filter(kind="assessment.tell_of_audit").order_by("pk"):
        tell_of_audit(lambda *said: None, **job.arguments)
    Job.objects.all().delete()
    return [letter.to for letter in mail.outbox]


def asked(assessment, auditor, **said):
    return services.ask_for(assessment, **{"text": "The risk register", "wanted_by": SOON, "by": auditor, "at": NOW} | said)


def test_a_request_goes_to_and_fro_until_it_is_accepted_and_nothing_of_it_is_lost(assessment, lead, auditor):
    owner = member(assessment.organisation, Role.SENIOR_REVIEWER)
    response = h.response(assessment, "1.1.1")
    services.assign(response, owner=owner, due_on=None, by=lead, at=NOW)
    with time_machine.travel(NOW, tick=False):
        request = asked(assessment, auditor, response=response)
        letters = [sorted(address for [address] in told())]
        assert [(one.state, one.is_overdue) for one in desk_of(assessment, today=SOON).requests] == [("open", False)]
        assert desk_of(assessment, today=SOON + timedelta(days=1)).overdue == 1

        version = h.evidence(assessment.organisation, lead, title="Register", location="", file=(b"rows of it", "r.txt"))
        services.answer_request(request, text="Here.", document_version=version, by=owner, at=NOW)
        letters.append(told())
        assert desk_of(assessment, today=SOON + timedelta(days=9)).overdue == 0
        assert desk_of(assessment, today=TODAY).answered == 1
        services.settle_request(
            request, accepts=False, text="Page 2 lacks.", wanted_by=SOON + timedelta(days=7), by=auditor, at=NOW
        )
        letters.append(told())
        again = desk_of(assessment, today=SOON + timedelta(days=7)).requests[0]
        assert (again.state, again.is_overdue, again.wanted_by) == ("open", False, SOON + timedelta(days=7))
        services.answer_request(request, text="Page 2 is in the safe.", by=lead, at=NOW)
        services.settle_request(request, accepts=False, text="Copy it.", wanted_by=SOON, by=auditor, at=NOW)
        assert desk_of(assessment, today=TODAY).requests[0].wanted_by == SOON, "the day last asked for"
        services.answer_request(request, text="Copied.", by=lead, at=NOW)
        page, form = (
            reverse("assessment:audit_request", args=[request.pk]),
            reverse("assessment:audit_request_answer", args=[request.pk]),
        )
        assert form in signed_in(lead).get(page).text
        services.settle_request(request, accepts=True, by=auditor, at=NOW)
        assert form not in signed_in(lead).get(page).text

    done = desk_of(assessment, today=TODAY).requests[0]
    assert [step.kind for step in done.steps] == ["answered", "again", "answered", "again", "answered", "accepted"]
    assert (done.state, done.steps[0].document_version) == ("accepted", version)
    assert letters[0] == sorted([lead.email, owner.email])
    assert letters[1:] == [[[auditor.email]], [[lead.email], [owner.email]]]
    with pytest.raises(AssessmentRefusedError, match="nothing left to answer"):
        services.answer_request(request, text="More", by=lead, at=NOW)
    with pytest.raises(AssessmentRefusedError, match="accepted this already"):
        services.settle_request(request, accepts=True, by=auditor, at=NOW)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditRequestStep.objects.filter(pk=done.steps[0].pk).update(text="Other")
    kinds = Event.objects.filter(type__startswith="assessment.audit_").order_by("sequence").values_list("type", flat=True)
    assert [kind.removeprefix("assessment.audit_") for kind in kinds if kind != "assessment.auditor_invited"] == [
        "asked",
        "answered",
        "asked_again",
        "answered",
        "asked_again",
        "answered",
        "accepted",
    ]


def test_letters_hold_none_of_the_words_and_go_to_nobody_who_may_not_read(assessment, lead, auditor):
    with time_machine.travel(NOW, tick=False):
        request = asked(assessment, auditor, text="zzwords")
        told()
        assert not Job.objects.exists()
        services.answer_request(request, text="zzwords", by=lead, at=NOW)
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert told() == []
    with time_machine.travel(NOW, tick=False):
        services.answer_request(request, text="zzwords", by=lead, at=NOW)
        assert told() == [[auditor.email]]
    assert "zzwords" not in mail.outbox[0].body
    assert reverse("assessment:audit_request", args=[request.pk]) in mail.outbox[0].body


def test_what_is_lacking_is_refused(assessment, lead, auditor, other_organisation):
    foreign = h.evidence(other_organisation, lead)
    secret = h.evidence(assessment.organisation, lead, needs="incidents.view")
    request = asked(assessment, auditor)
    other = engage(assessment, lead, email="ada@audit.test").auditor
    for said in ({"text": " "}, {"wanted_by": TODAY - timedelta(days=1)}):
        with pytest.raises(AssessmentRefusedError, match="Say what you ask for"):
            asked(assessment, auditor, **said)
    with pytest.raises(RefusedError, match="part in them"):
        asked(assessment, member(assessment.organisation, Role.AUDITOR, user=lead) and lead)
    with pytest.raises(AssessmentRefusedError, match="Answer in words"):
        services.answer_request(request, text=" ", by=lead, at=NOW)
    withheld = h.evidence(assessment.organisation, lead, title="Withheld", location="", file=(b"a plan", "plan.txt"))
    link = services.attach_evidence(h.response(assessment, "1.1.1"), document_version=withheld, by=lead, at=NOW)
    services.withhold_document(link, reason="A network plan", auditors_may_open=False, by=lead, at=NOW)
    elsewhere = h.response(h.opened(other_organisation, h.lead_of(other_organisation)), "1.1.1")
    with pytest.raises(AssessmentRefusedError, match="This return does not ask that"):
        asked(assessment, auditor, response=elsewhere)
    for document in (foreign, secret, withheld):
        with pytest.raises(AssessmentRefusedError, match="restricted"):
            services.answer_request(request, document_version=document, by=lead, at=NOW)
    with pytest.raises(AssessmentRefusedError, match="Nobody has answered yet"):
        services.settle_request(request, accepts=False, text="?", wanted_by=SOON, by=auditor, at=NOW)
    with pytest.raises(RefusedError, match="Another auditor"):
        services.settle_request(request, accepts=True, by=other, at=NOW)
    services.withhold_document(link, reason="A network plan", auditors_may_open=True, by=lead, at=NOW)
    services.answer_request(request, document_version=withheld, by=lead, at=NOW)
    for day in (None, TODAY - timedelta(days=1)):
        with pytest.raises(AssessmentRefusedError, match="Say what is lacking"):
            services.settle_request(request, accepts=False, text="Page 2", wanted_by=day, by=auditor, at=NOW)
    with pytest.raises(RefusedError, match="ended"):
        services.settle_request(request, accepts=True, by=auditor, at=NOW + timedelta(days=20))
    with pytest.raises(RefusedError, match="ended"):
        asked(assessment, auditor, at=NOW + timedelta(days=20))
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditRequestStep.objects.create(request=request, kind="again", text="x", by=auditor, at=NOW)
    assert AuditRequest.objects.count() == 1


def test_the_same_seed_draws_the_same_people_whatever_order_they_come_in():
    people = list(range(1, 413))

    first, second = (sampling.drawn(those, seed="dice 4 2 6", size=25) for those in (people, people[::-1]))

    assert first == second
    assert len(set(first)) == 25
    assert first[0] == min(people, key=lambda person: sha256(f"dice 4 2 6:{person}".encode()).hexdigest())
    assert sampling.drawn(people, seed="other", size=25) != first
    rows = [
        {"person": 1, "status": "current", "counted": True, "left_out": ""},
        {"person": 2, "status": "not_started", "counted": False, "left_out": ""},
        {"person": 3, "status": "current", "counted": False, "left_out": "away"},
        {"person": 4, "status": "", "counted": False, "left_out": ""},
    ]
    wanted = [(True, False), (False, False), (False, True)]
    found = [sampling.population(rows, counted_only=counted, is_net=net) for counted, net in wanted]
    assert found == [[1], [1, 2, 3], [1, 2]]


def test_a_sample_comes_from_the_kept_rows_and_says_what_the_records_say(assessment, auditor, sampled):
    sample = services.draw_sample(assessment, reading=sampled, population="counted", size=3, seed="seed", by=auditor, at=NOW)

    rows = json.loads(blobs.read(sampled.rows))["rows"]
    counted = sorted(row["person"] for row in rows if row["counted"])
    people = list(sample.people.order_by("n"))
    assert (sample.population_size, len(counted)) == (8, 8)
    assert [one.person for one in people] == sorted(counted, key=lambda n: sha256(f"seed:{n}".encode()).hexdigest())[:3]
    trained_on = (TODAY - timedelta(days=30)).isoformat()
    assert [(one.facts["completed_on"], one.facts["source"], one.facts["counted"]) for one in people] == [
        (trained_on, "Imported record", True)
    ] * 3
    by_chance = services.draw_sample(assessment, reading=sampled, population="in-scope", size=10, by=auditor, at=NOW)
    assert (by_chance.population_size, len(by_chance.seed)) == (10, 32)
    told = Event.objects.filter(type="assessment.sample_drawn").order_by("sequence").first().summary
    assert told == {"size": 3, "population": 8, "as_of": TODAY.isoformat(), "seed": "seed"}
    for size in (0, 9):
        with pytest.raises(AssessmentRefusedError, match="between 1 and 8"):
            services.draw_sample(assessment, reading=sampled, population="counted", size=size, by=auditor, at=NOW)
    assert AuditSample.objects.count() == 2


def test_each_person_is_checked_and_the_line_sums_it_up(assessment, auditor, lead, sampled):
    sample = services.draw_sample(assessment, reading=sampled, population="counted", size=3, by=auditor, at=NOW)
    first, second, _third = SampledPerson.objects.filter(sample=sample).order_by("n")
    services.check_sampled(first, agrees=False, text="No sheet", by=auditor, at=NOW)
    services.check_sampled(first, agrees=True, text="Found it", by=auditor, at=NOW)
    services.check_sampled(second, agrees=False, text="Signed by another", by=auditor, at=NOW)

    words = samples_of(assessment)[0].words

    assert words == (
        "3 of the 8 people counted as trained in the figure of item 3.2.1 as at 1 May 2026: "
        "1 agrees, 1 does not, 1 not looked at yet"
    )
    with pytest.raises(AssessmentRefusedError, match="Write what does not agree"):
        services.check_sampled(second, agrees=False, by=auditor, at=NOW)
    with pytest.raises(RefusedError, match="Another auditor drew"):
        services.check_sampled(second, agrees=True, by=engage(assessment, lead, email="b@audit.test").auditor, at=NOW)
    with pytest.raises(RefusedError, match="ended"):
        services.check_sampled(second, agrees=True, by=auditor, at=NOW + timedelta(days=20))
    assert SampleCheck.objects.count() == 3


def test_nothing_is_drawn_from_rows_that_do_not_add_up_to_the_figure(assessment, auditor, sampled):
    def figure(**other):
        said = {
            name: getattr(sampled, name) for name in ("assessment", "item", "as_of", "rows", "digest", "taken_by", "taken_at")
        }
        return LiveReading.objects.create(
            **said | {"numerator": 8, "denominator": 10, "percent": "80.0", "payload": sampled.payload} | other
        )

    draw = {"size": 1, "by": auditor, "at": NOW}
    assert services.draw_sample(assessment, reading=figure(), population="counted", **draw).population_size == 8
    for wrong, population in (({"numerator": 7}, "counted"), ({"denominator": 11}, "in-scope")):
        with pytest.raises(AssessmentRefusedError, match="do not add up"):
            services.draw_sample(assessment, reading=figure(**wrong), population=population, **draw)


def test_a_figure_without_people_away_is_drawn_from_without_them(assessment, auditor, lead, organisation):
    """The rows hold whoever is away; a net figure leaves them out, and so does the sample."""
    h.train(organisation, trained=3, of=4)
    AbsenceFactory(person=organisation.people.order_by("pk").first(), start=TODAY - timedelta(days=200))
    gross = services.take_reading(h.response(assessment, h.TRAINING), as_of=TODAY, by=lead, at=NOW)
    net = LiveReading.objects.create(
        assessment=assessment,
        item=gross.item,
        as_of=TODAY,
        numerator=2,
        denominator=3,
        percent="66.7",
        payload=gross.payload | {"gross": False},
        rows=gross.rows,
        digest=gross.digest,
        taken_at=NOW,
    )

    for reading, size in ((gross, 4), (net, 3)):
        sample = services.draw_sample(assessment, reading=reading, population="in-scope", size=size, by=auditor, at=NOW)
        assert sample.population_size == size


def test_the_record_behind_a_sampled_date_is_the_one_that_counts(assessment, auditor, organisation, sampled):
    """A record of another day or one that was struck out says nothing of the date in the figure's rows."""
    content = json.loads(blobs.read(sampled.rows))
    row = next(row for row in content["rows"] if row["counted"])
    person, other = row["person"], next(one["person"] for one in content["rows"] if one["counted"] and one is not row)
    day, course = TODAY - timedelta(days=30), h.training_course()
    struck = CompletionFactory(person_id=person, course=course, completed_on=day, source="classroom")
    CompletionVoid.objects.create(completion=struck, reason="Typed twice", voided_at=NOW)
    CompletionFactory(person_id=person, course=course, completed_on=TODAY - timedelta(days=400), source="classroom")
    content["rows"] = [one | ({"completed_on": "2025-03-27"} if one["person"] == other else {}) for one in content["rows"]]

    facts = facts_of([person, other], content=content)

    assert (facts[person]["completed_on"], facts[person]["source"]) == (day.isoformat(), "Imported record")
    assert (facts[other]["completed_on"], facts[other]["source"]) == ("2025-03-27", "")


@pytest.mark.parametrize("shows_names", [False, True])
def test_a_number_stands_for_each_person_unless_the_invitation_says_otherwise(assessment, lead, sampled, shows_names):
    auditor = engage(assessment, lead, email="n@audit.test", shows_names=shows_names).auditor
    other = engage(assessment, lead, email="o@audit.test").auditor
    sample = services.draw_sample(assessment, reading=sampled, population="counted", size=2, by=auditor, at=NOW)
    names = [str(person) for person in assessment.organisation.people.filter(pk__in=sample.people.values("person"))]
    url, row = reverse("assessment:audit_sample", args=[sample.pk]), sample.people.first()
    check = reverse("assessment:audit_sampled_check", args=[row.pk])

    with time_machine.travel(NOW, tick=False):
        pages = {user: signed_in(user).get(url).text for user in (auditor, other, lead)}
        form = signed_in(auditor).get(check).text

    assert len(names) == 2
    for user, sees in ((auditor, shows_names), (other, False), (lead, True)):
        assert [name in pages[user] for name in names] == [sees] * 2
    assert f"person {row.person}" in form.lower()
    assert any(name in form for name in names) is shows_names


def test_both_sides_work_through_their_pages(assessment, lead, auditor, sampled):
    response = h.response(assessment, "1.1.1")
    version = h.evidence(assessment.organisation, lead, title="Register", location="", file=(b"rows of it", "r.txt"))
    day = {"wanted_by_day": "6", "wanted_by_month": "5", "wanted_by_year": "2026"}
    with time_machine.travel(NOW, tick=False):
        asks, answers = signed_in(auditor), signed_in(lead)
        make = reverse("assessment:audit_request_make", args=[assessment.pk])
        lacking = asks.post(make, {"text": ""} | day)
        asks.post(make, {"item": response.pk, "text": "The risk register"} | day)
        request = AuditRequest.objects.get()
        page = reverse("assessment:audit_request", args=[request.pk])
        home, detail = (
            asks.get(reverse("assessment:audit_home")).text,
            answers.get(reverse("assessment:assessment_detail", args=[assessment.pk])).text,
        )
        item = answers.get(reverse("assessment:response_detail", args=[assessment.pk, response.pk])).text
        nothing = answers.post(reverse("assessment:audit_request_answer", args=[request.pk]), {"text": " "})
        answers.post(
            reverse("assessment:audit_request_answer", args=[request.pk]), {"text": "Here.", "document_version": version.pk}
        )
        step = request.steps.get()
        file = asks.get(reverse("assessment:audit_answer_file", args=[step.pk]), follow=True)
        answered = asks.get(page).text
        unsaid = asks.post(reverse("assessment:audit_request_settle", args=[request.pk]), {"accepts": "no"})
        asks.post(reverse("assessment:audit_request_settle", args=[request.pk]), {"accepts": "yes"})
        draw = reverse("assessment:audit_sample_draw", args=[assessment.pk])
        asks.post(draw, {"reading": sampled.pk, "population": "counted", "size": 2, "seed": "s"})
        sample = AuditSample.objects.get()
        row = sample.people.first()
        asks.post(reverse("assessment:audit_sampled_check", args=[row.pk]), {"agrees": "yes"})
        drawn = asks.get(reverse("assessment:audit_sample", args=[sample.pk])).text
        listed = answers.get(reverse("assessment:finding_list", args=[assessment.pk])).text
        desk = answers.get(reverse("assessment:audit_desk", args=[assessment.pk])).text
        finding = {"assessed": "partly", "severity": "low", "text": "Signed by another"}
        asks.post(reverse("assessment:finding_record", args=[assessment.pk, response.item_id]), finding)
        answers.post(
            reverse("assessment:finding_answer", args=[AuditFinding.objects.get().pk]), {"text": "Mended", "item": response.pk}
        )
        own = asks.get(reverse("assessment:response_detail", args=[assessment.pk, response.pk])).text

    assert "There is a problem" in lacking.text
    assert "1 open" in home
    assert "1 open" in detail
    assert "The risk register" in item
    assert "Answer in words, or choose a document." in nothing.text
    assert file.content == b"rows of it"
    assert "Register" in answered
    assert "Say what is lacking." in unsaid.text
    assert request.steps.count() == 2
    assert "Agrees" in drawn
    assert "1 agrees, 0 do not, 1 not looked at yet" in listed
    assert "Accepted (1)" in desk
    assert "Signed by another" in own
    assert "Mended" in own


def test_whoever_looks_after_the_item_answers_and_no_other_signer(assessment, lead, auditor):
    owner, other = member(assessment.organisation, Role.SENIOR_REVIEWER), member(assessment.organisation, Role.SENIOR_REVIEWER)
    response = h.response(assessment, "1.1.1")
    services.assign(response, owner=owner, due_on=None, by=lead, at=NOW)
    request = asked(assessment, auditor, response=response)
    url = reverse("assessment:audit_request_answer", args=[request.pk])

    with time_machine.travel(NOW, tick=False):
        signed_in(other).post(url, {"text": "Mine"})
        signed_in(owner).post(url, {"text": "Ours"})

    assert [step.text for step in request.steps.all()] == ["Ours"]


def test_both_sides_are_told_a_week_before_the_end_once(assessment, lead):
    long = engage(assessment, lead)
    engage(assessment, lead, email="short@audit.test", ends_on=TODAY + timedelta(days=6))
    early = NOW + timedelta(days=6)

    assert [tell_of_endings(at=at) for at in (early, early + timedelta(days=1), early + timedelta(days=1))] == [0, 1, 0]

    with time_machine.travel(early + timedelta(days=1), tick=False):
        assert told() == [[long.auditor.email], [lead.email]]
    assert "ends on 15 May 2026" in mail.outbox[0].body
    assert EngagementNotice.objects.get().engagement == long
    again = engage(assessment, lead, ends_on=TODAY + timedelta(days=40))
    assert tell_of_endings(at=again.at + timedelta(days=8)) == 0


def test_the_workbook_holds_their_own_for_an_auditor_and_everything_for_the_organisation_even_later(
    assessment, lead, auditor, sampled
):
    other = engage(assessment, lead, email="ada@audit.test").auditor
    services.answer_request(asked(assessment, auditor, text="=1+1 of mine"), text="Here.", by=lead, at=NOW)
    asked(assessment, other, text="Of theirs")
    item = h.response(assessment, "1.1.1").item
    said = {"assessed": "not", "severity": "low", "edition_item_id": item.pk, "at": NOW}
    services.record_finding(assessment, text="Mine is found", by=auditor, **said)
    services.record_finding(assessment, text="Theirs is found", by=other, **said)
    sample = services.draw_sample(assessment, reading=sampled, population="counted", size=2, seed="s", by=auditor, at=NOW)
    url = reverse("assessment:audit_workbook", args=[assessment.pk])

    def sheets(user, at):
        with time_machine.travel(at, tick=False):
            content = signed_in(user).get(url).content
        return {
            sheet: CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python() for sheet in SHEETS
        }

    mine, all_of_it = sheets(auditor, NOW), sheets(lead, NOW + timedelta(days=60))

    assert [row[3] for row in mine["Requests"][1:]] == ["'=1+1 of mine", "Here."]
    assert [row[3] for row in all_of_it["Requests"][1:]] == ["'=1+1 of mine", "Here.", "Of theirs"]
    assert [row[6] for row in mine["Findings"][1:]] == ["Mine is found"]
    assert [row[6] for row in all_of_it["Findings"][1:]] == ["Mine is found", "Theirs is found"]
    people = list(sample.people.order_by("n").values_list("person", flat=True))
    assert [row[3] for row in mine["Samples"][1:]] == people
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        assert signed_in(auditor).get(url).status_code == 403


def test_a_pack_holds_what_the_audit_came_to_by_then_and_nothing_later(organisation, lead):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=(manager := h.registered_manager(organisation)))
    auditor = engage(assessment, lead).auditor
    said = {"edition_item_id": h.response(assessment, "1.1.1").item_id, "at": NOW, "by": auditor}
    first = services.record_finding(assessment, assessed="partly", severity="low", text="Number is old", **said)
    services.answer_finding(first, text="It is new now", by=lead, at=NOW)
    sample = services.draw_sample(
        assessment, reading=assessment.readings.last(), population="counted", size=2, seed="s", by=auditor, at=NOW
    )
    services.check_sampled(sample.people.get(n=1), agrees=True, by=auditor, at=NOW)
    services.answer_request(asked(assessment, auditor, text="The rota"), text="In the office", by=lead, at=NOW)
    h.sign(assessment, manager)
    publication = services.publish(assessment, on=TODAY, by=lead, at=NOW)
    before = b"".join(pack_chunks((pack := pack_of(publication)).head, pack.members))

    services.record_finding(assessment, assessed="agreed", replaces=first.pk, **said)
    asked(assessment, auditor)

    after = b"".join(pack_chunks((pack := pack_of(publication)).head, pack.members))
    files = dict(publication_files(publication))
    facts = json.loads(blobs.read(files["audit/findings.json"]))
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(blobs.read(files["return.pdf"]))).pages)
    book = CalamineWorkbook.from_filelike(io.BytesIO(blobs.read(files["workbook.xlsx"])))
    assert before == after
    assert verify_bytes(after).ok
    assert [(one["about"], one["assessed"], one["by"]) for one in facts["findings"]] == [
        ("item 1.1.1", "partly", f"user:{auditor.pk}")
    ]
    [request] = facts["requests"]
    assert (request["text"], request["state"], request["by"]) == ("The rota", "answered", f"user:{auditor.pk}")
    assert [(step["kind"], step["text"]) for step in request["steps"]] == [("answered", "In the office")]
    assert [one["agrees"] for one in facts["samples"][0]["people"]] == [True, None]
    assert "Number is old" in words
    assert "It is new now" in " ".join(words.split())
    assert book.get_sheet_by_name("Audit").to_python()[1] == [
        "Item 1.1.1",
        "Partly agreed, low severity",
        "Number is old",
        "It is new now",
    ]
    assert "audit/findings.json" in blobs.read(files["README.txt"]).decode()
    assert str(auditor) not in json.dumps(facts)


def test_planning_is_how_one_answers_and_makes_no_finding_outdated(assessment, lead, auditor):
    services.record_finding(
        assessment, edition_item_id=None, assessed="partly", severity="low", text="As far as we saw", by=auditor, at=NOW
    )
    response = h.response(assessment, "1.1.1")
    services.plan_action(response, action="Mend it", owner_words="Lead", due_on=SOON, by=lead, at=NOW)
    planned = side_by_side(h.whole(assessment)).lines[0].told[0].is_outdated

    spec = h.whole(assessment).by_item_id[response.item.item_id].spec
    services.answer(response, value=h.suitable(spec), comment="", expected_version=0, by=lead, at=NOW)

    assert (planned, side_by_side(h.whole(assessment)).lines[0].told[0].is_outdated) == (False, True)


def test_a_finding_that_does_not_agree_is_told_and_so_is_its_answer(assessment, lead, auditor):
    said = {"edition_item_id": h.response(assessment, "1.1.1").item_id, "by": auditor, "at": NOW}
    with time_machine.travel(NOW, tick=False):
        agreed = services.record_finding(assessment, assessed="agreed", **said)
        assert told() == []
        finding = services.record_finding(assessment, assessed="not", severity="low", text="No", replaces=agreed.pk, **said)
        assert told() == [[lead.email]]
        services.answer_finding(finding, text="Yes", by=lead, at=NOW)
        assert told() == [[auditor.email]]
