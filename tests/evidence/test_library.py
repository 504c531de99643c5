"""The library as a whole: owners, approval, search inside files, uses, reviews, many files at once."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document as WordDocument
from openpyxl import Workbook

from accounts.enums import Capability, Role
from audit.models import AppendOnlyError, Event
from evidence import services, uses
from evidence.forms import DocumentForm, ManyFilesForm
from evidence.models import BlobWords, Document, DocumentState, DocumentVersion, WaitingFile
from evidence.owners import OwnerPost, holder_of
from evidence.queries import reviews
from evidence.reading import distinct, words_of
from evidence.uses import Use, uses_of
from jobs.models import Job
from jobs.services import run
from nhsuk.components import component_of
from staff.enums import KeyPostKind
from tests.evidence import files as f
from tests.factories import NOW, TODAY, KeyPostFactory, member

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def lead(organisation):
    return member(organisation, Role.DSPT_LEAD)


@pytest.fixture
def keep(organisation, lead):
    def kept(title: str = "Policy", **values: object) -> DocumentVersion:
        values = {"kind": "policy", "received_on": TODAY, "location": "Cabinet"} | values
        return services.add_document(organisation, title=title, by=lead, at=NOW, **values)

    return kept


def word(text: str) -> bytes:
    document, out = WordDocument(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def workbook(text: str) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active["B2"] = text
    book.save(out)
    return out.getvalue()


def paper(text: str) -> bytes:
    from registers.writing import pdf
    from registers.writing.document import PolicyDocument
    from registers.writing.markup import blocks_of

    return pdf.render(PolicyDocument("T", "O", "V", (), tuple(blocks_of(text)), date(2026, 1, 1)))


def test_every_key_post_may_own_a_document():
    assert set(KeyPostKind.values) <= set(OwnerPost.values)


def test_the_holder_of_the_owning_post_is_named_for_the_date(organisation):
    KeyPostFactory(organisation=organisation, kind="dpo", holder_outside="Dee Officer", end=date(2026, 6, 1))

    assert holder_of(organisation, "dpo", on=TODAY) == "Dee Officer"
    assert holder_of(organisation, "dpo", on=date(2026, 6, 1)) == ""
    assert holder_of(organisation, "it", on=TODAY) == ""


def test_a_review_before_the_document_takes_effect_is_refused(keep):
    with pytest.raises(services.DocumentRefusedError, match="review date is before"):
        keep(effective_on=TODAY, review_by=TODAY - timedelta(days=1))

    assert keep(effective_on=TODAY, review_by=TODAY).review_by == TODAY


def test_a_state_follows_from_the_facts(keep, lead):
    version = keep()
    document = version.document
    states = [document.state]
    approval = services.approve_version(version, by=lead, at=NOW)
    states.append(Document.objects.get().state)
    services.add_version(document, by=lead, at=NOW, received_on=TODAY, location="Other cabinet")
    states.append(Document.objects.get().state)
    services.withdraw_document(document, reason="Old", by=lead, at=NOW)
    states.append(Document.objects.get().state)

    assert states == [DocumentState.DRAFT, DocumentState.APPROVED, DocumentState.DRAFT, DocumentState.WITHDRAWN]
    assert services.approve_version(version, by=lead, at=NOW) == approval
    with pytest.raises(AppendOnlyError):
        approval.delete()
    for state in (DocumentState.DRAFT, DocumentState.APPROVED, DocumentState.WITHDRAWN):
        assert Document.objects.in_state(state).count() == (state == DocumentState.WITHDRAWN)


def test_an_old_version_or_a_withdrawn_document_is_not_approved(keep, lead):
    first = keep()
    second = services.add_version(first.document, by=lead, at=NOW, received_on=TODAY, location="Here")
    with pytest.raises(services.DocumentRefusedError, match="newer version"):
        services.approve_version(first, by=lead, at=NOW)

    services.withdraw_document(first.document, reason="Old", by=lead, at=NOW)
    with pytest.raises(services.DocumentRefusedError, match="withdrawn"):
        services.approve_version(second, by=lead, at=NOW)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (word("Ask Zoë about the Kingfisher ward."), WORD),
        (workbook("Zoë, Kingfisher"), EXCEL),
        ("Zoë; Kingfisher".encode("cp1252"), "text/csv"),
        ("Kingfisher Zoë".encode("utf-16"), "text/plain"),
        (paper("## Kingfisher\n\nAsk Zoë."), "application/pdf"),
    ],
    ids=["word", "excel", "csv", "text", "pdf"],
)
def test_words_are_read_out_of_every_kind(content, media_type):
    words = words_of(content, media_type)

    assert " kingfisher" in words
    assert " zoe" in words


def test_a_file_that_breaks_its_reader_is_found_by_its_title_only():
    assert words_of(f.pdf(), "application/pdf") == ""
    assert words_of(b"not a document", WORD) == ""
    assert words_of(b"\x89PNG", "image/png") == ""


def test_distinct_words_are_kept_once_and_bounded():
    assert distinct("A policy. The POLICY, it’s Zoë's") == " policy the it’s zoe's "
    assert len(distinct(" ".join(f"word{n}" for n in range(50_000))).split()) == 20_000


def test_a_document_is_found_by_words_inside_its_file(keep, organisation, other_organisation, lead, sign_in):
    keep("Night plan", location="", file=(b"Ring the Kingfisher desk first.", "a.txt"))
    keep("Kingfisher rota", location="Office")
    services.add_document(
        other_organisation, title="Theirs", kind="other", by=lead, at=NOW, received_on=TODAY, file=(b"Kingfisher zz", "b.txt")
    )
    for job in Job.objects.all():
        run(job.pk)
        run(job.pk)

    page = sign_in(organisation, Role.AUDITOR).get(reverse("evidence:document_list"), {"title": "KINGF desk"}).content.decode()

    assert BlobWords.objects.count() == 2
    assert "Night plan" in page
    assert "Kingfisher rota" not in page
    assert "Theirs" not in page
    assert [d.title for d in Document.objects.filter(organisation=organisation).matching("kingfisher")] == [
        "Kingfisher rota",
        "Night plan",
    ]
    assert not Document.objects.matching("ingfisher desk").exists()


def test_only_the_newest_version_is_searched(keep, lead):
    version = keep(location="", file=(b"Old heron words", "a.txt"))
    services.add_version(version.document, by=lead, at=NOW, received_on=TODAY, file=(b"New kite words", "b.txt"))
    for job in Job.objects.all():
        run(job.pk)

    assert Document.objects.matching("kite").exists()
    assert not Document.objects.matching("heron").exists()


def test_the_calendar_has_what_is_overdue_and_what_comes_in_ninety_days(keep, organisation, lead):
    dates = {"late": -1, "today": 0, "edge": 90, "after": 91}
    for title, days in dates.items():
        keep(title, review_by=TODAY + timedelta(days=days))
    keep("none")
    services.withdraw_document(keep("gone", review_by=TODAY).document, reason="Old", by=lead, at=NOW)

    found = reviews(organisation, on=TODAY)

    assert [d.title for d in found.overdue] == ["late"]
    assert [d.title for documents in found.coming.values() for d in documents] == ["today", "edge"]
    assert found.without == 1


def test_uses_are_shown_to_those_who_may_see_the_place(keep, organisation, sign_in):
    version = keep()
    uses.register(
        "test", lambda organisation, ids: [Use(pk, "DSPT 1.3.1", "/somewhere/") for pk in ids], Capability.ASSESSMENT_VIEW
    )
    try:
        page = sign_in(organisation, Role.AUDITOR).get(reverse("evidence:document_detail", args=[version.document_id]))
        from accounts.policy import Access

        nobody = Access(member(organisation), organisation, frozenset({Role.STAFF}))
        assert "DSPT 1.3.1" in page.content.decode()
        assert uses_of([version.pk], access=nobody) == {version.pk: []}
    finally:
        uses._finders.pop("test")


def test_many_files_good_ones_kept_bad_ones_said(organisation, sign_in, keep, time_machine):
    time_machine.move_to(NOW)
    keep("Known already", location="", file=(f.pdf(), "old.pdf"))
    client = sign_in(organisation, Role.DSPT_LEAD)
    chosen = [
        SimpleUploadedFile("fire_plan.txt", b"In case of fire"),
        SimpleUploadedFile("bad.pdf", b"MZ" * 300),
        SimpleUploadedFile("same.pdf", f.pdf()),
        SimpleUploadedFile("unwanted.txt", b"Not this"),
    ]

    page = client.post(reverse("evidence:document_add_many"), {"chosen": chosen}, follow=True).content.decode()
    waiting = {one.file_name: one.pk for one in WaitingFile.objects.all()}
    answers = {f"file-{pk}-kind": "procedure" for pk in waiting.values()} | {f"file-{pk}-title": "" for pk in waiting.values()}
    answers |= {f"file-{waiting['fire_plan.txt']}-title": "Fire plan", f"file-{waiting['unwanted.txt']}-discard": "on"}
    client.post(reverse("evidence:waiting_list"), answers)

    assert "bad.pdf: The name ends in .pdf" in page
    assert "You already have this very file" in page
    assert 'value="fire plan"' in page
    assert [one.file_name for one in WaitingFile.objects.all()] == ["same.pdf"]
    assert Document.objects.get(title="Fire plan").kind == "procedure"
    assert sign_in(organisation, Role.DSPT_LEAD).get(reverse("evidence:waiting_list")).content.count(b"fieldset") == 0


def test_the_very_same_file_is_pointed_out(organisation, sign_in, keep):
    keep("Known already", location="", file=(f.pdf(), "old.pdf"))
    client = sign_in(organisation, Role.DSPT_LEAD)
    form = {"title": "Copy", "kind": "policy", "received_on_day": 1, "received_on_month": 5, "received_on_year": 2026}

    page = client.post(
        reverse("evidence:document_add"), form | {"file": SimpleUploadedFile("copy.pdf", f.pdf())}, follow=True
    ).content.decode()

    assert "already have this very file as “Known already”" in page


def test_details_change_and_versions_do_not(organisation, sign_in, keep):
    version = keep()
    client = sign_in(organisation, Role.DSPT_LEAD)
    page = reverse("evidence:document_change", args=[version.document_id])

    client.post(page, {"title": "=Fire plan", "kind": "procedure", "owner_post": "registered-manager"})
    client.post(page, {"title": "=Fire plan", "kind": "procedure", "owner_post": "registered-manager"})
    client.post(reverse("evidence:version_approve", args=[version.pk]))
    table = client.get(reverse("evidence:document_export")).content.decode()

    assert Event.objects.get(type="evidence.document_changed").summary["changed"] == "title, kind, owner post"
    assert "'=Fire plan,Procedure,Registered manager,Approved,1,2026-05-01" in table


@pytest.mark.parametrize("how_many", [1, 8])
def test_the_library_costs_the_same_however_long(organisation, sign_in, keep, how_many, django_assert_max_num_queries):
    for number in range(how_many):
        keep(f"D{number}")
    client = sign_in(organisation, Role.AUDITOR)

    with django_assert_max_num_queries(7):
        assert client.get(reverse("evidence:document_list")).content.count(b'class="nhsuk-table__row"') == how_many


def test_a_place_for_many_files_speaks_of_many_and_offers_only_what_is_taken():
    many, one = ManyFilesForm()["chosen"], DocumentForm()["file"]

    assert [component_of(many).params.get("chooseFilesButtonText"), component_of(one).params.get("chooseFilesButtonText")] == [
        "Choose files",
        None,
    ]
    assert component_of(many).params["attributes"]["accept"] == component_of(one).params["attributes"]["accept"]
