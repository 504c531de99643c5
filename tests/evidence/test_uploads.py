"""What is kept and what is refused, file by file."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
import xlsxwriter

from evidence.uploads import ACCEPTED_KINDS, UploadRefusedError, inspect, safe_name
from tests.evidence import files as f

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PDF, WORD, EXCEL = "application/pdf", f.WORD.removesuffix(".main+xml"), f.EXCEL.removesuffix(".main+xml")


def real_workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Register")
    sheet.write_row(0, 0, ["What", "Where"])
    sheet.write_url(1, 0, "https://example.test/")
    book.close()
    return out.getvalue()


def zip_of(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def duplicated(name: str) -> bytes:
    out = io.BytesIO(f.docx())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(name, b"<w/>")
    return out.getvalue()


def linked_out() -> bytes:
    out = io.BytesIO(f.docx())
    link = zipfile.ZipInfo("word/passwd.xml")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def lying_zip() -> bytes:
    """Its directory promises one byte of a part that holds many."""
    content = bytearray(f.docx({"word/styles.xml": b"<w>" + b"a" * 5000 + b"</w>"}))
    entry = content.find(b"word/styles.xml", content.find(b"PK\x01\x02")) - 46
    content[entry + 24 : entry + 28] = (1).to_bytes(4, "little")
    return bytes(content)


LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))


def encrypted_zip() -> bytes:
    content = bytearray(f.docx())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


ACCEPTED = {
    "plain pdf": ("policy.pdf", f.pdf(), PDF),
    "pdf, capital ending": ("POLICY.PDF", f.pdf(), PDF),
    "pdf with a compressed picture": ("a.pdf", f.pdf(f.stream(b"pixels" * 500)), PDF),
    "pdf whose stream holds the word by chance": ("a.pdf", f.pdf(f.stream(b"/JavaScript", packed=False)), PDF),
    "pdf with a packed object": ("a.pdf", f.pdf(f.stream(b"5 0 << /Type /Font >>", b"/Type /ObjStm /Filter /FlateDecode")), PDF),
    "pdf with a name that only begins alike": ("a.pdf", f.pdf(b"<< /JSObject 1 /LaunchDate (x) >>"), PDF),
    "word": ("minutes.docx", f.docx(), WORD),
    "word, stored": ("minutes.docx", f.docx(compress=False), WORD),
    "word with a link": ("a.docx", f.docx({"word/_rels/document.xml.rels": f.relations(f.external("hyperlink"))}), WORD),
    "word with a chart's workbook": ("a.docx", f.docx({"word/embeddings/Microsoft_Excel_Sheet1.xlsx": f.xlsx()}), WORD),
    "excel": ("register.xlsx", f.xlsx(), EXCEL),
    "excel with printer settings": ("a.xlsx", f.xlsx({"xl/printerSettings/printerSettings1.bin": b"\0\1"}), EXCEL),
    "excel by a real program": ("register.xlsx", real_workbook(), EXCEL),
    "word that writes of document types": ("a.docx", f.docx({"word/document.xml": b"<w>&lt;!DOCTYPE html&gt;</w>"}), WORD),
    "word that would include, which nobody does": (
        "a.docx",
        f.docx(
            {"customXml/item1.xml": b'<x xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="file:///etc/passwd"/></x>'}
        ),
        WORD,
    ),
    "word with a picture": ("a.docx", f.docx({"word/media/image1.png": f.png()}), WORD),
    "png": ("screen.png", f.png(), "image/png"),
    "jpeg": ("photo.jpg", f.jpeg(), "image/jpeg"),
    "jpeg, long ending": ("photo.jpeg", f.jpeg(), "image/jpeg"),
    "jpeg with a phone's own notes": ("photo.jpg", f.jpeg(after=b"SEFT" * 20), "image/jpeg"),
    "csv": ("staff.csv", "name,trained\nZoë,yes\n".encode(), "text/csv"),
    "csv with a mark": ("staff.csv", b"\xef\xbb\xbfname,trained\r\n", "text/csv"),
    "csv in sixteen bits": ("staff.csv", "name,trained\n".encode("utf-16"), "text/csv"),
    "csv of an old program": ("staff.csv", "name\nZoë\n".encode("cp1252"), "text/csv"),
    "csv that begins like a picture": ("bmi.csv", b"BM,height\n1,2\n", "text/csv"),
    "text": ("notes.txt", b"Spot check of 3 March. All well.", "text/plain"),
    "two endings, the last one right": ("policy.exe.pdf", f.pdf(), PDF),
    "a space and a dot behind the ending": ("policy.pdf .", f.pdf(), PDF),
    "an ending turned round, and right all the same": ("fdp.\u202epolicy.pdf", f.pdf(), PDF),
    "text that reads like a program": ("notes.txt", b"#!/bin/sh\nrm -rf /\n", "text/plain"),
    "csv of formulas, which are text here": ("staff.csv", b"name\n=cmd|' /C calc'!A0\n", "text/csv"),
}

REFUSED = {
    "nothing": ("policy.pdf", b"", "empty"),
    "no ending": ("policy", f.pdf(), "not a kind of file"),
    "program": ("setup.exe", b"MZ" + b"\0" * 100, "not a kind of file"),
    "right ending first": ("policy.pdf.exe", f.pdf(), "not a kind of file"),
    "ending behind a zero": ("policy.pdf\0.exe", f.pdf(), "not a kind of file"),
    "ending turned round": ("policy\u202efdp.exe", f.pdf(), "not a kind of file"),
    "web page": ("page.html", b"<html></html>", "not a kind of file"),
    "drawing": ("logo.svg", b"<svg/>", "not a kind of file"),
    "macro word by name": ("minutes.docm", f.docx(), "not a kind of file"),
    "old word by name": ("minutes.doc", OLE, "not a kind of file"),
    "archive": ("all.zip", zip_of("a.txt"), "not a kind of file"),
    "stream of a file": ("policy.pdf::$DATA", f.pdf(), "not a kind of file"),
    "page behind a right ending": ("policy.pdf.html", b"<html></html>", "not a kind of file"),
    "shortcut": ("policy.pdf.lnk", b"L\0\0\0\x01\x14\x02\0", "not a kind of file"),
    "script": ("policy.js", b"alert(1)", "not a kind of file"),
    "macro workbook by name": ("register.xlsm", f.xlsx(), "not a kind of file"),
    "binary workbook by name": ("register.xlsb", f.xlsx(), "not a kind of file"),
    "template by name": ("minutes.dotx", f.docx(), "not a kind of file"),
    "wide letters in the ending": ("policy.ｐdf", f.pdf(), "not a kind of file"),
    "drawing renamed": ("logo.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "PNG"),
    "gif renamed": ("logo.png", b"GIF89a" + b"\0" * 60, "GIF"),
    "page renamed to png": ("logo.png", b"<!DOCTYPE html><script>alert(1)</script>", "PNG"),
    "gzip renamed": ("register.xlsx", b"\x1f\x8b\x08" + b"\0" * 60, "GZ"),
    "packed renamed": ("minutes.docx", b"7z\xbc\xaf\x27\x1c" + b"\0" * 60, "7Z"),
    "linux program renamed": ("policy.pdf", b"\x7fELF\x02\x01\x01" + b"\0" * 60, "ELF"),
    "old word renamed to pdf": ("policy.pdf", OLE, "not a PDF"),
    "rich text renamed": ("minutes.docx", b"{\\rtf1\\ansi hello}", "RTF"),
    "page as a table": ("staff.csv", b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
    "program renamed": ("setup.pdf", b"MZ" + b"\0" * 600, "EXE"),
    "png renamed": ("screen.pdf", f.png(), "PNG"),
    "pdf renamed to word": ("policy.docx", f.pdf(), "PDF"),
    "pdf renamed to text": ("policy.txt", f.pdf(), "PDF"),
    "jpeg renamed to png": ("photo.png", f.jpeg(), "JPG"),
    "excel renamed to word": ("register.docx", f.xlsx(), "Rename it to end in .xlsx"),
    "word renamed to excel": ("minutes.xlsx", f.docx(), "Rename it to end in .docx"),
    "word renamed to pdf": ("minutes.pdf", f.docx(), "save it again as .pdf"),
    "archive renamed to word": ("all.docx", zip_of("a.txt"), "damaged"),
    "old word renamed": ("minutes.docx", OLE, "old Office file"),
    "word with password": ("minutes.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "pdf not at the start": ("policy.pdf", b"<html>" + b" " * 94 + f.pdf(), "not a PDF"),
    "pdf cut short": ("policy.pdf", f.pdf()[:-40], "cut short"),
    "pdf with password": ("policy.pdf", f.pdf(trailer=b"/Encrypt 9 0 R "), "password"),
    "pdf with script": ("policy.pdf", f.pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "a script"),
    "pdf with script, disguised": ("policy.pdf", f.pdf(b"<< /S /J#61vaScript /#4AS (x) >>"), "a script"),
    "pdf with script in a packed object": (
        "policy.pdf",
        f.pdf(f.stream(b"5 0 << /S /JavaScript >>", b"/Type /ObjStm /Filter /FlateDecode")),
        "a script",
    ),
    "pdf with script in a false stream": (
        "policy.pdf",
        f.pdf(b"(>>stream\n) 9 0 obj << /JS (x) >> endobj % endstream"),
        "a script",
    ),
    "pdf with objects packed in an odd way": (
        "policy.pdf",
        f.pdf(f.stream(b"5 0 << >>", b"/Type /ObjStm /Filter /LZWDecode", packed=False)),
        "we cannot check",
    ),
    "pdf that starts a program": ("policy.pdf", f.pdf(b"<< /S /Launch /F (cmd.exe) >>"), "starts a program"),
    "pdf with a file inside": ("policy.pdf", f.pdf(b"<< /Names << /EmbeddedFiles 9 0 R >> >>"), "another file inside"),
    "pdf with a film inside": ("policy.pdf", f.pdf(b"<< /Subtype /RichMedia >>"), "another file inside"),
    "pdf with a form of scripts": ("policy.pdf", f.pdf(b"<< /AcroForm << /XFA 9 0 R >> >>"), "can run scripts"),
    "pdf that opens with a script": ("policy.pdf", f.pdf(b"<< /OpenAction << /S /JavaScript /JS 9 0 R >> >>"), "a script"),
    "pdf and page at once": ("policy.pdf", b"<script>alert(1)</script>" + f.pdf(), "not a PDF"),
    "pdf and archive at once": ("policy.pdf", f.pdf(after=zip_of("a.exe")), "archive hidden"),
    "pdf with much behind it": ("policy.pdf", f.pdf(after=b"x" * 5000), "attached after its end"),
    "word with macros": ("minutes.docx", f.docx({"word/vbaProject.bin": b"\xd0\xcf"}), "macros"),
    "word with macros, capitals": ("minutes.docx", f.docx({"word/VBAPROJECT.BIN": b"\xd0\xcf"}), "macros"),
    "word with macros, other name": (
        "minutes.docx",
        f.docx(
            {"word/x.dat": b"1"}, types='<Override PartName="/word/x.dat" ContentType="application/vnd.ms-office.vbaProject"/>'
        ),
        "macros",
    ),
    "word of the macro kind": (
        "minutes.docx",
        f.package("application/vnd.ms-word.document.macroEnabled.main+xml", {"word/document.xml": b"<w/>"}),
        "macros",
    ),
    "excel with old macros": ("a.xlsx", f.xlsx({"xl/macrosheets/sheet1.xml": b"<w/>"}), "macros"),
    "word with a control": ("a.docx", f.docx({"word/activeX/activeX1.xml": b"<w/>"}), "macros"),
    "word with an object": ("a.docx", f.docx({"word/embeddings/oleObject1.bin": OLE}), "macros"),
    "word with a program inside": ("a.docx", f.docx({"word/embeddings/setup.exe": b"MZ"}), "another file inside"),
    "word with a macro workbook inside": (
        "a.docx",
        f.docx({"word/embeddings/Microsoft_Excel_Sheet1.xlsx": f.xlsx({"xl/vbaProject.bin": b"\0"})}),
        "macros",
    ),
    "word with a fetched template": (
        "a.docx",
        f.docx({"word/_rels/settings.xml.rels": f.relations(f.external("attachedTemplate"))}),
        "fetches content",
    ),
    "word with a fetched picture": (
        "a.docx",
        f.docx({"word/_rels/document.xml.rels": f.relations(f.external("image"))}),
        "fetches content",
    ),
    "excel with a linked workbook": ("a.xlsx", f.xlsx({"xl/externalLinks/externalLink1.xml": b"<w/>"}), "fetches content"),
    "word with an entity bomb": (
        "a.docx",
        f.docx({"word/_rels/document.xml.rels": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Relationships>&a;</Relationships>'}),
        "damaged",
    ),
    "word with a document type in its text": (
        "a.docx",
        f.docx({"word/document.xml": b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w>&x;</w>'}),
        "damaged",
    ),
    "word with a document type in sixteen bits": (
        "a.docx",
        f.docx(
            {
                "word/document.xml": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE w SYSTEM "http://x.test/y.dtd"><w/>'.encode(
                    "utf-16"
                )
            }
        ),
        "damaged",
    ),
    "excel with a document type behind a long remark": (
        "a.xlsx",
        f.xlsx({"xl/sharedStrings.xml": b"<!--" + b"a" * 1_048_560 + b'--><!DOCTYPE w [<!ENTITY % x "">]><w/>'}),
        "damaged",
    ),
    "excel that laughs a thousand million times": (
        "a.xlsx",
        f.xlsx({"xl/sharedStrings.xml": f'<!DOCTYPE w [<!ENTITY a0 "ha">{LAUGHS}]><w>&a9;</w>'.encode()}),
        "damaged",
    ),
    "word with an entity that grows with each use": (
        "a.docx",
        f.docx({"docProps/app.xml": b'<!DOCTYPE w [<!ENTITY a "' + b"a" * 50_000 + b'">]><w>' + b"&a;" * 9_000 + b"</w>"}),
        "damaged",
    ),
    "word with an outside type in its relations": (
        "a.docx",
        f.docx({"word/_rels/a.xml.rels": b'<!DOCTYPE R SYSTEM "http://x.test/y.dtd"><R/>'}),
        "damaged",
    ),
    "word with an archive for a picture": ("a.docx", f.docx({"word/media/image1.png": zip_of("a.exe")}), "another file inside"),
    "word with a program for a picture": ("a.docx", f.docx({"word/media/image1.png": b"MZ" + b"\0" * 60}), "another file inside"),
    "word with an object for a picture": ("a.docx", f.docx({"word/media/image1.wmf": OLE}), "macros"),
    "word within word within word": (
        "a.docx",
        f.docx({"word/embeddings/a.docx": f.docx({"word/embeddings/b.xlsx": f.xlsx()})}),
        "another file inside",
    ),
    "word with a link to another place": ("minutes.docx", linked_out(), "damaged"),
    "word that starts at the root": ("minutes.docx", f.docx({"/etc/passwd": b"x"}), "damaged"),
    "word of another drive": ("minutes.docx", f.docx({"C:/x.xml": b"x"}), "damaged"),
    "word with a part behind a zero": ("minutes.docx", f.docx().replace(b"word/document.xml", b"word/doc\0ment.xml"), "damaged"),
    "word whose directory lies": ("minutes.docx", lying_zip(), "damaged"),
    "many small parts that are large together": (
        "a.xlsx",
        f.xlsx({f"xl/worksheets/sheet{n}.xml": b"0" * 4_000_000 for n in range(40)}),
        "unpacks to far more",
    ),
    "word cut short": ("minutes.docx", f.docx()[:-30], "damaged"),
    "word with something before it": ("minutes.docx", b"PK\x03\x04" + f.docx(), "damaged"),
    "word with something behind it": ("minutes.docx", f.docx() + b"<script>", "damaged"),
    "word with a part twice": ("minutes.docx", duplicated("word/document.xml"), "damaged"),
    "word that climbs out": ("minutes.docx", f.docx({"../../etc/passwd": b"x"}), "damaged"),
    "word with a wrong checksum": ("minutes.docx", f.docx(compress=False).replace(b"<w/>", b"<v/>"), "damaged"),
    "word locked part by part": ("minutes.docx", encrypted_zip(), "password"),
    "zip bomb": ("a.xlsx", f.xlsx({"xl/worksheets/sheet1.xml": b"0" * 20_000_000}), "unpacks to far more"),
    "many parts": ("a.xlsx", f.xlsx({f"xl/p{n}.xml": b"" for n in range(5001)}), "unpacks to far more"),
    "png cut short": ("screen.png", f.png()[:-8], "cut short"),
    "png changed": ("screen.png", f.png().replace(b"IDAT", b"IDAX"), "cut short"),
    "png with a page behind it": ("screen.png", f.png(after=b"<script>"), "something else attached"),
    "png of a thousand million dots": ("screen.png", f.png(40_000, 40_000), "60 million"),
    "jpeg cut short": ("photo.jpg", f.jpeg()[:20], "cut short"),
    "jpeg without an end": ("photo.jpg", f.jpeg()[:-2], "cut short"),
    "jpeg of a thousand million dots": ("photo.jpg", f.jpeg(40_000, 40_000), "60 million"),
    "jpeg and archive at once": ("photo.jpg", f.jpeg(after=zip_of("a.exe")), "archive hidden"),
    "text with zeros": ("notes.txt", b"abc\0def", "not a plain text file"),
    "text that is a page": ("notes.txt", b" \n<!DOCTYPE html><script>alert(1)</script>", "web page"),
    "text of spaces": ("notes.txt", b" \n \n", "nothing in it"),
    "bytes as csv": ("staff.csv", bytes(range(256)), "not a plain text file"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_good_file_is_accepted(case):
    name, content, media_type = ACCEPTED[case]

    assert inspect(content, name).media_type == media_type


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_in_a_sentence(case):
    name, content, words = REFUSED[case]

    with pytest.raises(UploadRefusedError, match=words) as refusal:
        inspect(content, name)

    assert str(refusal.value).endswith(".")
    assert "\0" not in str(refusal.value)


def test_the_size_limit_is_exact(settings):
    settings.UPLOAD_MAX_BYTES = 100

    assert inspect(b"x" * 100, "notes.txt").media_type == "text/plain"
    with pytest.raises(UploadRefusedError, match="larger than"):
        inspect(b"x" * 101, "notes.txt")


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n" + b"<<" * 3_000_000 + b"\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b">> stream\n" * 700_000 + b"\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b"#" * 7_000_000 + b"\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b"1 " * 3_500_000 + b"\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b">>stream\n1 1 endstream " * 300_000 + b"\nstartxref\n0\n%%EOF",
    ],
    ids=["groups", "streams", "escapes", "numbers", "pairs"],
)
def test_a_pdf_made_to_keep_us_busy_does_not(content):
    began = time.perf_counter()

    inspect(content, "policy.pdf")

    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("policy.pdf", "policy.pdf"),
        ("C:\\Users\\me\\policy.pdf", "policy.pdf"),
        ("../../etc/policy.pdf", "policy.pdf"),
        ('a"b<c>d|e?f*g:h.pdf', "a_b_c_d_e_f_g_h.pdf"),
        ("two\r\nlines.pdf", "twolines.pdf"),
        ("zero\0byte.pdf", "zerobyte.pdf"),
        ("turned\u202efdp.pdf", "turnedfdp.pdf"),
        ("  spaces   within .pdf", "spaces within.pdf"),
        (".pdf", "pdf"),
        ("...", "file"),
        ("", "file"),
        ("Política añual.pdf", "Política añual.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("日本語.pdf", "日本語.pdf"),
    ],
)
def test_a_file_name_is_made_safe(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["x" * 5000 + ".pdf", "語" * 900 + ".pdf", "a." + "b" * 400])
def test_a_long_file_name_is_shortened_and_keeps_its_ending(name):
    short = safe_name(name)

    assert len(short.encode()) <= 150
    assert not name.endswith(".pdf") or short.endswith(".pdf")


def test_the_sentence_names_every_kind_we_take():
    for word in ("PDF", ".docx", ".xlsx", "PNG", "JPEG", "CSV", ".txt"):
        assert word in ACCEPTED_KINDS
