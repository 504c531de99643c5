"""How items, outcomes and progress are judged; ask :mod:`assessment.scoring`."""
