"""The linter and loader of edition and crosswalk files: what they accept, what they refuse, and how they say it."""

from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.edition_file import (
    EditionFileError,
    content_sha256,
    crosswalk_sha256,
    lint,
    lint_crosswalk,
    load,
    load_crosswalk,
    shipped_editions,
)

ITEMS = dedent("""\
    schema: dspt-edition/1
    edition:
      id: small-2025-26
      framework: dspt
      style: assertion
      category: 3
      year: "2025-26"
      version: 8.0.0
      change_class: structural
      supersedes: null
      status: active
      provenance: {source_title: "A list", source_url: null, verified_by: []}
      calendar:
        opens: 2025-09-01
        interim: null
        final: 2026-06-30
        evidence_window: {from: 2025-07-01, to: 2026-07-01}
    organisation_types:
      social-care: {label: "Care provider", route: assertion}
      trust: {label: "NHS trust", route: outcome}
    counting_rules:
      dspt-3.2.1: {window_months: 12, window_ends: publication, include: "everyone", away: counted}
    standards:
      - id: people
        number: "3"
        title: "Staff are trained"
        assertions:
          - id: people.training
            number: "3.2"
            title: "People are trained"
            items:
              - id: people.training.take-up
                number: "3.2.1"
                title: "Nearly everybody is trained"
                answer: {kind: yes_no}
                required_for: {social-care: [met, approaching]}
                section: management-and-training
                plain_standard: 2
                confidence: high
                source: {url: "https://example.org/list", read_on: 2026-01-01}
                live: {source: training.completion, rule: dspt-3.2.1, window_months: 12, target: 95, mode: gate}
              - id: people.training.approved
                number: "3.2.2"
                title: "When the plan was approved"
                answer: {kind: date, not_after: today, not_before: {window: start}}
                required_for: {social-care: [met]}
                section: management-and-training
                plain_standard: 2
                exempted_by: [iso27001]
              - id: people.training.state
                number: "3.2.3"
                title: "How far it is"
                answer: {kind: choice, options: [{value: "yes", satisfies: true}, {value: plan, satisfies: false, needs: plan}]}
                required_for: {social-care: []}
                section: it-security
                plain_standard: 8
    rules:
      standards_order: [exceeded, met, approaching, not_met]
      exceeded: {all: [{level: met}, {certificate: cyber_essentials_plus, valid: at_publication}]}
      met: {all: [{items: {required_for: met}, are: satisfied_or_exempt}, {assertions: confirmed}, {signoff: senior}]}
      approaching: {all: [{items: {required_for: approaching}, are: satisfied_or_exempt},
                          {plan: {covers: unsatisfied_met_items}}, {not: {previously_published: approaching}}]}
      not_met: {otherwise: true}
    """)

OUTCOMES = dedent("""\
    schema: dspt-edition/1
    edition:
      id: caf-2026-27
      framework: dspt
      style: outcome
      year: "2026-27"
      version: 1.0.0
      change_class: structural
      supersedes: caf-2025-26
      status: draft
      provenance: {source_title: "Guidance", source_url: "https://example.org/caf", verified_by: ["A", "B"]}
      calendar: {opens: 2026-09-01, interim: 2026-12-31, final: 2027-06-30, evidence_window: {from: 2026-07-01, to: 2027-07-01}}
    organisation_types:
      trust: {label: "NHS trust", route: outcome, profile: profile-2026}
    levels: [not_achieved, partially_achieved, achieved]
    level_rules:
      standard:
        - {when: {any_true: not_achieved}, then: not_achieved}
        - {when: {all_true: achieved}, then: achieved}
        - {when: {all_true: partially_achieved}, then: partially_achieved}
        - {then: not_achieved}
    objectives:
      - id: A
        title: "Managing risk"
        principles:
          - id: A1
            title: "Governance"
            outcomes:
              - id: caf.board
                code: A1.a
                title: "The board leads"
                level_rule: standard
                override: {allowed: true, needs: [reason, reviewer]}
                indicators:
                  not_achieved: [{id: caf.board.n1, text: "Nobody leads"}]
                  partially_achieved: []
                  achieved: [{id: caf.board.a1, text: "The board leads"}]
                directives:
                  - {id: caf.backup, text: "Are backups reviewed?", answers: [compliant, plan, not_compliant],
                     caps: {not_compliant: partially_achieved}}
                evidence: {min: 1, per: outcome}
                supporting_statement: {required: final, max_words: 1000}
    profiles:
      profile-2026: {caf.board: achieved}
    rules:
      standards_order: [met, approaching, not_met]
      met: {all: [{outcomes: at_or_above_profile}, {directives: compliant_or_plan}, {signoff: senior}]}
      approaching: {all: [{plan: {covers: outcomes_below_profile, state: accepted}}]}
      not_met: {otherwise: true}
    interim: {need: [level_for_every_outcome], skip: [supporting_statement, evidence, signoff], visibility: private}
    """)

