"""Forms filled in as somebody would: what a browser sends who gives every field something that suits it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from lxml import html
from pypdf import PdfWriter

from tests.access.walking import Answer

SUITS = {
    "bank_code": "some-words",
    "cqc_id": "1-123456789",
    "code": "some-words",
    "ico_number": "ZA000002",
    "initials": "S W",
    "minutes": "20",
    "module": "3",
    "ods_code": "ZZ123",
    "people_affected": "3",
    "public_key": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "staff_number": "00001",
    "target": "95",
}
"""By the name of a field that stands empty and takes no words. The public key is the first example of RFC 8032."""
EMPTY = {"deputy", "holder_outside", "incident", "link", "location", "manager", "year", "draw-1-count", "draw-2-count"}
"""Fields that stay as they are: they may not be given together with others, or count something that is not there."""
ONE_OF_SEVERAL = re.compile(r"line-[1-9]-correct")
HERE = {
    "/staff/people/new/": {"staff_number": "N 77"},
    "/staff/access/": {"title_0": "yes", "title_1": "no"},
    "/questions/banks/own-ways-dcare/rules/": {"draw-0-count": "1"},
    "/organisation/register/type/": {"type": "charity-hospice", "confirmed": "yes"},
    "/reports/rules/training/": {"confirm": "yes"},
}
"""What suits a field only in one place."""
AHEAD = re.compile(r"(back_on|ends_on|last_day|review_by|review_on|until|expires_on|due_on)$")
"""Days to come. All others are over."""

STAFF = b"Staff Number,First Name,Last Name,Job Title,Unit,Start Date\nN9,Some,Body,Carer,Office,2026-01-05\n"
TRAINING = b"Staff number,Course,Completed on\n00001,data-security-awareness,2026-10-05\n"
PHISHING = b"date,campaign,unit,sent,opened,clicked,reported\n2026-11-02,Some words,,50,20,10,5\n"
GIFT = b"::Some words:: Which is right? {=This one ~That one}"
DISPOSALS = b"What,Kind,Method,Disposed of on,Done by,Retention rule\nOld boxes,Paper,Shredded,02/11/2026,Our staff,Eight years\n"


def pdf() -> bytes:
    writer, paper = PdfWriter(), BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(paper)
    return paper.getvalue()


FILES = (
    (r"/staff/imports/new/", "staff.csv", STAFF),
    (r"/training-records/new/", "records.csv", TRAINING),
    (r"/reports/evaluation/phishing/", "phishing.csv", PHISHING),
    (r"/registers/disposals/import/", "disposals.csv", DISPOSALS),
    (r"/questions/import/", "questions.gift", GIFT),
    (r"/(my-training/elsewhere|prior-learning/new|training-sessions/.*)/", "paper.pdf", pdf()),
    (r"/", "words.txt", b"Some words"),
)


@dataclass(frozen=True)
class Form:
    """One form as a browser would send it, filled in where it was empty."""

    url: str
    values: dict[str, list[str]]
    as_found: dict[str, list[str]]
    """As it stood on the page."""
    choices: dict[str, set[str]]
    """The fields that ask for one of several, with what they offer."""
    takes_files: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        return (self.place, *sorted(re.sub(r"\d+", "#", name) for name in self.values))

    @property
    def place(self) -> str:
        return re.sub(r"\d+", "#", self.url)

    @property
    def changed(self) -> dict[str, list[str]]:
        """With other words where there were some."""
        return self.as_found | {
            name: [f"{value} again" for value in values]
            for name, values in self.as_found.items()
            if name not in self.choices and all(re.fullmatch(r"[A-Z][a-z]+( [\w ]+)?", value) for value in values)
        }

    def files(self) -> dict[str, SimpleUploadedFile]:
        """New ones, because they are read once."""
        name, content = next((name, content) for place, name, content in FILES if re.match(place, self.url))
        return {field: SimpleUploadedFile(name, content) for field in self.takes_files}


def forms_of(answer: Answer) -> Iterator[Form]:
    for form in answer.tree.forms:
        url = (form.get("action") or answer.url).partition("#")[0]
        if form.method == "POST" and url.startswith("/") and not re.search("/logout|/sign-out|/sessions/", url):
            values, found = dict(filled_in(form)), as_it_stood(form)
            files = () if "document" in values else tuple(form.xpath(".//input[@type='file']/@name"))
            known = Form(url, values, found, dict(choices_of(form)), files)
            yield replace(known, values=values | {name: [value] for name, value in HERE.get(known.place, {}).items()})


def filled_in(form: html.FormElement) -> Iterator[tuple[str, list[str]]]:
    sent = as_it_stood(form)
    stood = {name for name, values in sent.items() if any(values)}
    for control in form.xpath(".//input[@name]|.//textarea[@name]|.//select[@name]|.//button[@name]"):
        name, kind = control.get("name"), control.get("type", "")
        if control.tag == "button":
            sent.setdefault(name, [control.get("value", "")])
        elif name != "csrfmiddlewaretoken" and kind != "file" and name not in stood:
            sent[name] = [""] if name.removeprefix("new-") in EMPTY else given(name, control, sent.get(name, []))
    yield from sent.items()


def given(name: str, control: html.HtmlElement, before: list[str]) -> list[str]:
    """What a field that stands empty is given, by its kind. Of boxes with one name all are ticked."""
    if control.tag == "select":
        return [option for option in control.value_options if option][:1]
    if control.get("type") == "radio":
        return [control.get("value", "on")]
    if control.get("type") == "checkbox":
        return before if ONE_OF_SEVERAL.fullmatch(name) else [*before, control.get("value", "on")]
    return [suitable(name, control)]


def suitable(name: str, control: html.HtmlElement) -> str:
    field, _, part = name.removeprefix("new-").rpartition("_" if "_" in name else "-")
    if part in PARTS_OF_A_DAY:
        return str(getattr(day_for(field), PARTS_OF_A_DAY[part]))
    suits = SUITS.get(name.removeprefix("new-"))
    words = {"number": control.get("min", "1"), "email": "some@words.example"}.get(control.get("type", ""), f"Some words {name}")
    return suits or words[: int(control.get("maxlength", 200))]


PARTS_OF_A_DAY = {"day": "day", "month": "month", "year": "year", "0": "day", "1": "month", "2": "year"}


def day_for(field: str) -> date:
    return timezone.localdate() + timedelta(days=20 if AHEAD.search(field) else -6)


def as_it_stood(form: html.FormElement) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = defaultdict(list)
    for name, value in form.form_values():
        if name != "csrfmiddlewaretoken":
            sent[name].append(str(value))
    return dict(sent)


def choices_of(form: html.FormElement) -> Iterator[tuple[str, set[str]]]:
    """The fields that offer keys, of rows or of people on the staff list."""
    offered: dict[str, set[str]] = defaultdict(set)
    for control in form.xpath(".//select[@name]|.//input[@type='radio' or @type='checkbox' or @type='hidden'][@name]"):
        values = control.value_options if control.tag == "select" else [control.get("value", "")]
        offered[control.get("name")] |= {value for value in values if value}
    return ((name, keys) for name, keys in offered.items() if keys)
