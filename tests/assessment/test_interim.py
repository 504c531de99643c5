"""The interim (baseline) return: who has one, what it asks, and that it is never the year's standard."""

import json
import re
import zipfile
from datetime import date
from io import BytesIO, StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from accounts.enums import Role
from assessment import services
from assessment.deadlines import _returns
from assessment.frozen import in_words
from assessment.models import Assessment, Publication, ResponseVersion
from assessment.pack import build_pack
from assessment.queries import read_return
from assessment.services.steps import begin_if_waiting
from assessment.standing import standing
from evidence import blobs
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, OrganisationFactory

YEAR = "2026-27"


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def trust(db):
    h.shipped_edition(YEAR, "caf")
    return OrganisationFactory(type="trust")


@pytest.fixture
def lead(trust):
    return h.lead_of(trust)


@pytest.fixture
def siro(trust):
    return h.registered_manager(trust, kind="siro")


def interim(trust, lead, *, year=YEAR):
    return services.open_year(trust, year, kind="interim", by=lead, at=NOW)


def judge_everything(assessment, by, *, but=()):
    """Every outcome at the lowest level: one bad sign is true."""
    leaves = [leaf for leaf in h.whole(assessment).leaves if leaf.number not in but]
    ResponseVersion.objects.bulk_create(
        ResponseVersion(
            response=leaf.response,
            n=leaf.version_number + 1,
            value={"kind": "outcome", "value": {"indicators": {leaf.spec.indicators["not_achieved"][0].id: True}}},
            author=by,
            at=NOW,
        )
        for leaf in leaves
    )


def published(assessment, lead, siro):
    begin_if_waiting(assessment, by=lead, at=NOW)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=siro, at=NOW)
    h.sign(assessment, siro)
    return services.publish(assessment, by=lead, at=NOW)


def test_only_bodies_on_the_outcome_route_have_one(organisation, trust, lead):
    h.shipped_edition(YEAR)

    assert interim(trust, lead).due_on == date(2026, 12, 31)
    with pytest.raises(services.AssessmentRefusedError, match="No interim return is asked of"):
        interim(organisation, h.lead_of(organisation))


def test_it_stands_beside_the_annual_one_but_not_twice(trust, lead):
    first = interim(trust, lead)
    annual = h.opened(trust, lead, year=YEAR)

    assert annual.due_on == date(2027, 6, 30)
    with pytest.raises(services.AssessmentRefusedError, match="An interim return for 2026-27 is open already"):
        interim(trust, lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=first.pk).update(kind="weekly")


def test_it_needs_a_level_for_every_outcome_and_nothing_else(trust, lead, siro):
    """An improvement plan does not stand in for a level; evidence and statements are not asked for."""
    assessment = interim(trust, lead)
    judge_everything(assessment, lead, but=("A1.a",))
    services.plan_action(h.response(assessment, "A1.a"), action="Judge it", owner_words="SIRO", due_on=TODAY, by=lead, at=NOW)
    with pytest.raises(services.AssessmentRefusedError, match=r"needs a level for every outcome\. Judge these first: A1\.a\."):
        services.submit_for_review(assessment, by=lead, at=NOW)
    first = h.whole(assessment).leaf(h.response(assessment, "A1.a").pk).spec.indicators["not_achieved"][0].id
    services.answer(h.response(assessment, "A1.a"), value={"indicators": {first: True}}, expected_version=0, by=lead, at=NOW)

    publication = published(assessment, lead, siro)

    assert (publication.computed_standard, publication.trace) == ("", [])
    assert publication.sign_off.computed_standard == ""
    assert {warning["code"] for warning in publication.sign_off.warnings} == {"provisional"}
    document = json.loads(blobs.read(publication.document))
    assert (document["standard"], document["content"]["kind"], document["trace"]) == (None, "interim", [])


def test_a_published_interim_is_never_the_years_standard(trust, lead, siro):
    first = interim(trust, lead)
    judge_everything(first, lead)
    publication = published(first, lead, siro)

    annual = h.opened(trust, lead, year=YEAR)

    assert read_return(annual, on=TODAY).published_levels == frozenset()
    told = standing(Assessment.objects.get(pk=first.pk), today=TODAY)
    assert (told["kind"], told["computed_standard"], told["trace"]) == ("interim", None, [])
    assert h.whole(annual).standard.level == "not_met"
    answered = [leaf.current.origin for leaf in h.whole(annual).leaves]
    assert set(answered) == {"copied"}

    full = published(annual, lead, siro)

    assert full.computed_standard == "not_met"
    states = {one.pk: h.whole(one).state.value for one in Assessment.objects.all()}
    assert states == {first.pk: "published", annual.pk: "published"}
    assert publication.sequence + 1 == full.sequence
    corrected = interim(trust, lead)
    assert corrected.based_on == publication


