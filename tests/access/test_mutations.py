"""Would the access matrix notice if a check were gone? Every check is taken away in turn, on paper.

The matrix (``test_matrix.py``) comes to every address as every role and compares with ``expected.yaml``. What it would find after
a change of the policy can be worked out without coming again: the roles that the changed policy lets in.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.enums import Capability, Role
from accounts.policy import PLATFORM_ADMINISTRATOR, ROLE_CAPABILITIES, ViewPolicy
from tests.access.test_matrix import EXPECTED, HALF_WAY, PLATFORM, PUBLIC, in_words, read_matrix

Table = Mapping[str, frozenset[Capability]]
TABLE: Table = {role.value: ROLE_CAPABILITIES[role] for role in Role} | {PLATFORM: PLATFORM_ADMINISTRATOR}

FRESH = EXPECTED.with_name("fresh.txt")
"""The addresses that ask for a password or code within the last ten minutes. Take nothing away without knowing why."""


ASKED_INSIDE = {Capability.ADVICE_DECIDE, Capability.NEEDS_APPROVE, Capability.PRIVACY_APPROVE}
"""A page is for several capabilities, and only what one does there asks for this one: registers/views/dpo.py, courses/views and privacy/views.py
ask again, and the tests of those pages hold it."""


def policies() -> dict[str, ViewPolicy]:
    """What each address of ours says of whom it is for."""
    found: dict[str, ViewPolicy] = {}

    def walk(patterns: list[URLPattern | URLResolver], namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                if not str(pattern.pattern).startswith("cms/"):
                    walk(pattern.url_patterns, pattern.namespace or namespace)
            elif pattern.name != "wagtail_serve":
                found[f"{namespace}:{pattern.name}" if namespace else str(pattern.name)] = pattern.callback.policy

    walk(get_resolver().url_patterns, "")
    return found


def outcome(policy: ViewPolicy, table: Table = TABLE) -> object:
    """What the matrix would find at an address with this policy."""
    if not policy.signed_in:
        return PUBLIC
    if policy.capabilities:
        return in_words({who for who, granted in table.items() if granted & policy.capabilities})
    return in_words(set(table) if policy.for_account else set(table) - {PLATFORM})


def differs(name: str, policy: ViewPolicy, expected: Mapping[str, object], table: Table = TABLE) -> bool:
    return name != HALF_WAY and outcome(policy, table) != expected[name]


def test_the_policy_says_what_the_matrix_finds():
    expected = read_matrix(EXPECTED.read_text(encoding="utf-8"))
    wrong = {name: (outcome(policy), expected[name]) for name, policy in policies().items() if differs(name, policy, expected)}

    assert wrong == {}


def test_a_check_that_is_gone_is_noticed_at_every_address():
    expected = read_matrix(EXPECTED.read_text(encoding="utf-8"))
    missed, tried = [], 0
    for name, policy in policies().items():
        if not policy.signed_in or name == HALF_WAY:
            continue
        weaker = [ViewPolicy(signed_in=False)]
        weaker += [ViewPolicy(signed_in=True)] if policy.capabilities else []
        weaker += [] if policy.for_account else [ViewPolicy(signed_in=True, for_account=True)]
        tried += len(weaker)
        missed += [name for mutant in weaker if outcome(mutant) == expected[name]]

    assert missed == []
    assert tried > 500


def test_every_cell_of_the_table_of_roles_is_held_by_an_address():
    expected, known = read_matrix(EXPECTED.read_text(encoding="utf-8")), policies()
    missed = []
    for who in TABLE:
        for capability in Capability:
            flipped = dict(TABLE) | {who: TABLE[who] ^ {capability}}
            if not any(differs(name, policy, expected, flipped) for name, policy in known.items()):
                missed.append((who, capability))

    assert [cell for cell in missed if cell[1] not in ASKED_INSIDE] == []


def test_what_asks_for_a_fresh_sign_in_still_does():
    fresh = sorted(name for name, policy in policies().items() if policy.fresh)

    assert fresh == FRESH.read_text(encoding="utf-8").split()
