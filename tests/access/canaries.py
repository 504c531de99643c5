"""Puts a mark into every word that an organisation holds, and finds it in whatever reaches somebody: pages, files in files, letters."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

from django.db import connection, models
from django.db.models import Value
from django.db.models.functions import Concat, Length
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from accounts.models import Organisation, User
from accounts.row_security import owners
from evidence.models import BlobWords, DocumentVersion

CANARY = "qxbcanary"
LOOKED_FOR = "qxbcan"
"""What somebody types who looks for the marked words: a page may repeat it, and holds no mark by that."""
CODES = {
    *(
        "action",
        "code",
        "code_digest",
        "content_hash",
        "declaration_version",
        "digest",
        "edition_id",
        "footing",
        "grid",
        "hash",
        "key",
    ),
    *(
        "kid",
        "kind",
        "last_seen",
        "link_sha256",
        "media_type",
        "needs",
        "occasion",
        "path",
        "percent",
        "plan_digest",
        "public_key",
    ),
    *("register", "rule", "sha256", "source_kind", "step", "stored_as", "template_code", "token", "type_snapshot", "year"),
    *(
        "content_digest",
        "document_sha256",
        "edition_sha256",
        "previous_sha256",
        "file_sha256",
        "directory",
        "ods_code",
        "owner_post",
    ),
}
"""Columns without words of anybody's: the program reads them."""


def rows_of(model: type[models.Model], organisation: Organisation) -> models.QuerySet[Any]:
    """The rows of a model that are an organisation's, however many tables away it stands."""
    parts, stands = [], model
    while field := owners().get(stands):
        parts.append(field.name)
        stands = field.related_model
    return models.QuerySet(model).filter(**{"__".join(parts): organisation})


def mark_everything(organisation: Organisation, mark: str = CANARY) -> dict[str, int]:
    """Put a mark into every name, sentence and file name of an organisation, and say into how many values of each model."""
    marked = {}
    with no_triggers():
        for model in owners():
            marked[model._meta.label] = sum(
                _mark(rows_of(model, organisation), field, mark) for field in model._meta.local_concrete_fields
            )
        users = User.objects.filter(memberships__organisation=organisation).values("pk")
        for name in ("username", "first_name", "last_name", "email"):
            _mark(models.QuerySet(User).filter(pk__in=users), User._meta.get_field(name), mark)
        blobs = DocumentVersion.objects.filter(document__organisation=organisation).values("blob")
        shared = DocumentVersion.objects.exclude(document__organisation=organisation).filter(blob__isnull=False).values("blob")
        _mark(
            models.QuerySet(BlobWords).filter(blob__in=blobs).exclude(blob__in=shared), BlobWords._meta.get_field("words"), mark
        )
        Organisation.objects.filter(pk=organisation.pk).update(name=f"{mark} {organisation.name}")
    return marked


class no_triggers:  # noqa: N801  reads as a sentence after ``with``
    """Facts are marked too, which the triggers would refuse. What is dropped here comes back with the test's transaction."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET LOCAL session_replication_role = replica")
                return
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_update'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')

    def __exit__(self, *_rest: object) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = origin")


def _mark(rows: models.QuerySet[Any], field: models.Field[Any, Any], mark: str) -> int:
    if field.name in CODES or field.choices or isinstance(field, models.SlugField | models.FileField):
        return 0
    if isinstance(field, models.JSONField):
        found = list(rows.exclude(**{f"{field.name}__isnull": True}).only("pk", field.name))
        for row in found:
            setattr(row, field.name, _marked(getattr(row, field.name), mark))
        models.QuerySet(rows.model).bulk_update(found, [field.name], 200) if found else None
        return len(found)
    if not isinstance(field, models.CharField | models.TextField):
        return 0
    rows = rows.exclude(**{field.name: ""})
    if field.max_length:
        rows = rows.alias(long=Length(field.name)).filter(long__lte=field.max_length - len(mark))
    both = (field.name, Value(mark)) if isinstance(field, models.URLField) else (Value(mark), field.name)
    whole = Concat(*both, output_field=models.TextField())
    return models.QuerySet(rows.model).filter(pk__in=list(rows.values_list("pk", flat=True))).update(**{field.name: whole})


def _marked(value: Any, mark: str) -> Any:
    """A JSON value with the mark in its words. What has no space in it is likely to be a code."""
    if isinstance(value, dict):
        return {key: _marked(one, mark) for key, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, mark) for one in value]
    return f"{mark}{value}" if isinstance(value, str) and (" " in value or "@" in value) else value


def traces(content: bytes, marks: tuple[str, ...]) -> Iterator[str]:
    """The marks that stand in something, or in what is packed inside it."""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from traces(name.encode() + b"\n" + archive.read(name), marks)
                yield from traces(archive.read(name), marks)
        return
    if content[:5] == b"%PDF-":
        reader = PdfReader(io.BytesIO(content))
        words = "".join("\n".join(page.extract_text() for page in reader.pages).split())
        content = f"{words}\n{reader.metadata}".encode()
    low = content.lower()
    yield from (mark for mark in marks if mark.lower().encode() in low)


def cells_of(content: bytes) -> list[Any]:
    """The cells of a CSV file or a workbook; a formula counts by its beginning."""
    if content[:4] != b"PK\x03\x04":
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        formulas = [name for name in archive.namelist() if b"<f>" in archive.read(name)]
    return [f"={name}" for name in formulas] + [
        cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    ]


def values_of(organisation: Organisation) -> Iterator[tuple[str, str]]:
    """Every value of every row of an organisation, with the name of its column."""
    for model in owners():
        for row in rows_of(model, organisation).values():
            yield from ((f"{model._meta.label}.{column}", str(value)) for column, value in row.items())
