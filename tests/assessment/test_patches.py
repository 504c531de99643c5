"""Corrected versions of a list: what they change, what that touches, and what it leaves alone."""

import copy
import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
import yaml
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from assessment import services
from assessment.edition_changes import GUIDANCE, NEW, REMOVED, STRUCTURAL, WORDING, changes
from assessment.edition_file import EDITIONS_DIRECTORY, load
from assessment.edition_format.types import Item, Outcome
from assessment.loading import EditionRefusedError, load_edition
from assessment.models import Assessment, Confirmation, Edition, EditionMove, ResponseVersion
from assessment.patches import newer_edition
from assessment.requirements import CLASS_OF
from tests.assessment import helpers as h
from tests.factories import NOW

CARE = EDITIONS_DIRECTORY / "2025-26" / "category-3.yaml"
CAF = EDITIONS_DIRECTORY / "2025-26" / "caf.yaml"
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _frozen_clock():
    with time_machine.travel(NOW, tick=False):
        yield


def item_of(content, number):
    return next(
        item
        for standard in content["standards"]
        for assertion in standard["assertions"]
        for item in assertion["items"]
        if item["number"] == number
    )


def corrected(tmp_path, change, *, version="8.0.1", says="structural", source=CARE):
    """The edition with something changed in it and the next version."""
    content = yaml.safe_load(source.read_text())
    content["edition"] |= {"version": version, "change_class": says}
    change(content)
    path = tmp_path / f"{version}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    return path


def another_help(content):
    item_of(content, "1.1.1")["help"] = (
        "Your number stands in the register that the Information Commissioner keeps, which anybody can search."
    )


def another_question(content):
    item_of(content, "1.1.1")["title"] = "What is your registration number with the Information Commissioner?"


def another_kind(content):
    item_of(content, "1.1.1")["answer"] = {"kind": "yes_no", "satisfies": "yes"}


def first_exempt(content):
    return next(
        item["number"]
        for standard in content["standards"]
        for assertion in standard["assertions"]
        for item in assertion["items"]
        if item.get("exempted_by")
    )


def only_for_pharmacies(content):
    item_of(content, "1.1.1")["required_for"]["pharmacy"] = []


def optional_now(content):
    item_of(content, "1.1.1")["required_for"]["social-care"] = []


def gone(content):
    for standard in content["standards"]:
        for assertion in standard["assertions"]:
            assertion["items"] = [item for item in assertion["items"] if item["number"] != "1.1.2"]


def one_more(content):
    assertion = content["standards"][0]["assertions"][0]
    last = copy.deepcopy(assertion["items"][-1])
    assertion["items"].append(
        last | {"id": "data.lawful-use.brand-new", "number": "1.1.99", "title": "Something new", "help": "Quite new help."}
    )


def of(number, before, after):
    found = changes(load(before), load(after), organisation_type="social-care")
    return next((item.impact for item in found.items if item.number == number), None)


@pytest.mark.parametrize(
    ("change", "number", "impact"),
    [
        (another_help, "1.1.1", GUIDANCE),
        (another_question, "1.1.1", WORDING),
        (another_kind, "1.1.1", STRUCTURAL),
        (optional_now, "1.1.1", STRUCTURAL),
        (only_for_pharmacies, "1.1.1", None),
        (gone, "1.1.2", REMOVED),
        (one_more, "1.1.99", NEW),
        (lambda content: item_of(content, "1.1.1").update(not_applicable="allowed"), "1.1.1", STRUCTURAL),
        (lambda content: item_of(content, "1.1.1").update(note="Read again."), "1.1.1", GUIDANCE),
        (lambda content: item_of(content, first_exempt(content)).pop("exempted_by"), None, STRUCTURAL),
    ],
)
def test_a_change_is_as_grave_as_what_it_touches(tmp_path, change, number, impact):
    number = number or first_exempt(yaml.safe_load(CARE.read_text()))

    assert of(number, CARE, corrected(tmp_path, change)) == impact


