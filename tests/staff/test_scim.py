"""Joiners and leavers by SCIM, with what Entra ID makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership, User
from audit.models import Event
from staff import scim
from staff.models import Joiner, JoinerToken, Post
from staff.services import joiners
from staff.views.scim import WRONG_TOKENS
from tests.factories import PersonFactory, UserFactory, member, person_in_post

pytestmark = pytest.mark.django_db

USERS = "/scim/v2/Users"
AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
ENTRA_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """A directory with a token of one organisation."""

    def __init__(self, organisation, *, directory: str = "") -> None:
        self.by = member(organisation, Role.ORGANISATION_ADMIN)
        self.token = joiners.make_token(organisation, name="Entra", directory=directory, by=self.by, at=AT)
        self.client = Client()

    def ask(self, method: str, path: str = USERS, body: object = None, token: str | None = None, **query: str):
        return self.client.generic(
            method,
            path,
            data=b"" if body is None else json.dumps(body).encode(),
            content_type=scim.CONTENT_TYPE,
            headers={"authorization": f"Bearer {self.token if token is None else token}"},
            query_params=query,
        )

    def join(self, name: str = "ada@care.example", **more: object):
        given = {"givenName": "Ada", "familyName": "King"}
        body = {"schemas": [scim.USER], "userName": name, "externalId": "ext-1", "name": given, "active": True}
        return self.ask("POST", body=body | more)

    def patch(self, joined, *operations: dict[str, object]):
        return self.ask("PATCH", f"{USERS}/{joined.json()['id']}", {"schemas": [ENTRA_PATCH], "Operations": list(operations)})


@pytest.fixture
def entra(organisation) -> Directory:
    return Directory(organisation)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- Joining ---------------------------------------------------------------------------------


def test_somebody_who_joins_gets_a_sign_in_and_the_role_of_staff_and_nothing_more(organisation, entra):
    work = [{"value": "home@x.example", "type": "home"}, {"value": "ada@care.example", "type": "work", "primary": True}]

    joined = entra.join(emails=work, title="Nurse", roles=[{"value": "organisation-admin"}], groups=["admins"])

    user = User.objects.get(username="ada@care.example")
    assert joined.status_code == 201
    assert joined["Content-Type"] == "application/scim+json"
    assert joined["Location"] == f"http://localhost:8000{USERS}/{joined.json()['id']}" == joined.json()["meta"]["location"]
    assert (user.first_name, user.last_name, user.email, user.has_usable_password()) == ("Ada", "King", "ada@care.example", False)
    assert [m.role for m in Membership.objects.filter(user=user)] == [Role.STAFF]
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not Post.objects.exists(), "who is in post is HR's to tell"
    assert Event.objects.filter(type="staff.joiner_made", actor=f"directory:{JoinerToken.objects.get().pk}").count() == 1


def test_the_same_name_twice_is_refused_whatever_its_case(entra):
    entra.join()

    again = entra.join("ADA@care.example")

    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")
    assert Joiner.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"userName": ""}, "invalidValue"),
        ({"active": "perhaps"}, "invalidValue"),
        ({"externalId": {"a": 1}}, "invalidValue"),
        ({"userName": "x" * 255}, "invalidValue"),
        ({"userName": "a\nb"}, "invalidValue"),
    ],
)
def test_what_is_not_a_user_is_refused_in_scims_words(entra, more, kind):
    refused = entra.join(**more)

    assert (refused.status_code, refused.json()["schemas"], refused.json()["scimType"]) == (400, [scim.ERROR], kind)
    assert not Joiner.objects.exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_refused(entra, body):
    headers = {"authorization": f"Bearer {entra.token}"}
    refused = entra.client.generic("POST", USERS, data=body, content_type=scim.CONTENT_TYPE, headers=headers)

    assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidSyntax")


def test_a_joiner_is_the_person_with_that_staff_number_or_address_here(organisation, other_organisation, entra):
    here = person_in_post(organisation)
    PersonFactory(organisation=other_organisation, staff_number=here.staff_number)
    post = person_in_post(organisation)
    post.email = "Grace@care.example"
    post.save()

    entra.join("one@care.example", **{scim.ENTERPRISE: {"employeeNumber": here.staff_number}})
    entra.join("two@care.example", emails=[{"value": "grace@care.example"}], externalId="2")

    here.refresh_from_db()
    post.refresh_from_db()
    assert (here.user.username, post.user.username) == ("one@care.example", "two@care.example")


def test_an_address_that_two_people_have_links_neither(organisation, entra):
    for _ in range(2):
        PersonFactory(organisation=organisation, email="shared@care.example")

    entra.join(emails=[{"value": "shared@care.example"}])

    assert not organisation.people.filter(user__isnull=False).exists()


def test_somebody_with_a_sign_in_here_keeps_it(organisation, entra):
    user = UserFactory(username="ada@care.example")
    member(organisation, Role.HR, user=user)

    entra.join(emails=[{"value": "mallory@care.example"}])

    user.refresh_from_db()
    assert Joiner.objects.get().user == user
    assert user.email == "ada@care.example", "a directory does not change where links for more than staff go"


def test_a_name_taken_in_another_organisation_is_neither_given_away_nor_told(organisation, other_organisation, entra):
    stranger = member(other_organisation, Role.STAFF, user=UserFactory(username="ada@care.example", email="x@y.example"))

    joined = entra.join(emails=[{"value": "ada@care.example"}])

    assert joined.status_code == 201
    assert joined.json()["userName"] == "ada@care.example"
    assert Joiner.objects.get().user != stranger
    stranger.refresh_from_db()
    assert stranger.email == "x@y.example"


# --- Changing, as Entra ID does it --------------------------------------------------------------


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "path": "active", "value": False},
        {"op": "Replace", "value": {"active": "False"}},
        {"op": "Add", "value": {"active": False, "displayName": "Ada King"}},
        {"op": "Replace", "path": "active", "value": [{"$ref": None, "value": "False"}]},
        {"op": "Replace", "path": "Active", "value": {"value": "false"}},
        {"op": "Remove", "path": "active"},
        {"op": "Replace", "path": f"{scim.USER}:active", "value": "False"},
    ],
)
def test_a_leavers_sign_in_ends_at_once_however_it_is_said(organisation, entra, operation):
    joined = entra.join()
    client = signed_in(Joiner.objects.get().user)
    assert client.get("/my-training/").status_code == 200

    done = entra.patch(joined, operation)

    assert (done.status_code, done.json()["active"]) == (200, False)
    assert client.get("/my-training/").status_code == 403, "the session opens nothing any more"
    assert Membership.objects.current().count() == 2, "nothing is ended for good: it does not count"
    assert Event.objects.filter(type="staff.joiner_shut").count() == 1


def test_every_role_of_somebody_shut_out_stops_to_count_here_and_not_elsewhere(organisation, other_organisation, entra):
    user = UserFactory(username="ada@care.example")
    member(organisation, Role.HR, user=user)
    joined = entra.join()
    member(other_organisation, Role.STAFF, user=user)

    entra.patch(joined, {"op": "Replace", "value": {"active": "False"}})

    client = signed_in(user)
    assert client.get("/staff/").status_code == 403
    assert client.get("/my-training/").status_code == 200

    entra.patch(joined, {"op": "Replace", "value": {"active": "True"}})
    assert Membership.objects.standing(AT.date()).filter(user=user, organisation=organisation, role=Role.HR).exists()


def test_entra_changes_names_addresses_and_numbers(entra):
    joined = entra.join()

    done = entra.patch(
        joined,
        {"op": "Replace", "path": "name.familyName", "value": "Lovelace"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "lovelace@care.example"},
        {"op": "Add", "path": f"{scim.ENTERPRISE}:employeeNumber", "value": "00042"},
        {"op": "Replace", "path": f"{scim.ENTERPRISE}:department", "value": "Wards"},
        {"op": "Replace", "value": {"name.givenName": "Augusta", f"{scim.ENTERPRISE}:manager": "x"}},
    )

    assert done.json()["name"] == {"givenName": "Augusta", "familyName": "Lovelace"}
    assert done.json()["emails"][0]["value"] == "lovelace@care.example"
    assert done.json()[scim.ENTERPRISE] == {"employeeNumber": "00042"}
    assert User.objects.get(username="ada@care.example").email == "lovelace@care.example"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "invalidSyntax"),
        ({"Operations": ["x"]}, "invalidSyntax"),
        ({"Operations": [{"op": "copy"}]}, "invalidSyntax"),
        ({"Operations": [{"op": "remove"}]}, "noTarget"),
        ({"Operations": [{"op": "replace", "value": "x"}]}, "invalidSyntax"),
        ({"Operations": [{"op": "replace", "path": 5, "value": "x"}]}, "invalidPath"),
        ({"Operations": [{"op": "replace", "path": "userName", "value": ""}]}, "invalidValue"),
    ],
)
def test_a_change_that_cannot_be_read_changes_nothing(entra, body, kind):
    joined = entra.join()

    refused = entra.ask("PATCH", f"{USERS}/{joined.json()['id']}", body)

    assert (refused.status_code, refused.json()["scimType"]) == (400, kind)
    assert Joiner.objects.get().user_name == "ada@care.example"


def test_a_user_is_replaced_whole(entra):
    joined = entra.join(emails=[{"value": "ada@care.example"}])
    body = {"userName": "king@care.example", "displayName": "Ada Byron King", "active": "True"}

    done = entra.ask("PUT", f"{USERS}/{joined.json()['id']}", body)

    assert (done.json()["userName"], done.json()["name"]) == (
        "king@care.example",
        {"givenName": "Ada", "familyName": "Byron King"},
    )
    assert "emails" not in done.json()
    assert "externalId" not in done.json()


def test_the_same_again_changes_nothing_and_says_nothing(entra):
    joined = entra.join()
    events = Event.objects.count()

    entra.patch(joined, {"op": "Replace", "value": {"active": "True", "userName": "ada@care.example"}})

    assert Event.objects.count() == events


def test_deleting_shuts_and_keeps_and_the_person_can_come_back(organisation, entra):
    joined = entra.join()
    where, user = f"{USERS}/{joined.json()['id']}", Joiner.objects.get().user

    assert entra.ask("DELETE", where).status_code == 204
    assert entra.ask("GET", where).status_code == 404
    assert entra.ask("GET", filter='userName eq "ada@care.example"').json()["totalResults"] == 0
    assert User.objects.filter(pk=user.pk).exists()
    assert signed_in(user).get("/my-training/").status_code == 403

    back = entra.join()
    assert (back.status_code, back.json()["id"]) == (201, joined.json()["id"])
    assert signed_in(user).get("/my-training/").status_code == 200


# --- Finding --------------------------------------------------------------------------------------


def test_users_are_found_by_name_and_by_the_directorys_id(entra):
    entra.join()
    entra.join('o"brien@care.example', externalId="ext-2")

    def found(text):
        return [user["userName"] for user in entra.ask("GET", filter=text).json()["Resources"]]

    assert found('userName eq "ADA@care.example"') == ["ada@care.example"]
    assert found('username Eq "o\\"brien@care.example"') == ['o"brien@care.example']
    assert found('externalId eq "ext-2"') == ['o"brien@care.example']
    assert found(f'id eq "{Joiner.objects.first().pk}"') == ["ada@care.example"]
    assert found('id eq "nonsense"') == found('userName eq "nobody"') == []


@pytest.mark.parametrize(
    "text", ["x", 'userName co "a"', 'userName eq "a" or 1 eq 1', 'user__password eq "x"', "userName eq 'a'"]
)
def test_any_other_filter_is_refused(entra, text):
    refused = entra.ask("GET", filter=text)

    assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidFilter")


def test_pages_count_from_one(entra):
    for n in range(5):
        entra.join(f"user{n}@care.example", externalId=str(n))

    page = entra.ask("GET", startIndex="4", count="3").json()
    nothing = entra.ask("GET", startIndex="0", count="0").json()

    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 4, 2)
    assert [user["userName"] for user in page["Resources"]] == ["user3@care.example", "user4@care.example"]
    assert (nothing["totalResults"], nothing["startIndex"], nothing["Resources"]) == (5, 1, [])


@pytest.mark.parametrize("users", [1, 12])
def test_a_page_costs_the_same_however_long(entra, users, django_assert_num_queries):
    for n in range(users):
        entra.join(f"user{n}@care.example", externalId=str(n))
    with django_assert_num_queries(4):  # wrong tries, token, how many, users
        assert entra.ask("GET").json()["totalResults"] == users


@pytest.mark.parametrize("path", ["ServiceProviderConfig", "ResourceTypes", "Schemas"])
def test_it_describes_itself_to_whoever_has_a_token(entra, path):
    assert entra.ask("GET", f"/scim/v2/{path}").status_code == 200
    assert entra.ask("GET", f"/scim/v2/{path}", token="wrong").status_code == 401
    assert entra.ask("POST", f"/scim/v2/{path}").status_code == 405


# --- Who may ----------------------------------------------------------------------------------------


def test_another_organisations_user_cannot_be_told_from_none(entra, other_organisation):
    theirs = Directory(other_organisation)
    foreign = f"{USERS}/{theirs.join('bob@care.example').json()['id']}"
    absent = f"{USERS}/00000000-0000-4000-8000-000000000000"

    for method in ("GET", "PUT", "PATCH", "DELETE"):
        one, other = (entra.ask(method, where, {"userName": "x", "Operations": []}) for where in (foreign, absent))
        assert (one.status_code, one.content) == (404, other.content)
    assert entra.ask("GET").json()["totalResults"] == 0
    assert entra.ask("GET", filter='userName eq "bob@care.example"').json()["totalResults"] == 0
    assert entra.join("bob@care.example").status_code == 201
    assert Joiner.objects.get(organisation=other_organisation).is_active


@pytest.mark.parametrize("token", ["", "wrong", joiners.PREFIX + "x" * 43])
def test_without_a_token_there_is_nothing(organisation, entra, token):
    refused = entra.ask("GET", token=token)

    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer realm="SCIM"')
    assert refused.json()["schemas"] == [scim.ERROR]


def test_a_session_is_no_token(organisation, sign_in):
    assert sign_in(organisation, *Role).get(USERS).status_code == 401


def test_guessing_tokens_is_slowed_down(entra):
    said = [entra.ask("GET", token=f"guess{n}").status_code for n in range(WRONG_TOKENS + 1)]

    assert (said[WRONG_TOKENS - 1], said[WRONG_TOKENS]) == (401, 429)


def test_an_administrator_makes_a_token_sees_it_once_and_ends_it(organisation, sign_in, entra):
    client, page = sign_in(organisation, Role.ORGANISATION_ADMIN), reverse("staff:joiner_tokens")
    shown = client.post(page, {"name": "Entra from May"}).text
    token = shown.split("<code>")[1].split("</code>")[0]

    assert token.startswith(joiners.PREFIX)
    assert token not in client.get(page).text
    assert not JoinerToken.objects.filter(digest__contains=token[-20:]).exists()
    assert entra.ask("GET", token=token).status_code == 200
    assert "last used on" in client.get(page).text
    made = JoinerToken.objects.get(name="Entra from May")
    client.post(reverse("staff:joiner_token_revoke", args=[made.pk]))
    assert entra.ask("GET", token=token).status_code == 401
    assert entra.ask("GET").status_code == 200, "the other one lives"


def test_a_token_may_say_that_its_ids_are_those_of_a_directory(organisation, settings):
    known = {"code": "entra", "name": "Entra", "issuer": "https://login.example", "client_id": "x", "client_secret": "y"}
    settings.DIRECTORIES = [known | {"subject_claim": "oid"}]
    entra = Directory(organisation, directory="entra")
    member(organisation, Role.HR, user=UserFactory(username="hr@care.example"))

    entra.join()
    entra.join("hr@care.example", externalId="ext-2")

    assert [identity.uid for identity in SocialAccount.objects.all()] == ["https://login.example ext-1"], "HR links their own"


def test_a_token_sent_in_the_open_opens_nothing_and_is_told_so(entra, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^scim/"]

    answer = entra.join()

    assert (answer.status_code, "make another token" in answer.text) == (403, True)
    assert not User.objects.filter(username="ada@care.example").exists()
