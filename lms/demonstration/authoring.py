"""Who writes what in the CMS: shared editors, whom to tell, and a course that one organisation wrote for itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wagtail.users.models import UserProfile

from accounts.models import Organisation, User
from content.authored import stream_of
from content.editors import share_editing
from courses.lessons import LessonsBlock
from courses.local_details import record_local_details
from courses.models import CoursePage, ModulePage
from courses.own import open_place
from lms.demonstration.specifications import HISTORY_FROM, Specification

WRITER, READER = "Nia Griffiths", "Priya Sharma"
LESSONS = [
    {
        "type": "lesson",
        "title": "Codes on the round",
        "minutes": 2,
        "blocks": [
            {
                "type": "text",
                "html": "<p>We hold the key safe codes of more than a hundred people. They are on the round app and nowhere else: "
                "not on paper, not in a chat, not on the back of a hand.</p>",
            },
            {
                "type": "story",
                "title": "A colleague is locked out",
                "steps": [
                    {
                        "situation": "<p>A colleague rings from a doorstep. His phone is flat and he asks you for the code.</p>",
                        "question": "What do you do?",
                        "choices": [
                            {
                                "text": "Read it to him.",
                                "feedback": "You cannot see who is beside him, or whether it is his visit.",
                            },
                            {"text": "Ring the office for him.", "feedback": "Yes: they see whose visit it is.", "best": True},
                        ],
                    },
                    {
                        "situation": "<p>The office is busy. Nobody answers for two minutes.</p>",
                        "question": "And now?",
                        "choices": [
                            {"text": "Try the on-call number.", "feedback": "Just so. It is there for this.", "best": True},
                            {"text": "Send him the code in a message.", "feedback": "Now it is in two phones for good."},
                        ],
                    },
                ],
                "ending": "<p>He was inside five minutes later. The code stayed where it belongs.</p>",
            },
            {"type": "term", "term": "Key safe", "meaning": "A small box with a code by the door, with the key in it."},
            {"type": "local_details"},
        ],
    }
]


def arrange(organisation: Organisation, specification: Specification, users: dict[str, User], *, at: datetime) -> None:
    """Write down whom to tell and, where two people edit content, let them share and give them a course of their own."""
    record_local_details(
        organisation,
        tell=specification.report_to,
        effective_on=HISTORY_FROM,
        how="Say it first, write it down afterwards: the incident form is on the staff page. Nobody is blamed for telling.",
        by="command:demo",
        at=at,
    )
    if WRITER in users and READER in users:
        for name in (WRITER, READER):
            share_editing(users[name], by="command:demo", at=at)
        _own_course(organisation, users, at=at)


def _own_course(organisation: Organisation, users: dict[str, User], *, at: datetime) -> None:
    """A published course of one module, and a changed draft of it that waits for its second reader."""
    place = open_place(organisation, by=users[READER], at=at)
    course: Any = place.add_child(
        instance=CoursePage(
            title="Keys, codes and our round",
            slug="round",
            summary="How we look after keys and codes on our rounds. It takes two minutes.",
            introduction="<p>For everybody who visits people at home.</p>",
            audience="Home care teams",
        )
    )
    lessons = stream_of(LessonsBlock(), LESSONS, where="demonstration")
    module = course.add_child(instance=ModulePage(title="Keys and codes", slug="keys-and-codes", minutes=2, lessons=lessons))
    module.save_revision().publish()
    module.title = "Keys, codes and fobs"
    module.save_revision(user=users[WRITER])
    quiet = UserProfile.get_for_user(users[READER])
    quiet.submitted_notifications = False  # nobody of the demonstration gets mail
    quiet.save()
    module.get_workflow().start(module, users[WRITER])