CROSSWALK = dedent("""\
    schema: dspt-crosswalk/1
    from: small-2025-26
    to: small-2026-27
    verified_by: []
    map:
      - {from: [people.a], to: [people.a], relation: renumbered, carry: {answer: yes, evidence: suggest, owner: yes, level: recompute}}
      - {from: [people.b, people.c], to: [people.d], relation: merged, carry: {answer: as_note, owner: first, level: no}}
      - {from: [], to: [people.e], relation: new, carry: {}}
      - {from: [people.f], to: [], relation: removed, carry: {answer: archive}}
    """)


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) >= 1, f"the fixture no longer holds {old!r}"
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


# --- what is sound passes ---


def test_a_sound_edition_of_items_has_no_fault_and_is_counted():
    report = lint(ITEMS)

    assert report.faults == ()
    assert (report.edition, report.style, report.items, report.mandatory) == ("small-2025-26", "assertion", 3, 2)


def test_a_sound_edition_of_outcomes_has_no_fault_and_counts_outcomes_as_items():
    report = lint(OUTCOMES)

    assert report.faults == ()
    assert (report.edition, report.style, report.items, report.mandatory) == ("caf-2026-27", "outcome", 1, 1)


def test_what_is_loaded_is_what_the_file_says():
    edition = load(ITEMS)

    item = edition.item("people.training.take-up")
    assert item is edition.item_numbered("3.2.1")
    assert item.live is not None
    assert (item.live.target, item.live.mode, item.live.gross, item.live.window_ends) == (95, "gate", True, "publication")
    assert item.not_applicable == "refused"
    assert item.is_required("social-care", "approaching")
    assert not edition.item_numbered("3.2.3").is_required("social-care")
    assert edition.item_numbered("3.2.3").applies_to("social-care")
    assert not item.applies_to("trust")
    assert str(edition.item_numbered("3.2.2").answer.not_before) == "2025-07-01"
    assert edition.item_numbered("3.2.2").exempted_by[0].whole_scope
    assert edition.is_unverified(item, "social-care")
    assert not edition.header.is_verified


def test_two_names_verify_an_edition_and_a_third_of_the_keys_may_stand_in_params():
    text = changed(ITEMS, "verified_by: []", 'verified_by: ["First", "Second"]')
    text = changed(
        text,
        "rule: dspt-3.2.1, window_months: 12, target: 95",
        "params: {rule: dspt-3.2.1, window_months: 12, window_ends: publication}, target: 95",
    )

    edition = load(text)

    assert edition.header.is_verified
    live = edition.item_numbered("3.2.1").live
    assert live is not None
    assert (live.rule, live.window_months) == ("dspt-3.2.1", 12)


def test_a_draft_in_which_nobody_has_begun_on_sections_may_wait_for_them():
    text = "".join(
        line for line in ITEMS.splitlines(keepends=True) if "section:" not in line and "plain_standard:" not in line
    ).replace("status: active", "status: draft")

    assert lint(text).faults == ()
    assert {fault.path.rsplit(".", 1)[1] for fault in lint(text.replace("status: draft", "status: active")).faults} == {
        "section",
        "plain_standard",
    }


def with_help(first, second):
    """The small edition with help for its first item and, unless it is None, its second."""
    text = changed(ITEMS, "answer: {kind: yes_no}", f'answer: {{kind: yes_no}}\n            help: "{first}"')
    date = "answer: {kind: date, not_after: today, not_before: {window: start}}"
    return changed(text, date, f'{date}\n            help: "{second}"') if second else text


def test_every_item_is_explained_in_its_own_words():
    assert lint(with_help("Count them.", "Give the day.")).is_clean

    (fault,) = lint(with_help("Count them.", "count  THEM.")).faults
    assert fault.path == "standards[0].assertions[0].items[1].help"
    assert "in its own words" in fault.message