def test_an_annual_return_that_is_open_lends_its_answers_unchecked_ones_unchecked(trust, lead):
    annual = h.opened(trust, lead, year=YEAR)
    leaf = h.whole(annual).leaves[0]
    value = {"indicators": {leaf.spec.indicators["not_achieved"][0].id: True}}
    services.answer(leaf.response, value=value, expected_version=0, by=lead, at=NOW)
    second = h.whole(annual).leaves[1]
    ResponseVersion.objects.create(
        response=second.response, n=1, value={"kind": "outcome", "value": {"indicators": {}}}, origin="carried", at=NOW
    )

    opened = h.whole(interim(trust, lead))

    assert [leaf.current.origin if leaf.current else None for leaf in opened.leaves[:3]] == ["copied", "carried", None]
    assert opened.leaves[0].current.value["value"]["indicators"] == value["indicators"]


def judge(assessment, number, group, by):
    """One outcome judged anew: every sign of one level is true."""
    leaf = next(leaf for leaf in h.whole(assessment).leaves if leaf.number == number)
    signs = {sign.id: level == group for level, found in leaf.spec.indicators.items() for sign in found}
    services.answer(leaf.response, value={"indicators": signs}, expected_version=leaf.version_number, by=by, at=NOW)
    return h.response(assessment, number).versions.latest("n").value


def test_a_correction_begins_with_what_it_corrects_though_the_annual_return_has_gone_on(trust, lead, siro):
    first = interim(trust, lead)
    judge_everything(first, lead)
    said = h.response(first, "A1.a").versions.get().value
    published(first, lead, siro)
    newer = judge(h.opened(trust, lead, year=YEAR), "A1.a", "achieved", lead)

    came = h.response(interim(trust, lead), "A1.a").versions.get()

    assert came.value["value"]["indicators"] == said["value"]["indicators"] != newer["value"]["indicators"]


def test_an_open_return_of_the_year_lends_its_answers_before_last_years_publication(trust, lead, siro):
    h.shipped_edition("2025-26", "caf")
    before = h.opened(trust, lead, year="2025-26")
    judge_everything(before, lead)
    last_year = published(before, lead, siro)
    newer = judge(h.opened(trust, lead, year=YEAR), "A1.a", "achieved", lead)

    opened = interim(trust, lead)

    came = h.response(opened, "A1.a").versions.get()
    assert opened.based_on == last_year
    assert (came.value["value"]["indicators"], came.origin) == (newer["value"]["indicators"], "copied")


def test_the_workbook_of_its_audit_is_not_named_like_that_of_the_annual_return(trust, lead, client):
    client.force_login(lead)

    names = [
        client.get(reverse("assessment:audit_workbook", args=[one.pk])).headers["Content-Disposition"]
        for one in (interim(trust, lead), h.opened(trust, lead, year=YEAR))
    ]

    assert [name.split("filename=")[1].strip('"') for name in names] == [
        f"audit-dspt-2026-27-interim-{trust.ods_code}.xlsx",
        f"audit-dspt-2026-27-{trust.ods_code}.xlsx",
    ]


def test_the_pack_says_that_it_is_interim(trust, lead, siro, tmp_path):
    assessment = interim(trust, lead)
    judge_everything(assessment, lead)
    publication = published(assessment, lead, siro)

    build_pack(publication, tmp_path / "pack.zip")

    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        name = next(name for name in pack.namelist() if name.endswith("publication.json"))
        document = json.loads(pack.read(name))
        readme = pack.read(next(name for name in pack.namelist() if name.endswith("README.txt"))).decode()
    assert (document["standard"], document["content"]["kind"]) == (None, "interim")
    words = in_words(assessment, document, publication.document_sha256, sign_off=publication.sign_off)
    assert [(line.number, line.why) for line in words.exceptions] == []
    assert sum(section.settled for section in words.sections) == 49
    assert "gives no standard" in document["statement"]
    assert "interim (baseline)" in readme


def test_the_pages_say_so(trust, sign_in, siro):
    client = sign_in(trust, Role.DSPT_LEAD)
    years = reverse("assessment:year_list")
    assert "Open the interim (baseline) return for 2026-27" in client.get(years).content.decode()
    address = f"{reverse('assessment:year_open')}?year=2026-27&kind=interim"
    shown = client.get(address).content.decode()
    assert "31 December 2026" in shown
    client.post(reverse("assessment:year_open"), {"year": YEAR, "kind": "interim"})
    assessment = Assessment.objects.get(kind="interim")
    judge_everything(assessment, client.user)

    page = client.get(reverse("assessment:assessment_detail", args=[assessment.pk])).content.decode()
    assert "49 of 49 outcomes have a level" in page
    assert "Standards Met" not in page
    assert page.count("Level recorded") == 49
    publication = published(assessment, client.user, siro)
    page = client.get(reverse("assessment:publication_detail", args=[publication.pk])).content.decode()
    assert "No standard: an interim publication only records where you stand" in page
    assert "Why this standard" not in page
    listed = client.get(years).content.decode()
    assert "An interim publication reaches no standard." in listed
    assert "Publish a corrected interim (baseline) return for 2026-27" in listed


