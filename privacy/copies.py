"""A copy of everything held about one person, as one ZIP: a page to read, a file for programs, and a table for each kind."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import Organisation, User
from audit.services import record
from audit.spreadsheets import csv_lines
from courses.models import Certificate
from evidence import blobs
from jobs.registry import Progress
from jobs.services import enqueue
from privacy import keeping
from privacy.enums import CopyState
from privacy.holdings import Holding, acts_of, events_of, holdings_of, to_review
from privacy.models import PersonCopy
from privacy.services import KeepingRefusedError
from staff.models import Person

COPY = "privacy.copy"
SCHEMA = "tenfold-person-copy/1"


@transaction.atomic
def ask_for_copy(person: Person, *, by: User, at: datetime) -> PersonCopy:
    """Have a copy made in the background. One that is being made already is returned instead."""
    organisation = person.organisation
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    waiting = PersonCopy.objects.filter(person=person, state=CopyState.MAKING, asked_at__gt=at - timedelta(hours=1)).first()
    if waiting is not None:
        return waiting
    copy = PersonCopy.objects.create(organisation=organisation, person=person, asked_by=by, asked_at=at)
    title = "Making a copy of what is held about a person"
    enqueue(COPY, title=title, organisation=organisation, by=by, arguments={"copy_id": copy.pk}, at=at)
    summary = {"person": f"person:{person.pk}"}
    record("privacy.copy_asked", organisation=organisation, by=by, target=person, summary=summary, at=at)
    return copy


def make_copy(copy: PersonCopy, *, at: datetime, progress: Progress) -> PersonCopy:
    """Collect, write and keep the file. A second call returns what is there."""
    if copy.state != CopyState.MAKING:
        return copy
    person = copy.person
    progress(0, 3, "Collecting what is held")
    holdings = list(holdings_of(person))
    acts, events = list(acts_of(person)), list(events_of(person))
    progress(1, 3, "Writing it down")
    content = _zip(person, holdings, acts, events, at=at)
    review = [entry.as_dict() for entry in to_review(person)]
    progress(2, 3, "Keeping the file")
    with transaction.atomic():
        locked = PersonCopy.objects.select_for_update(of=("self",)).get(pk=copy.pk)
        if locked.state != CopyState.MAKING:
            return locked
        locked.stored_as, locked.state, locked.made_at = _keep(content), CopyState.READY, at
        locked.counts = {holding.table.label: len(holding.rows) for holding in holdings}
        locked.to_review = review
        locked.save(update_fields=["stored_as", "state", "made_at", "counts", "to_review"])
        summary = {"person": f"person:{person.pk}", "rows": sum(locked.counts.values())}
        record("privacy.copy_made", organisation=copy.organisation, by="system", target=person, summary=summary, at=at)
    return locked


@transaction.atomic
def fetch_copy(copy: PersonCopy, *, by: User, at: datetime) -> bytes:
    """The file. It may be fetched until it is deleted, and each time is told.

    Raises:
        KeepingRefusedError: it was deleted.
    """
    path = folder() / copy.stored_as
    if copy.state != CopyState.READY or not path.is_file():
        raise KeepingRefusedError("This copy is no longer here: have a new one made.")
    summary = {"person": f"person:{copy.person_id}"}
    record("privacy.copy_fetched", organisation=copy.organisation, by=by, target=copy.person, summary=summary, at=at)
    return path.read_bytes()


def expire_copies(*, at: datetime) -> int:
    """Delete the files of copies that are older than their organisation keeps them. Returns how many."""
    gone = 0
    waiting = PersonCopy.objects.filter(state=CopyState.READY).select_related("organisation", "person")
    for copy in waiting.order_by("pk"):
        rule = keeping.in_force(copy.organisation)[keeping.COPIES]
        if copy.made_at is not None and copy.made_at < at - timedelta(days=rule.days):
            delete_copy(copy, by="system", at=at)
            gone += 1
    return gone


@transaction.atomic
def delete_copy(copy: PersonCopy, *, by: Any, at: datetime) -> None:
    """Delete the file now. Deleting it again changes nothing."""
    if not PersonCopy.objects.filter(pk=copy.pk, state=CopyState.READY).update(state=CopyState.GONE, stored_as="", to_review=[]):
        return
    path = folder() / copy.stored_as
    summary = {"person": f"person:{copy.person_id}"}
    record("privacy.copy_deleted", organisation=copy.organisation, by=by, target=copy.person, summary=summary, at=at)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def folder() -> Path:
    """Beside the blobs, so that every web process and worker reaches it."""
    return Path(settings.BLOB_ROOT).parent / "copies"


def _keep(content: bytes) -> str:
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    name = secrets.token_hex(16)
    path = folder() / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return name


def _zip(
    person: Person, holdings: list[Holding], acts: list[dict[str, str]], events: list[dict[str, str]], *, at: datetime
) -> bytes:
    made_on = timezone.localdate(at)
    context = {"person": person, "holdings": holdings, "acts": acts, "events": events, "made_on": made_on}
    everything = {
        "schema": SCHEMA,
        "made_at": at.isoformat(),
        "organisation": person.organisation.ods_code,
        "tables": {
            holding.table.label: {"holds": holding.table.holds, "why": holding.table.why, "rows": list(holding.rows)}
            for holding in holdings
        },
        "done_by_you": acts,
        "audit_trail": events,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("read-this.html", render_to_string("privacy/copy_page.jinja", context))
        archive.writestr("everything.json", json.dumps(everything, ensure_ascii=False, indent=1))
        for holding in holdings:
            rows = ([row[column] for column in holding.columns] for row in holding.rows)
            name = f"tables/{slugify(holding.table.label.replace('.', '-'))}.csv"
            archive.writestr(name, "".join(csv_lines(holding.columns, rows)))
        archive.writestr(
            "tables/audit-trail.csv", "".join(csv_lines(("when", "who", "what"), (tuple(event.values()) for event in events)))
        )
        for name, file in _files(person):
            archive.writestr(name, file)
    return content.getvalue()


def _files(person: Person) -> list[tuple[str, bytes]]:
    """The person's own certificates."""
    found = []
    for certificate in Certificate.objects.filter(completion__person=person).select_related("pdf").order_by("pk"):
        try:
            found.append((f"certificates/{certificate.serial}.pdf", blobs.read(certificate.pdf)))
        except blobs.BlobDamagedError:
            continue
    return found
