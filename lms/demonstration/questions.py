"""A bank of the organisation's own, with a question of each richer kind and one that nobody has put in use yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.enums import Capability
from accounts.models import Membership, Organisation, User
from accounts.policy import roles_with
from quizzes.editing import create_pool, put_in_use, save_question

OWN_QUESTIONS: list[dict[str, Any]] = [
    {
        "module": 1,
        "topic": "reporting",
        "standard": 6,
        "kind": "ordering",
        "stem": "You have just sent a letter about one person to another person’s family. Put what you do in order.",
        "options": [
            {
                "text": "Tell the person in charge of the shift",
                "explanation": "They can act at once, and they know who else must hear.",
            },
            {"text": "Ask the family to keep the letter unread until it is fetched", "explanation": "It limits who reads it."},
            {
                "text": "Write down what happened and when",
                "explanation": "Memory fades, and whoever looks into it needs the times.",
            },
            {
                "text": "Talk in the team about how to stop it happening again",
                "explanation": "Learning comes when the harm is contained.",
            },
        ],
    },
    {
        "module": 1,
        "topic": "scams",
        "standard": 9,
        "kind": "matching",
        "stem": "Match each message with the right answer to it.",
        "options": [
            {
                "text": "A caller says he is from IT and asks for your password",
                "match": "Refuse and report it",
                "explanation": "Nobody in IT needs your password.",
            },
            {
                "text": "A text asks you to pay a small fee for a parcel",
                "match": "Refuse and report it",
                "explanation": "Small fees are bait for card details.",
            },
            {
                "text": "The pharmacy you know rings about a resident’s tablets",
                "match": "Ring back on the number you have, then help",
                "explanation": "The wish is reasonable; the number proves who asks.",
            },
        ],
        "other_matches": ["Do what is asked at once"],
    },
    {
        "module": 1,
        "topic": "sharing",
        "standard": 1,
        "kind": "scenario",
        "stem": "A daughter rings the home. She asks how her mother slept, and for the name of the new resident next door.",
        "parts": [
            {
                "kind": "single",
                "stem": "What do you do about her mother?",
                "options": [
                    {
                        "text": "Check who is calling and what her mother agreed to",
                        "correct": True,
                        "explanation": "Then you may tell her.",
                    },
                    {
                        "text": "Tell her at once, because she is family",
                        "correct": False,
                        "explanation": "Being family is not enough by itself.",
                    },
                    {
                        "text": "Refuse to say anything to anybody",
                        "correct": False,
                        "explanation": "Families matter to care, and sharing may be right.",
                    },
                ],
            },
            {
                "kind": "true_false",
                "stem": "You may tell her the neighbour’s name, because she will meet him anyway.",
                "options": [
                    {"text": "True", "correct": False, "explanation": "He has not agreed, and she does not need it."},
                    {"text": "False", "correct": True, "explanation": "It is his to tell."},
                ],
            },
        ],
    },
    {
        "module": 1,
        "topic": "reporting",
        "standard": 6,
        "kind": "true_false",
        "stem": "A near miss that harmed nobody is worth reporting.",
        "options": [
            {"text": "True", "correct": True, "explanation": "It shows where the next one will harm somebody."},
            {"text": "False", "correct": False, "explanation": "Without reports nobody can mend the cause."},
        ],
    },
]


def build(organisation: Organisation, users: dict[str, User], *, at: datetime) -> int:
    """Write the questions as somebody who edits content; the last one stays a draft. Returns how many there are."""
    may_edit = roles_with(Capability.CONTENT_EDIT)
    editors = Membership.objects.filter(organisation=organisation, role__in=may_edit).order_by("pk")
    author = next((membership.user for membership in editors.select_related("user")), None) or next(iter(users.values()))
    code = f"own-ways-{organisation.ods_code.lower()}"
    pool = create_pool("Our own ways of working", code=code, organisation=organisation, by=author, at=at)
    for day, raw in enumerate(OWN_QUESTIONS):
        version = save_question(pool, raw, by=author, at=at + timedelta(days=day))
        if raw is not OWN_QUESTIONS[-1]:
            put_in_use(version.question, by=author, at=at + timedelta(days=day))
    return len(OWN_QUESTIONS)