def test_once_help_is_begun_what_is_required_needs_it():
    (fault,) = lint(with_help("Count them.", None)).faults

    assert (fault.path, fault.message) == ("standards[0].assertions[0].items[1].help", "What is required needs its 'help'.")


def test_a_path_is_read_and_text_is_taken_as_it_is(tmp_path):
    path = tmp_path / "edition.yaml"
    path.write_text(ITEMS, encoding="utf-8")

    assert lint(path) == lint(ITEMS) == lint(ITEMS.encode()) == lint(b"\xef\xbb\xbf" + ITEMS.replace("\n", "\r\n").encode())


# --- what is refused, where, and in which words ---

ITEM = "standards[0].assertions[0].items[0]"
REFUSED = [
    # the file as a whole
    ("schema: dspt-edition/1", "schema: dspt-edition/2", "schema", "should be 'dspt-edition/1'"),
    ("schema: dspt-edition/1\n", "", "schema", "'schema' is missing"),
    ("schema: dspt-edition/1", "colour: red\nschema: dspt-edition/1", "colour", "Unknown key 'colour'"),
    ("\nrules:\n", "\n---\nrules:\n", "file", "second document"),
    (
        '    title: "Staff are trained"\n',
        '    title: "Staff are trained"\n    title: "Again"\n',
        "standards[0].title",
        "'title' is here twice",
    ),
    ("id: small-2025-26", "id: &name small-2025-26", "edition.id", "anchor"),
    ("id: small-2025-26", "id: *name", "edition.id", "alias"),
    ("id: small-2025-26", "id: !!python/name:os.system x", "edition.id", "tag"),
    ("id: small-2025-26", "id: !!str x", "edition.id", "tag"),
    # header
    ("id: small-2025-26", "id: Small Edition", "edition.id", "is not an id"),
    ("framework: dspt", "framework: iso", "edition.framework", "Should be dspt"),
    ("style: assertion", "style: essay", "edition.style", "Should be assertion or outcome"),
    ('year: "2025-26"', "year: 2025-26", None, None),
    ('year: "2025-26"', "year: 2025", "edition.year", "write it in quotes"),
    ('year: "2025-26"', 'year: "2025-27"', "edition.year", "follow each other"),
    ("version: 8.0.0", "version: 8.0", "edition.version", "write it in quotes"),
    ("version: 8.0.0", "version: v8", "edition.version", "such as 8.0.0"),
    ("supersedes: null", "supersedes: small-2025-26", "edition.supersedes", "cannot supersede itself"),
    ("status: active", "status: live", "edition.status", "draft, active or retired"),
    ("category: 3", "category: 5", "edition.category", "from 1 to 4"),
    ("category: 3", "category: true", "edition.category", "whole number"),
    ("source_url: null", "source_url: 'javascript:x'", "edition.provenance.source_url", "web address"),
    ("verified_by: []", 'verified_by: ["A", "A"]', "edition.provenance.verified_by", "two different people"),
    # dates
    ("opens: 2025-09-01", "opens: 2025-02-30", "edition.calendar.opens", "no possible date"),
    ("opens: 2025-09-01", 'opens: "2025-09-01"', "edition.calendar.opens", "without quotes"),
    ("opens: 2025-09-01", "opens: 2026-09-01", "edition.calendar", "not before its final date"),
    ("interim: null", "interim: 2026-12-31", "edition.calendar.interim", "not between"),
    ("final: 2026-06-30", "final: 2028-06-30", "edition.calendar.final", "not in the year 2025-26"),
    ("to: 2026-07-01", "to: 2025-07-01", "edition.calendar.evidence_window", "no day in it"),
    ("{from: 2025-07-01, to: 2026-07-01}", "{from: 2025-07-01}", "edition.calendar.evidence_window.to", "'to' is missing"),
    # organisation types and counting rules
    ("social-care: {label", "care-home: {label", "organisation_types.care-home", "Unknown organisation type"),
    ("route: outcome", "route: scenic", "organisation_types.trust.route", "assertion or outcome"),
    ('label: "Care provider", route: assertion', 'label: "Care provider", route: outcome', "organisation_types", "own route"),
    (
        "window_months: 12, window_ends: publication, include",
        "window_months: 0, window_ends: publication, include",
        "counting_rules.dspt-3.2.1.window_months",
        "from 1 to 120",
    ),
    # standards, assertions, items
    ('number: "3.2.2"', "number: 3.2", "standards[0].assertions[0].items[1].number", "write it in quotes"),
    ('number: "3.2.2"', 'number: "3.2.1"', "standards[0].assertions[0].items[1].number", "is used twice (first on line"),
    ('number: "3.2.2"', 'number: "4.2.2"', "standards[0].assertions[0].items[1].number", "should begin with '3.'"),
    ("id: people.training.approved", "id: people.training.take-up", "standards[0].assertions[0].items[1].id", "is used twice"),
    ('title: "Nearly everybody is trained"', 'title: ""', f"{ITEM}.title", "blank"),
    ('title: "Nearly everybody is trained"', 'title: "Placeholder: x"', f"{ITEM}.title", "placeholder"),
    ("section: management-and-training", "section: gardening", f"{ITEM}.section", "management-and-training, data-protection"),
    ("section: management-and-training\n", "colour: red\n", f"{ITEM}.section", "'section' is missing"),
    ("section: management-and-training", "section: null", f"{ITEM}.section", "Should be management-and-training"),
    ("plain_standard: 2", "plain_standard: 11", f"{ITEM}.plain_standard", "from 1 to 10"),
    ("answer: {kind: yes_no}", "answer: {kind: essay}", f"{ITEM}.answer.kind", "yes_no, text, date"),
    ("answer: {kind: yes_no}", "answer: yes", f"{ITEM}.answer", "Should be a group of keys, but is yes/true"),
    ("answer: {kind: yes_no}", "answer: {kind: yes_no, max_words: 3}", f"{ITEM}.answer.max_words", "does not go with"),
    ("not_after: today", "not_after: tomorrow", "standards[0].assertions[0].items[1].answer.not_after", "Should be today"),
    (
        '[{value: "yes", satisfies: true}, {',
        "[{value: plan, satisfies: true}, {",
        "standards[0].assertions[0].items[2].answer.options[1].value",
        "used twice",
    ),
    ("satisfies: true}", "satisfies: false}", "standards[0].assertions[0].items[2].answer", "nobody could"),
    ("options: [{", "choices: [{", "standards[0].assertions[0].items[2].answer.choices", "Unknown key"),
    (
        "required_for: {social-care: [met]}",
        "required_for: {gp: [met]}",
        "standards[0].assertions[0].items[1].required_for.gp",
        "not among the organisation types",
    ),
    (
        "required_for: {social-care: [met]}",
        "required_for: {nobody: [met]}",
        "standards[0].assertions[0].items[1].required_for.nobody",
        "Unknown organisation type",
    ),
    (
        "required_for: {social-care: [met]}",
        "required_for: {trust: [met]}",
        "standards[0].assertions[0].items[1].required_for.trust",
        "takes the route 'outcome'",
    ),
    (
        "required_for: {social-care: [met]}",
        "required_for: {social-care: [exceeded]}",
        "standards[0].assertions[0].items[1].required_for.social-care[0]",
        "met or approaching",
    ),
    ("[met, approaching]", "[approaching]", f"{ITEM}.required_for.social-care", "required for 'met' as well"),
    ("[met, approaching]", "[met, met]", f"{ITEM}.required_for.social-care[1]", "twice"),
    (
        "exempted_by: [iso27001]",
        "exempted_by: [good_looks]",
        "standards[0].assertions[0].items[1].exempted_by[0]",
        "cyber_essentials_plus",
    ),
    ("confidence: high", "confidence: total", f"{ITEM}.confidence", "high, medium or low"),
    ("confidence: high", "confidence: low\n            verified: true", f"{ITEM}.verified", "high confidence"),
    ('url: "https://example.org/list"', "url: example.org", f"{ITEM}.source.url", "web address"),
    # live figures
    ("target: 95, mode", "mode", f"{ITEM}.live", "needs its 'target'"),
    ("target: 95", "target: 95.5", f"{ITEM}.live.target", "whole number"),
    ("target: 95", "target: 101", f"{ITEM}.live.target", "from 1 to 100"),
    ("mode: gate", "mode: open", f"{ITEM}.live.mode", "inform, prefill or gate"),
    ("source: training.completion", "source: moon.phase", f"{ITEM}.live.source", "training.completion"),
    (
        "rule: dspt-3.2.1, window_months: 12",
        "rule: other, window_months: 12",
        f"{ITEM}.live",
        "not among the edition's counting_rules",
    ),
    (
        "rule: dspt-3.2.1, window_months: 12",
        "rule: dspt-3.2.1, window_months: 24",
        f"{ITEM}.live",
        "differs from the counting rule",
    ),
    ("answer: {kind: yes_no}", "answer: {kind: text}", f"{ITEM}.live", "Only a yes/no item"),
    # rules
    (
        "standards_order: [exceeded, met, approaching, not_met]",
        "standards_order: [exceeded, met, not_met]",
        "rules.standards_order",
        "'approaching' has a rule but is not in the order",
    ),
    ("standards_order: [exceeded, met,", "standards_order: [met, exceeded,", "rules.standards_order", "from best to worst"),
    (
        "standards_order: [exceeded, met, approaching, not_met]",
        "standards_order: [exceeded, met, approaching]",
        "rules.standards_order",
        "must end with 'not_met'",
    ),
    ("not_met: {otherwise: true}", "not_met: {otherwise: false}", "rules.not_met.otherwise", "must be true"),
    ("{items: {required_for: met}, are: satisfied_or_exempt}, {assertions", "{assertions", "rules.met", "asks for no item"),
    (
        "met: {all: [{items: {required_for: met}, are: satisfied_or_exempt}, {assertions: confirmed}, {signoff: senior}]}",
        "met: {all: []}",
        "rules.met.all",
        "at least 1",
    ),
    ("{level: met}", "{level: exceeded}", "rules.exceeded.all[0].level", "lower level"),
    ("{level: met}", "{level: met, signoff: senior}", "rules.exceeded.all[0]", "exactly one"),
    ("{level: met}", "{moon: full}", "rules.exceeded.all[0]", "exactly one"),
    ("valid: at_publication", "valid: someday", "rules.exceeded.all[1].valid", "at_publication"),
    ("certificate: cyber_essentials_plus", "certificate: swimming", "rules.exceeded.all[1].certificate", "cyber_essentials_plus"),
    ("{signoff: senior}", "{outcomes: at_or_above_profile}", "rules.met.all[2].outcomes", "style 'outcome'"),
    (
        "{not: {previously_published: approaching}}",
        "{not: {organisation_type: [gp]}}",
        "rules.approaching.all[2].not.organisation_type[0]",
        "social-care or trust",
    ),
    ("[met, approaching]", "[]", "rules", None),
]


