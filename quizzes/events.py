"""The acts of this app, in words. Never an answer, never a score."""

from audit import events

events.register(
    {
        "quizzes.bank_loaded": "loaded the question bank {pool}: {new_versions} questions new or changed, {withdrawn} withdrawn",
        "quizzes.pool_created": "opened the question bank {pool}",
        "quizzes.questions_imported": "brought {questions} questions from a file into the question bank {pool}, as drafts",
        "quizzes.question_saved": "saved version {version} of question {question} ({pool})",
        "quizzes.question_put_in_use": "put question {question} ({pool}) in use",
        "quizzes.question_withdrawn": "withdrew question {question} ({pool}); everybody who had it gets its marks",
        "quizzes.rules_saved": "saved version {version} of the rules of the quiz {quiz}: {marks_needed} of {questions} to pass",
        "quizzes.attempt_remarked": "gave attempt {ordinal} at the quiz {quiz} the marks of a withdrawn question: {outcome}",
        "quizzes.extra_time_given": "gave {person} {percent} per cent more time in timed quizzes",
        "quizzes.attempt_started": "started attempt {ordinal} at the quiz {quiz}",
        "quizzes.attempt_marked": "handed in attempt {ordinal} at the quiz {quiz}: {outcome}",
    }
)
