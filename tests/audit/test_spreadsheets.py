"""No cell of ours is ever calculated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.spreadsheets import DANGEROUS, as_written, harmless

HOSTILE = st.builds("{}{}{}".format, st.text("' ", max_size=3), st.sampled_from(["", *DANGEROUS]), st.text())


@given(HOSTILE)
def test_no_text_begins_dangerously_and_none_is_lost(text):
    cell = harmless(text)

    assert not cell.lstrip(" ").startswith(DANGEROUS)
    assert as_written(cell) == text.replace("\0", "")


@pytest.mark.parametrize(
    ("value", "cell"), [(-5, "-5"), (1.5, "1.5"), (None, ""), ("plain", "plain"), (True, "True"), ("-5", "'-5")]
)
def test_values_that_are_no_text(value, cell):
    assert harmless(value) == cell
