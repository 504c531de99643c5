"""The ``dspt-edition/1`` and ``dspt-crosswalk/1`` formats, part by part; ask :mod:`assessment.edition_file`."""
