"""Every address, for everybody who may come: against a checked-in expectation.

A new address fails here until somebody has written down whom it is for (``expected.yaml``). To write the file anew
after a change, run with ``TENFOLD_WRITE_MATRIX=1`` and read the difference as you would code.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from courses.models import Course
from lms.demonstration.specifications import CARE
from tests.access import world
from tests.factories import UserFactory, member

pytestmark = pytest.mark.django_db

EXPECTED = Path(__file__).with_name("expected.yaml")
PUBLIC, SIGNED_IN = "everybody", "signed in"
OF_THE_CMS = {"draft_picture", "wagtaildocs_serve"}
"""Besides the role they ask for a group of the CMS, which these users are not in (tests/courses/test_media.py has both)."""
OF_A_DIRECTORY = {"openid_connect_callback"}
"""There is none unless the operator sets one up (tests/accounts/test_directory.py does)."""
HALF_WAY = "mfa_authenticate"
"""Between the password and the code: it sends everybody on who is not just there."""
OTHER_ROLES = [role for role in Role if role != Role.STAFF]
"""What the owner of the personal things, a staff member already, is given to see everything."""
PERSONAL = {"attempt_id", "certificate_id", "completion_id", "job_id", "link_id", "pk"}
"""Objects that belong to one person: nobody else, whatever their role, sees them."""


@pytest.fixture(scope="module")
def sides(django_db_setup, django_db_blocker):
    """Both organisations, built once for all tests of this module and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        world.load_everything_that_ships()
        yield world.make_side(CARE), world.make_side(world.FOREIGN)
        transaction.set_rollback(True)


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


def without_token(response) -> str:
    text = "" if response.streaming else response.text
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    return re.sub(r'nonce="[^"]+"', "", text)


def who_may(url: str, roles: dict[Role, Client]) -> object:
    if not is_sent_to_sign_in(Client(raise_request_exception=False).get(url)):
        return PUBLIC
    allowed = [role.value for role, client in roles.items() if client.get(url).status_code != 403]
    return SIGNED_IN if len(allowed) == len(Role) else sorted(allowed)


def test_an_address_is_stated_once():
    assert len(read_matrix(EXPECTED.read_text(encoding="utf-8"))) > 100
    with pytest.raises(yaml.constructor.ConstructorError, match="said twice: staff:person_list"):
        read_matrix("staff:person_list: [hr]\nstaff:unit_list: [hr]\nstaff:person_list: [hr, manager]\n")


def test_every_address_is_for_whom_we_say(sides):
    mine, _theirs = sides
    roles = {role: client_for(member(mine.organisation, role)) for role in Role}
    found = {name: who_may(reverse(name, kwargs=world.parts_for(mine, parts)), roles) for name, parts in world.addresses()}

    if os.environ.get("TENFOLD_WRITE_MATRIX"):
        EXPECTED.write_text(yaml.safe_dump(found, sort_keys=True, default_flow_style=None, width=140), encoding="utf-8")
    expected = read_matrix(EXPECTED.read_text(encoding="utf-8"))

    differences = {
        name: (expected.get(name), found.get(name))
        for name in expected.keys() | found.keys()
        if expected.get(name) != found.get(name)
    }
    assert differences == {}


def test_nothing_breaks_for_those_who_may(sides):
    mine, _theirs = sides
    everything = client_for(member(mine.organisation, *OTHER_ROLES, user=mine.owner))
    broken = {}
    for name, parts in world.addresses():
        response = everything.get(reverse(name, kwargs=world.parts_for(mine, parts)))
        if response.status_code >= 500 or (
            response.status_code == 404 and "token" not in parts and name not in OF_THE_CMS | OF_A_DIRECTORY
        ):
            broken[name] = response.status_code

    assert broken == {}


def test_somebody_of_no_organisation_gets_nowhere(sides):
    mine, _theirs = sides
    expected = read_matrix(EXPECTED.read_text(encoding="utf-8"))
    platform = client_for(UserFactory(is_superuser=True, is_staff=True))
    let_in = [
        name
        for name, parts in world.addresses()
        if expected[name] != PUBLIC
        and name != HALF_WAY
        and platform.get(reverse(name, kwargs=world.parts_for(mine, parts))).status_code != 403
    ]

    assert let_in == []


def test_a_foreign_object_cannot_be_told_from_an_absent_one(sides):
    mine, theirs = sides
    everything = client_for(member(mine.organisation, *Role))
    leaks = []
    for name, parts in world.addresses():
        for part in sorted(set(parts) & theirs.ids.keys()):
            foreign = world.parts_for(mine, parts) | {part: theirs.ids[part]}
            absent = foreign | {part: world.ABSENT}
            for method in ("get", "post"):
                one, other = (getattr(everything, method)(reverse(name, kwargs=kwargs)) for kwargs in (foreign, absent))
                same = without_token(one) == without_token(other)
                if one.status_code not in (404, 405) or one.status_code != other.status_code or not same:
                    leaks.append((name, part, method, one.status_code, other.status_code))

    # A corrected list of the same edition has the same assertions for everybody: an edition item is nobody's.
    assert [leak for leak in leaks if leak[1] != "edition_item_id"] == []


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


def test_no_page_of_mine_shows_anything_of_theirs(sides):
    mine, theirs = sides
    everything = client_for(member(mine.organisation, *OTHER_ROLES, user=mine.owner))
    marks = (theirs.organisation.name, theirs.organisation.ods_code, "hollowhill.example", world.MARK)
    seen = []
    for name, parts in world.addresses():
        response = everything.get(reverse(name, kwargs=world.parts_for(mine, parts)))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        seen += [(name, mark) for mark in marks if mark.encode() in body]

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
        if (foreign.status_code, without_token(foreign)) != (404, without_token(absent)):
            told.append(name)

    assert told == []
