"""Which key posts an organisation of a kind should have filled, and what each is for. Pure data.

Sources: a data protection officer is for public authorities, UK GDPR article 37(1)(a); who gives NHS primary care is one,
Freedom of Information Act 2000, schedule 1, part III. A Caldicott Guardian is for whoever gives publicly funded health or
adult social care, National Data Guardian guidance of August 2021. A registered manager is a condition of registration with
the Care Quality Commission. The leads, and the SIRO of larger organisations, are named in returns to the DSPT.

``UNVERIFIED`` names the kinds of organisation for which no source was found: what stands here for them is our own reading.
"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.enums import OrganisationType
from staff.enums import KeyPostKind

_LARGE = (
    KeyPostKind.SIRO,
    KeyPostKind.CALDICOTT_GUARDIAN,
    KeyPostKind.DPO,
    KeyPostKind.IG_LEAD,
    KeyPostKind.DSPT_LEAD,
)
_LEADS = (KeyPostKind.IG_LEAD, KeyPostKind.DSPT_LEAD)
_PRIMARY_CARE = (KeyPostKind.CALDICOTT_GUARDIAN, KeyPostKind.DPO, *_LEADS)
_SOCIAL_CARE = (KeyPostKind.REGISTERED_MANAGER, KeyPostKind.CALDICOTT_GUARDIAN, KeyPostKind.DSPT_LEAD)

WANTED: Mapping[str, tuple[KeyPostKind, ...]] = {
    OrganisationType.TRUST: _LARGE,
    OrganisationType.ICB: _LARGE,
    OrganisationType.CSU: _LARGE,
    OrganisationType.ALB: _LARGE,
    OrganisationType.OES: _LARGE,
    OrganisationType.GENOMICS: _LARGE,
    OrganisationType.LOCAL_AUTHORITY: _LARGE,
    OrganisationType.IT_SUPPLIER: (KeyPostKind.SIRO, KeyPostKind.DPO, *_LEADS),
    OrganisationType.UNIVERSITY: (KeyPostKind.DPO, *_LEADS),
    OrganisationType.GP: (*_PRIMARY_CARE, KeyPostKind.PARTNER),
    OrganisationType.PHARMACY: _PRIMARY_CARE,
    OrganisationType.DENTIST: _PRIMARY_CARE,
    OrganisationType.OPTICIAN: _PRIMARY_CARE,
    OrganisationType.SOCIAL_CARE: _SOCIAL_CARE,
    OrganisationType.CHARITY_HOSPICE: (*_SOCIAL_CARE, KeyPostKind.IG_LEAD),
    OrganisationType.COMPANY: _LEADS,
    OrganisationType.NHS_BUSINESS_PARTNER: _LEADS,
    OrganisationType.OTHER: _LEADS,
}

UNVERIFIED: frozenset[str] = frozenset(
    {
        OrganisationType.IT_SUPPLIER,
        OrganisationType.UNIVERSITY,
        OrganisationType.COMPANY,
        OrganisationType.NHS_BUSINESS_PARTNER,
        OrganisationType.OTHER,
    }
)

PURPOSE: Mapping[str, str] = {
    KeyPostKind.SIRO: "Answers for risks to information, on the board or among the owners.",
    KeyPostKind.CALDICOTT_GUARDIAN: "Keeps what people tell health and care staff confidential, and has it shared where that is right.",
    KeyPostKind.DPO: "Advises on data protection law and checks that it is kept. Cannot be who answers for the risk.",
    KeyPostKind.IG_LEAD: "Looks after information governance from day to day.",
    KeyPostKind.DSPT_LEAD: "Works through the DSPT assessment with everybody who has a part in it.",
    KeyPostKind.REGISTERED_MANAGER: "Registered with the Care Quality Commission to run the service; each place may have its own.",
    KeyPostKind.PARTNER: "Answers for the practice with the other partners.",
}
"""One sentence for people who have not met the word."""