def test_only_the_item_that_changed_is_said_to_change(tmp_path):
    found = changes(load(CARE), load(corrected(tmp_path, another_question)))

    (one,) = found.items
    assert (one.number, found.change_class, found.general) == ("1.1.1", WORDING, ())
    assert [(field.words, field.after) for field in one.fields] == [
        ("the question", "What is your registration number with the Information Commissioner?")
    ]


@pytest.mark.parametrize("kind", [Item, Outcome])
def test_every_field_of_an_item_has_a_class(kind):
    """A field in no class would be in no digest: a change of it would pass unseen."""
    classed = [field for fields in CLASS_OF[kind].values() for field in fields]

    assert sorted([*classed, "id"]) == sorted(kind.__dataclass_fields__)


def test_an_outcome_changes_by_its_statements_and_its_expected_level(tmp_path):
    def reworded(content):
        content["objectives"][0]["principles"][0]["outcomes"][0]["indicators"]["achieved"][0]["text"] = "Other words"

    def fewer(content):
        content["objectives"][0]["principles"][0]["outcomes"][0]["indicators"]["achieved"].pop()

    def expected(content):
        content["profiles"]["category-1"]["caf.governance.board"] = "not_achieved"

    def impact(change, version):
        found = changes(load(CAF), load(corrected(tmp_path, change, version=version, source=CAF)), organisation_type="trust")
        return [(item.number, item.impact) for item in found.items]

    assert impact(reworded, "8.0.1") == [("A1.a", WORDING)]
    assert impact(fewer, "8.0.2") == [("A1.a", STRUCTURAL)]
    assert impact(expected, "8.0.3") == [("A1.a", STRUCTURAL)]


# --- loading ---


def test_a_file_that_says_less_than_it_changes_is_refused(db, tmp_path):
    load_edition(CARE, at=NOW)

    with pytest.raises(
        EditionRefusedError, match=r"says 'change_class: guidance', but against version 8\.0\.0 its changes are 'wording'"
    ):
        load_edition(corrected(tmp_path, another_question, says="guidance"), at=NOW)
    assert Edition.objects.count() == 1


# --- a return takes it up ---


@pytest.fixture
def lead(organisation):
    return h.lead_of(organisation)


@pytest.fixture
def assessment(organisation, lead):
    """Everything answered and confirmed, on version 8.0.0."""
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    opened = h.opened(organisation, lead)
    h.answer_everything(opened, lead)
    h.confirm_everything(opened, lead)
    return opened


def take_up(assessment, path, lead, *, at=LATER):
    edition, _ = load_edition(path, at=at)
    return services.take_up_edition(assessment, edition, by=lead, at=at)


def states(assessment):
    whole = h.whole(assessment)
    return {leaf.number: whole.work_state(leaf) for leaf in whole.leaves}


def confirmed(assessment):
    whole = h.whole(assessment)
    return {part.number for part in whole.assertions() if whole.is_confirmed(part)}


def test_help_that_changed_leaves_everything_alone(assessment, lead, tmp_path):
    before, told = confirmed(assessment), states(assessment)
    versions = ResponseVersion.objects.count()

    move = take_up(assessment, corrected(tmp_path, another_help), lead)

    assert len(before) == 31
    assert (confirmed(assessment), states(assessment)) == (before, told)
    assert ResponseVersion.objects.count() == versions
    assert [(change["number"], change["impact"]) for change in move.changes] == [("1.1.1", GUIDANCE)]
    leaf = h.whole(assessment).by_item_id["data.lawful-use.ico-number"]
    assert leaf.spec.help.startswith("Your number stands in the register")
    assert leaf.reading is None
    assert h.whole(assessment).by_item_id["people.training.take-up"].reading.numerator == 19


