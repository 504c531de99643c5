"""Saying what the organisation is: page by page, what applies and why, and what a change does to a return in work."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import OrganisationProfile, Site
from assessment import services
from assessment.edition_file import EDITIONS_DIRECTORY
from assessment.loading import load_edition
from assessment.models import Assessment, ResponseVersion
from assessment.profile_changes import answers_of, foresee
from assessment.registering import steps_of, what_applies
from audit.models import Event
from registers.models import HeldCertificate
from staff.models import KeyPost
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY

pytestmark = pytest.mark.django_db
ADMIN = Role.ORGANISATION_ADMIN
TOLD = {"nhsmail_only": "no", "published_before": "never", "ico_number": "ZA1", "report_to": "Jo"}


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def nhsmail_edition(tmp_path):
    """The list of category 3 with two items for which NHSmail stands in, and one not required of charities."""
    text = (EDITIONS_DIRECTORY / h.YEAR / "category-3.yaml").read_text().replace("version: 8.0.0 ", "version: 8.0.1 ")
    text = text.replace("exempted_by: []", "exempted_by: [nhsmail]", 2)
    text = text.replace("charity-hospice: [met]", "charity-hospice: []", 1)
    path = tmp_path / "patched.yaml"
    path.write_text(text)
    return load_edition(path, at=NOW)[0]


@pytest.fixture
def assessment(organisation, lead, nhsmail_edition):
    """Everything answered and confirmed."""
    h.train(organisation, trained=20, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    h.confirm_everything(assessment, lead)
    return assessment


def numbers_exempted(assessment: Assessment) -> list[str]:
    return [leaf.number for leaf in h.whole(assessment).leaves if any(one.kind == "nhsmail" for one in leaf.spec.exempted_by)]


def step(key: str) -> str:
    return reverse("assessment:register_step", args=[key])


# --- the pages ---


OUTSIDE = {"holder_outside": "Ann Lee, Lee & Co", "start_day": "1", "start_month": "5", "start_year": "2026"}


def test_recording_who_holds_a_post_leads_back_to_the_page_of_registering_it_began_on(sign_in, organisation):
    client = sign_in(organisation, ADMIN)
    links = [html.unescape(one) for one in re.findall(r'href="([^"]*back=[^"]*)"', client.get(step("posts")).text)]
    appoint = next(one for one in links if "kind=registered-manager" in one)
    through_the_list = client.get(next(one for one in links if one.startswith(f"{reverse('staff:key_post_list')}?"))).text

    page = client.get(appoint).text
    done = client.post(appoint, OUTSIDE | {"kind": "registered-manager"})

    assert f'href="{step("posts")}"' in page
    assert f'href="{step("posts")}"' in through_the_list
    assert html.escape(appoint) in through_the_list
    assert done.url == step("posts")
    assert KeyPost.objects.get().holder_outside == "Ann Lee, Lee & Co"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", ""])
def test_recording_a_post_leads_nowhere_but_to_a_page_of_ours(sign_in, organisation, elsewhere):
    client, asked = sign_in(organisation, ADMIN), {"back": elsewhere}
    address = f"{reverse('staff:key_post_appoint')}?{urlencode(asked)}"

    page, done = client.get(address).text, client.post(address, OUTSIDE | {"kind": "siro"})

    assert done.url == reverse("staff:key_post_list")
    assert "evil" not in page
    assert "javascript:" not in page


def test_each_page_saves_and_leads_to_the_next_and_the_past_stays(sign_in, organisation):
    client = sign_in(organisation, ADMIN)

    first = client.post(step("type"), {"type": "pharmacy"})
    client.post(step("answers"), TOLD)
    later = client.post(step("answers"), TOLD | {"nhsmail_only": "yes"})
    last = client.post(step("sites"), {"several_sites": "no"})

    organisation.refresh_from_db()
    rows = list(organisation.profiles.order_by("pk").values_list("type", "nhsmail_only", "several_sites"))
    assert [first.url, later.url] == [step("answers"), step("certificates")]
    assert last.url == reverse("assessment:what_applies")
    assert organisation.type == "pharmacy"
    assert rows == [
        ("pharmacy", "unknown", "unknown"),
        ("pharmacy", "no", "unknown"),
        ("pharmacy", "yes", "unknown"),
        ("pharmacy", "yes", "no"),
    ]


def test_the_list_of_pages_says_how_far_one_has_come(sign_in, organisation):
    client = sign_in(organisation, ADMIN)
    before = client.get(reverse("assessment:register")).text
    client.post(step("type"), {"type": "social-care"})
    client.post(step("certificates"), {"holds_certificates": "no"})
    after = client.get(reverse("assessment:register")).text

    assert "0 of 5 done." in before
    assert "2 of 5 done." in after
    assert "Go on with: E-mail, registration and earlier years" in after


def test_what_is_entered_elsewhere_makes_a_page_done(organisation):
    Site.objects.create(organisation=organisation, name="Oak")
    Site.objects.create(organisation=organisation, name="Elm")
    Site.objects.create(organisation=organisation, name="Ash", closed_on=TODAY - timedelta(days=1))
    HeldCertificate.objects.create(
        organisation=organisation, scheme="iso27001", number="7", issued_on=TODAY, expires_on=TODAY + timedelta(days=9)
    )
    for kind in ("registered-manager", "caldicott-guardian", "dspt-lead"):
        KeyPost.objects.create(organisation=organisation, kind=kind, holder_outside="Jo", start=TODAY)

    said = {one.key: (one.is_done, one.said) for one in steps_of(organisation, today=TODAY)}

    assert said["sites"] == (True, "2 entered")
    assert said["certificates"] == (True, "1 entered")
    assert said["posts"] == (True, "3 of 3 filled")
    assert said["type"] == (False, "Check that it is right")


def test_somebody_who_holds_a_certificate_stays_to_enter_it(sign_in, organisation):
    response = sign_in(organisation, ADMIN).post(step("certificates"), {"holds_certificates": "yes"})

    assert response.url == step("certificates")
    assert not {one.key: one.is_done for one in steps_of(organisation, today=timezone.localdate())}["certificates"]


def test_a_page_that_is_none_and_a_type_that_is_none_are_refused(sign_in, organisation):
    client = sign_in(organisation, ADMIN)

    assert client.get(step("nothing")).status_code == 404
    assert "There is a problem" in client.post(step("type"), {"type": "wizard"}).text
    assert not organisation.profiles.exists()


# --- what applies ---


def test_what_applies_says_why_with_the_facts_and_the_rules(organisation):
    h.shipped_edition()
    HeldCertificate.objects.create(
        organisation=organisation, scheme="iso27001", number="7", issued_on=TODAY, expires_on=TODAY + timedelta(days=9)
    )
    HeldCertificate.objects.create(
        organisation=organisation, scheme="cyber_essentials_plus", number="8", issued_on=TODAY, expires_on=TODAY, covers_all=True
    )

    applies = what_applies(organisation, h.YEAR, today=TODAY)

    stand_ins = {one.label: one for one in applies.stand_ins}
    reachable = {one.label: one for one in applies.reachable}
    assert (applies.items, applies.required) == (55, 45)
    assert stand_ins["Cyber Essentials Plus"].numbers == ("4.2.4", "6.2.1", "9.1.1", "9.2.1")
    assert stand_ins["Cyber Essentials Plus"].holds
    assert "does not cover all health and care data" in stand_ins["ISO 27001"].reason
    assert reachable["Standards Exceeded"].reason == "It takes Standards Met and a valid certificate of Cyber Essentials Plus."
    assert "26 items settled, a plan for every gap and a senior signature" in reachable["Approaching Standards"].reason or (
        "does not say yet" in reachable["Approaching Standards"].reason
    )
    assert "Newly required this year" in [change.label for change in applies.changes]


def test_nhsmail_is_asked_about_and_named_only_where_an_item_rests_on_it(sign_in, organisation):
    """The sources name one item, 9.5.10 of category 2, with fair confidence; for the other lists they name none."""
    h.shipped_edition()
    h.shipped_edition(name="category-2")
    client = sign_in(organisation, ADMIN)
    of_care = client.get(step("answers")).text
    client.post(step("answers"), {name: value for name, value in TOLD.items() if name != "nhsmail_only"})
    applies = what_applies(organisation, h.YEAR, today=timezone.localdate())

    assert "Is NHSmail your only e-mail system?" not in of_care
    assert next(one for one in steps_of(organisation, today=timezone.localdate()) if one.key == "answers").is_done
    assert "NHSmail" not in " ".join(one.label for one in applies.stand_ins)
    assert len(applies.stand_ins) == 3

    organisation.type = "it-supplier"
    organisation.save()
    assert "Is NHSmail your only e-mail system?" in client.get(step("answers")).text
    services.change_profile(organisation, {"type": "it-supplier", "nhsmail_only": "yes"}, by=client.user, at=timezone.now())
    supplier = what_applies(organisation, h.YEAR, today=timezone.localdate())
    mail = next(one for one in supplier.stand_ins if "NHSmail" in one.label)
    assert (mail.numbers, mail.holds, mail.reason) == (("9.5.10",), True, "Your profile says so.")
    item = supplier.checked.item_numbered("9.5.10")
    assert (item.confidence, item.verified) == ("medium", False)


@pytest.mark.parametrize(
    ("kind", "before", "is_open", "words"),
    [
        ("social-care", "never", True, "It takes 26 items settled, a plan for every gap and a senior signature."),
        ("social-care", "unknown", True, "Your profile does not say yet."),
        ("social-care", "approaching", False, "you have published Approaching Standards before"),
        ("social-care", "met", False, "you have published Standards Met before"),
        ("social-care", "not_met", True, "26 items"),
        ("pharmacy", "never", False, "not meant for your type"),
    ],
)
def test_approaching_standards_is_for_the_first_time_and_for_social_care(organisation, lead, kind, before, is_open, words):
    h.shipped_edition()
    services.change_profile(organisation, {"type": kind, "published_before": before}, by=lead, at=NOW)

    organisation.refresh_from_db()
    found = next(one for one in what_applies(organisation, h.YEAR, today=TODAY).reachable if one.label == "Approaching Standards")

    assert found.is_open is is_open
    assert words in found.reason


def test_an_expired_certificate_counts_for_nothing_and_says_when_it_ended(organisation):
    h.shipped_edition()
    HeldCertificate.objects.create(
        organisation=organisation,
        scheme="cyber_essentials_plus",
        number="8",
        issued_on=TODAY - timedelta(days=400),
        expires_on=TODAY - timedelta(days=1),
    )

    found = {one.label: one for one in what_applies(organisation, h.YEAR, today=TODAY).stand_ins}["Cyber Essentials Plus"]

    assert not found.holds
    assert "the last one ended on 30 April 2026" in found.reason


@pytest.mark.parametrize(("role", "status"), [(Role.DSPT_LEAD, 200), (ADMIN, 200), (Role.STAFF, 403)])
def test_the_page_of_what_applies_is_for_the_lead_too(sign_in, organisation, role, status):
    h.shipped_edition()

    assert sign_in(organisation, role).get(reverse("assessment:what_applies")).status_code == status


def test_a_type_without_a_list_is_told_so(sign_in, organisation):
    page = sign_in(organisation, ADMIN).get(reverse("assessment:what_applies"))

    assert "There is no list of requirements for “Adult social care provider” here yet" in page.text


# --- a change in the middle of a year ---


def test_a_change_says_first_which_items_cease_and_changes_nothing_yet(sign_in, organisation, assessment):
    exempted = numbers_exempted(assessment)
    client = sign_in(organisation, ADMIN)

    page = client.post(step("answers"), TOLD | {"nhsmail_only": "yes"})

    assert len(exempted) == 2
    assert "2 items cease to apply" in page.text
    assert all(number in page.text for number in exempted)
    assert "NHSmail is the only e-mail used" in page.text
    assert not organisation.profiles.exists()


def test_exactly_the_items_that_change_are_looked_at_again(organisation, assessment, lead):
    exempted = numbers_exempted(assessment)
    was_confirmed = set(h.whole(assessment).confirmed)

    felt = services.change_profile(organisation, {"nhsmail_only": "yes"}, by=lead, at=NOW)

    whole = h.whole(assessment)
    rechecked = ResponseVersion.objects.filter(origin="profile").values_list("response__item__number", flat=True)
    lapsed = {one.id for one in whole.assertions() if any(item.number in exempted for item in one.items)} & was_confirmed
    assert [len(one.ceases) for one in felt] == [2]
    assert sorted(rechecked) == sorted(exempted)
    assert lapsed
    assert was_confirmed - whole.confirmed == lapsed
    assert Event.objects.filter(type="assessment.profile_applied").get().summary["ceases"] == exempted


def test_the_way_back_starts_them_again_and_the_kept_answer_waits_to_be_checked(organisation, assessment, lead):
    exempted = numbers_exempted(assessment)
    services.change_profile(organisation, {"nhsmail_only": "yes"}, by=lead, at=NOW)

    felt = services.change_profile(organisation, {"nhsmail_only": "no"}, by=lead, at=NOW)

    leaf = h.whole(assessment).leaf(h.response(assessment, exempted[0]).pk)
    assert [one.item.number for one in felt[0].starts] == exempted
    assert felt[0].starts[0].reason.startswith("Until now: Not needed")
    assert (leaf.base_work_state, h.whole(assessment).verdict(leaf).state) == ("recheck", "unanswered")
    services.keep_answer(leaf.response, expected_version=leaf.version_number, by=lead, at=NOW)
    assert h.whole(assessment).verdict(leaf).state == "satisfied"


def test_an_item_that_starts_without_an_answer_is_not_started_and_its_confirmation_lapses(organisation, lead, nhsmail_edition):
    h.train(organisation, trained=20, of=20)
    services.change_profile(organisation, {"nhsmail_only": "yes"}, by=lead, at=NOW)
    assessment = h.opened(organisation, lead)
    exempted = numbers_exempted(assessment)
    h.answer_everything(assessment, lead, but=tuple(exempted))
    h.confirm_everything(assessment, lead)
    assert len(h.whole(assessment).confirmed) == len(list(h.whole(assessment).assertions()))

    services.change_profile(organisation, {"nhsmail_only": "no"}, by=lead, at=NOW)

    whole = h.whole(assessment)
    started = [leaf for leaf in whole.leaves if leaf.number in exempted]
    assert {leaf.base_work_state for leaf in started} == {"not_started"}
    assert {assertion.id for assertion in whole.assertions() if whole.has_lapsed(assertion)} == {
        leaf.response.item.parent.item_id for leaf in started
    }


def test_another_type_of_the_same_list_moves_the_open_return(organisation, assessment, lead):
    organisation.refresh_from_db()
    proposed = answers_of(organisation, TODAY) | {"type": "charity-hospice"}

    (seen,) = foresee(organisation, proposed, today=TODAY)
    services.change_profile(organisation, {"type": "charity-hospice"}, by=lead, at=NOW)

    assessment.refresh_from_db()
    optional = [item.number for item in seen.becomes_optional]
    assert len(optional) == 1
    assert seen.type_label == "Charity or hospice"
    assert assessment.type_snapshot == "charity-hospice"
    assert list(ResponseVersion.objects.filter(origin="profile").values_list("response__item__number", flat=True)) == optional


def test_a_type_of_another_list_leaves_the_open_return_alone(sign_in, organisation, assessment):
    h.shipped_edition(name="category-4")
    client = sign_in(organisation, ADMIN)

    page = client.post(step("type"), {"type": "gp"})
    client.post(step("type"), {"type": "gp", "confirmed": "yes"})

    assessment.refresh_from_db()
    organisation.refresh_from_db()
    assert "“GP practice” answers another list of requirements" in page.text
    assert (organisation.type, assessment.type_snapshot) == ("gp", "social-care")
    assert not ResponseVersion.objects.filter(origin="profile").exists()
    assert h.whole(assessment).standard is not None


def test_a_signature_lapses_and_the_page_says_so(organisation, assessment, lead):
    manager = h.registered_manager(organisation)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)

    (seen,) = foresee(organisation, answers_of(organisation, TODAY) | {"nhsmail_only": "yes"}, today=TODAY)
    services.change_profile(organisation, {"nhsmail_only": "yes"}, by=lead, at=NOW)

    assert seen.signature_lapses
    assert h.whole(assessment, strict=True).signature_has_lapsed


def test_what_was_published_elsewhere_bars_approaching_standards(organisation, lead):
    h.shipped_edition()
    assessment = h.opened(organisation, lead)
    services.change_profile(organisation, {"published_before": "approaching"}, by=lead, at=NOW)
    assert h.whole(assessment).published_levels == {"approaching"}


def test_the_same_answers_again_write_nothing(organisation, lead):
    services.change_profile(organisation, {"nhsmail_only": "no", "type": "social-care"}, by=lead, at=NOW)
    services.change_profile(organisation, {"nhsmail_only": "no"}, by=lead, at=NOW)

    assert OrganisationProfile.objects.filter(organisation=organisation).count() == 1


def test_a_profile_says_nothing_unheard_of(organisation):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationProfile.objects.create(organisation=organisation, effective_on=TODAY, published_before="gold")


def test_another_organisations_return_feels_nothing(organisation, other_organisation, assessment, lead):
    other_lead = h.lead_of(other_organisation)

    assert services.change_profile(other_organisation, {"nhsmail_only": "yes"}, by=other_lead, at=NOW) == []
    assert not ResponseVersion.objects.filter(origin="profile").exists()
