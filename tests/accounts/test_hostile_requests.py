"""Addresses to go on to, headers of proxies, words for the log and messages for workers, made by somebody who means harm."""

from __future__ import annotations

import logging
import pickle
import re
import unicodedata
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import ContentDisallowed

from accounts.enums import Role
from accounts.models import FailedSignIn
from lms.log_lines import JsonLines, PlainLines
from tests.factories import UserFactory, member

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery"

ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example/",
    "\\\\evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    " //evil.example/",
    "\t//evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/\r\n/evil.example/",
    "\x00//evil.example/",
    "\x1f//evil.example/",
    "//evil.example\\@testserver/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "https://evil.example#testserver/",
    "https://evil.example?testserver/",
    "//evil%E3%80%82example/",
    "//evil。example/",
    "//[::1]/",
    "http://[evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "ftp://evil.example/",
    "/my-training/\r\nSet-Cookie: a=b",
    "/my-training/\r\nLocation: https://evil.example/",
]
HERE = ["/my-training/", "/my-training/?a=%2F%2Fevil.example", "/staff/?q=a%20b"]


def as_a_browser_reads(location: str) -> str:
    """What a browser makes of an address: no tabs and line breaks anywhere, no blanks in front, backslashes as slashes."""
    return re.sub(r"[\t\r\n]", "", location).lstrip("".join(map(chr, range(33)))).replace("\\", "/")


def leads_away(location: str) -> bool:
    place = as_a_browser_reads(location)
    return place.startswith("//") or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", place) is not None


def somebody(organisation, *roles):
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    return member(organisation, *roles, user=user)


def test_no_way_in_leads_on_to_somewhere_else(organisation):
    user, sign_in = somebody(organisation, Role.STAFF), reverse("accounts:sign_in")
    shared = Client()
    shared.force_login(user)
    away = []
    for wanted in ELSEWHERE:
        client = Client()
        page = client.get(sign_in, {"next": wanted}).text
        done = client.post(f"{sign_in}?next={quote(wanted)}", {"login": user.username, "password": PASSWORD, "next": wanted})
        assert done.status_code == 302, wanted
        again = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": wanted})
        out = client.post(reverse("accounts:sign_out"), {"next": wanted})
        still = shared.get(reverse("accounts:still_there"), {"next": wanted}).text
        away += [(wanted, answer.url) for answer in (done, again, out) if answer.status_code == 302 and leads_away(answer.url)]
        away += [
            (wanted, link) for link in re.findall(r'href="([^"]*)"', page + still) if "evil.example" in link and leads_away(link)
        ]
        assert not any("\n" in value or "\r" in value for answer in (done, again, out) for value in answer.headers.values())

    assert away == []
    for wanted in HERE:
        done = Client().post(sign_in, {"login": user.username, "password": PASSWORD, "next": wanted})
        assert (wanted, done.url) == (wanted, wanted)


def test_the_check_of_addresses_sees_where_a_browser_would_go():
    assert [place for place in ELSEWHERE[:18] if not leads_away(place)] == []
    assert [place for place in HERE if leads_away(place)] == []


# --- Headers of proxies -------------------------------------------------------------------------

FORGED = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/people/",
    "X-Rewrite-URL": "/people/",
    "X-Real-IP": "198.51.100.8",
    "True-Client-IP": "198.51.100.9",
    "CF-Connecting-IP": "198.51.100.10",
    "Client-IP": "198.51.100.11",
    "Forwarded": "for=198.51.100.12;host=evil.example;proto=https",
    "X-HTTP-Method-Override": "DELETE",
    "Front-End-Https": "on",
}


def without_secrets(text: str) -> str:
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", text)


