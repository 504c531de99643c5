"""Templates for items that ask for something in writing."""

import re

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import OrganisationProfile
from assessment.edition_file import load, shipped_editions
from assessment.starting_points import codes_by_item, profile_fields, templates_for
from registers.writing import library
from tests.assessment import helpers as h
from tests.factories import TODAY

WRITTEN = "document"


def test_every_template_named_is_in_the_library_and_every_item_in_a_list():
    items = {item.id: item for path in shipped_editions() for item in load(path).items()}

    assert set(codes_by_item()) <= set(items)
    assert {code for codes in codes_by_item().values() for code in codes} == set(library.templates())


def test_what_a_care_home_writes_itself_has_a_template():
    care = next(load(path) for path in shipped_editions() if path.parent.name == h.YEAR and path.stem == "category-3")
    without = {item.number for item in care.items() if item.answer.kind == WRITTEN and not templates_for(item.id)}

    assert without == {"8.2.1"}  # the summary of unsupported systems comes out of the register of assets


def test_the_template_that_fits_closest_comes_first():
    offered = [template.code for template in templates_for("data.accountability.impact-assessment")]

    assert offered == ["dpia", "data-protection"]


@pytest.mark.django_db
def test_an_item_leads_to_its_template(sign_in, organisation):
    h.shipped_edition()
    client = sign_in(organisation, Role.DSPT_LEAD)
    assessment = h.opened(organisation, client.user)

    def page(number):
        pk = h.response(assessment, number).pk
        return client.get(reverse("assessment:response_detail", args=[assessment.pk, pk])).content.decode()

    assert reverse("registers:policy_template_detail", args=["privacy-notice"]) in page("1.1.3")
    assert "to start from" not in page("1.1.1")


def test_every_answer_of_the_profile_is_a_field_of_it_and_an_item_of_text():
    items = {item.id: item for path in shipped_editions() for item in load(path).items()}

    assert {name: items[name].answer.kind for name in profile_fields()} == {"data.lawful-use.ico-number": "text"}
    assert set(profile_fields().values()) <= {field.name for field in OrganisationProfile._meta.get_fields()}


@pytest.fixture
def ico_item(sign_in, organisation):
    """A lead's client, the return and the address of its item 1.1.1, in an organisation whose profile says ZA1."""
    h.shipped_edition()
    client = sign_in(organisation, Role.DSPT_LEAD)
    OrganisationProfile.objects.create(organisation=organisation, effective_on=TODAY, ico_number="ZA1")
    assessment = h.opened(organisation, client.user)
    return client, assessment, reverse("assessment:response_detail", args=[assessment.pk, h.response(assessment, "1.1.1").pk])


def pressed(page: str) -> dict[str, str]:
    """What pressing the button sends."""
    form = re.search(r"<form[^>]*>(?:(?!</form>).)*Answer with ZA1(?:(?!</form>).)*</form>", page, re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(value|comment|seen)" value="([^"]*)"', form))


def test_the_number_in_the_profile_becomes_the_answer_with_one_press_and_is_offered_no_more(ico_item):
    client, assessment, address = ico_item
    before = client.get(address).text
    client.post(address, {"value": "", "comment": "Renewed in May", "seen": "0"})

    client.post(address, pressed(client.get(address).text))

    answered = h.response(assessment, "1.1.1").versions.latest("n")
    assert "says <strong>ZA1</strong>" in before
    assert (answered.value, answered.comment) == ({"kind": "text", "value": "ZA1"}, "Renewed in May")
    assert "Answer with" not in client.get(address).text


def test_it_is_offered_beside_another_answer_and_never_taken_by_itself(ico_item, sign_in, organisation):
    client, assessment, address = ico_item
    unanswered = h.response(assessment, "1.1.1").versions.count()
    client.post(address, {"value": "ZA2", "comment": "", "seen": "0"})

    offered = client.get(address).text
    reader = sign_in(organisation, Role.SENIOR_REVIEWER).get(address).text

    assert unanswered == 0
    assert pressed(offered) == {"value": "ZA1", "comment": "", "seen": "1"}
    assert h.response(assessment, "1.1.1").versions.latest("n").value["value"] == "ZA2"
    assert "Answer with" not in reader
