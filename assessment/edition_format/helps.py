"""Every item or outcome is explained in words of its own."""

from assessment.edition_format.reading import Fields, Place


class Helps:
    """The help texts of one file. Only an edition in which nobody has begun on help may leave it out."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}
        self._without: list[Place] = []

    def read(self, fields: Fields, text: str | None, *, is_required: bool) -> None:
        """Take note of one leaf's help. Fault: another leaf of the file says the same."""
        if text is None:
            if is_required:
                self._without.append(fields.owner)
            return
        place = fields.at("help") or fields.owner
        words = " ".join(text.casefold().split())
        if words in self._lines:
            place.fault(f"This help is that of line {self._lines[words]} again; every item is explained in its own words.")
        self._lines.setdefault(words, place.line)

    def report_missing(self) -> None:
        if not self._lines:
            return
        for place in self._without:
            Place(place.node, f"{place.path}.help", place.line, place.faults).fault("What is required needs its 'help'.")
