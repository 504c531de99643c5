"""Checks an evidence pack. It needs nothing but Python 3.9 or newer, so that nobody has to trust who made the pack.

    python verify.py PACK.zip      check the pack as it was handed over
    python verify.py               check the folder it was unpacked into, this file's own

Exit 0: nothing was changed. 1: something was, and every fault is named. 2: this is not an evidence pack.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

FORMAT = "tenfold-pack/2"
PAYLOAD = "data/"
BAG_FILES = ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")
"""A pack is a bag (RFC 8493): everything it speaks of lies below ``data/``, and these four say so to any archivist's tool."""
MANIFEST, SEAL, DOCUMENT = "manifest.json", "manifest.sha256", "publication.json"
EVENTS = "audit/events.json"
HEAD_KEYS = {"format", "organisation", "year", "sequence", "document_sha256", "previous_sha256", "files"}
FILE_KEYS = {"path", "sha256", "size", "media_type", "title"}
SHA256 = re.compile(r"[0-9a-f]{64}")
SAFE_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ -]{0,118}")
MAX_JSON_BYTES = 64 * 1024 * 1024
CHUNK = 1024 * 1024
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OverflowError, RuntimeError, OSError, struct.error)
"""What ``zipfile`` raises at archives that are not whole."""
ARCHIVE = "(the ZIP file itself)"


class NotAPackError(Exception):
    """The file or folder is not an evidence pack; the text says why."""


class Fault(NamedTuple):
    """What is wrong with one file."""

    file: str
    message: str


class Seen(NamedTuple):
    """What a file really is."""

    sha256: str
    size: int


class Report(NamedTuple):
    """The outcome: how many files were checked, what is wrong, and what the manifest says of itself."""

    files: int
    faults: list[Fault]
    head: dict[str, Any]
    withheld: tuple[str, ...] = ()
    """What the pack goes out without, in one line each."""

    @property
    def ok(self) -> bool:
        return not self.faults


# --- The archive: stored, sorted, without times or extras, so that the same files always give the same bytes -------------------


def local_header(name: bytes, crc: int, size: int) -> bytes:
    """What stands before a file's bytes in the archive."""
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x21, crc, size, size, len(name), 0) + name


def directory_entry(name: bytes, crc: int, size: int, offset: int) -> bytes:
    """A file's line in the directory at the end of the archive: a plain file that its owner may write."""
    fixed = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 0x314, 20, 0, 0, 0, 0x21, crc, size, size, len(name), 0, 0, 0, 0, 0o100644 << 16, offset
    )
    return fixed + name


def directory_end(count: int, size: int, offset: int) -> bytes:
    """The last bytes of the archive."""
    return struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def is_safe_path(path: str) -> bool:
    """Relative, plain ASCII, no ``..`` and nothing that any system reads in its own way."""
    parts = path.split("/")
    return len(path) <= 200 and all(SAFE_PART.fullmatch(part) and not part.endswith((".", " ")) for part in parts)


def shown(path: str) -> str:
    """How faults name a file: without the folder that everything of the publication lies in."""
    return path[len(PAYLOAD) :] if path.startswith(PAYLOAD) else path


def bag_files(payload: dict[str, Seen], head: dict[str, Any]) -> dict[str, bytes]:
    """What the four files of the bag must say, given the files below ``data/`` and the manifest among them."""
    told = {
        "External-Identifier": head["document_sha256"],
        "External-Description": f"DSPT {head['year']}, publication {head['sequence']}, with its evidence",
        "Source-Organization": head["organisation"],
        "Payload-Oxum": f"{sum(seen.size for seen in payload.values())}.{len(payload)}",
    }
    files = {
        "bagit.txt": "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{label}: {value}\n" for label, value in sorted(told.items())),
        "manifest-sha256.txt": "".join(f"{payload[path].sha256}  {PAYLOAD}{path}\n" for path in sorted(payload)),
    }
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    files["tagmanifest-sha256.txt"] = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    return {name: text.encode() for name, text in files.items()}


# --- Reading strictly ----------------------------------------------------------------------------------------------------


