"""What docs/asvs.md says of the whole installation and no other test shows."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts import services
from accounts.enums import Role
from accounts.hashers import TenfoldArgon2PasswordHasher
from tests.factories import UserFactory, member

pytestmark = pytest.mark.django_db

PASSWORD = "lantern-river-apple"


@pytest.fixture
def somebody(organisation):
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    return member(organisation, Role.HR, user=user)


@pytest.fixture
def browser(somebody):
    client = Client()
    client.post(reverse("accounts:sign_in"), {"login": somebody.username, "password": PASSWORD})
    return client


KINDS = {
    "/my-training/": "text/html; charset=utf-8",
    "/accounts/sign-in/": "text/html; charset=utf-8",
    "/no/such/page/": "text/html; charset=utf-8",
    "/organisation/": "text/html; charset=utf-8",
    "/healthz": "application/json",
    "/scim/v2/Users": "application/scim+json",
    "/.well-known/security.txt": "text/plain; charset=utf-8",
}


def test_every_kind_of_answer_carries_its_headers(browser):
    for path, content_type in KINDS.items():
        answer = browser.get(path)

        policy = answer["Content-Security-Policy"]
        assert answer["Content-Type"].startswith(content_type), path
        assert (answer["X-Content-Type-Options"], answer["Referrer-Policy"]) == ("nosniff", "same-origin"), path
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert {"frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"} <= set(policy.split("; ")), path
        assert not {"Server", "X-Powered-By"} & set(answer.headers), path


def test_other_origins_get_no_word_of_leave(browser):
    for path in KINDS:
        for ask in (browser.get, browser.options):
            answer = ask(path, headers={"origin": "https://evil.example", "access-control-request-method": "POST"})
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")], path


def test_cookies_are_of_this_site_and_closed_to_scripts(browser):
    browser.get("/accounts/sign-in/")

    cookies = browser.cookies
    assert set(cookies) >= {settings.SESSION_COOKIE_NAME, settings.KNOWN_DEVICE_COOKIE_NAME}
    assert {(one["samesite"], one["httponly"], one["domain"]) for one in cookies.values()} == {("Lax", True, "")}
    assert settings.MESSAGE_STORAGE.endswith("SessionStorage"), "messages name people: they stay on the server"


def test_a_session_that_was_signed_out_cannot_be_used_again(browser):
    copied = Client()
    copied.cookies[settings.SESSION_COOKIE_NAME] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert copied.get("/my-training/").status_code == 200

    answer = browser.post(reverse("accounts:sign_out"))

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert copied.get("/my-training/").status_code == 302


def test_signing_out_is_on_every_page(browser):
    for path in ("/my-training/", "/staff/", "/organisation/", "/accounts/second-factor/", "/no/such/page/"):
        assert f'action="{reverse("accounts:sign_out")}"' in browser.get(path).text, path


@pytest.mark.asks_for_second_factor
def test_a_new_password_does_not_pass_by_the_second_factor(somebody):
    Authenticator.objects.create(user=somebody, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = Client()
    form = client.get(services.password_link(somebody).removeprefix(settings.BASE_URL), follow=True)
    chosen = {"new_password1": "window-green-thunder", "new_password2": "window-green-thunder"}
    assert client.post(form.redirect_chain[-1][0], chosen).url == reverse("accounts:sign_in")
    assert client.get("/my-training/").url.startswith(reverse("accounts:sign_in"))

    sent = client.post(reverse("accounts:sign_in"), {"login": somebody.username, "password": "window-green-thunder"})

    assert sent.url.startswith(reverse("mfa_authenticate"))
    assert client.get("/my-training/").url.startswith(reverse("accounts:sign_in"))


def test_password_fields_are_masked_and_known_to_password_managers(browser, somebody):
    somebody.refresh_from_db()
    link = services.password_link(somebody).removeprefix(settings.BASE_URL)
    pages = [Client().get(reverse("accounts:sign_in")), browser.get(reverse("accounts:password_change"))]
    pages.append(Client().get(link, follow=True))
    fields = re.findall(r"<input[^>]*password[^>]*>", "".join(page.text for page in pages))

    assert len(fields) == 6
    assert all('type="password"' in field for field in fields)
    assert sorted(re.findall(r'autocomplete="([^"]+)"', "".join(fields))) == ["current-password"] * 2 + ["new-password"] * 4
    assert not any("maxlength" in field or "onpaste" in field for field in fields)


def test_passwords_are_kept_by_argon2id_as_owasp_asks():
    hasher, weaker = TenfoldArgon2PasswordHasher(), TenfoldArgon2PasswordHasher()
    weaker.time_cost = 1
    kept = hasher.encode(PASSWORD, hasher.salt())
    base = (settings.ROOT / "lms" / "settings" / "base.py").read_text(encoding="utf-8")

    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert hasher.verify(PASSWORD, kept)
    assert not hasher.must_update(kept)
    assert hasher.must_update(weaker.encode(PASSWORD, hasher.salt())), "made stronger at the next sign-in"
    assert re.search(r"PASSWORD_HASHERS = \[\s+\"accounts.hashers.TenfoldArgon2PasswordHasher\"", base)


def test_a_failure_tells_nothing_of_itself(somebody, monkeypatch):
    def breaks(*_args, **_kwargs):
        raise RuntimeError("SELECT secret FROM accounts_user")

    monkeypatch.setattr("staff.views.people.people_page", breaks)
    client = Client(raise_request_exception=False)
    client.force_login(somebody)

    answer = client.get(reverse("staff:person_list"))

    assert answer.status_code == 500
    assert not re.search(r"SELECT|RuntimeError|Traceback|people_page|\.py", answer.text)


ELSEWHERE = """/admin/ /django-admin/ /api/v2/pages/ /documents/1/x.pdf /__debug__/ /accounts/login/ /accounts/signup/ /accounts/email/
    /accounts/password/reset/ /static/ /media/ /.git/config /.env /metrics/ /docs/ /cms/login/ /cms/password_reset/"""


def test_nothing_of_django_or_wagtail_is_served_but_the_cms(browser):
    """No admin of Django, no interface for programs, no sign-in beside our own. Every address of ours is in the access matrix."""

    def walk(patterns, before=""):
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            elif not route.startswith("cms/"):
                yield route, pattern.callback

    without_policy = [route for route, view in walk(get_resolver().url_patterns) if not hasattr(view, "policy")]
    assert without_policy == []
    for path in ELSEWHERE.split():
        assert browser.get(path).status_code in (403, 404), path


def test_whoever_finds_a_weakness_is_told_whom_to_tell(client, settings):
    said = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").text.splitlines())

    assert said["Contact"] == "mailto:security@example.test"
    assert said["Canonical"] == f"{settings.BASE_URL}/.well-known/security.txt"
    assert timedelta(days=90) < datetime.fromisoformat(said["Expires"]) - timezone.now() < timedelta(days=365)
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
