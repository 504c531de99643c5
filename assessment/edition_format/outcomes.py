"""The outcome route (CAF-aligned): objectives, principles, outcomes, indicators, profiles."""

from assessment.edition_format import types as t
from assessment.edition_format import words
from assessment.edition_format.assertions import read_source
from assessment.edition_format.header import Context
from assessment.edition_format.reading import NAME, Fields, Place, Register

_TAGS = ("section", "plain_standard")


def read_levels(place: Place | None) -> tuple[str, ...]:
    """The achievement levels, lowest first."""
    levels: list[str] = []
    register = Register("level")
    for child in place.items(minimum=2) if place else []:
        level = child.slug()
        register.add(level, child)
        levels.append(level)
    return tuple(levels)


def read_level_rules(place: Place | None, levels: tuple[str, ...]) -> dict[str, tuple[t.LevelStep, ...]]:
    rules: dict[str, tuple[t.LevelStep, ...]] = {}
    for key, entry in place.entries() if place else []:
        steps = []
        children = entry.items(minimum=1)
        for index, child in enumerate(children):
            step = _step(child, levels)
            if (step.test is None) != (index == len(children) - 1):
                child.fault("The last step, and only the last, has no 'when'.")
            steps.append(step)
        rules[key] = tuple(steps)
    return rules


def _step(place: Place, levels: tuple[str, ...]) -> t.LevelStep:
    fields = place.fields(required=("then",), optional=("when",))
    then = fields.choice("then", levels)
    when = fields.at("when")
    if when is None:
        return t.LevelStep(then)
    tests = when.fields(optional=("any_true", "all_true"))
    named = [key for key in tests if key in ("any_true", "all_true")]
    if tests.readable and len(named) != 1:
        when.fault("A step asks one thing: 'any_true' or 'all_true' of a level's indicators.")
        return t.LevelStep(then)
    if not named:
        return t.LevelStep(then)
    return t.LevelStep(then, named[0], tests.choice(named[0], levels))


def read_objectives(
    place: Place, context: Context, *, levels: tuple[str, ...], level_rules: dict[str, tuple[t.LevelStep, ...]]
) -> tuple[t.Objective, ...]:
    return _Objectives(context, levels, level_rules).read(place)


