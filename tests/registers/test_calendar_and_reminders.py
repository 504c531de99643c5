"""The calendar of everything with a date, and the digest of what is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.policy import Access
from registers import calendar, catalogue
from registers.calendar import Dated, Entry
from registers.catalogue import Footing
from registers.check_kinds import kinds
from registers.icalendar import as_icalendar
from registers.models.policies import Policy, PolicyVersion
from registers.models.reminders import ReminderFailure, ReminderSend
from registers.queries.reminders import digests
from registers.services import policies, rights
from registers.services.actions import Owner, add_action, finish_action
from registers.services.entries import change_entry, close_entry
from registers.services.nil_returns import sign_nil_return
from registers.services.reminders import send_reminders
from registers.services.suppliers import add_agreement, add_supplier
from tests.factories import NOW, TODAY, AbsenceFactory, KeyPostFactory, PersonFactory, PostFactory, member, person_in_post
from tests.registers.entries import add as add_entry_of
from tests.registers.entries import fill


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def person(organisation):
    found = person_in_post(organisation)
    found.email = "sam@example.test"
    found.save()
    return found


@pytest.fixture
def add(organisation, lead):
    def added(owner, *, due_on=TODAY, what="Ring Mrs Jones about the letter"):
        return add_action(organisation, what=what, owner=owner, due_on=due_on, by=lead, at=NOW)

    return added


def test_the_calendar_gathers_what_still_wants_something(organisation, lead, client):
    today = timezone.localdate()
    action = {"owner": Owner(post="siro"), "by": lead, "at": NOW}
    add_action(organisation, what="Late thing", due_on=today - timedelta(days=3), **action)
    done = add_action(organisation, what="Done thing", due_on=today, **action)
    finish_action(done, note="Done", by=lead, at=NOW)
    add_action(organisation, what="Far thing", due_on=today + timedelta(days=800), **action)
    values = {"category": "it-support", "does": "IT", "handles": "health", "criticality": "low", "since": date(2024, 1, 1)}
    supplier = add_supplier(organisation, name="Sparks", by=lead, at=NOW, **values)
    review = today + timedelta(days=40)
    add_agreement(supplier, kind="contract", title="Contract", start=date(2024, 1, 1), review_by=review, by=lead, at=NOW)
    client.force_login(lead)

    page = client.get(reverse("registers:calendar_list")).text
    only = client.get(reverse("registers:calendar_list"), {"kind": "agreement"}).text
    file = client.get(reverse("registers:calendar_file"))

    assert (
        page.index("Overdue") < page.index("Late thing") < page.index(review.strftime("%B %Y")) < page.index("Review: Contract")
    )
    assert "Done thing" not in page
    assert "Far thing" not in page
    assert "Late thing" not in only
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    assert file.text.count("BEGIN:VEVENT") == 2
    assert f"DTSTART;VALUE=DATE:{review:%Y%m%d}" in file.text


@pytest.mark.parametrize(
    ("slug", "kind", "words"),
    [
        ("assets", "asset", "Support ends: LAP-1 Office laptop"),
        ("checks", "check", "Spot check (suggested)"),
        ("dpias", "dpia", "Review: Falls sensors"),
        ("planned-checks", "check", "Spot check"),
        ("policies", "policy", "Review “Data protection policy”"),
        ("processing", "processing", "Review: Care records"),
        ("risks", "risk", "Review: A phone with care notes is lost"),
        ("suppliers", "supplier-certificate", "Look at the DSPT of Acorn Care Records again"),
    ],
)
def test_each_register_brings_its_dates(slug, kind, words, organisation, lead, client, time_machine):
    time_machine.move_to(date(2026, 12, 1))
    user = member(organisation, Role.DSPT_LEAD, Role.DPO)
    fill(slug, organisation, user)
    access = Access(user=user, organisation=organisation, roles=frozenset({Role.DSPT_LEAD}))
    client.force_login(lead)

    own = calendar.dates_for(access, date(2026, 12, 1), kind=kind)
    everything = calendar.dates_for(access, date(2026, 12, 1))
    page = client.get(reverse("registers:calendar_list"), {"kind": kind}).text
    file = client.get(reverse("registers:calendar_file"), {"kind": kind}).text.replace("\r\n ", "")

    assert words in [dated.entry.what for dated in own]
    assert [dated.entry.what for dated in everything].count(words) == 1
    assert words in page
    assert words.replace(",", "\\,") in file


def test_a_request_wants_its_answer_and_a_nil_return_its_successor(organisation, lead):
    rights.add_matter(organisation, kind="access", received_on=TODAY, way="letter", about="Notes", by=lead, at=NOW)
    years = {"start": date(2025, 7, 1), "end": date(2026, 5, 1)}
    sign_nil_return(catalogue.find("disposals"), organisation, by=lead, at=NOW, **years)
    access = Access(user=lead, organisation=organisation, roles=frozenset({Role.DSPT_LEAD}))

    found = {dated.kind: (dated.entry.what, dated.entry.on) for dated in calendar.dates_for(access, TODAY)}
    stands = catalogue.figures_of(catalogue.find("disposals"), organisation, found["nil-return"][1])
    over = catalogue.figures_of(catalogue.find("disposals"), organisation, found["nil-return"][1] + timedelta(days=1))

    assert found["rights"] == ("Answer REQ-0001", date(2026, 6, 1))
    assert found["nil-return"] == ("Nil return runs out: Disposal log", date(2027, 4, 30))
    assert [figures[0].footing for figures in (stands, over)] == [Footing.NIL_RETURN, Footing.NOTHING]


def test_what_is_closed_or_withdrawn_has_no_date(organisation, lead):
    user = member(organisation, Role.DSPT_LEAD, Role.DPO)
    for slug in ("risks", "assets", "processing", "dpias", "planned-checks"):
        close_entry(add_entry_of(slug, organisation, user), reason="No longer", on=TODAY, by=user, at=NOW)
    fill("policies", organisation, user)
    policies.withdraw(Policy.objects.get(), reason="Replaced", by=user, at=NOW)
    access = Access(user=lead, organisation=organisation, roles=frozenset({Role.DSPT_LEAD}))

    assert calendar.dates_for(access, TODAY) == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_line_of_the_file_is_never_too_long_and_says_what_went_in(words):
    dated = Dated(Entry("7", TODAY, words, "/x/"), "action", "Action", is_overdue=False)

    content = as_icalendar([dated], title="T", owner="VX1", base_url="https://x.example", at=NOW).decode()

    lines = content.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    whole = content.replace("\r\n ", "").split("\r\n")
    said = (
        next(line for line in whole if line.startswith("SUMMARY:"))
        .removeprefix("SUMMARY:Action: ")
        .removeprefix("SUMMARY:Action:")
    )
    assert said.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\") == " ".join(words.split())


@pytest.mark.parametrize("kind", [kind for kind, _label in calendar.kinds()])
def test_every_kind_of_date_can_be_asked_for(organisation, kind, lead, client):
    client.force_login(lead)

    assert client.get(reverse("registers:calendar_list"), {"kind": kind}).status_code == 200


def test_a_person_gets_one_letter_a_week_without_anybodys_words(organisation, add, person):
    action = add(Owner(person=person), due_on=TODAY - timedelta(days=1))
    KeyPostFactory(organisation=organisation, kind="dpo", holder=person, holder_outside="")
    add(Owner(post="dpo"), due_on=TODAY + timedelta(days=7))
    add(Owner(person=person), due_on=TODAY + timedelta(days=8))

    assert [send_reminders(organisation, at=NOW) for _twice in range(2)] == [1, 0]
    assert send_reminders(organisation, at=NOW + timedelta(days=2)) == 0
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["sam@example.test"], "To do: 2 actions")
    assert "overdue since 30 April 2026" in letter.body
    assert reverse("registers:action_detail", args=[action.pk]) in letter.body
    assert "Jones" not in letter.body
    assert send_reminders(organisation, at=NOW + timedelta(days=7)) == 1
    assert list(ReminderSend.objects.values_list("step", "lines")) == [("2026-W19", 3), ("2026-W18", 2)]


def test_what_is_done_before_the_letter_goes_is_not_in_it(organisation, add, person, lead):
    finish_action(add(Owner(person=person)), note="Rang her", by=lead, at=NOW)

    assert send_reminders(organisation, at=NOW) == 0
    assert mail.outbox == []


def test_nobody_who_left_or_is_away_or_has_no_address_is_written_to(organisation, add, lead, client):
    left = PersonFactory(organisation=organisation, email="left@example.test")
    away = person_in_post(organisation)
    away.email = "away@example.test"
    away.save()
    AbsenceFactory(person=away)
    without = person_in_post(organisation)
    for owner in (left, away, without):
        add(Owner(person=owner))

    assert send_reminders(organisation, at=NOW) == 0
    assert {digest.person: digest.held_back for digest in digests(organisation, TODAY)} == {
        left: "They have left.",
        away: "They are away.",
        without: "They have no e-mail address.",
    }
    client.force_login(lead)
    assert "They have no e-mail address." in client.get(reverse("registers:reminder_list")).text


def test_a_letter_that_cannot_be_handed_over_is_noted_and_goes_the_next_day_once(
    organisation, add, person, monkeypatch, lead, client
):
    add(Owner(person=person))

    def refuse(*_args, **_more):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("nhsuk.mail.send", refuse)
        assert send_reminders(organisation, at=NOW) == 0

    assert ReminderFailure.objects.get().send == ReminderSend.objects.get()
    client.force_login(lead)
    assert "the mail server refused it" in client.get(reverse("registers:reminder_list")).text
    assert [send_reminders(organisation, at=NOW + timedelta(days=days)) for days in (1, 2)] == [1, 0]
    assert list(ReminderSend.objects.standing().values_list("attempt", flat=True)) == [2]


def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(organisation, add, person, monkeypatch):
    add(Owner(person=person))
    outside, seen = len(connection.savepoint_ids), []
    monkeypatch.setattr(
        "nhsuk.mail.send",
        lambda *_args, **_more: seen.append((len(connection.savepoint_ids), ReminderSend.objects.count())),
    )

    send_reminders(organisation, at=NOW)

    assert seen == [(outside, 1)]


def test_a_run_beside_another_that_was_quicker_sends_nothing(organisation, add, person, monkeypatch):
    add(Owner(person=person))
    found = digests(organisation, TODAY)
    assert send_reminders(organisation, at=NOW) == 1
    monkeypatch.setattr("registers.services.reminders.digests", lambda *_: found)

    assert send_reminders(organisation, at=NOW) == 0
    assert len(mail.outbox) == 1


@pytest.fixture
def publish(organisation, lead):
    def published(title, *, at, days_to_read=7, version=None):
        dates = {"effective_on": TODAY, "review_by": TODAY + timedelta(days=365), "by": lead, "at": at}
        version = version or policies.create_policy(
            organisation, title=title, body="Lock it.", days_to_read=days_to_read, **dates
        )
        policies.approve(version, approved_as="DSPT lead", by=lead, at=at)
        policies.publish(version, by=lead, at=at)
        return PolicyVersion.objects.get(pk=version.pk)

    return published


def lines(organisation, on):
    """What everybody would be told on a date, as (person, kind, due, address)."""
    return {
        (digest.person, one.what, one.due_on, one.url)
        for digest in digests(organisation, on)
        if not digest.held_back
        for one in digest.reminders
    }


def test_whoever_has_not_read_a_policy_is_told_once_a_week_until_they_have(organisation, person, publish, lead):
    version = publish("Acceptable use", at=NOW)
    publish("Far off", at=NOW, days_to_read=8)

    assert [send_reminders(organisation, at=NOW) for _twice in range(2)] == [1, 0]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["sam@example.test"], "To do: 1 policy to read")
    assert "- policy to read, due on 8 May 2026: http" in letter.body
    assert reverse("registers:policy_read", args=[version.pk]) in letter.body
    assert "Acceptable use" not in letter.body

    policies.acknowledge(version, person=person, by=lead, at=NOW)

    assert lines(organisation, TODAY) == set()


def test_a_replaced_or_withdrawn_policy_is_in_no_letter(organisation, person, publish, lead):
    first, gone = publish("Acceptable use", at=NOW), publish("Old rules", at=NOW)
    policies.withdraw(gone.policy, reason="Replaced", by=lead, at=NOW)
    draft = policies.start_version(
        first.policy, effective_on=TODAY, review_by=TODAY + timedelta(days=365), by=lead, at=NOW + timedelta(days=1)
    )
    assert {line[3] for line in lines(organisation, TODAY)} == {reverse("registers:policy_read", args=[first.pk])}

    second = publish("", version=draft, at=NOW + timedelta(days=1))

    assert {line[3] for line in lines(organisation, TODAY + timedelta(days=1))} == {
        reverse("registers:policy_read", args=[second.pk])
    }


def test_a_starter_hears_of_a_policy_by_their_own_day_and_leavers_and_people_away_not(organisation, publish):
    version = publish("Acceptable use", at=NOW - timedelta(days=90))
    starter, leaver, away = (PersonFactory(organisation=organisation, email=f"{n}@example.test") for n in "abc")
    PostFactory(person=starter, start=TODAY - timedelta(days=3), end=None)
    PostFactory(person=leaver, start=TODAY - timedelta(days=400), end=TODAY)
    PostFactory(person=away, start=TODAY - timedelta(days=400), end=None)
    AbsenceFactory(person=away)

    url = reverse("registers:policy_read", args=[version.pk])
    assert lines(organisation, TODAY) == {(starter, "policy to read", TODAY + timedelta(days=4), url)}


@pytest.mark.parametrize("slug", ["risks", "planned-checks"])
@pytest.mark.parametrize("owned_by", ["person", "post"])
def test_whoever_is_reminded_opens_what_the_letter_links_to_and_nobody_else_does(
    organisation, lead, person, slug, owned_by, client, time_machine
):
    owner = member(organisation, Role.STAFF)
    person.user = owner
    person.save()
    KeyPostFactory(organisation=organisation, kind="ig-lead", holder=person, holder_outside="")
    entry = add_entry_of(slug, organisation, lead)
    entry = change_entry(
        entry, owner_post=person.staff_number if owned_by == "person" else "Information governance lead", by=lead, at=NOW
    )
    due = {"risks": "review_by", "planned-checks": "first_due_on"}[slug]
    time_machine.move_to(getattr(entry, due))
    (url,) = {line[3] for line in lines(organisation, getattr(entry, due)) if line[0] == person}

    client.force_login(owner)
    mine = client.get(url)
    client.force_login(member(organisation, Role.STAFF))
    theirs = client.get(url)

    assert (mine.status_code, theirs.status_code) == (200, 404)
    assert str(entry) in mine.text
    assert "Change</a>" not in mine.text


def test_an_owner_reviews_their_risk_and_does_the_check_planned_for_them(organisation, lead, person, client):
    today = timezone.localdate()
    owner = member(organisation, Role.STAFF)
    person.user = owner
    person.save()
    risk, plan = (add_entry_of(slug, organisation, lead) for slug in ("risks", "planned-checks"))
    for entry in (risk, plan):
        change_entry(entry, owner_post=person.staff_number, by=lead, at=timezone.now())
    review = reverse("registers:risk_review", args=[risk.pk])
    sheet = reverse("registers:check_do", kwargs={"check_kind": "spot-check"})
    other = reverse("registers:check_do", kwargs={"check_kind": "access-review"})
    client.force_login(owner)
    again = today + timedelta(days=90)
    answers = {f"answer_{code}": "yes" for code in kinds()["spot-check"].questions}
    day = {"done_on_day": today.day, "done_on_month": today.month, "done_on_year": today.year}

    assert client.get(review).status_code == 200
    scores = {"likelihood_before": 3, "impact_before": 4, "likelihood_after": 2, "impact_after": 4, "note": "Seen"}
    due = {"review_by_day": again.day, "review_by_month": again.month, "review_by_year": again.year}
    assert client.post(review, scores | due).status_code == 302
    assert client.get(other).status_code == 404
    done = client.post(sheet, answers | day, follow=True)
    assert done.status_code == 200
    assert "All in order" in done.text
    risk.refresh_from_db()
    assert risk.review_by == again
    client.force_login(member(organisation, Role.STAFF))
    assert [client.get(page).status_code for page in (review, sheet)] == [404, 404]


def test_a_manager_hears_once_of_a_policy_that_their_team_should_have_read(organisation, publish):
    version = publish("Acceptable use", at=NOW)
    manager = person_in_post(organisation, user=member(organisation, Role.STAFF, Role.MANAGER))
    other = person_in_post(organisation, user=member(organisation, Role.STAFF, Role.MANAGER))
    for one in (manager, other):
        one.email = f"{one.staff_number}@example.test"
        one.save()
        policies.acknowledge(version, person=one, by=one.user, at=NOW)
    for _ in range(2):
        PostFactory(person=PersonFactory(organisation=organisation), start=TODAY - timedelta(days=99), end=None, manager=manager)
    away = PersonFactory(organisation=organisation)
    PostFactory(person=away, start=TODAY - timedelta(days=99), end=None, manager=other)
    AbsenceFactory(person=away)
    url = reverse("registers:team_policy", args=[version.pk])

    assert lines(organisation, TODAY + timedelta(days=7)) == set()
    assert lines(organisation, TODAY + timedelta(days=8)) == {
        (manager, "policy your team has not read", TODAY + timedelta(days=7), url)
    }
    send_reminders(organisation, at=NOW + timedelta(days=8))
    (letter,) = mail.outbox
    assert letter.subject == "To do: 1 policy your team has not read"
    assert "Acceptable" not in letter.body


def test_a_manager_without_the_role_or_a_sign_in_is_not_led_to_a_page_they_cannot_open(organisation, publish):
    version = publish("Acceptable use", at=NOW)
    manager = person_in_post(organisation, user=member(organisation, Role.STAFF))
    policies.acknowledge(version, person=manager, by=manager.user, at=NOW)
    PostFactory(person=PersonFactory(organisation=organisation), start=TODAY - timedelta(days=99), end=None, manager=manager)

    assert {line[1] for line in lines(organisation, TODAY + timedelta(days=8))} <= {"policy to read"}
