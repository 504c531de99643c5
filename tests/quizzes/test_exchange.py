"""Moodle XML, GIFT and YAML: what comes in, what goes out, and that it is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bank_file import question_of, read_bank
from quizzes.exchange.gift import read_gift, write_gift
from quizzes.exchange.moodle_xml import read_moodle_xml, write_moodle_xml
from quizzes.exchange.reading import ONE_RIGHT, SHARED_FEEDBACK, WEIGHTS, ExchangeRefusedError, tidy
from quizzes.exchange.writing import for_others, write_yaml
from quizzes.importing import read_exchange
from tests.quizzes import samples

READERS = {"xml": (write_moodle_xml, read_moodle_xml), "gift": (write_gift, read_gift)}
SPECIALS = "~=#{}:\\n%->/<>&$[]\"'“ é\n T1*"

line = st.text(st.sampled_from(SPECIALS) | st.characters(codec="utf-8"), min_size=1, max_size=25)
line = line.map(lambda text: " ".join(tidy(text).split())).filter(bool)
para = st.text(st.sampled_from(SPECIALS), min_size=1, max_size=40).map(tidy).filter(bool)
# Private-use characters serve the GIFT reader itself.
line, para = (words.filter(lambda text: not any("\ue000" <= c <= "\uf8ff" for c in text)) for words in (line, para))


@st.composite
def asked(draw: st.DrawFn) -> dict:
    kind = draw(st.sampled_from(["single", "multiple", "true_false", "ordering", "matching"]))
    texts = draw(st.lists(line, min_size=3, max_size=6, unique=True))
    options = [{"text": text, "explanation": draw(para)} for text in texts]
    if kind == "matching":
        matches = draw(st.lists(line, min_size=len(options) + 1, max_size=len(options) + 1, unique=True))
        for option, match in zip(options, matches, strict=False):
            option["match"] = match
        return {"kind": kind, "stem": draw(para), "options": options, "other_matches": matches[-1:]}
    if kind == "true_false":
        options = [{**option, "text": word} for option, word in zip(options, ("True", "False"), strict=False)]
    if kind != "ordering":
        right = draw(st.integers(2, len(options))) if kind == "multiple" else 1
        for number, option in enumerate(options):
            option["correct"] = number < right
    return {"kind": kind, "stem": draw(para), "options": options}


def labelled(raw: dict) -> dict:
    return {"code": "K-1", **samples.LABELS, **raw}


@given(asked())
def test_what_goes_out_as_moodle_xml_comes_back_the_same(raw):
    content = write_moodle_xml("kinds", for_others([labelled(raw)]))

    found = read_moodle_xml(content).found[0]

    assert question_of(labelled(found.raw)).content == question_of(labelled(raw)).content
    assert found.topic == "incidents"


@given(asked().filter(lambda raw: raw["kind"] != "ordering"))
def test_what_goes_out_as_gift_comes_back_the_same_as_far_as_gift_can_say(raw):
    content = write_gift("kinds", for_others([labelled(raw)]))
    if b"GIFT cannot say" in content:
        assert raw["kind"] == "matching"
        assert "->" in str(raw)
        return

    found = read_gift(content).found[0]

    if raw["kind"] == "matching":  # its explanations go out together
        raw, back = ({**q, "options": [{**o, "explanation": ""} for o in q["options"]]} for q in (raw, found.raw))
    else:
        back = found.raw
    assert question_of(labelled(back)).content == question_of(labelled(raw)).content


@given(st.lists(asked(), min_size=1, max_size=3))
def test_what_goes_out_as_yaml_is_read_as_the_same_bank(tmp_path_factory, raws):
    raws = [{**labelled(raw), "code": f"K-{n}"} for n, raw in enumerate([*raws, samples.SCENARIO])]
    path = tmp_path_factory.mktemp("bank") / "kinds.yaml"
    path.write_bytes(write_yaml("kinds", raws, drawn={1: 99}, pass_mark_percent=70))

    bank = read_bank(path)

    assert [q.content_hash for q in bank.questions] == [question_of(raw).content_hash for raw in raws]
    assert (bank.pool, bank.pass_mark_percent) == ("kinds", 70)
    assert bank.draws == [{"pool": "kinds", "section": 1, "count": len(raws)}]


FRAGMENTS = [
    b"<quiz>",
    b"</quiz>",
    b'<question type="multichoice">',
    b'<answer fraction="nan"><text>',
    b"::a::",
    b"{",
    b"}",
    b"=",
    b"~%",
    b"\n\n",
]


@given(st.binary(max_size=60) | st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=5)).map(b"".join))
def test_any_bytes_give_questions_or_a_sentence(content):
    for name in ("a.xml", "a.txt"):
        try:
            reading = read_exchange(name, content)
        except ExchangeRefusedError as refusal:
            told = str(refusal)
        else:
            told = [reading.found, reading.faults, reading.left_out]
        assert any(told)


def xml(*questions: str) -> bytes:
    return f'<?xml version="1.0"?><quiz>{"".join(questions)}</quiz>'.encode()


def multichoice(*answers: tuple[str, str, str], single: str = "true", more: str = "", text: str = "Which?") -> str:
    options = "".join(
        f'<answer fraction="{weight}" format="html"><text><![CDATA[{words}]]></text><feedback><text>{told}</text></feedback></answer>'
        for weight, words, told in answers
    )
    return (
        f'<question type="multichoice"><name><text>Mine</text></name><questiontext format="html"><text><![CDATA[{text}]]></text>'
        f"</questiontext><single>{single}</single>{more}{options}</question>"
    )


def test_a_question_of_moodle_becomes_words_and_says_what_was_lost():
    picture = '<p>Look&nbsp;here:</p><p><img src="@@PLUGINFILE@@/a.png"></p><script>alert(1)</script>'
    general = "<generalfeedback><text>Because.</text></generalfeedback>"
    answers = ("100", "<b>Yes</b>", "Right"), ("50", "Half", ""), ("0", "No &lt; 5", "")

    found = read_moodle_xml(xml(multichoice(*answers, text=picture, more=general))).found[0]

    assert found.place == "Question 1, “Mine”"
    assert found.raw["stem"] == "Look here:"
    assert [(o["text"], o["correct"], o["explanation"]) for o in found.raw["options"]] == [
        ("Yes", True, "Right"),
        ("Half", False, "Because."),
        ("No < 5", False, "Because."),
    ]
    assert found.notes == ("a picture was left out, so check that the question still makes sense", ONE_RIGHT, SHARED_FEEDBACK)


def test_part_marks_become_all_or_nothing():
    answers = ("60", "a", "x"), ("40", "b", "x"), ("-100", "c", "x")
    found = read_moodle_xml(xml(multichoice(*answers, single="false"))).found[0]

    assert found.raw["kind"] == "multiple"
    assert [o["correct"] for o in found.raw["options"]] == [True, True, False]
    assert found.notes == (WEIGHTS,)


def test_kinds_there_are_none_of_are_named_and_faults_have_a_place():
    essay = '<question type="essay"><name><text>Write</text></name></question>'
    nothing_right = multichoice(("0", "a", ""), ("0", "b", ""))

    reading = read_moodle_xml(xml(essay, nothing_right))

    assert reading.left_out == ["Question 1, “Write” is an essay, which there is no kind for here. Write it anew if you need it."]
    assert reading.faults == ["Question 2, “Mine”: exactly one option is correct, and 0 are marked so."]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<quiz>\n<question>", "Line 2: the file is not well-formed XML."),
        (b"<html></html>", "This is XML, but not of Moodle questions."),
        (b'<!DOCTYPE quiz [<!ENTITY a "aaaa">]><quiz>&a;</quiz>', "The file defines entities"),
        (b'<?xml version="1.0" encoding="shift_jis"?><quiz/>', "The encoding of the file is not known."),
        (b"<quiz/>", "There is no question in the file."),
        (b"\x00\x01\x02\x81", "The file is not a text file."),
        (b"  \n", "The file is empty."),
        (b"x" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
        (b"a {=b ~c}\n\n" * 501, "The file has more than 500 questions."),
        (b"a {=b ~" + b"c" * 20_001 + b"}", "Line 1 has a text of more than 20,000 characters."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(content, told):
    with pytest.raises(ExchangeRefusedError, match=f"^{told}"):
        read_exchange("questions.txt", content)


GIFT = r"""// a comment
$CATEGORY: $course$/top/Safe passwords

