"""The places where an organisation works."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.enums import Role
from accounts.models import Site
from accounts.sites import SiteRefusedError, save_site
from audit.models import Event
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BY = {"by": "test", "at": NOW}


def test_a_site_is_added_and_changed_on_its_pages(organisation, sign_in):
    client = sign_in(organisation, Role.ORGANISATION_ADMIN)

    client.post("/organisation/sites/new/", {"name": "Oak House", "type": "care-home", "ods_code": "vn1a2"})
    site = Site.objects.get()
    last = {"closed_on_day": 1, "closed_on_month": 5, "closed_on_year": 2020}
    client.post(f"/organisation/sites/{site.pk}/", {"name": "Oak House", "type": "office", "ods_code": "VN1A2"} | last)

    site.refresh_from_db()
    assert (site.ods_code, site.type, site.closed_on) == ("VN1A2", "office", date(2020, 5, 1))
    assert "Closed" in client.get("/organisation/sites/").text
    assert sorted(Event.objects.filter(target=f"accounts.site:{site.pk}").values_list("type", flat=True)) == [
        "accounts.site_added",
        "accounts.site_changed",
    ]


def test_sites_that_cannot_be_are_refused(organisation, other_organisation):
    site = save_site(organisation, name="Oak House", type="care-home", **BY)
    save_site(other_organisation, name="Oak House", type="care-home", **BY)

    for wrong in (
        {"name": "oak house"},
        {"name": "Elm", "ods_code": "A"},
        {"name": "Elm", "opened_on": date(2026, 1, 2), "closed_on": date(2026, 1, 1)},
    ):
        with pytest.raises(SiteRefusedError):
            save_site(organisation, type="care-home", **wrong, **BY)
    save_site(organisation, name="Oak House", type="care-home", site=site, **BY)

    assert Site.objects.count() == 2
    assert not Event.objects.filter(type="accounts.site_changed").exists()
