"""The edition files that ship with the product: sound, complete, in step with what is known, honest about the rest."""

import re
from collections import Counter
from datetime import date

import pytest

from assessment.edition_file import (
    content_sha256,
    lint,
    lint_crosswalk,
    load,
    load_crosswalk,
    shipped_crosswalks,
    shipped_editions,
)
from assessment.edition_format.words import CARE_SECTIONS, LEVELS, PLAIN_STANDARDS, SECTIONS

EDITIONS = {edition.id: edition for edition in map(load, shipped_editions())}
CARE = EDITIONS["dspt-category-3-2025-26"]
GP = EDITIONS["dspt-category-4-2025-26"]
SUPPLIER = EDITIONS["dspt-category-2-2025-26"]
SUPPLIER_NEXT = EDITIONS["dspt-category-2-2026-27"]
CARE_NEXT = EDITIONS["dspt-category-3-2026-27"]
GP_NEXT = EDITIONS["dspt-category-4-2026-27"]

CAF = EDITIONS["dspt-caf-2025-26"]
CAF_NEXT = EDITIONS["dspt-caf-2026-27"]

LISTS = [edition for edition in EDITIONS.values() if edition.style == "assertion"]
EVERY = pytest.mark.parametrize("edition", LISTS, ids=[edition.id for edition in LISTS])
EVERY_CAF = pytest.mark.parametrize("edition", [CAF, CAF_NEXT], ids=["2025-26", "2026-27"])
EVERY_ITEM = pytest.mark.parametrize(
    ("edition", "item"),
    [(edition, item) for edition in EDITIONS.values() for item in edition.items()],
    ids=[f"{edition.id}:{item.number}" for edition in EDITIONS.values() for item in edition.items()],
)
OF_CARE = pytest.mark.parametrize("edition", [CARE, GP, CARE_NEXT, GP_NEXT], ids=lambda edition: edition.id)
SIZES = {1: (47, 47), 2: (122, 98), 3: (55, 45), 4: (45, 29)}
"""Category -> items, and those that somebody must satisfy."""


def numbers(items):
    return {item.number for item in items}


def test_the_editions_and_crosswalks_that_ship():
    assert set(EDITIONS) == {
        "dspt-caf-2025-26",
        "dspt-caf-2026-27",
        "dspt-category-2-2025-26",
        "dspt-category-2-2026-27",
        "dspt-category-3-2025-26",
        "dspt-category-4-2025-26",
        "dspt-category-3-2026-27",
        "dspt-category-4-2026-27",
    }
    assert [path.name for path in shipped_crosswalks()] == [
        "2025-26__2026-27-caf.yaml",
        "2025-26__2026-27-category-2.yaml",
        "2025-26__2026-27-category-3.yaml",
        "2025-26__2026-27-category-4.yaml",
    ]


