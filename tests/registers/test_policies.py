"""Policies: from a draft to a reader's word, and the figures on the way."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from docx import Document as WordDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.enums import Role
from accounts.policy import Access
from audit.models import AppendOnlyError, Event
from evidence import blobs
from evidence.models import Document
from registers.forms.policies import capacities
from registers.models import Acknowledgement, Audience, Policy, PolicyState, PolicyVersion
from registers.queries.policies import policies_figure, read_figures, readers, reading_list, standings
from registers.services import policies as services
from registers.writing.document import document_of
from staff.enums import DataAccess
from tests.evidence import files as f
from tests.factories import NOW, TODAY, KeyPostFactory, OrganisationFactory, PersonFactory, PostFactory, member, person_in_post

BODY = "## Rules\n\nLock your screen.\n\n- one\n- two\n\n| What | Who |\n| Keys | Manager |"
NEXT_YEAR = date(2027, 5, 1)


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def siro(organisation):
    return member(organisation, Role.SENIOR_REVIEWER)


@pytest.fixture
def draft(organisation, lead):
    def drafted(title: str = "Acceptable use", **values: object) -> PolicyVersion:
        values = {"body": BODY, "effective_on": TODAY, "review_by": NEXT_YEAR, "by": lead, "at": NOW} | values
        return services.create_policy(organisation, title=title, **values)

    return drafted


@pytest.fixture
def publish(draft, lead, siro):
    def published(version: PolicyVersion | None = None, *, at: datetime = NOW, **values: object) -> PolicyVersion:
        version = version or draft(**values)
        services.approve(version, approved_as="SIRO", by=siro, at=at)
        services.publish(version, by=lead, at=at)
        return PolicyVersion.objects.get(pk=version.pk)

    return published


def test_a_published_version_is_in_the_evidence_by_itself(publish, organisation):
    version = publish()

    document = Document.objects.get(organisation=organisation)
    kept = document.versions.get()
    assert (document.title, document.kind, kept.number) == ("Acceptable use", "policy", 1)
    assert (kept.effective_on, kept.review_by) == (TODAY, NEXT_YEAR)
    assert version.publication.document_version == kept
    paper = PdfReader(io.BytesIO(blobs.read(kept.blob))).pages[0].extract_text()
    assert "not yet published" not in paper
    assert dict(document_of(version, on=TODAY).facts)["Version"] == "1", "as in the Word file"
    assert [event.type for event in Event.objects.filter(type__startswith="registers.").order_by("sequence")] == [
        "registers.policy_begun",
        "registers.policy_approved",
        "registers.policy_published",
    ]


def test_a_new_version_is_a_new_version_of_the_same_document(publish, lead):
    first = publish()
    second = services.start_version(
        first.policy, effective_on=TODAY, review_by=NEXT_YEAR + timedelta(days=1), by=lead, at=NOW + timedelta(days=1)
    )
    publish(second, at=NOW + timedelta(days=1))

    assert Document.objects.get().versions.count() == 2
    assert first.state(TODAY) == PolicyState.PUBLISHED
    assert PolicyVersion.objects.get(pk=first.pk).state(TODAY + timedelta(days=1)) == PolicyState.SUPERSEDED


def test_starting_a_version_twice_gives_back_the_draft(publish, lead):
    policy = publish().policy

    first = services.start_version(policy, effective_on=TODAY, review_by=NEXT_YEAR, by=lead, at=NOW)
    second = services.start_version(policy, effective_on=TODAY, review_by=NEXT_YEAR, by=lead, at=NOW)

    assert (first.pk, first.number) == (second.pk, 2)


def test_who_wrote_a_version_does_not_approve_it(draft, lead, siro):
    version = draft()

    with pytest.raises(services.PolicyRefusedError, match="somebody else has to approve"):
        services.approve(version, approved_as="DSPT lead", by=lead, at=NOW)

    assert services.approve(version, approved_as="SIRO", by=siro, at=NOW).is_own_work is False


def test_one_person_alone_approves_their_own_and_it_says_so(draft, lead):
    approval = services.approve(draft(), approved_as="DSPT lead", by=lead, at=NOW)

    assert approval.is_own_work
    assert Event.objects.get(type="registers.policy_approved").summary["is_own_work"] is True


def test_an_approver_who_changes_a_word_has_become_a_writer(draft, lead, siro):
    version = draft()
    services.change_draft(version, body=BODY + "\n\nMore.", by=siro, at=NOW)
    other = member(version.policy.organisation, Role.SENIOR_REVIEWER)

    with pytest.raises(services.PolicyRefusedError, match="You wrote this version"):
        services.approve(version, approved_as="SIRO", by=siro, at=NOW)
    assert list(services.others_who_may_approve(version)) == [other]


def test_a_changed_word_takes_the_approval_away_and_putting_it_back_returns_it(draft, lead, siro):
    version = draft()
    services.approve(version, approved_as="SIRO", by=siro, at=NOW)

    services.change_draft(version, body="## Rules\n\nOther words.", by=lead, at=NOW)
    with pytest.raises(services.PolicyRefusedError, match="not been approved"):
        services.publish(version, by=lead, at=NOW)

    services.change_draft(version, body=BODY, by=lead, at=NOW)
    assert services.publish(version, by=lead, at=NOW).version == version


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": "  "}, "title"),
        ({"body": " \n "}, "Write the policy"),
        ({"review_by": TODAY}, "review date must be after"),
        ({"body": "x" * 60_001}, "longer than"),
        ({"audience": "friends"}, "not an audience"),
    ],
)
def test_an_impossible_policy_is_refused_and_nothing_is_kept(draft, values, words):
    with pytest.raises(services.PolicyRefusedError, match=words):
        draft(**values)

    assert not Policy.objects.exists()


def test_a_second_policy_of_the_same_title_is_refused_until_the_first_is_withdrawn(draft, lead):
    first = draft()
    with pytest.raises(services.PolicyRefusedError, match="already have"):
        draft(title="acceptable USE")

    services.withdraw(first.policy, reason="Replaced", by=lead, at=NOW)

    assert draft(title="Acceptable use").number == 1


def test_blanks_stop_an_approval(draft, siro):
    version = draft(body="## Contacts\n\nRing [Fill in: number] or [Fill in: other number].")

    with pytest.raises(services.PolicyRefusedError, match="“number” and 1 more"):
        services.approve(version, approved_as="SIRO", by=siro, at=NOW)


def test_a_published_version_never_changes(publish, lead):
    version = publish()

    with pytest.raises(services.PolicyRefusedError, match="does not change any more"):
        services.change_draft(version, body="Other", by=lead, at=NOW)


def test_publishing_approving_and_withdrawing_twice_happens_once(publish, lead, siro):
    version = publish()

    again = services.publish(version, by=lead, at=NOW)
    first = services.withdraw(version.policy, reason="Old", by=lead, at=NOW)
    second = services.withdraw(version.policy, reason="Older", by=siro, at=NOW)

    assert again == version.publication
    assert (first, second.reason) == (second, "Old")
    assert Document.objects.get().versions.count() == 1


# --- Reading ------------------------------------------------------------------------------


def test_somebody_in_post_reads_and_confirms_once(publish, organisation, lead):
    version, person = publish(), person_in_post(organisation)

    first = services.acknowledge(version, person=person, by=lead, at=NOW)
    second = services.acknowledge(version, person=person, by=lead, at=NOW + timedelta(days=3))

    assert first == second
    assert second.acknowledged_on == TODAY
    assert "Person" not in str(Event.objects.get(type="registers.policy_read").payload())


def test_a_word_for_a_superseded_version_is_refused(publish, organisation, lead):
    first, person = publish(), person_in_post(organisation)
    publish(services.start_version(first.policy, effective_on=TODAY, review_by=NEXT_YEAR, by=lead, at=NOW))

    with pytest.raises(services.PolicyRefusedError, match="newer version"):
        services.acknowledge(first, person=person, by=lead, at=NOW)


def test_a_word_for_a_withdrawn_or_unpublished_policy_is_refused(publish, draft, organisation, lead):
    version, person = publish(), person_in_post(organisation)
    services.withdraw(version.policy, reason="Old", by=lead, at=NOW)

    with pytest.raises(services.PolicyRefusedError, match="withdrawn on 1 May 2026"):
        services.acknowledge(version, person=person, by=lead, at=NOW)
    with pytest.raises(services.PolicyRefusedError, match="not published"):
        services.acknowledge(draft("Other"), person=person, by=lead, at=NOW)
    assert not Acknowledgement.objects.exists()


def test_nobody_confirms_what_is_not_asked_of_them(publish, organisation, lead):
    version = publish(audience=Audience.WITH_ACCESS)
    without = person_in_post(organisation, has_access=DataAccess.NO)
    gone = person_in_post(organisation, end=TODAY)
    foreign = person_in_post(OrganisationFactory())

    for person in (without, gone, foreign):
        with pytest.raises(services.PolicyRefusedError, match="not asked of you"):
            services.acknowledge(version, person=person, by=lead, at=NOW)


def test_a_word_once_given_stays(publish, organisation, lead):
    word = services.acknowledge(publish(), person=person_in_post(organisation), by=lead, at=NOW)

    with pytest.raises(AppendOnlyError):
        word.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Acknowledgement.objects.update(acknowledged_on=date(2020, 1, 1))


def test_a_withdrawn_or_replaced_policy_is_in_nobodys_list(publish, organisation, lead):
    person = person_in_post(organisation)
    old, gone = publish(title="One"), publish(title="Two")
    new = publish(services.start_version(old.policy, effective_on=TODAY, review_by=NEXT_YEAR, by=lead, at=NOW))
    services.withdraw(gone.policy, reason="Old", by=lead, at=NOW)
    publish(title="For nobody", audience=Audience.NOBODY)

    assert [item.version for item in reading_list(person, on=TODAY)] == [new]
    assert reading_list(person, on=TODAY - timedelta(days=1)) == []


def test_a_starter_has_their_days_from_their_first_day(publish, organisation):
    publish(days_to_read=14)
    starter = person_in_post(organisation, start=date(2026, 6, 1))

    (item,) = reading_list(starter, on=date(2026, 6, 15))
    (late,) = reading_list(starter, on=date(2026, 6, 16))

    assert (item.read_by, item.is_late, late.is_late) == (date(2026, 6, 15), False, True)


days = st.integers(-40, 40).map(lambda n: TODAY + timedelta(days=n))
posts = st.tuples(days, st.none() | st.integers(1, 60), st.sampled_from(DataAccess.values))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.tuples(st.lists(posts, max_size=2), st.none() | st.integers(0, 40)), max_size=6),
    audience=st.sampled_from([Audience.EVERYONE, Audience.WITH_ACCESS]),
    on=st.integers(0, 50).map(lambda n: TODAY + timedelta(days=n)),
)
def test_the_figure_is_what_a_plain_count_says(publish, lead, people, audience, on):
    with transaction.atomic():
        version = publish(title=f"P{Policy.objects.count()}", audience=audience)
        organisation = version.policy.organisation
        asked = read = 0
        for listed, word in people:
            person = PersonFactory(organisation=organisation)
            for start, length, access in listed:
                PostFactory(person=person, start=start, end=start + timedelta(days=length) if length else None, has_access=access)
            if word is not None:
                day = TODAY + timedelta(days=word)
                at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
                Acknowledgement.objects.create(version=version, person=person, acknowledged_on=day, acknowledged_at=at)
            held = [(a, n, x) for a, n, x in listed if a <= on and (n is None or a + timedelta(days=n) > on)]
            counts = any(audience == Audience.EVERYONE or x != DataAccess.NO for _, _, x in held)
            asked += counts
            read += counts and word is not None and TODAY + timedelta(days=word) <= on

        figure = read_figures(organisation, [version], on=on)[version.pk]
        listed_readers = readers(version, on=on)

        assert (figure.asked, figure.read) == (asked, read)
        assert (len(listed_readers), sum(r.acknowledged_on is not None for r in listed_readers)) == (asked, read)
        transaction.set_rollback(True)


def test_the_register_counts_policies_in_date_and_readings(publish, organisation, lead):
    person, other = person_in_post(organisation), person_in_post(organisation)
    first, _second = publish(title="One"), publish(title="Two", effective_on=date(2025, 1, 1), review_by=date(2026, 4, 30))
    services.acknowledge(first, person=person, by=lead, at=NOW)
    services.acknowledge(first, person=other, by=lead, at=NOW)

    figure = policies_figure(organisation, on=TODAY)

    assert (figure.applying, figure.in_date, figure.asked, figure.read) == (2, 1, 4, 2)
    assert not policies_figure(organisation, on=TODAY - timedelta(days=1)).is_recorded


# --- Pages --------------------------------------------------------------------------------


@pytest.mark.parametrize("how_many", [1, 6])
def test_the_register_costs_the_same_however_long(
    organisation, sign_in, publish, how_many, django_assert_num_queries, time_machine
):
    time_machine.move_to(NOW)
    for number in range(how_many):
        publish(title=f"Policy {number}")
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_num_queries(16):
        page = client.get(reverse("registers:policy_list"))

    assert page.content.count(b'class="nhsuk-table__row"') == how_many


def test_a_template_becomes_a_draft_with_what_is_known(organisation, sign_in, time_machine):
    time_machine.move_to(NOW)
    client = sign_in(organisation, Role.DSPT_LEAD)
    use = reverse("registers:policy_template_use", args=["passwords-and-mfa"])

    shown = client.get(use).content.decode()
    dates = {"effective_on_day": 1, "effective_on_month": 5, "effective_on_year": 2026}
    dates |= {"review_by_day": 1, "review_by_month": 5, "review_by_year": 2027}
    page = client.post(use, dates | {"lead": "Tom | Hughes [x]", "care_system": "CareBook"}, follow=True).content.decode()

    version = PolicyVersion.objects.get()
    assert "Who looks after data protection from day to day" in shown
    assert "Tom Hughes x checks twice a year" in version.body
    assert "[Fill in: Who staff tell when something goes wrong]" in version.body
    assert "still to fill in" in page
    assert version.policy.template_code == "passwords-and-mfa"


def test_a_lead_writes_another_approves_and_a_care_worker_reads(organisation, sign_in, draft, siro, time_machine, client):
    time_machine.move_to(NOW)
    version = draft()
    client.force_login(siro)
    client.post(
        reverse("registers:policy_version_approve", args=[version.pk]), {"approved_as": "Senior reviewer (SIRO or equivalent)"}
    )
    lead = sign_in(organisation, Role.DSPT_LEAD)
    lead.post(reverse("registers:policy_version_publish", args=[version.pk]))
    worker = sign_in(organisation, Role.STAFF)
    person_in_post(organisation, user=worker.user)

    page = worker.get(reverse("registers:my_policies")).content.decode()
    read = reverse("registers:policy_read", args=[version.pk])
    unticked = worker.post(read).content.decode()
    thanks = worker.post(read, {"confirm": "on"}, follow=True).content.decode()

    assert "Acceptable use" in page
    assert "There is a problem" in unticked
    assert "We have noted that you read" in thanks
    assert "1 of 1 (100%)" in lead.get(reverse("registers:policy_list")).content.decode()


def test_a_file_of_their_own_goes_the_same_way(organisation, sign_in, siro, time_machine, client):
    time_machine.move_to(NOW)
    lead = sign_in(organisation, Role.DSPT_LEAD)
    form = {"title": "Clear desk", "audience": "everyone", "days_to_read": 7}
    form |= {"effective_on_day": 1, "effective_on_month": 5, "effective_on_year": 2026}
    form |= {"review_by_day": 1, "review_by_month": 5, "review_by_year": 2027}
    lead.post(reverse("registers:policy_add"), form | {"file": SimpleUploadedFile("clear desk.pdf", f.pdf())})
    version = PolicyVersion.objects.get()
    services.approve(version, approved_as="SIRO", by=siro, at=NOW)
    services.publish(version, by=lead.user, at=NOW)
    worker = sign_in(organisation, Role.STAFF)
    person_in_post(organisation, user=worker.user)

    taken = worker.get(reverse("registers:policy_file", args=[version.pk]))

    assert taken.content == f.pdf()
    assert Document.objects.get().versions.get().blob == version.blob


def test_a_withdrawn_policy_shows_no_text_to_staff(organisation, sign_in, publish, lead, time_machine):
    time_machine.move_to(NOW)
    version = publish()
    worker = sign_in(organisation, Role.STAFF)
    person_in_post(organisation, user=worker.user)
    services.withdraw(version.policy, reason="Old", by=lead, at=NOW)

    page = worker.get(reverse("registers:policy_read", args=[version.pk])).content.decode()
    said = worker.post(reverse("registers:policy_read", args=[version.pk]), {"confirm": "on"}, follow=True).content.decode()

    assert "was withdrawn on" in page
    assert "Lock your screen" not in page
    assert "You need not read it" in said
    assert worker.get(reverse("registers:policy_file", args=[version.pk])).status_code == 404


def test_the_names_of_readers_are_for_those_who_may_see_names(organisation, sign_in, publish, time_machine):
    time_machine.move_to(NOW)
    version = publish()
    person_in_post(organisation)
    page = reverse("registers:policy_readers", args=[version.pk])

    assert b"Person" in sign_in(organisation, Role.DSPT_LEAD).get(page).content
    assert sign_in(organisation, Role.SENIOR_REVIEWER).get(page).status_code == 403
    assert sign_in(organisation, Role.STAFF).get(page).status_code == 403


def test_the_documents_hold_the_words_the_headings_and_the_dates(organisation, sign_in, publish, time_machine):
    time_machine.move_to(NOW)
    version = publish()
    client = sign_in(organisation, Role.AUDITOR)

    pdf = PdfReader(io.BytesIO(client.get(reverse("registers:policy_version_pdf", args=[version.pk])).content))
    word = WordDocument(io.BytesIO(client.get(reverse("registers:policy_version_word", args=[version.pk])).content))

    text = pdf.pages[0].extract_text()
    assert "Lock your screen." in text
    assert "Review by: 1 May 2027" in text
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert [(p.style.name, p.text) for p in word.paragraphs if p.style.name.startswith("Heading")] == [
        ("Heading 1", "Acceptable use"),
        ("Heading 2", "Rules"),
    ]
    assert [p.text for p in word.paragraphs if p.style.name == "List Bullet"] == ["one", "two"]
    assert [[cell.text for cell in row.cells] for row in word.tables[0].rows] == [["What", "Who"], ["Keys", "Manager"]]
    assert "Version 1, review by 1 May 2027" in word.sections[0].header.paragraphs[0].text


def test_standings_tell_a_draft_beside_what_applies(publish, lead, organisation):
    first = publish()
    services.start_version(first.policy, effective_on=TODAY, review_by=NEXT_YEAR, by=lead, at=NOW)

    (standing,) = standings(organisation, on=TODAY)

    assert (standing.state, standing.current, standing.has_draft) == (PolicyState.PUBLISHED, first, True)


def test_a_data_protection_officer_drafts_but_does_not_approve_publish_or_withdraw(organisation, sign_in, draft, siro):
    version = draft()
    services.approve(version, approved_as="SIRO", by=siro, at=NOW)
    client = sign_in(organisation, Role.DPO)

    for step in ("approve", "publish"):
        assert client.post(reverse(f"registers:policy_version_{step}", args=[version.pk])).status_code == 403
    assert client.post(reverse("registers:policy_withdraw", args=[version.policy_id]), {"reason": "x"}).status_code == 403
    page = client.get(reverse("registers:policy_version_detail", args=[version.pk])).text
    assert "waits to be published" in page
    assert "Change the draft" in page
    assert "Withdraw" not in client.get(reverse("registers:policy_detail", args=[version.policy_id])).text


def test_nobody_approves_as_the_data_protection_officer(organisation, lead, draft):
    person = person_in_post(organisation, user=lead)
    KeyPostFactory(organisation=organisation, kind="dpo", holder=person, holder_outside="")
    version = draft()

    access = Access(lead, organisation, frozenset({Role.DSPT_LEAD}))

    assert capacities(access, on=TODAY) == ["DSPT lead"]
    member(organisation, Role.DPO)
    assert not services.others_who_may_approve(version).exists()


@pytest.fixture
def team(organisation):
    """A manager who signs in, three people of the team, and somebody of another."""
    manager = person_in_post(organisation, user=member(organisation, Role.STAFF, Role.MANAGER))
    people = [PersonFactory(organisation=organisation, last_name=name) for name in ("Archer", "Baker", "Cooper")]
    for person in people:
        PostFactory(person=person, start=date(2025, 1, 1), end=None, manager=manager, has_access="yes")
    PostFactory(person=people[1], start=date(2025, 1, 1), end=None, manager=None)
    stranger = PersonFactory(organisation=organisation, last_name="Stranger")
    PostFactory(person=stranger, start=date(2025, 1, 1), end=None)
    return manager, people, stranger


def test_a_manager_sees_who_of_their_own_team_has_read_and_nobody_else(publish, team, lead, client, time_machine):
    manager, (archer, *_others), stranger = team
    version = publish()
    for person in (archer, stranger, manager):
        services.acknowledge(version, person=person, by=lead, at=NOW)
    time_machine.move_to(NOW)
    client.force_login(manager.user)

    listed = client.get(reverse("registers:team_policy_list")).text
    page = client.get(reverse("registers:team_policy", args=[version.pk])).text

    assert "1 of 3" in listed
    assert "2 to go" in listed
    assert page.index("Not yet (2)") < page.index("Baker") < page.index("Cooper") < page.index("Have read it (1)")
    assert page.index("Have read it (1)") < page.index("Archer")
    assert "Stranger" not in page
    assert reverse("registers:team_policy_list") in client.get(reverse("courses:team_list")).text


def test_a_manager_sees_no_superseded_withdrawn_or_foreign_policy(publish, team, lead, client, time_machine):
    manager, *_rest = team
    first = publish()
    services.withdraw(first.policy, reason="Gone", by=lead, at=NOW)
    time_machine.move_to(NOW)
    client.force_login(manager.user)

    assert client.get(reverse("registers:team_policy", args=[first.pk])).status_code == 404
    assert "No policy is asked of them" in client.get(reverse("registers:team_policy_list")).text


@pytest.mark.parametrize("more", [0, 9])
def test_the_teams_page_costs_the_same_however_large_the_team(
    more, publish, team, organisation, client, time_machine, django_assert_num_queries
):
    manager, *_rest = team
    publish()
    for _ in range(more):
        PostFactory(person=PersonFactory(organisation=organisation), start=date(2025, 1, 1), end=None, manager=manager)
    time_machine.move_to(NOW)
    client.force_login(manager.user)

    with django_assert_num_queries(11):
        client.get(reverse("registers:team_policy_list"))