@pytest.mark.parametrize(("old", "new", "path", "words"), REFUSED)
def test_a_fault_is_found_at_its_place(old, new, path, words):
    text = changed(ITEMS, old, new)

    faults = lint(text).faults

    if path is None:
        assert faults == ()
        return
    if words is None:
        assert faults == ()  # one item is left that 'met' asks for
        return
    found = [fault for fault in faults if fault.path == path and words in fault.message]
    assert found, faults
    assert 1 <= found[0].line <= text.count("\n")
    with pytest.raises(EditionFileError):
        load(text)


def test_met_may_not_leave_a_type_with_nothing_to_do():
    text = ITEMS.replace("social-care: [met, approaching]", "social-care: []").replace("social-care: [met]", "social-care: []")

    report = lint(text)

    assert [(fault.path, fault.message) for fault in report.faults] == [
        ("rules", "The rule for 'met' cites nothing for 'social-care': no item is required of it.")
    ]
    assert report.mandatory == 0


@pytest.mark.parametrize(
    ("key", "kind", "clean"),
    [("iso27001", "4.5.3", True), ("cyber_essentials_plus", "4.5.3", False), ("cyber_essentials_plus", "4.5.4", True)],
)
def test_cyber_essentials_plus_never_stands_in_for_multi_factor_sign_in(key, kind, clean):
    text = (
        ITEMS.replace('number: "3"', 'number: "4"')
        .replace('number: "3.2"', 'number: "4.5"')
        .replace('number: "3.2.', 'number: "4.5.')
    )
    text = (
        text.replace('"4.5.2"', f'"{kind}"')
        if kind != "4.5.3"
        else text.replace('"4.5.3"', '"4.5.9"').replace('"4.5.2"', '"4.5.3"')
    )
    text = changed(text, "exempted_by: [iso27001]", f"exempted_by: [{key}]")

    faults = lint(text).faults

    assert (faults == ()) is clean, faults
    assert clean or faults[0].path == "standards[0].assertions[0].items[1].exempted_by"