def canonical(content: Any) -> bytes:
    """JSON with sorted keys and no needless space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def strict_json(content: bytes) -> Any:
    """JSON in which no key stands twice and no number is out of bounds.

    Raises:
        ValueError: the bytes are something else.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise ValueError(f"the key {key!r} stands twice")
            found[key] = value
        return found

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not a number")

    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def head_faults(head: Any) -> Iterator[str]:
    """What is wrong with the form of a manifest."""
    if not isinstance(head, dict) or set(head) != HEAD_KEYS or head["format"] != FORMAT:
        yield f"It is not a manifest of the format {FORMAT}: it does not have exactly the keys that one has."
        return
    if not (isinstance(head["organisation"], str) and isinstance(head["year"], str)):
        yield "Its organisation or year is not text."
    if type(head["sequence"]) is not int or head["sequence"] < 1:
        yield "Its sequence is not a number from 1."
    if not _is_sha256(head["document_sha256"]) or not (head["previous_sha256"] == "" or _is_sha256(head["previous_sha256"])):
        yield "A hash in it is not a SHA-256."
    if not isinstance(head["files"], list) or not all(_is_entry(entry) for entry in head["files"]):
        yield "Its list of files is not in the form it should have."
    else:
        yield from _path_faults([entry["path"] for entry in head["files"]])


def _path_faults(paths: list[str]) -> Iterator[str]:
    if paths != sorted(set(paths)):
        yield "Its files are not listed once each and in order."
    for path in paths:
        if not is_safe_path(path) or path in (MANIFEST, SEAL):
            yield f"It lists {path!r}, which is not a name a pack may have."


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or set(entry) != FILE_KEYS or not _is_sha256(entry["sha256"]):
        return False
    texts = all(isinstance(entry[key], str) for key in ("path", "media_type", "title"))
    return texts and type(entry["size"]) is int and entry["size"] >= 0


def _is_sha256(value: Any) -> bool:
    return isinstance(value, str) and SHA256.fullmatch(value) is not None


# --- What a pack says, against what is in it ---------------------------------------------------------------------------------

Read = Callable[[str], bytes]


def check_bag(seen: dict[str, Seen], read: Read) -> Report:
    """Check a whole bag: what lies below ``data/``, which faults name without it, and the four files beside it."""
    payload = {path[len(PAYLOAD) :]: found for path, found in seen.items() if path.startswith(PAYLOAD)}
    report = check(payload, lambda path: read(PAYLOAD + path))
    outside = {path for path in seen if not path.startswith(PAYLOAD)}
    faults = [Fault(path, "It was added: a pack holds no such file.") for path in sorted(outside - set(BAG_FILES))]
    faults += [Fault(name, "It is missing.") for name in BAG_FILES if name not in outside]
    if report.head and not head_broken(report.head):
        for name, content in bag_files(payload, report.head).items():
            if name in outside and (seen[name].size != len(content) or read(name) != content):
                faults.append(Fault(name, "It does not say what the files below data/ are."))
    return Report(len(seen), report.faults + faults, report.head, report.withheld)


def head_broken(head: dict[str, Any]) -> bool:
    """Whether a manifest's own words are not of the form they should have."""
    return any(True for _ in head_faults(head))


def check(seen: dict[str, Seen], read: Read) -> Report:
    """Check the files of a pack against the manifest among them.

    Args:
        seen: what each file is, by path.
        read: gives the bytes of one of them.
    """
    faults: list[Fault] = [Fault(path, "Its name is not one a pack may have.") for path in sorted(seen) if not is_safe_path(path)]
    head, more = _read_head(seen, read)
    faults += more
    if not head:
        return Report(len(seen), faults, {})
    listed = {entry["path"]: entry for entry in head["files"]}
    present = set(seen) - {MANIFEST, SEAL}
    faults += [Fault(path, "It is missing.") for path in sorted(set(listed) - present)]
    faults += [Fault(path, "It was added: the manifest does not list it.") for path in sorted(present - set(listed))]
    for path in sorted(present & set(listed)):
        entry, found = listed[path], seen[path]
        if found.sha256 != entry["sha256"]:
            faults.append(Fault(path, f"It was changed: its SHA-256 is {found.sha256} and should be {entry['sha256']}."))
        elif found.size != entry["size"]:
            faults.append(Fault(path, f"It has {found.size} bytes and the manifest says {entry['size']}."))
    for path, inside in ((DOCUMENT, document_faults), (EVENTS, event_faults)):
        if path in present:
            faults += _checked_inside(path, inside, head, seen, read)
    if DOCUMENT not in listed:
        faults.append(Fault(DOCUMENT, "The manifest does not list it."))
    return Report(len(seen), faults, head, () if faults else withheld_words(strict_json(read(DOCUMENT))))


def withheld_words(document: Any) -> tuple[str, ...]:
    """What a sound publication says of the files that its pack goes out without."""
    return tuple(
        f"Withheld: {one['path']}, {one['size']} bytes, SHA-256 {one['sha256']}. Reason given: {one['reason']}"
        for one in document.get("withheld", ())
    )


