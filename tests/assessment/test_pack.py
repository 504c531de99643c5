"""The evidence pack: made the same every time, and no change to it goes unseen."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import bagit
import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from accounts.enums import Role
from assessment import pack as packs
from assessment import verifier
from assessment.pack import PackHead, PackMember, PackRefusedError, pack_chunks, pack_size, write_pack
from assessment.publishing import evidence_path
from audit.canonical import canonical_json
from audit.models import Event
from evidence import blobs
from tests.evidence import files as f

# --- packs of plain values ---

EVENT = {"organisation": "VX1", "sequence": 1, "type": "x", "at": "2026-05-01T09:00:00.000000+00:00", "actor": "user:1"}


def reading_of(*people: tuple[str, str] | tuple[str, str, str], figure: str = "gross", **changes: object) -> dict:
    """A training reading of people given as (scope, status) or (scope, status, why the net figure leaves them out).

    ``changes`` go over the headline, before the digest is made.
    """
    rows = [
        {"person": number, "scope": scope, "status": status, "left_out": away[0] if away else ""}
        for number, (scope, status, *away) in enumerate(people, start=1)
    ]
    gross = [row for row in rows if row["scope"] in ("in", "unknown_access")]
    net = [row for row in gross if not row["left_out"]]
    shown = verifier.tally(net if figure == "net" else gross)
    headline = {"figure": figure, "numerator": shown["current"], "denominator": shown["in_scope"], "percent": shown["percent"]}
    content = {
        "as_of": "2026-06-30",
        **verifier.tally(gross),
        "net": verifier.tally(net),
        "headline": headline | changes,
        "rows": rows,
    }
    return digested(content)


def digested(content: dict) -> dict:
    return content | {"digest": digest({key: value for key, value in content.items() if key != "digest"})}


def digest(content: object) -> str:
    return hashlib.sha256(canonical_json(content)).hexdigest()


def made(path: str, content: bytes) -> PackMember:
    return PackMember.of(path, content, media_type="text/plain", title=f"About {path}")


def document_of(reading: dict, files: list[PackMember]) -> dict:
    rows = next(file for file in files if file.path.startswith("figures/"))
    figure = {key: reading["headline"][key] for key in ("numerator", "denominator", "percent")}
    figure |= {"as_of": "2026-06-30", "digest": reading["digest"], "rows_sha256": rows.sha256}
    return {
        "previous_sha256": "",
        "files": [{"path": file.path, "sha256": file.sha256} for file in files],
        "content": {"items": [{"number": "3.2.1", "figure": figure}, {"number": "1.1.1", "figure": None}]},
    }


def plain_pack(reading: dict | None = None, **changes: object) -> tuple[PackHead, list[PackMember]]:
    reading = reading or reading_of(("in", "current"), ("unknown_access", "lapsed"), ("no_access", ""))
    stated = [
        made("edition.yaml", b"schema: x\n"),
        made("evidence/1.1.2/4-v1-register.pdf", b"%PDF-1.7 register"),
        made("figures/3.2.1-2026-06-30-rows.json", canonical_json(reading) + b"\n"),
    ]
    document = canonical_json(document_of(reading, stated) | changes)
    event = EVENT | {"prev_hash": "0" * 64, "hash": hashlib.sha256(b"0" * 64 + canonical_json(EVENT)).hexdigest()}
    made_from_it = [
        made(verifier.DOCUMENT, document),
        made("README.txt", b"read me"),
        made(verifier.EVENTS, canonical_json({"organisation": "VX1", "events": [event]})),
        made("verify.py", Path(verifier.__file__).read_bytes()),
    ]
    return PackHead("VX1", "2025-26", 1, hashlib.sha256(document).hexdigest(), ""), stated + made_from_it


def archive_of(head: PackHead, files: list[PackMember]) -> bytes:
    return b"".join(pack_chunks(head, files))


def verify(content: bytes) -> verifier.Report:
    return verifier.verify_archive(io.BytesIO(content))


@pytest.fixture(scope="module")
def archive() -> bytes:
    return archive_of(*plain_pack())


ARCHIVE = archive_of(*plain_pack())


def test_a_whole_pack_holds(archive):
    report = verify(archive)

    assert report.ok
    assert report.files == 13
    assert report.head["organisation"] == "VX1"


def test_the_same_files_give_the_same_bytes_in_any_order():
    head, files = plain_pack()
    shuffled = random.Random(7).sample(files, len(files))

    assert archive_of(head, files) == archive_of(head, shuffled)
    assert pack_size(head, files) == len(archive_of(head, files))


def test_other_tools_open_it(archive, tmp_path):
    path = tmp_path / "pack.zip"
    path.write_bytes(archive)

    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == sorted(opened.namelist())
        assert all(stat.S_IMODE(member.external_attr >> 16) == 0o644 for member in opened.infolist())
        opened.extractall(tmp_path / "out")
    sums = subprocess.run(["sha256sum", "-c", "manifest-sha256.txt"], cwd=tmp_path / "out", capture_output=True, check=False)  # noqa: S607
    assert sums.returncode == 0
    if shutil.which("unzip"):
        assert subprocess.run(["unzip", "-tq", str(path)], capture_output=True, check=False).returncode == 0  # noqa: S607


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(ARCHIVE) - 1), st.integers(1, 255))
def test_any_changed_byte_anywhere_is_found(position, mask):
    changed = bytearray(ARCHIVE)
    changed[position] ^= mask

    report = verify(bytes(changed))

    assert not report.ok
    assert all(fault.file and fault.message for fault in report.faults)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_changed_byte_of_a_file_names_the_file(data):
    _, files = plain_pack()
    file = data.draw(st.sampled_from(files))
    content = bytearray(file.read())
    at = data.draw(st.integers(0, len(content) - 1))
    start = ARCHIVE.index(file.path.encode() + bytes(content)) + len(file.path)
    changed = bytearray(ARCHIVE)
    changed[start + at] ^= data.draw(st.integers(1, 255))

    report = verify(bytes(changed))

    assert file.path in [fault.file for fault in report.faults]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(ARCHIVE) - 1))
def test_a_pack_cut_short_is_found(length):
    try:
        report = verify(ARCHIVE[:length])
    except verifier.NotAPackError:
        assert length < ARCHIVE.index(b"manifest.json") + len(b"manifest.json")
    else:
        assert not report.ok


@pytest.mark.parametrize("extra", [b"\0", b"x" * 100, ARCHIVE])
def test_bytes_before_or_behind_are_found(archive, extra):
    assert not verify(archive + extra).ok
    assert not verify(extra + archive).ok


def opened(archive: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files of a pack by their paths below data/, and those beside it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    bag = {name: members.pop(name) for name in verifier.BAG_FILES}
    return {name.removeprefix("data/"): content for name, content in members.items()}, bag


def repacked(change, archive: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    """The pack packed again by another program after ``change({path: bytes})``."""
    members, bag = opened(archive)
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as new:
        for name, content in (bag | {f"data/{name}": content for name, content in members.items()}).items():
            new.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def consistent(change, archive: bytes) -> bytes:
    """Like ``repacked``, with manifest, seal and archive put right afterwards: what a careful forger does."""
    members, _bag = opened(archive)
    head = json.loads(members.pop(verifier.MANIFEST))
    members.pop(verifier.SEAL)
    change(members)
    again = PackHead(head["organisation"], head["year"], head["sequence"], head["document_sha256"], head["previous_sha256"])
    return archive_of(again, [made(path, content) for path, content in members.items()])


NAMES = ["edition.yaml", "evidence/1.1.2/4-v1-register.pdf", "verify.py", "publication.json", "manifest.json", "manifest.sha256"]


@pytest.mark.parametrize("name", NAMES)
def test_a_removed_file_is_named(archive, name):
    report = verify(repacked(lambda members: members.pop(name), archive))

    assert name in [fault.file for fault in report.faults]


@pytest.mark.parametrize("name", ["evidence/1.1.2/4-v1-register.pdf", "verify.py"])
def test_a_renamed_file_is_named_under_both_names(archive, name):
    report = verify(repacked(lambda members: members.update({"evidence/other.pdf": members.pop(name)}), archive))

    assert {name, "evidence/other.pdf"} <= {fault.file for fault in report.faults}


@pytest.mark.parametrize(
    "name",
    [
        "extra.txt",
        "/etc/passwd",
        "../outside.txt",
        "evidence/../../outside.txt",
        "C:/x.txt",
        "evidence\\x.txt",
        "a//b",
        "evidence/.hidden",
        "x" * 250,
        "evidence/tab\t.pdf",
        "EDITION.YAML",
        "folder/",
        "näme.txt",
        "evidence/end.",
    ],
)
def test_an_added_file_is_named_whatever_its_name(archive, name):
    report = verify(repacked(lambda members: members.update({name: b"x"}), archive))

    assert not report.ok
    assert any(fault.file == name for fault in report.faults)


def test_a_file_in_the_archive_twice_is_named(archive):
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a") as opened, pytest.warns(UserWarning, match="Duplicate name"):
        opened.writestr("data/edition.yaml", b"schema: other\n")

    assert "edition.yaml" in [fault.file for fault in verify(out.getvalue()).faults]


def test_a_link_is_named(archive):
    def linked(members: dict[str, bytes]) -> None:
        members["edition.yaml"] = b"/etc/passwd"

    content = bytearray(repacked(linked, archive))
    at = content.rindex(b"data/edition.yaml") - 46 + 38
    content[at : at + 4] = ((stat.S_IFLNK | 0o777) << 16).to_bytes(4, "little")

    assert "edition.yaml" in [fault.file for fault in verify(bytes(content)).faults]


def test_packing_again_is_found_even_with_every_file_right(archive):
    assert not verify(repacked(lambda members: None, archive)).ok


def test_a_bomb_is_refused_unread(archive):
    bomb = repacked(lambda members: members.update({"edition.yaml": b"0" * 50_000_000}), archive, zipfile.ZIP_DEFLATED)

    report = verify(bomb)

    assert "compressed" in report.faults[0].message


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("publication.json", b'"numerator":1', b'"numerator":2'),
        ("evidence/1.1.2/4-v1-register.pdf", b"register", b"Register"),
        ("edition.yaml", b"x", b"y"),
        ("figures/3.2.1-2026-06-30-rows.json", b'"status":"lapsed"', b'"status":"current"'),
        ("audit/events.json", b"user:1", b"user:2"),
    ],
)
def test_a_careful_forger_who_mends_the_manifest_is_found(archive, name, old, new):
    report = verify(consistent(lambda members: members.update({name: members[name].replace(old, new)}), archive))

    assert name in [fault.file for fault in report.faults]


def with_manifest(content: bytes, archive: bytes) -> verifier.Report:
    members, _bag = opened(archive)
    members[verifier.MANIFEST] = content
    members[verifier.SEAL] = verifier.seal(hashlib.sha256(content).hexdigest())
    seen = {name: verifier.measure([content])[0] for name, content in members.items()}
    return verifier.check(seen, members.__getitem__)


def manifest_of(archive: bytes) -> dict:
    return json.loads(opened(archive)[0][verifier.MANIFEST])


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tenfold-pack/1"},
        {"extra": 1},
        {"sequence": "1"},
        {"sequence": True},
        {"sequence": 0},
        {"files": {}},
        {"files": []},
        {"organisation": None},
        {"document_sha256": "A" * 64},
        {"previous_sha256": "0"},
    ],
)
def test_a_manifest_is_read_strictly(archive, change):
    report = with_manifest(canonical_json(manifest_of(archive) | change), archive)

    assert not report.ok


@pytest.mark.parametrize(
    "change",
    [{"size": 1.0}, {"size": -1}, {"size": True}, {"sha256": "x"}, {"note": "more"}, {"path": "../x"}, {"path": "manifest.json"}],
)
def test_an_entry_of_a_manifest_is_read_strictly(archive, change):
    manifest = manifest_of(archive)
    manifest["files"][0] |= change

    assert not with_manifest(canonical_json(manifest), archive).ok


def test_a_manifest_written_in_another_way_is_refused(archive):
    manifest = manifest_of(archive)
    twice = canonical_json(manifest).replace(b'{"document', b'{"sequence":1,"document', 1)

    assert "stands twice" in with_manifest(twice, archive).faults[0].message
    assert not with_manifest(json.dumps(manifest).encode(), archive).ok
    assert not with_manifest(canonical_json(manifest) + b" ", archive).ok
    assert not with_manifest(b"[" * 100_000, archive).ok
    assert not with_manifest(canonical_json(manifest).replace(b'"sequence":1', b'"sequence":NaN'), archive).ok
    manifest["files"].reverse()
    assert not with_manifest(canonical_json(manifest), archive).ok


@pytest.mark.parametrize(
    ("people", "tallies"),
    [
        ([], (0, 0, None)),
        ([("in", "current")] * 3, (3, 3, "100.0")),
        ([("in", "current"), ("in", "lapsed"), ("unknown_access", "not_started")], (1, 3, "33.3")),
        ([("in", "current")] * 2 + [("in", "in_progress")], (2, 3, "66.6")),
    ],
)
def test_people_are_added_up_and_percentages_rounded_down(people, tallies):
    rows = [{"scope": scope, "status": status} for scope, status in people]
    found = verifier.tally(rows)

    assert (found["current"], found["in_scope"], found["percent"]) == tallies


@pytest.mark.parametrize(
    ("people", "changes"),
    [
        ([("in", "current")], {"numerator": 0, "percent": "0.0"}),
        ([("in", "current"), ("in", "lapsed")], {"denominator": 1, "percent": "100.0"}),
        ([("in", "current"), ("in", "lapsed"), ("in", "lapsed")], {"percent": "33.4"}),
        ([("no_access", "")], {"percent": "100.0"}),
        ([("in", "current"), ("in", "lapsed", "away")], {"denominator": 1, "percent": "100.0"}),
    ],
)
def test_rows_that_do_not_add_up_to_the_headline_are_found(people, changes):
    assert verify(archive_of(*plain_pack(reading_of(*people)))).ok
    report = verify(archive_of(*plain_pack(reading_of(*people, **changes))))

    assert {fault.file for fault in report.faults} == {"figures/3.2.1-2026-06-30-rows.json"}


@pytest.mark.parametrize("key", ["in_scope", "current", "lapsed", "in_progress", "not_started"])
def test_every_count_of_a_reading_is_checked_gross_and_net(key):
    sound = reading_of(("in", "current"), ("in", "lapsed", "away"))
    gross = digested(sound | {key: sound[key] + 1})
    net = digested(sound | {"net": sound["net"] | {key: sound["net"][key] + 1}})

    assert f"“{key}” (gross)" in verify(archive_of(*plain_pack(gross))).faults[0].message
    assert f"“{key}” (net)" in verify(archive_of(*plain_pack(net))).faults[0].message


def test_a_reading_whose_digest_does_not_cover_it_is_found():
    reading = reading_of(("in", "current")) | {"definition": ["Anybody"]}

    assert "digest" in verify(archive_of(*plain_pack(reading))).faults[0].message


def test_people_away_leave_the_net_headline():
    people = [("in", "current"), ("in", "lapsed", "away")]

    assert reading_of(*people, figure="net")["headline"]["percent"] == "100.0"
    assert verify(archive_of(*plain_pack(reading_of(*people, figure="net")))).ok


def test_somebody_counted_twice_is_found():
    reading = reading_of(("in", "current"), ("in", "current"))
    reading["rows"][1]["person"] = 1

    assert "twice" in verify(archive_of(*plain_pack(digested(reading)))).faults[0].message


def test_a_document_that_names_another_previous_one_is_found():
    head, files = plain_pack(previous_sha256="1" * 64)

    assert "another previous publication" in verify(archive_of(head, files)).faults[0].message


@pytest.mark.parametrize("path", ["../x", "/x", "a\\b", "manifest.json", "evidence/ä.pdf", "", "a/", ".x"])
def test_a_pack_with_a_misleading_name_is_not_made(path):
    head, files = plain_pack()

    with pytest.raises(PackRefusedError, match="not a name"):
        archive_of(head, [*files, made(path, b"x")])


def test_a_pack_with_two_files_of_one_name_is_not_made():
    head, files = plain_pack()

    with pytest.raises(PackRefusedError, match="same name"):
        archive_of(head, [*files, made("Edition.yaml", b"x")])


def test_a_file_that_changed_since_stops_the_pack_and_leaves_nothing(tmp_path):
    head, files = plain_pack()
    false = PackMember("evidence/x.pdf", "0" * 64, 1, "application/pdf", "x", lambda: b"x")
    out = tmp_path / "pack.zip"

    with pytest.raises(PackRefusedError, match="no longer the file"):
        write_pack(head, [*files, false], out)

    assert list(tmp_path.iterdir()) == []


def test_the_verifier_in_the_pack_stands_alone(archive, tmp_path):
    """Another interpreter without our packages runs the very file that is in the pack."""
    pack, folder = tmp_path / "pack.zip", tmp_path / "out"
    pack.write_bytes(archive)
    with zipfile.ZipFile(pack) as opened:
        opened.extractall(folder)

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", "-S", str(folder / "data/verify.py"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.stderr == ""
        return done.returncode, done.stdout

    assert run(str(pack))[0] == 0
    assert run() == run(str(folder))
    assert run()[0] == 0
    (folder / "data/evidence/1.1.2/4-v1-register.pdf").write_bytes(b"%PDF-1.7 Register")
    (folder / "data/evidence/link.pdf").symlink_to("/etc/passwd")
    code, said = run()
    assert code == 1
    assert "FAULT  evidence/1.1.2/4-v1-register.pdf" in said
    assert "FAULT  evidence/link.pdf: It is a link" in said
    (tmp_path / "notes.txt").write_text("no pack")
    assert run(str(tmp_path / "notes.txt"))[0] == 2
    assert run(str(tmp_path / "nothing.zip"))[0] == 2


# --- the bag ---


def unpacked(archive: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(archive)) as pack:
        pack.extractall(folder)
    return folder


def test_an_archivists_tool_finds_it_whole_and_finds_a_change(archive, tmp_path):
    folder = unpacked(archive, tmp_path / "bag")
    bag = bagit.Bag(str(folder))

    assert bag.validate()
    assert (bag.info["Source-Organization"], bag.algorithms) == ("VX1", ["sha256"])
    (folder / "data/evidence/1.1.2/4-v1-register.pdf").write_bytes(b"%PDF-1.7 Register")
    with pytest.raises(bagit.BagValidationError, match="4-v1-register"):
        bagit.Bag(str(folder)).validate()
    (folder / "data/evidence/1.1.2/4-v1-register.pdf").write_bytes(b"%PDF-1.7 register")
    (folder / "bag-info.txt").write_text("Source-Organization: VX2\n")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(folder)).validate()


@pytest.mark.parametrize("name", verifier.BAG_FILES)
def test_our_verifier_reads_the_files_of_the_bag_too(archive, tmp_path, name):
    folder = unpacked(archive, tmp_path / "bag")
    (folder / name).write_bytes((folder / name).read_bytes().replace(b"VX1", b"VX2") + b"\n")

    assert [fault.file for fault in verifier.verify_folder(folder).faults] == [name]
    (folder / name).unlink()
    assert [fault.file for fault in verifier.verify_folder(folder).faults] == [name]


def test_a_file_beside_the_payload_is_named(archive, tmp_path):
    folder = unpacked(archive, tmp_path / "bag")
    (folder / "notes.txt").write_text("x")

    assert [fault.file for fault in verifier.verify_folder(folder).faults] == ["notes.txt"]


@pytest.mark.parametrize("name", ["../../x", "..\\..\\x", "/etc/passwd", "....//x.pdf", ".", "..", "a/../../b.pdf", "\u202e.pdf"])
def test_evidence_with_a_hostile_name_has_a_plain_one_in_the_pack(name):
    version = SimpleNamespace(document_id=7, number=1, file_name=name)

    path = evidence_path("1.1.1", SimpleNamespace(document_version=version))

    assert path.startswith("evidence/1.1.1/7-v1-")
    assert path.count("/") == 2
    assert verifier.is_safe_path(path)


# --- packs of publications ---


def run_command(name: str, *arguments: object) -> tuple[int, dict]:
    out, code = io.StringIO(), 0
    try:
        call_command(name, *map(str, arguments), "--json", stdout=out, stderr=io.StringIO())
    except SystemExit as stop:
        code = int(stop.code)
    return code, json.loads(out.getvalue())


def test_a_publication_becomes_a_pack_that_verifies(publication, tmp_path):
    out = tmp_path / "pack.zip"
    arguments = ("--organisation", publication.organisation.ods_code, "--year", "2025-26", "--out", out)

    code, result = run_command("evidence_pack", *arguments)
    checked_code, checked = run_command("verify_pack", out)

    assert code == 0
    assert result["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert checked["faults"] == []
    assert (checked_code, checked["ok"]) == (0, True)
    assert checked["publication"] == {
        "organisation": publication.organisation.ods_code,
        "year": "2025-26",
        "sequence": 1,
        "document_sha256": publication.document_sha256,
        "previous_sha256": "",
    }
    members, _bag = opened(out.read_bytes())
    names = list(members)
    document = json.loads(members["publication.json"])
    events = json.loads(members["audit/events.json"])
    readme = members["README.txt"].decode()
    assert {"README.txt", "return.pdf", "workbook.xlsx", "verify.py", "edition.yaml", "manifest.json"} <= set(names)
    assert len([name for name in names if name.startswith("evidence/")]) == 1, "one file for two items is there once"
    assert {file["path"] for file in document["files"]} < set(names)
    assert [event["type"] for event in events["events"]][-1] == "signoff.given"
    assert publication.document_sha256 in readme
    run_again, _ = run_command("evidence_pack", *arguments[:-1], tmp_path / "again.zip")
    assert run_again == 0
    assert (tmp_path / "again.zip").read_bytes() == out.read_bytes()


def test_the_page_that_starts_a_pack_leads_to_every_file_and_to_nothing_outside(publication, tmp_path):
    packs.build_pack(publication, tmp_path / "pack.zip")
    members, _bag = opened((tmp_path / "pack.zip").read_bytes())
    page = html.document_fromstring(members["00-start-here.html"])
    links = [link for _element, _attribute, link, _place in page.iterlinks()]
    inside = {link.removeprefix("#") for link in links if link.startswith("#")}

    assert {link for link in links if not link.startswith("#")} == members.keys() - {
        "00-start-here.html",
        "manifest.json",
        "manifest.sha256",
    }
    assert inside == {element.get("id") for element in page.xpath("//*[@id]")}
    assert not page.xpath("//script | //link | //img | //@style")
    document = json.loads(members["publication.json"])
    words = page.text_content()
    for wanted in (publication.organisation.name, document["statement"], "1.1.1", "58 of 60", publication.document_sha256):
        assert wanted in words
    assert "#panic(1) *bold*" in words


def test_a_changed_pack_of_a_publication_ends_with_1_and_names_the_file(publication, tmp_path):
    out = tmp_path / "pack.zip"
    packs.build_pack(publication, out)
    content = bytearray(out.read_bytes())
    content[content.index(f.pdf()) + 20] ^= 1
    out.write_bytes(content)

    code, result = run_command("verify_pack", out)

    assert code == 1
    assert result["ok"] is False
    assert result["faults"][0]["file"].startswith("evidence/1.3.1/")


def test_what_is_no_pack_ends_with_2(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as other:
        other.writestr("c.txt", "x")

    assert run_command("verify_pack", tmp_path / "a.txt")[0] == 2
    assert run_command("verify_pack", tmp_path / "b.zip")[0] == 2
    assert run_command("verify_pack", tmp_path / "nothing.zip")[0] == 2
    assert run_command("verify_pack", tmp_path)[0] == 2


@pytest.mark.django_db
def test_a_pack_of_nothing_is_refused(organisation, tmp_path):
    out = tmp_path / "pack.zip"

    assert run_command("evidence_pack", "--organisation", "ZZ999", "--year", "2025-26", "--out", out)[0] == 2
    assert run_command("evidence_pack", "--organisation", organisation.ods_code, "--year", "2025-26", "--out", out)[0] == 2
    assert not out.exists()


def test_a_pack_that_cannot_be_written_is_refused(publication, tmp_path):
    out = tmp_path / "no" / "such" / "place.zip"

    code, result = run_command(
        "evidence_pack", "--organisation", publication.organisation.ods_code, "--year", "2025-26", "--out", out
    )

    assert code == 2
    assert "place.zip cannot be written" in result["refused"]


def test_the_pack_is_downloaded_as_it_would_be_written(publication, sign_in, tmp_path):
    packs.build_pack(publication, tmp_path / "pack.zip")
    client = sign_in(publication.organisation, Role.AUDITOR)

    response = client.get(reverse("assessment:pack_download", args=[publication.pk]), follow=True)
    content = b"".join(response.streaming_content)

    assert content == (tmp_path / "pack.zip").read_bytes()
    assert int(response["Content-Length"]) == len(content)
    assert response["Content-Disposition"].startswith('attachment; filename="dspt-2025-26-')
    assert Event.objects.filter(type="publication.pack_downloaded", actor=f"user:{client.user.pk}").exists()


def test_no_pack_is_handed_out_when_a_file_was_changed(publication, sign_in):
    damaged = publication.files.get(path="return.pdf").blob
    path = blobs.path_of(damaged.sha256)
    sound = path.read_bytes()
    path.write_bytes(b"%PDF-other")
    client = sign_in(publication.organisation, Role.AUDITOR)

    response = client.get(reverse("assessment:pack_download", args=[publication.pk]), follow=True)
    path.write_bytes(sound)

    assert response.status_code == 500
    assert "missing or was changed" in response.content.decode()


def test_the_pack_of_others_is_not_there(publication, other_organisation, sign_in):
    page = reverse("assessment:pack_download", args=[publication.pk])

    assert sign_in(other_organisation, Role.DSPT_LEAD).get(page).status_code == 404
    assert sign_in(publication.organisation, Role.STAFF).get(page).status_code == 403


# --- what must hold of publications ---


def broken(name: str) -> list[str]:
    code, result = run_command("check_invariants", "--only", f"assessment.{name}")
    rows = [row["row"] for row in result["invariants"][0]["rows"]]
    assert code == bool(rows)
    return rows


NAMES_OF_INVARIANTS = ("publications_rehash", "publications_follow_each_other", "publication_files_are_whole")


def test_a_publication_that_was_tampered_with_is_found(publication, tmp_path):
    assert [broken(name) for name in NAMES_OF_INVARIANTS] == [[], [], []]
    report, document = publication.files.get(path="return.pdf"), blobs.path_of(publication.document_id)
    sound = document.read_bytes()
    document.write_bytes(sound.replace(b'"sequence":1', b'"sequence":2'))
    kept = blobs.path_of(report.blob_id).rename(tmp_path / "return.pdf")

    assert broken("publications_rehash") == [f"assessment.publication:{publication.pk}"]
    assert broken("publication_files_are_whole") == [f"assessment.publicationfile:{report.pk}"]
    document.write_bytes(sound)
    kept.rename(blobs.path_of(report.blob_id))


def test_a_publication_that_follows_nothing_is_found(publication):
    force = "UPDATE assessment_publication SET previous_sha256 = %s"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER assessment_publication_no_update")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE assessment_publication DISABLE TRIGGER USER")
        cursor.execute(force, ["1" * 64])

    assert broken("publications_follow_each_other") == [f"assessment.publication:{publication.pk}"]
    assert broken("publications_rehash") == [f"assessment.publication:{publication.pk}"]
