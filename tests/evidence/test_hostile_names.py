"""Fifty file names that mean harm: what is kept of them, and what the browser is told to save the file as."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils.http import content_disposition_header

from accounts.enums import Role
from evidence import services
from evidence.uploads import MAX_NAME_BYTES, safe_name
from tests.factories import NOW, TODAY

NAMES = [
    *("../../etc/passwd.txt", "..\\..\\windows\\win.txt", "/etc/passwd.txt", "C:\\Users\\a.txt", "\\\\server\\share\\a.txt"),
    *("a\r\nContent-Type: text/html\r\n\r\n<b>.txt", "a\nb.txt", "a\rb.txt", "a\tb.txt", "a\0b.txt", "a\x0bb.txt", "a\x7fb.txt", "a\x85b.txt"),
    *('a"; filename="evil.exe.txt', 'a".txt', "a\\b.txt", "a\\\".txt", "a';b.txt", "a;b.txt", "a,b.txt", "a=b.txt", "filename*=utf-8''evil.txt"),
    *("a%22.txt", "a%0d%0ab.txt", "%2e%2e%2fa.txt", "a%00.txt", "a%.txt", "=?utf-8?q?evil?=.txt"),
    *("\u202etxt.exe.txt", "a\u202dtxt.txt", "a\u2066b.txt", "a\u200bb.txt", "a\u2028b.txt", "\ufeffa.txt", "a\u00adb.txt", "ａ／ｂ.txt"),
    *("<script>alert(1)</script>.txt", "a&b.txt", "a'onload=alert(1).txt", "`id`.txt", "$(id).txt", "a|b.txt", "a>b.txt", "-rf.txt", "~.txt"),
    *("CON.txt", "a....txt", ". a.txt", "a .txt", "日本語.txt", "Zoë’s “list”.txt", "👩‍⚕️.txt", "e\u0301" * 200 + ".txt", "a" * 500 + ".txt"),
    *("\ud800a.txt", "=1+1.txt", "@a.txt"),
]  # fmt: skip

TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
QUOTED = r'"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"'
EXTENDED = r"(?:%[0-9A-F]{2}|[!#$&+.^_`|~0-9A-Za-z-])+"
STRICT = re.compile(rf"attachment; (?:filename=(?P<plain>{TOKEN}|{QUOTED})|filename\*=(?:UTF-8|utf-8)''(?P<extended>{EXTENDED}))")


def saved_as(header: str) -> str:
    """What RFC 6266 says the file is called. Whatever is no header by its grammar fails."""
    found = STRICT.fullmatch(header)
    assert found, header
    if found["extended"]:
        return unquote(found["extended"], errors="strict")
    return re.sub(r"\\(.)", r"\1", found["plain"].strip('"'))


def test_fifty_names_become_harmless_ones():
    assert len(NAMES) >= 50
    for name in NAMES:
        safe = safe_name(name)
        assert safe.endswith(".txt"), name
        assert len(safe.encode()) <= MAX_NAME_BYTES
        assert not re.search(r'[/\\<>:"|?*]', safe), name
        assert not [letter for letter in safe if unicodedata.category(letter)[0] == "C" or letter in "\u2028\u2029"], name
        assert safe == safe_name(safe), "a safe name stays what it is"
        assert saved_as(content_disposition_header(True, safe)) == safe


@pytest.mark.django_db
def test_a_file_of_a_hostile_name_is_saved_under_its_harmless_one(organisation, sign_in, settings, tmp_path):
    settings.BLOB_ROOT, settings.UPLOADS_PER_HOUR = tmp_path / "blobs", 1000
    lead = sign_in(organisation, Role.DSPT_LEAD)
    for name in NAMES:
        version = services.add_document(
            organisation, title="Notes", kind="other", by=lead.user, at=NOW, received_on=TODAY, file=(b"plain words", name)
        )
        answer = lead.get(reverse("evidence:version_download", args=[version.pk]), follow=True)
        assert saved_as(answer["Content-Disposition"]) == safe_name(name), name
        assert answer["X-Content-Type-Options"] == "nosniff"
    page = lead.get(reverse("evidence:document_detail", args=[version.document_id]))
    assert page.status_code == 200
