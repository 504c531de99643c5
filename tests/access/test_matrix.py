"""Every address, for everybody who may come: against a checked-in expectation.

A new address fails here until somebody has written down whom it is for (``expected.yaml``). To write the file anew
after a change, run with ``TENFOLD_WRITE_MATRIX=1`` and read the difference as you would code.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path

import pytest
import yaml
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import looking
from accounts.downloads import is_download
from accounts.enums import Role
from accounts.policy import LENDABLE
from audit.models import Event
from courses.models import Course
from lms.demonstration.specifications import CARE
from tests.access import world
from tests.access.walking import Answer, changed_since, digests, walk
from tests.factories import UserFactory, member, platform_administrator

pytestmark = pytest.mark.django_db

EXPECTED = Path(__file__).with_name("expected.yaml")
PUBLIC, WITH_AN_ACCOUNT, SIGNED_IN = "everybody", "with an account", "signed in"
"""An account may be a platform administrator's, who belongs to no organisation; signed in is who belongs to one."""
PLATFORM = "platform-admin"
OF_THE_CMS = {"draft_picture", "wagtaildocs_serve"}
"""Besides the role they ask for a group of the CMS, which these users are not in (tests/courses/test_media.py has both)."""
OF_A_DIRECTORY = {"openid_connect_callback"}
"""There is none unless the operator sets one up (tests/accounts/test_directory.py does)."""
FETCHED_FROM_ELSEWHERE = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object|track|form|input|link)\b(?![^>]*canonical)[^>]*"
    r"\s(?:src|srcset|poster|data|href|action)=[\"']?(?:https?:)?//(?!testserver)[^>]*>"
)
HANDLER = re.compile(r"<[a-z][^>]*\s(?:on[a-z]+|style)=[^>]*>|javascript:")
"""What our policy would stop: a script or a style in an attribute."""
HALF_WAY = "mfa_authenticate"
"""Between the password and the code: it sends everybody on who is not just there."""
OTHER_ROLES = [role for role in Role if role != Role.STAFF]
"""What the owner of the personal things, a staff member already, is given to see everything."""
PERSONAL = {"attempt_id", "certificate_id", "completion_id", "job_id", "link_id", "pk"}
"""Objects that belong to one person: nobody else, whatever their role, sees them."""
KEPT_BY_READING = {
    "audit_event": "that personal data or evidence was taken out, which EVENTS_OF_READING names",
    "audit_chainhead": "the last link of the trail, with the event",
    "courses_signingkey": "the public half of the key, when it first signs",
    "django_session": "what a session remembers: a question asked, a message shown",
    "mfa_authenticator": "that recovery codes were shown, so that they are shown once",
    "usersessions_usersession": "that a sign-in which has ended is not listed",
    "reporting_drawing": "a drawing, so that the next reader need not wait; it is forgotten by itself",
}
"""The only tables that looking changes, and why."""
KEPT_BY_HEAD = {"django_session"}
EVENTS_OF_READING = {
    "accounts.audit_exported",
    "assessment.audit_exported",
    "courses.certificates_taken",
    "courses.signing_key_first_used",
    "courses.staff_records_taken",
    "courses.training_record_made",
    "evidence.downloaded",
    "publication.pack_downloaded",
    "reporting.people_exported",
    "staff.exported",
    "staff.list_exported",
}
MAY_BE_KEPT = {"courses:lesson_file"}
"""Files of courses, named by their digest, may stay in a browser's own store."""
SHOWN_INSIDE = {"courses:needs_pdf", "reporting:board_file", "reporting:chart_file", "reporting:topics_chart"}
"""What a browser shows itself: documents of figures, pictures on a page, and answers to programs."""
TO_PROGRAMS = {"security_txt", "alive", "ready", "courses:issuer_profile", "courses:signing_key"}


