"""Hostile words for every column that somebody may write, and looking whether any of them would run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from lxml import etree
from wagtail.fields import StreamField

from tests.access import corpus

MARK = "zqx"
NOT_WORDS = re.compile(
    r"(?:.*(?:sha256|digest|hash|_id|_code)|token|kid|public_key|password|stored_as|media_type|serial|key|path|url_path)$"
)
"""Columns that the program fills with digests, keys and codes, by their names."""
CODES = {
    "accounts.AccessGrant.capabilities": "chosen from a list",
    "assessment.Edition": "comes with the product, as do the next two",
    "assessment.EditionItem": "",
    "assessment.Crosswalk": "",
    "assessment.Assessment": "a year and a kind of organisation, chosen from lists",
    "assessment.EditionMove": "numbers of items",
    "assessment.AssessmentTransition.step": "named by the program",
    "assessment.RegisterReading.footing": "named by the program",
    "audit.Event.actor": "pseudonymous ids; all five are written by the program",
    "audit.Event.on_behalf_of": "",
    "audit.Event.organisation": "",
    "audit.Event.target": "",
    "audit.Event.type": "",
    "audit.Event.summary": "pseudonymous ids and counts",
    "audit.ChainHead": "a code",
    "audit.Erasure": "names of columns",
    "auth": "groups and permissions, named by the program",
    "contenttypes": "names of tables",
    "courses.ModulePage.standards": "numbers, checked by the form",
    "courses.Progress": "codes of lessons",
    "courses.RecordImport.counts": "numbers",
    "courses.RecordImport.matches": "ids by staff number",
    "courses.RecordImportRow.near": "ids",
    "courses.ReminderPlan.days_before": "numbers",
    "courses.TrainingNeed.employment_types": "chosen from lists, as the next three; ids of units",
    "courses.TrainingNeed.key_posts": "",
    "courses.TrainingNeed.refreshers": "",
    "courses.TrainingNeed.units": "",
    "evidence.Document.needs": "a capability",
    "jobs.Job.kind": "the name of a task",
    "jobs.Job.arguments": "ids",
    "jobs.Job.result": "ids and counts",
    "privacy.KeepingChoice.rule": "the key of a rule",
    "privacy.LegalHold.year": "a year",
    "privacy.PersonCopy.counts": "numbers",
    "privacy.PersonCopy.to_review": "keys of files",
    "privacy.RetentionRun.counts": "numbers",
    "privacy.RetentionRun.done": "numbers",
    "quizzes.AttemptItem.option_order": "codes of answers",
    "quizzes.AttemptItem.response": "codes of answers",
    "quizzes.BlueprintVersion.draws": "codes of pools, and numbers",
    "registers.Agreement.clauses": "chosen from a list",
    "registers.Dpia.screening": "chosen from a list",
    "registers.DpoReview.answers": "yes or no",
    "registers.ReminderSend.step": "a week",
    "registers.EntryChange.register": "the word for a register in addresses; the next two as well",
    "registers.NilReturn.register": "",
    "registers.RegisterApproval.register": "",
    "registers.Action.source_kind": "named by the program",
    "registers.Check.kind": "named by the program",
    "reporting.CountingRule.courses": "codes, kinds of employment and ids, chosen from lists",
    "reporting.CountingRule.employment_types": "",
    "reporting.CountingRule.units": "",
    "reporting.EvidenceSnapshot.courses": "codes",
    "reporting.ReportDelivery.occasion": "a day",
    "sessions": "signed; the program reads it",
    "socialaccount.SocialAccount.provider": "named by the operator",
    "socialaccount.SocialApp": "the operator's",
    "socialaccount.SocialToken": "secrets",
    "staff.ImportBatch.counts": "numbers",
    "staff.ImportBatch.manager_roles": "ids",
    "staff.ImportBatch.reading": "names of fields",
    "staff.ImportBatch.units_created": "ids",
    "staff.ImportProfile.reading": "names of fields",
    "staff.ImportRow.reversal": "digests",
    "staff.Person.kept_here": "names of fields",
    "staff.Post.kept_here": "names of fields",
    "usersessions.UserSession.data": "nothing",
    "wagtailadmin": "where an editor is; what their form holds, for themselves",
    "wagtailcore.APIToken": "nobody is given one",
    "wagtailcore.Comment.contentpath": "places in a page, named by the program, as the next three",
    "wagtailcore.Comment.position": "",
    "wagtailcore.ReferenceIndex": "",
    "wagtailcore.PageLogEntry.action": "",
    "wagtailcore.ModelLogEntry.action": "named by the program",
    "wagtailcore.Site": "the operator's",
    "wagtailimages.Rendition": "named by the program",
    "wagtailsearch": "made from what is found by it; shown to nobody",
    "wagtailusers": "chosen from lists",
}
"""Apps, tables and columns that nobody writes into, each with what it holds instead."""
MADE_HTML = {"html", "transcript", "situation", "ending", "introduction"}
"""Parts of frozen courses that are HTML by intent. What an editor sends gets there through tests/courses/test_hostile_editors.py only."""


def text_columns() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every column that may hold words and is not filled with codes by its kind or name, Django's and Wagtail's among them."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if (
                isinstance(field, models.CharField | models.TextField | models.JSONField | StreamField)
                and not isinstance(field, models.SlugField)
                and not field.choices
                and not field.primary_key
                and not NOT_WORDS.match(field.name)
            ):
                yield model, field


def names_of(model: type[models.Model], field: models.Field[Any, Any]) -> set[str]:
    """What may stand for a column in ``CODES``: its app, its table, or itself."""
    return {model._meta.app_label, model._meta.label, f"{model._meta.label}.{field.name}"}


def columns() -> Iterator[tuple[int, type[models.Model], models.Field[Any, Any]]]:
    """Every column into which somebody may write words, with a number. A new one is among them by itself."""
    found = [(model, field) for model, field in text_columns() if not names_of(model, field) & CODES.keys()]
    for number, (model, field) in enumerate(sorted(found, key=lambda pair: (pair[0]._meta.label, pair[1].name)), start=1):
        yield number, model, field


def vector_for(field: models.Field[Any, Any], number: int, turn: int) -> str:
    """The words for one row of a column."""
    if isinstance(field, models.EmailField):
        return corpus.ADDRESS.format(f"{number}.{corpus.BEGINS}", turn)
    if isinstance(field, models.URLField):
        return corpus.LINK.format(f"{number}.{corpus.BEGINS}")
    return corpus.words_for(number, turn, field.max_length or 10_000)


def fill() -> dict[int, str]:
    """Write hostile words into every row of every such column; the names of the columns that hold any, by number.

    The triggers that guard facts are taken away first: call it in a transaction that is rolled back.
    """
    filled = {}
    _take_guards_away()
    for number, model, field in columns():
        rows = list(model._base_manager.order_by("pk").values_list("pk", field.attname))
        changed = []
        for turn, (pk, value) in enumerate(rows):
            words = vector_for(field, number, turn + number)
            if isinstance(field, StreamField):
                new = field.to_python(json.dumps(_with_words(list(value.raw_data), words)))
            elif isinstance(field, models.JSONField):
                new = _with_words(value, words)
            else:
                new = f"{words}{'' if _is_address(field) else value or ''}"[: field.max_length]
            if new != value:
                changed.append((pk, new))
        for pk, new in changed:
            with (
                suppress(IntegrityError),
                transaction.atomic(),
            ):  # a row that may not hold words here, such as a reason that is not asked for
                model._base_manager.filter(pk=pk).update(**{field.attname: new})
                filled[number] = f"{model._meta.label}.{field.name}"
    return filled


def _is_address(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.EmailField | models.URLField)


def _with_words(value: Any, words: str) -> Any:
    """JSON in which every sentence starts with hostile words; names, codes and numbers in it stay."""
    if isinstance(value, str):
        if value.startswith("[{"):
            return json.dumps(_with_words(json.loads(value), words))
        return words + value if " " in value and not value.startswith("<") else value
    if isinstance(value, list):
        return [_with_words(one, words) for one in value]
    if isinstance(value, dict):
        return {
            words + name if " " in name else name: one if name in MADE_HTML else _with_words(one, words)
            for name, one in value.items()
        }
    return value


def _take_guards_away() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE '%fts%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")


ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "data",
    "srcset",
    "{http://www.w3.org/1999/xlink}href",
    "xlink:href",
}
FETCHED = ADDRESSES - {"href", "{http://www.w3.org/1999/xlink}href", "xlink:href"}
"""Where a link leads may be written by somebody; what a page fetches or sends to may not."""
RUNS = re.compile(r"(?:javascript|vbscript|data:(?!image/(?:png|jpeg|gif|webp|svg\+xml)))", re.IGNORECASE)


def would_run(tree: etree._Element) -> list[str]:
    """What of a page or picture, as a parser takes it apart, comes from hostile words instead of from us."""
    found = []
    for element in tree.iter(etree.Element):
        tag = str(element.tag)
        told = f"<{tag} {dict(element.attrib)}>"[:200]
        if MARK in tag or any(MARK in name or name.startswith("on") for name in element.attrib):
            found.append(f"attribute: {told}")
        if any(RUNS.match(re.sub(r"[\s\x00-\x20]", "", value)) for name, value in element.attrib.items() if name in ADDRESSES):
            found.append(f"address: {told}")
        if (
            any(value.strip() == MARK or "//zqx" in value for name, value in element.attrib.items() if name in FETCHED)
            or "srcdoc" in element.attrib
            or (tag == "meta" and element.get("http-equiv") and MARK in element.get("content", ""))
        ):
            found.append(f"element: {told}")
        inside = element.text or ""
        is_data = element.get("type") == "application/json" and "<" not in inside
        if (tag == "script" and not is_data and ("nonce" not in element.attrib or MARK in inside)) or (
            tag == "style" and MARK in inside
        ):
            found.append(f"script: {told} {element.text}"[:300])
        if MARK in element.get("style", ""):
            found.append(f"style: {told}")
    return found