def _read_head(seen: dict[str, Seen], read: Read) -> tuple[dict[str, Any], list[Fault]]:
    faults = []
    if MANIFEST not in seen:
        return {}, [Fault(MANIFEST, "It is missing.")]
    if SEAL not in seen:
        faults.append(Fault(SEAL, "It is missing."))
    elif read(SEAL) != seal(seen[MANIFEST].sha256):
        faults.append(Fault(MANIFEST, f"It, or {SEAL}, was changed: the two do not agree."))
    try:
        content = _bounded(seen, read, MANIFEST)
        head = strict_json(content)
        faults += [Fault(MANIFEST, message) for message in head_faults(head)]
    except ValueError as error:
        return {}, [*faults, Fault(MANIFEST, f"It cannot be read: {error}.")]
    if not any(fault.file == MANIFEST for fault in faults) and canonical(head) != content:
        faults.append(Fault(MANIFEST, "It is not written in the one way a manifest is written."))
    is_usable = (
        isinstance(head, dict) and isinstance(head.get("files"), list) and all(_is_entry(entry) for entry in head["files"])
    )
    return (head if is_usable and set(head) == HEAD_KEYS else {}), faults


def seal(manifest_sha256: str) -> bytes:
    """The content of the file that guards the manifest, in the form ``sha256sum -c`` reads."""
    return f"{manifest_sha256}  {MANIFEST}\n".encode()


def _bounded(seen: dict[str, Seen], read: Read, path: str) -> bytes:
    if seen[path].size > MAX_JSON_BYTES:
        raise ValueError("it is far too large")
    return read(path)


def _checked_inside(path: str, inside: Any, head: dict[str, Any], seen: dict[str, Seen], read: Read) -> list[Fault]:
    try:
        content = strict_json(_bounded(seen, read, path))
        return list(inside(content, head, seen, read))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [Fault(path, f"It does not say what it should: {type(error).__name__}: {error}.")]


def document_faults(document: Any, head: dict[str, Any], seen: dict[str, Seen], read: Read) -> Iterator[Fault]:
    """The frozen return: its own hash, the publication before it, and the files it speaks of."""
    if seen[DOCUMENT].sha256 != head["document_sha256"]:
        yield Fault(DOCUMENT, "Its SHA-256 is not the one under which it was published.")
    if canonical(document) != read(DOCUMENT):
        yield Fault(DOCUMENT, "It is not written in the one way a publication is written.")
    if document["previous_sha256"] != head["previous_sha256"]:
        yield Fault(DOCUMENT, "It names another previous publication than the manifest.")
    paths = {}
    for wanted in document["files"]:
        paths[wanted["sha256"]] = wanted["path"]
        found = seen.get(wanted["path"])
        if found is None or found.sha256 != wanted["sha256"]:
            yield Fault(wanted["path"], "It is not the file that the publication speaks of.")
    yield from withheld_faults(document, seen)
    for item in document["content"]["items"]:
        yield from register_faults(item)
        if item["figure"] is not None:
            yield from _figure_faults(item, paths.get(item["figure"]["rows_sha256"], ""), seen, read)


def withheld_faults(document: Any, seen: dict[str, Seen]) -> Iterator[Fault]:
    """Files withheld must say what they are and why, and be in the pack under no name; all other evidence must be in it."""
    packed = {found.sha256: path for path, found in seen.items()}
    withheld = document.get("withheld", [])
    for one in withheld:
        if set(one) != FILE_KEYS | {"reason"} or not _is_sha256(one["sha256"]) or not str(one["reason"]).strip():
            yield Fault(DOCUMENT, f"It does not say what the withheld file {one.get('path')!r} is, and why it is withheld.")
        elif one["sha256"] in packed:
            yield Fault(packed[one["sha256"]], "It is in the pack, and the publication says that it was withheld.")
    told = {one["sha256"] for one in (*document["files"], *withheld)}
    for item in document["content"]["items"]:
        for piece in item.get("evidence", ()):
            if piece["sha256"] is not None and piece["sha256"] not in told:
                yield Fault(DOCUMENT, f"Evidence for {item['number']} is neither in the pack nor said to be withheld.")


def register_faults(item: dict[str, Any]) -> Iterator[Fault]:
    """What registers said: each reading must carry the digest of what it says."""
    for reading in item.get("register_readings", ()):
        said = {key: value for key, value in reading.items() if key != "digest"}
        if hashlib.sha256(canonical(said)).hexdigest() != reading["digest"]:
            yield Fault(DOCUMENT, f"The register reading “{reading['key']}” of item {item['number']} was changed.")


