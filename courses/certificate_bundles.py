"""The newest certificates of a unit's people, taken as one file. Nothing of it is kept: it is put together as it is sent."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from audit.spreadsheets import csv_lines
from courses import certificates
from courses.certificates import CERTIFIED_SOURCES
from courses.models import Certificate, Completion
from evidence import blobs
from staff.models import Person, Post, Unit

AT_A_TIME = 50
HEADINGS = ("file", "staff number", "last name", "first name", "course", "completed on", "counts until", "certificate", "SHA-256")


@dataclass(frozen=True)
class UnitCertificates:
    """What there is of a unit on a day. ``unit`` None: the whole organisation."""

    organisation: Organisation
    unit: Unit | None
    certificates: tuple[Certificate, ...]
    lacking: tuple[Completion, ...]
    """Completions without a certificate in the holder's present name."""

    @property
    def name(self) -> str:
        return self.unit.name if self.unit else "everybody"


def of_unit(organisation: Organisation, unit: Unit | None, *, on: date) -> UnitCertificates:
    """The newest certificate of everybody in post in a unit or below it, for each course. Four queries at most."""
    done = list(_completions(organisation, unit, on=on))
    wanted = {completion.pk: completion for completion in done}
    found: list[Certificate] = []
    in_date: set[int] = set()
    certified = Certificate.objects.newest().filter(completion__in=_completions(organisation, unit, on=on).order_by())
    for certificate in certified.select_related("pdf"):
        certificate.completion = wanted[certificate.completion_id]
        found.append(certificate)
        if certificates.is_in_name_of(certificate, certificate.completion.person):
            in_date.add(certificate.completion_id)
    found.sort(key=lambda one: (str(one.completion.person).casefold(), one.facts["course"], one.pk))
    return UnitCertificates(organisation, unit, tuple(found), tuple(one for one in done if one.pk not in in_date))


def make_lacking(
    organisation: Organisation, unit: Unit | None, *, by: User, at: datetime, progress: Callable[[int, int], None]
) -> int:
    """Make what lacks, a few at a time. Returns how many were made; a second call makes none."""
    lacking = of_unit(organisation, unit, on=timezone.localdate(at)).lacking
    made = 0
    for start in range(0, len(lacking), AT_A_TIME):
        progress(start, len(lacking))
        made += len(certificates.issue_many(lacking[start : start + AT_A_TIME], at=at, by=by))
    return made


def take(found: UnitCertificates, *, by: User, at: datetime) -> Iterator[bytes]:
    """A ZIP file of the very PDFs, with a list of them, piece by piece. That somebody takes them is recorded first."""
    summary = {"count": len(found.certificates), "unit": found.name}
    record("courses.certificates_taken", organisation=found.organisation, by=by, target=found.unit or "", summary=summary, at=at)
    return _zipped(found.certificates, at=at)


def _completions(organisation: Organisation, unit: Unit | None, *, on: date) -> Any:
    """The last completion of each person and course that we certify, of people in post in the unit or below it."""
    posts = Post.objects.covering(on).filter(person=OuterRef("person"))
    if unit is not None:
        posts = posts.filter(unit__in=Unit.objects.ids_below(organisation.pk, {unit.pk}))
    ours = Completion.objects.not_void().by(on).filter(source__in=CERTIFIED_SOURCES)
    later = Q(completed_on__gt=OuterRef("completed_on")) | Q(completed_on=OuterRef("completed_on"), pk__gt=OuterRef("pk"))
    newer = ours.filter(later, person=OuterRef("person"), course=OuterRef("course"))
    people = Person.objects.of(organisation)
    return ours.filter(Exists(posts), ~Exists(newer), person__in=people).select_related("person__organisation", "course")


class _Outlet(io.RawIOBase):
    """Where the ZIP writer puts its bytes, to be taken out again piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces


def _zipped(found: tuple[Certificate, ...], *, at: datetime) -> Iterator[bytes]:
    outlet = _Outlet()
    stamp = timezone.localtime(at).timetuple()[:6]
    rows: list[tuple[Any, ...]] = []
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for certificate in found:
            facts, person = certificate.facts, certificate.completion.person
            name = f"{_plain(facts['holder'])}-{_plain(facts['course_code'])}-{facts['serial']}.pdf"
            try:
                archive.writestr(zipfile.ZipInfo(name, stamp), blobs.read(certificate.pdf))
            except blobs.BlobDamagedError:
                name = "not included: the stored file is damaged"
            until = facts["valid_until"] or "for good"
            staff = (person.staff_number, person.last_name, person.first_name)
            rows.append((name, *staff, facts["course"], facts["completed_on"], until, facts["serial"], certificate.pdf_id))
            yield outlet.taken()
        archive.writestr(zipfile.ZipInfo("certificates.csv", stamp), "".join(csv_lines(HEADINGS, rows)))
    yield outlet.taken()


def _plain(text: str) -> str:
    """The text as a part of a file's name on any system."""
    return re.sub(r"[^\w]+", "-", text).strip("-_")[:60] or "certificate"
