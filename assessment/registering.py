"""How far an organisation has come with saying what it is, and what the year's rules make of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation, Site
from assessment.edition_format import conditions as c
from assessment.edition_format.conditions import barring_levels, is_offered
from assessment.edition_format.types import EditionFile, Item, Outcome
from assessment.edition_format.words import CHANGES, EXEMPTIONS, LEVELS
from assessment.judging.items import long_date
from assessment.loading import asks_interim, crosswalk_between, edition_for, file_of, years_for
from assessment.models import Edition, Publication
from assessment.profile_changes import answers_of
from registers.models import HeldCertificate, Scheme
from staff.queries import key_posts

STEPS = {
    "type": "What kind of organisation you are",
    "answers": "E-mail, registration and earlier years",
    "certificates": "Certificates you hold",
    "posts": "Who answers for what",
    "sites": "Where you work",
}
"""The pages of registering, in their order."""
ANSWERS_WANTED = {
    "nhsmail_only": "whether NHSmail is your only e-mail",
    "published_before": "the best standard published before",
    "report_to": "whom staff tell when something goes wrong",
}
WORDS: Mapping[type, str] = {
    c.AssertionsConfirmed: "every assertion confirmed",
    c.SignedOff: "a senior signature",
    c.OutcomesAtProfile: "every outcome at its expected level",
    c.DirectivesAnswered: "every policy question answered with compliance or a plan",
}
"""What a condition takes, where it takes the same of everybody."""


@dataclass(frozen=True)
class Step:
    """One page: what was said there so far, in a few words; ``is_done`` once the rules have what they need."""

    key: str
    title: str
    is_done: bool
    said: str


def steps_of(organisation: Organisation, *, today: date) -> list[Step]:
    """Every page with how far it has come."""
    said = answers_of(organisation, today)
    is_typed = organisation.profiles.exclude(type="").exists()
    held = HeldCertificate.objects.filter(organisation=organisation).count()
    wanted = [state for state in key_posts(organisation, today) if state.is_wanted]
    vacant = [state for state in wanted if state.is_vacant]
    sites = sum(not site.has_closed(today) for site in Site.objects.filter(organisation=organisation))
    matters = mail_matters(organisation.type)
    unsaid = [
        words for name, words in ANSWERS_WANTED.items() if said[name] in ("", "unknown") and (name != "nhsmail_only" or matters)
    ]
    states: dict[str, tuple[bool, str]] = {
        "type": (is_typed, organisation.get_type_display() if is_typed else "Check that it is right"),
        "answers": (not unsaid, f"Still to say: {', '.join(unsaid)}" if unsaid else ""),
        "certificates": (
            bool(held) or said["holds_certificates"] == "no",
            f"{held} entered"
            if held
            else {"no": "None held", "yes": "You hold one: enter it"}.get(said["holds_certificates"], ""),
        ),
        "posts": (not vacant, f"{len(wanted) - len(vacant)} of {len(wanted)} filled"),
        "sites": (
            sites > 1 or said["several_sites"] == "no",
            f"{sites} entered" if sites else "One address" if said["several_sites"] == "no" else "",
        ),
    }
    return [Step(key, title, *states[key]) for key, title in STEPS.items()]


def mail_matters(organisation_type: str) -> bool:
    """Whether a list of this type lets NHSmail stand in for an item, so that the question is worth asking. Without a list: yes."""
    lists = [file_of(edition) for year in years_for(organisation_type) if (edition := edition_for(organisation_type, year))]
    asked = (item for one in lists for item in one.items_for(organisation_type))
    return not lists or any(exemption.profile for item in asked for exemption in item.exempted_by)


@dataclass(frozen=True)
class StandIn:
    """Something that can stand in for items of the list, whether it does today, and why or why not."""

    label: str
    holds: bool
    reason: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Reachable:
    """A standard, and whether this organisation can reach it by the rules of the list."""

    label: str
    is_open: bool
    reason: str


@dataclass(frozen=True)
class Change:
    """What became different in the list since the year before."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Applies:
    """What one year asks of an organisation, and the facts and rules that decide it."""

    year: str
    edition: Edition
    checked: EditionFile
    type_label: str
    is_carried: bool
    items: int
    required: int
    stand_ins: tuple[StandIn, ...]
    reachable: tuple[Reachable, ...]
    changes: tuple[Change, ...]
    interim_on: date | None
    """The day of the interim return, where one is asked for."""

    @property
    def is_outcome_route(self) -> bool:
        return self.checked.style == "outcome"


def what_applies(organisation: Organisation, year: str, *, today: date) -> Applies | None:
    """What a year asks of the organisation as it stands today; None if there is no list for its type."""
    edition = edition_for(organisation.type, year)
    if edition is None:
        return None
    checked = file_of(edition)
    entry = checked.organisation_types[organisation.type]
    asked = checked.size if checked.style == "outcome" else len(checked.items_for(organisation.type))
    required = checked.size if checked.style == "outcome" else len(checked.required_items(organisation.type))
    said = answers_of(organisation, today)
    return Applies(
        year=year,
        edition=edition,
        checked=checked,
        type_label=entry.label,
        is_carried=entry.requirements == "carried",
        items=asked,
        required=required,
        stand_ins=tuple(_stand_ins(organisation, checked, said, today=today)),
        reachable=tuple(_reachable(organisation, checked, said)),
        changes=tuple(_changes(checked, edition, organisation.type)),
        interim_on=checked.header.calendar.interim if asks_interim(edition) else None,
    )