@pytest.mark.parametrize("path", shipped_editions(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_edition_lints_clean_and_lies_where_its_header_says(path):
    report = lint(path)

    assert report.faults == ()
    edition = load(path)
    assert path.parent.name == edition.header.year
    assert path.name == ("caf.yaml" if edition.style == "outcome" else f"category-{edition.header.category}.yaml")
    assert (report.items, report.mandatory) == ((49, 49) if edition == CAF_NEXT else SIZES[edition.header.category])


@pytest.mark.parametrize(
    ("older", "newer", "lines"),
    [(SUPPLIER, SUPPLIER_NEXT, 122), (CARE, CARE_NEXT, 55), (GP, GP_NEXT, 45)],
    ids=["category-2", "category-3", "category-4"],
)
def test_every_crosswalk_maps_each_item_onto_itself(older, newer, lines):
    path = next(path for path in shipped_crosswalks() if f"category-{older.header.category}" in path.name)

    assert lint_crosswalk(path, older=older, newer=newer).faults == ()
    crosswalk = load_crosswalk(path, older=older, newer=newer)
    assert len(crosswalk.lines) == lines
    assert all(line.from_ids == line.to_ids and line.relation == "same" for line in crosswalk.lines)
    assert {tuple(sorted(line.carry.items())) for line in crosswalk.lines} == {
        (("answer", "yes"), ("evidence", "suggest"), ("level", "recompute"), ("owner", "yes"))
    }


# --- the counts that were published ---


@pytest.mark.parametrize("edition", [CARE, CARE_NEXT], ids=["2025-26", "2026-27"])
def test_social_care_has_45_required_items_of_which_26_make_approaching(edition):
    assert len(edition.items_for("social-care")) == 55
    assert len(edition.required_items("social-care", "met")) == 45
    assert len(edition.required_items("social-care", "approaching")) == 26
    assert numbers(edition.required_items("social-care", "approaching")) <= numbers(edition.required_items("social-care"))


@pytest.mark.parametrize("edition", [GP, GP_NEXT], ids=["2025-26", "2026-27"])
def test_gp_practices_have_45_items_of_which_29_are_required_and_no_approaching(edition):
    assert len(edition.items_for("gp")) == 45
    assert len(edition.required_items("gp")) == 29
    assert edition.levels_for("gp") == ("exceeded", "met", "not_met")
    assert edition.required_items("gp", "approaching") == ()


@pytest.mark.parametrize("edition", [SUPPLIER, SUPPLIER_NEXT], ids=["2025-26", "2026-27"])
def test_large_suppliers_have_122_items_of_which_98_are_required_and_no_training_percentage(edition):
    assert set(edition.organisation_types) == {"it-supplier"}
    assert len(edition.items_for("it-supplier")) == 122
    assert len(edition.required_items("it-supplier")) == 98
    assert edition.levels_for("it-supplier") == tuple(LEVELS)
    assert numbers(item for item in edition.items() if not item.is_required("it-supplier")) >= {
        "3.2.2",
        "3.2.3",
        "9.3.9",
        "10.3.1",
    }
    assert edition.item_numbered("3.2.1").answer.kind == "text"
    assert not any(item.live for item in edition.items())
    assert edition.item_numbered("7.2.1").answer.not_before == edition.header.calendar.evidence_window.start


def test_nothing_of_category_2_is_held_to_be_more_than_fairly_sure():
    assert {(item.confidence, item.verified) for item in SUPPLIER.items()} == {("medium", False)}
    assert all(SUPPLIER.is_unverified(item, "it-supplier") for item in SUPPLIER.items())
    assert {item.change for item in SUPPLIER.items()} == {None}  # what the year before asked is not known


def test_the_same_number_can_ask_something_else_in_another_category():
    assert SUPPLIER.item_numbered("7.1.1").id != CARE.item_numbered("7.1.1").id
    assert SUPPLIER.item_numbered("3.2.1").id != CARE.item_numbered("3.2.1").id
    assert SUPPLIER.item_numbered("10.1.2").id == CARE.item_numbered("10.2.2").id


def test_the_other_types_of_category_3_carry_the_same_duties_without_approaching():
    others = set(CARE.organisation_types) - {"social-care"}

    assert others == {
        "pharmacy",
        "dentist",
        "optician",
        "local-authority",
        "university",
        "company",
        "charity-hospice",
        "nhs-business-partner",
        "other",
    }
    for key in others:
        assert CARE.organisation_types[key].requirements == "carried"
        assert numbers(CARE.required_items(key)) == numbers(CARE.required_items("social-care"))
        assert CARE.required_items(key, "approaching") == ()
        assert CARE.levels_for(key) == ("exceeded", "met", "not_met")
        assert all(CARE.is_unverified(item, key) for item in CARE.items_for(key))
    assert CARE.levels_for("social-care") == tuple(LEVELS)


def test_the_items_that_became_required_in_2025_26_say_so():
    for edition in (CARE, GP):
        assert {item.number for item in edition.items() if item.change == "required"} == {"4.3.1", "7.1.1"}
    assert {item.number for item in GP.items() if item.change == "new"} == {"7.1.5", "7.1.6", "8.1.4", "8.2.1", "8.3.8", "8.4.3"}


# --- exemptions and figures ---


@EVERY
def test_multi_factor_sign_in_is_required_and_nothing_stands_in_for_it(edition):
    item = edition.item_numbered("4.5.3")

    assert item.id == "access.sign-in.multi-factor"
    assert item.exempted_by == ()
    assert all(item.is_required(key) for key in edition.organisation_types)


@pytest.mark.parametrize(
    ("edition", "number", "kinds"),
    [
        (SUPPLIER, "9.6.1", ["cyber_essentials_plus", "iso27001"]),
        (SUPPLIER, "9.5.10", ["nhsmail"]),
        (SUPPLIER, "8.3.4", ["cyber_essentials_plus"]),
        (CARE, "6.2.1", ["cyber_essentials_plus", "iso27001"]),
        (CARE, "2.1.1", ["iso27001", "psn_ia"]),
        (CARE, "1.3.6", []),
        (GP, "1.3.6", ["psn_ia"]),
        (GP, "4.2.4", ["cyber_essentials_plus"]),
        (GP, "9.2.1", ["cyber_essentials_plus", "psn_ia"]),
    ],
)
def test_exemptions_are_those_of_the_catalogue(edition, number, kinds):
    assert [exemption.kind for exemption in edition.item_numbered(number).exempted_by] == kinds


@EVERY
def test_iso_27001_must_cover_all_care_data(edition):
    assert edition.certificates["iso27001"].whole_scope
    assert not edition.certificates["cyber_essentials_plus"].whole_scope
    assert edition.certificates["nhsmail"].profile == "nhsmail_only"


@OF_CARE
def test_only_the_training_item_is_gated_and_its_target_is_in_the_edition(edition):
    gated = [item for item in edition.items() if item.live]

    assert [item.id for item in gated] == ["people.training.take-up"]
    live = gated[0].live
    assert (live.source, live.rule, live.window_months, live.window_ends) == (
        "training.completion",
        "dspt-3.2.1",
        12,
        "publication",
    )
    assert (live.target, live.gross, live.mode) == (95, True, "gate")
    assert gated[0].not_applicable == "refused"
    rule = edition.counting_rules["dspt-3.2.1"]
    assert (rule.window_months, rule.away) == (12, "counted")
    assert "volunteers" in rule.include


@pytest.mark.parametrize("number", ["1.1.2", "7.1.1"])
@OF_CARE
def test_the_registers_must_be_dated_within_twelve_months(edition, number):
    item = edition.item_numbered(number)

    assert item.answer.kind == "document"
    assert item.evidence.max_age_months == 12


def test_does_not_apply_is_allowed_where_the_catalogue_says_so():
    assert {item.number for item in CARE.items() if item.not_applicable == "allowed"} == {
        "1.3.11",
        "1.3.12",
        "1.4.2",
        "4.3.1",
        "5.1.1",
        "6.1.2",
        "6.1.3",
        "8.1.4",
        "8.2.1",
        "9.1.1",
        "9.5.2",
        "10.1.2",
        "10.2.1",
    }
    assert {item.number for item in GP.items() if item.not_applicable == "allowed"} == {
        "1.4.3",
        "4.3.1",
        "4.4.1",
        "5.1.1",
        "6.1.2",
        "6.1.3",
        "6.2.1",
        "8.2.1",
        "9.1.1",
        "9.5.2",
        "10.1.2",
        "10.2.1",
        "10.2.2",
    }


# --- honesty ---


def test_each_item_of_2025_26_says_how_sure_it_is():
    assert Counter(item.confidence for item in CARE.items()) == {"high": 24, "medium": 28, "low": 3}
    assert Counter(item.confidence for item in GP.items()) == {"high": 45}
    for edition in (CARE, GP):
        assert not edition.header.is_verified
        assert not edition.header.provisional
        assert all(item.verified == (item.confidence == "high") for item in edition.items())
    assert {item.number for item in CARE.items() if item.source and item.source.url is None} == {
        "1.3.14",
        "6.3.2",
        "7.2.1",
        "8.3.5",
    }


@pytest.mark.parametrize(("newer", "older"), [(SUPPLIER_NEXT, SUPPLIER), (CARE_NEXT, CARE), (GP_NEXT, GP)])
def test_2026_27_is_provisional_and_carried_unverified(newer, older):
    assert newer.header.provisional
    assert newer.header.supersedes == older.id
    assert (newer.header.calendar.final, newer.header.calendar.confidence["final"]) == (date(2027, 6, 30), "low")
    assert (older.header.calendar.final, older.header.calendar.confidence["final"]) == (date(2026, 6, 30), "high")
    assert [item.id for item in newer.items()] == [item.id for item in older.items()]
    assert {(item.verified, item.confidence, item.change) for item in newer.items()} == {(False, "low", "carried")}
    assert all(newer.is_unverified(item, key) for item in newer.items() for key in newer.organisation_types)
    assert {entry.requirements for entry in newer.organisation_types.values()} == {"carried"}


@EVERY
def test_the_evidence_window_is_the_year_that_ends_on_the_final_date(edition):
    window = edition.header.calendar.evidence_window

    assert edition.header.calendar.final in window
    assert window.start.replace(year=window.start.year + 1) == window.end
    assert edition.header.calendar.interim is None


# --- every item can be understood ---


@EVERY_ITEM
def test_every_item_has_help_and_good_evidence_in_plain_words(edition, item):
    sentences = [sentence for sentence in re.split(r"(?<=[.?!])\s+", item.help or "") if sentence]

    assert 2 <= len(sentences) <= 4
    assert all(len(sentence.split()) <= 60 for sentence in sentences)
    assert 1 <= len(item.good_evidence) <= 4
    assert all(8 <= len(example) <= 140 for example in item.good_evidence)
    assert item.help != item.title
    assert re.search({2: r"\bsupplier", 3: r"small provider", 4: r"\bpractice"}[edition.header.category], item.help or "")


@pytest.mark.parametrize("year", ["2025-26", "2026-27"])
def test_no_help_is_given_to_two_different_items_of_a_year(year):
    by_words = {}
    for edition in EDITIONS.values():
        for item in (*edition.items(), *edition.outcomes()) if edition.header.year == year else ():
            by_words.setdefault(" ".join(item.help.casefold().split()), set()).add(item.id)

    assert [sorted(ids) for ids in by_words.values() if len(ids) > 1] == []


@EVERY_ITEM
def test_every_item_has_a_place_in_each_way_of_grouping(edition, item):
    assert item.section in SECTIONS
    assert item.plain_standard in PLAIN_STANDARDS
    assert item.confidence
    assert item.source is not None
    assert item.change or edition is SUPPLIER
    if edition.header.category == 3:
        assert (item.care_section in CARE_SECTIONS) or not item.is_required("social-care")
    else:
        assert item.care_section is None


@EVERY
def test_all_ten_plain_standards_and_all_sections_are_used(edition):
    assert {item.plain_standard for item in edition.items()} == set(PLAIN_STANDARDS)
    assert {item.section for item in edition.items()} == set(SECTIONS)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("data-quality-and-records", {"1.1.2", "1.4.1", "1.4.2", "1.4.3"}),
        ("management-and-training", {"1.1.5", "2.1.1", "2.2.1", "3.1.1", "3.2.1", "3.4.1", "4.1.1", "5.1.1", "5.2.1"}),
        ("transparency-and-sharing", {"1.1.1", "1.1.3", "1.1.6", "1.2.4", "6.1.3", "10.1.2", "10.2.1", "10.2.2"}),
    ],
)
def test_sections_follow_general_guidance(section, expected):
    assert {item.number for item in CARE.items() if item.section == section} == expected


