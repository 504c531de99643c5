"""What holds for every course that ships with us, whoever wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

COURSES = sorted(path.parent for path in Path("courses/data").glob("*/course.yaml"))
MODULES = [
    (course / f"{name}.yaml") for course in COURSES for name in yaml.safe_load((course / "course.yaml").read_text())["modules"]
]
EACH_MODULE = pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def _module(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def _blocks(module: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for lesson in module["lessons"] for block in lesson["blocks"]]


def test_there_are_ten_modules_and_every_course_has_its_bank():
    assert len(MODULES) == 10
    assert [course.name for course in COURSES if not Path(f"quizzes/data/{course.name}.yaml").exists()] == []


@EACH_MODULE
def test_a_module_says_what_it_is_for_and_where_its_facts_come_from(path: Path):
    module = _module(path)

    assert 3 <= len(module["outcomes"]) <= 7
    assert len(module["sources"]) >= 3
    assert all(source["url"].startswith("https://") for source in module["sources"])


@EACH_MODULE
def test_a_module_is_short_lessons_whose_minutes_add_up(path: Path):
    module = _module(path)

    assert 4 <= len(module["lessons"]) <= 8
    assert max(lesson["minutes"] for lesson in module["lessons"]) <= 5
    assert sum(lesson["minutes"] for lesson in module["lessons"]) == module["minutes"]


@EACH_MODULE
def test_a_module_has_two_situations_each_with_one_best_choice_that_is_not_always_first(path: Path):
    scenarios = [block for block in _blocks(_module(path)) if block["type"] == "scenario"]
    best = [[choice["best"] for choice in scenario["choices"]] for scenario in scenarios]

    assert len(scenarios) >= 2
    assert all(sum(choices) == 1 for choices in best)
    assert any(not choices[0] for choices in best)
    assert all(choice["feedback"].strip() for scenario in scenarios for choice in scenario["choices"])
