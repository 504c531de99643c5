"""A document that counts as evidence and whose bytes no pack carries."""

import io
import json
import subprocess
import sys
import zipfile

import bagit
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import escape
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.enums import Role
from accounts.models import Membership
from assessment import pack, services, verifier
from assessment.models import Withholding
from assessment.publishing import gather_files
from assessment.states import StepRefusedError
from audit.canonical import canonical_json
from audit.models import Event
from evidence import blobs
from evidence import services as library
from tests.assessment import helpers as h
from tests.assessment.library import bring_in, published
from tests.evidence import files as f
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
WHY = "It lists weaknesses that are not mended yet."
ITEM = "1.3.1"


@pytest.fixture
def report(organisation, lead):
    return report_of(organisation, lead, "Penetration test")


@pytest.fixture
def link(assessment, report, lead):
    return services.attach_evidence(h.response(assessment, ITEM), report, by=lead, at=NOW)


def report_of(organisation, by, title, content=None):
    return bring_in(organisation, by, title=title, kind="other", file=(content or f.pdf(), f"{title}.pdf"), effective_on=None)


def withhold(link, by, *, reason=WHY, auditors_may_open=False):
    return services.withhold_document(link, reason=reason, auditors_may_open=auditors_may_open, by=by, at=NOW)


def test_the_pack_says_what_is_withheld_and_does_not_carry_it(
    organisation, assessment, link, report, lead, lead_client, tmp_path
):
    """The same bytes under another document's name stay out too; what is not withheld is there."""
    twin = report_of(organisation, lead, "The same under another name")
    open_one = report_of(organisation, lead, "Summary", f.pdf(b"<< /Type /Nothing >>"))
    for version in (twin, open_one):
        services.attach_evidence(h.response(assessment, "1.3.7"), version, by=lead, at=NOW)
    withhold(link, lead)

    publication = published(assessment, lead)

    document = json.loads(blobs.read(publication.document))
    path = f"evidence/{ITEM}/{report.document_id}-v1-penetration-test.pdf"
    assert document["withheld"] == [
        {
            "path": path,
            "sha256": report.blob_id,
            "size": len(f.pdf()),
            "media_type": "application/pdf",
            "title": "Penetration test version 1",
            "reason": WHY,
        }
    ]
    said = {"document": f"document:{report.document_id}", "reason": WHY, "auditors_may_open": False}
    assert document["content"]["withheld"] == [said]
    out = tmp_path / "pack.zip"
    pack.build_pack(publication, out)
    checked = verifier.verify_file(out)
    assert checked.faults == []
    assert checked.withheld == (f"Withheld: {path}, {len(f.pdf())} bytes, SHA-256 {report.blob_id}. Reason given: {WHY}",)
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "bag")
        readme = archive.read("data/README.txt").decode()
        start = archive.read("data/00-start-here.html").decode()
        sheet = load_workbook(io.BytesIO(archive.read("data/workbook.xlsx")))["Evidence"]
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(archive.read("data/return.pdf"))).pages)
        assert not any(archive.read(name) == f.pdf() for name in names)
    assert f"data/evidence/1.3.7/{open_one.document_id}-v1-summary.pdf" in names
    assert bagit.Bag(str(tmp_path / "bag")).is_valid()
    assert path in readme
    assert WHY in readme
    assert f"Not in this pack: {escape(WHY)}" in start
    assert path not in start
    assert [row[8] for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] == ITEM] == [f"Withheld: {WHY}"]
    assert "Withheld from the pack" in text
    alone = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "bag/data/verify.py"), str(out)], capture_output=True, text=True, check=False
    )
    assert alone.returncode == 0
    assert f"Withheld: {path}" in alone.stdout
    page = lead_client.get(reverse("assessment:publication_detail", args=[publication.pk])).text
    assert "Withheld from the pack" in page
    assert WHY in page


def test_the_same_bytes_are_withheld_where_they_come_first_under_another_name(organisation, assessment, link, report, lead):
    twin = report_of(organisation, lead, "The same under another name")
    services.attach_evidence(h.response(assessment, "1.1.1"), twin, by=lead, at=NOW)
    withhold(link, lead)

    files, withheld = gather_files(h.whole(assessment))

    assert report.blob_id == twin.blob_id
    assert report.blob_id not in {file.blob.sha256 for file in files}
    assert [(one.file.blob.sha256, one.reason) for one in withheld] == [(report.blob_id, WHY)]


def test_the_verifier_finds_a_withheld_file_put_back_and_one_left_out_in_silence():
    content = b"a report"
    made = pack.PackMember.of("evidence/1.1.1/1-v1-x.txt", content, media_type="text/plain", title="X")
    line = {"path": made.path, "sha256": made.sha256, "size": made.size, "media_type": made.media_type, "title": made.title}
    item = {"number": "1.1.1", "figure": None, "evidence": [{"sha256": made.sha256}, {"sha256": None}]}
    sound = {"previous_sha256": "", "files": [], "withheld": [line | {"reason": WHY}], "content": {"items": [item]}}

    def faults(document, *others):
        bytes_of = canonical_json(document)
        said = pack.PackMember.of(verifier.DOCUMENT, bytes_of, media_type="application/json", title="R")
        head = pack.PackHead("VX1", "2025-26", 1, said.sha256, "")
        return [
            f"{one.file}: {one.message}" for one in pack.verify_bytes(b"".join(pack.pack_chunks(head, [said, *others]))).faults
        ]

    assert faults(sound) == []
    assert faults(sound, made) == [f"{made.path}: It is in the pack, and the publication says that it was withheld."]
    assert faults({**sound, "withheld": []}) == [
        "publication.json: Evidence for 1.1.1 is neither in the pack nor said to be withheld."
    ]
    assert faults({**sound, "withheld": [line | {"reason": " "}]}) == [
        f"publication.json: It does not say what the withheld file '{made.path}' is, and why it is withheld."
    ]


