"""What the writers of Moodle XML and GIFT share, and a bank in the words of its own file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from quizzes.exchange.reading import tidy

FORMATS = {"moodle-xml": "Moodle XML", "gift": "GIFT", "yaml": "Our own format (YAML)"}
DEFAULT_PASS_MARK = 80


@dataclass(frozen=True)
class WrittenQuestion:
    """A question for another system: no scenario, every text tidied."""

    name: str
    topic: str
    raw: dict[str, Any]
    marks: int = 1

    @property
    def is_true_or_false(self) -> bool:
        """Whether its options are the two words that other systems know, and no others."""
        return self.raw["kind"] == "true_false" and {o["text"].lower() for o in self.raw["options"]} == {"true", "false"}


def for_others(raws: Iterable[Mapping[str, Any]]) -> Iterator[WrittenQuestion]:
    """Questions of ``written``, ready for another system: a scenario is a question for each part, the case before each."""
    for raw in sorted(raws, key=lambda raw: raw["topic"]):
        if raw["kind"] != "scenario":
            yield WrittenQuestion(raw["code"], raw["topic"], _tidied(raw, raw["stem"]))
            continue
        for number, part in enumerate(raw["parts"], start=1):
            name = f"{raw['code']} part {number}"
            yield WrittenQuestion(name, raw["topic"], _tidied(part, f"{raw['stem']}\n\n{part['stem']}"), part.get("marks", 1))


def share_of(option: Mapping[str, Any], options: Sequence[Mapping[str, Any]]) -> str:
    """The per cent of an option of a choice. Where several are right a wrong one takes all away: nearest to all or nothing."""
    right = sum(o["correct"] for o in options)
    if option["correct"]:
        return f"{100 / right:.5f}".rstrip("0").rstrip(".")
    return "-100" if right > 1 else "0"


def general_explanation(raw: Mapping[str, Any]) -> str:
    """The explanations of lines to be put in order or matched: other systems tell them all at once."""
    if raw["kind"] not in ("ordering", "matching"):
        return ""
    return "\n".join(f"{option['text']}: {option['explanation']}" for option in raw["options"] if option["explanation"])


def write_yaml(
    pool_code: str, raws: Sequence[Mapping[str, Any]], *, drawn: Mapping[int, int], pass_mark_percent: int | None
) -> bytes:
    """A bank's file that ``read_bank`` reads. ``drawn`` is how many questions of each module the quiz asks now.

    Modules that the quiz does not ask are not drawn from; without any quiz, one question of each is.
    """
    there = Counter(raw["module"] for raw in raws)
    draws = [{"module": n, "count": min(drawn[n], there[n])} for n in sorted(there) if drawn.get(n)]
    data = {
        "pool": pool_code,
        "pass_mark_percent": pass_mark_percent or DEFAULT_PASS_MARK,
        "draws": draws or [{"module": n, "count": 1} for n in sorted(there)],
        "questions": [dict(raw) for raw in raws],
    }
    return yaml.dump(data, Dumper=_PlainDumper, allow_unicode=True, sort_keys=False, width=120).encode()


class _PlainDumper(yaml.SafeDumper):
    """Writes every value out, never a reference to an earlier one."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _tidied(raw: Mapping[str, Any], stem: str) -> dict[str, Any]:
    options = [
        {k: " ".join(tidy(v).split()) if k in ("text", "match") else _tidy(v) for k, v in o.items()} for o in raw["options"]
    ]
    others = {"other_matches": [tidy(match) for match in raw["other_matches"]]} if "other_matches" in raw else {}
    return {"kind": raw["kind"], "stem": tidy(stem), "options": options} | others


def _tidy(value: Any) -> Any:
    return tidy(value) if isinstance(value, str) else value
