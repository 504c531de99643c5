"""The house's own rules, where a linter cannot see them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.urls import URLPattern, URLResolver, get_resolver

from audit.models import AppendOnlyModel
from audit.triggers import trigger_statements

ROOT = Path(settings.ROOT)
LAYERS = [
    {"lms"},
    {"privacy"},
    {"assessment"},
    {"reporting"},
    {"courses", "registers"},
    {"quizzes", "content", "evidence"},
    {"staff"},
    {"jobs"},
    {"accounts"},
    {"audit"},
    {"nhsuk"},
]
LEVEL = {app: level for level, row in enumerate(LAYERS) for app in row}
OURS = [model for model in apps.get_models() if model._meta.app_label in LEVEL]


def test_every_app_stands_in_the_house():
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")}

    assert folders == set(LEVEL)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_relations_point_down(model):
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey | models.ManyToManyField | models.OneToOneField):
            continue
        target = field.related_model._meta.app_label
        if target not in LEVEL or target == model._meta.app_label:
            continue
        assert LEVEL[target] > LEVEL[model._meta.app_label], f"{model._meta.label}.{field.name} points up or sideways to {target}"


def triggers_wanted():
    for model in OURS:
        if issubclass(model, AppendOnlyModel):
            for statement in trigger_statements(model, connection.vendor):
                if "CREATE" in statement:
                    yield plainly(statement)


def triggers_there():
    sql = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        sql = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {plainly(row[0]) for row in cursor.fetchall()}


def plainly(statement):
    """A statement as both the database and we write it."""
    return " ".join(statement.replace("OR REPLACE ", "").replace('"', "").replace("public.", "").split())


@pytest.mark.django_db
def test_append_only_tables_have_their_triggers():
    """Each of them, word for word: one that is lost, switched off or opened wider is as good as none."""
    assert set(triggers_wanted()) - triggers_there() == set()


def our_views(patterns=None, prefix=""):
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from our_views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern


def test_every_view_of_ours_says_whom_it_is_for():
    silent = [route for route, pattern in our_views() if not hasattr(pattern.callback, "policy") and not route.startswith("cms/")]

    assert silent == []


def template_names() -> set[str]:
    return {str(path.relative_to(folder)) for folder in ROOT.glob("*/jinja2") for path in folder.rglob("*.jinja")}


def test_every_template_is_used():
    sources = [
        path.read_text(encoding="utf-8") for app in LEVEL for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
    ]
    sources += [path.read_text(encoding="utf-8") for folder in ROOT.glob("*/jinja2") for path in folder.rglob("*.jinja")]
    text = "\n".join(sources)

    def is_used(name: str) -> bool:
        if name in text:
            return True
        # A Wagtail page or block finds its template by a name built from its own.
        return any(re.search(pattern, text) for pattern in (rf'["\'/]{re.escape(Path(name).name)}["\']',))

    assert sorted(name for name in template_names() if not is_used(name)) == []


def test_the_project_stands_alone():
    forbidden = re.compile(r"(?<![\w.])/(?:work|root|farm)/[A-Za-z.]|\.\./shared")
    suffixes = {".py", ".jinja", ".html", ".yml", ".yaml", ".toml", ".md", ".txt", ".sh"}
    this = Path(__file__)
    found = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.suffix in suffixes
        and path != this
        and not {".venv", "var", ".git", "node_modules"}.intersection(path.relative_to(ROOT).parts)
        and forbidden.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_pinned_requirements_name_no_host():
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