class _Objectives:
    def __init__(self, context: Context, levels: tuple[str, ...], level_rules: dict[str, tuple[t.LevelStep, ...]]) -> None:
        self._context = context
        self._levels = levels
        self._level_rules = level_rules
        self._codes = Register("code")
        self._tagged: list[tuple[Place, frozenset[str]]] = []
        """Every outcome with those of its section and plain standard that are given."""

    def read(self, place: Place) -> tuple[t.Objective, ...]:
        objectives = tuple(self._objective(child) for child in place.items(minimum=1))
        self._check_tags()
        self._context.helps.report_missing()
        return objectives

    def _check_tags(self) -> None:
        """Every outcome has a section and a plain standard, once one of them does."""
        if not any(given for _, given in self._tagged):
            return
        for place, given in self._tagged:
            for key in _TAGS:
                if key not in given:
                    missing = Place(place.node, f"{place.path}.{key}", place.line, place.faults)
                    missing.fault(f"'{key}' is missing: every outcome has exactly one.")

    def _name(self, fields: Fields) -> str:
        place = fields.at("id")
        name = place.matching(NAME, "an id (letters and digits, with - _ . between them)") if place else ""
        self._context.ids.add(name, place)
        return name

    def _objective(self, place: Place) -> t.Objective:
        fields = place.fields(required=("id", "title", "principles"))
        return t.Objective(
            id=self._name(fields),
            title=fields.text("title"),
            principles=tuple(self._principle(child) for child in fields.items("principles", minimum=1)),
        )

    def _principle(self, place: Place) -> t.Principle:
        fields = place.fields(required=("id", "title", "outcomes"))
        return t.Principle(
            id=self._name(fields),
            title=fields.text("title"),
            outcomes=tuple(self._outcome(child) for child in fields.items("outcomes", minimum=1)),
        )

    def _outcome(self, place: Place) -> t.Outcome:
        fields = place.fields(
            required=("id", "code", "title", "level_rule", "indicators"),
            optional=(
                "override",
                "directives",
                "evidence",
                "supporting_statement",
                "section",
                "plain_standard",
                "confidence",
                "verified",
                "source",
                "change",
                "note",
                "help",
                "good_evidence",
            ),
        )
        code = fields.at("code")
        code_text = code.matching(NAME, "a code such as A1.a") if code else ""
        self._codes.add(code_text, code)
        override = fields.at("override")
        override_fields = override.fields(required=("allowed",), optional=("needs",)) if override else None
        evidence = fields.at("evidence")
        evidence_fields = evidence.fields(optional=("min", "per")) if evidence else None
        if evidence_fields:
            evidence_fields.optional_choice("per", ("outcome",))
        statement = fields.at("supporting_statement")
        statement_fields = statement.fields(required=("required",), optional=("max_words",)) if statement else None
        if fields.readable:
            self._tagged.append((place, frozenset(key for key in _TAGS if key in fields)))
        own_help = fields.optional_text("help")
        self._context.helps.read(fields, own_help, is_required=True)
        return t.Outcome(
            id=self._name(fields),
            code=code_text,
            title=fields.text("title"),
            level_rule=fields.choice("level_rule", tuple(self._level_rules)),
            indicators=self._indicators(fields.at("indicators")),
            directives=tuple(self._directive(child) for child in fields.items("directives")),
            override_allowed=override_fields.flag("allowed", default=False) if override_fields else False,
            override_needs=override_fields.choices("needs", ("reason", "reviewer")) if override_fields else (),
            evidence_minimum=(evidence_fields.integer("min", minimum=0, maximum=20) or 0) if evidence_fields else 0,
            statement_required=statement_fields.choice("required", ("final", "always", "never")) if statement_fields else None,
            statement_max_words=statement_fields.integer("max_words", minimum=1, maximum=5000) if statement_fields else None,
            section=fields.optional_choice("section", tuple(words.SECTIONS)),
            plain_standard=fields.integer("plain_standard", minimum=1, maximum=10),
            confidence=fields.optional_choice("confidence", words.CONFIDENCES),
            verified=self._verified(fields),
            source=read_source(fields.at("source")),
            change=fields.optional_choice("change", tuple(words.CHANGES)),
            note=fields.optional_text("note"),
            help=own_help,
            good_evidence=fields.texts("good_evidence", maximum=6),
        )

    def _verified(self, fields: Fields) -> bool:
        verified = fields.flag("verified", default=False)
        place = fields.at("verified")
        if verified and place and self._context.provisional:
            place.fault("Nothing in a provisional edition can be verified.")
        return verified

    def _indicators(self, place: Place | None) -> dict[str, tuple[t.Indicator, ...]]:
        found: dict[str, tuple[t.Indicator, ...]] = {}
        if place is None or not self._levels:
            return found
        fields = place.fields(optional=self._levels)
        for level in self._levels:
            indicators = []
            for child in fields.items(level):
                inner = child.fields(required=("id", "text"))
                indicators.append(t.Indicator(self._name(inner), inner.text("text")))
            found[level] = tuple(indicators)
        if fields.readable and not any(found.values()):
            place.fault("An outcome without indicators cannot be judged.")
        elif fields.readable and not found[self._levels[-1]]:
            place.fault(f"Without indicators of '{self._levels[-1]}' nobody could reach the highest level.")
        return found

    def _directive(self, place: Place) -> t.Directive:
        fields = place.fields(required=("id", "text", "answers"), optional=("caps",))
        answers = fields.choices("answers", words.DIRECTIVE_ANSWERS, minimum=2)
        caps: dict[str, str] = {}
        for key, child in fields.entries("caps"):
            if key not in answers:
                child.fault(f"'{key[:40]}' is not among the directive's answers.")
            caps[key] = child.choice(self._levels)
        return t.Directive(id=self._name(fields), text=fields.text("text"), answers=answers, caps=caps)


def read_profiles(place: Place | None, *, levels: tuple[str, ...], outcomes: tuple[t.Outcome, ...]) -> dict[str, t.Profile]:
    """Profiles by name: the level expected of each outcome. A profile speaks of every outcome and of no other.

    An expectation is a level, or a group of ``level`` and ``confidence``.
    """
    known = {outcome.id: outcome for outcome in outcomes if outcome.id}
    profiles: dict[str, t.Profile] = {}
    for name, entry in place.entries() if place else []:
        expected: dict[str, str] = {}
        confidence: dict[str, str] = {}
        for key, child in entry.entries():
            if key not in known:
                child.fault(f"There is no outcome '{key[:60]}' in this edition.")
            expected[key] = _expected(child, levels, known.get(key))
            if child.is_group and (sure := child.fields(required=("level",), optional=("confidence",))):
                confidence[key] = sure.optional_choice("confidence", words.CONFIDENCES) or "low"
        for missing in sorted(known.keys() - expected.keys()):
            if entry.is_group:
                entry.fault(f"The profile says nothing of the outcome '{missing}'.")
        profiles[name] = t.Profile(expected, confidence)
    return profiles


def _expected(place: Place, levels: tuple[str, ...], outcome: t.Outcome | None) -> str:
    inner = place.fields(required=("level",), optional=("confidence",)).at("level") if place.is_group else place
    level = inner.choice(levels) if inner else ""
    if inner and outcome and level in levels[1:] and not outcome.indicators.get(level):
        inner.fault(f"The outcome {outcome.code} has no indicators of '{level}', so that level cannot be expected.")
    return level


def check_profiles(place: Place | None, context: Context, profiles: dict[str, t.Profile]) -> None:
    """Every type on the outcome route has a profile that exists."""
    for key, entry in place.entries() if place and place.is_group else []:
        declared = context.types.get(key)
        if declared is None or declared.route != "outcome":
            continue
        if declared.profile is None:
            entry.fault("A type on the outcome route names its 'profile'.")
        elif declared.profile not in profiles:
            entry.fault(f"There is no profile '{declared.profile[:60]}' in this edition.")