def test_an_item_of_both_categories_has_one_id_and_one_section():
    care = {item.id: item for item in CARE.items()}
    shared = [(care[item.id], item) for item in GP.items() if item.id in care]

    assert len(shared) == 45  # every GP item; 8.3.1 is 8.3.5 for category 3
    assert {(one.number, other.number) for one, other in shared if one.number != other.number} == {("8.3.5", "8.3.1")}
    for one, other in shared:
        assert (one.section, one.plain_standard, one.answer.kind) == (other.section, other.plain_standard, other.answer.kind)


def test_an_item_shared_with_category_2_is_answered_in_the_same_way():
    care = {item.id: item for item in CARE.items()}
    shared = [(care[item.id], item) for item in SUPPLIER.items() if item.id in care]

    assert len(shared) == 22
    for one, other in shared:
        assert (one.section, one.plain_standard, one.answer.kind) == (other.section, other.plain_standard, other.answer.kind)


def test_no_two_editions_are_the_same():
    assert len({content_sha256(edition) for edition in EDITIONS.values()}) == len(EDITIONS)


# --- the outcomes of category 1 ---


def codes(edition, principle=""):
    return [outcome.code for outcome in edition.outcomes() if outcome.code.startswith(principle)]


def test_47_outcomes_became_49():
    assert (len(codes(CAF)), len(codes(CAF_NEXT))) == (47, 49)
    assert len(set(codes(CAF))) == 47
    assert len(set(codes(CAF_NEXT))) == 49
    assert [objective.id for objective in CAF.objectives] == list("ABCDE")
    assert len(codes(CAF, "E")) == len(codes(CAF_NEXT, "E")) == 8
    assert codes(CAF, "C") == ["C1.a", "C1.b", "C1.c", "C1.d", "C1.e", "C2.a", "C2.b"]
    assert codes(CAF_NEXT, "C") == ["C1.a", "C1.b", "C1.c", "C1.d", "C1.e", "C1.f", "C2.a"]
    assert set(codes(CAF_NEXT)) - set(codes(CAF)) == {"A2.c", "A4.b", "C1.f"}
    assert set(codes(CAF)) - set(codes(CAF_NEXT)) == {"C2.b"}