def test_a_reworded_question_is_looked_at_again_and_its_answer_goes_on_counting(assessment, lead, tmp_path):
    before = confirmed(assessment)

    take_up(assessment, corrected(tmp_path, another_question), lead)

    assert before - confirmed(assessment) == {"1.1"}
    marked = {number for number, state in states(assessment).items() if state == "look_again"}
    assert marked == {"1.1.1"}
    whole = h.whole(assessment)
    assert whole.verdict(whole.by_item_id["data.lawful-use.ico-number"]).state == "satisfied"

    services.keep_answer(h.response(assessment, "1.1.1"), expected_version=1, by=lead, at=LATER)

    assert states(assessment)["1.1.1"] == "answered"
    kept = h.whole(assessment).by_item_id["data.lawful-use.ico-number"].current
    assert (kept.n, kept.origin) == (2, "reworded")


def test_confirming_the_reworded_assertion_is_looking_again(assessment, lead, tmp_path):
    take_up(assessment, corrected(tmp_path, another_question), lead)

    services.confirm_assertion(assessment, h.assertion(Assessment.objects.get(), "1.1"), by=lead, at=LATER)

    assert states(assessment)["1.1.1"] == "checked"


@pytest.mark.parametrize("change", [another_kind, optional_now])
def test_where_something_else_is_asked_exactly_that_item_is_checked_again(assessment, lead, tmp_path, change):
    before, told = confirmed(assessment), states(assessment)

    take_up(assessment, corrected(tmp_path, change), lead)

    after = states(assessment)
    assert {number for number in told if after[number] == "recheck"} == {"1.1.1"}
    assert {number for number in told if number.startswith("1.1.") and after[number] == "answered"} == {
        number for number in told if number.startswith("1.1.") and number != "1.1.1"
    }
    assert before - confirmed(assessment) == {"1.1"}
    whole = h.whole(assessment)
    assert whole.verdict(whole.by_item_id["data.lawful-use.ico-number"]).state == "unanswered"


def test_an_answer_of_another_kind_is_kept_as_words(assessment, lead, tmp_path):
    take_up(assessment, corrected(tmp_path, another_kind), lead)

    current = h.whole(assessment).by_item_id["data.lawful-use.ico-number"].current
    assert (current.value, current.origin, current.author) == (None, "changed", lead)
    assert current.comment == "Answered before: Kept by the registered manager, reviewed this year"
    services.answer(h.response(assessment, "1.1.1"), value="yes", expected_version=current.n, by=lead, at=LATER)
    assert states(assessment)["1.1.1"] == "answered"


def test_an_answer_that_still_fits_counts_again_once_it_is_kept(assessment, lead, tmp_path):
    take_up(assessment, corrected(tmp_path, optional_now), lead)

    services.keep_answer(h.response(assessment, "1.1.1"), expected_version=2, by=lead, at=LATER)

    whole = h.whole(assessment)
    leaf = whole.by_item_id["data.lawful-use.ico-number"]
    assert (leaf.current.value, whole.verdict(leaf).state) == (leaf.versions[0].value, "satisfied")


def test_items_come_and_go_and_come_back_with_their_history(assessment, lead, tmp_path):
    first = h.response(assessment, "1.1.2")
    services.plan_action(first, action="Do it", owner_words="Manager", due_on=LATER.date(), by=lead, at=NOW)
    take_up(assessment, corrected(tmp_path, lambda content: (gone(content), one_more(content))), lead)

    numbers = [leaf.number for leaf in h.whole(assessment).leaves]
    assert ("1.1.2" in numbers, "1.1.99" in numbers, len(numbers)) == (False, True, 55)
    assert h.whole(assessment).plan.actions == ()

    take_up(assessment, corrected(tmp_path, one_more, version="8.0.2"), lead)

    back = h.whole(assessment).by_item_id[first.item.item_id]
    assert (back.response.pk, back.version_number) == (first.pk, 1)