def _figure_faults(item: dict[str, Any], path: str, seen: dict[str, Seen], read: Read) -> Iterator[Fault]:
    if path not in seen:
        yield Fault(DOCUMENT, f"The rows behind the figure of item {item['number']} are not in the pack.")
    else:
        yield from figure_faults(item["figure"], path, strict_json(_bounded(seen, read, path)))


def figure_faults(figure: dict[str, Any], path: str, reading: Any) -> Iterator[Fault]:
    """A training figure: what the publication says of it, and the rows it was counted from, must add up."""
    said = {key: value for key, value in reading.items() if key != "digest"}
    if hashlib.sha256(canonical(said)).hexdigest() != reading["digest"]:
        yield Fault(path, "Its digest does not cover what it says.")
    stated = {**reading["headline"], "as_of": reading["as_of"], "digest": reading["digest"]}
    for key in ("as_of", "numerator", "denominator", "percent", "digest"):
        if stated[key] != figure[key]:
            yield Fault(path, f"Its {key} is {stated[key]} and the publication says {figure[key]}.")
    yield from _row_faults(figure, path, reading)


def _row_faults(figure: dict[str, Any], path: str, reading: Any) -> Iterator[Fault]:
    if len({row["person"] for row in reading["rows"]}) != len(reading["rows"]):
        yield Fault(path, "Somebody stands in its rows twice.")
    gross = [row for row in reading["rows"] if row["scope"] in ("in", "unknown_access")]
    tallies = {"gross": tally(gross), "net": tally([row for row in gross if not row["left_out"]])}
    for name, counts in (("gross", reading), ("net", reading["net"])):
        wrong = [key for key, number in tallies[name].items() if counts[key] != number]
        yield from (Fault(path, f"Its rows do not add up to what it says for “{key}” ({name}).") for key in wrong)
    shown = tallies[reading["headline"]["figure"]]
    if (shown["current"], shown["in_scope"], shown["percent"]) != (figure["numerator"], figure["denominator"], figure["percent"]):
        yield Fault(path, "Its rows do not come to the figure that the publication states.")