def test_the_expectations_that_were_read_on_official_pages_are_marked_and_no_others():
    profile = CAF.profiles["category-1"]
    by_code = {outcome.code: profile[outcome.id] for outcome in CAF.outcomes() if not profile.is_unverified(outcome.id)}

    assert by_code == {
        "A1.a": "achieved",
        **dict.fromkeys(("A2.a", "B2.a", "B3.a", "B4.a", "B5.a", "B6.a", "C1.a", "E1.a"), "partially_achieved"),
        "C2.a": "not_achieved",
        "E2.a": "achieved",
    }
    assert {outcome.code for outcome in CAF.outcomes() if outcome.verified} == set(by_code)
    assert all(CAF_NEXT.profiles["category-1"].is_unverified(outcome.id) for outcome in CAF_NEXT.outcomes())
    assert CAF_NEXT.header.provisional


def test_the_three_policy_questions_stand_where_they_were_found():
    assert [outcome.code for outcome in CAF.outcomes() if outcome.directives] == ["A2.b", "B2.a", "B4.d"]
    assert [outcome.code for outcome in CAF_NEXT.outcomes() if outcome.directives] == ["A2.c", "B2.a", "B4.d"]


def test_every_body_of_category_1_has_a_profile_and_an_interim_date():
    assert set(CAF.organisation_types) == {"trust", "icb", "csu", "alb", "oes", "genomics"}
    assert CAF.levels_for("trust") == ("met", "approaching", "not_met")
    assert (CAF.header.calendar.interim, CAF_NEXT.header.calendar.interim) == (date(2025, 12, 31), date(2026, 12, 31))
    board, *_ = CAF.outcomes()
    assert (CAF.is_unverified(board, "trust"), CAF.is_unverified(board, "genomics")) == (False, True)