def test_the_comparison_shows_it_beside_the_annual_one(trust, sign_in, siro):
    client = sign_in(trust, Role.DSPT_LEAD)
    first = interim(trust, client.user)
    judge_everything(first, client.user)
    published(first, client.user, siro)
    annual = h.opened(trust, client.user, year=YEAR)
    full = published(annual, client.user, siro)

    page = client.get(reverse("assessment:comparison", args=[full.pk])).content.decode()

    assert "What changed since 2026-27 interim, publication 1" in page
    assert "No standard: an interim publication only records where you stand" in page


def test_an_outcome_that_rose_a_level_but_is_below_its_profile_counts_as_improved(trust, sign_in, siro):
    client = sign_in(trust, Role.DSPT_LEAD)
    first = interim(trust, client.user)
    judge_everything(first, client.user)
    published(first, client.user, siro)
    annual = h.opened(trust, client.user, year=YEAR)
    risen = expected_achieved(annual)
    signs = {sign.id: group == "partially_achieved" for group, found in risen.spec.indicators.items() for sign in found}
    services.answer(risen.response, value={"indicators": signs}, expected_version=1, by=client.user, at=NOW)
    full = published(annual, client.user, siro)

    page = client.get(reverse("assessment:comparison", args=[full.pk])).content.decode()

    counted = re.findall(r'app-figure__number">(\d+)</span><span class="app-figure__label">(.+?)</span>', page)
    assert counted == [("1", "improved"), ("0", "worse"), ("48", "open both times"), ("0", "settled both times")]
    assert "The indicators give &#34;partially achieved&#34;. The profile expects &#34;achieved&#34;." in page


def test_pages_of_it_name_its_kind_beside_the_year(trust, sign_in):
    client = sign_in(trust, Role.DSPT_LEAD)
    first = interim(trust, client.user)

    for name, wanted in (("auditor_list", 2), ("branch_list", 2), ("assessment_check", 1)):
        page = client.get(reverse(f"assessment:{name}", args=[first.pk])).content.decode()
        named = page.count("DSPT 2026-27 interim")
        assert (named, len(re.findall(r"DSPT 2026-27\s*<", page))) == (wanted, 0), name


def test_an_outcome_with_a_level_is_asked_for_no_evidence_and_one_without_says_what_lacks(trust, sign_in):
    client = sign_in(trust, Role.DSPT_LEAD)
    first = interim(trust, client.user)
    judge_everything(first, client.user, but=("A1.b",))

    judged, open_one = (
        client.get(reverse("assessment:response_detail", args=[first.pk, h.response(first, code).pk])).content.decode()
        for code in ("A1.a", "A1.b")
    )

    assert "A level is recorded. Evidence and a statement are asked for by the annual return." in judged
    assert "must be attached" not in judged
    assert "The indicators are not judged yet." in open_one


def test_what_goes_into_the_pack_says_the_level_of_each_outcome_and_no_verdict(trust, lead, siro):
    first = interim(trust, lead)
    judge_everything(first, lead, but=("A2.a",))
    leaf = next(leaf for leaf in h.whole(first).leaves if leaf.number == "A2.a")
    signs = {sign.id: group == "partially_achieved" for group, found in leaf.spec.indicators.items() for sign in found}
    services.answer(leaf.response, value={"indicators": signs}, expected_version=0, by=lead, at=NOW)
    publication = published(first, lead, siro)
    files = {file.path: blobs.read(file.blob) for file in publication.files.select_related("blob")}

    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(files["return.pdf"])).pages).split())
    assert (text.count("Not achieved"), text.count("Partially achieved")) == (48, 1)
    for absent in ("Not satisfied", "Not enough evidence", "The standard we compute", "1 indicators", "Training"):
        assert absent not in text
    assert "Progress by objective" in text
    book = CalamineWorkbook.from_filelike(BytesIO(files["workbook.xlsx"]))
    assert "Why this standard" not in book.sheet_names
    headings, *rows = book.get_sheet_by_name("Items").to_python()
    said = {row[0]: (row[headings.index("Verdict")], row[headings.index("Level")]) for row in rows}
    assert (said["A1.a"], said["A2.a"]) == (("Level recorded", "Not achieved"), ("Level recorded", "Partially achieved"))


def expected_achieved(assessment):
    """An outcome with a level between the lowest and the one that is expected."""
    whole = h.whole(assessment)
    profile = whole.edition_file.profiles[whole.edition_file.organisation_types[assessment.type_snapshot].profile]
    return next(
        leaf for leaf in whole.leaves if profile[leaf.item_id] == "achieved" and leaf.spec.indicators["partially_achieved"]
    )


def test_the_calendar_and_the_commands_know_the_kind(trust, lead):
    interim(trust, lead)
    out = StringIO()
    call_command("assessment_status", "--json", stdout=out)

    (one,) = json.loads(out.getvalue())["assessments"]
    assert (one["kind"], one["computed_standard"]) == ("interim", None)
    assert Publication.objects.count() == 0
    (entry,) = _returns(trust, TODAY)
    assert (entry.on, entry.what) == (date(2026, 12, 31), "DSPT 2026-27 interim is to be published")