::First::[html]Who is <em>asking</em>? {
 =The caller\: 1 \= 1#Yes
 ~Nobody#No
}

A caller {T#Not so#So it is} here.

Grant is buried in {~%50%New York~%50%the tomb~%-100%Paris####General}

Match {=cat -> mouse =dog -> bone = -> hay}

Write about it {}

How many? {#3:1}

Type it {=one =two}

Two {=a ~b} and {=c ~d}
"""


@pytest.mark.parametrize(
    "content", [GIFT.encode(), GIFT.encode("utf-8-sig"), GIFT.encode("utf-16"), GIFT.replace("\n", "\r\n").encode()]
)
def test_a_gift_file_is_read_in_every_encoding(content):
    reading = read_exchange("a.txt", content)

    first, truth, several, match = reading.found
    assert (first.place, first.topic, first.raw["stem"]) == ("Line 4, “First”", "safe-passwords", "Who is asking?")
    assert first.raw["options"][0] == {"text": "The caller: 1 = 1", "correct": True, "explanation": "Yes"}
    assert truth.raw["stem"] == "A caller _____ here."
    assert [(o["correct"], o["explanation"]) for o in truth.raw["options"]] == [(True, "So it is"), (False, "Not so")]
    assert [o["correct"] for o in several.raw["options"]] == [True, True, False]
    assert {o["explanation"] for o in several.raw["options"]} == {"General"}
    assert match.raw["other_matches"] == ["hay"]
    assert [sentence.split(", which")[0] for sentence in reading.left_out] == [
        "Line 15 is an essay",
        "Line 17 is a number to type",
        "Line 19 is a short answer to type",
    ]
    assert len(reading.faults) == 1
    assert reading.faults[0].startswith("Line 21: the answers stand between one { and one }.")


def test_a_case_goes_out_as_a_question_for_each_part():
    questions = list(for_others([labelled(samples.SCENARIO)]))

    back = read_moodle_xml(write_moodle_xml("kinds", questions)).found

    assert [found.raw["kind"] for found in back] == ["single", "multiple", "ordering", "matching"]
    assert back[0].raw["stem"] == "A visitor films in the lounge of a care home.\n\nIs that allowed?"
    assert b"// Not in this file, because GIFT cannot say them: K-1 part 3" in write_gift("kinds", questions)
