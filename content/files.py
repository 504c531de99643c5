"""Reading our own data files, with the file's name in every fault."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from content.authored import DataFault

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_mapping(path: Path, *, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Any]:
    """One YAML mapping with exactly the keys we know.

    Raises:
        DataFault: the file is not such a mapping; the text names the file and the key.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  both are safe loaders
    except (OSError, yaml.YAMLError) as error:
        raise DataFault(f"{path.name}: it cannot be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise DataFault(f"{path.name}: it should hold names and values.")
    needed = set(required)
    for missing in sorted(needed - set(data)):
        raise DataFault(f"{path.name}: “{missing}” is missing.")
    for unknown in sorted(set(data) - needed - set(optional)):
        raise DataFault(f"{path.name}: there is no place for “{unknown}”.")
    return data
