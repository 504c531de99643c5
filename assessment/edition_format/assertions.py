"""The assertion route: standards, assertions, evidence items."""

import re
from collections.abc import Callable
from datetime import date

from assessment.edition_format import types as t
from assessment.edition_format import words
from assessment.edition_format.header import Context
from assessment.edition_format.reading import Fields, Place, Register

_NUMBER = {
    "standard": re.compile(r"\d{1,2}"),
    "assertion": re.compile(r"\d{1,2}\.\d{1,2}"),
    "item": re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,3}"),
}
_BOUND_KEYS = ("not_before", "not_after", "minimum", "maximum", "max_words")
_LIVE_KEYS = ("rule", "window_months", "window_ends", "gross")
_TAGS = ("section", "plain_standard")
_KEYS_BY_KIND = {
    "yes_no": ("satisfies",),
    "text": ("satisfies", "max_words"),
    "date": ("satisfies", "not_before", "not_after"),
    "number": ("satisfies", "minimum", "maximum"),
    "document": ("satisfies",),
    "choice": ("options",),
}


def read_standards(place: Place, context: Context) -> tuple[t.Standard, ...]:
    return _Standards(context).read(place)


class _Standards:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._numbers = {kind: Register(f"{kind} number") for kind in _NUMBER}
        self._tagged: list[tuple[Place, frozenset[str]]] = []
        """Every item with those of its section and plain standard that are given."""

    def read(self, place: Place) -> tuple[t.Standard, ...]:
        standards = tuple(self._standard(child) for child in place.items(minimum=1))
        self._check_sections()
        self._context.helps.report_missing()
        return standards

    def _number(self, kind: str, fields: Fields, parent: str = "") -> str:
        place = fields.at("number")
        if place is None:
            return ""
        example = {"standard": "3", "assertion": "3.2", "item": "3.2.1"}[kind]
        number = place.matching(_NUMBER[kind], f'a number ({kind}) in quotes, such as "{example}"')
        self._numbers[kind].add(number, place)
        if number and parent and not number.startswith(f"{parent}."):
            place.fault(f"'{number}' stands under standard {parent}, so its number should begin with '{parent}.'.")
        return number

    def _id(self, fields: Fields) -> str:
        identity = fields.slug("id")
        self._context.ids.add(identity, fields.at("id"))
        return identity

    def _standard(self, place: Place) -> t.Standard:
        fields = place.fields(required=("id", "number", "title", "assertions"))
        number = self._number("standard", fields)
        return t.Standard(
            id=self._id(fields),
            number=number,
            title=fields.text("title"),
            assertions=tuple(self._assertion(child, number) for child in fields.items("assertions", minimum=1)),
        )

    def _assertion(self, place: Place, standard: str) -> t.Assertion:
        fields = place.fields(required=("id", "number", "title", "items"), optional=("owner_hint", "confirm"))
        number = self._number("assertion", fields, standard)
        hint = fields.given("owner_hint")
        confirm = fields.at("confirm")
        confirm_fields = confirm.fields(required=("by", "requires")) if confirm else None
        return t.Assertion(
            id=self._id(fields),
            number=number,
            title=fields.text("title"),
            items=tuple(self._item(child, standard) for child in fields.items("items", minimum=1)),
            owner_hint=hint.slug() if hint else None,
            confirm_by=confirm_fields.choices("by", ("owner", "dspt_lead"), minimum=1) if confirm_fields else (),
            confirm_requires=confirm_fields.choice("requires", ("all_required_items",)) if confirm_fields else None,
        )

    def _item(self, place: Place, standard: str) -> t.Item:
        fields = place.fields(
            required=("id", "number", "title", "answer", "required_for"),
            optional=(
                "not_applicable",
                "exempted_by",
                "section",
                "care_section",
                "plain_standard",
                "confidence",
                "verified",
                "source",
                "change",
                "note",
                "help",
                "good_evidence",
                "live",
                "evidence",
                "guidance",
            ),
        )
        number = self._number("item", fields, standard)
        answer_place = fields.at("answer")
        answer = self._answer(answer_place) if answer_place else t.Answer("text", "answered")
        plain = fields.at("plain_standard")
        if fields.readable:
            self._tagged.append((place, frozenset(key for key in _TAGS if key in fields)))
        guidance = fields.at("guidance")
        guidance_fields = guidance.fields(optional=("plain", "url")) if guidance else None
        url = guidance_fields.given("url") if guidance_fields else None
        plain_help = guidance_fields.optional_text("plain") if guidance_fields else None
        confidence, verified, source = self._trust(fields)
        required_for = self._required_for(fields.at("required_for"))
        own_help = fields.optional_text("help") or plain_help
        self._context.helps.read(fields, own_help, is_required=any(required_for.values()))
        return t.Item(
            id=self._id(fields),
            number=number,
            title=self._title(fields),
            answer=answer,
            not_applicable=fields.optional_choice("not_applicable", words.NOT_APPLICABLE) or "refused",
            required_for=required_for,
            checks=self._context.item_checks,
            exempted_by=self._exempted_by(fields.at("exempted_by"), number),
            section=fields.choice("section", tuple(words.SECTIONS)) or None,
            care_section=fields.optional_choice("care_section", tuple(words.CARE_SECTIONS)),
            plain_standard=plain.integer(minimum=1, maximum=10) if plain else None,
            confidence=confidence,
            verified=verified,
            source=source,
            change=fields.optional_choice("change", tuple(words.CHANGES)),
            note=fields.optional_text("note"),
            help=own_help,
            good_evidence=fields.texts("good_evidence", maximum=6),
            live=self._live(fields.at("live"), answer),
            evidence=self._evidence(fields.at("evidence")),
            guidance_url=url.url() if url else None,
        )

    def _title(self, fields: Fields) -> str:
        title = fields.text("title")
        place = fields.at("title")
        if place and not self._context.is_draft and "placeholder" in title.lower():
            place.fault("An edition in use cannot hold placeholder text.")
        return title

    def _check_sections(self) -> None:
        """Every item has a section and a plain standard. Only a draft in which nobody has begun on them may wait."""
        if self._context.is_draft and not any(given for _, given in self._tagged):
            return
        for place, given in self._tagged:
            for key in _TAGS:
                if key not in given:
                    missing = Place(place.node, f"{place.path}.{key}", place.line, place.faults)
                    missing.fault(f"'{key}' is missing: every item has exactly one.")

    # --- answer ---

    def _answer(self, place: Place) -> t.Answer:
        fields = place.fields(required=("kind",), optional=("satisfies", "options", *_BOUND_KEYS))
        kind = fields.choice("kind", words.ANSWER_KINDS)
        for key in fields:
            child = fields.at(key)
            if kind and child and key in ("satisfies", "options", *_BOUND_KEYS) and key not in _KEYS_BY_KIND[kind]:
                child.fault(f"'{key}' does not go with the answer kind '{kind}'.")
        today, earliest, latest = self._day_bounds(fields)
        minimum = fields.integer("minimum", minimum=-(10**9), maximum=10**9)
        maximum = fields.integer("maximum", minimum=-(10**9), maximum=10**9)
        if minimum is not None and maximum is not None and minimum > maximum:
            place.fault(f"The smallest number, {minimum}, is above the largest, {maximum}.")
        return t.Answer(
            kind=kind,
            satisfies=self._satisfies(fields, kind),
            options=self._options(place, fields) if kind == "choice" else (),
            not_before=earliest,
            not_after=latest,
            not_after_today=today,
            minimum=minimum,
            maximum=maximum,
            max_words=fields.integer("max_words", minimum=1, maximum=5000),
        )

    def _satisfies(self, fields: Fields, kind: str) -> str:
        if kind == "yes_no":
            return fields.optional_choice("satisfies", ("yes", "no", "either")) or "yes"
        if kind == "choice":
            return "option"
        fields.optional_choice("satisfies", ("answered",))
        return "answered"

    def _options(self, place: Place, fields: Fields) -> tuple[t.Option, ...]:
        if "options" not in fields:
            place.fault("'options' is missing: a choice lists its options.")
            return ()
        options: list[t.Option] = []
        values = Register("option")
        for child in fields.items("options", minimum=2):
            option = child.fields(required=("value", "satisfies"), optional=("label", "needs"))
            value = option.text("value")
            values.add(value, option.at("value"))
            options.append(
                t.Option(
                    value=value,
                    label=option.optional_text("label") or value,
                    satisfies=option.flag("satisfies", default=False),
                    needs=option.optional_choice("needs", ("plan",)),
                )
            )
        if options and not any(option.satisfies for option in options):
            place.fault("None of the options satisfies the item, so nobody could.")
        return tuple(options)

    def _day_bounds(self, fields: Fields) -> tuple[bool, date | None, date | None]:
        today, earliest, latest = False, None, None
        after = fields.given("not_after")
        if after and after.is_text:
            today = bool(after.choice(("today",)))
        elif after:
            latest = after.day()
        before = fields.given("not_before")
        if before and before.is_group:
            before.fields(required=("window",)).choice("window", ("start",))
            earliest = self._context.window.start if self._context.window else None
        elif before:
            earliest = before.day()
        if earliest and latest and earliest > latest and before:
            before.fault(f"The earliest date, {earliest}, is after the latest, {latest}.")
        return today, earliest, latest

    # --- who must, what stands in, how sure ---

    def _required_for(self, place: Place | None) -> dict[str, tuple[str, ...]]:
        required: dict[str, tuple[str, ...]] = {}
        for key, child in place.entries() if place else []:
            entry = self._context.types.get(key)
            if key not in words.ORGANISATION_TYPES:
                child.fault(f"Unknown organisation type '{key[:40]}'.")
            elif entry is None:
                child.fault(f"'{key}' is not among the organisation types of this edition.")
            elif entry.route != "assertion":
                child.fault(f"'{key}' takes the route '{entry.route}', so no item can be required of it here.")
            known = tuple(level for level in ("met", "approaching") if level in self._context.levels or not self._context.levels)
            levels = child.choices(known)
            if "approaching" in levels and "met" not in levels:
                child.fault("What is required for 'approaching' is required for 'met' as well.")
            required[key] = levels
        return required

    def _exempted_by(self, place: Place | None, number: str) -> tuple[t.Exemption, ...]:
        if place is None:
            return ()
        kinds = place.choices(tuple(words.EXEMPTIONS))
        for kind in kinds:
            if kind not in self._context.certificates:
                place.fault(f"'{kind}' is not among the edition's certificates.")
            if words.NEVER_EXEMPT.get(number) == kind:
                place.fault(f"{words.EXEMPTIONS[kind]} does not stand in for {number}.")
        return tuple(self._context.certificates[kind] for kind in kinds if kind in self._context.certificates)

    def _trust(self, fields: Fields) -> tuple[str | None, bool, t.Source | None]:
        confidence = fields.optional_choice("confidence", words.CONFIDENCES)
        verified = fields.flag("verified", default=False)
        source = read_source(fields.at("source"))
        place = fields.at("verified")
        if verified and place:
            if self._context.provisional:
                place.fault("Nothing in a provisional edition can be verified.")
            if confidence != "high" or source is None or not source.url:
                place.fault("Only an item of high confidence with the address of its source can be verified.")
        return confidence, verified, source

    # --- figures and evidence ---

    def _live(self, place: Place | None, answer: t.Answer) -> t.Live | None:
        if place is None:
            return None
        fields = place.fields(required=("source", "mode"), optional=("target", "params", *_LIVE_KEYS))
        count = self._count_of(place, fields)
        live = t.Live(
            source=fields.choice("source", words.LIVE_SOURCES),
            rule=count("rule").optional_text("rule") or "",
            window_months=count("window_months").integer("window_months", minimum=1, maximum=120) or 0,
            window_ends=count("window_ends").optional_choice("window_ends", words.WINDOW_ENDS) or "publication",
            target=fields.integer("target", minimum=1, maximum=100),
            gross=count("gross").flag("gross", default=True),
            mode=fields.choice("mode", words.LIVE_MODES),
        )
        self._check_count(place, live)
        if live.mode == "gate" and live.target is None:
            place.fault("A figure that gates an item needs its 'target'.")
        if live.mode == "gate" and (answer.kind, answer.satisfies) != ("yes_no", "yes"):
            place.fault("Only a yes/no item that 'yes' satisfies can be gated by a figure.")
        return live

    def _count_of(self, place: Place, fields: Fields) -> Callable[[str], Fields]:
        """Where each key of the count stands: beside the source, or in a group of its own called ``params``."""
        params_place = fields.at("params")
        if params_place is None:
            return lambda _: fields
        params = params_place.fields(optional=_LIVE_KEYS)
        for key in _LIVE_KEYS:
            if key in params and key in fields:
                params_place.fault(f"'{key}' is given both here and beside it; keep one.")
        return lambda key: params if key in params else fields

    def _check_count(self, place: Place, live: t.Live) -> None:
        counting = self._context.counting_rules.get(live.rule)
        if not live.rule or not live.window_months:
            place.fault("A live figure names its counting 'rule' and its 'window_months'.")
        elif self._context.counting_rules and counting is None:
            place.fault(f"The counting rule '{live.rule[:40]}' is not among the edition's counting_rules.")
        elif counting and (counting.window_months, counting.away == "counted") != (live.window_months, live.gross):
            place.fault(f"The window or the treatment of people away differs from the counting rule '{live.rule}'.")

    def _evidence(self, place: Place | None) -> t.EvidenceRule:
        if place is None:
            return t.EvidenceRule()
        fields = place.fields(optional=("types", "min", "must_cover", "max_age_months", "accept_live", "accept_location"))
        known = self._context.evidence_types
        types = fields.at("types")
        covers = fields.optional_choice("must_cover", words.MUST_COVER)
        return t.EvidenceRule(
            types=(types.choices(known) if known is not None else types.texts()) if types else (),
            minimum=fields.integer("min", minimum=0, maximum=20) or 0,
            window=self._context.window if covers == "evidence_window" else None,
            max_age_months=fields.integer("max_age_months", minimum=1, maximum=120),
            accept_live=fields.flag("accept_live", default=False),
            accept_location=fields.flag("accept_location", default=True),
        )


def read_source(place: Place | None) -> t.Source | None:
    """Where an item was read, and when; ``url: null`` when it rests on no page."""
    if place is None or place.is_null:
        return None
    fields = place.fields(required=("url",), optional=("read_on",))
    url = fields.given("url")
    return t.Source(url=(url.url() or None) if url else None, read_on=fields.optional_day("read_on"))
