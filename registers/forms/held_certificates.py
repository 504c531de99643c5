"""The form of the register of certificates held."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.policy import Access
from evidence.forms import UploadField
from evidence.models import DocumentKind, DocumentVersion
from nhsuk.forms import DateField
from registers.models import HeldCertificate, Scheme


class HeldCertificateForm(forms.Form):
    """A certificate that the organisation holds."""

    scheme = forms.ChoiceField(
        label="Which certificate is it?",
        choices=Scheme,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which certificate it is."},
    )
    number = forms.CharField(
        label="Certificate number", max_length=60, error_messages={"required": "Enter the number printed on the certificate."}
    )
    issued_on = DateField(label="Issued on", error_messages={"required": "Enter the day of issue."})
    expires_on = DateField(label="Last day it is valid", error_messages={"required": "Enter the last day on which it is valid."})
    covers_all = forms.BooleanField(
        label="It covers all our health and care data",
        required=False,
        help_text="Leave this empty if the scope on the certificate names only a part, such as one site or one system.",
    )
    document = forms.ModelChoiceField(
        label="The certificate in your evidence",
        queryset=DocumentVersion.objects.none(),
        required=False,
        empty_label="None of these",
    )
    file = UploadField(label="Or add the certificate now", required=False, help_text="It goes into your evidence library.")

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = DocumentVersion.objects.visible_to(access)
        offered = mine.newest().filter(document__kind=DocumentKind.CERTIFICATE) | mine.filter(
            pk=self.initial.get("document") or 0
        )
        self.fields["document"].queryset = offered.select_related("document")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        issued, expires = cleaned.get("issued_on"), cleaned.get("expires_on")
        if issued and expires and expires < issued:
            self.add_error("expires_on", "The last valid day must not be before the day of issue.")
        if cleaned.get("document") and cleaned.get("file"):
            self.add_error("file", "Choose a document from the list or add a file, not both.")
        return cleaned


def initial_of(certificate: HeldCertificate) -> dict[str, Any]:
    """What the form shows of an entry that is there."""
    names = ("scheme", "number", "issued_on", "expires_on", "covers_all")
    return {name: getattr(certificate, name) for name in names} | {"document": certificate.document_id}
