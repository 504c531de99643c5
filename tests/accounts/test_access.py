"""Who may do what, and what a stranger sees."""

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import services
from accounts.enums import Capability, OrganisationType, Role
from accounts.middleware import policy_of
from accounts.models import Membership, Organisation
from accounts.navigation import entries_for
from accounts.policy import ROLE_CAPABILITIES, Access, ViewPolicy, requires
from accounts.standing import of_everybody
from tests.factories import NOW, UserFactory, member

pytestmark = pytest.mark.django_db


def test_every_role_has_a_bundle():
    assert set(ROLE_CAPABILITIES) == set(Role)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.STAFF, Capability.LEARN, Capability.TEAM_VIEW),
        (Role.MANAGER, Capability.TEAM_VIEW, Capability.STAFF_VIEW),
        (Role.HR, Capability.STAFF_IMPORT, Capability.ASSESSMENT_VIEW),
        (Role.AUDITOR, Capability.ASSESSMENT_VIEW, Capability.ASSESSMENT_EDIT),
        (Role.DSPT_LEAD, Capability.ASSESSMENT_EDIT, Capability.ASSESSMENT_SIGN),
        (Role.SENIOR_REVIEWER, Capability.ASSESSMENT_SIGN, Capability.ASSESSMENT_EDIT),
        (Role.ORGANISATION_ADMIN, Capability.ORGANISATION_MANAGE, Capability.REPORTS_NAMED),
    ],
)
def test_bundles(organisation, role, may, may_not):
    access = Access(user=UserFactory(), organisation=organisation, roles=frozenset({role}))

    assert access.can(may)
    assert not access.can(may_not)


@pytest.mark.parametrize(
    ("role", "begins"),
    [
        (Role.STAFF, ["My training", "Report an incident", "Policies"]),
        (Role.MANAGER, ["Team", "Checks", "My training"]),
        (Role.HR, ["Staff", "Reports"]),
        (Role.CONTENT_EDITOR, ["Content", "Courses of your own", "Questions", "My training"]),
        (Role.DSPT_LEAD, ["Assessment", "Evidence", "Registers", "Reports"]),
        (Role.AUDITOR, ["Assessment", "Evidence", "Registers", "Reports"]),
        (Role.INVITED_AUDITOR, ["Your audit"]),
        (Role.HEAD_OFFICE, ["Group"]),
    ],
)
def test_the_menu_begins_with_ones_work(organisation, role, begins):
    menu = entries_for(Access(user=UserFactory(), organisation=organisation, roles=frozenset({role})), "/")

    assert [line["label"] for line in menu][: len(begins)] == begins


def test_signing_in_leads_to_ones_work(sign_in, organisation):
    assert sign_in(organisation, Role.MANAGER).get(reverse("home")).url == reverse("courses:team_list")
    assert sign_in(organisation, Role.STAFF).get(reverse("home")).url == reverse("courses:my_training")


def test_a_view_that_says_nothing_is_for_nobody():
    def silent(request):
        return HttpResponse("secret")

    request = RequestFactory().get("/")
    request.resolver_match = None
    with pytest.raises(ImproperlyConfigured):
        policy_of(request, silent)


def test_requires_wants_a_capability():
    with pytest.raises(ValueError, match="at least one"):
        requires()
    assert not ViewPolicy(signed_in=True, capabilities=frozenset({Capability.LEARN})).allows(None)


def test_a_stranger_is_sent_to_sign_in_and_comes_back(client, organisation):
    user = UserFactory()
    user.set_password("correct-horse-battery")
    user.save()
    member(organisation, Role.ORGANISATION_ADMIN, user=user)
    wanted = reverse("accounts:organisation_detail")

    sent = client.get(wanted)
    back = client.post(sent.url, {"login": user.username, "password": "correct-horse-battery", "next": wanted})

    assert sent.url == f"{reverse('accounts:sign_in')}?next=%2Forganisation%2F"
    assert back.url == wanted


def test_a_wrong_password_gets_one_clear_sentence(client):
    response = client.post(reverse("accounts:sign_in"), {"login": "nobody", "password": "nothing"})

    assert "The user name or the password is wrong." in response.text


def test_somebody_without_the_capability_is_refused_in_words(sign_in, organisation):
    response = sign_in(organisation, Role.STAFF).get(reverse("accounts:organisation_detail"))

    assert response.status_code == 403
    assert "You cannot use this page" in response.text


def test_ending_a_role_takes_effect_on_the_next_request(sign_in, organisation):
    client = sign_in(organisation, Role.ORGANISATION_ADMIN)
    assert client.get(reverse("accounts:organisation_detail")).status_code == 200

    services.end_role(Membership.objects.get(user=client.user), by="system", at=NOW)

    assert client.get(reverse("accounts:organisation_detail")).status_code == 403