def test_it_goes_on_counting_can_be_undone_and_is_part_of_what_is_signed(organisation, assessment, link, lead):
    before = h.whole(assessment)
    first = withhold(link, lead)

    after = h.whole(assessment)
    assert after.verdicts == before.verdicts
    assert after.digest != before.digest
    assert withhold(link, lead) == first, "the same again"
    newer = library.add_version(link.document_version.document, file=(f.png(), "t.png"), received_on=TODAY, by=lead, at=NOW)
    library.approve_version(newer, by=lead, at=NOW)
    services.repin_evidence(link, by=lead, at=NOW)
    assert link.document_version.document_id in h.whole(assessment).withheld, "a newer version is withheld as well"

    services.restore_document(link, by=lead, at=NOW)
    services.restore_document(link, by=lead, at=NOW)

    assert h.whole(assessment).withheld == {}
    kinds = Event.objects.filter(type__in=["assessment.evidence_withheld", "assessment.evidence_restored"])
    assert list(kinds.order_by("sequence").values_list("type", flat=True)) == [
        "assessment.evidence_withheld",
        "assessment.evidence_restored",
    ]


def test_it_needs_a_reason_a_file_and_a_return_in_work(organisation, assessment, link, lead):
    paper = services.attach_evidence(h.response(assessment, "1.3.7"), h.evidence(organisation, lead), by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match="Say why the pack goes out without"):
        withhold(link, lead, reason=" ")
    with pytest.raises(services.AssessmentRefusedError, match="is not a file here, so no pack carries it"):
        withhold(paper, lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Withholding.objects.create(assessment=assessment, document=link.document_version.document, is_withheld=True, at=NOW)
    h.training_course()
    h.answer_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)

    with pytest.raises(StepRefusedError):
        withhold(link, lead)
    with pytest.raises(StepRefusedError):
        services.restore_document(link, by=lead, at=NOW)


def test_a_corrected_return_and_next_years_begin_with_what_was_withheld(organisation, assessment, link, report, lead):
    withhold(link, lead, auditors_may_open=True)
    other = report_of(organisation, lead, "Plan of the network", f.pdf(b"<< /Type /Plan >>"))
    decided_otherwise = services.attach_evidence(h.response(assessment, "1.3.7"), other, by=lead, at=NOW)
    withhold(decided_otherwise, lead)
    services.restore_document(decided_otherwise, by=lead, at=NOW)
    taken_off = services.attach_evidence(h.response(assessment, "1.1.1"), other, by=lead, at=NOW)
    services.retire_evidence(taken_off, by=lead, at=NOW)
    published(assessment, lead)

    corrected = h.opened(organisation, lead)
    h.shipped_edition("2026-27")
    following = h.opened(organisation, lead, year="2026-27")

    assert not h.response(corrected, "1.1.1").evidence_links.exists(), "what was taken off stays off"
    for again in (corrected, following):
        assert set(h.whole(again).withheld) == {report.document_id}
        decided = h.whole(again).withheld[report.document_id]
        assert (decided.reason, decided.auditors_may_open, decided.by) == (WHY, True, lead)


def test_the_lead_withholds_on_the_page_and_an_auditor_opens_it_only_where_that_is_said(
    lead_client, sign_in, other_organisation, organisation, assessment, link, report
):
    address = reverse("assessment:evidence_withhold", args=[assessment.pk, link.pk])
    item = reverse("assessment:response_detail", args=[assessment.pk, link.response_id])
    file = reverse("evidence:version_download", args=[report.pk])
    auditor = sign_in(organisation, Role.AUDITOR)
    assert auditor.get(file, follow=True).status_code == 200

    form = lead_client.get(address).text
    assert "for every item it is attached to: 1.3.1." in form
    wrong = lead_client.post(address, {}).text
    assert "Say why the pack goes out without it." in wrong
    assert "Choose whether auditors may open it here." in wrong
    said = lead_client.post(address, {"reason": WHY, "auditors_may_open": "no"}, follow=True).text

    assert "The pack will go out without “Penetration test”." in said
    assert "Not in the pack" in said
    assert f"{WHY} Auditors may not open it here." in said
    assert lead_client.get(file, follow=True).status_code == 200
    seen = auditor.get(item).text
    assert WHY in seen
    behind = reverse("assessment:evidence_file", args=[link.pk])
    assert behind not in seen
    assert auditor.get(behind).status_code == 404
    assert auditor.get(file).status_code == 404
    assert auditor.get(reverse("evidence:document_detail", args=[report.document_id])).status_code == 404
    assert "Penetration test" not in auditor.get(reverse("evidence:document_list")).text

    Membership.objects.create(user=lead_client.user, organisation=organisation, role=Role.AUDITOR, granted_at=NOW)
    assert lead_client.get(file, follow=True).status_code == 200, "who leads the return may, auditor or not"

    lead_client.post(address, {"reason": WHY, "auditors_may_open": "yes"})
    assert auditor.get(file, follow=True).status_code == 200
    lead_client.post(address, {"reason": WHY, "auditors_may_open": "no"})
    restored = lead_client.post(reverse("assessment:evidence_restore", args=[assessment.pk, link.pk]), follow=True).text

    assert "“Penetration test” goes into the pack again." in restored
    assert auditor.get(file, follow=True).status_code == 200
    stranger = sign_in(other_organisation, Role.DSPT_LEAD)
    assert stranger.post(address, {"reason": WHY, "auditors_may_open": "no"}).status_code == 404
