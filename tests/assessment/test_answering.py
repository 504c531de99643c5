"""Opening a year, answering, evidence, and what comes over from last year."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from assessment import services
from assessment.answers import AnswerRefusedError, typed
from assessment.edition_format.types import Answer, Option
from assessment.loading import load_editions
from assessment.models import Assessment, AssessmentTransition, EvidenceLink, ResponseVersion
from assessment.states import State
from audit.models import AppendOnlyError, Event
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, OrganisationFactory, UserFactory

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    h.shipped_edition()
    return h.opened(organisation, lead)


# --- opening ---


def test_opening_makes_a_place_for_every_item_the_type_is_asked(assessment, lead):
    whole = h.whole(assessment)

    assert assessment.edition.edition_id == "dspt-category-3-2025-26"
    assert len(whole.leaves) == 55
    assert whole.progress.required == 45
    assert whole.state == State.PREPARING
    assert whole.edition_file.header.calendar.final == assessment.due_on == date(2026, 6, 30)
    assert Event.objects.get(type="assessment.opened").summary["items"] == 55


def test_a_year_is_open_once(assessment, organisation, lead):
    with pytest.raises(services.AssessmentRefusedError, match="open already"):
        h.opened(organisation, lead)

    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(
            organisation=organisation, edition=assessment.edition, year=h.YEAR, type_snapshot="social-care", opened_at=NOW
        )


def test_a_type_without_a_list_is_refused_with_the_years_there_are(lead):
    h.shipped_edition()
    supplier = OrganisationFactory(type="it-supplier")

    with pytest.raises(services.AssessmentRefusedError, match="no list of requirements for it supplier in 2025-26"):
        services.open_year(supplier, "2025-26", by="system", at=NOW)


def test_a_practice_gets_its_own_list(lead):
    h.shipped_edition()
    h.shipped_edition(name="category-4")
    practice = OrganisationFactory(type="gp")

    assert services.open_year(practice, "2025-26", by="system", at=NOW).edition.edition_id == "dspt-category-4-2025-26"


# --- answers of every kind ---

CHOICE = Answer("choice", "option", options=(Option("yes", "Yes", satisfies=True), Option("plan", "Planned", satisfies=False)))


@pytest.mark.parametrize(
    ("answer", "raw", "stored"),
    [
        (Answer("yes_no", "yes"), "no", {"kind": "yes_no", "value": "no"}),
        (Answer("text", "answered"), "  ZA123456 ", {"kind": "text", "value": "ZA123456"}),
        (Answer("date", "answered"), "2026-03-31", {"kind": "date", "value": "2026-03-31"}),
        (Answer("date", "answered", not_after_today=True), TODAY, {"kind": "date", "value": TODAY.isoformat()}),
        (Answer("number", "answered"), "1,200.50", {"kind": "number", "value": "1200.5"}),
        (Answer("number", "answered"), "100", {"kind": "number", "value": "100"}),
        (Answer("document", "answered"), "Safe, office", {"kind": "document", "value": "Safe, office"}),
        (CHOICE, "plan", {"kind": "choice", "value": "plan"}),
        (Answer("text", "answered"), "   ", None),
        (Answer("yes_no", "yes"), None, None),
    ],
)
def test_an_answer_is_stored_by_its_kind(answer, raw, stored):
    assert typed(answer, raw, today=TODAY) == stored


@pytest.mark.parametrize(
    ("answer", "raw", "says"),
    [
        (Answer("yes_no", "yes"), "maybe", "yes or no"),
        (CHOICE, "perhaps", "one of the answers"),
        (Answer("date", "answered"), "2026-02-30", "real date"),
        (Answer("date", "answered", not_after_today=True), TODAY + timedelta(days=1), "not in the future"),
        (Answer("number", "answered"), "many", "Enter a number"),
        (Answer("number", "answered"), "NaN", "Enter a number"),
        (Answer("number", "answered"), "1e400", "Enter a number"),
        (Answer("text", "answered", max_words=2), "one two three", "at most 2 words"),
        (Answer("text", "answered"), ["a"], "in words"),
    ],
)
def test_what_cannot_be_an_answer_is_refused(answer, raw, says):
    with pytest.raises(AnswerRefusedError, match=says):
        typed(answer, raw, today=TODAY)


def test_answering_adds_a_version_and_starts_the_work(assessment, lead):
    response = h.response(assessment, "1.1.1")

    services.answer(response, value="ZA1", expected_version=0, by=lead, at=NOW)
    services.answer(response, value="ZA2", comment="Renewed", expected_version=1, by=lead, at=LATER)

    assert list(response.versions.values_list("n", "value__value", "comment")) == [(1, "ZA1", ""), (2, "ZA2", "Renewed")]
    assert h.whole(assessment).state == State.IN_PROGRESS
    assert Event.objects.filter(type="assessment.answered").last().summary == {"number": "1.1.1", "version": 2}


def test_the_same_answer_again_adds_nothing(assessment, lead):
    response = h.response(assessment, "1.1.1")

    first = services.answer(response, value="ZA1", expected_version=0, by=lead, at=NOW)

    assert services.answer(response, value=" ZA1 ", expected_version=0, by=lead, at=LATER) == first


def test_the_second_of_two_editors_loses_nothing(assessment, lead):
    response = h.response(assessment, "1.1.1")
    other = h.lead_of(assessment.organisation)
    services.answer(response, value="Mine", expected_version=0, by=lead, at=NOW)

    with pytest.raises(services.AnswerChangedError) as refused:
        services.answer(response, value="Theirs", expected_version=0, by=other, at=LATER)

    assert refused.value.current.value["value"] == "Mine"
    assert response.versions.count() == 1
    services.answer(response, value="Mine and theirs", expected_version=refused.value.current.n, by=other, at=LATER)
    assert h.whole(assessment).leaf(response.pk).value_in_words == "Mine and theirs"


def test_a_comment_alone_is_kept_and_does_not_count(assessment, lead):
    response = h.response(assessment, "1.1.1")

    services.answer(response, value="", comment="Ask Jo", expected_version=0, by=lead, at=NOW)

    whole = h.whole(assessment)
    leaf = whole.leaf(response.pk)
    assert whole.work_state(leaf) == "in_progress"
    assert whole.verdict(leaf).state == "unanswered"


def test_nothing_at_all_is_refused(assessment, lead):
    with pytest.raises(AnswerRefusedError, match="write a comment"):
        services.answer(h.response(assessment, "1.1.1"), value="", expected_version=0, by=lead, at=NOW)


def test_not_applicable_needs_a_reason_and_an_item_that_allows_it(assessment, lead):
    allowed = next(leaf for leaf in h.whole(assessment).leaves if leaf.spec.not_applicable == "allowed")
    refused = h.response(assessment, "1.1.1")

    with pytest.raises(services.AssessmentRefusedError, match="applies to every organisation"):
        services.mark_not_applicable(refused, reason="No", expected_version=0, by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="Say why"):
        services.mark_not_applicable(allowed.response, reason=" ", expected_version=0, by=lead, at=NOW)
    services.mark_not_applicable(allowed.response, reason="We have no such devices", expected_version=0, by=lead, at=NOW)

    whole = h.whole(assessment)
    assert whole.verdict(whole.leaf(allowed.response.pk)).state == "not_applicable"


def test_the_database_wants_the_reason_too(assessment):
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponseVersion.objects.create(response=h.response(assessment, "1.1.1"), n=1, applicability="not_applicable", at=NOW)


# --- evidence, owners, plan ---


def test_evidence_is_pinned_once_and_taken_off_without_a_trace_lost(assessment, lead):
    response = h.response(assessment, "1.1.2")
    version = h.evidence(assessment.organisation, lead)

    link = services.attach_evidence(response, version, locator="page 2", by=lead, at=NOW)
    again = services.attach_evidence(response, version, by=lead, at=LATER)
    services.retire_evidence(link, by=lead, at=LATER)
    services.retire_evidence(link, by=lead, at=LATER)

    assert again == link
    assert EvidenceLink.objects.get().retired_at == LATER
    assert h.whole(assessment).leaf(response.pk).links == ()
    assert Event.objects.filter(type="assessment.evidence_retired").count() == 1


def test_another_organisations_document_is_refused(assessment, lead, other_organisation):
    version = h.evidence(other_organisation, UserFactory())

    with pytest.raises(services.AssessmentRefusedError, match="another organisation"):
        services.attach_evidence(h.response(assessment, "1.1.2"), version, by=lead, at=NOW)


def test_an_old_document_is_not_enough(assessment, lead):
    response = h.response(assessment, "1.1.2")
    old = h.evidence(assessment.organisation, lead, effective_on=TODAY - timedelta(days=400))
    services.answer(response, value="Safe", expected_version=0, by=lead, at=NOW)

    services.attach_evidence(response, old, by=lead, at=NOW)

    whole = h.whole(assessment)
    assert whole.verdict(whole.leaf(response.pk)).state == "insufficient_evidence"


def test_an_owner_belongs_to_the_organisation(assessment, lead):
    response = h.response(assessment, "1.1.1")

    services.assign(response, owner=lead, due_on=TODAY, by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="can sign in to this organisation"):
        services.assign(response, owner=UserFactory(), due_on=None, by=lead, at=NOW)

    response.refresh_from_db()
    assert (response.owner, response.due_on) == (lead, TODAY)


def test_a_plan_needs_words_somebody_and_a_date_and_replaces_the_one_before(assessment, lead):
    response = h.response(assessment, "1.1.1")

    with pytest.raises(services.AssessmentRefusedError, match="needs words"):
        services.plan_action(response, action="Register", owner_words="", due_on=TODAY, by=lead, at=NOW)
    services.plan_action(response, action="Register", owner_words="Manager", due_on=TODAY, by=lead, at=NOW)
    services.plan_action(response, action="Register now", owner_words="Manager", due_on=TODAY, by=lead, at=NOW)

    assert h.whole(assessment).leaf(response.pk).plan_action.action == "Register now"
    services.withdraw_plan_action(response, by=lead, at=NOW)
    assert h.whole(assessment).leaf(response.pk).plan_action is None


# --- append-only ---


@pytest.mark.parametrize("statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
@pytest.mark.parametrize(("model", "column"), [(ResponseVersion, "comment"), (AssessmentTransition, "reason")])
def test_the_database_refuses_to_change_what_was_answered(assessment, lead, model, column, statement):
    services.answer(h.response(assessment, "1.1.1"), value="ZA1", expected_version=0, by=lead, at=NOW)

    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=model._meta.db_table, column=column))
    with pytest.raises(AppendOnlyError):
        model.objects.first().save()


# --- carry-over ---


@pytest.fixture
def next_year(organisation, lead):
    """2026-27, opened on a published 2025-26."""
    load_editions(at=NOW)
    manager = h.registered_manager(organisation)
    h.train(organisation, trained=19, of=20)
    assessment = h.ready_to_sign(organisation, lead=lead, reviewer=manager)
    h.sign(assessment, manager)
    services.publish(assessment, by=lead, at=NOW)
    return h.opened(organisation, lead, year="2026-27", at=LATER)


def test_last_years_answers_come_over_and_do_not_count_until_kept(next_year, lead):
    response = h.response(next_year, "1.1.1")
    whole = h.whole(next_year)
    leaf = whole.leaf(response.pk)

    assert next_year.edition.edition_id == "dspt-category-3-2026-27"
    assert whole.work_state(leaf) == "recheck"
    assert whole.verdict(leaf).state == "unanswered"
    assert leaf.carried.value["value"].startswith("Kept by")
    assert (whole.progress.answered, whole.progress.satisfied) == (0, 0)
    assert not leaf.links

    services.keep_answer(response, expected_version=1, by=lead, at=LATER)

    whole = h.whole(next_year)
    assert whole.work_state(whole.leaf(response.pk)) == "answered"
    assert whole.progress.answered == 1
    with pytest.raises(services.AssessmentRefusedError, match="no answer waiting to be checked"):
        services.keep_answer(response, expected_version=2, by=lead, at=LATER)


def test_a_corrected_return_of_the_same_year_begins_where_the_publication_stood(next_year, organisation, lead):
    corrected = h.opened(organisation, lead, at=LATER)

    whole = h.whole(corrected)

    assert corrected.based_on.assessment.year == corrected.year == h.YEAR
    assert whole.progress.answered == whole.progress.required == 45
    assert whole.confirmed == frozenset()
    assert any(leaf.links for leaf in whole.leaves)
    assert whole.by_item_id["people.training.take-up"].reading is None


def test_what_the_plan_promises_is_on_the_list_of_actions_until_it_is_taken_out(organisation):
    h.shipped_edition()
    lead = h.lead_of(organisation)
    place = h.response(h.opened(organisation, lead), "1.3.2")
    plan = {"action": "Do spot checks", "owner_words": "Registered manager", "by": lead, "at": NOW}
    later = TODAY + timedelta(days=60)

    first = services.plan_action(place, due_on=TODAY, **plan).tracked
    moved = services.plan_action(place, due_on=later, **plan).tracked
    other = services.plan_action(place, due_on=later, **plan | {"action": "Ask each team lead to check"}).tracked
    services.withdraw_plan_action(place, by=lead, at=NOW)

    assert moved == first
    assert (first.first_due_on, first.source_kind, first.source_id) == (TODAY, "plan", place.pk)
    assert first.updates.get(n=1).owner_post == "registered-manager"
    assert [action.newest.state for action in (first, other)] == ["cancelled", "cancelled"]
    assert [update.kind for update in first.updates.all()] == ["added", "moved", "cancelled"]
