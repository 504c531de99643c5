"""Who writes what in the CMS: shared editors, whom to tell, and a course that one organisation wrote for itself.

The picture and the film of that course are drawn by us, for this demonstration.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection
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
FILES = Path(__file__).resolve().parent / "files"
ALT = (
    "Two key safes beside a front door. The first has its cover closed, with a tick below it. "
    "The second shows the four numbers of its code, with a cross below it."
)
TRANSCRIPT = (
    "<p>There is no sound. A care worker comes to a key safe beside a front door, and somebody walks up the street. "
    "The words below say: 1. Look round before you start.</p>"
    "<p>She stands close, with her back to the street, so that the safe cannot be seen. "
    "The words say: 2. Stand so that nobody sees your hand.</p>"
    "<p>She turns the numbers of the safe to others and closes its cover. The words say: 3. Turn the numbers. Close the cover.</p>"
)
CODES: list[dict[str, Any]] = [
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


def key_safe_lesson(collection: Collection) -> dict[str, Any]:
    """A lesson with a picture and a short film, whose files it puts into the collection."""
    picture = Image.objects.create(title="Two key safes", file=_file("key-safe.png"), collection=collection)
    film, captions = (
        Document.objects.create(title=title, file=_file(name), collection=collection)
        for title, name in (("At the key safe", "key-safe.webm"), ("At the key safe, captions", "key-safe.vtt"))
    )
    return {
        "type": "lesson",
        "title": "At the key safe",
        "minutes": 1,
        "blocks": [
            {"type": "text", "html": "<p>A code that can be read from the street is a key for everybody who walks by.</p>"},
            {
                "type": "image",
                "picture": {"image": picture.pk, "alt_text": ALT, "decorative": False},
                "caption": "Close the cover, every time.",
            },
            {
                "type": "video",
                "title": "Three things to do at a key safe",
                "file": film.pk,
                "captions": captions.pk,
                "poster": None,
                "transcript": TRANSCRIPT,
            },
            {
                "type": "check",
                "question": "You have locked up. What is left to do?",
                "options": [
                    {
                        "text": "Turn the numbers and close the cover",
                        "explanation": "Yes. The code is hidden, and the safe looks shut.",
                        "right": True,
                    },
                    {
                        "text": "Nothing, the key is back in the safe",
                        "explanation": "If the numbers still show the code, anybody can take the key.",
                    },
                ],
            },
        ],
    }


def _file(name: str) -> ContentFile[bytes]:
    return ContentFile((FILES / name).read_bytes(), name)


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
            summary="How we look after keys and codes on our rounds. It takes three minutes.",
            introduction="<p>For everybody who visits people at home.</p>",
            audience="Home care teams",
            by_reading=True,
        )
    )
    collection = Collection.objects.get(name=organisation.name)
    lessons = stream_of(LessonsBlock(), [*CODES, key_safe_lesson(collection)], where="demonstration")
    module = course.add_child(instance=ModulePage(title="Keys and codes", slug="keys-and-codes", minutes=3, lessons=lessons))
    module.save_revision().publish()
    module.title = "Keys, codes and fobs"
    module.save_revision(user=users[WRITER])
    quiet = UserProfile.get_for_user(users[READER])
    quiet.submitted_notifications = False  # nobody of the demonstration gets mail
    quiet.save()
    module.get_workflow().start(module, users[WRITER])
