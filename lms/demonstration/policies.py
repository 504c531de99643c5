"""The demonstration's policies: in force, due for review, in draft, withdrawn, and read by most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.utils import timezone

from accounts.models import Organisation, User
from audit import events
from audit.services import record
from lms.demonstration.specifications import Specification
from registers.models import Acknowledgement, Policy, PolicyVersion
from registers.queries.policies import people_asked
from registers.services import policies as services
from registers.writing.filling import FIELDS, known_values
from registers.writing.library import templates
from registers.writing.markup import blank, blanks_in

events.register({"demo.policies_read": "invented {readings} readings of policies for the demonstration"})

ANSWERS = {
    "care_system": "CarePlan Online",
    "dpo": "Not required: we are small and not a public authority. Reviewed each year",
    "caldicott_guardian": "the registered manager decides, with advice from the council’s Caldicott Guardian",
    "it_support": "Brightwell IT, 01632 960480",
    "contact": "01632 960100 or privacy@willowbrook.example",
    "the app you have agreed, or “none”": "none",
    "the password manager you offer, or “none, so write them on paper kept locked at home”": "Bitwarden",
    "yes, or from which date": "yes",
    "yes or no": "yes",
    "time limit in your contracts, or “not applicable”": "24 hours for the council",
    "insurer and policy number, or “none”": "Mutual Care Insurance, CY-2231",
    "number, for example 20": "20",
}
"""What fills the blanks of the demonstration's policies."""


@dataclass(frozen=True)
class Invented:
    """One version: from which template, when it was published and how many of those asked have read it."""

    template: str
    published_on: date | None
    review_by: date
    read_percent: int = 0
    change_note: str = ""


CARE = (
    Invented("data-protection", date(2025, 3, 10), date(2026, 3, 10), 98),
    Invented("data-protection", date(2026, 3, 5), date(2027, 3, 5), 94, "How people complain to us, and by when we answer."),
    Invented("passwords-and-mfa", date(2025, 9, 22), date(2026, 9, 22), 90),
    Invented("breach-response", date(2026, 2, 16), date(2027, 2, 16), 92),
    Invented("acceptable-use", date(2026, 10, 26), date(2027, 10, 26), 61),
    Invented("disposal", None, date(2027, 11, 1)),
)
OTHERS = (
    Invented("data-protection", date(2026, 4, 13), date(2027, 4, 13), 88),
    Invented("acceptable-use", date(2025, 10, 6), date(2026, 10, 6), 79),
    Invented("remote-working-and-ai", None, date(2027, 5, 1)),
)
WITHDRAWN = "Mobile telephones policy"


def build(organisation: Organisation, specification: Specification, users: Mapping[str, User], *, today: date) -> int:
    """Write the policies that an organisation of this kind would have by now. Returns how many."""
    lead = next(users[s.name] for s in specification.sign_ins if "dspt-lead" in s.roles)
    signer = next(users[s.name] for s in specification.sign_ins if "senior-reviewer" in s.roles)
    random = Random(f"tenfold policies {specification.ods_code}")  # noqa: S311  invented readers, not secrets
    readings = 0
    for invented in CARE if specification.type == "social-care" else OTHERS:
        if (invented.published_on or today) > today:
            continue
        version = _write(organisation, invented, by=lead, on=invented.published_on or today - timedelta(days=4))
        if invented.published_on:
            at = _at(invented.published_on)
            services.approve(version, approved_as=_post_of(signer, specification), by=signer, at=at)
            services.publish(version, by=lead, at=at + timedelta(hours=1))
            readings += _read(version, invented, specification, on=today, random=random)
    if specification.type == "social-care":
        _withdraw_one(organisation, lead=lead, signer=signer)
    record("demo.policies_read", organisation=organisation, by="command:demo", summary={"readings": readings}, at=_at(today))
    return Policy.objects.filter(organisation=organisation).count()


def _write(organisation: Organisation, invented: Invented, *, by: User, on: date) -> PolicyVersion:
    template = templates()[invented.template]
    existing = Policy.objects.filter(organisation=organisation, template_code=invented.template).first()
    written = _at(on) - timedelta(days=6)
    if existing is not None:
        version = services.start_version(existing, effective_on=on, review_by=invented.review_by, by=by, at=written)
        return services.change_draft(version, change_note=invented.change_note, by=by, at=written)
    answered = {name: ANSWERS[name] for name in FIELDS if name in ANSWERS and invented.published_on}
    values = answered | known_values(organisation, on=on)
    version = services.create_from_template(
        organisation, template, values=values, effective_on=on, review_by=invented.review_by, by=by, at=written
    )
    body = version.body
    if invented.published_on:
        for missing in blanks_in(body):
            body = body.replace(blank(missing), ANSWERS[missing])
    return services.change_draft(version, body=body, by=by, at=written)


def _read(version: PolicyVersion, invented: Invented, specification: Specification, *, on: date, random: Random) -> int:
    """Most of those asked have read it within their days. Who learns on the demonstration's first page has the last one left."""
    assert invented.published_on is not None  # noqa: S101  only what is published is read
    learner = specification.sign_ins[0].name
    left = invented.template == "acceptable-use"
    words = []
    for person in people_asked(version.policy.organisation, version.audience, on=on):
        if (left and str(person) == learner) or random.randrange(100) >= invented.read_percent:
            continue
        day = min(invented.published_on + timedelta(days=random.randrange(1, 24)), on)
        words.append(Acknowledgement(version=version, person=person, acknowledged_on=day, acknowledged_at=_at(day)))
    return len(Acknowledgement.objects.bulk_create(words))


def _withdraw_one(organisation: Organisation, *, lead: User, signer: User) -> None:
    begun = _at(date(2024, 9, 2))
    version = services.create_policy(
        organisation,
        title=WITHDRAWN,
        body="## Telephones\n\nWork telephones are for work. Lock them, and tell the duty manager if one is lost.",
        effective_on=begun.date(),
        review_by=date(2025, 9, 2),
        by=lead,
        at=begun,
    )
    services.approve(version, approved_as="Registered manager", by=signer, at=begun)
    services.publish(version, by=lead, at=begun)
    services.withdraw(version.policy, reason="Replaced by the acceptable use policy", by=lead, at=_at(date(2026, 10, 26)))


def _post_of(user: User, specification: Specification) -> str:
    sign_in = next(s for s in specification.sign_ins if s.name == str(user))
    return sign_in.kinds[0].label if sign_in.kinds else sign_in.job_title


def _at(day: date) -> datetime:
    """Ten in the morning in London."""
    return timezone.make_aware(datetime.combine(day, time(10)))
