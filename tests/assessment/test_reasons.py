"""The conditions of each standard, grouped: what stands in the way, what holds."""

import pytest

from assessment.reasons import reasons

SIGNED = ("met.signoff", True, "Signed.")
OPEN = ("met.items", False, "Three are open.")
EXCEEDED = [("exceeded.level", False, "Met is not reached."), ("exceeded", False, "Exceeded: no.")]


def test_each_condition_stands_under_its_standard_with_what_is_in_the_way_first():
    found = reasons(
        [
            *EXCEEDED,
            OPEN,
            SIGNED,
            ("met", False, "Met: no."),
            ("approaching.published.not", True, "Never published."),
            ("approaching", True, "Approaching: yes."),
            ("not_met", False, "Better is reached."),
        ]
    )

    assert [(one.standard, one.result, one.in_the_way, one.holds) for one in found] == [
        ("Standards Exceeded", "Not reached.", ("Met is not reached.",), ()),
        ("Standards Met", "Not reached.", ("Three are open.",), ("Signed.",)),
        ("Approaching Standards", "This is the standard: every condition holds.", (), ("Never published.",)),
    ]
    assert [one.standard for one in found if one.is_reached] == ["Approaching Standards"]


def test_the_lower_of_two_standards_that_hold_is_not_the_standard():
    met, approaching = reasons([SIGNED, ("met", True, ""), ("approaching.plan", True, "Planned."), ("approaching", True, "")])

    assert (met.is_reached, approaching.is_reached) == (True, False)
    assert approaching.result == "Every condition holds, and a better standard is reached."


@pytest.mark.parametrize(("is_met", "last"), [(False, "Standards Not Met"), (True, "Standards Met")])
def test_not_met_is_named_only_when_nothing_better_is_reached(is_met, last):
    found = reasons([("met.signoff", is_met, "Signature."), ("met", is_met, ""), ("not_met", not is_met, "")])

    assert found[-1].standard == last
    assert found[-1].is_reached


def test_without_a_trace_there_is_nothing_to_say():
    assert reasons([]) == ()
