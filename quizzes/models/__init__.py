"""The question bank, the blueprints that draw from it, and people's attempts."""

from quizzes.enums import QuestionKind
from quizzes.models.attempts import Attempt, AttemptItem, ExtraTime, Remark
from quizzes.models.bank import Blueprint, BlueprintVersion, Pool, Question, QuestionVersion, QuestionWithdrawal

__all__ = [
    "Attempt",
    "AttemptItem",
    "Blueprint",
    "BlueprintVersion",
    "ExtraTime",
    "Pool",
    "Question",
    "QuestionKind",
    "QuestionVersion",
    "QuestionWithdrawal",
    "Remark",
]
