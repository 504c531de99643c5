"""Two people publish one return at the same moment: one publication, and a sentence for the other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared_database

pytestmark = pytest.mark.django_db


def test_of_two_publishers_at_once_one_publishes_and_the_other_is_told(tmp_path):
    """Over two connections. On PostgreSQL the second is seen to wait for the first; SQLite has one writer at a time."""
    script = Path(__file__).with_name("two_publishers.py")
    with prepared_database.another(tmp_path) as address:
        environment = os.environ | {"DATABASE_URL": address}
        done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    became = json.loads(done.stdout)
    assert became.pop("second").startswith("This return cannot be published now: it is “Published here”")
    assert became == {"first": "published 1", "publications": 1, "told": 1}
