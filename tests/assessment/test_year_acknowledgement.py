"""That whoever leads a return has read what the year asks, before it is opened."""

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.models import YearAcknowledgement
from audit.models import Event
from tests.assessment import helpers as h
from tests.factories import NOW


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_lead_says_so_once_and_everybody_reads_it(organisation, sign_in):
    edition = h.shipped_edition()
    client = sign_in(organisation, Role.DSPT_LEAD)
    page = f"{reverse('assessment:what_applies')}?year={h.YEAR}"
    assert "Nobody has said yet that they have read this." in client.get(page).text
    assert "Read it first" in client.get(f"{reverse('assessment:year_open')}?year={h.YEAR}").text

    for _ in range(2):
        client.post(reverse("assessment:year_acknowledge"), {"year": h.YEAR, "version": edition.version})

    said = YearAcknowledgement.objects.get()
    assert (said.organisation, said.edition, said.by, said.at) == (organisation, edition, client.user, NOW)
    assert Event.objects.filter(type="assessment.year_acknowledged").count() == 1
    assert "I have read what applies to us" not in client.get(page).text
    assert "You have said that you read it." in client.get(f"{reverse('assessment:year_open')}?year={h.YEAR}").text
    auditor = sign_in(organisation, Role.AUDITOR).get(page).text
    assert str(client.user) in auditor
    assert "I have read what applies to us" not in auditor


def test_what_was_read_is_one_version_of_the_list(organisation, sign_in):
    h.shipped_edition()
    client = sign_in(organisation, Role.DSPT_LEAD)

    shown = client.post(reverse("assessment:year_acknowledge"), {"year": h.YEAR, "version": "7.9.9"}, follow=True).text

    assert "Another list applies to you by now" in shown
    assert not YearAcknowledgement.objects.exists()
    with pytest.raises(services.AssessmentRefusedError, match="Another list applies"):
        services.acknowledge_year(organisation, h.shipped_edition(h.YEAR, "category-4"), by=client.user, at=NOW)