def test_older_confirmations_stand_and_are_restated_before_the_list_changes(assessment, lead, tmp_path):
    whole = h.whole(assessment)
    rows = {row.item_id: row for row in assessment.edition.items.filter(kind="assertion")}
    old = Confirmation.objects.bulk_create(
        Confirmation(
            assessment=assessment, assertion=rows[part.id], digest=whole.assertion_digest(part, scheme=1), by=lead, at=NOW
        )
        for part in whole.assertions()
    )
    assert {confirmation.scheme for confirmation in old} == {1}
    assert len(confirmed(assessment)) == 31

    take_up(assessment, corrected(tmp_path, another_question), lead)

    assert len(confirmed(assessment)) == 30
    restated = Confirmation.objects.filter(restates__isnull=False)
    assert restated.count() == 31
    assert {(one.by, one.at, one.scheme) for one in restated} == {(lead, NOW, 2)}
    assert set(restated.values_list("restates", flat=True)) == {one.pk for one in old}


def test_a_confirmation_of_the_whole_list_lapses_with_its_answer(assessment, lead):
    whole = h.whole(assessment)
    part = next(part for part in whole.assertions() if part.number == "1.1")
    Confirmation.objects.create(
        assessment=assessment,
        assertion=h.assertion(assessment, "1.1"),
        digest=whole.assertion_digest(part, scheme=1),
        by=lead,
        at=NOW,
    )
    assert "1.1" in confirmed(assessment)

    services.answer(h.response(assessment, "1.1.1"), value="Another", expected_version=1, by=lead, at=LATER)

    assert "1.1" not in confirmed(assessment)


def test_what_is_signed_or_published_never_changes(organisation, assessment, lead, tmp_path):
    manager = h.registered_manager(organisation)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)
    edition, _ = load_edition(corrected(tmp_path, another_kind), at=NOW)

    with pytest.raises(services.StepRefusedError, match="ready to sign or signed"):
        services.take_up_edition(assessment, edition, by=lead, at=NOW)
    publication = services.publish(assessment, by=lead, at=NOW)
    with pytest.raises(services.StepRefusedError, match="does not change any more"):
        services.take_up_edition(assessment, edition, by=lead, at=NOW)

    assert not h.whole(assessment).signature_has_lapsed
    assert publication.computed_standard == "met"
    assert not EditionMove.objects.exists()


def test_an_older_or_another_list_is_refused(assessment, lead, tmp_path):
    other = h.shipped_edition("2026-27")
    draft, _ = load_edition(corrected(tmp_path, lambda content: content["edition"].update(status="draft")), at=NOW)

    for edition in (other, assessment.edition, draft):
        with pytest.raises(services.AssessmentRefusedError, match="no newer version"):
            services.take_up_edition(assessment, edition, by=lead, at=NOW)
    assert newer_edition(assessment) is None


def test_a_return_goes_on_to_a_signature_on_the_corrected_list(organisation, assessment, lead, tmp_path):
    """The whole way after a patch: what lapsed is confirmed again, and the publication names the newer list."""
    manager = h.registered_manager(organisation)
    take_up(assessment, corrected(tmp_path, another_question), lead)
    now = Assessment.objects.get(pk=assessment.pk)
    services.confirm_assertion(now, h.assertion(now, "1.1"), by=lead, at=LATER)
    services.submit_for_review(now, by=lead, at=LATER)
    services.ready_to_sign(now, by=manager, at=LATER)
    h.sign(now, manager, at=LATER)

    publication = services.publish(now, by=lead, at=LATER)

    assert publication.computed_standard == "met"
    assert publication.edition_sha256 == Edition.objects.get(version="8.0.1").content_sha256


# --- the command and the page ---


def run(*args):
    out = StringIO()
    try:
        call_command("load_edition", *args, "--json", stdout=out, stderr=StringIO())
        code = 0
    except SystemExit as exit_:
        code = exit_.code
    return code, json.loads(out.getvalue())


