"""A published return with a file among its evidence, for the tests of what is made of it."""

from __future__ import annotations

from accounts.models import Organisation
from assessment import services
from assessment.models import Publication
from evidence.services import add_document
from tests.assessment import helpers as h
from tests.evidence import files as f
from tests.factories import NOW, TODAY

HOSTILE = '=HYPERLINK("http://example.test") #panic(1) *bold* \u202e <b>'


def published(organisation: Organisation) -> Publication:
    """A care provider's return with 58 of 60 trained, one policy behind two items, and a hostile comment."""
    h.shipped_edition()
    lead, manager = h.lead_of(organisation), h.registered_manager(organisation)
    h.train(organisation, trained=58, of=60)
    assessment = h.opened(organisation, lead)
    h.answer_everything(assessment, lead)
    policy = add_document(
        organisation, title="Policy", kind="policy", by=lead, at=NOW, received_on=TODAY, file=(f.pdf(), "Política; final.pdf")
    )
    for number in ("1.3.1", "1.3.7"):
        services.attach_evidence(h.response(assessment, number), policy, by=lead, at=NOW)
    response = h.response(assessment, "1.3.1")
    current = h.whole(assessment).leaf(response.pk)
    value = current.current.value["value"]
    services.answer(response, value=value, comment=HOSTILE, expected_version=current.version_number, by=lead, at=NOW)
    h.confirm_everything(assessment, lead)
    services.submit_for_review(assessment, by=lead, at=NOW)
    services.ready_to_sign(assessment, by=manager, at=NOW)
    h.sign(assessment, manager)
    return services.publish(assessment, by=lead, at=NOW)
