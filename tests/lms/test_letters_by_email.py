"""Whatever stands in a name, an e-mail is plain text with our headers, and nobody's name keeps another from theirs."""

from __future__ import annotations

import ast
import email
import uuid
from email import policy
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
from django.conf import settings
from django.core.mail import EmailMessage

from accounts import services
from accounts.enums import Role
from accounts.models import User
from jobs.models import Job
from jobs.services import run
from nhsuk.mail import letter, send_each
from privacy.heads import choose_receivers, mail_heads, mail_platform_head
from registers.models.reminders import ReminderFailure
from registers.services.actions import Owner, add_action
from registers.services.incidents import Report, report_incident
from registers.services.reminders import send_reminders
from staff.models import Person
from tests.factories import NOW, TODAY, UserFactory, member, person_in_post
from tests.test_architecture import LEVEL

pytestmark = pytest.mark.django_db

HOSTILE = "Zoë <script>alert(1)</script>\r\nBcc: all@evil.example\n\nContent-Type: text/html\n\n<b>"
ADDRESS = "sam@example.test\nBcc: all@evil.example"
OUR_HEADERS = {"Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID"}
MAKE_MAIL = {
    "send_mail",
    "send_mass_mail",
    "mail_admins",
    "mail_managers",
    "EmailMessage",
    "EmailMultiAlternatives",
    "email_user",
}
"""What makes an e-mail in Django, by name."""


def as_received(message: EmailMessage) -> email.message.EmailMessage:
    received = email.message_from_bytes(message.message().as_bytes(), policy=policy.default)
    assert isinstance(received, email.message.EmailMessage)
    return received


def is_plain(message: EmailMessage) -> bool:
    """Our headers and plain text, and whatever was typed stands in the subject in one line."""
    received = as_received(message)
    return (
        set(received.keys()) <= OUR_HEADERS
        and received.get_content_type() == "text/plain"
        and len(str(received["Subject"]).splitlines()) == 1
        and message.recipients() == message.to
        and not getattr(message, "alternatives", [])
    )


def test_every_email_is_made_in_one_place():
    makers = set()
    for app in LEVEL:
        for path in Path(settings.ROOT, app).rglob("*.py"):
            named = {node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}
            makers |= {str(path.relative_to(settings.ROOT))} if named & MAKE_MAIL else set()

    assert makers == {"nhsuk/mail.py"}


def test_hostile_words_stay_words():
    message = letter(f"About {HOSTILE}", f"Hello {HOSTILE}", "sam@example.test")

    received = as_received(message)

    assert is_plain(message)
    assert str(received["Subject"]).strip() == (
        "About Zoë <script>alert(1)</script> Bcc: all@evil.example Content-Type: text/html <b>"
    )
    assert received["Bcc"] is None
    assert received.get_content().splitlines() == f"Hello {HOSTILE}".splitlines()
    with pytest.raises(ValueError, match="newline"):
        letter("Hello", "x", ADDRESS).message()


def test_whoever_is_called_so_is_invited_and_nobody_else_is(organisation, mailoutbox, django_capture_on_commit_callbacks):
    organisation.name = HOSTILE[:100]
    organisation.save()
    user = member(organisation, Role.STAFF, user=UserFactory(first_name=HOSTILE[:100]))

    with django_capture_on_commit_callbacks(execute=True):
        services.invite(user, organisation=organisation, by="test", at=NOW)

    assert [message.recipients() for message in mailoutbox] == [[user.email]]
    assert all(map(is_plain, mailoutbox))


def test_one_bad_address_keeps_nobody_from_hearing_of_an_incident(organisation, mailoutbox):
    handlers = [member(organisation, Role.DSPT_LEAD) for _ in range(2)]
    User.objects.filter(pk=handlers[0].pk).update(email=ADDRESS)
    User.objects.filter(pk=handlers[1].pk).update(email="zed@example.test")
    report = Report(kind="incident", nature="lost", what_happened="A bag was lost.", noticed_at=NOW)
    report_incident(organisation, report, key=uuid.uuid4(), by=member(organisation), at=NOW)

    done = run(Job.objects.get(kind="registers.tell_handlers").pk)

    assert (done.state, done.result) == ("done", {"told": 1})
    assert [message.recipients() for message in mailoutbox] == [["zed@example.test"]]


def test_one_bad_address_keeps_nobody_from_being_reminded(organisation, mailoutbox):
    lead = member(organisation, Role.DSPT_LEAD)
    people = [person_in_post(organisation) for _ in range(3)]
    for person, address in zip(people, (ADDRESS, "two@example.test", "three@example.test"), strict=True):
        Person.objects.filter(pk=person.pk).update(email=address, first_name=HOSTILE[:100], last_name=HOSTILE[:100])
        add_action(organisation, what=HOSTILE, owner=Owner(person=person), due_on=TODAY, by=lead, at=NOW)

    assert send_reminders(organisation, at=NOW) == 2

    assert sorted(message.to[0] for message in mailoutbox) == ["three@example.test", "two@example.test"]
    assert all(map(is_plain, mailoutbox))
    assert ReminderFailure.objects.get().send.person == people[0]


def test_one_bad_address_keeps_no_head_from_going_out(
    organisation, other_organisation, settings, mailoutbox, django_capture_on_commit_callbacks
):
    receivers = {}
    for one in (organisation, other_organisation):
        receivers[one] = [member(one, Role.SENIOR_REVIEWER), member(one, Role.AUDITOR)]
        choose_receivers(one, receivers[one], by=receivers[one][0], at=NOW)
    bad = receivers[organisation][0]
    User.objects.filter(pk=bad.pk).update(email=ADDRESS)
    settings.PLATFORM_HEAD_RECEIVERS = [ADDRESS, "two@example.test"]

    with django_capture_on_commit_callbacks(execute=True):
        mail_heads(at=NOW)
        mail_platform_head(at=NOW)

    wanted = {user.email for users in receivers.values() for user in users if user != bad} | {"two@example.test"}
    assert {message.to[0] for message in mailoutbox} == wanted
    assert all(map(is_plain, mailoutbox))


def test_an_address_that_the_server_refuses_keeps_nobody_else_from_theirs(monkeypatch, mailoutbox):
    hand_over = EmailMessage.send

    def refuse_the_first(message, *args, **kwargs):
        if message.to == ["one@example.test"]:
            raise SMTPRecipientsRefused({"one@example.test": (550, b"No such user")})
        return hand_over(message, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", refuse_the_first)

    assert send_each("Hello", "x", ["one@example.test", "two@example.test"]) == 1
    assert [message.to for message in mailoutbox] == [["two@example.test"]]


def test_a_server_that_takes_nothing_is_not_passed_over(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", refuse)

    with pytest.raises(ConnectionRefusedError):
        send_each("Hello", "x", ["one@example.test"])