@pytest.fixture(scope="module")
def sides(django_db_setup, django_db_blocker):
    """Both organisations, built once for all tests of this module and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        world.load_everything_that_ships()
        mine, theirs = world.make_side(CARE), world.make_side(world.FOREIGN)
        world.mark_people(mine.organisation)
        mine.owner.refresh_from_db()
        yield mine, theirs
        transaction.set_rollback(True)


class Reading:
    """Somebody who may see everything comes to every address: once, for all tests that look at what was answered."""

    def __init__(self, side: world.Side) -> None:
        self.side = side
        self.changed: set[str] = set()
        self.events: set[str] = set()

    @cached_property
    def answers(self) -> list[Answer]:
        with transaction.atomic():
            client = client_for(member(self.side.organisation, *OTHER_ROLES, user=self.side.owner))
            before, told = digests(), Event.objects.count()
            answers = list(walk(client, self.side))
            self.changed = changed_since(before, but_for=KEPT_BY_READING)
            self.events = set(Event.objects.order_by("pk").values_list("type", flat=True)[told:])
            transaction.set_rollback(True)
        return answers


@pytest.fixture(scope="module")
def reading(sides) -> Reading:
    return Reading(sides[0])


class EachAddressOnce(yaml.SafeLoader):
    """Refuses a file that says of an address twice for whom it is: YAML would let the last one count."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _value in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"said twice: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def read_matrix(text: str) -> dict[str, object]:
    return yaml.load(text, Loader=EachAddressOnce)  # noqa: S506  a SafeLoader, stricter


def client_for(user) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def is_sent_to_sign_in(response) -> bool:
    return response.status_code == 302 and response.url.startswith(reverse("accounts:sign_in"))


def told_by(response) -> tuple[int, str, dict[str, str]]:
    """Everything that a response tells, apart from what is drawn anew for each: status, body and headers."""
    text = "" if response.streaming else response.text
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    headers = {name: re.sub(r"'nonce-[^']+'", "", value) for name, value in response.headers.items()}
    return response.status_code, re.sub(r'nonce="[^"]+"', "", text), headers


def who_may(url: str, clients: dict[str, Client]) -> object:
    """Asked by OPTIONS, which the views answer with few words: whom a view is for does not depend on the method (see below)."""
    if not is_sent_to_sign_in(Client(raise_request_exception=False).get(url)):
        return PUBLIC
    return in_words({who for who, client in clients.items() if client.options(url).status_code != 403})


def in_words(allowed: set[str]) -> object:
    """How the file says who is let in."""
    if allowed >= set(Role):
        return WITH_AN_ACCOUNT if PLATFORM in allowed else SIGNED_IN
    return sorted(allowed)


def test_an_address_is_stated_once():
    assert len(read_matrix(EXPECTED.read_text(encoding="utf-8"))) > 100
    with pytest.raises(yaml.constructor.ConstructorError, match="said twice: staff:person_list"):
        read_matrix("staff:person_list: [hr]\nstaff:unit_list: [hr]\nstaff:person_list: [hr, manager]\n")


def test_every_address_is_for_whom_we_say(sides):
    mine, _theirs = sides
    clients = {role.value: client_for(world.somebody(mine, role)) for role in Role}
    clients[PLATFORM] = client_for(platform_administrator())
    before = digests()
    found = {name: who_may(reverse(name, kwargs=world.parts_for(mine, parts)), clients) for name, parts in world.addresses()}

    assert changed_since(before, but_for=KEPT_BY_READING) == set()
    if os.environ.get("TENFOLD_WRITE_MATRIX"):
        EXPECTED.write_text(yaml.safe_dump(found, sort_keys=True, default_flow_style=None, width=140), encoding="utf-8")
    expected = read_matrix(EXPECTED.read_text(encoding="utf-8"))

    differences = {
        name: (expected.get(name), found.get(name))
        for name in expected.keys() | found.keys()
        if expected.get(name) != found.get(name)
    }
    assert differences == {}


def test_nothing_breaks_for_those_who_may(reading):
    broken = {
        answer.name: answer.response.status_code
        for answer in reading.answers
        if answer.response.status_code >= 500
        or (answer.response.status_code == 404 and "token" not in answer.parts and answer.name not in OF_THE_CMS | OF_A_DIRECTORY)
    }

    assert broken == {}