@EVERY_CAF
def test_every_outcome_can_be_understood_and_judged(edition):
    for outcome in edition.outcomes():
        sentences = re.split(r"(?<=[.?!])\s+", outcome.help)
        assert 2 <= len(sentences) <= 4, outcome.code
        assert 2 <= len(outcome.good_evidence) <= 4, outcome.code
        assert (outcome.section in SECTIONS, outcome.plain_standard in PLAIN_STANDARDS) == (True, True)
        assert len(outcome.indicators["not_achieved"]) >= 2, outcome.code
        assert len(outcome.indicators["achieved"]) >= 3 or outcome.code in ("C2.b", "C2.a", "A2.b"), outcome.code
        assert len(outcome.indicators["partially_achieved"]) != 1, outcome.code
    assert {outcome.plain_standard for outcome in edition.outcomes()} == set(PLAIN_STANDARDS)
    assert {outcome.section for outcome in edition.outcomes()} == set(SECTIONS)


@EVERY_CAF
def test_no_sign_is_given_twice(edition):
    signs = Counter(sign.text for outcome in edition.outcomes() for group in outcome.indicators.values() for sign in group)

    assert [text for text, times in signs.items() if times > 1] == []


def test_every_outcome_leads_into_the_next_year():
    path = next(path for path in shipped_crosswalks() if path.name.endswith("caf.yaml"))

    assert lint_crosswalk(path, older=CAF, newer=CAF_NEXT).faults == ()
    relations = Counter(line.relation for line in load_crosswalk(path).lines)
    assert relations == {"same": 40, "new": 2, "renumbered": 2, "reworded": 4, "moved": 1}
