"""Taking files away has a limit within the hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.enums import Role

pytestmark = pytest.mark.django_db

FILE = "/training-records/template.csv"
NOON = datetime(2026, 5, 1, 11, 0, tzinfo=UTC)


def test_nobody_takes_more_than_so_many_files_within_an_hour(organisation, sign_in, settings, caplog):
    settings.DOWNLOADS_PER_HOUR = 2
    with time_machine.travel(NOON, tick=False) as clock:
        hr, other = sign_in(organisation, Role.HR), sign_in(organisation, Role.HR)

        first = [hr.get(FILE).status_code for _ in range(2)]
        clock.shift(timedelta(minutes=20))
        refused = hr.get(FILE)

        assert first == [200, 200]
        assert (refused.status_code, refused["Content-Type"]) == (429, "text/html; charset=utf-8")
        assert "You can go on at 1 May 2026 at 1:00pm" in refused.text
        assert f"held back after too many downloads: user {hr.user.pk}" in caplog.text
        assert hr.get("/staff/").status_code == 200, "pages are read as before"
        assert other.get(FILE).status_code == 200, "somebody else is not held back"
        clock.shift(timedelta(minutes=20))
        assert hr.get(FILE).status_code == 429
        clock.shift(timedelta(minutes=20))
        assert hr.get(FILE).status_code == 200
