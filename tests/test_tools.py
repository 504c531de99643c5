"""What our own tools say, above all when they do not know."""

from __future__ import annotations

import pytest

from tools.known_faults import FAULTS, NOT_ASKED, verdict

SOUND = {"name": "django", "version": "5.2.19", "vulns": []}
FAULTY = {"name": "pillow", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
PASSED_OVER = {"name": "wagtail", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], 0, "No known fault in 1 packages."),
        ([SOUND, FAULTY], FAULTS, "pillow 1.0: PYSEC-1, mended in 1.1"),
        ([FAULTY, PASSED_OVER], FAULTS, "1 known faults"),
        ([SOUND, PASSED_OVER], NOT_ASKED, "NOT AUDITED: no advisory service answered for 1 of 2 packages."),
        ([], NOT_ASKED, "NOT AUDITED"),
    ],
)
def test_an_audit_that_nobody_answered_is_no_clean_one(packages, code, said):
    found, words = verdict({"dependencies": packages})

    assert (found, said in words) == (code, True), words
