"""The acts of this app, in words. Never an answer, never a score."""

from audit import events

events.register(
    {
        "quizzes.bank_loaded": "loaded the question bank {pool}: {new_versions} questions new or changed, {withdrawn} withdrawn",
        "quizzes.attempt_started": "started attempt {ordinal} at the quiz {quiz}",
        "quizzes.attempt_marked": "handed in attempt {ordinal} at the quiz {quiz}: {outcome}",
    }
)