def test_nothing_in_a_provisional_edition_is_verified():
    text = changed(ITEMS, "status: active", "status: active\n  provisional: true")
    text = changed(text, "confidence: high", "confidence: high\n            verified: true")

    assert [fault.message for fault in lint(text).faults] == ["Nothing in a provisional edition can be verified."]


def test_the_line_of_a_fault_is_the_line_in_the_file():
    text = changed(ITEMS, "plain_standard: 8", "plain_standard: 80")

    (fault,) = lint(text).faults

    assert fault.line == line_of(text, "plain_standard: 80")


def test_every_fault_is_said_at_once_in_the_order_of_the_file():
    text = ITEMS
    for old, new in [
        ("version: 8.0.0", "version: x"),
        ("route: outcome", "route: x"),
        ("mode: gate", "mode: x"),
        ("{level: met}", "{x: met}"),
    ]:
        text = changed(text, old, new)

    faults = lint(text).faults

    paths = [fault.path for fault in faults]
    assert {"edition.version", "organisation_types.trust.route", f"{ITEM}.live.mode", "rules.exceeded.all[0]"} <= set(paths)
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    with pytest.raises(EditionFileError) as refusal:
        load(text)
    assert refusal.value.faults == faults
    assert f"and {len(faults) - 1} more" in str(refusal.value)


