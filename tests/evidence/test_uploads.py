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
