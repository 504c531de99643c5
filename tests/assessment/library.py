"""Documents of the library and a return they stand behind, for the tests of evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.models import Organisation, User
from assessment import services
from assessment.models import Assessment, Publication
from evidence import services as library
from evidence.models import DocumentVersion
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY


def bring_in(
    organisation: Organisation,
    by: User,
    *,
    title: str = "Register",
    content: bytes = b"Who keeps what",
    approved: bool = True,
    **version: Any,
) -> DocumentVersion:
    """A document in the library, in force for a while."""
    version = {
        "kind": "register",
        "file": (content, f"{title.lower()}.txt"),
        "effective_on": TODAY - timedelta(days=40),
    } | version
    found = library.add_document(organisation, title=title, by=by, at=NOW, received_on=TODAY, **version)
    if approved:
        library.approve_version(found, by=by, at=NOW)
    return found


def hand_over(assessment: Assessment, lead: User, manager: User) -> None:
    """Confirm everything and bring the return to where the manager may sign it."""
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)


def published(assessment: Assessment, lead: User) -> Publication:
    """The return answered, signed by a registered manager, and published."""
    manager = h.registered_manager(assessment.organisation)
    h.train(assessment.organisation, trained=19, of=20)
    h.answer_everything(assessment, lead)
    hand_over(assessment, lead, manager)
    h.sign(assessment, manager)
    return services.publish(assessment, by=lead, at=NOW)