OUTCOME = "objectives[0].principles[0].outcomes[0]"


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("standard:\n    - {when", "standard:\n    - {then: achieved}\n    - {when", "level_rules.standard[0]", "last step"),
        ("- {then: not_achieved}", "- {when: {any_true: achieved}, then: not_achieved}", "level_rules.standard[3]", "last step"),
        ("any_true: not_achieved", "any_true: splendid", "level_rules.standard[0].when.any_true", "not_achieved"),
        ("any_true: not_achieved", "any_true: achieved, all_true: achieved", "level_rules.standard[0].when", "one thing"),
        ("level_rule: standard", "level_rule: other", "objectives[0].principles[0].outcomes[0].level_rule", "Should be standard"),
        ("{caf.board: achieved}", "{}", "profiles.profile-2026", "says nothing of the outcome 'caf.board'"),
        ("{caf.board: achieved}", "{caf.board: achieved, caf.x: achieved}", "profiles.profile-2026.caf.x", "no outcome"),
        (
            "{caf.board: achieved}",
            "{caf.board: partially_achieved}",
            "profiles.profile-2026.caf.board",
            "no indicators of 'partially",
        ),
        ("{caf.board: achieved}", "{caf.board: {confidence: low}}", "profiles.profile-2026.caf.board.level", "missing"),
        (
            'achieved: [{id: caf.board.a1, text: "The board leads"}]',
            "achieved: []",
            "objectives[0].principles[0].outcomes[0].indicators",
            "highest level",
        ),
        ("status: draft", "status: draft\n  totals: {outcomes: 47}", "edition.totals", "is 47, and this file holds 1"),
        ("status: draft", "status: draft\n  totals: {items: 1}", "edition.totals.items", "Unknown key"),
        (
            "level_rule: standard",
            "level_rule: standard\n            section: it-security",
            f"{OUTCOME}.plain_standard",
            "exactly one",
        ),
        ("{caf.board: achieved}", "{caf.board: best}", "profiles.profile-2026.caf.board", "not_achieved"),
        ("profile: profile-2026", "profile: profile-1999", "organisation_types.trust", "no profile"),
        (", profile: profile-2026", "", "organisation_types.trust", "names its 'profile'"),
        (
            "not_compliant: partially",
            "sometimes: partially",
            "objectives[0].principles[0].outcomes[0].directives[0].caps.sometimes",
            "not among",
        ),
        ("id: caf.board.a1", "id: caf.board.n1", "objectives[0].principles[0].outcomes[0].indicators.achieved[0].id", "twice"),
        (
            "{outcomes: at_or_above_profile}",
            "{items: {required_for: met}, are: satisfied_or_exempt}",
            "rules.met.all[0].items",
            "style 'assertion'",
        ),
        ("visibility: private", "visibility: secret", "interim.visibility", "private or public"),
        ("objectives:\n", "standards: []\nobjectives:\n", "standards", "Unknown key"),
    ],
)
def test_a_fault_in_an_edition_of_outcomes_is_found_at_its_place(old, new, path, words):
    faults = lint(changed(OUTCOMES, old, new)).faults

    assert [fault for fault in faults if fault.path == path and words in fault.message], faults