def test_who_stands_is_asked_anew_each_time_though_the_question_is_kept(organisation):
    on, user = date(2026, 7, 6), member(organisation, Role.STAFF)
    before = set(of_everybody(on).filter(user=user))
    member(organisation, Role.HR, user=user)

    assert {one.role for one in before} == {Role.STAFF}
    assert {one.role for one in of_everybody(on).filter(user=user)} == {Role.STAFF, Role.HR}
    assert str(of_everybody(on).query) == str(Membership.objects.standing(on).query)
    assert str(of_everybody(on).query) != str(of_everybody(date(2026, 7, 7)).query)


def test_nobody_reaches_across_organisations(sign_in, organisation, other_organisation):
    admin = sign_in(organisation, Role.ORGANISATION_ADMIN)
    stranger = member(other_organisation, Role.HR)
    membership = stranger.memberships.get()

    assert admin.get(reverse("accounts:user_roles", args=[stranger.pk])).status_code == 404
    assert admin.post(reverse("accounts:role_end", args=[membership.pk])).status_code == 404
    assert admin.post(reverse("accounts:organisation_choose", args=[other_organisation.pk])).status_code == 404
    membership.refresh_from_db()
    assert membership.ended_at is None


def test_a_member_of_two_organisations_chooses_where_to_work(sign_in, organisation, other_organisation):
    client = sign_in(organisation, Role.ORGANISATION_ADMIN)
    member(other_organisation, Role.ORGANISATION_ADMIN, user=client.user)

    client.post(reverse("accounts:organisation_choose", args=[other_organisation.pk]))

    assert other_organisation.name in client.get(reverse("accounts:organisation_detail")).text


def test_an_administrator_cannot_lock_themself_out(sign_in, organisation):
    client = sign_in(organisation, Role.ORGANISATION_ADMIN)
    membership = client.user.memberships.get()

    client.post(reverse("accounts:role_end", args=[membership.pk]))

    membership.refresh_from_db()
    assert membership.ended_at is None


def test_an_invitation_works_once(organisation, client, mailoutbox, django_capture_on_commit_callbacks):
    user = services.create_user(
        "new@example.test", organisation=organisation, roles=[Role.STAFF], by="system", at=NOW, email="new@example.test"
    )
    with django_capture_on_commit_callbacks(execute=True):
        link = services.invite(user, organisation=organisation, by="system", at=NOW)
    path = link.removeprefix("http://localhost:8000")

    form = client.get(path, follow=True)
    saved = client.post(
        form.redirect_chain[-1][0], {"new_password1": "lantern-river-apple", "new_password2": "lantern-river-apple"}
    )
    again = client.get(path, follow=True)

    assert link in mailoutbox[0].body
    assert saved.url == reverse("accounts:sign_in")
    assert client.login(username="new@example.test", password="lantern-river-apple")
    assert "This link has stopped working" in again.text


def test_an_invitation_that_stood_open_elsewhere_when_it_was_used_saves_no_second_password(organisation):
    user = services.create_user(
        "new@example.test", organisation=organisation, roles=[Role.STAFF], by="system", at=NOW, email="new@example.test"
    )
    path = services.invite(user, organisation=organisation, by="system", at=NOW).removeprefix("http://localhost:8000")
    invited, thief = Client(), Client()
    forms = [one.get(path, follow=True).redirect_chain[-1][0] for one in (invited, thief)]

    invited.post(forms[0], dict.fromkeys(("new_password1", "new_password2"), "lantern-river-apple"))
    late = thief.post(forms[1], dict.fromkeys(("new_password1", "new_password2"), "harbour-candle-thorn"))

    assert "This link has stopped working" in late.text
    user.refresh_from_db()
    assert user.check_password("lantern-river-apple")


@pytest.mark.parametrize(
    ("code", "name", "type", "said"),
    [
        ("X", "Home", "social-care", "“X” is not an ODS code"),
        ("A!23", "Home", "social-care", "“A!23” is not an ODS code"),
        ("AB123", " ", "social-care", "Give the organisation a name."),
        ("AB123", "Home", "castle", "“castle” is not an organisation type"),
    ],
)
def test_a_malformed_organisation_is_refused_with_a_sentence(code, name, type, said):
    with pytest.raises(services.OrganisationRefusedError, match=said):
        services.create_organisation(code, name=name, type=type, by="system", at=NOW)
    assert not Organisation.objects.exists()


def test_a_code_is_taken_once():
    services.create_organisation("ab123", name="Home", type=OrganisationType.SOCIAL_CARE, by="system", at=NOW)

    with pytest.raises(services.OrganisationRefusedError, match="already an organisation with the code AB123"):
        services.create_organisation("AB123", name="Other", type=OrganisationType.GP, by="system", at=NOW)


def test_content_editors_and_only_they_are_in_the_cms_group(organisation):
    user = member(organisation, Role.STAFF)

    membership = services.grant_role(user, organisation=organisation, role=Role.CONTENT_EDITOR, by="system", at=NOW)
    assert user.groups.filter(name=services.CMS_GROUP).exists()

    services.end_role(membership, by="system", at=NOW)
    assert not user.groups.exists()
