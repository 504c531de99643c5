"""The kinds a question may be of, and what is told after a quiz."""

from django.db import models


class QuestionKind(models.TextChoices):
    SINGLE = "single", "Single answer"
    MULTIPLE = "multiple", "Multiple response"
    TRUE_FALSE = "true_false", "True or false"
    ORDERING = "ordering", "Put in order"
    MATCHING = "matching", "Match"
    SCENARIO = "scenario", "Scenario with parts"


class Feedback(models.TextChoices):
    """What a person reads of the answers once they have handed in."""

    ALL = "all", "Why every answer is right or wrong"
    WRONG = "wrong", "Only the questions they had wrong"
    PASSED = "passed", "Nothing until they have passed"


CHOICE_KINDS = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE})
"""Kinds answered by choosing options, each of which is right or wrong by itself."""

PART_KINDS = tuple(kind for kind in QuestionKind if kind != QuestionKind.SCENARIO)
"""Kinds that a part of a scenario may be of."""