def test_the_command_shows_first_and_takes_up_when_told(organisation, assessment, tmp_path):
    path = corrected(tmp_path, lambda content: (another_question(content), one_more(content)))

    code, shown = run(path, "--preview")
    assert (code, shown["loaded"], Edition.objects.count()) == (0, False, 1)
    assert [(one["number"], one["impact"]) for one in shown["changes"]["items"]] == [("1.1.1", "wording"), ("1.1.99", "new")]
    assert shown["returns"] == [
        {
            "organisation": organisation.ods_code,
            "year": "2025-26",
            "state": "in_progress",
            "is_worked_on": True,
            "to_recheck": [],
            "to_look_at": ["1.1.1"],
            "lapsing": ["1.1"],
        }
    ]
    code, loaded = run(path)
    assert (code, loaded["loaded"], loaded["taken_up"]) == (0, True, [])
    assert Assessment.objects.get().edition.version == "8.0.0"

    _, again = run(path, "--apply")
    assert again["taken_up"] == [f"{organisation.ods_code} 2025-26"]
    assert Assessment.objects.get().edition.version == "8.0.1"
    assert run(path, "--apply")[1]["taken_up"] == []


def test_the_lead_sees_what_changes_and_takes_it_up(organisation, assessment, sign_in, tmp_path):
    client = sign_in(organisation, Role.DSPT_LEAD)
    page, address = (reverse(f"assessment:{name}", args=[assessment.pk]) for name in ("assessment_detail", "edition_take_up"))
    assert "corrected version" not in client.get(page).content.decode()
    assert client.get(address).url == page
    load_edition(corrected(tmp_path, lambda content: (another_question(content), optional_now(content))), at=NOW)

    assert address in client.get(page).content.decode()
    shown = client.get(address).content.decode()
    assert "What is your registration number with the Information Commissioner?" in shown
    assert "1 answer does not count until somebody checks it again: 1.1.1." in shown
    assert "1 confirmed assertion has to be confirmed again: 1.1." in shown
    assert client.post(address, {"version": "8.0.0"}).url == address
    assert EditionMove.objects.count() == 0

    assert client.post(address, {"version": "8.0.1"}).url == page

    item = client.get(
        reverse("assessment:response_detail", args=[assessment.pk, h.response(Assessment.objects.get(), "1.1.1").pk])
    )
    assert "What is asked has changed" in item.content.decode()
    assert "The answer is still right" in item.content.decode()


def test_somebody_who_only_reads_is_told_but_offered_nothing(organisation, assessment, sign_in, tmp_path):
    load_edition(corrected(tmp_path, another_help), at=NOW)
    auditor = sign_in(organisation, Role.AUDITOR)

    page = auditor.get(reverse("assessment:assessment_detail", args=[assessment.pk])).content.decode()

    assert "whoever leads the return takes it up" in page
    assert auditor.get(reverse("assessment:edition_take_up", args=[assessment.pk])).status_code == 403


def test_taking_up_says_what_comes_new_and_what_answered_item_is_not_asked_any_more(organisation, lead, sign_in, tmp_path):
    h.shipped_edition()
    h.train(organisation, trained=19, of=20)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)

    def new_and_gone(content):
        gone(content)
        one_more(content)

    load_edition(corrected(tmp_path, new_and_gone), at=LATER)
    client = sign_in(organisation, Role.DSPT_LEAD)

    page = client.get(reverse("assessment:edition_take_up", args=[assessment.pk])).content.decode()

    assert "1 new item comes to be answered: 1.1.99." in page
    assert "1 item that you answered is not asked any more: 1.1.2." in page
    assert "Nothing that you answered or confirmed is touched" not in page


def test_an_answer_of_another_kind_cannot_be_kept_by_a_press(assessment, lead, sign_in, tmp_path):
    take_up(assessment, corrected(tmp_path, another_kind), lead)
    client = sign_in(assessment.organisation, Role.DSPT_LEAD)
    place = h.response(assessment, "1.1.1")
    services.attach_evidence(place, h.evidence(assessment.organisation, lead), by=lead, at=LATER)

    page = client.get(reverse("assessment:response_detail", args=[assessment.pk, place.pk])).content.decode()

    assert "What is asked has changed" in page
    assert "The answer is still right" not in page
    with pytest.raises(services.AssessmentRefusedError, match="is no answer to what is asked since"):
        services.keep_answer(place, expected_version=place.versions.count(), by=lead, at=LATER)
