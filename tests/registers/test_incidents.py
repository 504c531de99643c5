"""Incidents and near misses, from the report to the lesson."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.enums import Role
from audit.models import AppendOnlyError, Event
from evidence.services import add_document
from jobs.models import Job
from jobs.services import run
from registers import catalogue, word_codes
from registers.incident_states import ClockState, State, standing
from registers.models import Incident, Recipient, Source
from registers.services import incident_handling as handling
from registers.services import incidents as services
from tests.factories import UnitFactory, member

NOW = datetime(2026, 11, 20, 16, 25, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_report(**values) -> services.Report:
    defaults = {
        "kind": "incident",
        "nature": "wrong-person",
        "what_happened": "A letter went to the wrong flat.",
        "noticed_at": NOW,
    }
    return services.Report(**(defaults | values))


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def incident(organisation):
    reporter = member(organisation, Role.STAFF)
    return services.report_incident(organisation, a_report(), key=uuid.uuid4(), by=reporter, at=NOW).incident


def assess(incident, by, *, at=NOW, **values):
    defaults = {
        "is_breach": True,
        "categories": ["confidentiality"],
        "role": "controller",
        "aware_at": NOW,
        "vulnerable": True,
        "likelihood": 3,
        "impact": 3,
        "reason": "The neighbour read it.",
    }
    return handling.assess(incident, by=by, at=at, **(defaults | values))


def where(incident, at=NOW):
    return standing(Incident.objects.with_facts().get(pk=incident.pk), at=at)


def test_reports_are_numbered_in_their_organisation_and_the_same_key_is_one_report(organisation, other_organisation):
    by, key = member(organisation, Role.STAFF), uuid.uuid4()
    one = services.report_incident(organisation, a_report(), key=key, by=by, at=NOW).incident
    again = services.report_incident(organisation, a_report(), key=key, by=by, at=NOW).incident
    two = services.report_incident(organisation, a_report(), key=uuid.uuid4(), by=by, at=NOW).incident
    elsewhere = services.report_incident(other_organisation, a_report(), key=uuid.uuid4(), by=by, at=NOW).incident

    assert one == again
    assert [one.reference, two.reference, elsewhere.reference] == ["INC-0001", "INC-0002", "INC-0001"]
    assert Event.objects.filter(type="registers.incident_reported").count() == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"what_happened": "  "}, "Say in a few words"),
        ({"noticed_at": NOW + HOUR}, "future"),
    ],
)
def test_an_impossible_report_is_refused_whole(organisation, values, words):
    with pytest.raises(services.ReportRefusedError, match=words):
        services.report_incident(organisation, a_report(**values), key=uuid.uuid4(), by=member(organisation), at=NOW)

    assert not Incident.objects.exists()


def test_a_unit_of_another_organisation_is_refused(organisation, other_organisation):
    unit = UnitFactory(organisation=other_organisation)

    with pytest.raises(services.ReportRefusedError, match="own organisation"):
        services.report_incident(organisation, a_report(unit=unit), key=uuid.uuid4(), by=member(organisation), at=NOW)


def test_the_database_refuses_a_name_on_an_anonymous_report(incident, lead):
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(source=Source.LINK)


def test_facts_cannot_be_changed(incident, lead):
    assessment = assess(incident, lead)

    with pytest.raises(AppendOnlyError):
        assessment.save()


def test_an_incident_goes_from_report_to_lesson_and_may_be_opened_again(incident, lead):
    states = [where(incident).state]
    assess(incident, lead)
    states.append(where(incident).state)
    handling.decide(incident, tell_ico=True, tell_people=True, reason="Harm is likely.", by=lead, at=NOW)
    states.append(where(incident).state)
    for recipient in (Recipient.ICO, Recipient.PEOPLE):
        told_at = NOW + 50 * HOUR
        handling.record_notification(incident, recipient=recipient, told_at=told_at, how="By phone", by=lead, at=told_at)
    states.append(where(incident).state)
    handling.learn(incident, theme="checking", root_cause="Labels look alike.", lesson="Two people check.", by=lead, at=NOW)
    states.append(where(incident).state)
    handling.close(incident, words="Thank you. We check in pairs now.", by=lead, at=NOW + 51 * HOUR)
    states.append(where(incident).state)
    handling.reopen(incident, words="A second letter.", by=lead, at=NOW + 60 * HOUR)
    states.append(where(incident).state)

    assert states == [
        State.NEW,
        State.TO_DECIDE,
        State.TO_TELL,
        State.TO_LEARN,
        State.TO_CLOSE,
        State.CLOSED,
        State.TO_CLOSE,
    ]
    now = where(incident)
    assert (now.clock.state, now.clock.hours) == (ClockState.IN_TIME, 50)


def test_a_new_assessment_asks_for_a_new_decision(incident, lead):
    assess(incident, lead)
    handling.decide(incident, tell_ico=False, tell_people=False, reason="Unlikely.", by=lead, at=NOW)
    assess(incident, lead, at=NOW + HOUR, impact=4)

    assert where(incident, NOW + HOUR).state == State.TO_DECIDE


def test_the_clock_runs_from_awareness_and_says_so(incident, lead):
    assert where(incident, NOW + 10 * HOUR).clock.sentence == "62 hours left, if the ICO must be told. Not assessed yet."
    assess(incident, lead, at=NOW + 11 * HOUR, aware_at=NOW + 10 * HOUR)
    assert where(incident, NOW + 80 * HOUR).clock.sentence == "2 hours left to tell the ICO."
    assert where(incident, NOW + 85 * HOUR).clock.state == ClockState.PASSED


def test_telling_the_ico_late_needs_its_reason(incident, lead):
    assess(incident, lead)
    handling.decide(incident, tell_ico=True, tell_people=False, reason="Likely.", by=lead, at=NOW)
    late = NOW + timedelta(hours=72, minutes=1)
    told = {"recipient": Recipient.ICO, "told_at": late, "how": "Online form", "by": lead, "at": late}

    with pytest.raises(handling.HandlingRefusedError, match="say why"):
        handling.record_notification(incident, **told)
    handling.record_notification(incident, **told, late_reason="We first had to find out whose letter it was.")

    clock = where(incident, late).clock
    assert (clock.state, clock.hours) == (ClockState.LATE, 73)


def test_a_processor_tells_its_controller_and_has_no_72_hours_of_its_own(incident, lead):
    assess(incident, lead, role="processor")
    handling.decide(incident, tell_ico=False, tell_people=False, reason="The council decides.", by=lead, at=NOW)

    now = where(incident)
    assert now.untold == (Recipient.CONTROLLER,)
    assert now.clock.state == ClockState.NOT_NEEDED
    assert not now.is_against_grid


def test_deciding_less_than_the_grid_is_allowed_and_shown(incident, lead):
    assess(incident, lead)
    handling.decide(incident, tell_ico=False, tell_people=False, reason="It came back unopened.", by=lead, at=NOW)

    assert where(incident).is_against_grid


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda incident, by: handling.close(incident, words="Done", by=by, at=NOW), "first assess it"),
        (lambda incident, by: handling.reopen(incident, words="Why", by=by, at=NOW), "open already"),
        (
            lambda incident, by: handling.decide(incident, tell_ico=False, tell_people=False, reason="x", by=by, at=NOW),
            "Assess the incident first",
        ),
        (lambda incident, by: assess(incident, by, aware_at=NOW + HOUR), "future"),
        (lambda incident, by: assess(incident, by, categories=[]), "what was hurt"),
        (lambda incident, by: assess(incident, by, reason=" "), "why you see it so"),
        (
            lambda incident, by: handling.record_notification(
                incident, recipient="police", told_at=NOW - HOUR, how="999", by=by, at=NOW
            ),
            "before you were aware",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(incident, lead, act, words):
    events = Event.objects.count()

    with pytest.raises(handling.HandlingRefusedError, match=words):
        act(incident, lead)

    assert Event.objects.count() == events


def test_words_can_be_taken_out_and_the_trail_keeps_none_of_them(incident, lead):
    services.reword(incident, what_happened="A letter went astray.", what_was_done="", by=lead, at=NOW)
    services.reword(incident, what_happened="A letter went astray.", what_was_done="", by=lead, at=NOW)

    assert Incident.objects.get().what_happened == "A letter went astray."
    events = Event.objects.filter(type="registers.incident_reworded")
    assert [event.summary for event in events] == [{"reference": "INC-0001"}]


def test_no_event_holds_words_of_a_report(incident, lead):
    assess(incident, lead)
    handling.decide(incident, tell_ico=True, tell_people=False, reason="Secret reason", by=lead, at=NOW)

    told = str(list(Event.objects.values_list("summary", "reason")))
    assert "letter" not in told
    assert "neighbour" not in told
    assert "Secret" not in told


def test_an_attached_document_must_be_ones_own(incident, other_organisation, lead):
    foreign = add_document(
        other_organisation, title="Theirs", kind="other", by=lead, at=NOW, received_on=NOW.date(), location="There"
    )

    with pytest.raises(handling.HandlingRefusedError, match="own organisation"):
        handling.attach(incident, document=foreign, by=lead, at=NOW)


# --- without a name ----------------------------------------------------------------------------------------------


def form_of(**values) -> dict[str, object]:
    return {
        "key": str(uuid.uuid4()),
        "what_happened": "Papers were left on the bus.",
        "kind": "incident",
        "nature": "lost",
        "noticed_on_day": "20",
        "noticed_on_month": "11",
        "noticed_on_year": "2026",
        "noticed_time": "4:10pm",
        "whose": "supported",
        "people_affected": "3",
        "what_was_done": "",
        **values,
    }


def everything_stored() -> str:
    """Every row of every table of ours that a report could have touched, as text."""
    tables = [name for name in connection.introspection.table_names() if name.split("_")[0] in ("registers", "audit", "jobs")]
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  our own tables
            rows += cursor.fetchall()
    return str(rows)


@pytest.mark.parametrize("way", ["signed in", "public"])
def test_a_report_without_a_name_leaves_no_trace_of_its_sender(organisation, sign_in, client, time_machine, caplog, way):
    time_machine.move_to(NOW, tick=False)
    link = services.renew_link(organisation, by=member(organisation, Role.DSPT_LEAD), at=NOW)
    values = form_of()
    caplog.set_level(logging.DEBUG)
    if way == "public":
        page, user = reverse("registers:incident_report_public", args=[link.token]), None
    else:
        client = sign_in(organisation, Role.STAFF)
        page, user, values = reverse("registers:incident_report"), client.user, values | {"unnamed": "on"}
    sessions = set(Session.objects.values_list("session_key", "session_data"))
    network = {"REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "canary-browser", "HTTP_X_FORWARDED_FOR": "203.0.113.78"}

    response = client.post(page, values, **network)

    incident = Incident.objects.get()
    assert incident.reported_by is None
    assert {incident.reported_at, incident.noticed_at} == {NOW.replace(minute=0, second=0)}
    event = Event.objects.get(type="registers.incident_reported")
    assert (event.actor, event.on_behalf_of, event.at.minute) == ("anonymous", "", 0)
    stored = everything_stored() + caplog.text
    assert "203.0.113" not in stored
    assert "canary" not in stored
    assert set(Session.objects.values_list("session_key", "session_data")) == sessions
    assert "messages" not in response.cookies
    if user:
        assert f"user:{user.pk}" not in str(list(Event.objects.filter(target=f"registers.incident:{incident.pk}").values()))
        assert Job.objects.get().created_by is None
    assert word_codes.code_for(values["key"]).replace("-", " ") in response.content.decode()


def test_the_four_words_tell_what_was_done_and_nothing_else(organisation, client, lead):
    link = services.renew_link(organisation, by=lead, at=NOW)
    taken = services.report_anonymously(organisation, a_report(kind="near-miss"), key=uuid.uuid4(), source=Source.LINK, at=NOW)
    ask = reverse("registers:incident_ask", args=[link.token])
    assess(taken.incident, lead, is_breach=False, categories=[])
    handling.learn(taken.incident, theme="checking", root_cause="Hurry", lesson="Inner lesson", by=lead, at=NOW)

    before = client.post(ask, {"code": f" {taken.code.upper().replace('-', '  ')} "}).content.decode()
    handling.close(taken.incident, words="We moved the printer.", by=lead, at=NOW)
    after = client.post(ask, {"code": taken.code}).content.decode()
    wrong = client.post(ask, {"code": "acorn acorn acorn acorn"}).content.decode()

    assert "Being looked into" in before
    assert "We moved the printer." in after
    assert "Inner lesson" not in after
    assert "No report has these words" in wrong


def test_codes_of_one_organisation_say_nothing_at_another(organisation, other_organisation, client, lead):
    link = services.renew_link(other_organisation, by=lead, at=NOW)
    taken = services.report_anonymously(organisation, a_report(), key=uuid.uuid4(), source=Source.LINK, at=NOW)

    assert services.ask_with_code(link, taken.code, at=NOW) is None


def test_guessing_and_flooding_are_slowed_by_the_hour_without_any_address(organisation, lead, monkeypatch):
    monkeypatch.setattr(services, "REPORTS_AN_HOUR", 2)
    monkeypatch.setattr(services, "CODES_AN_HOUR", 2)
    link = services.renew_link(organisation, by=lead, at=NOW)

    def report(at):
        services.report_anonymously(organisation, a_report(), key=uuid.uuid4(), source=Source.LINK, at=at)

    for _ in range(2):
        report(NOW)
        services.ask_with_code(link, "acorn", at=NOW)
    with pytest.raises(services.ReportRefusedError, match="Too many reports"):
        report(NOW)
    with pytest.raises(services.ReportRefusedError, match="Too many codes"):
        services.ask_with_code(link, "acorn", at=NOW)

    report(NOW + HOUR)
    assert services.ask_with_code(link, "acorn", at=NOW + HOUR) is None


def test_a_renewed_address_ends_the_one_before(organisation, client, lead):
    old = services.renew_link(organisation, by=lead, at=NOW)
    new = services.renew_link(organisation, by=lead, at=NOW)

    assert client.get(reverse("registers:incident_report_public", args=[old.token])).status_code == 404
    assert client.get(reverse("registers:incident_report_public", args=[new.token])).status_code == 200


def test_those_who_handle_are_told_and_the_letter_says_nothing_of_it(organisation, other_organisation):
    lead, _else = member(organisation, Role.DSPT_LEAD), member(other_organisation, Role.DSPT_LEAD)
    report = a_report(what_happened="Resident Mary Smith 943 476 5919")
    services.report_incident(organisation, report, key=uuid.uuid4(), by=member(organisation, Role.STAFF), at=NOW)

    run(Job.objects.get().pk)

    assert [letter.to for letter in mail.outbox] == [[lead.email]]
    text = mail.outbox[0].subject + mail.outbox[0].body
    assert "INC-0001" in text
    assert "Mary" not in text
    assert "943" not in text


# --- pages -------------------------------------------------------------------------------------------------------


def test_details_are_asked_about_and_never_refused(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.STAFF)
    values = form_of(what_happened="I gave resident Mary Smith the wrong tablets list.")
    page = reverse("registers:incident_report")

    asked = client.post(page, values).content.decode()
    assert "looks like a name" in asked
    assert not Incident.objects.exists()

    client.post(page, values | {"as_it_stands": "1"})
    assert Incident.objects.get().reported_by == client.user


def test_a_report_shows_its_faults_and_keeps_what_was_typed(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.STAFF)

    page = client.post(
        reverse("registers:incident_report"), form_of(noticed_time="25:99", people_affected="some", noticed_on_day="31")
    ).content.decode()

    assert "There is a problem" in page
    assert "Enter a time, for example 14:30 or 2:30pm." in page
    assert "Enter a whole number" in page
    assert "Papers were left on the bus." in page


def test_staff_see_their_own_reports_only_and_no_handling(organisation, incident, sign_in, lead):
    mine, other = sign_in(organisation, Role.STAFF), sign_in(organisation, Role.STAFF)
    Incident.objects.filter(pk=incident.pk).update(reported_by=mine.user)
    assess(incident, lead)

    assert "INC-0001" in mine.get(reverse("registers:incident_mine")).content.decode()
    assert "INC-0001" not in other.get(reverse("registers:incident_mine")).content.decode()
    assert mine.get(reverse("registers:incident_detail", args=[incident.pk])).status_code == 403


def test_the_grid_is_shown_with_its_answer_and_the_summary_is_ready_to_copy(organisation, incident, sign_in, time_machine):
    time_machine.move_to(NOW + HOUR)
    client = sign_in(organisation, Role.DPO)
    values = {
        "is_breach": "yes",
        "categories": ["confidentiality"],
        "role": "controller",
        "aware_on_day": "20",
        "aware_on_month": "11",
        "aware_on_year": "2026",
        "aware_time": "16:30",
        "vulnerable": "on",
        "likelihood": "3",
        "impact": "4",
        "reason": "The neighbour read it.",
    }

    page = client.post(reverse("registers:incident_assess", args=[incident.pk]), values, follow=True).content.decode()
    summary = client.get(reverse("registers:incident_summary", args=[incident.pk])).content.decode()

    assert "Likelihood 3 times impact 4 gives 12 of 25" in page
    assert "tell the people affected without delay" in page
    assert "20 November 2026 at 4:30pm" in summary
    assert "A letter went to the wrong flat." in summary


@pytest.mark.parametrize("reports", [1, 9])
def test_the_register_costs_the_same_however_long(
    organisation, sign_in, lead, reports, time_machine, django_assert_max_num_queries
):
    time_machine.move_to(NOW)
    for _ in range(reports):
        taken = services.report_incident(organisation, a_report(), key=uuid.uuid4(), by=lead, at=NOW)
        assess(taken.incident, lead)
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_max_num_queries(9):  # session, user, memberships, incidents, and one for each kind of fact
        page = client.get(reverse("registers:incident_list"))

    assert page.content.count(b'class="nhsuk-table__row"') == reports


def test_the_figures_follow_the_register(organisation, incident, lead):
    on = NOW.date()
    before = catalogue.all_figures(organisation, on)
    assess(incident, lead, is_breach=False, categories=[])
    handling.learn(incident, theme="checking", root_cause="Hurry", lesson="Slow down", by=lead, at=NOW)
    after = catalogue.all_figures(organisation, on)

    assert (before["incidents.with_lessons"].numerator, before["incidents.handled"].numerator) == (0, 0)
    assert (after["incidents.with_lessons"].numerator, after["incidents.handled"].numerator) == (1, 1)
    assert not after["incidents.told_in_time"].is_recorded


def test_nothing_recorded_is_not_nothing_happened(organisation):
    figures = catalogue.all_figures(organisation, NOW.date())

    assert figures["incidents.recorded"].sentence == "Nothing recorded."