# --- whatever the file holds ---


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("---\n", "group of keys"),
        ("just words", "group of keys"),
        ("- a\n- b\n", "a list"),
        ("{", "not readable YAML"),
        ("a: b: c", "not readable YAML"),
        ("a:\n\t- b", "not readable YAML"),
        ("%YAML 9.9\n---\na: 1", None),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "UTF-8"),
        (ITEMS.encode("utf-16"), "UTF-8"),
        ("a: \x00", "not readable YAML"),
        ("a: \ud800", "UTF-8"),
        ("? [a, b]\n: c", "plain text"),
        ("? *x\n: c", "alias"),
        ("[" * 5000, None),
        ("a: " * 3, "not readable YAML"),
        ("x: " + "[" * 40 + "]" * 40, "nested more than"),
        ("x: " + "1" * 6000, None),
        ("x: 2026-13-45", None),
        ("x" * 2_000_001, "2,000,001 bytes"),
        (Path("/nonexistent/edition.yaml"), "cannot be read"),
        (Path("/"), "cannot be read"),
        (Path("a\x00b"), "cannot be read"),
    ],
)
def test_a_source_that_is_no_edition_is_reported_not_raised(source, words):
    report = lint(source)
    crosswalk = lint_crosswalk(source)

    assert report.faults
    assert crosswalk.faults
    assert (report.edition, report.items, report.mandatory) == (None, 0, 0)
    if words:
        assert any(words in fault.message for fault in report.faults), report.faults


def test_a_file_that_expands_itself_is_refused_without_expanding():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [*{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}]\n"
        for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    )

    messages = [fault.message for fault in lint(bomb).faults]

    assert any("alias" in message for message in messages)


YAML_PIECES = st.sampled_from(
    [
        "a",
        ":",
        " ",
        "\n",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&x",
        "*x",
        "!!int",
        "---\n",
        "'",
        '"',
        "|",
        ">",
        "#",
        "? ",
        "%",
        "\t",
        "1",
        "2026-02-30",
        "~",
        "<<",
        "é",
        "\x00",
        "standards: ",
        "edition: ",
        "id: ",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.lists(YAML_PIECES, max_size=40).map("".join)))
def test_lint_never_raises_whatever_it_reads(source):
    assert lint(source).faults
    assert lint_crosswalk(source).faults


REPLACEMENTS = st.sampled_from(
    ["", "null", "[]", "{}", "true", "7", "2026-01-01", '"words"', "[[1]]", "{a: {b: c}}", "- x", "&a b", "!!set {}"]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([ITEMS, OUTCOMES]), st.data())
def test_lint_never_raises_on_an_edition_with_a_value_knocked_out(text, data):
    lines = text.splitlines()
    index = data.draw(st.integers(0, len(lines) - 1))
    key, colon, _ = lines[index].partition(":")
    lines[index] = data.draw(
        st.one_of(REPLACEMENTS.map(lambda value: f"{key}{colon} {value}"), st.just(""), st.text(max_size=20))
    )

    report = lint("\n".join(lines))

    assert all(fault.path and fault.line >= 1 and fault.message for fault in report.faults)


def _shrunk(value, keep):
    """The value with the part that ``keep`` counts down to taken out."""
    if isinstance(value, dict):
        result = {}
        for key, inner in value.items():
            keep[0] -= 1
            if keep[0] != 0:
                result[key] = _shrunk(inner, keep)
        return result
    if isinstance(value, list):
        return [_shrunk(inner, keep) for inner in value]
    return value


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([ITEMS, OUTCOMES]), st.integers(1, 140))
def test_an_edition_without_one_of_its_keys_is_either_sound_or_explained(text, which):
    tree = _shrunk(yaml.safe_load(text), [which])
    smaller = yaml.safe_dump(tree, sort_keys=False)

    report = lint(smaller)

    if report.is_clean:
        assert load(smaller).size == report.items
    else:
        assert all(fault.message.endswith(".") for fault in report.faults)


# --- identity ---


