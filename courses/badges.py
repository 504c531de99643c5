"""Certificates as Open Badges 3.0: an AchievementCredential as a signed VC-JWT, and the issuer's profile.

Source: Open Badges Specification 3.0, section 8.2 (JSON Web Token proof format), https://www.imsglobal.org/spec/ob/v3p0/.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from courses import signing
from courses.certificate_pdf import HOW
from courses.certificates import last_day_in
from courses.models import Certificate, CompletionVoid

CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]


def badge_of(certificate: Certificate, *, at: datetime) -> str:
    """The certificate as a signed badge, in compact JWS. The same certificate and key give the same text."""
    facts = certificate.facts
    issuer = issuer_address(facts["ods_code"])
    content = credential(certificate)
    claims: dict[str, Any] = {"iss": issuer, "jti": content["id"], "nbf": int(certificate.issued_at.timestamp())}
    until = last_day_in(facts)
    if until is not None:
        claims["exp"] = int(_end_of(until).timestamp())
    return signing.sign(content | claims, media_type="JWT", at=at)


def credential(certificate: Certificate) -> dict[str, Any]:
    """What the badge says, in the words of the specification. The holder is named as on the certificate, and by nothing else."""
    facts = certificate.facts
    issuer = issuer_address(facts["ods_code"])
    until = last_day_in(facts)
    content: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": facts["address"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts["course"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": facts["organisation"]},
        "validFrom": _instant(certificate.issued_at),
        "awardedDate": _instant(_start_of(date.fromisoformat(facts["completed_on"]))),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{"type": "IdentityObject", "hashed": False, "identityHash": facts["holder"], "identityType": "name"}],
            "achievement": {
                "id": f"{issuer}#{facts['course_code']}",
                "type": ["Achievement"],
                "achievementType": "Course",
                "name": facts["course"],
                "description": f"The course “{facts['course']}” as given by {facts['organisation']}.",
                "criteria": {"narrative": _criteria(facts)},
            },
        },
        "credentialStatus": {"id": status_address(certificate.token), "type": "1EdTechRevocationList"},
    }
    if facts["version"] is not None:
        content["credentialSubject"]["achievement"]["version"] = str(facts["version"])
    if until is not None:
        content["validUntil"] = _instant(_end_of(until))
    return content


def status_of(certificate: Certificate) -> dict[str, Any]:
    """The revocation list that this one badge names. It lists no other, so that nobody learns of those."""
    facts = certificate.facts
    revoked = CompletionVoid.objects.filter(completion=certificate.completion_id).exists()
    replaced = Certificate.objects.filter(completion=certificate.completion_id, number__gt=certificate.number).exists()
    reason = "Withdrawn by the issuer" if revoked else "Replaced by one in the holder’s present name"
    listed = [{"id": facts["address"], "revoked": True, "revocationReason": reason}] if revoked or replaced else []
    return {
        "id": status_address(certificate.token),
        "issuer": issuer_address(facts["ods_code"]),
        "revokedCredential": listed,
    }


def profile_of(organisation: Organisation) -> dict[str, Any]:
    """An organisation as an issuer of badges, with the keys that its badges are signed with."""
    kid, public = signing.present_key()
    keys = {kid: public} | {key.kid: key.public_key for key in signing.public_keys()}
    address = issuer_address(organisation.ods_code)
    return {
        "@context": CONTEXTS,
        "id": address,
        "type": ["Profile"],
        "name": organisation.name,
        "url": settings.BASE_URL,
        "otherIdentifier": [
            {"type": "IdentifierEntry", "identifier": organisation.ods_code, "identifierType": "ext:ods-code"},
        ],
        "verificationMethod": [
            {
                "id": signing.key_address(name),
                "type": "JsonWebKey",
                "controller": address,
                "publicKeyJwk": signing.jwk(key) | {"kid": name},
            }
            for name, key in keys.items()
        ],
    }


def issuer_address(ods_code: str) -> str:
    """Where an organisation says who it is as an issuer; also its name in badges and training records."""
    return settings.BASE_URL.rstrip("/") + reverse("courses:issuer_profile", args=[ods_code])


def status_address(token: str) -> str:
    return settings.BASE_URL.rstrip("/") + reverse("courses:badge_status", args=[token])


def _criteria(facts: dict[str, Any]) -> str:
    if facts["marks"] is not None:
        return f"Passed the quiz of the course with {facts['marks']} out of {facts['questions']} marks."
    return f"Completed the course. How: {HOW.get(facts['source'], 'Quiz passed').lower()}."


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _end_of(day: date) -> datetime:
    """The last second of a London day."""
    return _start_of(day + timedelta(days=1)) - timedelta(seconds=1)


def _instant(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
