"""Filling a template with what the organisation has said of itself. What nobody has said stays a marked blank."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from accounts.enums import OrganisationType
from accounts.models import Organisation, OrganisationProfile
from registers.writing.markup import blank
from staff.enums import ACCOUNTABLE_POSTS, KeyPostKind
from staff.models import KeyPost

FIELDS = {
    "organisation": "Name of the organisation",
    "ods_code": "ODS code",
    "accountable": "Who is accountable at the top (for example the owner, registered manager, partner or SIRO)",
    "lead": "Who looks after data protection from day to day",
    "dpo": "Data Protection Officer, or why you do not need one",
    "caldicott_guardian": "Caldicott Guardian, or who decides about sharing confidential information",
    "report_to": "Who staff tell when something goes wrong",
    "ico_number": "ICO registration number",
    "contact": "How people reach you about their information (telephone, e-mail, address)",
    "it_support": "Who supports your computers (company and telephone number)",
    "care_system": "The system you keep care or patient records in",
    "backup": "What is backed up, where to, and how often",
    "shredder": "The company that destroys paper and equipment for you, or “we do it ourselves”",
}
"""What a template may ask for, by name, as the form asks it."""

_SERVES_PATIENTS = {
    OrganisationType.TRUST,
    OrganisationType.GP,
    OrganisationType.PHARMACY,
    OrganisationType.DENTIST,
    OrganisationType.OPTICIAN,
    OrganisationType.GENOMICS,
}
_SUPPORTS_PEOPLE = {OrganisationType.SOCIAL_CARE, OrganisationType.CHARITY_HOSPICE, OrganisationType.LOCAL_AUTHORITY}
_FIELD = re.compile(r"\{([a-z_]+)\}")
_BREAKS_MARKUP = re.compile(r"[\[\]|{}\r\n\t]+|\*\*+")
MAX_VALUE_LENGTH = 300


def fields_in(text: str) -> list[str]:
    """The fields that a template asks for, in the order of the form."""
    asked = set(_FIELD.findall(text))
    return [name for name in FIELDS if name in asked]


def unknown_fields_in(text: str) -> set[str]:
    """Names in braces that nothing can fill."""
    return set(_FIELD.findall(text)) - FIELDS.keys() - {"people", "person"}


def fill(text: str, values: Mapping[str, str], *, type: str) -> str:
    """The template with every field filled, or marked as a blank.

    Args:
        text: the markup of a template.
        values: words by field name.
        type: the organisation's type; it decides between “patients” and “the people we support”.
    """
    words = {**dict(zip(("people", "person"), _who(type), strict=True)), **values}

    def filled(mark: re.Match[str]) -> str:
        value = " ".join(_BREAKS_MARKUP.sub(" ", words.get(mark[1], "")).split())[:MAX_VALUE_LENGTH]
        return value or blank(FIELDS[mark[1]])

    return _FIELD.sub(filled, text)


def known_values(organisation: Organisation, *, on: date) -> dict[str, str]:
    """What the organisation's own facts say on a date, by field name; what they do not say is absent."""
    posts: dict[str, str] = {}
    for post in KeyPost.objects.covering(on).filter(organisation=organisation).select_related("holder").order_by("start"):
        posts.setdefault(post.kind, f"{post.holder or post.holder_outside} ({_title(post.kind)})")
    profile = OrganisationProfile.objects.in_force(organisation, on)
    found = {
        "organisation": organisation.name,
        "ods_code": organisation.ods_code,
        "accountable": next((posts[kind] for kind in ACCOUNTABLE_POSTS if kind in posts), ""),
        "lead": posts.get(KeyPostKind.IG_LEAD) or posts.get(KeyPostKind.DSPT_LEAD) or "",
        "dpo": posts.get(KeyPostKind.DPO, ""),
        "caldicott_guardian": posts.get(KeyPostKind.CALDICOTT_GUARDIAN, ""),
        "report_to": profile.report_to if profile else "",
        "ico_number": profile.ico_number if profile else "",
    }
    return {name: value for name, value in found.items() if value}


def _title(kind: str) -> str:
    """The post as it stands in a sentence: ``registered manager``, ``SIRO``."""
    label = KeyPostKind(kind).label
    short = label.rsplit("(", 1)
    if len(short) == 2:
        return short[1].rstrip(")")
    return label if kind in (KeyPostKind.CALDICOTT_GUARDIAN, KeyPostKind.DSPT_LEAD) else label.lower()


def _who(type: str) -> tuple[str, str]:
    if type in _SERVES_PATIENTS:
        return "patients", "patient"
    if type in _SUPPORTS_PEOPLE:
        return "people we support", "person we support"
    return "people whose information we hold", "person whose information we hold"
