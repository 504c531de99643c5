"""Ask an advisory service for known faults of the packages we pin; say so when nobody answered. Never green by silence.

Ends with 1 when there are faults, with 3 when not every package could be asked about (with ``--where-possible``: 0, and says so).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = "pip-audit==2.10.1"
FAULTS, NOT_ASKED = 1, 3


def verdict(answer: dict[str, Any]) -> tuple[int, str]:
    """The exit code and the words for what pip-audit found. A package that it passed over was not audited."""
    packages = answer["dependencies"]
    passed_over = [one["name"] for one in packages if "skip_reason" in one]
    faults = [
        f"  {one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        for one in packages
        for fault in one.get("vulns", [])
    ]
    if faults:
        return FAULTS, "\n".join([f"{len(faults)} known faults:", *faults])
    if passed_over or not packages:
        return NOT_ASKED, f"NOT AUDITED: no advisory service answered for {len(passed_over)} of {len(packages)} packages."
    return 0, f"No known fault in {len(packages)} packages."


def ask(requirements: Path) -> dict[str, Any]:
    """What pip-audit says of the packages in a file."""
    command = [
        str(ROOT / ".venv/bin/uv"),
        "tool",
        "run",
        PIP_AUDIT,
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run([*command, "--format", "json", "-r", str(requirements)], capture_output=True, text=True, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"dependencies": []}
    return answer


if __name__ == "__main__":
    code, words = verdict(ask(ROOT / "requirements.txt"))
    print(words, file=sys.stderr if code else sys.stdout)
    sys.exit(0 if code == NOT_ASKED and "--where-possible" in sys.argv else code)