def tally(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """People by where they stand, and the percentage, rounded down; None of nobody."""
    counts = {state: sum(row["status"] == state for row in rows) for state in ("current", "lapsed", "in_progress", "not_started")}
    tenths = counts["current"] * 1000 // len(rows) if rows else None
    percent = None if tenths is None else f"{tenths // 10}.{tenths % 10}"
    return {"in_scope": len(rows), **counts, "percent": percent}


def event_faults(extract: Any, head: dict[str, Any], seen: dict[str, Seen], read: Read) -> Iterator[Fault]:
    """The events: each must carry the hash of what it says and of the event before it."""
    before: dict[str, Any] | None = None
    for event in extract["events"]:
        said = {key: value for key, value in event.items() if key not in ("hash", "prev_hash")}
        if hashlib.sha256(event["prev_hash"].encode("ascii") + canonical(said)).hexdigest() != event["hash"]:
            yield Fault(EVENTS, f"Event {event['sequence']} was changed after it was recorded.")
        if before and event["sequence"] == before["sequence"] + 1 and event["prev_hash"] != before["hash"]:
            yield Fault(EVENTS, f"Event {event['sequence']} does not follow the event before it.")
        before = event


# --- Packs as files and as folders ------------------------------------------------------------------------------------------


def verify_file(path: Path) -> Report:
    """Check a pack as one ZIP file, down to its last byte.

    Raises:
        NotAPackError: it is something else.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return verify_archive(file)


def verify_archive(file: BinaryIO) -> Report:
    """Like :func:`verify_file`, for an open file."""
    if not _mentions_pack(file):
        raise NotAPackError("This file is not an evidence pack: it holds no manifest and no publication.")
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            faults = list(_directory_faults(members))
            if faults:
                return Report(len(members), faults, {})
            return _verify_members(archive, members, file)
    except UNREADABLE as error:
        return Report(0, [Fault(ARCHIVE, f"It is damaged or cut short ({error}).")], {})


def _mentions_pack(file: BinaryIO) -> bool:
    """Whether the bytes name a pack's own files, however damaged the rest is."""
    kept = b""
    for chunk in iter(lambda: file.read(CHUNK), b""):
        if any(name.encode() in kept + chunk for name in (SEAL, MANIFEST, DOCUMENT)):
            return True
        kept = chunk[-len(DOCUMENT) :]
    return False


def _directory_faults(members: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    """What the directory of the archive must not say; looked at before anything is read."""
    names: list[str] = []
    for member in members:
        name = member.orig_filename
        if name.casefold() in names:
            yield Fault(shown(name), "It is in the archive twice.")
        names.append(name.casefold())
        if not is_safe_path(name):
            yield Fault(shown(name), "Its name is not one a pack may have.")
        elif member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            yield Fault(shown(name), "It is compressed: files in a pack never are.")
        elif member.flag_bits & 1 or (member.external_attr >> 16) & 0o170000 not in (0, 0o100000):
            yield Fault(shown(name), "It is not a plain file.")


def _verify_members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: BinaryIO) -> Report:
    seen: dict[str, Seen] = {}
    crcs: dict[str, int] = {}
    faults: list[Fault] = []
    for member in members:
        try:
            with archive.open(member) as stored:
                seen[member.filename], crcs[member.filename] = measure(iter(lambda: stored.read(CHUNK), b""))
        except UNREADABLE as error:
            faults.append(Fault(shown(member.filename), f"It was changed or is cut short ({error})."))
    if faults:
        return Report(len(members), faults, {})
    report = check_bag(seen, archive.read)
    if report.ok:
        report.faults.extend(_layout_faults(file, seen, crcs))
    return report


def _layout_faults(file: BinaryIO, seen: dict[str, Seen], crcs: dict[str, int]) -> Iterator[Fault]:
    """Every byte outside the files must be what it would be if the pack were made again."""
    directory, offset = b"", 0
    for path in sorted(seen):
        name, size = path.encode("ascii"), seen[path].size
        header = local_header(name, crcs[path], size)
        file.seek(offset)
        if file.read(len(header)) != header:
            yield Fault(
                shown(path), "The file is right, but the archive was changed or packed again: what stands before it is not ours."
            )
            return
        directory += directory_entry(name, crcs[path], size, offset)
        offset += len(header) + size
    file.seek(offset)
    if file.read() != directory + directory_end(len(seen), len(directory), offset):
        yield Fault(ARCHIVE, "Its files are right, but its directory was changed or it was packed again.")


def verify_folder(folder: Path) -> Report:
    """Check a pack that was unpacked.

    Raises:
        NotAPackError: the folder holds no pack.
    """
    if not (folder / PAYLOAD).is_dir() and folder.name == PAYLOAD[:-1]:
        folder = folder.parent
    if not (folder / PAYLOAD / MANIFEST).exists() and not (folder / PAYLOAD / DOCUMENT).exists():
        raise NotAPackError(f"The folder {folder} is not an unpacked evidence pack.")
    seen, faults = {}, []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            faults.append(Fault(shown(name), "It is a link and not a file."))
        elif path.is_file():
            with path.open("rb") as file:
                seen[name] = measure(iter(lambda: file.read(CHUNK), b""))[0]
    report = check_bag(seen, lambda name: (folder / name).read_bytes())
    return Report(report.files, faults + report.faults, report.head)


def measure(chunks: Iterable[bytes]) -> tuple[Seen, int]:
    """The SHA-256, size and CRC of bytes."""
    sha256, size, crc = hashlib.sha256(), 0, 0
    for chunk in chunks:
        sha256.update(chunk)
        size += len(chunk)
        crc = zlib.crc32(chunk, crc)
    return Seen(sha256.hexdigest(), size), crc


def main(arguments: list[str]) -> int:
    """Say in words what was found, and return the exit code."""
    say = sys.stdout.write
    target = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        report = verify_folder(target) if target.is_dir() else verify_file(target)
    except (NotAPackError, OSError) as refusal:
        say(f"{refusal}\n")
        return 2
    for fault in report.faults:
        say(ascii(f"FAULT  {fault.file}: {fault.message}")[1:-1] + "\n")
    if report.ok:
        say(f"Nothing was changed: {report.files} files are as they were published.\n")
        say(f"Published return of {report.head['organisation']} for {report.head['year']}, number {report.head['sequence']}.\n")
        say(f"SHA-256 of the publication: {report.head['document_sha256']}\n")
        for line in report.withheld:
            say(ascii(line)[1:-1] + "\n")
        say("Compare this hash with the one the organisation gives you: only that tells whose pack this is.\n")
    else:
        say(f"{len(report.faults)} faults in {report.files} files. Do not rely on this pack.\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