def _stand_ins(organisation: Organisation, checked: EditionFile, said: Mapping[str, str], *, today: date) -> list[StandIn]:
    held = list(HeldCertificate.objects.filter(organisation=organisation).order_by("-expires_on"))
    asked = checked.items_for(organisation.type) if checked.style == "assertion" else ()
    found = []
    for kind, exemption in checked.certificates.items():
        numbers = tuple(item.number for item in asked if any(one.kind == kind for one in item.exempted_by))
        if exemption.profile and not numbers:
            continue
        if exemption.profile:
            holds = said["nhsmail_only"] == "yes"
            reason = {"yes": "Your profile says so.", "no": "Your profile says no."}.get(
                said["nhsmail_only"], "Your profile does not say yet."
            )
        else:
            holds, reason = _certificate(kind, [one for one in held if one.scheme == kind], exemption.whole_scope, today)
        found.append(StandIn(exemption.label, holds, reason, numbers))
    return found


def _certificate(kind: str, held: list[HeldCertificate], whole_scope: bool, today: date) -> tuple[bool, str]:
    if not held:
        return False, "You have entered none."
    best = next((one for one in held if one.issued_on <= today <= one.expires_on), None)
    if best is None:
        return False, f"None that you entered is valid today; the last one ended on {long_date(held[0].expires_on)}."
    if whole_scope and not best.covers_all:
        return False, f"{Scheme(kind).label} {best.number} does not cover all health and care data, and the rule asks for that."
    return True, f"{Scheme(kind).label} {best.number} is valid until {long_date(best.expires_on)}."


def _reachable(organisation: Organisation, checked: EditionFile, said: Mapping[str, str]) -> list[Reachable]:
    published = set(Publication.objects.filter(organisation=organisation).values_list("computed_standard", flat=True))
    published |= {said["published_before"]} & LEVELS.keys()
    found = []
    for level in checked.rules.order:
        condition, label = checked.rules.conditions[level], LEVELS[level]
        barring = barring_levels(condition)
        over = [LEVELS[one] for one in LEVELS if one in barring & published]
        if isinstance(condition, c.Otherwise):
            continue
        if not is_offered(condition, organisation.type):
            found.append(Reachable(label, False, "It is not meant for your type of organisation."))
        elif over:
            found.append(Reachable(label, False, f"Only for the first time: you have published {' and '.join(over)} before."))
        elif barring and said["published_before"] == "unknown":
            found.append(
                Reachable(label, True, "Only if you never published it, or better, before. Your profile does not say yet.")
            )
        else:
            found.append(Reachable(label, True, _needs(condition, checked, organisation.type)))
    return found


def _needs(condition: c.Condition, checked: EditionFile, organisation_type: str) -> str:
    """What a standard takes, as one sentence made from its conditions."""
    parts = [part for part in _parts(condition, checked, organisation_type) if part]
    return f"It takes {', '.join(parts[:-1])}{' and ' if parts[:-1] else ''}{parts[-1]}." if parts else ""


def _parts(condition: c.Condition, checked: EditionFile, organisation_type: str) -> list[str]:
    if isinstance(condition, c.All):
        return [part for one in condition.conditions for part in _parts(one, checked, organisation_type)]
    if isinstance(condition, c.AnyOf):
        return [" or ".join(part for one in condition.conditions for part in _parts(one, checked, organisation_type))]
    if isinstance(condition, c.ItemsSatisfied):
        return [f"{len(checked.required_items(organisation_type, condition.level))} items settled"]
    if isinstance(condition, c.PlanCovers):
        return ["a plan for every gap" + (" that is agreed nationally" if condition.state == "accepted" else "")]
    if isinstance(condition, c.LevelHolds):
        return [LEVELS[condition.level]]
    if isinstance(condition, c.CertificateHeld):
        return [f"a valid certificate of {EXEMPTIONS[condition.kind]}"]
    return [WORDS[type(condition)]] if type(condition) in WORDS else []


def _changes(checked: EditionFile, edition: Edition, organisation_type: str) -> list[Change]:
    """What the list itself says has changed, and what went since the year before."""
    parts: list[Item | Outcome] = list(checked.outcomes()) or list(checked.items_for(organisation_type))
    said = [
        Change(label, tuple(f"{_number(part)} {part.title}" for part in parts if part.change == key))
        for key, label in CHANGES.items()
        if key in ("new", "required", "wording", "guidance")
    ]
    before = max((year for year in years_for(organisation_type) if year < edition.year), default=None)
    older = edition_for(organisation_type, before) if before else None
    if older is not None:
        old_file = file_of(older)
        now = {part.id for part in parts}
        crosswalk = crosswalk_between(older.edition_id, edition.edition_id)
        taken = {old for line in crosswalk.lines if line.to_ids for old in line.from_ids} if crosswalk else set()
        old_parts: list[Item | Outcome] = list(old_file.outcomes()) or list(old_file.items_for(organisation_type))
        gone = tuple(f"{_number(part)} {part.title}" for part in old_parts if part.id not in now and part.id not in taken)
        said.append(Change(f"No longer asked, compared with {before}", gone))
    return [change for change in said if change.lines]


def _number(part: Item | Outcome) -> str:
    return part.number if isinstance(part, Item) else part.code