def test_looking_changes_nothing(sides, reading):
    assert reading.answers
    assert reading.changed == set()
    assert reading.events - EVENTS_OF_READING == set()


def test_head_answers_as_get_does_and_leaves_nothing(sides, reading):
    by_get = {answer.name: answer.response.status_code for answer in reading.answers}
    client = client_for(member(sides[0].organisation, *OTHER_ROLES, user=sides[0].owner))
    before = digests()
    asked = list(walk(client, sides[0], method="head"))

    assert changed_since(before, but_for=KEPT_BY_HEAD) == set()
    assert [answer.name for answer in asked if answer.body] == []
    assert {answer.name: answer.response.status_code for answer in asked} == by_get


def test_no_address_names_a_person(reading):
    named = {
        (answer.name, address)
        for answer in reading.answers
        for address in answer.addresses()
        if world.NAMED in address.casefold()
    }

    assert named == set()
    assert sum(world.NAMED.encode() in answer.body for answer in reading.answers) > 40
    assert all(answer.response["Referrer-Policy"] == "same-origin" for answer in reading.answers)


def test_every_answer_tells_the_browser_what_it_may_do(reading):
    wrong, nonces = set(), []
    for answer in reading.answers:
        given = answer.response
        policy = given["Content-Security-Policy"]
        nonces += re.findall(r"'nonce-([^']+)'", policy)
        holds = {
            "policy": "unsafe" not in policy
            and {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; ")),
            "sniffing": given["X-Content-Type-Options"] == "nosniff",
            "frames": given["X-Frame-Options"] == "DENY",
            "openers": given["Cross-Origin-Opener-Policy"] == "same-origin",
            "devices": "camera=()" in given["Permissions-Policy"],
            "keeping": "no-store" in given.get("Cache-Control", "") or answer.name in MAY_BE_KEPT,
            "files": answer.is_page
            or given.status_code != 200
            or answer.name in SHOWN_INSIDE | TO_PROGRAMS
            or given.get("Content-Disposition", "").startswith("attachment"),
        }
        wrong |= {(answer.name, promise) for promise, is_kept in holds.items() if not is_kept}

    assert wrong == set()
    assert len(nonces) == len(set(nonces)) > 200


def unwanted_in(html: str) -> list[str]:
    """What a browser would fetch from elsewhere, or run although it was written into the page."""
    scripts = re.findall(r"<script\b(?![^>]*application/json)[^>]*>", html)
    nonces = set(re.findall(r'<script\b[^>]*\bnonce="([^"]+)"', html))
    bare = scripts if len(nonces) > 1 else [tag for tag in scripts if 'nonce="' not in tag or 'nonce=""' in tag]
    return [
        *(found[0] for found in FETCHED_FROM_ELSEWHERE.finditer(html)),
        *bare,
        *(found[0] for found in HANDLER.finditer(html)),
    ]


def test_no_page_fetches_anything_from_elsewhere_or_holds_a_script_without_its_nonce(reading):
    html = {answer.name: answer.body.decode() for answer in reading.answers if answer.body[:9].lower() == b"<!doctype"}

    assert len(html) > 150
    assert {name: found for name, text in html.items() if (found := unwanted_in(text))} == {}
    for bad in ('<img src="//gravatar.example/a">', "<a onclick=x>", "<script>", '<link rel="icon" href="https://x.example/">'):
        assert len(unwanted_in(bad)) == 1, bad


def test_whoever_belongs_to_no_organisation_gets_nowhere_by_any_method(sides):
    mine, _theirs = sides
    expected = read_matrix(EXPECTED.read_text(encoding="utf-8"))
    closed = {
        name: reverse(name, kwargs=world.parts_for(mine, parts))
        for name, parts in world.addresses()
        if expected[name] != PUBLIC and name != HALF_WAY
    }
    superuser, platform = client_for(UserFactory(is_superuser=True, is_staff=True)), client_for(platform_administrator())
    former = member(mine.organisation, *Role)
    deactivated = client_for(former)
    former.is_active = False
    former.save()
    of_organisations = [name for name in closed if PLATFORM not in expected[name] and expected[name] != WITH_AN_ACCOUNT]

    assert [name for name, url in closed.items() if not is_sent_to_sign_in(deactivated.get(url))] == []
    assert [name for name, url in closed.items() if superuser.get(url).status_code != 403] == []
    refused = {told_by(platform.get(closed[name]))[:2] for name in of_organisations}
    assert {(status, "You look after the installation" in body) for status, body in refused} == {(403, True)}
    assert len(refused) == 1
    for method in ("head", "post", "put", "patch", "delete", "options"):
        assert [name for name in of_organisations if getattr(platform, method)(closed[name]).status_code != 403] == []


def test_a_foreign_object_cannot_be_told_from_an_absent_one(sides):
    mine, theirs = sides
    everything = client_for(member(mine.organisation, *Role))
    leaks = []
    for name, parts in world.addresses():
        for part in sorted(set(parts) & theirs.ids.keys()):
            foreign = world.parts_for(mine, parts) | {part: theirs.ids[part]}
            absent = foreign | {part: world.ABSENT}
            for method in ("get", "post"):
                one, other = (told_by(getattr(everything, method)(reverse(name, kwargs=kwargs))) for kwargs in (foreign, absent))
                if one[0] not in (404, 405) or one != other:
                    leaks.append((name, part, method, one[0], other[0]))

    # A corrected list of the same edition has the same assertions for everybody: an edition item is nobody's.
    assert [leak for leak in leaks if leak[1] != "edition_item_id"] == []


def test_whoever_looks_from_outside_takes_no_file_away_and_nothing_says_so(sides):
    mine, _theirs = sides
    outsider, now = platform_administrator(), timezone.now()
    grant = looking.ask(mine.organisation, reason="It hangs.", capabilities=LENDABLE, hours=8, by=outsider, at=now)
    looking.answer(grant, yes=True, by=mine.owner, at=now)
    client = client_for(outsider)
    client.post(reverse("accounts:look_begin", args=[grant.pk]))
    told = Event.objects.count()

    answers = list(walk(client, mine))

    assert [answer.name for answer in answers if is_download(answer.response)] == []
    refused = [answer for answer in answers if b"takes no files away" in answer.body]
    assert len(refused) > 5
    assert {answer.response.status_code for answer in refused} == {403}
    assert set(Event.objects.order_by("pk").values_list("type", flat=True)[told:]) == {"accounts.look_used"}
    assert sum(answer.is_page for answer in answers) > 60


def test_personal_things_are_for_their_owner_only(sides):
    mine, _theirs = sides
    colleague = client_for(member(mine.organisation, *Role))
    owner = client_for(mine.owner)
    for name, parts in world.addresses():
        if not PERSONAL.intersection(parts):
            continue
        url = reverse(name, kwargs=world.parts_for(mine, parts))
        assert colleague.get(url).status_code in (404, 405), name
        assert colleague.post(url).status_code in (404, 405), name
        assert owner.get(url).status_code in (200, 302, 405), name


def test_no_page_of_mine_shows_anything_of_theirs(sides, reading):
    _mine, theirs = sides
    marks = (theirs.organisation.name, theirs.organisation.ods_code, "hollowhill.example", world.MARK)
    seen = [(answer.name, mark) for answer in reading.answers for mark in marks if mark.encode() in answer.body]

    assert seen == []


def test_another_organisations_own_course_cannot_be_told_from_none(sides):
    mine, theirs = sides
    everything = client_for(member(mine.organisation, *Role))
    code = Course.objects.filter(organisation=theirs.organisation).published().first().code
    told = []
    for name, parts in world.addresses():
        if "course_code" not in parts:
            continue
        kwargs = world.parts_for(mine, parts) | ({"module": "one"} if "module" in parts else {})
        places = [reverse(name, kwargs=kwargs | {"course_code": course}) for course in (code, "no-such-course")]
        foreign, absent = (everything.get(place) for place in places)
        if foreign.status_code == 405:
            foreign, absent = (everything.post(place) for place in places)
        if foreign.status_code != 404 or told_by(foreign) != told_by(absent):
            told.append(name)

    assert told == []
