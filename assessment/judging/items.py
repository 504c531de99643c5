"""Is one item satisfied on a day? Every verdict says which rule and fact decided it."""

import calendar
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from assessment.edition_format.types import EvidenceRule, Exemption, Item, Live
from assessment.judging.facts import (
    COUNTED_WORK_STATES,
    EXEMPT,
    INSUFFICIENT_EVIDENCE,
    NO_PROFILE,
    NOT_APPLICABLE,
    NOT_SATISFIED,
    SATISFIED,
    UNANSWERED,
    Certificate,
    EvidencePiece,
    LiveReading,
    Profile,
    Response,
    Value,
    Verdict,
)


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def months_before(day: date, months: int) -> date:
    """The same day of the month, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def verdict(
    item: Item,
    response: Response | None,
    *,
    organisation_type: str,
    on: date,
    certificates: Collection[Certificate] = (),
    profile: Profile = NO_PROFILE,
    live_reading: LiveReading | None = None,
) -> Verdict:
    """Judge one item for one organisation on the day ``on`` (the publication date, real or planned).

    An item that the organisation's type is not asked is ``not_applicable``. A certificate or profile answer that the
    edition accepts for the item makes it ``exempt``, whatever the answer. A reading must be taken for ``on`` itself,
    because its window ends at publication.
    """
    if not item.applies_to(organisation_type):
        return Verdict(NOT_APPLICABLE, "This item is not asked of organisations of this type.")
    exempt = _exemption(item.exempted_by, certificates, profile, on)
    if exempt:
        return exempt
    if response is None or response.work_state not in COUNTED_WORK_STATES:
        return _unanswered(response)
    if response.not_applicable:
        return _not_applicable(item, response)
    judged = _answer(item, response, on)
    if judged.state != SATISFIED:
        return _with_figure(item, judged, live_reading, on)
    if item.live and item.live.mode == "gate":
        judged = _gate(item.live, live_reading, on)
        if judged.state != SATISFIED:
            return judged
    return _evidence(item, response, live_reading, on) or judged


def _exemption(
    exemptions: Collection[Exemption], certificates: Collection[Certificate], profile: Profile, on: date
) -> Verdict | None:
    for exemption in exemptions:
        if exemption.profile is not None:
            if exemption.profile in profile.true_answers:
                return Verdict(EXEMPT, f'Not needed: the organisation\'s profile says "{exemption.label}".')
            continue
        for certificate in certificates:
            wide_enough = certificate.covers_all_care_data or not exemption.whole_scope
            if certificate.kind == exemption.kind and wide_enough and certificate.is_valid(on):
                return Verdict(EXEMPT, f"Not needed: a {exemption.label} certificate is valid on {long_date(on)}.")
    return None


def _unanswered(response: Response | None) -> Verdict:
    if response is None:
        return Verdict(UNANSWERED, "There is no answer yet.")
    if response.work_state == "recheck":
        return Verdict(UNANSWERED, "The answer has to be checked: nobody has said yet that it still holds.")
    return Verdict(UNANSWERED, "The answer has been begun but not given as final.")


def _not_applicable(item: Item, response: Response) -> Verdict:
    if item.not_applicable != "allowed":
        return Verdict(NOT_SATISFIED, "Marked as not applying, but this item applies to every organisation of this type.")
    if not response.reason.strip():
        return Verdict(UNANSWERED, "Marked as not applying, but no reason is given.")
    return Verdict(NOT_APPLICABLE, f"Does not apply: {response.reason.strip()}")


# --- the answer itself ---


def _answer(item: Item, response: Response, on: date) -> Verdict:
    value = response.value.strip() if isinstance(response.value, str) else response.value
    kind = item.answer.kind
    if kind == "document" and not value and response.evidence:
        return Verdict(SATISFIED, "A document is attached.")
    if value is None or value == "":
        return Verdict(UNANSWERED, "There is no answer yet.")
    if kind == "date":
        return _day(item, value, on)
    judge = {"yes_no": _yes_no, "choice": _choice, "number": _number}.get(kind, _words)
    return judge(item, value)


def _words(item: Item, value: Value) -> Verdict:
    if not isinstance(value, str):
        return Verdict(UNANSWERED, "The answer should be words, and it is not.")
    limit = item.answer.max_words
    if limit is not None and len(value.split()) > limit:
        return Verdict(NOT_SATISFIED, f"The answer has {len(value.split())} words; at most {limit} are allowed.")
    return Verdict(SATISFIED, "It says where the document is kept." if item.answer.kind == "document" else "Answered.")


def _yes_no(item: Item, value: Value) -> Verdict:
    said = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    if said not in ("yes", "no"):
        return Verdict(UNANSWERED, "The answer should be yes or no, and it is neither.")
    if item.answer.satisfies in (said, "either"):
        return Verdict(SATISFIED, f"Answered {said}.")
    return Verdict(NOT_SATISFIED, f"Answered {said}; only {item.answer.satisfies} satisfies this item.")


def _choice(item: Item, value: Value) -> Verdict:
    for option in item.answer.options:
        if option.value == value:
            if option.satisfies:
                return Verdict(SATISFIED, f'Answered "{option.label}".')
            plan = " It needs an action in the plan." if option.needs == "plan" else ""
            return Verdict(NOT_SATISFIED, f'Answered "{option.label}", which does not satisfy this item.{plan}')
    return Verdict(UNANSWERED, "The answer is none of the options.")


def _day(item: Item, value: Value, on: date) -> Verdict:
    if not isinstance(value, date) or isinstance(value, datetime):
        return Verdict(UNANSWERED, "The answer should be a date, and it is not.")
    answer = item.answer
    latest = min(day for day in (answer.not_after or date.max, on if answer.not_after_today else date.max))
    if value > latest:
        return Verdict(NOT_SATISFIED, f"{long_date(value)} is too late; it may be {long_date(latest)} at the latest.")
    if answer.not_before and value < answer.not_before:
        return Verdict(NOT_SATISFIED, f"{long_date(value)} is too early; it must be {long_date(answer.not_before)} or later.")
    return Verdict(SATISFIED, f"Answered {long_date(value)}.")


def _number(item: Item, value: Value) -> Verdict:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or (isinstance(value, Decimal) and not value.is_finite()):
        return Verdict(UNANSWERED, "The answer should be a number, and it is not.")
    if item.answer.minimum is not None and value < item.answer.minimum:
        return Verdict(NOT_SATISFIED, f"{value} is below the smallest number that satisfies this item, {item.answer.minimum}.")
    if item.answer.maximum is not None and value > item.answer.maximum:
        return Verdict(NOT_SATISFIED, f"{value} is above the largest number that satisfies this item, {item.answer.maximum}.")
    return Verdict(SATISFIED, f"Answered {value}.")


# --- figures ---


def _unfit(live: Live, reading: LiveReading, on: date) -> str | None:
    """Why a reading cannot speak for the item on this day, if it cannot."""
    if reading.rule != live.rule or reading.window_months != live.window_months:
        return "The training figure was counted by another rule; take it again."
    if live.gross and not reading.gross:
        return "The training figure leaves out people who are away; this item counts them."
    if reading.as_of != on:
        return f"The training figure is for {long_date(reading.as_of)}; take it for {long_date(on)}."
    return None


def _gate(live: Live, reading: LiveReading | None, on: date) -> Verdict:
    if reading is None:
        return Verdict(INSUFFICIENT_EVIDENCE, "Answered yes, but there is no training figure behind it.")
    problem = _unfit(live, reading, on)
    if problem:
        return Verdict(INSUFFICIENT_EVIDENCE, f"Answered yes, but the figure does not fit. {problem}")
    if not reading.denominator:
        return Verdict(NOT_SATISFIED, "Answered yes, but there is no one in scope to count.")
    if live.target is None or not reading.reaches(live.target):
        return Verdict(NOT_SATISFIED, f"Answered yes, but only {reading} are trained; the target is {live.target}%.")
    return Verdict(SATISFIED, f"Answered yes, and {reading} are trained; the target is {live.target}%.")


def _with_figure(item: Item, judged: Verdict, reading: LiveReading | None, on: date) -> Verdict:
    """A "no" that the figure contradicts says so; it stays a "no"."""
    live = item.live
    if judged.state != NOT_SATISFIED or live is None or live.target is None or reading is None:
        return judged
    if _unfit(live, reading, on) or not reading.reaches(live.target):
        return judged
    return Verdict(NOT_SATISFIED, f"{judged.reason} The figure reaches the target ({reading}), so look at the answer again.")


# --- evidence ---


def _evidence(item: Item, response: Response, reading: LiveReading | None, on: date) -> Verdict | None:
    """What is wrong with the evidence, or None. Words saying where a document is kept count if nothing is attached."""
    rule = item.evidence
    usable = [piece for piece in response.evidence if piece.is_usable and (not rule.types or piece.type in rule.types)]
    is_document = item.answer.kind == "document"
    is_located = is_document and rule.accept_location and bool(response.value) and not response.evidence
    needed = rule.minimum if "evidence_minimum" in item.checks else 0
    if is_document:
        needed = max(needed, 1)
    have = int(is_located) + int(rule.accept_live and reading is not None)
    in_time = [piece for piece in usable if "evidence_in_window" not in item.checks or _is_in_time(piece, rule, on)]
    if have + len(in_time) >= needed:
        return None
    if have + len(usable) >= needed:
        return Verdict(INSUFFICIENT_EVIDENCE, _out_of_time(rule, on))
    if len(response.evidence) > len(usable):
        return Verdict(INSUFFICIENT_EVIDENCE, uncounted(response.evidence, wrong_type="is not of a kind that this item takes"))
    pieces = "one piece" if needed == 1 else f"{needed} pieces"
    return Verdict(
        INSUFFICIENT_EVIDENCE, f"Answered, but {pieces} of evidence must be attached and there are {have + len(usable)}."
    )


def date_wanted(item: Item, on: date) -> str:
    """Which date a document must have to count for an item on ``on``; empty where any will do."""
    rule = item.evidence
    if "evidence_in_window" not in item.checks:
        return ""
    if rule.max_age_months is not None:
        return f"It counts only if this is after {long_date(months_before(on, rule.max_age_months))}."
    return "It counts only if this falls in the year that the list asks about." if rule.window is not None else ""


def uncounted(pieces: Collection[EvidencePiece], *, wrong_type: str = "") -> str:
    """Why attached evidence does not count, in one sentence."""
    reasons = dict.fromkeys(piece.unusable or wrong_type for piece in pieces if piece.unusable or wrong_type)
    return f"What is attached cannot be counted: it {' or '.join(reasons)}."


def _is_in_time(piece: EvidencePiece, rule: EvidenceRule, on: date) -> bool:
    if rule.max_age_months is not None:
        cut_off = months_before(on, rule.max_age_months)
        if piece.dated_on is None or not cut_off < piece.dated_on <= on:
            return False
    if rule.window is not None:
        covered = piece.covers is not None and rule.window.overlaps(piece.covers.start, piece.covers.end)
        return covered or (piece.dated_on is not None and piece.dated_on in rule.window)
    return True


def _out_of_time(rule: EvidenceRule, on: date) -> str:
    if rule.max_age_months is not None:
        cut_off = months_before(on, rule.max_age_months)
        return f"The document must be dated after {long_date(cut_off)} and not after {long_date(on)}; what is attached is older, or nobody said from when it is in force."
    return "What is attached does not fall in this year's evidence window, or nobody said from when it is in force."
