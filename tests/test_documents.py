"""What our documents name must be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_and_link_that_a_document_names_is_there(document):
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:[\w.-]+\.(?:py|yaml|md))?)`", text))
    linked = {target.split("#")[0] for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)]+)\)", text)}

    assert sorted(name for name in named if not (ROOT / name).exists()) == []
    assert sorted(target for target in linked if not (document.parent / target).exists()) == []