def test_layout_comments_and_key_order_do_not_change_identity():
    tree = yaml.safe_load(ITEMS)
    rewritten = "# a comment\n" + yaml.safe_dump(tree, sort_keys=True, width=40, default_flow_style=False)
    assert rewritten != ITEMS

    assert content_sha256(load(ITEMS)) == content_sha256(load(rewritten))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("target: 95", "target: 96"),
        ("Nearly everybody", "Nearly everyone"),
        ("final: 2026-06-30", "final: 2026-06-29"),
        ("[met, approaching]", "[met]"),
    ],
)
def test_a_changed_word_number_or_date_changes_identity(old, new):
    assert content_sha256(load(ITEMS)) != content_sha256(load(changed(ITEMS, old, new)))


def test_identity_is_the_sha256_of_canonical_json():
    canonical = load(ITEMS).canonical

    assert canonical.startswith('{"counting_rules":{"dspt-3.2.1":{"away":"counted","include":"everyone"')
    assert '"final":"2026-06-30"' in canonical
    assert ": " not in canonical.replace("Placeholder: ", "")


# --- crosswalks ---


def test_a_sound_crosswalk_says_what_leads_where():
    crosswalk = load_crosswalk(CROSSWALK)

    assert lint_crosswalk(CROSSWALK).faults == ()
    assert lint_crosswalk(CROSSWALK).lines == 4
    (merged,) = crosswalk.into("people.d")
    assert merged.from_ids == ("people.b", "people.c")
    assert merged.carry == {"answer": "as_note", "owner": "first", "level": "no"}
    assert crosswalk.into("people.f") == ()
    assert crosswalk_sha256(crosswalk) == crosswalk_sha256(load_crosswalk("# x\n" + CROSSWALK))


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("dspt-crosswalk/1", "dspt-edition/1", "schema", "dspt-crosswalk/1"),
        ("to: small-2026-27", "to: small-2025-26", "to", "another one"),
        ("relation: renumbered", "relation: twisted", "map[0].relation", "renumbered"),
        ("to: [people.d]", "to: [people.d, people.x]", "map[1].to", "'merged' has one id here"),
        ("to: [people.e]", "to: []", "map[2].to", "at least one id"),
        ("{from: [], to: [people.e]", "{from: [people.z], to: [people.e]", "map[2].from", "no id here"),
        ("carry: {}", "carry: {answer: yes}", "map[2].carry", "new item"),
        ("answer: archive", "answer: burn", "map[3].carry.answer", "archive"),
        ("answer: archive", "colour: red", "map[3].carry.colour", "Unknown key"),
        ("to: [people.e]", "to: [people.a]", "map[2].to[0]", "mapped twice"),
        ("[people.b, people.c]", "people.b", "map[1].from", "Should be a list"),
    ],
)
def test_a_fault_in_a_crosswalk_is_found_at_its_place(old, new, path, words):
    text = changed(CROSSWALK, old, new)

    faults = lint_crosswalk(text).faults

    assert [fault for fault in faults if fault.path == path and words in fault.message], faults
    with pytest.raises(EditionFileError):
        load_crosswalk(text)


def test_with_both_editions_at_hand_every_item_must_be_mapped_and_exist():
    older = load(ITEMS)
    newer = load(ITEMS.replace("small-2025-26", "small-2026-27").replace("people.training.state", "people.training.phase"))
    text = dedent("""\
        schema: dspt-crosswalk/1
        from: small-2025-26
        to: small-2026-27
        verified_by: []
        map:
          - {from: [people.training.take-up], to: [people.training.take-up], relation: same, carry: {}}
          - {from: [people.training.state], to: [people.training.typo], relation: moved, carry: {}}
        """)

    messages = " ".join(fault.message for fault in lint_crosswalk(text, older=older, newer=newer).faults)

    assert "There is no 'people.training.typo'" in messages
    assert "'people.training.approved' of the edition this crosswalk leads from is not mapped" in messages
    assert "'people.training.phase' of the edition this crosswalk leads to is not mapped" in messages
    assert lint_crosswalk(text).faults == ()
    assert "is 'small-2026-27'" in " ".join(fault.message for fault in lint_crosswalk(text, older=newer).faults)


def test_a_shipped_edition_with_a_section_taken_out_is_refused():
    text = shipped_editions()[0].read_text(encoding="utf-8")
    broken = changed(text, "            section: it-security\n", "")

    (fault,) = lint(broken).faults

    assert fault.path.endswith(".section")
    assert "'section' is missing" in fault.message