def test_headers_that_no_proxy_of_ours_wrote_change_nothing(organisation, caplog):
    caplog.set_level(logging.DEBUG)
    user, page = somebody(organisation, Role.STAFF), reverse("accounts:sign_in")
    known = Client()
    known.force_login(user)
    plain = [
        without_secrets(Client().get(page).text),
        without_secrets(known.get("/my-training/").text),
        Client().get("/staff/").url,
    ]
    Client().post(page, {"login": user.username, "password": "wrong"})
    keys = set(FailedSignIn.objects.values_list("key", flat=True))
    for name, value in FORGED.items():
        forged = {"headers": {name: value}}
        first = Client().get(page, **forged)
        seen = [
            without_secrets(first.text),
            without_secrets(known.get("/my-training/", **forged).text),
            Client().get("/staff/", **forged).url,
        ]
        assert seen == plain, name
        assert first.wsgi_request.is_secure() is False, name
        Client().post(page, {"login": user.username, "password": "wrong"}, **forged)

    assert set(FailedSignIn.objects.values_list("key", flat=True)) == keys, "guesses are counted as one network's"
    assert [line for line in caplog.messages if "evil" in line or "198.51.100" in line] == []


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver:80@evil.example", "testserver/evil", "", "a b"]
)
def test_a_host_that_is_not_ours_is_refused(host):
    assert Client(raise_request_exception=False).get("/accounts/sign-in/", headers={"host": host}).status_code == 400


def test_production_believes_the_scheme_only_behind_a_proxy():
    text = (settings.ROOT / "lms" / "settings" / "production.py").read_text(encoding="utf-8")

    assert 'if ALLAUTH_TRUSTED_PROXY_COUNT:\n    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")' in text
    assert "USE_X_FORWARDED" not in text


# --- The log --------------------------------------------------------------------------------------

BREAKS = ["\r\n2026-01-01 INFO all is well", "\x1b[2J\x1b[31mred", "\x85next", "\u2028next", "\x00end", "\x9b31m"]


def test_nobody_writes_lines_of_their_own_into_the_log(organisation, caplog):
    caplog.set_level(logging.DEBUG)
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for words in BREAKS:
        strict.get(f"/no-such-page/{quote(words)}/")
        strict.get("/people/", {"q": words}, headers={"user-agent": words, "referer": words})
        strict.post(reverse("accounts:sign_in"), {"login": words, "password": words}, headers={"referer": f"https://{words}"})
        strict.get("/accounts/sign-in/", headers={"host": f"evil{words}"})
        Client().post(reverse("accounts:sign_in"), {"login": words, "password": words})

    ours = [record for record in caplog.records if not record.exc_info and record.name != "django.db.backends"]
    lines = [formatter.format(record) for record in ours for formatter in (PlainLines(), JsonLines())]
    assert len(lines) > 10
    told = [line.replace("\n    ", " ") for line in lines]  # what goes on in a second line is indented: it begins none
    assert [line for line in told if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in line)] == []


# --- Messages and sessions that would run ----------------------------------------------------------


class Trap:
    """Unpickling it writes a file."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return Path.touch, (self.place,)


def test_a_pickle_in_the_queue_is_refused_unopened(tmp_path):
    brokers = ["memory://", *([settings.REDIS_URL] if settings.REDIS_URL else [])]
    for number, broker in enumerate(brokers):
        place, refused, taken = tmp_path / f"opened-{number}", [], []
        with Connection(broker) as connection:
            queue = current_app.amqp.Queues([]).add(f"canary-{number}")
            consumer = current_app.amqp.TaskConsumer(
                connection.default_channel,
                queues=[queue],
                on_decode_error=lambda message, error, seen=refused: seen.append(type(error)),
            )
            consumer.register_callback(lambda body, message, seen=taken: seen.append(body))
            connection.Producer().publish(
                Trap(place), serializer="pickle", routing_key=queue.routing_key, exchange=queue.exchange, declare=[queue]
            )
            with consumer:
                connection.drain_events(timeout=5)
            queue.bind(connection.default_channel).delete()

        assert (refused, taken, place.exists()) == ([ContentDisallowed], [], False)


def test_a_pickle_in_the_place_of_a_session_is_no_session(organisation, tmp_path):
    place, client = tmp_path / "opened", Client()
    client.force_login(somebody(organisation, Role.STAFF))
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    packed, salt = pickle.dumps(Trap(place)), SessionStore().key_salt
    signed = signing.TimestampSigner(salt=salt).sign(signing.b64_encode(packed).decode())
    for kept in (packed.hex(), signing.b64_encode(packed).decode(), signed):
        Session.objects.filter(session_key=key).update(session_data=kept, expire_date=timezone.now() + timedelta(days=1))
        assert SessionStore(key).load() == {}

    assert not place.exists()
    pickle.loads(pickle.dumps(Trap(place)))  # noqa: S301  the trap works
    assert place.exists()
