"""The audit trail as people see it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from accounts import trail
from accounts.enums import Role
from accounts.services import create_user
from audit.models import Event
from audit.services import record
from tests.factories import NOW, UserFactory, member

PAGE = "accounts:audit_list"


@pytest.fixture
def happened(organisation):
    """``happened(by=..., reason=...)`` records one event of the organisation."""

    def one(event_type: str = "accounts.organisation_created", **values: object) -> Event:
        return record(event_type, organisation=organisation, **({"by": "system", "at": NOW} | values))

    return one


def lines_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_an_event_is_told_in_words_with_names(organisation, sign_in):
    admin = member(organisation, Role.ORGANISATION_ADMIN)
    admin.first_name, admin.last_name = "Grace", "Hopper"
    admin.save()
    create_user(
        "zoe@example.test",
        organisation=organisation,
        roles=[Role.HR],
        by=admin,
        at=NOW,
        first_name="Zoë",
        last_name="<b>Ball</b>",
    )
    client = sign_in(organisation, Role.AUDITOR)

    page = client.get(reverse(PAGE)).content.decode()

    assert "Grace Hopper" in page
    assert "gave Zoë &lt;b&gt;Ball&lt;/b&gt; the role HR" in " ".join(page.split())
    assert "1 May 2026 at 10:00am" in page


def test_actors_that_are_no_user_have_words_too(happened):
    gone = UserFactory()
    happened(by=gone, on_behalf_of="user:987654321", target="staff.person:12")
    happened(by="system", target="somewhere.unknown:4")
    happened(by="command:demo", target=gone)
    gone.delete()

    told = trail.told(Event.objects.order_by("sequence"))

    assert [(line.actor, line.on_behalf_of, line.target) for line in told] == [
        ("someone who has left", "someone who has left", "person 12"),
        ("Tenfold", "", "somewhere.unknown:4"),
        ("the command demo", "", "someone who has left"),
    ]


def test_dates_in_an_event_are_told_as_people_write_them(happened):
    happened("accounts.profile_recorded", summary={"effective_on": "2026-04-01"})
    happened("accounts.profile_recorded", summary={"effective_on": "2026-13-01"})

    told = [line.words for line in trail.told(Event.objects.order_by("sequence"))]

    assert told == [f"recorded the organisation's profile from {day}" for day in ("1 April 2026", "2026-13-01")]


def test_the_filters_narrow_what_is_shown(organisation, other_organisation, happened):
    ada = member(organisation)
    ada.first_name, ada.last_name = "Ada", "Lovelace"
    ada.save()
    early = happened(by=ada, at=datetime(2026, 3, 31, 22, 59, tzinfo=UTC))
    late = happened("accounts.audit_exported", at=datetime(2026, 3, 31, 23, 0, tzinfo=UTC))
    record("accounts.organisation_created", organisation=other_organisation, by=ada, at=NOW)

    def found(**wanted: object) -> list[Event]:
        return list(trail.matching(organisation, trail.TrailFilter(**wanted)))

    assert found() == [late, early]
    assert found(type="accounts.audit_exported") == [late]
    assert found(who="love ada") == [early]
    assert found(who="system") == [late]
    assert found(who="nobody of that name") == []
    assert found(last_day=date(2026, 3, 31)) == [early]
    assert found(first_day=date(2026, 4, 1)) == [late]


def test_a_name_search_does_not_tell_who_works_elsewhere(organisation, other_organisation, happened):
    stranger = member(other_organisation)
    happened(by=stranger)

    assert list(trail.matching(organisation, trail.TrailFilter(who=stranger.last_name))) == []


def test_pages_follow_each_other_without_gap_or_repeat(organisation, happened):
    for _ in range(7):
        happened()
    events = trail.matching(organisation, trail.TrailFilter())

    seen, before = [], None
    while True:
        page = trail.page_of(events, before=before, size=3)
        seen += [line.event.sequence for line in page.lines]
        before = page.older
        if before is None:
            break

    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_the_page_leads_to_older_entries_and_keeps_the_filter(organisation, sign_in, happened):
    for _ in range(trail.PAGE_SIZE + 1):
        happened()
    client = sign_in(organisation, Role.AUDITOR)

    first = client.get(reverse(PAGE), {"who": "system"}).content.decode()
    second = client.get(reverse(PAGE), {"who": "system", "before": 2}).content.decode()

    assert "?who=system&amp;before=2" in first
    assert "Newest entries" in second
    assert second.count('class="app-trail__line"') == 1


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_a_page_that_cannot_be_shows_the_newest(organisation, sign_in, happened, before):
    happened()

    assert (
        "created the organisation" in sign_in(organisation, Role.AUDITOR).get(reverse(PAGE), {"before": before}).content.decode()
    )


def test_a_filter_that_cannot_be_says_so(organisation, sign_in):
    wrong = {
        "first_day_day": 2,
        "first_day_month": 1,
        "first_day_year": 2026,
        "last_day_day": 1,
        "last_day_month": 1,
        "last_day_year": 2026,
    }
    client = sign_in(organisation, Role.AUDITOR)

    assert "There is a problem" in client.get(reverse(PAGE), wrong).content.decode()
    assert "There is a problem" in client.get(reverse("accounts:audit_export"), wrong).content.decode()
    assert not Event.objects.filter(type="accounts.audit_exported").exists()


@pytest.mark.parametrize("events", [1, 40])
def test_the_page_costs_the_same_however_many_events(organisation, sign_in, happened, events, django_assert_num_queries):
    for _ in range(events):
        happened(by=UserFactory())
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_num_queries(5):  # session, user, memberships, events, names
        response = client.get(reverse(PAGE))

    assert response.content.count(b'class="app-trail__line"') == events


def test_the_export_holds_every_event_and_no_formula(organisation, sign_in, happened):
    happened(reason="=HYPERLINK(1)")
    happened(reason="@SUM(1)\n+2")
    client = sign_in(organisation, Role.AUDITOR)

    response = client.get(reverse("accounts:audit_export"))
    rows = lines_of(response)

    assert "attachment" in response["Content-Disposition"]
    assert [row[7] for row in rows[1:]] == ["accounts.audit_exported", *["accounts.organisation_created"] * 2]
    assert [row[6] for row in rows[2:]] == ["'@SUM(1)\n+2", "'=HYPERLINK(1)"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert rows[3][8] == Event.objects.get(sequence=1).hash
    assert rows[3][1] == "2026-05-01T10:00:00+01:00"


def test_the_export_names_people_in_batches(organisation, sign_in, happened, monkeypatch):
    monkeypatch.setattr(trail, "BATCH", 3)
    for _ in range(8):
        happened(by=UserFactory(first_name="Ann", last_name="Other"))

    lines = list(trail.every_line(trail.matching(organisation, trail.TrailFilter())))

    assert [line.actor for line in lines] == ["Ann Other"] * 8


def test_the_check_names_the_broken_event(organisation, sign_in, happened):
    for _ in range(3):
        happened()
    client = sign_in(organisation, Role.AUDITOR)
    sound = client.get(reverse("accounts:audit_check")).content.decode()
    head = Event.objects.get(sequence=3).hash
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_event_no_update")
        else:
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_event SET reason = 'other' WHERE sequence = 2 AND organisation = %s", [organisation.ods_code]
        )

    broken = client.get(reverse("accounts:audit_check")).content.decode()

    assert "Every entry is as it was recorded" in sound
    assert head in sound
    assert "Event 2 was changed after it was recorded." in broken


def test_only_those_who_may_read_the_trail_do(organisation, other_organisation, sign_in, happened):
    happened(reason="only ours")
    pages = [reverse(f"accounts:{name}") for name in ("audit_list", "audit_export", "audit_check")]

    for role in (Role.STAFF, Role.MANAGER, Role.HR, Role.CONTENT_EDITOR, Role.TRAINING_LEAD):
        client = sign_in(organisation, role)
        assert [client.get(page).status_code for page in pages] == [403] * 3
    assert "only ours" in sign_in(organisation, Role.DSPT_LEAD).get(pages[0]).content.decode()
    foreign = sign_in(other_organisation, Role.AUDITOR)
    assert "only ours" not in foreign.get(pages[0]).content.decode()
    assert len(lines_of(foreign.get(pages[1]))) == 2


def test_an_early_hour_belongs_to_the_london_day(organisation, happened):
    half_past_midnight = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)
    event = happened(at=half_past_midnight)

    assert list(trail.matching(organisation, trail.TrailFilter(first_day=date(2026, 6, 11), last_day=date(2026, 6, 11)))) == [
        event
    ]
    assert not trail.matching(organisation, trail.TrailFilter(last_day=date(2026, 6, 11) - timedelta(days=1))).exists()
