"""Files of incidents and requests."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from evidence.models import DocumentVersion
from registers.models import Incident, Matter
from tests.evidence.files import png
from tests.factories import NOW, member
from tests.registers.entries import fill


@pytest.mark.parametrize(("register", "name", "model"), [("incidents", "incident", Incident), ("rights", "matter", Matter)])
def test_a_file_of_an_incident_or_a_request_is_in_nobody_elses_library(
    organisation, sign_in, register, name, model, time_machine
):
    time_machine.move_to(NOW)
    fill(register, organisation, member(organisation, Role.DSPT_LEAD))
    one, handler = model.objects.get(), sign_in(organisation, Role.DSPT_LEAD)
    page, library = reverse(f"registers:{name}_detail", args=[one.pk]), reverse("evidence:document_list")
    attach = reverse(f"registers:{name}_attach", args=[one.pk])

    neither = handler.post(attach, {"document": ""}).text
    handler.post(attach, {"file": SimpleUploadedFile("letter.png", png())})
    lying = handler.post(attach, {"file": SimpleUploadedFile("letter.pdf", png())}).text
    kept = DocumentVersion.objects.get()
    addresses = [
        reverse("evidence:document_detail", args=[kept.document_id]),
        reverse("evidence:version_download", args=[kept.pk]),
    ]
    others = [sign_in(organisation, role) for role in (Role.AUDITOR, Role.SENIOR_REVIEWER)]

    assert "one of the two" in neither
    assert "There is a problem" in lying
    assert [handler.get(address, follow=True).status_code for address in addresses] == [200, 200]
    assert "Restricted" in handler.get(page).text
    assert "letter.png" in handler.get(library).text
    for other in others:
        assert [other.get(address).status_code for address in addresses] == [404, 404]
        assert "letter.png" not in other.get(page).text
        assert "letter.png" not in other.get(library).text
