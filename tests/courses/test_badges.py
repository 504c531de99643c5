"""Badges: what they say, that anybody can check them without us, and what stands when keys, names and records change."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from courses import signing
from courses.badges import badge_of
from courses.certificates import issue
from courses.completions import void_completion
from courses.models import Certificate, SigningKey, TrainingNeed
from tests.courses.ed25519 import is_signed
from tests.factories import NOW, CompletionFactory, CourseFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
ANOTHER_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")


def certificate(**values):
    person = values.pop("person", None) or PersonFactory(
        first_name="Amina", last_name="Osei", organisation=OrganisationFactory(name="Larch House")
    )
    course = CourseFactory(title="Data security awareness")
    return issue(CompletionFactory(person=person, course=course, source="classroom", **values), at=NOW)


def plain(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_arithmetic_the_tests_rely_on_knows_the_first_vector_of_the_standard():
    """RFC 8032, section 7.1, test 2."""
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )

    assert is_signed(public, b"\x72", signature)
    assert not is_signed(public, b"\x73", signature)


def test_anybody_can_check_a_badge_with_the_key_that_the_issuer_serves(client):
    issued = certificate()
    header, payload, signature = badge_of(issued, at=NOW).split(".")
    said = json.loads(plain(header))

    profile = client.get(json.loads(plain(payload))["iss"].removeprefix("http://localhost:8000")).json()
    methods = {method["id"]: method["publicKeyJwk"] for method in profile["verificationMethod"]}
    served = client.get(said["kid"].removeprefix("http://localhost:8000")).json()

    assert (said["alg"], said["typ"]) == ("EdDSA", "JWT")
    assert methods[said["kid"]]["x"] == served["x"] == said["jwk"]["x"]
    key = plain(served["x"])
    assert is_signed(key, f"{header}.{payload}".encode(), plain(signature))
    assert not is_signed(key, f"{header}.{payload[:-2]}AA".encode(), plain(signature))
    thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{served["x"]}"}}'.encode()).digest()
    assert plain(served["kid"]) == thumbprint
    assert profile["name"] == "Larch House"


def test_a_badge_says_what_the_certificate_says_in_the_words_of_the_specification():
    issued = certificate(completed_on=date(2026, 1, 31))

    said = json.loads(plain(badge_of(issued, at=NOW).split(".")[1]))

    assert said["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["id"] == said["jti"] == issued.facts["address"]
    assert said["issuer"]["id"] == said["iss"]
    subject = said["credentialSubject"]
    assert subject["identifier"] == [
        {"type": "IdentityObject", "hashed": False, "identityHash": "Amina Osei", "identityType": "name"}
    ]
    assert subject["achievement"]["name"] == "Data security awareness"
    assert subject["achievement"]["criteria"]["narrative"]
    last = datetime(2027, 1, 30, 23, 59, 59, tzinfo=ZoneInfo("Europe/London"))
    assert (said["validUntil"], said["exp"]) == ("2027-01-30T23:59:59+00:00", int(last.timestamp()))
    assert said["nbf"] == int(NOW.timestamp())


def test_a_badge_for_good_has_no_end():
    issued = certificate()
    once = CompletionFactory(
        person=issued.completion.person, course=issued.completion.course, completed_on=date(2026, 2, 1), source="classroom"
    )
    TrainingNeed.objects.create(
        organisation=once.person.organisation,
        course=once.course,
        frequency="once",
        rationale="Once is enough",
        start=date(2025, 1, 1),
    )

    issued = issue(once, at=NOW)

    assert (issued.facts["valid_until"], issued.facts["counts_for"]) == (None, "good")
    said = json.loads(plain(badge_of(issued, at=NOW).split(".")[1]))
    assert not {"validUntil", "exp"} & said.keys()


def test_the_same_certificate_gives_the_same_badge_and_the_key_is_noted_once():
    issued = certificate()

    assert badge_of(issued, at=NOW) == badge_of(issued, at=NOW + timedelta(days=30))
    assert SigningKey.objects.count() == 1
    assert Event.objects.filter(type="courses.signing_key_first_used", organisation="").count() == 1


def test_after_a_change_of_key_what_was_signed_before_can_still_be_checked(client, settings):
    issued = certificate()
    before = json.loads(plain(badge_of(issued, at=NOW).split(".")[0]))
    settings.SIGNING_KEY = ANOTHER_KEY

    after = json.loads(plain(badge_of(issued, at=NOW).split(".")[0]))

    assert before["kid"] != after["kid"]
    for said in (before, after):
        served = client.get(said["kid"].removeprefix("http://localhost:8000")).json()
        assert served["x"] == said["jwk"]["x"]
    assert "d" not in served
    assert client.get(reverse("courses:signing_key", args=["x" * 43])).status_code == 404


@pytest.mark.parametrize("given", ["short", "not base64!", "AAAA"])
def test_a_signing_key_that_is_none_is_refused(settings, given):
    settings.SIGNING_KEY = given

    with pytest.raises(ImproperlyConfigured, match="32 random bytes"):
        signing.present_key()


def test_the_status_of_a_badge_names_that_badge_alone(client):
    issued, other = certificate(), certificate()
    status = reverse("courses:badge_status", args=[issued.token])
    assert client.get(status).json()["revokedCredential"] == []

    void_completion(other.completion, reason="Secret reason", by="system", at=NOW)
    assert client.get(status).json()["revokedCredential"] == []
    void_completion(issued.completion, reason="Secret reason", by="system", at=NOW)

    listed = client.get(status).json()["revokedCredential"]
    assert listed == [{"id": issued.facts["address"], "revoked": True, "revocationReason": "Withdrawn by the issuer"}]
    assert client.get(reverse("courses:badge_status", args=["x" * 43])).status_code == 404


def test_the_holder_takes_the_badge_and_nobody_else(sign_in, organisation, other_organisation):
    client = sign_in(organisation, Role.STAFF)
    issued = certificate(person=PersonFactory(organisation=organisation, user=client.user))
    address = reverse("courses:badge_download", args=[issued.completion_id])

    response = client.get(address)

    assert response.content.decode() == badge_of(Certificate.objects.get(), at=NOW)
    assert response["Content-Disposition"] == f'attachment; filename="badge-{issued.serial}.jwt"'
    for other in (sign_in(organisation, Role.HR), sign_in(other_organisation, Role.STAFF)):
        assert other.get(address).status_code == 404
