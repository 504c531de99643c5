"""What an auditor finds: beside claimed and computed, corrected by newer words, answered, planned, and only while invited."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.enums import Role
from accounts.policy import RefusedError
from assessment import services
from assessment.audit_findings import side_by_side
from assessment.models import AuditFinding, AuditFindingReply, PlanAction
from assessment.services import AssessmentRefusedError
from audit.models import Event
from registers.models.actions import Action
from tests.assessment import helpers as h
from tests.assessment.test_engagements import engage, signed_in
from tests.factories import NOW, TODAY, OrganisationFactory, member

pytestmark = pytest.mark.django_db
WORDS = {"assessed": "not", "severity": "high", "text": "The register lists 3 of 9 systems."}


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    return h.opened(organisation, lead)


@pytest.fixture
def auditor(assessment, lead):
    return engage(assessment, lead).auditor


def found(assessment, auditor, subject=None, *, at=NOW, **said):
    said = WORDS | said
    return services.record_finding(assessment, edition_item_id=subject and subject.pk, by=auditor, at=at, **said)


def table(assessment):
    return side_by_side(h.whole(assessment))


def test_claimed_computed_and_assessed_stand_side_by_side(assessment, lead, auditor):
    item, assertion = h.response(assessment, "1.1.1").item, h.assertion(assessment, "1.1")
    spec = h.whole(assessment).by_item_id[item.item_id].spec
    services.answer(h.response(assessment, "1.1.1"), value=h.suitable(spec), comment="", expected_version=0, by=lead, at=NOW)

    found(assessment, auditor, assertion)
    found(assessment, auditor, item, assessed="agreed", severity="", text="")
    found(assessment, auditor, assessed="partly", severity="low", text="As far as we sampled.")

    now = table(assessment)
    whole, first = now.lines[0], now.line(assertion.pk)
    assert (whole.title, whole.claimed, whole.computed) == ("The standard as a whole", "Not signed yet", "Standards Not Met")
    assert (first.number, first.claimed) == ("1.1", "Not confirmed")
    assert first.computed.startswith("1 of ")
    line = now.line(item.pk)
    assert line.claimed == h.whole(assessment).by_item_id[item.item_id].value_in_words
    assert line.computed.startswith("Satisfied.")
    assert [line.told[0].finding.get_assessed_display() for line in (whole, first, line)] == [
        "Partly agreed",
        "Not agreed",
        "Agreed",
    ]
    assert now.counts == {"partly": 1, "not": 1, "agreed": 1}
    assert (now.assessed, now.unanswered) == (1, 2)
    told = Event.objects.filter(type="assessment.finding_made").order_by("sequence").first()
    assert told.summary == {"about": "assertion 1.1", "assessed": "not agreed"}


def test_what_has_a_finding_or_claims_too_much_comes_first_and_the_rest_is_folded(organisation, assessment, lead, auditor):
    h.train(organisation, trained=15, of=20)
    h.answer_everything(assessment, lead, but=("2.2.1",))
    h.confirm_everything(assessment, lead)
    found(assessment, auditor, h.response(assessment, "1.1.1").item, assessed="agreed", severity="", text="")
    changed = h.response(assessment, "1.4.1")
    services.answer(changed, value=None, comment="Asked again", expected_version=1, by=lead, at=NOW)

    now = table(assessment)
    with time_machine.travel(NOW, tick=False):
        page = signed_in(auditor).get(reverse("assessment:finding_list", args=[assessment.pk])).text

    assert [(line.number, line.claimed) for line in now.first[1:]] == [
        ("1.1", "Confirmed"),
        ("1.4", "Changed since it was confirmed"),
        ("2.2", "Confirmed"),
        ("3.2", "Confirmed"),
    ]
    assert (now.first[0].title, len(now.others)) == ("The standard as a whole", 27)
    top, folded = page[page.index("Side by side") :].split("<details")
    assert [number in top for number in ("1.1.1 ", "2.2 ", "1.2 ")] == [True, True, False]
    assert [number in folded for number in ("1.1.1 ", "2.2 ", "1.2 ")] == [False, False, True]
    assert "The other 27 assertions, without a finding: 27 settled, 0 open" in folded


def test_what_is_neither_claimed_nor_counted_is_folded_as_open(assessment, auditor):
    with time_machine.travel(NOW, tick=False):
        page = signed_in(auditor).get(reverse("assessment:finding_list", args=[assessment.pk])).text

    assert [line.title for line in table(assessment).first] == ["The standard as a whole"]
    settled = sum(line.computed == "Nothing here is required" for line in table(assessment).others)
    assert f"The other 31 assertions, without a finding: {settled} settled, {31 - settled} open" in page
    assert 0 < settled < 31


def test_a_signature_is_what_the_standard_claims(organisation, lead):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=(manager := h.registered_manager(organisation)))
    h.sign(assessment, manager)

    line = table(assessment).lines[0]

    assert (line.claimed, line.computed) == ("Standards Met. Signed", "Standards Met")


def test_a_newer_finding_corrects_and_the_older_stays(assessment, auditor):
    assertion = h.assertion(assessment, "1.1")
    first = found(assessment, auditor, assertion)

    second = found(assessment, auditor, assertion, assessed="partly", severity="low", text="6 of 9.", replaces=first.pk)

    told = table(assessment).line(assertion.pk).told
    assert [(one.finding, one.earlier) for one in told] == [(second, (first,))]
    assert list(AuditFinding.objects.standing()) == [second]
    assert Event.objects.filter(type="assessment.finding_corrected").count() == 1
    for stale in (None, first.pk):
        with pytest.raises(AssessmentRefusedError, match="in another window"):
            found(assessment, auditor, assertion, replaces=stale)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditFinding.objects.filter(pk=first.pk).update(text="Other")


def test_two_auditors_do_not_correct_each_other(assessment, auditor, lead):
    other = engage(assessment, lead, email="ada@audit.test").auditor
    assertion = h.assertion(assessment, "1.1")
    mine, theirs = found(assessment, auditor, assertion), found(assessment, other, assertion)

    assert [one.finding for one in table(assessment).line(assertion.pk).told] == [mine, theirs]
    with pytest.raises(AssessmentRefusedError, match="in another window"):
        found(assessment, other, assertion, replaces=mine.pk)


def test_it_says_when_what_it_is_about_has_changed(assessment, lead, auditor):
    response = h.response(assessment, "1.1.1")
    found(assessment, auditor, response.item)
    found(assessment, auditor, h.assertion(assessment, "2.1"))
    before = [told.is_outdated for _, told in table(assessment).told]

    spec = h.whole(assessment).by_item_id[response.item.item_id].spec
    services.answer(response, value=h.suitable(spec), comment="", expected_version=0, by=lead, at=NOW)

    assert before == [False, False]
    assert [told.is_outdated for _, told in table(assessment).told] == [True, False]


@pytest.mark.parametrize("said", [{"severity": ""}, {"text": " "}, {"assessed": "maybe"}, {"severity": "dire"}])
def test_a_finding_says_how_serious_and_why(assessment, auditor, said):
    with pytest.raises(AssessmentRefusedError, match="how serious it is and why"):
        found(assessment, auditor, h.assertion(assessment, "1.1"), **said)
    assert not AuditFinding.objects.exists()


def test_a_standard_is_no_subject_and_neither_is_another_lists_item(assessment, auditor):
    other = h.shipped_edition(name="category-4").items.filter(kind="assertion").first()
    for subject in (assessment.edition.items.filter(kind="standard").first(), other):
        with pytest.raises(AssessmentRefusedError, match="does not ask that"):
            found(assessment, auditor, subject)


def test_only_while_the_engagement_runs_and_only_within_it(assessment, organisation, lead, auditor):
    after = NOW + timedelta(days=15)
    with pytest.raises(RefusedError, match="has ended"):
        found(assessment, auditor, at=after)
    standing = member(organisation, Role.AUDITOR)
    assert found(assessment, standing, at=after).engagement is None
    member(organisation, Role.DSPT_LEAD, user=standing)
    with pytest.raises(RefusedError, match="no part in them"):
        found(assessment, standing, at=after)

    url = reverse("assessment:finding_of_standard", args=[assessment.pk])
    client = signed_in(auditor)
    with time_machine.travel(NOW, tick=False):
        assert client.get(url).status_code == 200
    with time_machine.travel(after, tick=False):
        listed = reverse("assessment:finding_list", args=[assessment.pk])
        assert [client.get(url).status_code, client.post(url, WORDS).status_code, client.get(listed).status_code] == [403] * 3
    assert AuditFinding.objects.filter(by=auditor).count() == 0


def test_an_audit_of_one_return_writes_nothing_about_another(assessment, organisation, lead, auditor):
    h.shipped_edition("2026-27")
    other = h.opened(organisation, lead, year="2026-27")
    url = reverse("assessment:finding_of_standard", args=[other.pk])
    with time_machine.travel(NOW, tick=False):
        client = signed_in(auditor)
        refused = [client.get(url).status_code, client.post(url, WORDS).status_code]

    assert refused == [404, 404]
    with pytest.raises(RefusedError, match="of another return"):
        found(other, auditor)
    assert not AuditFinding.objects.exists()


def test_the_lead_answers_and_puts_an_action_in_the_plan(assessment, lead, auditor):
    assertion, response = h.assertion(assessment, "1.1"), h.response(assessment, "1.1.1")
    finding = found(assessment, auditor, assertion)
    plan = services.Planned(response, "List every system", "Registered manager", TODAY + timedelta(days=30))

    reply = services.answer_finding(finding, text="We agree.", plan=plan, by=lead, at=NOW)

    planned = PlanAction.objects.get(assessment=assessment, withdrawn_at__isnull=True)
    assert (reply.plan_action, planned.action, planned.item) == (planned, "List every system", response.item)
    assert Action.objects.filter(organisation=assessment.organisation, pk=planned.tracked_id).exists()
    assert table(assessment).unanswered == 0
    assert Event.objects.get(type="assessment.finding_answered").summary == {"about": "assertion 1.1"}


def test_an_answer_needs_words_a_finding_that_stands_and_a_whole_plan(assessment, lead, auditor):
    assertion, response = h.assertion(assessment, "1.1"), h.response(assessment, "1.1.1")
    finding = found(assessment, auditor, assertion)
    with pytest.raises(AssessmentRefusedError, match="Write what you answer"):
        services.answer_finding(finding, text=" ", by=lead, at=NOW)
    with pytest.raises(AssessmentRefusedError, match="needs words"):
        services.answer_finding(finding, text="Yes", plan=services.Planned(response, "Do", "", date(2026, 6, 1)), by=lead, at=NOW)
    found(assessment, auditor, assertion, replaces=finding.pk)
    with pytest.raises(AssessmentRefusedError, match="Answer the newer one"):
        services.answer_finding(finding, text="Yes", by=lead, at=NOW)
    assert not AuditFindingReply.objects.exists()
    assert not PlanAction.objects.exists()


def test_the_auditor_assesses_and_corrects_and_the_lead_answers_on_the_pages(assessment, lead, auditor):
    assertion, response = h.assertion(assessment, "1.1"), h.response(assessment, "1.1.1")
    url = reverse("assessment:finding_record", args=[assessment.pk, assertion.pk])
    listed = reverse("assessment:finding_list", args=[assessment.pk])
    with time_machine.travel(NOW, tick=False):
        client, leading = signed_in(auditor), signed_in(lead)
        lacking = client.post(url, {"assessed": "not"}).text
        saved = client.post(url, WORDS)
        finding = AuditFinding.objects.get()
        again = client.get(url).text
        answering = reverse("assessment:finding_answer", args=[finding.pk])
        half = leading.post(answering, {"text": "Yes", "item": response.pk, "action": "List them"}).text
        due = {"due_on_day": "1", "due_on_month": "6", "due_on_year": "2026"}
        plan = {"item": response.pk, "action": "List them", "owner_words": "Registered manager"} | due
        leading.post(answering, {"text": "We see it too."} | plan)
        client.post(url, {"assessed": "agreed", "text": "Mended.", "replaces": finding.pk})
        gone = leading.get(answering)
        page = client.get(listed).text
        refused = [client.get(answering).status_code, leading.get(url).status_code, leading.post(url, WORDS).status_code]

    assert "Choose how serious it is" in lacking
    assert "Write what you found" in lacking
    assert saved.status_code == 302
    assert f'value="{finding.pk}"' in again
    assert "Say who does it." in half
    assert "Say by when." in half
    assert "We see it too." in page
    assert "In the plan for item 1.1.1: List them (Registered manager, by 1 June 2026)" in page
    assert "What this corrects (1)" in page
    assert "Stone &amp; Co" in page
    assert gone.status_code == 302
    assert refused == [403, 403, 403]


def test_nothing_can_be_planned_while_the_return_is_in_review(organisation, lead):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=h.registered_manager(organisation))
    finding = found(assessment, member(organisation, Role.AUDITOR), h.assertion(assessment, "1.1"))
    url = reverse("assessment:finding_answer", args=[finding.pk])

    with time_machine.travel(NOW, tick=False):
        client = signed_in(lead)
        page = client.get(url).text
        client.post(url, {"text": "In the next return."})

    assert "not open for work" in page
    assert 'name="action"' not in page
    assert AuditFindingReply.objects.get().text == "In the next return."


def test_another_organisations_findings_are_not_found(assessment, auditor, other_organisation):
    finding = found(assessment, auditor)
    theirs = member(other_organisation, Role.DSPT_LEAD), member(other_organisation, Role.AUDITOR)

    with time_machine.travel(NOW, tick=False):
        leading, auditing = signed_in(theirs[0]), signed_in(theirs[1])
        codes = [
            leading.get(reverse("assessment:finding_answer", args=[finding.pk])).status_code,
            leading.get(reverse("assessment:finding_list", args=[assessment.pk])).status_code,
            auditing.post(reverse("assessment:finding_of_standard", args=[assessment.pk]), WORDS).status_code,
        ]

    assert codes == [404, 404, 404]


def test_a_hundred_findings_are_read_with_as_many_queries_as_one(assessment, auditor, lead, django_assert_num_queries):
    whole = h.whole(assessment)
    found(assessment, auditor)
    services.answer_finding(AuditFinding.objects.get(), text="Noted", by=lead, at=NOW)
    assert whole.branches is not None
    with django_assert_num_queries(3):
        assert len(side_by_side(whole).told) == 1
    rows = [leaf.response.item for leaf in whole.leaves]
    made = AuditFinding.objects.bulk_create(
        AuditFinding(assessment=assessment, subject=row, **WORDS, seen="0" * 64, by=auditor, at=NOW) for row in rows
    )
    AuditFindingReply.objects.bulk_create(AuditFindingReply(finding=one, text="Noted", by=lead, at=NOW) for one in made)
    with django_assert_num_queries(3):
        now = side_by_side(whole)
    assert len(now.told) == len(rows) + 1
    assert now.unanswered == 0


def test_outcomes_are_assessed_each_and_an_interim_return_has_no_standard_to_assess():
    trust = OrganisationFactory(type="trust")
    lead, auditor = h.lead_of(trust), member(trust, Role.AUDITOR)
    h.shipped_edition(name="caf")
    assessment = h.opened(trust, lead)
    subject = h.response(assessment, "A1.a").item

    finding = found(assessment, auditor, subject)

    now = table(assessment)
    assert (now.asked, now.assessed, now.lines[0].title) == (47, 1, "The standard as a whole")
    assert finding.about == "outcome A1.a"
    assert now.line(subject.pk).claimed == "Not answered"
    assert [line.number for line in now.first] == ["", "A1.a"]
    below = h.whole(assessment).leaf(h.response(assessment, "A1.b").pk)
    judged = {"indicators": {below.spec.indicators["not_achieved"][0].id: True}}
    services.answer(below.response, value=judged, comment="", expected_version=0, by=lead, at=NOW)
    assert [line.number for line in table(assessment).first] == ["", "A1.a", "A1.b"]
    h.shipped_edition("2026-27", "caf")
    interim = services.open_year(trust, "2026-27", kind="interim", by=lead, at=NOW)
    assert [line.number for line in table(interim).lines][:1] == ["A1.a"]
    assert table(interim).first == ()
