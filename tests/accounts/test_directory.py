"""Signing in through a directory: one good way, and every bad token we could think of."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from datetime import date
from hashlib import sha256

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from accounts import directories
from accounts.enums import Role
from accounts.models import User
from audit.models import Event
from tests.accounts.identity_provider import IdentityProvider, by_hand, challenge_of, sent_along
from tests.factories import UserFactory, member, person_in_post

pytestmark = [pytest.mark.django_db, pytest.mark.asks_for_second_factor]

PAGE = "/my-training/"
PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="module")
def running():
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running, settings):
    settings.DIRECTORIES = [running.settings()]
    settings.BASE_URL = "https://tenfold.example"
    running.said_issuer, running.asked, running.sends_on_to = running.issuer, [], ""
    return running


def begin(client, **sent) -> dict[str, str]:
    return sent_along(client.post(reverse("accounts:directory_begin", args=["nhsmail"]), sent))


def answer(client, provider, token: str, state: str):
    provider.token = token
    return client.get(reverse("openid_connect_callback", args=["nhsmail"]), {"code": "abc", "state": state})


def come(client, provider, **claims):
    """All the way through the directory with a good token, changed as said."""
    along = begin(client)
    return answer(client, provider, provider.sign(provider.claims(along["nonce"], **claims)), along["state"])


def known(organisation, provider, *roles, subject="subject-1", code="nhsmail") -> User:
    user = member(organisation, *roles)
    SocialAccount.objects.create(user=user, provider=code, uid=f"{provider.issuer} {subject}")
    return user


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


# --- The good way ----------------------------------------------------------------------------


def test_somebody_known_comes_in(organisation, provider, client):
    user = known(organisation, provider, Role.STAFF)
    assert "Sign in with NHSmail" in client.get(reverse("accounts:sign_in")).text

    sent = client.post(reverse("accounts:directory_begin", args=["nhsmail"]), {"next": PAGE}, headers={"host": "localhost"})
    along = sent_along(sent)
    done = answer(client, provider, provider.sign(provider.claims(along["nonce"])), along["state"])

    assert sent.url.startswith(f"{provider.issuer}/authorise?")
    assert along["redirect_uri"] == "https://tenfold.example/accounts/directory/nhsmail/answer/", "never from the request"
    assert along["scope"] == "openid"
    assert along["code_challenge"] == challenge_of(provider.asked[0]["code_verifier"])
    assert done.url == PAGE
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get(PAGE).status_code == 200
    assert Event.objects.filter(type="accounts.signed_in_by_directory").count() == 1
    assert SocialAccount.objects.get().extra_data == {}, "nothing that the directory said is kept"


def test_without_a_directory_there_is_no_button_and_no_address(client, db):
    assert "Sign in with" in client.get(reverse("accounts:sign_in")).text  # a letter
    assert "NHSmail" not in client.get(reverse("accounts:sign_in")).text
    assert client.post(reverse("accounts:directory_begin", args=["nhsmail"])).status_code == 404
    assert client.get(reverse("openid_connect_callback", args=["nhsmail"])).status_code == 404


def test_the_browser_may_follow_the_form_to_the_directory_and_nowhere_else(settings):
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] == ["'self'"]


# --- The bad tokens --------------------------------------------------------------------------


def hs256_with_the_public_key(provider, nonce):
    signed = by_hand({"alg": "HS256", "typ": "JWT", "kid": "one"}, provider.claims(nonce)).rpartition(".")[0]
    digest = hmac.new(provider.public_pem(), signed.encode(), sha256).digest()
    return f"{signed}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def altered_after_signing(provider, nonce):
    header, _claims, signature = provider.sign(provider.claims(nonce, sub="somebody-else")).split(".")
    claims = by_hand({}, provider.claims(nonce)).split(".")[1]
    return f"{header}.{claims}.{signature}"


def plain(**claims):
    return lambda provider, nonce: provider.sign(provider.claims(nonce, **claims))


BAD = {
    "not signed": lambda p, nonce: by_hand({"alg": "none", "kid": "one"}, p.claims(nonce)),
    "signed with the public key as a secret": hs256_with_the_public_key,
    "signed with a key the directory does not have": lambda p, nonce: p.sign(p.claims(nonce), key=p.other_key),
    "signed with a key of an unknown name": lambda p, nonce: p.sign(p.claims(nonce), key=p.other_key, kid="two"),
    "altered after signing": altered_after_signing,
    "for another application": plain(aud="somebody-else"),
    "for several applications, none in charge": plain(aud=["tenfold-here", "somebody-else"]),
    "for us, but made for another": plain(azp="somebody-else"),
    "expired": plain(iat=int(time.time()) - 900, exp=int(time.time()) - 300),
    "without an end": plain(exp=None),
    "not yet good": plain(nbf=int(time.time()) + 3600),
    "made in the future": plain(iat=int(time.time()) + 3600, exp=int(time.time()) + 7200),
    "made long ago": plain(iat=int(time.time()) - 3600),
    "a nonce of another sign-in": plain(nonce="0" * 64),
    "no nonce": plain(nonce=None),
    "another issuer with the same subject": plain(iss="https://evil.example"),
    "no subject": plain(sub=None),
    "an empty subject": plain(sub=" "),
    "a subject that is no text": plain(sub=17),
    "not a token": lambda _p, _nonce: "abc",
    "nothing at all": lambda _p, _nonce: "",
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_token_opens_nothing(organisation, provider, client, bad):
    known(organisation, provider, Role.STAFF)
    along = begin(client)

    done = answer(client, provider, BAD[bad](provider, along["nonce"]), along["state"])

    assert done.status_code == 401
    assert "NHSmail did not sign you in" in done.text
    assert not is_in(client)


@pytest.mark.parametrize(
    "claims",
    [{"email_verified": True}, {"email_verified": False}, {"preferred_username": "same"}],
    ids=["of another organisation's user", "not verified", "as a user name"],
)
def test_an_email_address_opens_nothing_and_makes_no_account(organisation, other_organisation, provider, client, claims):
    victim = member(other_organisation, Role.ORGANISATION_ADMIN)
    users = User.objects.count()

    done = come(client, provider, sub="stranger", email=victim.email, **claims)

    assert done.status_code == 403
    assert "does not know this NHSmail sign-in yet" in done.text
    assert not is_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (users, 0)


@pytest.mark.parametrize("claims", [{}, {"amr": ["pwd"]}, {"amr": "mfa"}, {"acr": "1"}])
def test_a_token_that_leaves_out_the_second_factor_opens_nothing_where_one_is_promised(
    organisation, provider, client, settings, claims
):
    settings.DIRECTORIES = [provider.settings(second_factor=("amr=mfa",))]
    known(organisation, provider, Role.STAFF)

    assert come(client, provider, **claims).status_code == 401
    assert not is_in(client)


def test_an_answer_works_once_and_only_in_the_browser_that_asked(organisation, provider, client):
    known(organisation, provider, Role.STAFF)
    along, thief = begin(client), Client()
    token = provider.sign(provider.claims(along["nonce"]))

    assert answer(thief, provider, token, along["state"]).status_code == 401
    assert answer(client, provider, token, along["state"]).status_code == 302
    client.post(reverse("accounts:sign_out"))
    assert answer(client, provider, token, along["state"]).status_code == 401
    again = begin(client)
    assert answer(client, provider, token, again["state"]).status_code == 401, "the old token with a new state"
    assert not is_in(client)


def test_a_directory_that_calls_itself_something_else_is_not_asked(organisation, provider, client):
    known(organisation, provider, Role.STAFF)
    provider.said_issuer = "https://evil.example"

    assert client.post(reverse("accounts:directory_begin", args=["nhsmail"])).status_code == 502


def test_a_directory_that_sends_us_elsewhere_is_not_followed(organisation, provider, client):
    user = known(organisation, provider, Role.STAFF)
    elsewhere = IdentityProvider()
    elsewhere.key, provider.sends_on_to = provider.key, f"{elsewhere.issuer}/keys"

    come(client, provider)

    elsewhere.stop()
    assert not is_in(client), user


def test_a_directory_that_is_away_says_so(client, db, settings, provider):
    settings.DIRECTORIES = [provider.settings(issuer="http://127.0.0.1:1")]

    done = client.post(reverse("accounts:directory_begin", args=["nhsmail"]))

    assert (done.status_code, "NHSmail did not sign you in" in done.text) == (502, True)


def test_whoever_says_no_at_the_directory_is_told_and_not_signed_in(provider, client, db):
    along = begin(client)

    done = client.get(reverse("openid_connect_callback", args=["nhsmail"]), {"error": "access_denied", "state": along["state"]})

    assert (done.status_code, is_in(client)) == (401, False)


# --- Who may come ----------------------------------------------------------------------------


def test_a_leaver_and_a_closed_account_are_refused(organisation, provider, client):
    leaver = known(organisation, provider, Role.STAFF)
    person_in_post(organisation, user=leaver, end=date(2026, 6, 1))

    assert "no longer belongs to an organisation" in come(client, provider).text
    closed = known(organisation, provider, Role.STAFF, subject="closed")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    assert "no longer belongs to an organisation" in come(client, provider, sub="closed").text
    assert not is_in(client)


def test_the_same_subject_of_another_directory_is_somebody_else(organisation, provider, client, settings):
    known(organisation, provider, Role.STAFF, code="entra")
    settings.DIRECTORIES = [provider.settings(), provider.settings(code="entra", issuer="http://127.0.0.1:1")]

    assert come(client, provider).status_code == 403


def test_a_directory_that_changed_hands_signs_nobody_in_as_before(organisation, provider, client):
    user = member(organisation, Role.STAFF)
    SocialAccount.objects.create(user=user, provider="nhsmail", uid="https://before.example subject-1")

    assert come(client, provider).status_code == 403


# --- The second factor, and a fresh sign-in ----------------------------------------------------


def test_a_role_needs_our_second_factor_unless_the_operator_counts_the_directorys(organisation, provider, client, settings):
    known(organisation, provider, Role.HR)
    come(client, provider, amr=["mfa"])
    assert client.get(PAGE).url.startswith(reverse("mfa_index"))
    client.post(reverse("accounts:sign_out"))

    settings.DIRECTORIES = [provider.settings(second_factor=("amr=mfa", "acr=mfa"))]
    come(client, provider, amr=["pwd", "mfa"])
    assert client.get(PAGE).status_code == 200


def test_an_old_visit_to_the_directory_is_no_fresh_sign_in(organisation, provider, client, settings):
    settings.DIRECTORIES = [provider.settings(second_factor=("amr=mfa",))]
    user = known(organisation, provider, Role.ORGANISATION_ADMIN)
    User.objects.filter(pk=user.pk).update(password="!unusable")
    page = reverse("accounts:sign_in_rules")
    come(client, provider, amr=["mfa"], auth_time=int(time.time()) - 3600)

    first = client.get(page)
    again = client.get(first.url)
    asked = client.post(reverse("accounts:directory_again"), {"directory": "nhsmail", "next": page})
    along = sent_along(asked)
    stale = provider.sign(provider.claims(along["nonce"], amr=["mfa"], auth_time=int(time.time()) - 3600))
    assert first.url.startswith(reverse("account_reauthenticate"))
    assert again.url == f"{reverse('accounts:directory_again')}?next=%2Forganisation%2Fsign-in%2F"
    assert (along["prompt"], along["max_age"]) == ("login", "0")
    assert "did not ask you again" in answer(client, provider, stale, along["state"]).text
    assert client.get(page).status_code == 302

    along = sent_along(client.post(reverse("accounts:directory_again"), {"directory": "nhsmail", "next": page}))
    good = provider.sign(provider.claims(along["nonce"], amr=["mfa"], auth_time=int(time.time())))
    assert answer(client, provider, good, along["state"]).url == page
    assert client.get(page).status_code == 200


def test_another_person_at_the_directory_does_not_freshen_my_session(organisation, provider, client):
    known(organisation, provider, Role.STAFF)
    known(organisation, provider, Role.STAFF, subject="colleague")
    come(client, provider)

    along = sent_along(client.post(reverse("accounts:directory_again"), {"directory": "nhsmail", "next": PAGE}))
    other = provider.sign(provider.claims(along["nonce"], sub="colleague", auth_time=int(time.time())))

    assert answer(client, provider, other, along["state"]).status_code == 403


# --- Linking -----------------------------------------------------------------------------------


def with_password(organisation, client, *roles):
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    client.post(reverse("accounts:sign_in"), {"login": user.username, "password": PASSWORD})
    return member(organisation, *roles, user=user)


def test_somebody_signed_in_links_it_uses_it_and_ends_it(organisation, provider, client):
    user = with_password(organisation, client, Role.STAFF)
    along = sent_along(client.post(reverse("accounts:directory_link", args=["nhsmail"])))

    done = answer(client, provider, provider.sign(provider.claims(along["nonce"])), along["state"])

    assert done.url == reverse("mfa_index")
    assert "Stop signing in with NHSmail" in client.get(done.url).text
    assert SocialAccount.objects.get().user == user
    assert Event.objects.filter(type="accounts.directory_linked").count() == 1
    client.post(reverse("accounts:sign_out"))
    assert come(client, provider).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    client.post(reverse("accounts:sign_out"))
    client.post(reverse("accounts:sign_in"), {"login": user.username, "password": PASSWORD})
    client.post(reverse("accounts:directory_unlink", args=[SocialAccount.objects.get().pk]))
    assert not SocialAccount.objects.exists()


def test_a_stale_session_links_nothing(organisation, provider, client):
    with_password(organisation, client, Role.STAFF)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()

    sent = client.post(reverse("accounts:directory_link", args=["nhsmail"]))

    assert sent.url.startswith(reverse("account_reauthenticate"))


def test_what_belongs_to_somebody_else_is_not_linked(organisation, provider, client):
    known(organisation, provider, Role.STAFF)
    with_password(organisation, client, Role.STAFF)
    along = sent_along(client.post(reverse("accounts:directory_link", args=["nhsmail"])))

    done = answer(client, provider, provider.sign(provider.claims(along["nonce"])), along["state"])

    assert "belongs to somebody else" in done.text
    assert SocialAccount.objects.count() == 1


def test_the_last_way_in_is_not_unlinked(organisation, provider, client):
    user = known(organisation, provider, Role.STAFF)
    user.set_unusable_password()
    user.save()
    come(client, provider, auth_time=int(time.time()))

    client.post(reverse("accounts:directory_unlink", args=[SocialAccount.objects.get().pk]))

    assert SocialAccount.objects.filter(user=user).exists()


def test_an_invitation_links_once(organisation, provider, client):
    user = member(organisation, Role.STAFF)
    link = reverse(
        "accounts:password_choose", args=[urlsafe_base64_encode(b"%d" % user.pk), default_token_generator.make_token(user)]
    )
    page = client.get(link, follow=True)
    assert f'name="invited" value="{user.pk}"' in page.text

    along = begin(client, invited=user.pk)
    answer(client, provider, provider.sign(provider.claims(along["nonce"])), along["state"])

    assert client.session["_auth_user_id"] == str(user.pk)
    assert SocialAccount.objects.get().user == user
    second = Client()
    assert "stopped working" in second.get(link, follow=True).text, "it was used"


def test_without_the_link_nobody_is_invited(organisation, provider, client):
    user = member(organisation, Role.STAFF)
    along = begin(client, invited=user.pk)

    done = answer(client, provider, provider.sign(provider.claims(along["nonce"])), along["state"])

    assert (done.status_code, SocialAccount.objects.count()) == (403, 0)


def test_an_administrator_writes_the_subject_down_and_ends_it(organisation, provider, sign_in, client, settings):
    settings.SECOND_FACTOR = False
    administrator, user = with_password(organisation, client, Role.ORGANISATION_ADMIN), member(organisation, Role.STAFF)
    address = reverse("accounts:subject_register", args=[user.pk])
    client.post(address, {"directory": "nhsmail", "subject": user.email})
    assert not SocialAccount.objects.exists(), "an e-mail address is no identifier"

    client.post(address, {"directory": "nhsmail", "subject": "subject-1"})
    client.post(reverse("accounts:subject_register", args=[administrator.pk]), {"directory": "nhsmail", "subject": "mine"})

    identity, theirs = SocialAccount.objects.get(), Client()
    come(theirs, provider)
    assert theirs.get(PAGE).status_code == 200
    assert "which knows them as subject-1" in client.get(reverse("accounts:user_roles", args=[user.pk])).text
    client.post(reverse("accounts:subject_end", args=[user.pk, identity.pk]))
    assert theirs.get(PAGE).status_code == 302, "the sign-in has ended at once"
    assert come(theirs, provider).status_code == 403


def test_nobody_is_let_in_who_works_elsewhere_too(organisation, other_organisation, provider, client, settings):
    settings.SECOND_FACTOR = False
    with_password(organisation, client, Role.ORGANISATION_ADMIN)
    user = member(organisation, Role.STAFF)
    member(other_organisation, Role.STAFF, user=user)

    client.post(reverse("accounts:subject_register", args=[user.pk]), {"directory": "nhsmail", "subject": "mine"})

    assert not SocialAccount.objects.exists()


# --- How the operator sets it up -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": "NHS mail"}, "small letters"),
        ({"issuer": "http://login.example"}, "not an https:// address"),
        ({"subject_claim": "email"}, "by sub or by oid"),
        ({"second_factor": ("mfa",)}, "amr=... or acr=..."),
    ],
)
def test_a_directory_unfit_for_use_stops_tenfold_from_starting(provider, settings, change, says):
    settings.DIRECTORIES = [provider.settings(**change)]

    with pytest.raises(ImproperlyConfigured, match=says):
        directories.configured()


def test_an_object_id_names_people_where_the_operator_says_so(organisation, provider, client, settings):
    settings.DIRECTORIES = [provider.settings(subject_claim="oid")]
    known(organisation, provider, Role.STAFF, subject="object-1")

    assert come(client, provider, sub="pairwise", oid="object-1").status_code == 302
    client.post(reverse("accounts:sign_out"))
    assert come(client, provider, sub="object-1").status_code == 401
