"""The rules of an edition: which level holds when. A closed language of named facts; no arithmetic, no expressions."""

from collections.abc import Callable

from assessment.edition_format import conditions as c
from assessment.edition_format import words
from assessment.edition_format.header import Context
from assessment.edition_format.reading import Fields, Place, listed

_ITEM_STATES = ("satisfied_or_exempt",)


def read_rules(place: Place, context: Context) -> c.Rules:
    """Read ``rules``. Faults: a level without rule or out of order, a rule that cites nothing, a circle of levels."""
    if not place.is_group:
        place.fields()
        return c.Rules((), {}, ())
    present = tuple(key for key in words.LEVELS if any(key == name for name, _ in place.entries()))
    fields = place.fields(required=("standards_order", *present), optional=("item_satisfied",))
    order = _order(fields, present)
    checks = fields.at("item_satisfied")
    item_checks = checks.choices(words.ITEM_CHECKS, minimum=1) if checks else words.ITEM_CHECKS
    if checks and not {"answered", "answer_satisfies"} <= set(item_checks):
        checks.fault("'answered' and 'answer_satisfies' must be in the list: an item is never satisfied without them.")
    conditions: dict[str, c.Condition] = {}
    for level in present:
        entry = fields.at(level)
        if entry is not None:
            conditions[level] = _Conditions(level, order, context).level(entry)
    met = fields.at("met")
    if met and "met" in conditions and not _cites(conditions["met"]):
        met.fault("The rule for 'met' asks for no item or outcome, so anybody would reach it.")
    return c.Rules(order, conditions, item_checks)


def _order(fields: Fields, present: tuple[str, ...]) -> tuple[str, ...]:
    place = fields.at("standards_order")
    if place is None:
        return present
    order = place.choices(tuple(words.LEVELS), minimum=2)
    for level in sorted({*order} ^ {*present}):
        place.fault(f"'{level}' {'is in the order but has no rule' if level in order else 'has a rule but is not in the order'}.")
    if order and "met" not in order:
        place.fault("'met' is missing from the order.")
    if order and order[-1] != "not_met":
        place.fault("The order must end with 'not_met', which holds otherwise.")
    best_first = [level for level in words.LEVELS if level in order]
    if list(order) != best_first:
        place.fault(f"The order must run from best to worst: {', '.join(best_first)}.")
    return order


def _cites(condition: c.Condition) -> bool:
    if isinstance(condition, c.All):
        return any(_cites(part) for part in condition.conditions)
    if isinstance(condition, c.AnyOf):
        return bool(condition.conditions) and all(_cites(part) for part in condition.conditions)
    return isinstance(condition, (c.ItemsSatisfied, c.OutcomesAtProfile))


class _Conditions:
    """Reads the conditions of one level."""

    def __init__(self, level: str, order: tuple[str, ...], context: Context) -> None:
        self._level = level
        self._order = order
        self._context = context
        self._kinds: dict[str, Callable[[Place, Fields], c.Condition]] = {
            "all": lambda place, _: c.All(self._parts(place)),
            "any": lambda place, _: c.AnyOf(self._parts(place)),
            "not": lambda place, _: c.Not(self.read(place)),
            "level": self._lower_level,
            "certificate": self._certificate,
            "items": self._items,
            "assertions": self._assertions,
            "signoff": lambda place, _: c.SignedOff(place.choice(("senior",))),
            "plan": self._plan,
            "previously_published": self._published,
            "organisation_type": self._types,
            "outcomes": self._outcomes,
            "directives": self._directives,
        }

    def level(self, place: Place) -> c.Condition:
        """The rule of a level: ``{otherwise: true}`` for the last one, a condition for the others."""
        if self._level == "not_met":
            fields = place.fields(required=("otherwise",))
            otherwise = fields.at("otherwise")
            if otherwise and not otherwise.flag():
                otherwise.fault("'otherwise' must be true.")
            return c.Otherwise()
        return self.read(place)

    def read(self, place: Place) -> c.Condition:
        if not place.is_group:
            place.fields()
            return c.Otherwise()
        named = [(key, child) for key, child in place.entries() if key in self._kinds]
        if len(named) != 1:
            names = ", ".join(self._kinds)
            place.fault(f"A condition has exactly one of these keys: {names}; this one has {len(named)}.")
            return c.Otherwise()
        key, child = named[0]
        extra = {"certificate": ("valid",), "items": ("are",)}.get(key, ())
        fields = place.fields(required=(key, *extra))
        return self._kinds[key](child, fields)

    def _parts(self, place: Place) -> tuple[c.Condition, ...]:
        return tuple(self.read(part) for part in place.items(minimum=1))

    def _lower_level(self, place: Place, _: Fields) -> c.Condition:
        level = place.choice(tuple(words.LEVELS))
        if level and self._level in self._order:
            lower = self._order[self._order.index(self._level) + 1 :]
            if level not in lower:
                place.fault(
                    f"The rule for '{self._level}' can only build on a lower level ({listed(lower) if lower else 'there is none'})."
                )
        return c.LevelHolds(level)

    def _certificate(self, place: Place, fields: Fields) -> c.Condition:
        kind = place.choice(tuple(words.EXEMPTIONS))
        if kind and kind not in self._context.certificates:
            place.fault(f"'{kind}' is not among the edition's certificates.")
        fields.choice("valid", ("at_publication",))
        return c.CertificateHeld(kind)

    def _items(self, place: Place, fields: Fields) -> c.Condition:
        inner = place.fields(required=("required_for",))
        level = inner.choice("required_for", ("met", "approaching"))
        fields.choice("are", _ITEM_STATES)
        self._only("assertion", place)
        return c.ItemsSatisfied(level)

    def _assertions(self, place: Place, _: Fields) -> c.Condition:
        place.choice(("confirmed",))
        self._only("assertion", place)
        return c.AssertionsConfirmed(self._level if self._level in ("met", "approaching") else "met")

    def _plan(self, place: Place, _: Fields) -> c.Condition:
        inner = place.fields(required=("covers",), optional=("state",))
        return c.PlanCovers(inner.choice("covers", words.PLAN_COVERS), inner.optional_choice("state", ("accepted",)))

    def _published(self, place: Place, _: Fields) -> c.Condition:
        known = tuple(words.LEVELS)
        if place.is_list:
            return c.PublishedBefore(place.choices(known, minimum=1))
        return c.PublishedBefore((place.choice(known),))

    def _types(self, place: Place, _: Fields) -> c.Condition:
        return c.TypeIsOneOf(place.choices(tuple(self._context.types), minimum=1))

    def _outcomes(self, place: Place, _: Fields) -> c.Condition:
        place.choice(("at_or_above_profile",))
        self._only("outcome", place)
        return c.OutcomesAtProfile()

    def _directives(self, place: Place, _: Fields) -> c.Condition:
        place.choice(("compliant_or_plan",))
        self._only("outcome", place)
        return c.DirectivesAnswered()

    def _only(self, style: str, place: Place) -> None:
        if self._context.style != style:
            place.fault(f"This condition belongs to editions of the style '{style}', and this one is '{self._context.style}'.")
